package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/store"
)

// A change and the Record that proves it are written together or not at all.
var faults = map[string]func(*testing.T, opener){
	"a rule's fault undoes a person's transaction":      personFaults,
	"a rule's fault undoes an enterprise's transaction": charterFaults,
	"a refusal keeps what was settled before it":        refusalKeepsSettled,
	"a caller who leaves at any point leaves no half":   leavingCaller,
	"who always loses is told to come back":             alwaysColliding,
}

var errFault = errors.New("fault")

// oneConnection gives the same enterprise through a handle that has one connection
// alone, so that one that comes back unclean is met at once.
func (h *house) oneConnection() *house {
	o := *h
	conf := h.clock.options()
	conf.Connections = 1
	o.store = h.open(h.t, conf)
	o.tenant = o.store.Tenant(h.id)
	return &o
}

func personFaults(t *testing.T, open opener) {
	h := aHouse(t, open).oneConnection()
	p := h.consenting("工号-8")
	taken := h.log("")[0].ID
	grant := func(m *domain.Moment) { _, _, _ = m.Reserve(aCheck("never")) }
	for name, fault := range map[string]func(context.CancelFunc, *domain.Moment) error{
		"an error":          func(_ context.CancelFunc, m *domain.Moment) error { grant(m); return errFault },
		"a wrapped error":   func(_ context.CancelFunc, m *domain.Moment) error { grant(m); return fmt.Errorf("rule: %w", errFault) },
		"a panic":           func(_ context.CancelFunc, m *domain.Moment) error { grant(m); panic(errFault) },
		"a caller who left": func(leave context.CancelFunc, m *domain.Moment) error { grant(m); leave(); return nil },
		"a Record's id that is taken": func(_ context.CancelFunc, m *domain.Moment) error {
			m.Mint = func() domain.ID { return taken }
			grant(m)
			return nil
		},
		"a consent's id that is taken": func(_ context.CancelFunc, m *domain.Moment) error {
			m.Mint = func() domain.ID { return m.Consent.ID }
			return m.Withdraw("session")
		},
	} {
		before, log := p.now(), len(h.log(""))
		ctx, leave := context.WithCancel(t.Context())
		err := survive(func() error {
			_, err := p.updateIn(ctx, func(m *domain.Moment) error { return fault(leave, m) })
			return err
		})
		leave()
		isFault(t, name, err)
		after := p.now()
		same(t, name+": session", *after.Session, *before.Session)
		same(t, name+": consent", *after.Consent, *before.Consent)
		same(t, name+": subject", after.Subject, before.Subject)
		same(t, name+": attempts", after.Attempts, before.Attempts)
		if n := len(h.log("")); n != log {
			t.Errorf("%s: the log grew from %d to %d Records", name, log, n)
		}
		h.must(p.check(hashOf(name)[:8], noFace)) // the handle still works
	}
	p.chain()
}

// isFault checks that an error is one, and not a refusal, which would be an answer.
func isFault(t *testing.T, name string, err error) {
	t.Helper()
	var refusal *domain.Refusal
	if err == nil || errors.As(err, &refusal) {
		t.Errorf("%s came to %v, want an error that is no refusal", name, err)
	}
}

// survive turns a panic into an error.
func survive(call func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return call()
}

func charterFaults(t *testing.T, open opener) {
	h := aHouse(t, open).oneConnection()
	taken := h.log("")[0].ID
	revoke := func(c *domain.Charter) { _, _ = c.RevokeDelegation(h.delegation, actor) }
	for name, fault := range map[string]func(context.CancelFunc, *domain.Charter) error{
		"an error":          func(_ context.CancelFunc, c *domain.Charter) error { revoke(c); return errFault },
		"a panic":           func(_ context.CancelFunc, c *domain.Charter) error { revoke(c); panic(errFault) },
		"a caller who left": func(leave context.CancelFunc, c *domain.Charter) error { revoke(c); leave(); return nil },
		"a refusal":         func(_ context.CancelFunc, c *domain.Charter) error { revoke(c); return domain.Refuse(domain.NoNotice) },
		"a Record's id that is taken": func(_ context.CancelFunc, c *domain.Charter) error {
			c.Mint = func() domain.ID { return taken }
			revoke(c)
			return nil
		},
	} {
		ctx, leave := context.WithCancel(t.Context())
		err := survive(func() error {
			return h.tenant.Instruct(ctx, nil, func(c *domain.Charter) error { return fault(leave, c) })
		})
		leave()
		if name == "a refusal" {
			h.refused(err, domain.NoNotice)
		} else {
			isFault(t, name, err)
		}
		if d := h.charter().Delegation(h.delegation); !d.RevokedAt.IsZero() {
			t.Fatalf("%s: the delegation is revoked", name)
		}
		if n := count(h.log(""), domain.DelegationRevoked); n != 0 {
			t.Fatalf("%s: the log says that the delegation is revoked", name)
		}
	}
	h.must(h.revokeDelegation(h.delegation))
}

