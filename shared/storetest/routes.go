package storetest

import (
	"database/sql"
	"testing"
	"time"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/store"
)

// The routes beyond a photo: what they keep between two calls, and what is counted.
var routes = map[string]func(*testing.T, opener){
	"a visit to the vendor's page is kept until somebody comes back": aVisit,
	"two who come back at once fetch one result":                     twoReturns,
	"two who leave at once begin one visit":                          twoDepartures,
	"how often the authority was asked about a person":               askedAbout,
	"a withdrawal for another purpose leaves a visit alone":          anotherPurpose,
	"a no holds whatever age the platform states":                    noElsewhere,
	"code from before guardians finds no notice for the young":       oldCodeFindsNothing,
}

// onRoute is somebody who has agreed to be checked on a route.
func (h *house) onRoute(name string, route domain.Route) *person {
	h.t.Helper()
	p := &person{house: h, name: name}
	r := aRequest()
	r.Route = route
	if route != domain.Photo {
		r.Reference = &domain.Reference{Identity: &domain.Identity{Name: domain.Private("王小云"), IDNumber: domain.Private("119999199001010039")}}
	}
	h.must(p.openSession(store.NewID(), r))
	if p.now().Session.State == domain.Open {
		h.must(p.decide(domain.Granted))
	}
	return p
}

// allowRoutes has the enterprise delegate and tell of more routes than that by photo.
func (h *house) allowRoutes() {
	h.t.Helper()
	all := []domain.Route{domain.Photo, domain.Authority, domain.Hosted, domain.TwoFactor}
	var vendors []domain.Subprocessor
	for _, r := range all {
		vendors = append(vendors, domain.Subprocessor{Name: theVendor[0].Name, Contact: theVendor[0].Contact, Route: r})
	}
	terms := someTerms()
	terms.Routes, terms.Subprocessors, terms.DataKinds = all, vendors, domain.DataKinds
	id := store.NewID()
	h.must(h.recordDelegation(id, terms))
	draft := aDraft(id)
	draft.Facts.Routes, draft.Facts.Recipients, draft.Facts.DataKinds = all, vendors, domain.DataKinds
	h.must(h.publish(store.NewID(), draft))
}

func (p *person) leave() (permit *domain.Permit, again bool, err error) {
	_, err = p.update(func(m *domain.Moment) (err error) {
		permit, again, err = m.Leave(domain.Check{Took: time.Minute, Since: time.Now()})
		return err
	})
	return permit, again, err
}

func (p *person) comeBack() (permit *domain.Permit, earlier *domain.Attempt, err error) {
	_, err = p.update(func(m *domain.Moment) (err error) {
		permit, earlier, err = m.Return(domain.Check{Took: time.Minute, Since: time.Now()})
		return err
	})
	return permit, earlier, err
}

// away sends the person to the vendor's page.
func (p *person) away() (attempt string) {
	p.t.Helper()
	permit, _, err := p.leave()
	p.must(err)
	_, err = p.update(func(m *domain.Moment) error { return m.Left(permit.Attempt(), []byte("\x00visit\xff")) })
	p.must(err)
	return permit.Attempt()
}

func aVisit(t *testing.T, open opener) {
	h := aHouse(t, open)
	h.allowRoutes()
	p := h.onRoute("工号-1", domain.Hosted)
	attempt := p.away()
	m := p.elsewhere(h.elsewhere()).now()
	if a := m.Attempt(attempt); !m.Away() || m.Running() || a == nil || !a.DeadlineAt.After(m.Now.Add(time.Hour)) || string(m.Session.Secret) != "\x00visit\xff" {
		t.Fatalf("another instance reads %+v, secret %q", a, m.Session.Secret)
	}
	if _, again, err := p.leave(); err != nil || !again {
		t.Fatalf("on the way again: %v, %v", again, err)
	}
	permit, _, err := p.comeBack()
	h.must(err)
	if m := p.now(); m.Away() || !m.Running() {
		t.Fatal("the fetching is not written down")
	}
	h.must(p.conclude(attempt, domain.Outcome{Result: domain.NotPerformed, Reason: domain.HostedUnfinished, Again: true, Asked: permit.Asked()}))
	if m := p.now(); !m.Away() || m.Running() {
		t.Fatal("the visit is not under way again")
	}
	h.clock.turn(domain.LookAgain)
	if _, _, err := p.comeBack(); err != nil {
		t.Fatal(err)
	}
	h.must(p.conclude(attempt, passed))
	if m := p.now(); m.Session.State != domain.Passed || len(m.Session.Secret) > 0 || m.Away() {
		t.Fatalf("%s", m.Session.State)
	}
	p.chain()
}

func twoReturns(t *testing.T, open opener) {
	first := aHouse(t, open)
	first.allowRoutes()
	other := first.elsewhere()
	for i := range first.rounds() {
		p := first.onRoute("工号-"+string(rune('a'+i)), domain.Hosted)
		p.away()
		fetch := func(p *person) func() error {
			return func() error { _, _, err := p.comeBack(); return err }
		}
		if errs := race(fetch(p), fetch(p.elsewhere(other))); first.won(errs, domain.CheckInProgress) != 1 {
			t.Fatalf("%v", errs)
		}
		p.chain()
	}
}

