package storetest

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/ledger"
	"nod/shared/store"
)

// overdue is what time has overtaken and nobody comes by to settle.
var overdue = map[string]func(*testing.T, opener){
	"the timer ends the sessions that are over":       sessionsOver,
	"the timer waits for a check sent in time":        checksAreWaitedFor,
	"the timer ends visits nobody came back from":     visitsOver,
	"the timer records consents that ended":           consentsOver,
	"the timer heeds a notice dated ahead":            noticesAhead,
	"the timer records what lapsed of each giver":     giversLapse,
	"two timers at once do everything once":           twoTimers,
	"one person's fault stops nobody else's timer":    timerFaults,
	"a timer that is ended goes on where it was":      timerEnded,
	"what is due is listed once, from place to place": dueInPlaces,
	"answers are forgotten after a day":               answersForgotten,
}

// timer is the maintenance as one instance runs it, with its log.
func (h *house) timer() (app.Maintenance, *bytes.Buffer) {
	log := &bytes.Buffer{}
	return app.Maintenance{
		Backlog: h.store, Clock: h.store.Clock, Log: slog.New(slog.NewJSONHandler(log, nil)),
		Tenant:  func(id domain.ID) app.Moments { return h.store.Tenant(id) },
		Archive: func(id domain.ID) app.Archive { return h.store.Tenant(id) },
		Charter: func(id domain.ID) app.Charters { return h.store.Tenant(id) },
	}, log
}

// tick runs the maintenance once, and again: the second run does nothing, and nothing is
// left in a queue that could not be done anyway.
func (h *house) tick(want app.Done) {
	h.t.Helper()
	for _, want := range []app.Done{want, {}} {
		w, log := h.timer()
		got, err := w.Run(h.t.Context())
		if h.must(err); got != want {
			h.t.Fatalf("done %+v, want %+v\n%s", got, want, log)
		}
	}
	for _, q := range []app.Queue{app.KeptSecrets, app.OverSessions, app.OverChecks, app.EndedTerms, app.OvertakenWords,
		app.ClosedPeople, app.Reviews, app.Emptied, app.HandOvers} {
		if list, err := h.store.Due(h.t.Context(), q, app.Due{}, 100); err != nil || len(list) > 0 {
			h.t.Errorf("in the queue %s there is still %+v, %v", q, list, err)
		}
	}
}

func (p *person) isNow(state domain.State) *domain.Moment {
	p.t.Helper()
	m := p.now()
	if m.Session.State != state {
		p.t.Errorf("%s: the session says %s, want %s", p.name, m.Session.State, state)
	}
	if over := m.Session.State.Terminal(); over && m.Session.HoldsSecret() {
		p.t.Errorf("%s: the session is over and holds %q, %q", p.name, m.Session.Secret, m.Session.SecretKey)
	}
	return m
}

const past = domain.DefaultTTL + domain.Overdue

func sessionsOver(t *testing.T, open opener) {
	h := aHouse(t, open)
	other := h.another()
	waiting, agreed, refused := h.person("工号-1"), h.consenting("工号-2"), other.person("工号-3")
	h.must(refused.decide(domain.Declined))
	ahead := &person{house: h, name: "工号-4"}
	r := aRequest()
	r.Kind, r.Reference = domain.ConsentKind, nil
	_, err := h.tenant.Update(t.Context(), ahead.opening(), nil, func(m *domain.Moment) error {
		ahead.session = store.NewID()
		return m.NewSession(r, ahead.session, hashOf("ahead"))
	})
	h.must(err)
	h.must(ahead.decide(domain.Granted))
	// A secret that an end of its session left behind goes all the same.
	left := h.person("工号-5")
	_, err = left.update(func(m *domain.Moment) error {
		h.must(m.Cancel())
		m.Session.Secret, m.Session.SecretKey = []byte("left"), []byte("behind")
		return nil
	})
	h.must(err)

	h.clock.turn(past - time.Minute)
	h.tick(app.Done{})
	for _, p := range []*person{waiting, agreed, refused} {
		if !p.now().Session.HoldsSecret() {
			t.Errorf("%s lost their secret before the time", p.name)
		}
	}
	h.clock.turn(past + time.Minute)
	h.tick(app.Done{Secrets: 4, Expired: 3})
	for _, p := range []*person{waiting, agreed, refused} {
		p.isNow(domain.Expired)
		p.chain()
	}
	ahead.isNow(domain.Consented) // it ended with the answer it was opened for
	left.isNow(domain.Cancelled)
	if c := agreed.now().Consent; c.State != domain.Granted {
		t.Errorf("the consent ended with the session: %s", c.State)
	}
}

