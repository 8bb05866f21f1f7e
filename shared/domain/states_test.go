package domain_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"nod/shared/domain"
)

var (
	states = []domain.State{
		domain.Open, domain.Consented, domain.Refused, domain.Passed, domain.Failed,
		domain.Withdrawn, domain.Expired, domain.Cancelled, domain.Alternative,
	}
	terminal = []domain.State{
		domain.Passed, domain.Failed, domain.Withdrawn, domain.Expired, domain.Cancelled, domain.Alternative,
	}
)

// designed is the sentence of DESIGN section 5, written down a second time, with what the
// two grants of a minor add to it: open -> withdrawn, refused -> open.
const designed = `
open -> consented | refused | withdrawn
consented -> passed | failed | refused | withdrawn | open
refused -> consented | open
open, consented, refused -> expired | cancelled
open, consented, refused, failed, withdrawn, expired, cancelled -> alternative`

func TestTransitionsAreThoseOfTheDesign(t *testing.T) {
	want := map[domain.State][]domain.State{}
	for line := range strings.SplitSeq(strings.TrimSpace(designed), "\n") {
		from, to, _ := strings.Cut(line, " -> ")
		for f := range strings.SplitSeq(from, ", ") {
			for next := range strings.SplitSeq(to, " | ") {
				want[domain.State(f)] = append(want[domain.State(f)], domain.State(next))
			}
		}
	}
	for _, from := range states {
		for _, to := range states {
			if got := slices.Contains(domain.Transitions[from], to); got != slices.Contains(want[from], to) {
				t.Errorf("%s to %s: table %v, design %v", from, to, got, !got)
			}
		}
	}
	for from, to := range domain.Transitions {
		if !slices.Contains(states, from) || slices.ContainsFunc(to, func(s domain.State) bool { return !slices.Contains(states, s) }) {
			t.Errorf("%s -> %v has an unknown state", from, to)
		}
	}
}

func TestTerminalStatesAreThoseOfTheDesign(t *testing.T) {
	for _, s := range states {
		if s.Terminal() != slices.Contains(terminal, s) {
			t.Errorf("%s: terminal %v", s, s.Terminal())
		}
	}
}

// inState is a scene with a session in a state, and the consent that belongs to it.
func inState(t *testing.T, s domain.State) (*world, *person, domain.ID) {
	t.Helper()
	w, p := aScene()
	id, err := w.open(p, aRequest())
	if err != nil {
		t.Fatal(err)
	}
	switch s {
	case domain.Open:
	case domain.Refused:
		err = w.decide(p, id, domain.Declined)
	case domain.Withdrawn:
		err = errors.Join(w.decide(p, id, domain.Granted),
			w.update(p, id, "", func(m *domain.Moment) error { return m.Withdraw("session") }))
	default:
		err = w.decide(p, id, domain.Granted)
	}
	if err != nil {
		t.Fatal(err)
	}
	p.sessions[id].session.State = s
	return w, p, id
}

// running puts a call under way into a session, whatever its state.
func running(w *world, p *person, id domain.ID, attempt string) {
	all := p.consents[domain.Exam]
	a := domain.Attempt{
		ID: attempt, Started: w.mint(), Capture: domain.FromStream, StartedAt: w.clock, DeadlineAt: w.clock.Add(callTime),
		NoticeInForce: w.notices[0].RefAny(), Delegation: w.notices[0].Delegation,
	}
	if len(all) > 0 {
		a.Consent, a.Notice = all[len(all)-1].ID, all[len(all)-1].Notice
	}
	p.sessions[id].attempts = append(p.sessions[id].attempts, a)
}

func sessionRule(rule func(*domain.Moment) error) func(*world, *person, domain.ID) error {
	return func(w *world, p *person, id domain.ID) error { return w.update(p, id, "", rule) }
}

var settle = sessionRule(func(m *domain.Moment) error { m.Settle(); return nil })