func twoDepartures(t *testing.T, open opener) {
	first := aHouse(t, open)
	first.allowRoutes()
	other := first.elsewhere()
	for i := range first.rounds() {
		p := first.onRoute("工号-"+string(rune('a'+i)), domain.Hosted)
		leave := func(p *person) func() error {
			return func() error { _, _, err := p.leave(); return err }
		}
		if errs := race(leave(p), leave(p.elsewhere(other))); first.won(errs, domain.CheckInProgress) != 1 || len(p.now().Attempts) != 1 {
			t.Fatalf("%v, %d attempts", errs, len(p.now().Attempts))
		}
		p.chain()
	}
}

func askedAbout(t *testing.T, open opener) {
	h := aHouse(t, open)
	h.allowRoutes()
	asked := func(p *person) int {
		t.Helper()
		return len(h.moment(app.By{Session: p.session, Check: true}).Asked)
	}
	check := func(p *person, attempt string) {
		t.Helper()
		h.must(p.check(attempt, domain.Inconclusive(domain.CannotAnswer)))
	}
	one := h.onRoute("工号-1", domain.TwoFactor)
	check(one, "a")
	check(one, "b")
	again := h.onRoute("工号-1", domain.TwoFactor) // another session of the same person
	check(again, "a")
	authority, someoneElse, photo := h.onRoute("工号-1", domain.Authority), h.onRoute("工号-2", domain.TwoFactor), h.onRoute("工号-1", domain.Photo)
	check(authority, "a")
	check(photo, "a")
	for p, want := range map[*person]int{one: 3, again: 3, authority: 1, someoneElse: 0, photo: 0} {
		if got := asked(p); got != want {
			t.Errorf("%s on %s: asked %d times, want %d", p.name, p.now().Session.Route, got, want)
		}
	}
	if m := one.now(); m.Asked != nil {
		t.Error("it is read where no check is about to start")
	}
	h.clock.turn(domain.LimitsLookBack + time.Minute)
	if got := asked(one); got != 0 {
		t.Errorf("a day later: %d", got)
	}
}

func anotherPurpose(t *testing.T, open opener) {
	h := aHouse(t, open)
	h.allowRoutes()
	p := h.onRoute("工号-1", domain.Hosted)
	p.away()
	_, err := p.tenant.Update(t.Context(), app.By{Session: p.session, Purpose: domain.Training}, nil, func(m *domain.Moment) error {
		if !m.Other {
			t.Error("the Moment does not know that its decisions are on another purpose")
		}
		return m.Withdraw("session")
	})
	h.refused(err, domain.NothingToEnd)
	if !p.now().Away() {
		t.Error("the visit is over")
	}
}

// oldCodeFindsNothing: a function of the release before reads the notice by the column
// audience, and takes the word of whoever has the token.
func oldCodeFindsNothing(t *testing.T, open opener) {
	h := aHouse(t, open).forTheYoung()
	for group, want := range map[domain.AgeGroup]int{domain.GrownUp: 1, domain.Minor: 0, domain.Child: 0} {
		p := &person{house: h, name: "工号-" + string(group), group: group}
		h.must(p.openSession(store.NewID(), aRequest()))
		found := 0
		h.must(h.store.Admin(func(db *sql.DB) error {
			// Nothing here comes from outside the test.
			return db.QueryRowContext(t.Context(), "SELECT count(*) FROM notices n, sessions s WHERE s.id = '"+string(p.session)+
				"' AND n.enterprise = s.enterprise AND n.purpose = s.purpose AND n.audience = s.audience").Scan(&found)
		}))
		if found != want {
			t.Errorf("%s: %d notices", group, found)
		}
	}
}

// noElsewhere: whoever said no as an adult is not asked anew because the platform states
// another age (duty D04).
func noElsewhere(t *testing.T, open opener) {
	h := aHouse(t, open).forTheYoung()
	state := func(name string, group domain.AgeGroup) domain.State {
		t.Helper()
		p := &person{house: h, name: name, group: group}
		h.must(p.openSession(store.NewID(), aRequest()))
		return p.now().Session.State
	}
	h.must(h.person("工号-1").decide(domain.Declined))
	_, guardian := h.young("工号-2", domain.Minor)
	h.must(guardian.decide(domain.Declined))
	if got := state("工号-1", domain.Minor); got != domain.Refused {
		t.Errorf("an adult who refused is, as a minor, %s", got)
	}
	if got := state("工号-2", domain.GrownUp); got != domain.Refused {
		t.Errorf("a minor whose guardian refused is, as an adult, %s", got)
	}
	h.clock.turn(domain.AskAgain + time.Minute)
	if got := state("工号-1", domain.Child); got != domain.Open {
		t.Errorf("two days later: %s", got)
	}
	again := h.person("工号-1")
	h.must(again.decide(domain.Declined))
	h.must(again.decide(domain.Granted)) // a no that was taken back is none
	if got := state("工号-1", domain.Minor); got != domain.Open {
		t.Errorf("after a change of mind: %s", got)
	}
}
