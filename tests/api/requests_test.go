package api

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"
)

// ask opens a request from the person's session and returns its id.
func (p *person) ask(wish object) string {
	p.t.Helper()
	return text(p.do(p.t, "POST", "/v1/me/requests", p.token, wish).ok(201), "id")
}

// asked is what the person is shown of their requests, newest first.
func (p *person) askedFor() []object {
	p.t.Helper()
	return items(p.do(p.t, "GET", "/v1/me/requests", p.token, nil).ok(200))
}

// aDeathCertificate is a file that begins like a PDF.
func aDeathCertificate() string {
	return base64.StdEncoding.EncodeToString([]byte("%PDF-1.7\nmade-up proof of standing\n" + strings.Repeat("x", 100)))
}

const whatIsWrong = "My photo on file shows somebody else, please look at it."

func TestD24_ARequestIsAnsweredWithinFifteenDays(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	p := h.visitor()
	opened := h.do(t, "POST", "/v1/me/requests", p.token, object{"kind": "correct", "text": whatIsWrong}).ok(201)
	at, err := time.Parse(time.RFC3339, text(opened, "opened_at"))
	if err != nil {
		t.Fatal(err)
	}
	if due := text(opened, "due_at"); due != at.Add(15*24*time.Hour).Format(time.RFC3339Nano) || opened["overdue"] != false || opened["text"] != whatIsWrong {
		t.Errorf("it was opened as %v", opened)
	}
	id := text(opened, "id")
	line := func(query string) object {
		t.Helper()
		list := items(h.do(t, "GET", "/v1/requests"+query, h.admin, nil).ok(200))
		i := slices.IndexFunc(list, func(o object) bool { return o["id"] == id })
		if i < 0 {
			return nil
		}
		return list[i]
	}
	if v := line("?state=open"); v["overdue"] != false || v["text"] != nil {
		t.Errorf("the list has %v", v)
	}
	w.pass(15*24*time.Hour - time.Minute)
	if v := line(""); v["overdue"] != false {
		t.Errorf("in its last minute it is %v", v)
	}
	w.pass(time.Minute)
	if v := line("?state=open"); v["overdue"] != true {
		t.Errorf("after it, it is %v", v)
	}
	h.do(t, "POST", "/v1/requests/"+id+"/resolve", h.admin, object{"outcome": "done", "answer": "It was corrected."}).ok(200)
	if v := line("?state=open"); v != nil {
		t.Errorf("answered, it still waits: %v", v)
	}
	me := p.atHome()
	if v := me.askedFor()[0]; v["answer"] != "It was corrected." || v["outcome"] != "done" || v["overdue"] != true || v["resolved_at"] == nil {
		t.Errorf("the person sees %v", v)
	}
	records := h.recordsOf("request.")
	if len(records) != 2 || records[0]["due_at"] != records[1]["due_at"] || records[1]["outcome"] != "done" || records[1]["actor"] == nil {
		t.Errorf("the log has %v", records)
	}
	h.do(t, "GET", "/v1/requests?state=late", h.admin, nil, bad).refused(422, "invalid-value")
}

func TestD24_ARefusalNeedsAReasonAndIsRecorded(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.visitor()
	id := p.ask(object{"kind": "delete"})
	resolve := func(body object, options ...option) reply {
		return h.do(t, "POST", "/v1/requests/"+id+"/resolve", h.admin, body, options...)
	}
	for name, tt := range map[string]struct {
		body object
		want string
	}{
		"no reason":             {object{"outcome": "refused", "answer": "No."}, "reason=missing"},
		"a reason of one's own": {object{"outcome": "refused", "answer": "No.", "reason": "busy"}, "reason=not_allowed"},
		"no answer":             {object{"outcome": "refused", "reason": "kept_by_law"}, "answer=missing"},
		"a blank answer":        {object{"outcome": "done", "answer": " \n"}, "answer=missing"},
		"a reason for a yes":    {object{"outcome": "done", "answer": "Yes.", "reason": "kept_by_law"}, "reason=not_allowed"},
		"no outcome":            {object{"answer": "Yes."}, "outcome=missing"},
		"nothing":               {object{}, "answer=missing outcome=missing"},
	} {
		t.Run(name, func(t *testing.T) {
			h.writesNothing(func() {
				if got := strings.Join(faults(resolve(tt.body, bad).refused(422, "invalid-value")), " "); got != tt.want {
					t.Errorf("the faults are %s, want %s", got, tt.want)
				}
			})
		})
	}
	no := object{"outcome": "refused", "answer": "The law asks us to keep the records of checks.", "reason": "kept_by_law"}
	first := resolve(no, with("Idempotency-Key", "once")).ok(200)
	if again := resolve(no, with("Idempotency-Key", "once")).ok(200); again["resolved_at"] != first["resolved_at"] {
		t.Errorf("again it is %v, first it was %v", again, first)
	}
	resolve(object{"outcome": "done", "answer": "Changed our mind."}).refused(409, "request-answered")
	if v := p.askedFor()[0]; v["reason"] != "kept_by_law" || v["outcome"] != "refused" || v["answer"] != no["answer"] {
		t.Errorf("the person sees %v", v)
	}
	if got := h.recordsOf("request.resolved"); len(got) != 1 || got[0]["reason"] != "kept_by_law" || got[0]["outcome"] != "refused" {
		t.Errorf("the log has %v", got)
	}
}

