package storetest

import (
	"errors"
	"fmt"
	"testing"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/store"
)

// What two instances do about one person at once has an order.
var personRaces = map[string]func(*testing.T, opener){
	"withdrawal against check":                  withdrawalAgainstCheck,
	"withdrawal by receipt against check":       receiptAgainstCheck,
	"withdrawal against a session being opened": withdrawalAgainstOpening,
	"two decisions at once":                     twoDecisions,
	"two different decisions at once":           twoDifferentDecisions,
	"two checks at once":                        twoChecks,
	"the same attempt twice at once":            sameAttempt,
	"an outcome written twice":                  twoOutcomes,
	"two openers of one code":                   twoOpeners,
	"two sessions at once for somebody new":     twoFirstSessions,
	"cancelling against check":                  cancelAgainstCheck,
	"a storm of everything about one person":    storm,
}

// eachRound plays a race between two instances, many times, each with somebody new.
func eachRound(t *testing.T, open opener, play func(h, other *house, name string)) {
	h := aHouse(t, open)
	other := h.elsewhere()
	for i := range h.rounds() {
		if i%2 == 1 {
			h, other = other, h
		}
		play(h, other, fmt.Sprintf("工号-%d", i))
	}
}

func withdrawalAgainstCheck(t *testing.T, open opener) {
	againstCheck(t, open, func(p *person) func() error { return p.withdraw })
}

func receiptAgainstCheck(t *testing.T, open opener) {
	againstCheck(t, open, func(p *person) func() error {
		consent := p.now().Consent.ID
		return func() error { return p.withdrawByReceipt(consent) }
	})
}

func againstCheck(t *testing.T, open opener, withdrawal func(*person) func() error) {
	started, lost := 0, 0
	eachRound(t, open, func(h, other *house, name string) {
		p := h.consenting(name)
		var permit *domain.Permit
		errs := race(
			withdrawal(p),
			func() (err error) { permit, _, err = p.elsewhere(other).reserve("a"); return err },
		)
		h.must(errs[0])
		chain := p.chain() // audits that no check starts after the withdrawal
		if count(chain, domain.ConsentWithdrawnType) != 1 {
			t.Fatal("the withdrawal is lost")
		}
		switch {
		case errs[1] == nil && permit != nil:
			started++
			if count(chain, domain.CheckStarted) != 1 {
				t.Fatal("a permit without check.started")
			}
		case errors.Is(errs[1], domain.Refuse(domain.ConsentWithdrawn)):
			lost++
			if permit != nil || count(chain, domain.CheckStarted) != 0 {
				t.Fatal("refused, and started all the same")
			}
		default:
			t.Fatalf("the check came to %v", errs[1])
		}
		if s := p.now().Session.State; s != domain.Withdrawn {
			t.Fatalf("the session is %s", s)
		}
		_, _, err := p.reserve("b")
		h.refused(err, domain.ConsentWithdrawn)
	})
	t.Logf("the check was first %d times, the withdrawal %d times", started, lost)
}

func withdrawalAgainstOpening(t *testing.T, open opener) {
	eachRound(t, open, func(h, other *house, name string) {
		p := h.consenting(name)
		consent := p.now().Consent.ID
		later := &person{house: other, name: name}
		for _, err := range race(
			func() error { return p.withdrawByReceipt(consent) },
			func() error { return later.openSession(store.NewID(), aRequest()) },
		) {
			h.must(err)
		}
		s := later.now().Session // as it stands, before anybody settles it
		if s.State != domain.Withdrawn && s.State != domain.Refused {
			t.Fatalf("the session that was opened meanwhile is %s", s.State)
		}
		p.chain()
	})
}

func twoDecisions(t *testing.T, open opener) {
	eachRound(t, open, func(h, other *house, name string) {
		p := h.person(name)
		errs := race(
			func() error { return p.decide(domain.Granted) },
			func() error { return p.elsewhere(other).decide(domain.Granted) },
		)
		if h.won(errs, domain.AlreadyDecided) != 1 || count(p.chain(), domain.ConsentGrantedType) != 1 {
			t.Fatalf("two grants at once: %v", errs)
		}
	})
}

func twoDifferentDecisions(t *testing.T, open opener) {
	eachRound(t, open, func(h, other *house, name string) {
		p := h.person(name)
		for _, err := range race(
			func() error { return p.decide(domain.Granted) },
			func() error { return p.elsewhere(other).decide(domain.Declined) },
		) {
			h.must(err)
		}
		chain, m := p.chain(), p.now()
		last := chain[len(chain)-1]
		want := map[domain.RecordType]domain.State{domain.ConsentGrantedType: domain.Consented, domain.ConsentRefusedType: domain.Refused}
		if m.Consent.ID != last.ID || m.Session.State != want[last.Type] {
			t.Fatalf("the last word was %s; the current decision is %s in a session that is %s", last.Type, m.Consent.State, m.Session.State)
		}
	})
}

func twoChecks(t *testing.T, open opener) {
	eachRound(t, open, func(h, other *house, name string) {
		p := h.consenting(name)
		permits := make(chan *domain.Permit, 2)
		reserve := func(p *person, attempt string) func() error {
			return func() error {
				permit, _, err := p.reserve(attempt)
				if permit != nil {
					permits <- permit
				}
				return err
			}
		}
		errs := race(reserve(p, "a"), reserve(p.elsewhere(other), "b"))
		if h.won(errs, domain.CheckInProgress) != 1 || len(permits) != 1 || p.now().Session.Uploads != 1 {
			t.Fatalf("two checks at once: %v, %d permits, %d uploads", errs, len(permits), p.now().Session.Uploads)
		}
		p.chain()
	})
}

