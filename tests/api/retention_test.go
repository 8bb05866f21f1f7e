package api

import (
	"strings"
	"testing"
	"time"

	"nod/shared/domain"
)

// deleted has the person ask to be deleted, and the enterprise do it.
func (p *person) deleted() {
	p.t.Helper()
	id := p.atHome().ask(object{"kind": "delete"})
	p.do(p.t, "POST", "/v1/requests/"+id+"/resolve", p.admin, object{"outcome": "done", "answer": "已删除。"}).ok(200)
}

// Whoever asks to be deleted is: what the law has kept is evidence from then on, and the
// session that they had open ends, wherever it was.
func TestD21_ADeletionThatIsGrantedIsCarriedOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	p := h.agreed()
	p.verify("a1").verdict("pass")
	waiting := p.another() // starts consented, with the camera on
	p.deleted()

	if s := waiting.look(); s["state"] != "withdrawn" {
		t.Errorf("the session that was open is %v", s["state"])
	}
	waiting.verify("b1").refused(409, "consent-withdrawn")
	for _, path := range []string{"/v1/sessions/" + p.session, "/v1/sessions/" + waiting.session} {
		h.do(t, "GET", path, h.integrator, nil).refused(404, "not-found")
	}
	h.do(t, "POST", "/v1/sessions/"+waiting.session+"/alternative", h.integrator, object{"method": "desk", "result": "pass"}).refused(404, "not-found")
	if list := items(h.do(t, "GET", "/v1/sessions?subject="+p.subject, h.integrator, nil).ok(200)); len(list) != 1 || list[0]["kind"] != "me" {
		t.Errorf("the platform is shown %v", list)
	}

	me := p.atHome()
	v := me.held()
	if len(listOf(v, "consents"))+len(listOf(v, "checks")) > 0 {
		t.Errorf("the page still shows %v and %v", v["consents"], v["checks"])
	}
	if r := me.askedFor(); len(r) != 1 || r[0]["outcome"] != "done" {
		t.Errorf("the person sees of their request %v", r)
	}
	evidence := 0.0
	for _, kind := range listOf(v, "held") {
		if kind["what"] == "evidence" {
			evidence = kind["count"].(float64)
		}
	}
	if evidence != 2 {
		t.Errorf("they are told of %v things that are kept as evidence, want 2", evidence)
	}
	copied := string(h.do(t, "GET", "/v1/me/copy", me.token, nil).body)
	if strings.Contains(copied, "check.passed") || !strings.Contains(copied, "subject.restricted") {
		t.Errorf("the copy is %s", copied)
	}
	// Somebody who asked for it can be asked again, but not within 48 hours.
	if s := p.another().look(); s["state"] != "refused" {
		t.Errorf("a session right after it starts %v", s["state"])
	}
	w.pass(49 * time.Hour)
	again := p.another()
	again.decide("granted").ok(201)
	again.verify("c1").verdict("pass")
}

// What was kept long enough goes by itself, and the log still verifies.
func TestD14_WhatWasKeptLongEnoughGoesByItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	p := h.agreed()
	p.verify("a1").verdict("pass")
	receipt := h.do(t, "POST", "/v1/me/withdraw", p.token, object{"purpose": "exam"}).ok(200)
	if receipt["receipt"] == nil {
		t.Fatal("no receipt")
	}
	before := h.rows()
	w.pass((domain.LeastRetentionDays - 1) * 24 * time.Hour)
	w.tick(t)
	h.do(t, "GET", "/v1/sessions/"+p.session, h.integrator, nil).ok(200)
	w.pass((2 + 62) * 24 * time.Hour)
	w.tick(t)
	h.do(t, "GET", "/v1/sessions/"+p.session, h.integrator, nil).refused(404, "not-found")
	for _, table := range []string{"subjects", "consents", "sessions", "checks"} {
		if left, err := h.table(table, "enterprise"); err != nil || len(left) > 0 {
			t.Errorf("%s has %v left, %v\n%s", table, left, err, before)
		}
	}
	if n := len(h.recordsOf("subject.erased")); n != 1 {
		t.Errorf("%d Records that the person was erased", n)
	}
	if len(h.recordsOf("check.passed"))+len(h.recordsOf("consent.granted")) != 2 {
		t.Error("the lines are not there any more")
	}
}

// The end of an enterprise's service: it has its records and says so, and nobody is left.
func TestD15_AClosedEnterpriseThatHasItsRecordsIsEmptied(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h, other := w.house(t), w.house(t)
	p, bystander := h.agreed(), other.agreed()
	p.verify("a1").verdict("pass")
	acknowledge := func(options ...option) reply {
		return h.do(t, "POST", "/v1/closing/acknowledge", h.admin, nil, options...)
	}
	h.writesNothing(func() { acknowledge().refused(409, "enterprise-not-closed") })
	h.do(t, "POST", "/v1/enterprises/"+h.id+"/close", h.operator, nil).ok(200)
	early := acknowledge()
	if early.refused(409, "last-export-not-ready"); early.header.Get("Retry-After") == "" {
		t.Error("nobody is told when to come back")
	}
	last := h.handedOver()
	h.do(t, "GET", "/v1/sessions/"+p.session, h.integrator, nil).ok(200)
	first := acknowledge(with("Idempotency-Key", "k")).ok(200)
	if again := acknowledge().ok(200); first["acknowledged_at"] == nil || again["acknowledged_at"] != first["acknowledged_at"] {
		t.Errorf("said again it is %v, first it was %v", again, first)
	}
	// Nobody is entered anew, not even for a page of their own: the end would never come.
	for _, r := range []object{p.request(aPage), h.person().request(aPage), h.person().request()} {
		h.do(t, "POST", "/v1/sessions", h.integrator, r).refused(403, "enterprise-closed")
	}
	w.tick(t)
	if v := acknowledge().ok(200); v["erased_at"] == nil {
		t.Errorf("the end is %v", v)
	}
	h.do(t, "GET", "/v1/sessions/"+p.session, h.integrator, nil).refused(404, "not-found")
	h.do(t, "GET", "/v1/me", p.token, nil).refused(401, "unauthenticated")
	for _, table := range []string{"subjects", "consents", "sessions", "checks", "agreement_files"} {
		if left, err := h.table(table, "enterprise"); err != nil || len(left) > 0 {
			t.Errorf("%s has %d left, %v", table, len(left), err)
		}
	}
	if said := h.recordsOf("enterprise.acknowledged"); len(said) != 1 || said[0]["export"] != last {
		t.Errorf("acknowledged is %v", said)
	}
	if len(h.recordsOf("enterprise.erased")) != 1 || len(h.recordsOf("check.passed")) != 1 {
		t.Error("the log does not say what was and how it ended")
	}
	bystander.verify("a1").verdict("pass")
}