func checksAreWaitedFor(t *testing.T, open opener) {
	h := aHouse(t, open)
	died, slow := h.consenting("工号-1"), h.consenting("工号-2")
	_, _, err := died.reserve("a")
	h.must(err)
	h.clock.turn(domain.DefaultTTL - 5*time.Second)
	_, err = slow.update(func(m *domain.Moment) error {
		c := aCheck("b")
		c.Took = domain.LongestCall
		_, _, err := m.Reserve(c)
		return err
	})
	h.must(err)
	h.tick(app.Done{Unknown: 1}) // of the one whose function died, while the session goes on
	if m := died.isNow(domain.Consented); m.Attempt("a").Result != domain.Unknown {
		t.Errorf("the attempt says %q", m.Attempt("a").Result)
	}
	h.clock.turn(domain.DefaultTTL + domain.LongestCall)
	h.tick(app.Done{})
	h.must(slow.conclude("b", passed))
	slow.isNow(domain.Passed)
	h.clock.turn(past + time.Minute)
	h.tick(app.Done{Secrets: 1, Expired: 1})
	died.isNow(domain.Expired)
	if n := count(died.chain(), domain.CheckUnknown); n != 1 {
		t.Errorf("%d Records say that nothing is known, want one", n)
	}
	slow.chain()
}

func visitsOver(t *testing.T, open opener) {
	h := aHouse(t, open)
	h.allowRoutes()
	gone, withdrew := h.onRoute("工号-1", domain.Hosted), h.onRoute("工号-2", domain.Hosted)
	one, two := gone.away(), withdrew.away()
	h.must(withdrew.withdrawByReceipt(withdrew.now().Consent.ID)) // through no session
	h.clock.turn(past + time.Minute)
	h.tick(app.Done{Secrets: 1, Expired: 1, Unknown: 1})
	if a := gone.isNow(domain.Expired).Attempt(one); a.Result != domain.Unknown || a.Away {
		t.Errorf("the visit that nobody came back from is %+v", a)
	}
	h.clock.turn(domain.AwayFor + time.Minute)
	h.tick(app.Done{Unknown: 1})
	if a := withdrew.isNow(domain.Withdrawn).Attempt(two); a.Result == "" || a.Away {
		t.Errorf("the visit that a withdrawal ended is %+v", a)
	}
	gone.chain()
	withdrew.chain()
}

// ended holds that a consent has lapsed for a cause, with one Record that says so.
func (p *person) ended(want domain.LapseCause) {
	p.t.Helper()
	c := p.now().Consent
	if c.State != domain.Lapsed && want != "" || c.State != domain.Granted && want == "" || c.Cause != want {
		p.t.Errorf("%s: the consent is %s (%s), want %q", p.name, c.State, c.Cause, want)
	}
	lapses := 0
	if want != "" {
		lapses = 1
	}
	if n := count(p.chain(), domain.ConsentLapsedType); n != lapses {
		p.t.Errorf("%s: %d Records of a lapse, want %d", p.name, n, lapses)
	}
}

func consentsOver(t *testing.T, open opener) {
	h := aHouse(t, open)
	other := h.another()
	early, late := h.consenting("工号-1"), other.consenting("工号-2")
	again := h.consenting("工号-3") // grants twice: the first one is nobody's word any more
	h.must(again.openSession(store.NewID(), aRequest()))
	h.must(again.decide(domain.Declined))
	h.must(again.decide(domain.Granted))
	h.must(again.withdraw())

	h.clock.turn(past + time.Minute)
	h.tick(app.Done{Secrets: 2, Expired: 2}) // the withdrawal ended the third's
	draft := aDraft(h.delegation)
	draft.Facts.Necessity = both("换个说法", "in other words") // not material
	h.must(h.publish(store.NewID(), draft))
	h.tick(app.Done{})
	draft.Facts.Impact = both("影响有变", "it changed")
	h.must(h.publish(store.NewID(), draft))
	h.tick(app.Done{Lapsed: 1})
	early.ended(domain.NoticeMoved)
	late.ended("")
	h.must(early.openSession(store.NewID(), aRequest()))
	h.must(early.decide(domain.Granted))
	draft.Facts.Necessity = both("又换", "again")
	h.must(h.publish(store.NewID(), draft))
	h.tick(app.Done{})
	if c := early.now().Consent; c.State != domain.Granted {
		t.Errorf("a consent to the notice in force is %s", c.State)
	}
	h.must(other.revokeDelegation(other.delegation))
	h.tick(app.Done{Lapsed: 1})
	late.ended(domain.DelegationOut)
	h.clock.turn(366 * 24 * time.Hour)
	h.tick(app.Done{Secrets: 1, Expired: 1, Lapsed: 1})
	if c := early.now().Consent; c.Cause != domain.TermOver {
		t.Errorf("after a year the consent is %s (%s)", c.State, c.Cause)
	}
	if n := count(again.chain(), domain.ConsentLapsedType); n != 0 {
		t.Errorf("%d lapses of somebody who had taken their word back", n)
	}
}

