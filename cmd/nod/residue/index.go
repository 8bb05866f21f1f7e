package residue

import (
	"encoding/base64"
	"encoding/binary"
)

// window is the shortest run that counts: 16 bytes.
const window = 16

// index finds the runs of some texts, wherever they lie in a memory.
//
// Of each text every eighth place is noted with the 8 bytes that stand there. A run of
// 15 bytes or more has such a place in it, so it is enough to look at each place of the
// memory whether its 8 bytes are noted, and to see how far the two agree around it.
type index struct {
	texts []text
	at    map[uint64]place
	whole []text   // values that count as a whole
	maybe []uint64 // a bit for each hash of what is noted: nearly all that is not, is told by it
}

type text struct {
	name string
	data []byte
}

type place struct {
	text uint32
	off  uint32
}

const (
	maybeBits = 27
	step      = 8
)

// newIndex notes an identity, and an image in all the shapes that it may have in a memory: as it is, in
// base64, and in base64 of that, as a gateway may send it. Base64 is another text for
// each of the three bytes that it may start at.
func newIndex(m image, who identity) *index {
	x := &index{whole: who.shapes(), at: map[uint64]place{}, maybe: make([]uint64, 1<<maybeBits/64)}
	x.note("raw", m.raw)
	for skip := range 3 {
		x.note("base64", []byte(base64.StdEncoding.EncodeToString(m.raw[skip:])))
		x.note("base64 of base64", []byte(base64.StdEncoding.EncodeToString([]byte(m.text[skip:]))))
	}
	return x
}

func (x *index) note(name string, data []byte) {
	of := uint32(len(x.texts))
	x.texts = append(x.texts, text{name, data})
	for off := 0; off+step <= len(data); off += step {
		word := binary.LittleEndian.Uint64(data[off:])
		x.at[word] = place{of, uint32(off)}
		bit := hash(word)
		x.maybe[bit/64] |= 1 << (bit % 64)
	}
}

func hash(word uint64) uint64 { return word * 0x9E3779B97F4A7C15 >> (64 - maybeBits) }

// A Remnant is a piece of an image that was found, or a name or number.
type Remnant struct {
	Shape  string // raw, base64 or base64 of base64; or whose value in which
	Offset int    // in the image's shape
	Length int
	Where  string
}

// find returns the runs in mem of at least window bytes of the image, and the identity
// wherever it is as a whole.
func (x *index) find(mem []byte) (runs []Remnant) {
	runs = findWhole(x.whole, mem)
	for i := 0; i+step <= len(mem); i++ {
		word := binary.LittleEndian.Uint64(mem[i:])
		if word == 0 {
			continue
		}
		if bit := hash(word); x.maybe[bit/64]&(1<<(bit%64)) == 0 {
			continue
		}
		p, noted := x.at[word]
		if !noted {
			continue
		}
		t := x.texts[p.text]
		before, after := agree(mem, i, t.data, int(p.off))
		if before+after >= window {
			runs = append(runs, Remnant{Shape: t.name, Offset: int(p.off) - before, Length: before + after})
		}
		i += after - 1 // the loop goes on behind it
	}
	return runs
}

// agree counts the bytes that are the same before two places, and from them on.
func agree(a []byte, i int, b []byte, j int) (before, after int) {
	for before < i && before < j && a[i-before-1] == b[j-before-1] {
		before++
	}
	for i+after < len(a) && j+after < len(b) && a[i+after] == b[j+after] {
		after++
	}
	return before, after
}
