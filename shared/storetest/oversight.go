package storetest

import (
	"database/sql"
	"slices"
	"testing"
	"time"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/store"
)

var oversight = map[string]func(*testing.T, opener){
	"what happened is counted by purpose and day":       countedByDay,
	"hours are counted where the range is short":        countedByHour,
	"Records without the column are counted alike":      countedWithoutColumn,
	"requests are overdue when nobody answered by then": countedOverdue,
	"whose data was there is told between two instants": scoped,
	"people are listed in parts, and that on record":    scopedInParts,
	"accesses are listed with their keys":               accessesListed,
	"an id that is shown is in the person's chain":      identifiedInChain,
	"an agreement's file is read as it was handed in":   agreementRoundTrip,
	"nobody sees another enterprise's numbers":          oversightApart,
}

// allDay is a range that holds everything that a test does now.
func (h *house) allDay() (from, to time.Time) {
	now := h.charter().Now
	return now.Add(-72 * time.Hour), now.Add(72 * time.Hour)
}

func (h *house) counted(from, to time.Time) domain.Counts {
	h.t.Helper()
	c, err := h.tenant.Counted(h.t.Context(), from, to)
	h.must(err)
	return c
}

// tally adds up what was counted for exams, by the beginnings of its stretches.
func tally(c domain.Counts, p domain.Purpose) (all domain.Tally, by map[time.Time]domain.Tally) {
	by = map[time.Time]domain.Tally{}
	for _, x := range c.List {
		if x.Purpose == p {
			one := by[x.Start]
			one.Add(x)
			by[x.Start] = one
			all.Add(x)
		}
	}
	all.PeopleChecked = c.Checked[p]
	return all, by
}

// busy is two people on one day, and one of them again two days later.
func busy(t *testing.T, open opener) (h *house, want domain.Tally) {
	h = aHouse(t, open)
	p, q := h.consenting("工号-61"), h.consenting("工号-62")
	h.must(p.check("a", failed))
	h.must(p.check("b", noFace))
	h.must(q.check("a", passed))
	h.must(p.withdraw())
	h.must(h.person("工号-63").decide(domain.Declined))
	h.clock.turn(48 * time.Hour)
	h.must(q.openSession(store.NewID(), aRequest()))
	h.must(q.check("c", passed))
	want.Consents = domain.ConsentTally{Granted: 2, Refused: 1, Withdrawn: 1}
	want.Checks = domain.CheckTally{Started: 4, Passed: 2, Failed: 1, NotPerformed: 1}
	want.PeopleChecked = 2
	return h, want
}

func countedByDay(t *testing.T, open opener) {
	h, want := busy(t, open)
	from, to := h.allDay()
	c := h.counted(from, to)
	got, by := tally(c, domain.Exam)
	if same(t, "in all", got, want); c.Checked[""] != 2 || len(by) != 2 || c.Calendar.Unit != domain.Day {
		t.Errorf("it is %+v", c)
	}
	for start, one := range by {
		local := start.In(c.Calendar.Zone)
		if local.Hour() != 0 || local.Minute() != 0 || c.Calendar.Zone.String() != "Asia/Shanghai" {
			t.Errorf("a day begins at %v", local)
		}
		if one.Consents.Granted == 0 && (one.Checks.Started != 1 || one.PeopleChecked != 1) {
			t.Errorf("the second day has %+v", one)
		}
	}
	// [from,to): what happened at an instant is in the range that begins with it.
	last := h.log("")[len(h.log(""))-1].At
	if got, _ := tally(h.counted(from, last), domain.Exam); got.Checks.Passed != 1 {
		t.Errorf("before the last Record there are %+v", got)
	}
	if got, _ := tally(h.counted(last, last.Add(time.Millisecond)), domain.Exam); got.Checks.Passed != 1 || got.Consents.Granted != 0 {
		t.Errorf("at the last Record there are %+v", got)
	}
}

