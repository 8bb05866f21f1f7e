package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/runtime/lent"
)

// bind reads the body into v: one JSON object, no unknown field, right types.
func (c *call) bind(v any) error {
	if err := c.read(); err != nil {
		return err
	}
	return strict(lent.Whole(c.body), v)
}

// bindOptional is bind for a body that may be left out.
func (c *call) bindOptional(v any) error {
	if err := c.read(); err != nil || len(bytes.TrimSpace(c.body)) == 0 {
		return err
	}
	return strict(lent.Whole(c.body), v)
}

// strict reads one JSON object into v: each name once and spelled as the interface
// spells it, right types, nothing more. A reader that is not strict could be told one
// thing and the log another. The errors name the field at fault.
func strict(doc *lent.Document, v any) error {
	if !doc.UTF8() {
		return domain.Refuse(domain.NotUTF8)
	}
	dec := doc.Decoder()
	if kind := dec.PeekKind(); kind != jsontext.KindBeginObject {
		return noObject(dec)
	}
	if err := json.UnmarshalDecode(dec, v, json.RejectUnknownMembers(true)); err != nil {
		return bindRefusal(err)
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return domain.Refuse(domain.SeveralObjects)
	}
	return nil
}

// noObject refuses another JSON value, or what is no JSON at all.
func noObject(dec *jsontext.Decoder) error {
	if err := dec.SkipValue(); err != nil {
		return domain.Refuse(domain.MalformedJSON)
	}
	return domain.Refuse(domain.WrongType)
}

// bindRefusal says what is wrong with an object, by field where that can be told.
func bindRefusal(err error) error {
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		if errors.Is(syntax, jsontext.ErrDuplicateName) {
			return fault(domain.InvalidValue, fieldAt(syntax.JSONPointer), domain.NotAllowed)
		}
		return domain.Refuse(domain.MalformedJSON)
	}
	meaning, ok := errors.AsType[*json.SemanticError](err)
	switch {
	case !ok: // the end came too early
		return domain.Refuse(domain.MalformedJSON)
	case errors.Is(meaning, json.ErrUnknownName):
		return fault(domain.UnknownField, fieldAt(meaning.JSONPointer), domain.NotAllowed)
	default:
		return fault(domain.WrongType, fieldAt(meaning.JSONPointer), domain.BadFormat)
	}
}

func fault(reason domain.Reason, field, code string) error {
	return &domain.Refusal{Reason: reason, Fields: []domain.FieldFault{{Field: field, Code: code}}}
}

// fieldAt writes a pointer (RFC 6901) as the interface names fields: a.b[0].c. What
// a client sent as a name is told back in part only.
func fieldAt(p jsontext.Pointer) string {
	var b strings.Builder
	for name := range p.Tokens() {
		if _, err := strconv.Atoi(name); err == nil {
			b.WriteString("[" + name + "]")
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(name)
	}
	return strings.ToValidUTF8(b.String()[:min(b.Len(), 100)], "")
}

// asCall is the call as package app wants it, with its Idempotency-Key.
func (c *call) asCall() app.Call {
	sum := sha256.New()
	io.WriteString(sum, c.r.Method+" "+c.r.URL.Path+"\n")
	sum.Write(c.body)
	return app.Call{
		Key: c.key, IdempotencyKey: c.r.Header.Get("Idempotency-Key"),
		Fingerprint: hex.EncodeToString(sum.Sum(nil)), Locale: c.locale,
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
	p.Limit, err = c.pageLimit()
	return p, err
}

// pageLimit is how many are asked for at most; 0 if nothing is said.
func (c *call) pageLimit() (int, error) {
	text := c.r.URL.Query().Get("limit")
	if text == "" {
		return 0, nil
	}
	limit, err := strconv.Atoi(text)
	if err != nil || limit < 1 || limit > app.LargestPage {
		return 0, fault(domain.InvalidValue, "limit", domain.OutOfRange)
	}
	return limit, nil
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