// noticesAhead dates a material notice ahead, has a harmless one overtake it, and lets the
// delegation of that end by its term.
func noticesAhead(t *testing.T, open opener) {
	h := aHouse(t, open)
	p := h.consenting("工号-1")
	terms := someTerms()
	terms.ValidUntil = h.charter().Now.Add(100 * time.Hour).Truncate(time.Second)
	short := store.NewID()
	h.must(h.recordDelegation(short, terms))
	draft := aDraft(short)
	draft.Facts.Impact = both("影响有变", "it changed")
	draft.EffectiveFrom = h.charter().Now.Add(50 * time.Hour)
	h.must(h.publish(store.NewID(), draft))
	draft.Facts.Necessity = both("换个说法", "in other words")
	draft.EffectiveFrom = h.charter().Now.Add(40 * time.Hour)
	h.must(h.publish(store.NewID(), draft))

	h.clock.turn(39 * time.Hour)
	h.tick(app.Done{Secrets: 1, Expired: 1})
	p.ended("")
	h.clock.turn(41 * time.Hour)
	h.tick(app.Done{Lapsed: 1})
	p.ended(domain.NoticeMoved)
	late := h.consenting("工号-2")
	h.clock.turn(99 * time.Hour)
	h.tick(app.Done{Secrets: 1, Expired: 1})
	h.clock.turn(101 * time.Hour)
	h.tick(app.Done{Lapsed: 1})
	late.ended(domain.DelegationOut)
}

func giversLapse(t *testing.T, open opener) {
	h := aHouse(t, open).forTheYoung()
	p, guardian := h.young("学号-1", domain.Minor)
	h.must(guardian.decide(domain.Granted))
	h.must(p.decide(domain.Granted))
	h.clock.turn(366 * 24 * time.Hour)
	w, _ := h.timer()
	done, err := w.Run(t.Context())
	if h.must(err); done != (app.Done{Secrets: 1, Expired: 1, Lapsed: 2}) {
		t.Errorf("done %+v", done)
	}
	var givers []domain.Giver
	for _, r := range p.chain() {
		if r.Type == domain.ConsentLapsedType {
			givers = append(givers, r.By)
		}
	}
	slices.Sort(givers)
	if !slices.Equal(givers, []domain.Giver{domain.ByGuardian, domain.Self}) {
		t.Errorf("the lapses are of %v", givers)
	}
}

func twoTimers(t *testing.T, open opener) {
	h := aHouse(t, open)
	instances := []*house{h, h.elsewhere()}
	n := h.rounds()
	var people []*person
	for i := range n {
		people = append(people, h.consenting(fmt.Sprintf("工号-%d", i)))
		_, _, err := people[i].reserve("a")
		h.must(err)
	}
	h.clock.turn(366 * 24 * time.Hour)
	var sum app.Done
	done := make([]app.Done, len(instances))
	for _, err := range race(
		func() (err error) { w, _ := instances[0].timer(); done[0], err = w.Run(t.Context()); return err },
		func() (err error) { w, _ := instances[1].timer(); done[1], err = w.Run(t.Context()); return err },
	) {
		h.must(err)
	}
	for _, d := range done {
		sum = app.Done{Secrets: sum.Secrets + d.Secrets, Expired: sum.Expired + d.Expired,
			Unknown: sum.Unknown + d.Unknown, Lapsed: sum.Lapsed + d.Lapsed, Faults: sum.Faults + d.Faults}
	}
	if want := (app.Done{Secrets: n, Expired: n, Unknown: n, Lapsed: n}); sum != want {
		t.Errorf("together %+v (%+v), want %+v", sum, done, want)
	}
	for _, p := range people {
		p.isNow(domain.Expired)
		p.ended(domain.TermOver)
	}
	h.tick(app.Done{})
}

// unlucky is a tenant for whose chosen sessions nothing goes right.
type unlucky struct {
	app.Moments
	harm func(session domain.ID) error
}

func (u unlucky) Update(ctx context.Context, by app.By, once *app.Once, apply func(*domain.Moment) error) ([]ledger.Entry, error) {
	return u.Moments.Update(ctx, by, once, func(m *domain.Moment) error {
		if err := u.harm(by.Session); err != nil {
			return err
		}
		return apply(m)
	})
}