func countedByHour(t *testing.T, open opener) {
	h, want := busy(t, open)
	now := h.charter().Now
	c := h.counted(now.Add(-24*time.Hour), now.Add(24*time.Hour))
	got, by := tally(c, domain.Exam)
	want.Consents, want.Checks, want.PeopleChecked = domain.ConsentTally{}, domain.CheckTally{Started: 1, Passed: 1}, 1
	if same(t, "in all", got, want); c.Calendar.Unit != domain.Hour || len(by) < 1 {
		t.Errorf("it is %+v", c)
	}
	for start := range by {
		if !start.Equal(start.Truncate(time.Hour)) || now.Sub(start) > 2*time.Hour {
			t.Errorf("an hour begins at %v", start)
		}
	}
}

// Code from before the column left the purpose to the line alone.
func countedWithoutColumn(t *testing.T, open opener) {
	h, want := busy(t, open)
	from, to := h.allDay()
	h.must(h.store.Admin(func(db *sql.DB) error {
		_, err := db.ExecContext(t.Context(), "UPDATE records SET purpose = '' WHERE type IN ('consent.granted', 'check.failed', 'check.passed')")
		return err
	}))
	got, _ := tally(h.counted(from, to), domain.Exam)
	same(t, "some", got, want)
	h.must(h.store.Admin(func(db *sql.DB) error {
		_, err := db.ExecContext(t.Context(), "UPDATE records SET purpose = ''")
		return err
	}))
	c := h.counted(from, to)
	if got, _ := tally(c, domain.Exam); c.Checked[""] != 2 {
		t.Errorf("%d people", c.Checked[""])
	} else {
		same(t, "all", got, want)
	}
}

func countedOverdue(t *testing.T, open opener) {
	h := aHouse(t, open)
	p := h.person("工号-64")
	inTime, late, never := p.ask(aRequestOf(domain.AskCopy)), p.ask(aRequestOf(domain.AskDelete)), p.ask(aRequestOf(domain.AskExplain))
	done := domain.Resolution{Outcome: domain.RequestDone}
	h.must(h.answer(inTime.ID, done))
	from, to := inTime.OpenedAt.Add(-time.Hour), never.DueAt.Add(24*time.Hour)
	if c := h.counted(from, to); len(c.BecameOverdue) != 0 {
		t.Errorf("before their time %v are overdue", c.BecameOverdue)
	}
	h.clock.turn(domain.AnswerWithin + time.Hour)
	h.must(h.answer(late.ID, done))
	c := h.counted(from, to)
	if len(c.BecameOverdue) != 2 || !c.BecameOverdue[0].Equal(late.DueAt) || !c.BecameOverdue[1].Equal(never.DueAt) {
		t.Errorf("overdue are %v", c.BecameOverdue)
	}
	var all domain.RequestTally
	for _, x := range c.List {
		all.Add(x)
	}
	if all.Opened != 3 || all.Resolved != 2 {
		t.Errorf("there are %+v", all)
	}
	if c := h.counted(from, from.Add(24*time.Hour)); len(c.BecameOverdue) != 0 {
		t.Errorf("on the first day %v are overdue", c.BecameOverdue)
	}
}

func (h *house) scope(f app.ScopeFilter) domain.Scope {
	h.t.Helper()
	if f.Limit == 0 {
		f.Limit = 100
	}
	s, err := h.tenant.Scope(h.t.Context(), f, func(c *domain.Charter, s domain.Scope) {
		people := make([]string, 0, len(s.People))
		for _, p := range s.People {
			people = append(people, p.Subject)
		}
		c.ReadScope(f.From, f.To, f.Listed, people, actor)
	})
	h.must(err)
	return s
}

