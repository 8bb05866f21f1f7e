package web

import (
	"bytes"
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// span is where a text lies in a body, without its quotes. An image is not read out
// of the body but left where it is, so that it stays in the one buffer that is wiped.
type span struct{ start, end int64 }

// UnmarshalJSONFrom notes where the text is and skips it. No text at all is an empty one.
func (s *span) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	text, err := dec.ReadValue()
	switch {
	case err != nil:
		return err
	case text.Kind() == jsontext.KindString:
		end := dec.InputOffset()
		*s = span{end - int64(len(text)) + 1, end - 1}
	case text.Kind() != jsontext.KindNull:
		return &json.SemanticError{JSONKind: text.Kind(), Err: errors.New("not a text")}
	}
	return nil
}

// in is the text itself: it aliases the body. Only the escape \/ is undone (some
// encoders write it), in the body; any other escape stays and is no base64.
func (s span) in(body []byte) []byte { return unescapeSlashes(body[s.start:s.end]) }

// unescapeSlashes compacts text in place; the bytes left over are cleared.
func unescapeSlashes(text []byte) []byte {
	if bytes.IndexByte(text, '\\') < 0 {
		return text
	}
	n := 0
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) && text[i+1] == '/' {
			continue
		}
		text[n] = text[i]
		n++
	}
	clear(text[n:])
	return text[:n]
}
