package lent

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Document is one JSON value in a buffer of the caller's.
//
// A library reads a text of megabytes letter by letter, and twice where the document is a
// text in another one. So long texts are taken out beforehand: where a text begins and
// ends is told by its quotes alone, wherever it stands in a document. The library reads
// the rest, which is short, with a text of one forbidden letter in each one's place: a
// Text finds the long one there, and every other field something that is nobody's name,
// number or word.
type Document struct {
	whole []byte
	short []byte // whole itself if there is nothing long in it
	cut   []long
}

// long is a long text: where it is in the whole, with its quotes, and where what stands
// in for it ends in the short document.
type long struct{ start, end, standIn int64 }

const standIn = `"\u0000"`

// longest is how many letters a text may have to be left to the library.
const longest = 64 << 10

// Whole is a document that is left to the library as it is: every field of it may hold a
// long text.
func Whole(document []byte) *Document { return &Document{whole: document, short: document} }

// Open takes the long texts out of a document. The errors are those of texts that no
// JSON may hold (RFC 8259 sections 7 and 8.1). Whoever opens a document wipes it.
func Open(document []byte) (*Document, error) { return open(document, longest) }

func open(document []byte, longest int) (*Document, error) {
	d := Whole(document)
	for at := 0; ; {
		quote := bytes.IndexByte(document[at:], '"')
		if quote < 0 {
			break
		}
		start := at + quote
		end := closing(document, start+1)
		if end < 0 {
			break // the library will say what is wrong
		}
		at = end
		if end-start <= longest || isName(document[end:]) {
			continue
		}
		if !sound(document[start+1 : end-1]) {
			return nil, errUnsound
		}
		d.cut = append(d.cut, long{start: int64(start), end: int64(end)})
	}
	d.shorten()
	return d, nil
}

// shorten writes the short document, in a buffer that never has to grow: what is left
// behind when one does could not be wiped.
func (d *Document) shorten() {
	if d.cut == nil {
		return
	}
	size, from := len(d.whole), int64(0)
	for _, l := range d.cut {
		size -= int(l.end-l.start) - len(standIn)
	}
	d.short = make([]byte, 0, size)
	for i := range d.cut {
		l := &d.cut[i]
		d.short = append(append(d.short, d.whole[from:l.start]...), standIn...)
		l.standIn, from = int64(len(d.short)), l.end
	}
	d.short = append(d.short, d.whole[from:]...)
}

// Wipe overwrites what the Document has copied. The buffer itself is the caller's.
func (d *Document) Wipe() {
	if d.cut != nil {
		clear(d.short)
	}
}

var errUnsound = errors.New("lent: a text that no JSON may hold")

// closing is where the text that begins at from has ended, behind its quote. A quote
// with an odd number of backslashes in front of it belongs to the text.
func closing(document []byte, from int) int {
	for at := from; ; {
		quote := bytes.IndexByte(document[at:], '"')
		if quote < 0 {
			return -1
		}
		at += quote + 1
		slashes := 0
		for i := at - 2; i >= from && document[i] == '\\'; i-- {
			slashes++
		}
		if slashes%2 == 0 {
			return at
		}
	}
}

// isName reports whether a text was a member's name, by what follows it.
func isName(rest []byte) bool {
	rest = bytes.TrimLeft(rest, " \t\r\n")
	return len(rest) > 0 && rest[0] == ':'
}

// sound reports whether a text is UTF-8 without control characters, and its escapes are
// escapes.
func sound(text []byte) bool {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	rest := text
	for ; len(rest) >= 8; rest = rest[8:] {
		word := binary.LittleEndian.Uint64(rest)
		if (word-0x20*ones)&^word&high != 0 {
			return false
		}
	}
	for _, b := range rest {
		if b < 0x20 {
			return false
		}
	}
	for rest = text; ; {
		at := bytes.IndexByte(rest, '\\')
		if at < 0 {
			return utf8.Valid(text)
		}
		_, n, err := undone(nil, rest[at:])
		if err != nil {
			return false
		}
		rest = rest[at+n:]
	}
}

// UTF8 reports whether all of it is UTF-8.
func (d *Document) UTF8() bool { return utf8.Valid(d.whole) }

// Decoder reads the document, but for its long texts.
func (d *Document) Decoder() *jsontext.Decoder { return jsontext.NewDecoder(bytes.NewBuffer(d.short)) }

// Unmarshal reads the document into v, without a copy of its Texts. Names must be
// spelled exactly and stand once; there may be others.
func (d *Document) Unmarshal(v any) error {
	dec := d.Decoder()
	if err := json.UnmarshalDecode(dec, v); err != nil {
		return err
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return errTrailing
	}
	return nil
}

var errTrailing = errors.New("lent: there is more than one value")
