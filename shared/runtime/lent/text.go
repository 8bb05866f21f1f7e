// Package lent reads texts of a JSON document where they lie, in the one buffer that
// holds the document: whoever wipes that buffer has wiped them. Reading them into a
// string would leave copies behind that nobody can overwrite.
//
//	var event struct{ Body lent.Text }
//	body, err := lent.Read(buffer, &event, &event.Body) // part of buffer, not a copy of it
package lent

import (
	"bytes"
	"errors"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Text is where a JSON string lies in its document, with its quotes. The zero Text is
// one that is not there; null counts as such.
type Text struct{ start, end int64 }

// UnmarshalJSONFrom notes where the string is and skips it.
func (t *Text) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	value, err := dec.ReadValue()
	switch {
	case err != nil:
		return err
	case value.Kind() == jsontext.KindString:
		end := dec.InputOffset()
		*t = Text{end - int64(len(value)), end}
	case value.Kind() == jsontext.KindNull:
		*t = Text{}
	default:
		return &json.SemanticError{JSONKind: value.Kind(), Err: errNoText}
	}
	return nil
}

var errNoText = errors.New("not a text")

// Take is the text itself, a part of the document's buffer. Escapes are undone in place,
// which only ever makes a text shorter, and what that leaves over is cleared; so a Text
// is taken once, when the document has been read. The caller may change it.
func (d *Document) Take(t Text) ([]byte, error) {
	quoted := d.quoted(t)
	if len(quoted) < 2 {
		return nil, nil
	}
	text, err := unescape(quoted[1 : len(quoted)-1])
	if err != nil {
		return nil, err
	}
	clear(quoted[1+len(text):])
	return text, nil
}

// Read reads a document into v and takes text, which is a field of it.
func Read(document []byte, v any, text *Text) ([]byte, error) {
	d, err := Open(document)
	if err != nil {
		return nil, err
	}
	defer d.Wipe()
	if err := d.Unmarshal(v); err != nil {
		return nil, err
	}
	return d.Take(*text)
}

// quoted is the text with its quotes. It was read in the short document, which is the
// whole one up to the first long text.
func (d *Document) quoted(t Text) []byte {
	moved := int64(0)
	for _, l := range d.cut {
		if l.standIn == t.end {
			return d.whole[l.start:l.end]
		}
		if l.standIn > t.end {
			break
		}
		moved = l.end - l.standIn
	}
	return d.whole[t.start+moved : t.end+moved]
}

// unescape undoes the escapes of a JSON text in place. Most of a text has none, and is
// moved as it is.
func unescape(text []byte) ([]byte, error) {
	done := text[:0]
	for rest := text; ; {
		plain := bytes.IndexByte(rest, '\\')
		if plain < 0 {
			return append(done, rest...), nil
		}
		done = append(done, rest[:plain]...)
		var n int
		var err error
		if done, n, err = undone(done, rest[plain:]); err != nil {
			return nil, err
		}
		rest = rest[plain+n:]
	}
}

// undone appends what the escape stands for that text begins with, and tells its length.
// What that is, is the library's to know.
func undone(done, text []byte) ([]byte, int, error) {
	n := escape(text)
	if n > len(text) {
		return nil, 0, errUnsound
	}
	var quoted [14]byte
	done, err := jsontext.AppendUnquote(done, append(append(append(quoted[:0], '"'), text[:n]...), '"'))
	if err != nil {
		return nil, 0, errUnsound
	}
	return done, n, nil
}

// escape is the length of the escape that text begins with: two letters, or \uXXXX, or
// two of these for a character beyond the first 65,536 (RFC 8259 section 7).
func escape(text []byte) int {
	const one, two = len(`\uXXXX`), len(`\uXXXX\uXXXX`)
	switch {
	case len(text) < 2 || text[1] != 'u':
		return 2
	case len(text) >= two && (text[2] == 'd' || text[2] == 'D') && strings.IndexByte("89abAB", text[3]) >= 0:
		return two
	}
	return one
}
