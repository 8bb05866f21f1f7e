package storetest

import (
	"database/sql"
	"testing"
	"time"

	"nod/shared/domain"
	"nod/shared/store"
)

var watching = map[string]func(*testing.T, opener){
	"outcomes are counted beside those of the time before": outcomesCounted,
	"who has to be asked again is counted":                 waitingCounted,
	"a count of those who wait looks at so many":           waitingBounded,
}

func outcomesCounted(t *testing.T, open opener) {
	h := aHouse(t, open)
	p, q := h.consenting("工号-91"), h.consenting("工号-92")
	h.must(p.check("a", failed))
	h.must(p.check("b", noFace)) // says nothing
	h.must(q.check("a", passed))
	h.clock.turn(48 * time.Hour)
	from := h.charter().Now.Add(-time.Hour)
	h.must(q.openSession(store.NewID(), aRequest()))
	h.must(q.check("c", passed))
	outcomes := func(from, to time.Time) []domain.OutcomesOf {
		list, err := h.tenant.Outcomes(t.Context(), from, to)
		h.must(err)
		return list
	}
	want := []domain.OutcomesOf{{Purpose: domain.Exam, Route: domain.Photo, Now: domain.Outcomes{Passed: 1}, Before: domain.Outcomes{Passed: 1, Failed: 1}}}
	same(t, "outcomes", outcomes(from, from.Add(72*time.Hour)), want)
	// [from,to): what happened at an instant is in the time that begins with it.
	last := h.log("")[len(h.log(""))-1].At
	same(t, "at the last Record", outcomes(last, last.Add(time.Millisecond)), []domain.OutcomesOf{{Purpose: domain.Exam, Route: domain.Photo, Now: domain.Outcomes{Passed: 1}}})
	if list := outcomes(last.Add(-time.Millisecond), last); len(list) != 0 {
		t.Errorf("just before it there is %v", list)
	}
	h.must(h.store.Admin(func(db *sql.DB) error { // as code from before the columns wrote them
		_, err := db.ExecContext(t.Context(), "UPDATE records SET route = '', purpose = '' WHERE type = 'check.failed'")
		return err
	}))
	same(t, "from the line", outcomes(from, from.Add(72*time.Hour)), want)
	if list, err := h.another().tenant.Outcomes(t.Context(), from.Add(-72*time.Hour), from.Add(72*time.Hour)); err != nil || len(list) != 0 {
		t.Errorf("another enterprise has %v (%v)", list, err)
	}
}

// waiting is how many wait, by cause, on exams.
func (h *house) waiting(most int) (by map[domain.LapseCause]int, more bool) {
	h.t.Helper()
	list, err := h.tenant.Waiting(h.t.Context(), most)
	h.must(err)
	by = map[domain.LapseCause]int{}
	for _, w := range list {
		if w.People > 0 && (w.Purpose != domain.Exam || w.Audience != domain.Adult) {
			h.t.Errorf("of another kind there is %+v", w)
		}
		if w.People > 0 {
			by[w.Cause] += w.People
		}
		more = more || w.More
	}
	return by, more
}

// changed publishes the notice with a fact that matters changed.
func (h *house) changed(days int) {
	h.t.Helper()
	d := aDraft(h.delegation)
	d.Facts.RetentionDays += days
	h.must(h.publish(store.NewID(), d))
}

func waitingCounted(t *testing.T, open opener) {
	h := aHouse(t, open)
	p, q, r := h.consenting("工号-93"), h.consenting("工号-94"), h.consenting("工号-95")
	h.must(h.person("工号-96").decide(domain.Declined))
	if by, more := h.waiting(100); len(by) != 0 || more {
		t.Errorf("at first %v wait, more: %v", by, more)
	}
	h.clock.turn(time.Hour)
	other := h.another()
	h.changed(1)
	three := map[domain.LapseCause]int{domain.NoticeMoved: 3}
	by, _ := h.waiting(100)
	same(t, "before the timer has come", by, three)
	back := func(p *person) { h.must(p.openSession(store.NewID(), aRequest())) } // which settles what ended
	back(p)
	if c := p.now().Consent; c.State != domain.Lapsed {
		t.Fatalf("the consent is %+v", c)
	}
	by, _ = h.waiting(100)
	same(t, "while it does", by, three)
	back(q)
	back(r)
	by, _ = h.waiting(100)
	same(t, "when it has", by, three)
	h.must(p.decide(domain.Granted)) // again
	h.must(q.decide(domain.Declined))
	by, _ = h.waiting(100)
	same(t, "when two have decided", by, map[domain.LapseCause]int{domain.NoticeMoved: 1})
	if by, _ := other.waiting(100); len(by) != 0 {
		t.Errorf("of another enterprise %v wait", by)
	}
	h.must(h.revokeDelegation(h.delegation))
	by, _ = h.waiting(100)
	same(t, "after the delegation", by, map[domain.LapseCause]int{domain.NoticeMoved: 1, domain.DelegationOut: 1})
}

func waitingBounded(t *testing.T, open opener) {
	h := aHouse(t, open)
	for _, name := range []string{"工号-97", "工号-98", "工号-99"} {
		h.consenting(name)
	}
	h.clock.turn(time.Hour)
	h.changed(1)
	if by, more := h.waiting(2); by[domain.NoticeMoved] != 2 || !more {
		t.Errorf("%v, more: %v", by, more)
	}
	if by, more := h.waiting(4); by[domain.NoticeMoved] != 3 || more {
		t.Errorf("%v, more: %v", by, more)
	}
}