// What each event does in each state, in the order of states: the state after it,
// or "-" where it stays, and the reason where it is refused.
var eventTable = []struct {
	event string
	do    func(*world, *person, domain.ID) error
	want  [9]string
}{
	{"grant", func(w *world, p *person, id domain.ID) error { return w.decide(p, id, domain.Granted) }, [9]string{
		"consented", "- already-decided", "consented", "- session-ended", "- attempts-used-up",
		"- consent-withdrawn", "- session-expired", "- session-ended", "- session-ended",
	}},
	{"refuse", func(w *world, p *person, id domain.ID) error { return w.decide(p, id, domain.Declined) }, [9]string{
		"refused", "refused", "- already-decided", "- session-ended", "- attempts-used-up",
		"- consent-withdrawn", "- session-expired", "- session-ended", "- session-ended",
	}},
	{"reserve", func(w *world, p *person, id domain.ID) error {
		_, _, err := w.reserve(p, id, aCheck("a1"))
		return err
	}, [9]string{
		"- consent-required", "-", "- consent-refused", "- session-ended", "- attempts-used-up",
		"- consent-withdrawn", "- session-expired", "- session-ended", "- session-ended",
	}},
	{"pass", func(w *world, p *person, id domain.ID) error {
		running(w, p, id, "a1")
		return w.conclude(p, id, "a1", passed)
	}, [9]string{
		"- session-ended", "passed", "- consent-refused", "- session-ended", "- attempts-used-up",
		"- consent-withdrawn", "- session-expired", "- session-ended", "- session-ended",
	}},
	{"third fail", func(w *world, p *person, id domain.ID) error {
		running(w, p, id, "a1")
		p.sessions[id].session.Fails = 2
		return w.conclude(p, id, "a1", failed)
	}, [9]string{
		"- session-ended", "failed", "- consent-refused", "- session-ended", "- attempts-used-up",
		"- consent-withdrawn", "- session-expired", "- session-ended", "- session-ended",
	}},
	{"second fail", func(w *world, p *person, id domain.ID) error {
		running(w, p, id, "a1")
		p.sessions[id].session.Fails = 1
		return w.conclude(p, id, "a1", failed)
	}, [9]string{
		"- session-ended", "-", "- consent-refused", "- session-ended", "- attempts-used-up",
		"- consent-withdrawn", "- session-expired", "- session-ended", "- session-ended",
	}},
	{"retake", func(w *world, p *person, id domain.ID) error {
		running(w, p, id, "a1")
		return w.conclude(p, id, "a1", noFace)
	}, [9]string{
		"- session-ended", "-", "- consent-refused", "- session-ended", "- attempts-used-up",
		"- consent-withdrawn", "- session-expired", "- session-ended", "- session-ended",
	}},
	{"withdraw", sessionRule(func(m *domain.Moment) error { return m.Withdraw("session") }), [9]string{
		"- no-consent-to-withdraw", "withdrawn", "- no-consent-to-withdraw", "-", "-",
		"- no-consent-to-withdraw", "-", "-", "-",
	}},
	{"cancel", sessionRule((*domain.Moment).Cancel), [9]string{
		"cancelled", "cancelled", "cancelled", "- session-ended", "- attempts-used-up",
		"- consent-withdrawn", "- session-expired", "-", "- session-ended",
	}},
	{"alternative", sessionRule(func(m *domain.Moment) error {
		return m.TakeAlternative(domain.AlternativeReport{Method: "id_card", Result: domain.Pass}, "key")
	}), [9]string{
		"alternative", "alternative", "alternative", "- session-ended", "alternative",
		"alternative", "alternative", "alternative", "- session-ended",
	}},
	{"recode", sessionRule(func(m *domain.Moment) error { return m.Recode("new") }), [9]string{
		"-", "-", "-", "- session-ended", "- attempts-used-up",
		"- consent-withdrawn", "- session-expired", "- session-ended", "- session-ended",
	}},
	{"exchange", func(w *world, p *person, id domain.ID) error {
		return w.update(p, id, "", func(m *domain.Moment) error { return m.Exchange("code-"+string(id), "token") })
	}, [9]string{
		"-", "-", "-", "- code-expired", "- code-expired", "- code-expired", "- code-expired", "- code-expired", "- code-expired",
	}},
	{"settle", settle, [9]string{"-", "-", "-", "-", "-", "-", "-", "-", "-"}},
	{"settle late", func(w *world, p *person, id domain.ID) error {
		w.clock = w.clock.Add(domain.DefaultTTL)
		return settle(w, p, id)
	}, [9]string{"expired", "expired", "expired", "-", "-", "-", "-", "-", "-"}},
	{"settle late while a check runs", func(w *world, p *person, id domain.ID) error {
		w.clock = w.clock.Add(domain.DefaultTTL)
		running(w, p, id, "a1")
		return settle(w, p, id)
	}, [9]string{"-", "-", "-", "-", "-", "-", "-", "-", "-"}},
	{"settle after a material notice", func(w *world, p *person, id domain.ID) error {
		return errors.Join(materialNotice(w), settle(w, p, id))
	}, [9]string{"-", "open", "-", "-", "-", "-", "-", "-", "-"}},
	{"settle after the delegation ended", func(w *world, p *person, id domain.ID) error {
		return errors.Join(revokeAll(w), settle(w, p, id))
	}, [9]string{"-", "open", "-", "-", "-", "-", "-", "-", "-"}},
	{"settle after a refusal in another session", func(w *world, p *person, id domain.ID) error {
		other, err := w.open(p, aRequest())
		if p.sessions[other].session.State != domain.Refused {
			err = errors.Join(err, w.decide(p, other, domain.Declined))
		}
		return errors.Join(err, settle(w, p, id))
	}, [9]string{"-", "refused", "-", "-", "-", "-", "-", "-", "-"}},
	{"withdraw by receipt", func(w *world, p *person, id domain.ID) error {
		return w.update(p, "", domain.Exam, func(m *domain.Moment) error { return m.Withdraw("receipt") })
	}, [9]string{
		"- no-consent-to-withdraw", "withdrawn", "- no-consent-to-withdraw", "-", "-",
		"- no-consent-to-withdraw", "-", "-", "-",
	}},
}

