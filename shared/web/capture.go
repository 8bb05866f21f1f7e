package web

import (
	"bytes"
	"encoding/hex"
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

// in is the text itself: it aliases the body. Escapes of what base64 is made of are
// undone in the body (some encoders write / as \/, others + as \u002B); any other stays
// and is no base64.
func (s span) in(body []byte) []byte { return unescape(body[s.start:s.end]) }

// unescape compacts text in place; the bytes left over are cleared.
func unescape(text []byte) []byte {
	if bytes.IndexByte(text, '\\') < 0 {
		return text
	}
	n := 0
	for i := 0; i < len(text); n++ {
		c, size := unescaped(text[i:])
		text[n] = c
		i += size
	}
	clear(text[n:])
	return text[:n]
}

// unescaped is the first character of a text, and how many bytes spell it.
func unescaped(text []byte) (c byte, size int) {
	if text[0] != '\\' || len(text) < 2 {
		return text[0], 1
	}
	if text[1] == '/' {
		return '/', 2
	}
	var code [2]byte
	if len(text) >= 6 && bytes.HasPrefix(text, []byte(`\u00`)) {
		if _, err := hex.Decode(code[:], text[4:6]); err == nil && bytes.IndexByte([]byte("+/="), code[0]) >= 0 {
			return code[0], 6
		}
	}
	return '\\', 1
}
