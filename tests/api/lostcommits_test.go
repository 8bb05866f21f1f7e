package api

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"nod/shared/domain"
	"nod/tests/postgres"
	"nod/tests/wire"
)

// onLine is a house of a world whose way to PostgreSQL can go wrong.
func onLine(t *testing.T, s setup) (*wire.Proxy, *house) {
	t.Helper()
	l := wire.To(t, postgres.Database(t))
	s.db = l.DSN
	return l, newWorld(t, s).house(t)
}

// atCommit has something happen to the n-th COMMIT from now on, of those that write.
func atCommit(l *wire.Proxy, n int, happens func() wire.Fault) {
	reads := false
	l.Watch(func(s wire.Statement) wire.Fault {
		switch {
		case strings.HasPrefix(s.SQL, "BEGIN"):
			reads = strings.HasSuffix(s.SQL, "READ ONLY")
		case s.SQL == "COMMIT" && !reads:
			if n--; n == 0 {
				return happens()
			}
		}
		return wire.Fault{}
	})
}

// lostCommit is a COMMIT that is done, and whose answer never comes.
func lostCommit() wire.Fault { return wire.Fault{Lose: true} }

// A call whose COMMIT was done and whose answer was lost may be repeated: whatever was
// written is written once, and told.
func TestACallWhoseCommitWasLostCanBeRepeated(t *testing.T) {
	t.Parallel()
	l, first := onLine(t, setup{})
	for _, name := range slices.Sorted(maps.Keys(lost)) {
		t.Run(name, func(t *testing.T) {
			h := first.world.house(t)
			call, _ := lost[name](h.person())
			h.repeats(l, func() reply { return call(once(name)) }, name != "POST /v1/session/open")
		})
	}
	elsewhere := []string{"POST /v1/enterprises", "POST /v1/enterprises/{id}/close", "POST /v1/operators", "POST /v1/sessions",
		"POST /v1/sessions/{id}/cancel", "POST /v1/sessions/{id}/code", "POST /v1/webhooks/{id}/resend", "POST /v1/webhooks/secret/rotate"}
	for _, name := range slices.Sorted(maps.Keys(pairs)) {
		t.Run(name, func(t *testing.T) {
			h := first.world.house(t)
			wish, _ := pairs[name](h)
			bearers := h.keys()
			bearers[domain.Operator] = h.operator
			bearer := bearers[(*theDescription().operations[name].Who)[0]]
			h.repeats(l, func() reply { return h.do(t, "POST", wish.path, bearer, wish.body, once(name)) }, !slices.Contains(elsewhere, name))
		})
	}
}

// repeats makes a call whose COMMIT is done and not answered, and the same call again.
// recorded says that the house's log has one Record more then.
func (h *house) repeats(l *wire.Proxy, call func() reply, recorded bool) {
	h.t.Helper()
	before := len(h.records())
	atCommit(l, 1, lostCommit)
	if v := call().refused(503, "busy"); v["retry_after"] != 1.0 {
		h.t.Errorf("retry_after is %v", v["retry_after"])
	}
	l.Watch(nil)
	if n := len(h.records()) - before; n > 1 || (n == 1) != recorded {
		h.t.Errorf("%d Records were written, want one: %v", n, recorded)
	}
	h.unchanged(func() {
		told := call()
		if told.status == 409 {
			told.refused(409, "secret-shown-once")
			return
		}
		if again := call(); told.status > 201 || !bytes.Equal(again.body, told.body) {
			h.t.Errorf("the repeats are answered with %d %s and %s", told.status, told.body, again.body)
		}
	})
}

// The outcome of a check is not lost with the answer to its COMMIT: it is told at once, for
// whoever writes it finds it written. Where the answer to the gate's was lost, nothing is
// sent, and once the reservation has run out the same attempt is over and the next is free.
func TestACheckWhoseCommitWasLost(t *testing.T) {
	t.Parallel()
	l, h := onLine(t, setup{})
	p := h.agreed()
	atCommit(l, 2, lostCommit)
	p.verify("a1").verdict("pass")
	l.Watch(nil)
	h.unchanged(func() { p.verify("a1").verdict("pass") })
	p.asked(1)
	if n := len(h.recordsOf("check.passed")); n != 1 {
		t.Errorf("%d Records say that the check was passed", n)
	}

	q := h.agreed()
	atCommit(l, 1, lostCommit)
	q.verify("a1").refused(503, "busy")
	l.Watch(nil)
	h.unchanged(func() { q.verify("a1").refused(409, "check-in-progress") })
	h.pass(10*time.Second + domain.Grace)
	for range 2 {
		q.verify("a1").notCounted(504, "outcome-unknown")
	}
	q.asked(0)
	q.left(3, 9)
	q.verify("a2").verdict("pass")
	if started, unknown := len(h.recordsOf("check.started")), len(h.recordsOf("check.unknown")); started != 3 || unknown != 1 {
		t.Errorf("%d checks have started and of %d nothing is known, want 3 and 1", started, unknown)
	}
}

// A gate that took longer than the face API is given has its permit come too late: nothing
// is sent, no attempt is used, and another may be made at once.
func TestAPermitThatComesTooLate(t *testing.T) {
	t.Parallel()
	const allowed = 1500 * time.Millisecond // less than a transaction may stand idle
	l, h := onLine(t, setup{faceTimeout: allowed})
	p := h.agreed()
	atCommit(l, 1, func() wire.Fault {
		<-time.After(allowed) // since the permit's time began, too
		return wire.Fault{}
	})
	late := p.verify("a1")
	l.Watch(nil)
	if v := late.notCounted(503, "permit-forbidden"); v["retry_after"] != 1.0 {
		t.Errorf("retry_after is %v", v["retry_after"])
	}
	h.dropped("permit-forbidden")
	h.unchanged(func() { p.verify("a1").notCounted(503, "permit-forbidden") })
	p.asked(0)
	p.left(3, 9)
	p.verify("a2").verdict("pass")
	p.asked(1)
	p.is("passed")
}