func scoped(t *testing.T, open opener) {
	h := aHouse(t, open)
	first := h.consenting("工号-65") // has agreed, and a session that holds a reference
	began := h.charter().Now.Add(time.Millisecond)
	h.clock.turn(3 * time.Hour)
	second := h.consenting("工号-66")
	h.must(second.check("a", failed))
	second.ask(aRequestOf(domain.Complaint))
	from, to := h.charter().Now.Add(-time.Hour), h.charter().Now.Add(time.Hour)

	before := len(h.log(""))
	s := h.scope(app.ScopeFilter{From: from, To: to})
	if len(h.log("")) != before {
		t.Error("numbers alone are on record")
	}
	if s.Active != 1 || s.Held != 2 || len(s.People) != 0 || len(s.Notices) != 1 || s.Enterprise.ID != h.id {
		t.Errorf("it is %+v", s)
	}
	same(t, "in use", s.InUse, []domain.InUse{{Purpose: domain.Exam, Route: domain.Photo, Sessions: 1, People: 1}})
	same(t, "at rest", s.AtRest, domain.AtRest{Subjects: 2, Consents: 2, Records: before, Sessions: 2, References: 1, ReferencesLeft: 1, Requests: 1})

	// The first one's session was alive from the other's point of view, before anything of it was recorded.
	s = h.scope(app.ScopeFilter{From: began.Add(time.Minute), To: began.Add(2 * time.Minute), Listed: domain.ActivePeople})
	pseudonym := first.now().Subject.Pseudonym
	if s.Active != 1 || len(s.People) != 1 || s.People[0].Subject != pseudonym || len(s.People[0].InUse) != 1 || s.Held != 1 {
		t.Errorf("it is %+v", s)
	}
	held := h.scope(app.ScopeFilter{From: from, To: to, Listed: domain.HeldPeople})
	if len(held.People) != 2 {
		t.Errorf("held are %+v", held.People)
	}
	if s := h.scope(app.ScopeFilter{From: from.Add(-100 * time.Hour), To: from.Add(-99 * time.Hour), Listed: domain.HeldPeople}); s.Held+s.Active+len(s.People)+len(s.Notices) != 0 {
		t.Errorf("long before there was %+v", s)
	}
}

func scopedInParts(t *testing.T, open opener) {
	h := aHouse(t, open)
	var want []string
	for _, name := range []string{"工号-71", "工号-72", "工号-73"} {
		want = append(want, h.person(name).now().Subject.Pseudonym)
	}
	slices.Sort(want)
	from, to := h.allDay()
	var got []string
	for {
		f := app.ScopeFilter{From: from, To: to, Listed: domain.ActivePeople, Limit: 2}
		if len(got) > 0 {
			f.After = got[len(got)-1]
		}
		part := h.scope(f).People
		for _, p := range part {
			got = append(got, p.Subject)
		}
		if len(part) < 2 {
			break
		}
	}
	same(t, "people", got, want)
	if n := count(h.log(""), domain.ScopeRead); n != 2 {
		t.Errorf("%d lists are on record, want 2", n)
	}
}

// accesses reads the list from an instant on, and puts that on record.
func (h *house) accesses(f app.AccessFilter) (lines []string, keys []domain.Key) {
	h.t.Helper()
	lines, keys, err := h.tenant.Accesses(h.t.Context(), f, func(c *domain.Charter) { c.ReadAccesses(f.From, f.To, actor) })
	h.must(err)
	return lines, keys
}

func accessesListed(t *testing.T, open opener) {
	h := aHouse(t, open)
	mine, err := h.addKey("李明", "secret")
	h.must(err)
	theirs := domain.Key{ID: store.NewID(), Role: domain.Operator, Holder: "值班工程师"}
	h.must(h.store.AddOperator(t.Context(), theirs, hashOf("op"), nil, func(k domain.Key) { theirs = k }))
	from, to := h.allDay()
	f := app.AccessFilter{From: from, To: to, Limit: 100}
	lines, keys := h.accesses(f)
	if same(t, "keys", keys, []domain.Key{mine, theirs}); len(lines) != 0 {
		t.Errorf("before anybody read anything there is %v", lines)
	}
	asked := h.person("工号-67").ask(aRequestOf(domain.AskReview))
	_, err = h.tenant.Update(t.Context(), app.By{Request: asked.ID}, nil, func(m *domain.Moment) error { m.ReadRequest(actor); return nil })
	h.must(err)
	h.scope(app.ScopeFilter{From: from, To: to, Listed: domain.ActivePeople})
	var types []domain.RecordType
	var seen []logged
	for _, r := range h.log("") {
		if r.Type == domain.AccessesRead || r.Type == domain.RequestRead || r.Type == domain.ScopeRead {
			types, seen = append(types, r.Type), append(seen, r)
		}
	}
	same(t, "accesses", types, []domain.RecordType{domain.AccessesRead, domain.RequestRead, domain.ScopeRead})
	for i := range seen { // one by one
		f.Limit = 1
		lines, _ := h.accesses(f)
		if len(lines) != 1 || lines[0] != seen[i].line {
			t.Errorf("at %d the list has %v, want %s", i, lines, seen[i].line)
		}
		f.After = seen[i].ID
	}
	if lines, _ := h.accesses(app.AccessFilter{From: to, To: to.Add(time.Hour), Limit: 100}); len(lines) != 0 {
		t.Errorf("in another range there is %v", lines)
	}
}