func refusalKeepsSettled(t *testing.T, open opener) {
	h := aHouse(t, open)
	p := h.consenting("工号-9")
	_, _, err := p.reserve("dies")
	h.must(err)
	h.must(h.revokeDelegation(h.delegation))
	h.clock.turn(20 * time.Minute)
	_, _, err = p.reserve("late")
	h.refused(err, domain.SessionExpired)

	m := p.now()
	if m.Session.State != domain.Expired || m.Consent.State != domain.Lapsed || m.Attempts[0].Result != domain.Unknown {
		t.Errorf("session %s, consent %s, attempt %q: want what had ended to be written",
			m.Session.State, m.Consent.State, m.Attempts[0].Result)
	}
	if len(m.Attempts) != 1 {
		t.Error("the refused attempt was reserved")
	}
	chain := p.chain()
	if n := len(chain); chain[n-2].Type != domain.CheckUnknown || chain[n-1].Type != domain.ConsentLapsedType {
		t.Errorf("the chain ends with %s, %s", chain[n-2].Type, chain[n-1].Type)
	}
	_, _, err = p.reserve("later still")
	h.refused(err, domain.SessionExpired)
	if again := p.chain(); len(again) != len(chain) {
		t.Error("what was settled is settled again")
	}
}

// leavingCaller ends calls' contexts at whatever point they are: what returned nil
// is written, what returned an error is not.
func leavingCaller(t *testing.T, open opener) {
	h := aHouse(t, open)
	p := h.consenting("工号-10")
	done := 0
	for i := range 4 * h.rounds() {
		before := p.now().Subject.Records
		ctx, leave := context.WithTimeout(t.Context(), time.Duration(i)*80*time.Microsecond)
		decision := []domain.ConsentState{domain.Declined, domain.Granted}[done%2]
		_, err := p.updateIn(ctx, func(m *domain.Moment) error { return m.Decide(answerTo(m, decision), p.proof()) })
		leave()
		written := p.now().Subject.Records - before
		switch {
		case err == nil && written == 0:
			t.Fatal("acknowledged and not written")
		case err != nil && written != 0:
			t.Fatalf("%d Records written, though the call came to %v", written, err)
		case err == nil:
			done++
		}
	}
	t.Logf("%d of %d calls were done before their caller left", done, 4*h.rounds())
	p.chain()
	h.must(p.openSession(store.NewID(), aRequest()))
}

// alwaysColliding has a rival change the same row each time after it was read.
func alwaysColliding(t *testing.T, open opener) {
	h := aHouse(t, open)
	p := h.consenting("工号-11")
	rival := h.elsewhere()
	var err error
	tries := 0
	held := rival.hold(p.session, func(collide func() error) {
		_, err = p.update(func(m *domain.Moment) error {
			tries++
			if err := collide(); err != nil {
				return err
			}
			return m.Withdraw("session")
		})
	})
	h.must(held)
	h.refused(err, domain.Busy)
	var refusal *domain.Refusal
	if errors.As(err, &refusal) && refusal.RetryAfter <= 0 {
		t.Error("the refusal does not say when to come back")
	}
	if tries > 20 {
		t.Errorf("the rule was called %d times", tries)
	}
	if s := h.moment(app.By{Session: p.session}).Consent.State; s != domain.Granted {
		t.Errorf("the consent is %s", s)
	}
	h.must(p.withdraw())
	p.chain()
}
