package residue

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// shapes are the ways in which a piece of an image may lie in a memory.
var shapes = map[string]func([]byte) []byte{
	"raw":    func(b []byte) []byte { return b },
	"base64": func(b []byte) []byte { return []byte(base64.StdEncoding.EncodeToString(b)) },
	"base64 of base64": func(b []byte) []byte {
		return []byte(base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString(b))))
	},
}

// Wherever a piece was cut and wherever it lies: 16 bytes of it are found, 15 are not.
func TestEveryRunOf16BytesIsFoundAndNoShorterOne(t *testing.T) {
	m := newImage(3000)
	x := newIndex(m, newIdentity())
	rapid.Check(t, func(t *rapid.T) {
		shape := rapid.SampledFrom([]string{"raw", "base64"}).Draw(t, "shape")
		whole := shapes[shape](m.raw[rapid.IntRange(20, 40).Draw(t, "from"):])
		length := rapid.SampledFrom([]int{15, 16, 17, 24, 100}).Draw(t, "length")
		at := rapid.IntRange(1, len(whole)-length-4).Draw(t, "at") // the padding of base64 is no part of it
		memory := bytes.Repeat([]byte{0xAA}, 1000)
		where := rapid.IntRange(1, len(memory)-length-1).Draw(t, "where")
		copy(memory[where:], whole[at:at+length])
		memory[where-1], memory[where+length] = ^whole[at-1], ^whole[at+length] // where the likeness ends
		runs := x.find(memory)
		switch {
		case length < window && len(runs) > 0:
			t.Fatalf("%d bytes count as a run: %+v", length, runs)
		case length >= window && (len(runs) != 1 || runs[0].Length != length || runs[0].Shape != shape):
			t.Fatalf("%d bytes of %s: %+v", length, shape, runs)
		}
	})
}

func TestAWholeImageIsFoundOnceInEachShape(t *testing.T) {
	m := newImage(100_000)
	x := newIndex(m, newIdentity())
	for name, shape := range shapes {
		in := shape(m.raw)
		memory := append(append(make([]byte, 37), in...), make([]byte, 37)...)
		f := x.text("here", memory)
		if len(f.runs) != 1 || f.left() < len(in)-8 || f.runs[0].Shape != name || f.runs[0].Where != "here" {
			t.Errorf("%s: %+v", name, f.runs)
		}
	}
	if f := x.text("", newImage(100_000).raw); f.left() > 0 {
		t.Errorf("another image is taken for this one: %+v", f.runs)
	}
}

// A run that lies across the end of a piece that is read is not lost.
func TestARunBetweenTwoPiecesOfAFileIsFound(t *testing.T) {
	m := newImage(3000)
	x := newIndex(m, newIdentity())
	file := filepath.Join(t.TempDir(), "file")
	for _, before := range []int{piece - 15, piece - 8, piece - 1, piece, piece + 1} {
		content := append(make([]byte, before), m.raw[100:100+window]...)
		if err := os.WriteFile(file, append(content, make([]byte, 100)...), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := x.file(file)
		if err != nil || len(f.runs) == 0 {
			t.Errorf("16 bytes at %d: %v, %+v", before, err, f.runs)
		}
	}
}

func TestANameAndANumberAreFoundInEveryShape(t *testing.T) {
	who := newIdentity()
	x := newIndex(newImage(3000), who)
	for name, memory := range map[string]string{
		"as they are": who.fields(), "escaped": who.escaped(), "hex": fmt.Sprintf("%x %X", who.name, who.number),
		"a wrong check digit": who.misspelt().fields(),
		"in base64":           base64.StdEncoding.EncodeToString([]byte(who.fields())),
		"in base64, one on":   base64.StdEncoding.EncodeToString([]byte("x" + who.fields())),
		"in base64, two on":   base64.StdEncoding.EncodeToString([]byte("xy" + who.fields())),
	} {
		f := x.text("here", append([]byte(strings.Repeat("z", 37)+memory), 0))
		if len(f.runs) != 2 {
			t.Errorf("%s: %+v", name, f.runs)
		}
	}
	if f := x.text("", []byte(newIdentity().fields())); len(f.runs) != 0 {
		t.Errorf("another person is taken for this one: %+v", f.runs)
	}
}
