package api

import (
	"testing"
	"time"
)

// A clock that jumps back does not bring back what had ended when somebody met it.
func TestAClockThatJumpsBackRevivesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	h.publish(func(_, facts object) { facts["consent_days"] = 1 })
	p := h.agreed()
	until, err := time.Parse(time.RFC3339, text(h.recordsOf("consent.granted")[0], "until"))
	if err != nil {
		t.Fatal(err)
	}
	ahead := until.Sub(w.now()) + time.Minute
	w.pass(ahead)
	p.open()
	p.decide("refused").ok(201) // on what had ended meanwhile
	w.pass(-ahead)
	p.is("refused")
	p.open()
	if state := text(p.look(), "state"); state == "consented" {
		t.Error("the consent that had ended covers a check again")
	}
	p.verify("a1").refused(409, "consent-refused")
	p.asked(0)
	lapses := h.recordsOf("consent.lapsed")
	if len(lapses) != 1 || text(lapses[0], "cause") != "term_over" {
		t.Errorf("the log has the lapses %v", lapses)
	}
}

// What begins while a clock is ahead lasts longer by as much, and no longer: until the clock
// has caught up, it stands still for that person.
func TestWhatBeganWhileAClockWasAheadEndsThatMuchLater(t *testing.T) {
	t.Parallel()
	const ahead = 3 * time.Hour
	w := newWorld(t, setup{})
	h := w.house(t)
	w.pass(ahead)
	p, other := h.agreed(), h.agreed()
	w.pass(-ahead)
	p.verify("a1").verdict("pass")
	w.pass(ahead + 14*time.Minute)
	other.verify("a1").verdict("pass")
	w.pass(time.Minute)
	for _, late := range []*person{p, other} {
		late.do(t, "GET", "/v1/session", late.token, nil).refused(401, "token-expired")
	}
	p.is("passed")
}

// A check that is under way when a clock jumps, ahead or back, has its outcome. If the timer
// runs by the clock that is ahead, nothing is known of the check: it is no fail, and uses no
// attempt.
func TestAClockThatJumpsDuringACheckMakesNoFail(t *testing.T) {
	t.Parallel()
	const jump = 3 * time.Hour
	w := newWorld(t, setup{})
	h := w.house(t)
	p := h.agreed()
	p.during("a1", func() { w.pass(jump) }).verdict("pass")
	p.is("passed")
	p = h.agreed()
	p.during("a1", func() { w.pass(-jump) }).verdict("pass")
	p.is("passed")

	p = h.agreed()
	p.during("a1", func() {
		w.pass(2 * time.Minute)
		w.tick(t)
		w.pass(-2 * time.Minute)
	}).notCounted(504, "outcome-unknown")
	p.left(3, 9)
	p.verify("a2").verdict("pass")
}
