package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"nod/shared/app"
	"nod/shared/domain"
)

// DefaultBody bounds bodies that hold no file.
const DefaultBody = 256 << 10

func cmp0(limit int64) int64 {
	if limit == 0 {
		return DefaultBody
	}
	return limit
}

// read takes the body in one piece, within the route's bound.
func (c *call) read() error {
	if kind := c.r.Header.Get("Content-Type"); kind != "" {
		if media, _, err := mime.ParseMediaType(kind); err != nil || media != "application/json" {
			return domain.Refuse(domain.UnsupportedMedia)
		}
	}
	if c.r.ContentLength > c.limit {
		return domain.Refuse(domain.BodyTooLarge)
	}
	// One buffer of the right size, so that no half-grown copies of an image stay.
	size := c.limit + 1
	if c.r.ContentLength >= 0 {
		size = c.r.ContentLength + 1
	}
	buf := make([]byte, size)
	n, err := io.ReadFull(c.r.Body, buf)
	c.body = buf[:n]
	switch {
	case err == nil && int64(n) > c.limit:
		return domain.Refuse(domain.BodyTooLarge)
	case err == nil:
		return domain.Refuse(domain.MalformedJSON) // longer than it said
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil
	default:
		return domain.Refuse(domain.MalformedJSON)
	}
}

// bind reads the body into v: one JSON object, no unknown field, right types.
func (c *call) bind(v any) error {
	if err := c.read(); err != nil {
		return err
	}
	return strict(c.body, v)
}

// bindOptional is bind for a body that may be left out.
func (c *call) bindOptional(v any) error {
	if err := c.read(); err != nil || len(bytes.TrimSpace(c.body)) == 0 {
		return err
	}
	return strict(c.body, v)
}

func strict(body []byte, v any) error {
	if !utf8.Valid(body) {
		return domain.Refuse(domain.NotUTF8)
	}
	trimmed := bytes.TrimLeft(body, " \t\r\n")
	if len(trimmed) > 0 && trimmed[0] != '{' && json.Valid(body) {
		return &domain.Refusal{Reason: domain.WrongType}
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return bindRefusal(body, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return domain.Refuse(domain.SeveralObjects)
	}
	return nil
}

// bindRefusal says what is wrong with a body, by field where that can be told.
func bindRefusal(body []byte, err error) error {
	var syntax *json.SyntaxError
	var wrongType *json.UnmarshalTypeError
	var when *time.ParseError
	name, unknown := strings.CutPrefix(err.Error(), "json: unknown field ") // has no type of its own
	switch {
	case errors.As(err, &syntax), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return domain.Refuse(domain.MalformedJSON)
	case unknown:
		field, _ := strconv.Unquote(name)
		return &domain.Refusal{Reason: domain.UnknownField, Fields: []domain.FieldFault{{Field: clip(field), Code: domain.NotAllowed}}}
	case errors.As(err, &wrongType):
		return &domain.Refusal{Reason: domain.WrongType, Fields: fieldsOf(jsonPath(wrongType.Field))}
	case errors.As(err, &when):
		return &domain.Refusal{Reason: domain.WrongType, Fields: fieldsOf(fieldWith(body, when.Value))}
	}
	return domain.Refuse(domain.WrongType) // a type that reads itself, such as a time
}

// jsonPath leaves out what package encoding/json says of embedded structs: their Go
// names. Nod's own fields begin with a small letter.
func jsonPath(path string) string {
	parts := strings.Split(path, ".")
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p != "" && p[0] >= 'A' && p[0] <= 'Z' }), ".")
}

// fieldWith finds the field that holds a text which is no time: the decoder tells
// the text alone.
func fieldWith(body []byte, text string) (found string) {
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(body, &fields) // it is an object: the decoder came as far as its fields
	for name, raw := range fields {
		if strings.Trim(string(raw), `"`) == text && (found == "" || name < found) {
			found = name
		}
	}
	return found
}

func fieldsOf(field string) []domain.FieldFault {
	if field == "" {
		return nil
	}
	return []domain.FieldFault{{Field: clip(field), Code: domain.BadFormat}}
}

// clip bounds what is sent back of a client's own words.
func clip(s string) string { return s[:min(len(s), 100)] }

// asCall is the call as package app wants it, with its Idempotency-Key.
func (c *call) asCall() app.Call {
	sum := sha256.New()
	io.WriteString(sum, c.r.Method+" "+c.r.URL.Path+"\n")
	sum.Write(c.body)
	return app.Call{
		Key: c.key, IdempotencyKey: c.r.Header.Get("Idempotency-Key"),
		Fingerprint: hex.EncodeToString(sum.Sum(nil)),
	}
}

// pathID reads an id of the path; one that is not an id is not found.
func (c *call) pathID(name string) (domain.ID, error) {
	id, ok := domain.ParseID(c.r.PathValue(name))
	if !ok {
		return "", domain.Refuse(domain.NoSuchThing)
	}
	return id, nil
}

// page reads cursor and limit of a list.
func (c *call) page() (p app.Page, err error) {
	q := c.r.URL.Query()
	if cursor := q.Get("cursor"); cursor != "" {
		id, ok := domain.ParseID(cursor)
		if !ok {
			return p, &domain.Refusal{Reason: domain.InvalidValue, Fields: []domain.FieldFault{{Field: "cursor", Code: domain.BadFormat}}}
		}
		p.After = id
	}
	if limit := q.Get("limit"); limit != "" {
		if p.Limit, err = strconv.Atoi(limit); err != nil || p.Limit < 1 || p.Limit > app.LargestPage {
			return p, &domain.Refusal{Reason: domain.InvalidValue, Fields: []domain.FieldFault{{Field: "limit", Code: domain.OutOfRange}}}
		}
	}
	return p, nil
}

// ifMatch reads the version that a change is made against; nil if none is named.
func (c *call) ifMatch() (*int, error) {
	tag := c.r.Header.Get("If-Match")
	if tag == "" || tag == "*" {
		return nil, nil
	}
	version, err := strconv.Atoi(strings.Trim(tag, `"`))
	if err != nil {
		return nil, domain.Refuse(domain.VersionChanged) // RFC 9110 section 13.1.1: no such state exists
	}
	return &version, nil
}