// What is written is kept encrypted, stands in no Record, and whoever reads it is named in
// the log (duty D17).
func TestD17_D24_WhatIsWrittenIsReadOnRecordOnly(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.visitor()
	id := p.ask(object{"kind": "relative", "text": whatIsWrong, "relation": "spouse", "proof_file": aDeathCertificate()})
	h.writesNothing(func() { h.do(t, "GET", "/v1/requests", h.admin, nil).ok(200) })
	rows := h.rows()
	for _, secret := range []string{whatIsWrong, "made-up proof"} {
		if strings.Contains(rows, secret) {
			t.Errorf("the database holds %q", secret)
		}
	}
	for range 2 {
		v := h.do(t, "GET", "/v1/requests/"+id, h.admin, nil).ok(200)
		if v["text"] != whatIsWrong || v["proof_file"] != aDeathCertificate() || v["subject"] != p.subject || v["relation"] != "spouse" {
			t.Errorf("the administrator reads %v", v)
		}
	}
	read := h.recordsOf("access.")
	if len(read) != 2 || read[0]["request"] != id || read[0]["actor"] == nil || read[0]["subject"] == nil {
		t.Errorf("the log has %v", read)
	}
	h.do(t, "GET", "/v1/requests/"+id, h.integrator, nil).refused(403, "wrong-role")
	h.do(t, "GET", "/v1/requests/"+nobodys, h.admin, nil).refused(404, "not-found")
}

func TestD22_ANearRelativeShowsTheirStanding(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.person().atHome()
	whole := func() object {
		return object{"kind": "relative", "text": "My husband has died. Please send me what is held.", "relation": "spouse", "proof_file": aDeathCertificate()}
	}
	large := base64.StdEncoding.EncodeToString(append([]byte("%PDF-1.7\n"), make([]byte, 3<<20)...))
	for name, tt := range map[string]struct {
		edit func(object)
		want string
	}{
		"no relation":            {func(r object) { delete(r, "relation") }, "relation=missing"},
		"a cousin":               {func(r object) { r["relation"] = "cousin" }, "relation=not_allowed"},
		"no proof":               {func(r object) { delete(r, "proof_file") }, "proof_file=missing"},
		"a proof in another way": {func(r object) { r["proof_file"] = "data:application/pdf;base64,AAAA" }, "proof_file=bad_format"},
		"a proof of no kind":     {func(r object) { r["proof_file"] = base64.StdEncoding.EncodeToString([]byte("MZ hello")) }, "proof_file=bad_format"},
		"a page for a proof":     {func(r object) { r["proof_file"] = base64.StdEncoding.EncodeToString([]byte("<html><script>")) }, "proof_file=bad_format"},
		"too large a proof":      {func(r object) { r["proof_file"] = large }, "proof_file=too_long"},
		"no text":                {func(r object) { delete(r, "text") }, "text=missing"},
		"a relation of oneself":  {func(r object) { r["kind"] = "copy"; delete(r, "proof_file") }, "relation=not_allowed"},
		"a proof of oneself":     {func(r object) { r["kind"] = "copy"; delete(r, "relation") }, "proof_file=not_allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			wish := whole()
			tt.edit(wish)
			h.writesNothing(func() {
				if got := strings.Join(faults(h.do(t, "POST", "/v1/me/requests", p.token, wish, bad).refused(422, "invalid-value")), " "); got != tt.want {
					t.Errorf("the faults are %s, want %s", got, tt.want)
				}
			})
		})
	}
	opened := h.do(t, "POST", "/v1/me/requests", p.token, whole()).ok(201)
	if opened["proof_given"] != true || opened["relation"] != "spouse" || opened["by"] != nil || opened["proof_file"] != nil {
		t.Errorf("it was opened as %v", opened)
	}
	if got := h.recordsOf("request.opened"); len(got) != 1 || got[0]["relation"] != "spouse" || got[0]["kind"] != "relative" || got[0]["by"] != nil {
		t.Errorf("the log has %v", got)
	}
}

