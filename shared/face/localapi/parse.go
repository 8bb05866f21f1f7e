package localapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
)

// ignored takes any value, and copies none.
type ignored struct{}

// UnmarshalJSON takes anything.
func (ignored) UnmarshalJSON([]byte) error { return nil }

// parse reads a text into the struct that q points to: one object, with no field that
// the struct does not have, nothing behind it. What was read is in q also when there is
// an error, for the caller to wipe.
//
// json.Decoder would refuse unknown fields by itself, but it copies what it reads into
// a buffer that nobody can wipe; so the names are read first, and then the values.
func parse(text []byte, q any) error {
	var names map[string]ignored
	if err := json.Unmarshal(text, &names); err != nil || names == nil {
		return errParameter
	}
	known := fieldsOf(q)
	for name := range names {
		if !known[name] {
			return errUnknownParameter
		}
	}
	err := json.Unmarshal(text, q)
	if own := new(apiError); err != nil && !errors.As(err, &own) {
		return errParameter
	}
	return err
}

// fieldsOf are the names of a struct's fields, those of embedded ones among them. The
// vendor's names are case-sensitive, unlike those of encoding/json.
func fieldsOf(q any) map[string]bool {
	names := map[string]bool{}
	for _, f := range reflect.VisibleFields(reflect.TypeOf(q).Elem()) {
		if f.IsExported() && !f.Anonymous {
			names[f.Name] = true
		}
	}
	return names
}

// plainText is a text field in bytes that can be wiped, read out of the request's buffer
// without a string in between, unless something in it is escaped.
type plainText []byte

// UnmarshalJSON takes a string or null.
func (p *plainText) UnmarshalJSON(text []byte) error {
	clear(*p)
	*p = nil
	if bytes.Equal(text, []byte("null")) {
		return nil
	}
	if text[0] != '"' {
		return errParameter
	}
	if inside := text[1 : len(text)-1]; !bytes.ContainsRune(inside, '\\') {
		*p = bytes.Clone(inside)
		return nil
	}
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return errParameter
	}
	*p = []byte(s)
	return nil
}