func materialNotice(w *world) error {
	d := aDraft(w.delegations[0].ID)
	d.Facts.Contact = both("another contact")
	return w.publish(d)
}

func revokeAll(w *world) error {
	return w.instruct(func(c *domain.Charter) error {
		for _, d := range c.Delegations {
			if _, err := c.RevokeDelegation(d.ID, "key"); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestEveryEventMovesEveryStateAsTheTableOfEventsSays(t *testing.T) {
	for _, e := range eventTable {
		for i, from := range states {
			t.Run(fmt.Sprintf("%s in %s", e.event, from), func(t *testing.T) {
				w, p, id := inState(t, from)
				err := e.do(w, p, id)
				now := p.sessions[id].session.State
				got := string(now)
				if now == from {
					got = "-"
				} else if !slices.Contains(domain.Transitions[from], now) {
					t.Errorf("%s to %s is no transition", from, now)
				}
				if err != nil {
					got += " " + string(reason(t, err))
				}
				if got != e.want[i] {
					t.Errorf("got %q, want %q", got, e.want[i])
				}
			})
		}
	}
}

func TestASessionsSecretsGoWithIt(t *testing.T) {
	for _, e := range eventTable {
		for _, from := range []domain.State{domain.Open, domain.Consented, domain.Refused} {
			w, p, id := inState(t, from)
			s := &p.sessions[id].session
			s.Secret, s.SecretKey = []byte("sealed"), []byte("sealed key")
			_ = e.do(w, p, id)
			if s = &p.sessions[id].session; !s.State.Terminal() || e.event == "withdraw by receipt" {
				continue // the store does the latter
			}
			if s.Secret != nil || s.SecretKey != nil {
				t.Errorf("%s in %s: it ended %s with its secrets", e.event, from, s.State)
			}
		}
	}
}

func TestAWithdrawalForAnotherPurposeLeavesTheSessionAlone(t *testing.T) {
	for _, end := range []domain.ConsentState{domain.Declined, domain.TakenBack, domain.Lapsed} {
		w, p, id := inState(t, domain.Consented)
		p.consents[domain.Training] = []domain.Consent{{
			ID: "c", Purpose: domain.Training, Audience: domain.Adult, By: domain.Self, State: end,
		}}
		err := w.update(p, id, domain.Training, func(m *domain.Moment) error { return m.Withdraw("session") })
		if reason(t, err) != domain.NothingToEnd || p.sessions[id].session.State != domain.Consented {
			t.Errorf("%s for another purpose: %v, the session is %s", end, err, p.sessions[id].session.State)
		}
	}
}

func TestASessionOpenedToAskAheadEndsWithItsAnswer(t *testing.T) {
	for answer, want := range map[domain.ConsentState]domain.State{domain.Granted: domain.Consented, domain.Declined: domain.Refused} {
		w, p := aScene()
		r := aRequest()
		r.Kind, r.Route, r.Reference = domain.ConsentKind, "", nil
		id, err := w.open(p, r)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.decide(p, id, answer); err != nil {
			t.Fatal(err)
		}
		w.clock = w.clock.Add(domain.DefaultTTL)
		for what, do := range map[string]func() error{
			"settle": func() error { return settle(w, p, id) },
			"refuse": func() error { return w.decide(p, id, domain.Declined) },
			"grant":  func() error { return w.decide(p, id, domain.Granted) },
			"cancel": func() error { return w.update(p, id, "", (*domain.Moment).Cancel) },
			"recode": func() error { return w.update(p, id, "", func(m *domain.Moment) error { return m.Recode("new") }) },
			"exchange": func() error {
				return w.update(p, id, "", func(m *domain.Moment) error { return m.Exchange("code-"+string(id), "t") })
			},
		} {
			if err := do(); (err == nil) != (what == "settle") {
				t.Errorf("%s, then %s when its time is over: %v", answer, what, err)
			}
			if s := p.sessions[id].session.State; s != want {
				t.Errorf("%s, then %s when its time is over: %s", answer, what, s)
			}
		}
	}
	w, p := aScene()
	r := aRequest()
	r.Kind, r.Route, r.Reference = domain.ConsentKind, "", nil
	id, _ := w.open(p, r)
	w.clock = w.clock.Add(domain.DefaultTTL)
	_ = settle(w, p, id)
	if s := p.sessions[id].session.State; s != domain.Expired {
		t.Errorf("without an answer it is %s", s)
	}
}

// reason is why a rule said no.
func reason(t *testing.T, err error) domain.Reason {
	t.Helper()
	var r *domain.Refusal
	if !errors.As(err, &r) {
		t.Fatalf("%v is no refusal", err)
	}
	return r.Reason
}

func TestTheCodeIsGoodOnce(t *testing.T) {
	w, p, id := inState(t, domain.Open)
	exchange := func(code string) error {
		return w.update(p, id, "", func(m *domain.Moment) error { return m.Exchange(code, "token of "+code) })
	}
	if err := exchange("code of another session"); reason(t, err) != domain.Unauthenticated {
		t.Errorf("a wrong code: %v", err)
	}
	if err := exchange("code-" + string(id)); err != nil {
		t.Fatal(err)
	}
	if s := p.sessions[id].session; s.TokenHash != "token of code-"+string(id) {
		t.Errorf("after the exchange: %+v", s)
	}
	if err := exchange("code-" + string(id)); reason(t, err) != domain.CodeUsed {
		t.Errorf("the second opener: %v", err)
	}
	_ = w.update(p, id, "", func(m *domain.Moment) error { return m.Recode("new") })
	if s := p.sessions[id].session; s.TokenHash != "" {
		t.Error("a new code leaves the old token")
	}
	if err := exchange("new"); err != nil {
		t.Errorf("the new code: %v", err)
	}
	w.clock = w.clock.Add(time.Hour)
	if err := exchange("new"); reason(t, err) != domain.CodeUsed {
		t.Errorf("late: %v", err)
	}
}