func TestFaultyRequests(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.person().atHome()
	for name, tt := range map[string]struct {
		wish object
		want string
	}{
		"nothing":                 {object{}, "kind=missing"},
		"a kind of one's own":     {object{"kind": "money", "text": "now"}, "kind=not_allowed"},
		"a complaint without any": {object{"kind": "complaint"}, "text=missing"},
		"a blank correction":      {object{"kind": "correct", "text": " \n "}, "text=missing"},
		"too long a text":         {object{"kind": "explain", "text": strings.Repeat("字", 4001)}, "text=too_long"},
		"a NUL":                   {object{"kind": "explain", "text": "a\x00b"}, "text=bad_format"},
	} {
		t.Run(name, func(t *testing.T) {
			h.writesNothing(func() {
				if got := strings.Join(faults(h.do(t, "POST", "/v1/me/requests", p.token, tt.wish, bad).refused(422, "invalid-value")), " "); got != tt.want {
					t.Errorf("the faults are %s, want %s", got, tt.want)
				}
			})
		})
	}
	for _, kind := range []string{"copy", "delete", "explain", "review"} { // they say what is wanted
		p.ask(object{"kind": kind})
	}
}

// The same request sent again is one request, and nobody fills the desk.
func TestRequestsAreOpenedOnceAndNotWithoutEnd(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.person().atHome()
	ask := func(key string) object {
		return h.do(t, "POST", "/v1/me/requests", p.token, object{"kind": "complaint", "text": whatIsWrong}, with("Idempotency-Key", key)).ok(201)
	}
	if a, b := ask("one"), ask("one"); a["id"] != b["id"] || len(p.askedFor()) != 1 {
		t.Errorf("the same call opened %v and %v", a["id"], b["id"])
	}
	h.do(t, "POST", "/v1/me/requests", p.token, object{"kind": "copy"}, with("Idempotency-Key", "one")).refused(422, "idempotency-key-reused")
	for range 19 {
		p.ask(object{"kind": "explain"})
	}
	h.writesNothing(func() {
		h.do(t, "POST", "/v1/me/requests", p.token, object{"kind": "explain"}).refused(409, "too-many-requests")
	})
	oldest := p.askedFor()[19]
	h.do(t, "POST", "/v1/requests/"+text(oldest, "id")+"/resolve", h.admin, object{"outcome": "done", "answer": "Done."}).ok(200)
	p.ask(object{"kind": "explain"})
	other := h.person().atHome()
	other.ask(object{"kind": "explain"}) // somebody else's are their own
	if got := len(other.askedFor()); got != 1 {
		t.Errorf("somebody else sees %d requests", got)
	}
}

// A closed enterprise is asked and answers all the same.
func TestD21_D24_RightsDoNotEndWithTheService(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.agreed()
	h.do(t, "POST", "/v1/enterprises/"+h.id+"/close", h.operator, nil).ok(200)
	me := p.atHome()
	id := me.ask(object{"kind": "delete"})
	h.do(t, "GET", "/v1/requests/"+id, h.admin, nil).ok(200)
	h.do(t, "POST", "/v1/requests/"+id+"/resolve", h.admin, object{"outcome": "done", "answer": "Done."}).ok(200)
	h.do(t, "GET", "/v1/me", me.token, nil).ok(200)
	h.do(t, "GET", "/v1/me/copy", me.token, nil).ok(200)
}

// A device that only follows reads, and asks for nothing.
func TestAPageThatFollowsAsksForNothing(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.visitor()
	over := h.do(t, "POST", "/v1/session/handover", p.token, nil).ok(200)
	h.do(t, "POST", "/v1/session/open", "", object{"code": text(over, "page_url")}).ok(200)
	h.do(t, "POST", "/v1/me/requests", p.token, object{"kind": "copy"}).refused(409, "handed-over")
	h.do(t, "GET", "/v1/me", p.token, nil).ok(200)
}
