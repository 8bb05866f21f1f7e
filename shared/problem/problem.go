// Package problem turns errors into problem documents (RFC 9457) for people: it is
// the only place where an error becomes text. What it does not know it tells
// nothing about but the request's id.
package problem

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"nod/shared/domain"
)

// Entry is one kind of problem.
type Entry struct {
	Reason     domain.Reason
	Status     int
	RetryAfter time.Duration // where waiting helps and the refusal does not say how long
	Texts      map[domain.Locale]Text
}

// Text is what happened, and what to do now.
type Text struct{ Title, Detail string }

// Group is a part of the catalogue, with those it is written for.
type Group struct {
	Title   string
	For     string
	Check   bool // answers of a check: these say that no attempt was used
	Entries []Entry
}

// Catalogue is every problem, in the order of docs/problems.md.
var Catalogue = []Group{callers, bodies, enterprises, decisions, sessions, images, identities, outcomes, system}

// Document is the body of a problem.
type Document struct {
	Type        string        `json:"type"`
	Title       string        `json:"title"`
	Status      int           `json:"status"`
	Detail      string        `json:"detail"`
	RequestID   string        `json:"request_id"`
	AttemptUsed *bool         `json:"attempt_used,omitempty"`
	State       domain.State  `json:"state,omitempty"`
	RetryAfter  int           `json:"retry_after,omitempty"` // seconds
	Errors      []FieldDetail `json:"errors,omitempty"`
	NotReady    []string      `json:"not_ready,omitempty"` // of Nod itself, where a monitor asks

	locale domain.Locale
}

// FieldDetail is one faulty field of a body.
type FieldDetail struct {
	domain.FieldFault
	Detail string `json:"detail"`
}

type known struct {
	Entry
	check bool
}

var byReason = func() map[domain.Reason]known {
	m := map[domain.Reason]known{}
	for _, g := range Catalogue {
		for _, e := range g.Entries {
			m[e.Reason] = known{e, g.Check}
		}
	}
	return m
}()

// For describes an error in a language. Anything but a domain.Refusal is the
// internal problem, whose text is always the same.
func For(err error, locale domain.Locale, requestID string) Document {
	refusal := &domain.Refusal{Reason: domain.Internal}
	errors.As(err, &refusal)
	k, found := byReason[refusal.Reason]
	if !found {
		k = byReason[domain.Internal]
	}
	text := k.Texts[locale]
	d := Document{
		Type: "/problems/" + string(k.Reason), Title: text.Title, Status: k.Status, Detail: text.Detail,
		RequestID: requestID, State: refusal.State, RetryAfter: seconds(refusal.RetryAfter, k.RetryAfter), locale: locale,
	}
	if k.check {
		d.AttemptUsed = new(bool) // no problem ever uses an attempt
	}
	for _, f := range refusal.Fields {
		d.Errors = append(d.Errors, FieldDetail{f, faultTexts[f.Code][locale]})
	}
	return d
}

// seconds rounds up, so that nobody is told to come back too early.
func seconds(of, otherwise time.Duration) int {
	if of == 0 {
		of = otherwise
	}
	return int((of + time.Second - 1) / time.Second)
}

// Write sends the document.
func (d Document) Write(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Language", string(d.locale))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if d.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(d.RetryAfter))
	}
	if d.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", "Bearer")
	}
	w.WriteHeader(d.Status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(d) // the client went away: there is nobody to tell
}

// entry is the short form of the catalogue's lines.
func entry(r domain.Reason, status int, zhTitle, zhDetail, enTitle, enDetail string) Entry {
	return Entry{Reason: r, Status: status, Texts: map[domain.Locale]Text{
		domain.Chinese: {zhTitle, zhDetail}, domain.English: {enTitle, enDetail},
	}}
}

func (e Entry) after(wait time.Duration) Entry {
	e.RetryAfter = wait
	return e
}

var faultTexts = map[string]map[domain.Locale]string{
	domain.Missing:    {domain.Chinese: "缺少这一项。", domain.English: "This field is needed."},
	domain.TooLong:    {domain.Chinese: "太长了。", domain.English: "This is too long."},
	domain.NotAllowed: {domain.Chinese: "这里不能用这个值，或者没有这个字段。", domain.English: "This value, or this field, is not allowed here."},
	domain.BadFormat:  {domain.Chinese: "格式不对。", domain.English: "This is not in the right form."},
	domain.OutOfRange: {domain.Chinese: "超出了允许的范围。", domain.English: "This is outside the allowed range."},
	domain.NotCovered: {domain.Chinese: "委托记录没有包括这一项。", domain.English: "The delegation does not cover this."},
	domain.Replaced:   {domain.Chinese: "现行告知已经换用它的后继委托记录，不能再退回来。", domain.English: "The notice rests on this delegation's successor by now; there is no way back to it."},
	domain.NotTold:    {domain.Chinese: "现行告知没有告诉大家这一点。请先停用这个目的并记录评估，发布新告知，再重新启用。", domain.English: "The notice in force does not tell people this. Turn the purpose off with this assessment, publish a notice, then turn it on again."},
	domain.NotHTTPS:   {domain.Chinese: "需要一个 https 地址；只有 Nod 就在这台机器上运行时，才可以用 http 访问本机。", domain.English: "An https address is needed; plain http goes to this machine alone, where Nod itself runs on it."},
	domain.NotOrigin:  {domain.Chinese: "它的来源（协议、主机和端口）不在企业登记的 return_origins 里。", domain.English: "Its origin (scheme, host and port) is not among the enterprise's registered return_origins."},
	domain.NotFound:   {domain.Chinese: "没有找到它所指的对象。", domain.English: "What this refers to was not found."},
}