func sameAttempt(t *testing.T, open opener) {
	eachRound(t, open, func(h, other *house, name string) {
		p := h.consenting(name)
		permits := make(chan *domain.Permit, 2)
		check := func(p *person) func() error {
			return func() error {
				permit, earlier, err := p.reserve("a")
				switch {
				case err != nil:
					return err
				case permit != nil:
					permits <- permit
					return p.conclude("a", passed)
				case earlier.Result != domain.Pass:
					return fmt.Errorf("the repeat was answered %q", earlier.Result)
				}
				return nil
			}
		}
		errs := race(check(p), check(p.elsewhere(other)))
		h.won(errs, domain.CheckInProgress)
		if len(permits) != 1 || count(p.chain(), domain.CheckPassed) != 1 {
			t.Fatalf("the same attempt twice: %v, %d permits", errs, len(permits))
		}
	})
}

func twoOutcomes(t *testing.T, open opener) {
	eachRound(t, open, func(h, other *house, name string) {
		p := h.consenting(name)
		_, _, err := p.reserve("a")
		h.must(err)
		errs := race(
			func() error { return p.conclude("a", failed) },
			func() error { return p.elsewhere(other).conclude("a", passed) },
		)
		chain, m := p.chain(), p.now()
		outcomes := count(chain, domain.CheckPassed) + count(chain, domain.CheckFailed)
		if errs[0] != nil || errs[1] != nil || outcomes != 1 { // the second finds the first one's written down
			t.Fatalf("two outcomes: %v, %d Records", errs, outcomes)
		}
		if (m.Attempts[0].Result == domain.Pass) != (m.Session.State == domain.Passed) || count(chain, domain.CheckPassed) == 1 != (m.Session.State == domain.Passed) {
			t.Fatalf("the attempt is %q in a session that is %s", m.Attempts[0].Result, m.Session.State)
		}
	})
}

func twoOpeners(t *testing.T, open opener) {
	eachRound(t, open, func(h, other *house, name string) {
		p := h.person(name)
		exchange := func(p *person, token string) func() error {
			return func() error {
				_, err := p.update(func(m *domain.Moment) error {
					return m.Exchange(hashOf("code "+string(p.session)), token)
				})
				return err
			}
		}
		errs := race(exchange(p, "token-0"), exchange(p.elsewhere(other), "token-1"))
		if h.won(errs, domain.CodeUsed) != 1 {
			t.Fatalf("two openers: %v", errs)
		}
		if token := p.now().Session.TokenHash; (token == "token-0") != (errs[0] == nil) {
			t.Fatalf("%v, but the session has %s", errs, token)
		}
	})
}

func twoFirstSessions(t *testing.T, open opener) {
	eachRound(t, open, func(h, other *house, name string) {
		first, second := &person{house: h, name: name}, &person{house: other, name: name}
		for _, err := range race(
			func() error { return first.openSession(store.NewID(), aRequest()) },
			func() error { return second.openSession(store.NewID(), aRequest()) },
		) {
			h.must(err)
		}
		if a, b := first.now().Subject.Pseudonym, second.now().Subject.Pseudonym; a != b {
			t.Fatalf("one person has two pseudonyms: %s, %s", a, b)
		}
		ids, err := h.tenant.Sessions(t.Context(), app.SessionFilter{Lookup: first.lookup(), Limit: 10})
		if h.must(err); len(ids) != 2 {
			t.Fatalf("%d sessions, want 2", len(ids))
		}
	})
}

func cancelAgainstCheck(t *testing.T, open opener) {
	eachRound(t, open, func(h, other *house, name string) {
		p := h.consenting(name)
		errs := race(
			func() error { _, err := p.update((*domain.Moment).Cancel); return err },
			func() error { return p.elsewhere(other).check("a", passed) },
		)
		s, chain := p.now().Session.State, p.chain()
		switch {
		case s == domain.Passed: // the check was over first
			h.refused(errs[0], domain.SessionEnded)
			h.must(errs[1])
		case s == domain.Cancelled && errs[0] == nil:
			h.refused(errs[1], domain.SessionEnded)
		default:
			t.Fatalf("%v, and the session is %s", errs, s)
		}
		if count(chain, domain.CheckStarted) != count(chain, domain.CheckPassed)+count(chain, domain.CheckNotPerformed) {
			t.Fatal("a check that started has no outcome")
		}
	})
}

// storm has several instances do everything about one person, in no order. The
// chain tells afterwards whether each step was allowed.
func storm(t *testing.T, open opener) {
	h := aHouse(t, open)
	p := h.consenting("工号-18")
	consent := p.now().Consent.ID
	at := h.crowded()
	var calls []func() error
	for i := range 3 {
		instance := at[i%len(at)]
		calls = append(calls, func() error {
			who := p.elsewhere(instance)
			for n := range h.rounds() {
				attempt := fmt.Sprintf("%d-%d", i, n)
				for _, step := range []func() error{
					func() error { return who.openSession(store.NewID(), aRequest()) },
					func() error { return who.decide(domain.Granted) },
					func() error { return who.check(attempt, noFace) },
					func() error { return p.elsewhere(instance).check(attempt, failed) },
					who.withdraw,
					func() error { return who.withdrawByReceipt(consent) },
					func() error { return who.decide(domain.Declined) },
				}[(i+n)%3:] {
					var refusal *domain.Refusal
					if err := step(); err != nil && (!errors.As(err, &refusal) || refusal.Reason == domain.Busy) {
						return err
					}
				}
			}
			return nil
		})
	}
	for _, err := range race(calls...) {
		h.must(err)
	}
	chain := p.chain()
	t.Logf("%d Records, %d checks, %d withdrawals", len(chain), count(chain, domain.CheckStarted), count(chain, domain.ConsentWithdrawnType))
}
