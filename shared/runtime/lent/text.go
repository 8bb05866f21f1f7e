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
	text, err := jsontext.AppendUnquote(quoted[:0], quoted) // reads ahead of what it writes
	if err != nil {
		return nil // the decoder has accepted it: this cannot be
	}
	clear(quoted[len(text):])
	return text
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
