package api

import (
	"testing"
	"time"
)

// noes are the ways of a person to say no.
var noes = map[string]struct {
	say  func(p *person)
	slug string
}{
	"a refusal": {func(p *person) { p.decide("refused").ok(201) }, "consent-refused"},
	"a withdrawal": {func(p *person) {
		p.decide("granted").ok(201)
		p.do(p.t, "POST", "/v1/me/withdraw", p.token, nil).ok(200)
	}, "consent-withdrawn"},
}

// For 48 hours after a no nobody is asked by Nod; they may ask themselves.
func TestNobodyIsAskedAgainSoon(t *testing.T) {
	t.Parallel()
	for name, no := range noes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{})
			h := w.house(t)
			p := h.visitor()
			if p.look()["ask_again_at"] != nil {
				t.Error("somebody new has to wait")
			}
			no.say(p)
			said := lastOf(h.recordsOf("consent."))
			until := instant(t, said, "at").Add(48 * time.Hour)

			w.pass(until.Sub(w.now()) - time.Minute)
			again := p.another()
			again.is("refused")
			if shown := again.look(); !instant(t, shown, "ask_again_at").Equal(until) || at(shown, "consent", "id") == nil {
				t.Errorf("the page is shown ask_again_at %v, want %v, and the consent %v", shown["ask_again_at"], until, shown["consent"])
			}
			again.verify("a1").notCounted(409, no.slug)
			h.writesNothing(func() { again.decide("refused").refused(409, "already-decided") })
			again.decide("granted").ok(201) // they ask again themselves
			if again.look()["ask_again_at"] != nil {
				t.Error("after a yes there is still something to wait for")
			}
			again.verify("a1").verdict("pass")
			p.another().is("consented")
		})
	}
}

func TestAfter48HoursANewSessionAsks(t *testing.T) {
	t.Parallel()
	for name, no := range noes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{})
			h := w.house(t)
			p := h.visitor()
			no.say(p)
			until := instant(t, lastOf(h.recordsOf("consent.")), "at").Add(48 * time.Hour)
			w.pass(until.Sub(w.now()))
			w.pass(time.Second)
			again := p.another()
			again.is("open")
			if shown := again.look(); shown["ask_again_at"] != nil || text(shown, "consent", "state") == "granted" {
				t.Errorf("the page is shown %v, %v", shown["ask_again_at"], shown["consent"])
			}
			again.verify("a1").notCounted(409, no.slug) // the answer still stands
			again.decide("granted").ok(201)
			again.verify("a1").verdict("pass")
		})
	}
}

// A refusal in the middle of the session does not end it: the person can choose
// again there, at once.
func TestChoosingAgainInTheSameSession(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.visitor()
	no := p.decide("refused").ok(201)
	wait := instant(t, no, "ask_again_at").Sub(instant(t, lastOf(h.recordsOf("consent.refused")), "at"))
	if no["receipt"] != nil || no["withdraw_url"] != nil || wait != 48*time.Hour {
		t.Errorf("a refusal is answered with %v", no)
	}
	yes := p.decide("granted").ok(201)
	if yes["ask_again_at"] != nil || yes["state"] != "consented" {
		t.Errorf("a grant is answered with %v", yes)
	}
	p.verify("a1").verdict("pass")
	if passed := h.recordsOf("check.passed"); passed[0]["consent"] != yes["consent"] {
		t.Errorf("the check rests on %v, want %v", passed[0]["consent"], yes["consent"])
	}
}

// A no to one purpose is none to another.
func TestANoIsToOnePurpose(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	h.layDownTraining()
	training := func(r object) { r["purpose"], r["resource"] = "training", "course/7" }
	p := h.visitor()
	p.decide("refused").ok(201)
	other := p.another(training)
	other.is("open")
	if other.look()["ask_again_at"] != nil {
		t.Error("a refusal of one purpose makes the other wait")
	}
	other.decide("granted").ok(201)
	other.verify("a1").verdict("pass")
	p.is("refused")
	p.another().is("refused")
	p.another(training).is("consented")
}

// layDownTraining lays down what training needs, like layDown for exams.
func (h *house) layDownTraining() {
	h.t.Helper()
	draft := body(h.t, "notices/training.json")
	draft["delegation_id"] = h.delegation
	h.do(h.t, "POST", "/v1/notices", h.admin, draft).ok(201)
	h.do(h.t, "PUT", "/v1/settings/training", h.admin, h.settings()).ok(200)
}

// lastOf is the last of several things.
func lastOf(list []object) object {
	if len(list) == 0 {
		return nil
	}
	return list[len(list)-1]
}
