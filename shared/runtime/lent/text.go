// Package lent reads texts of a JSON document where they lie, in the one buffer that
// holds the document: whoever wipes that buffer has wiped them. Reading them into a
// string would leave copies behind that nobody can overwrite.
//
//	var event struct{ Body lent.Text }
//	err := lent.Unmarshal(document, &event)
//	body := event.Body.In(document) // part of document, not a copy of it
package lent

import (
	"bytes"
	"errors"
	"io"
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

// In is the text itself, a part of the document. Escapes are undone in place, which
// only ever makes a text shorter, and what that leaves over is cleared; so In is called
// once, when the document has been read. The caller may change the text.
func (t Text) In(document []byte) []byte {
	if t.end == 0 {
		return nil
	}
	quoted := document[t.start:t.end]
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	text := unescape(quoted[1 : len(quoted)-1])
	clear(quoted[1+len(text):])
	return text
}

// unescape undoes the escapes of a JSON text in place. Most of a text has none, and is
// moved as it is; what an escape stands for is the library's to know.
func unescape(text []byte) []byte {
	done := text[:0]
	for rest := text; ; {
		plain := bytes.IndexByte(rest, '\\')
		if plain < 0 {
			return append(done, rest...)
		}
		done = append(done, rest[:plain]...)
		rest = rest[plain:]
		n := escape(rest)
		var quoted [14]byte
		q := append(append(append(quoted[:0], '"'), rest[:n]...), '"')
		done, _ = jsontext.AppendUnquote(done, q) // the decoder has accepted it
		rest = rest[n:]
	}
}

// escape is the length of the escape that text begins with: two letters, or \uXXXX, or
// two of these for a character beyond the first 65,536 (RFC 8259 section 7).
func escape(text []byte) int {
	const one, two = len(`\uXXXX`), len(`\uXXXX\uXXXX`)
	switch {
	case text[1] != 'u':
		return 2
	case len(text) >= two && (text[2] == 'd' || text[2] == 'D') && strings.IndexByte("89abAB", text[3]) >= 0:
		return two
	}
	return one
}

// Unmarshal reads a document of one JSON value, without a copy of it. Names must be
// spelled exactly and stand once; there may be others.
func Unmarshal(document []byte, v any, options ...json.Options) error {
	dec := Decoder(document)
	if err := json.UnmarshalDecode(dec, v, options...); err != nil {
		return err
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return errTrailing
	}
	return nil
}

var errTrailing = errors.New("lent: there is more than one value")

// Decoder reads a document where it lies.
func Decoder(document []byte) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewBuffer(document))
}
