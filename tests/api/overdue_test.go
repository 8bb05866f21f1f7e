package api

import (
	"strings"
	"testing"
	"time"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/runtime/gateway"
)

// tick calls the function maintain as its timer does.
func (w *world) tick(t *testing.T) {
	t.Helper()
	if err := w.nod.Maintain().Run(t.Context(), gateway.Tick{Name: "every-minute"}); err != nil {
		t.Fatalf("%v\n%s", err, w.log.all())
	}
}

// holdsSecret reports whether a session's reference can still be opened.
func (p *person) holdsSecret() bool {
	p.t.Helper()
	// Moment reads and settles nothing.
	m, err := p.nod.Store.Tenant(domain.ID(p.id)).Moment(p.t.Context(), app.By{Session: domain.ID(p.session)})
	if err != nil {
		p.t.Fatal(err)
	}
	return m.Session.HoldsSecret()
}

func TestD02_NameAndNumberGoWithASessionThatNobodyComesBackTo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.registry(t, domain.Live)
	who := grownUp()
	p := h.registering(t, "two_factor", who.reference())
	w.watch.add(who.number)
	w.tick(t)
	if !p.holdsSecret() {
		t.Fatal("the reference went while the session was open")
	}
	w.pass(domain.DefaultTTL)
	w.tick(t)
	if !p.holdsSecret() {
		t.Error("the reference went while a check that was sent in time might need it")
	}
	w.pass(domain.Overdue)
	w.tick(t)
	if p.holdsSecret() {
		t.Error("the session is over and its reference can still be opened")
	}
	if rows := h.rows(); strings.Contains(rows, who.number) || strings.Contains(rows, who.name) {
		t.Error("the name or the number is in the database")
	}
	p.is("expired")
	if len(h.recordsOf("check.")) != 0 {
		t.Errorf("the log has %v", h.recordsOf("check."))
	}
}

func TestD11_ALapseIsRecordedThoughNobodyComesBy(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h, other := w.house(t), w.house(t)
	p := h.agreed()
	other.agreed()
	w.tick(t)
	notice := h.moreMaterial()
	for range 2 {
		w.tick(t)
		lapses := h.recordsOf("consent.lapsed")
		if len(lapses) != 1 || text(lapses[0], "cause") != "notice_changed" || text(lapses[0], "notice_in_force", "id") != text(notice, "id") {
			t.Fatalf("the log has the lapses %v", lapses)
		}
	}
	if n := len(other.recordsOf("consent.lapsed")); n != 0 {
		t.Errorf("%d lapses in an enterprise whose notice did not change", n)
	}
	p.is("open") // the session asks again
	p.decide("granted").ok(201)
	w.tick(t)
	if n := len(h.recordsOf("consent.lapsed")); n != 1 {
		t.Errorf("%d lapses after the person agreed to what changed", n)
	}
	if !strings.Contains(string(w.log.all()), `"msg":"maintained"`) {
		t.Error("the log does not tell that the timer was here")
	}
}

// An answer that is kept to be given again is kept for a day, not until the same key comes.
func TestKeptAnswersGoAfterADay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	p := h.person()
	kept := func() (n int) {
		list, err := h.table("answers", "realm")
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	before := kept()
	h.do(t, "POST", "/v1/sessions", h.integrator, p.request(), once("k")).ok(201)
	w.pass(23 * time.Hour)
	w.tick(t)
	if n := kept(); n != before+1 {
		t.Errorf("%d answers are kept within their day, want %d", n, before+1)
	}
	w.pass(2 * time.Hour)
	w.tick(t)
	if n := kept(); n != 0 {
		t.Errorf("%d answers are kept after their day", n)
	}
}