func timerFaults(t *testing.T, open opener) {
	h := aHouse(t, open)
	var people []*person
	for i := range 4 {
		people = append(people, h.person(fmt.Sprintf("工号-%d", i)))
	}
	h.clock.turn(past + time.Minute)
	w, log := h.timer()
	real := w.Tenant
	w.Tenant = func(id domain.ID) app.Moments {
		return unlucky{real(id), func(session domain.ID) error {
			switch session {
			case people[0].session:
				return errFault
			case people[2].session:
				panic("of " + people[2].name)
			}
			return nil
		}}
	}
	done, err := w.Run(t.Context())
	if h.must(err); done != (app.Done{Secrets: 2, Expired: 2, Faults: 4}) { // in two queues each
		t.Errorf("done %+v\n%s", done, log)
	}
	for _, p := range people {
		if strings.Contains(log.String(), string(p.session)) || strings.Contains(log.String(), p.name) {
			t.Errorf("the log names %s: %s", p.name, log)
		}
	}
	if !strings.Contains(log.String(), errFault.Error()) || !strings.Contains(log.String(), `"faults":4`) {
		t.Errorf("the log says %s", log)
	}
	h.tick(app.Done{Secrets: 2, Expired: 2})
}

func timerEnded(t *testing.T, open opener) {
	h := aHouse(t, open)
	for i := range 5 {
		h.person(fmt.Sprintf("工号-%d", i))
	}
	h.clock.turn(past + time.Minute)
	ctx, end := context.WithCancel(t.Context())
	defer end()
	w, log := h.timer()
	real, met := w.Tenant, 0
	w.Tenant = func(id domain.ID) app.Moments {
		return unlucky{real(id), func(domain.ID) error {
			if met++; met == 3 {
				end()
			}
			return nil
		}}
	}
	done, err := w.Run(ctx)
	if h.must(err); done != (app.Done{Secrets: 2, Expired: 2, Unheeded: true}) {
		t.Errorf("done %+v\n%s", done, log)
	}
	h.tick(app.Done{Secrets: 3, Expired: 3})
}

func dueInPlaces(t *testing.T, open opener) {
	h := aHouse(t, open).forTheYoung()
	houses := []*house{h, h.another().forTheYoung()}
	want := map[app.Queue]int{}
	for i, h := range houses {
		for j := range 3 {
			p := h.consenting(fmt.Sprintf("工号-%d", j))
			_, _, err := p.reserve("a")
			h.must(err)
			_, guardian := h.young(fmt.Sprintf("学号-%d", j), domain.Child)
			h.must(guardian.decide(domain.Granted))
		}
		h.must(h.revokeDelegation(h.delegation))
		want = map[app.Queue]int{app.KeptSecrets: 6 * (i + 1), app.OverSessions: 6 * (i + 1), app.OverChecks: 3 * (i + 1),
			app.EndedTerms: 6 * (i + 1), app.OvertakenWords: 6 * (i + 1)}
	}
	h.clock.turn(366 * 24 * time.Hour)
	for q, n := range want {
		for _, limit := range []int{1, 2, 5, 100} {
			seen := map[app.Due]bool{}
			for last := (app.Due{}); ; {
				list, err := h.store.Due(t.Context(), q, last, limit)
				if h.must(err); len(list) == 0 {
					break
				}
				for _, last = range list {
					if seen[last] || len(list) > limit {
						t.Fatalf("%s, %d at a time: %+v comes twice, or there are too many", q, limit, last)
					}
					seen[last] = true
				}
			}
			if len(seen) != n {
				t.Errorf("%s, %d at a time: %d are due, want %d", q, limit, len(seen), n)
			}
		}
	}
}

func answersForgotten(t *testing.T, open opener) {
	h := aHouse(t, open)
	p := h.person("工号-1")
	for i := range 3 {
		_, err := p.cancelOnce(onceFor(fmt.Sprintf("old %d", i), "f", "answer"))
		h.must(err)
	}
	h.clock.turn(23 * time.Hour)
	_, err := p.cancelOnce(onceFor("new", "f", "answer"))
	h.must(err)
	h.tick(app.Done{})
	h.clock.turn(24*time.Hour + time.Minute)
	if n, err := h.store.ForgetAnswers(t.Context(), 2); err != nil || n != 2 {
		t.Errorf("%d were forgotten, %v; want two at a time", n, err)
	}
	h.tick(app.Done{Answers: 1})
	if ran, err := p.cancelOnce(onceFor("new", "f", "")); err != nil || ran {
		t.Errorf("an answer of today is gone: ran %v, %v", ran, err)
	}
}
