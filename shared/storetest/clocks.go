package storetest

import (
	"testing"
	"time"

	"nod/shared/domain"
	"nod/shared/store"
)

var clocks = map[string]func(*testing.T, opener){
	"a notice dated ahead comes into force at its moment": noticeDatedAhead,
	"a clock that jumps back leaves the order as it was":  clockJumpsBack,
	"a transaction has one moment":                        oneMoment,
}

func noticeDatedAhead(t *testing.T, open opener) {
	h := aHouse(t, open)
	p := h.person("工号-15")
	expect := func(want int) {
		t.Helper()
		if m := p.now(); m.Notice == nil || m.Notice.Version != want {
			t.Errorf("the notice of a session is %+v, want version %d", m.Notice, want)
		}
		if n := h.charter().NoticeInForce(domain.Exam, domain.Adult); n == nil || n.Version != want {
			t.Errorf("the notice of the charter is %+v, want version %d", n, want)
		}
	}
	ahead := aDraft(h.delegation)
	ahead.EffectiveFrom = h.charter().Now.Add(time.Hour)
	ahead.Facts.Impact = both("影响有变", "it changed")
	h.must(h.publish(store.NewID(), ahead))
	ahead.EffectiveFrom = ahead.EffectiveFrom.Add(time.Hour)
	h.must(h.publish(store.NewID(), ahead))
	if n := h.charter().Notices; len(n) != 3 || n[0].Version != 3 {
		t.Errorf("the charter has the notices %+v, want all from the one in force on", n)
	}
	expect(1)
	h.clock.turn(time.Hour - time.Minute)
	expect(1)
	h.clock.turn(time.Hour)
	expect(2)
	h.clock.turn(2 * time.Hour)
	expect(3)
	if n := h.charter().Notices; len(n) != 1 {
		t.Errorf("the charter has %d notices, want the one in force", len(n))
	}

	early := bareHouse(t, h.store, store.NewID())
	early.delegation = store.NewID()
	early.must(early.recordDelegation(early.delegation, someTerms()))
	draft := aDraft(early.delegation)
	draft.EffectiveFrom = early.charter().Now.Add(time.Hour)
	early.must(early.publish(store.NewID(), draft))
	if m := early.firstMoment(); m.Notice != nil || m.Delegation != nil {
		t.Errorf("before the first notice is in force there is %+v", m.Notice)
	}
	early.refused(early.setPurpose(someSettings(), nil), domain.NoNotice)
}

func clockJumpsBack(t *testing.T, open opener) {
	h := aHouse(t, open)
	p := h.person("工号-16")
	h.clock.turn(time.Hour)
	changed := aDraft(h.delegation)
	changed.Facts.Impact = both("影响有变", "it changed")
	h.must(h.publish(store.NewID(), changed))
	h.must(p.openSession(store.NewID(), aRequest()))
	h.must(p.decide(domain.Granted)) // to the second version
	last := p.now().Subject.HeadAt

	h.clock.turn(0)
	m := p.now()
	if !m.Now.Equal(last) {
		t.Errorf("now is %s, want the time of the last Record, %s", m.Now, last)
	}
	if m.Notice.Version != 2 {
		t.Errorf("the notice in force went back to version %d", m.Notice.Version)
	}
	h.must(p.check("a", failed))
	h.clock.turn(-48 * time.Hour)
	h.must(p.check("b", noFace))
	h.must(p.withdraw())
	for _, r := range p.chain()[1:] {
		if r.At.Before(last) {
			t.Errorf("out of order: %s", r.line)
		}
	}
	fresh := h.firstMoment()
	if fresh.Notice != nil {
		t.Errorf("for somebody new, two days ago, version %d is in force", fresh.Notice.Version)
	}
}

// oneMoment turns the clock on with every look at it: what one transaction reads
// and writes is of one moment all the same.
func oneMoment(t *testing.T, open opener) {
	h := aHouse(t, open)
	p := h.person("工号-17")
	ahead := aDraft(h.delegation)
	ahead.EffectiveFrom = h.charter().Now.Add(time.Hour)
	h.must(h.publish(store.NewID(), ahead))

	looks := 25 * time.Minute // the first look is at 50 minutes
	racing := *h
	racing.store = h.open(t, store.Options{Connections: 1, ClockOffset: func() time.Duration {
		looks += 25 * time.Minute
		return looks
	}})
	racing.tenant = racing.store.Tenant(h.id)
	for range 6 {
		m := p.elsewhere(&racing).now()
		if ahead := !m.Now.Before(ahead.EffectiveFrom.Truncate(time.Millisecond)); ahead != (m.Notice.Version == 2) {
			t.Errorf("at %s version %d is in force", m.Now, m.Notice.Version)
		}
	}
	for range 3 {
		c := racing.charter()
		if n := c.NoticeInForce(domain.Exam, domain.Adult); n == nil {
			t.Error("the charter lost the notice that is in force")
		}
	}
}