func identifiedInChain(t *testing.T, open opener) {
	h := aHouse(t, open)
	p := h.consenting("工号-68")
	sub := p.now().Subject
	_, err := h.tenant.Update(t.Context(), app.By{Subject: sub.Pseudonym}, nil, func(m *domain.Moment) error {
		same(t, "subject", m.Subject, sub)
		m.ReadSubject(domain.TellPeople, actor)
		return nil
	})
	h.must(err)
	h.must(p.check("a", passed))
	chain := p.chain()
	if i := position(chain, domain.SubjectRead); i < 0 || i != len(chain)-3 {
		t.Errorf("it is at %d of %v", i, chain)
	}
	for _, pseudonym := range []string{"nobody", string(store.NewID())} {
		_, err := h.tenant.Update(t.Context(), app.By{Subject: pseudonym}, nil, func(*domain.Moment) error { return nil })
		h.refused(err, domain.NoSuchThing)
	}
	_, err = h.another().tenant.Update(t.Context(), app.By{Subject: sub.Pseudonym}, nil, func(*domain.Moment) error { return nil })
	h.refused(err, domain.NoSuchThing)
}

func agreementRoundTrip(t *testing.T, open opener) {
	h := aHouse(t, open)
	file := []byte("\x00an agreement\xff")
	id := store.NewID()
	h.must(h.instruct(func(c *domain.Charter) error {
		_, err := c.RecordDelegation(id, someTerms(), file, h.delegationHash, actor)
		return err
	}))
	d, got, err := h.tenant.Agreement(t.Context(), id)
	h.must(err)
	same(t, "delegation", d, *h.charter().Delegation(id))
	same(t, "file", got, file)
	if _, got, err := h.tenant.Agreement(t.Context(), h.delegation); err != nil || len(got) != 0 {
		t.Errorf("without a file it is %v, %v", got, err)
	}
	for _, tenant := range []*store.Tenant{h.another().tenant, h.store.Tenant(store.NewID())} {
		_, _, err = tenant.Agreement(t.Context(), id)
		h.refused(err, domain.NoSuchThing)
	}
}

func oversightApart(t *testing.T, open opener) {
	h, _ := busy(t, open)
	from, to := h.allDay()
	h.scope(app.ScopeFilter{From: from, To: to, Listed: domain.HeldPeople})
	other := h.another()
	if c := other.counted(from, to); len(c.List)+len(c.BecameOverdue)+c.Checked[""] != 0 {
		t.Errorf("another enterprise counts %+v", c)
	}
	if lines, keys := other.accesses(app.AccessFilter{From: from, To: to, Limit: 100}); len(lines)+len(keys) != 0 {
		t.Errorf("another enterprise lists %v and %v", lines, keys)
	}
	s := other.scope(app.ScopeFilter{From: from, To: to, Listed: domain.HeldPeople})
	s.AtRest.Records = 0 // its own
	if s.Active+s.Held+len(s.People)+len(s.InUse) != 0 || s.AtRest != (domain.AtRest{}) {
		t.Errorf("another enterprise has %+v", s)
	}
	missing := h.store.Tenant(store.NewID())
	_, err := missing.Counted(t.Context(), from, to)
	h.refused(err, domain.NoSuchThing)
	_, err = missing.Scope(t.Context(), app.ScopeFilter{From: from, To: to, Limit: 1}, nil)
	h.refused(err, domain.NoSuchThing)
	_, _, err = missing.Accesses(t.Context(), app.AccessFilter{From: from, To: to, Limit: 1}, func(*domain.Charter) {})
	h.refused(err, domain.NoSuchThing)
}
