package domain_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"nod/shared/domain"
)

// aYoungScene is a scene with a notice for guardians, and an open session of somebody
// of the age group.
func aYoungScene(t *testing.T, group domain.AgeGroup) (*world, *person, domain.ID) {
	t.Helper()
	w, p := aScene()
	if err := w.publish(toGuardians(aDraft(w.delegations[0].ID))); err != nil {
		t.Fatal(err)
	}
	return w, p, w.openFor(t, p, group)
}

func (w *world) openFor(t *testing.T, p *person, group domain.AgeGroup) domain.ID {
	t.Helper()
	r := aRequest()
	r.AgeGroup = group
	id, err := w.open(p, r)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// say posts a decision as the page of whoever's token it is does.
func (w *world) say(p *person, session domain.ID, as domain.Giver, decision domain.ConsentState) error {
	return w.update(p, session, "", func(m *domain.Moment) error {
		m.As = as
		m.Show(domain.Chinese)
		d := answerTo(m.Notice, decision)
		if d.By = as; as == domain.ByGuardian {
			d.Guardian = aGuardian
		}
		return m.Decide(d, aProof)
	})
}

func (p *person) state(id domain.ID) domain.State { return p.sessions[id].session.State }

type said struct {
	by       domain.Giver
	decision domain.ConsentState
}

// What a minor and their guardian say, in turn, and where it leads.
func TestD23AMinorsSessionNeedsBothInWhateverOrder(t *testing.T) {
	self, guardian := domain.Self, domain.ByGuardian
	yes, no := domain.Granted, domain.Declined
	for _, c := range []struct {
		words []said
		want  []domain.State
	}{
		{[]said{{self, yes}, {guardian, yes}}, []domain.State{domain.Open, domain.Consented}},
		{[]said{{guardian, yes}, {self, yes}}, []domain.State{domain.Open, domain.Consented}},
		{[]said{{self, no}, {guardian, yes}}, []domain.State{domain.Refused, domain.Refused}},
		{[]said{{guardian, no}, {self, yes}}, []domain.State{domain.Refused, domain.Refused}},
		{[]said{{guardian, no}, {self, no}}, []domain.State{domain.Refused, domain.Refused}},
		{[]said{{self, yes}, {guardian, no}, {guardian, yes}}, []domain.State{domain.Open, domain.Refused, domain.Consented}},
		{[]said{{guardian, no}, {guardian, yes}, {self, yes}}, []domain.State{domain.Refused, domain.Open, domain.Consented}},
		{[]said{{self, yes}, {guardian, yes}, {self, no}}, []domain.State{domain.Open, domain.Consented, domain.Refused}},
		{[]said{{self, no}, {guardian, no}, {self, yes}, {guardian, yes}},
			[]domain.State{domain.Refused, domain.Refused, domain.Refused, domain.Consented}},
	} {
		w, p, id := aYoungScene(t, domain.Minor)
		for i, word := range c.words {
			w.clock = w.clock.Add(time.Second)
			if err := w.say(p, id, word.by, word.decision); err != nil {
				t.Fatalf("%v, word %d: %v", c.words, i, err)
			}
			if got := p.state(id); got != c.want[i] {
				t.Errorf("%v: after word %d the session is %s, want %s", c.words, i, got, c.want[i])
			}
			_, _, err := w.reserve(p, id, aCheck(fmt.Sprint("a", i)))
			if (err == nil) != (c.want[i] == domain.Consented) {
				t.Errorf("%v: after word %d the gate says %v", c.words, i, err)
			}
			if err == nil {
				_ = w.conclude(p, id, fmt.Sprint("a", i), noFace)
			}
		}
	}
}

func TestD23SayingItTwiceIsToldApart(t *testing.T) {
	for _, decision := range []domain.ConsentState{domain.Granted, domain.Declined} {
		for _, by := range []domain.Giver{domain.Self, domain.ByGuardian} {
			w, p, id := aYoungScene(t, domain.Minor)
			if err := w.say(p, id, by, decision); err != nil {
				t.Fatal(err)
			}
			if err := w.say(p, id, by, decision); reason(t, err) != domain.AlreadyDecided {
				t.Errorf("%s by %s, twice: %v", decision, by, err)
			}
		}
	}
}

func TestD23EachDecidesForThemselves(t *testing.T) {
	for _, c := range []struct {
		group  domain.AgeGroup
		as, by domain.Giver
		taken  bool
	}{
		{domain.GrownUp, domain.Self, domain.Self, true},
		{domain.GrownUp, domain.Self, domain.ByGuardian, false},
		{domain.GrownUp, domain.ByGuardian, domain.ByGuardian, false},
		{domain.Minor, domain.Self, domain.Self, true},
		{domain.Minor, domain.ByGuardian, domain.ByGuardian, true},
		{domain.Minor, domain.Self, domain.ByGuardian, false},
		{domain.Minor, domain.ByGuardian, domain.Self, false},
		{domain.Child, domain.Self, domain.Self, false},
		{domain.Child, domain.Self, domain.ByGuardian, false},
		{domain.Child, domain.ByGuardian, domain.Self, false},
		{domain.Child, domain.ByGuardian, domain.ByGuardian, true},
	} {
		for _, decision := range []domain.ConsentState{domain.Granted, domain.Declined} {
			w, p, id := aYoungScene(t, c.group)
			m := w.moment(p, id, "")
			m.As = c.as
			d := answerTo(m.Notice, decision)
			d.By = c.by
			err := m.Decide(d, aProof)
			if c.taken && err != nil || !c.taken && reason(t, err) != domain.WrongAudience {
				t.Errorf("%s, %s as %s: %v", c.group, c.by, c.as, err)
			}
		}
	}
}

// Both grants are read by audience; this is what the gate does should one get here that
// was given on the other notice, or by somebody else.
func TestD23TheGateTakesNoGrantOfAnotherAudienceOrGiver(t *testing.T) {
	for name, spoil := range map[string]func(m *domain.Moment){
		"own, on the notice for adults":         func(m *domain.Moment) { m.Consent.Audience = domain.Adult },
		"the guardian's, on the one for adults": func(m *domain.Moment) { m.Guardian.Audience = domain.Adult },
		"twice one's own":                       func(m *domain.Moment) { m.Guardian.By = domain.Self },
		"twice the guardian's":                  func(m *domain.Moment) { m.Consent.By = domain.ByGuardian },
		"no guardian's":                         func(m *domain.Moment) { m.Guardian = nil },
		"not one's own":                         func(m *domain.Moment) { m.Consent = nil },
		"the guardian's for another purpose":    func(m *domain.Moment) { m.Guardian.Purpose = domain.Training },
		"the guardian's for another route":      func(m *domain.Moment) { m.Guardian.Routes = []domain.Route{domain.Hosted} },
		"nothing":                               func(*domain.Moment) {},
	} {
		w, p, id := aYoungScene(t, domain.Minor)
		_ = w.say(p, id, domain.Self, domain.Granted)
		_ = w.say(p, id, domain.ByGuardian, domain.Granted)
		m := w.moment(p, id, "")
		spoil(m)
		permit, _, err := m.Reserve(aCheck("a1"))
		if (permit != nil) != (name == "nothing") || (err == nil) != (name == "nothing") {
			t.Errorf("%s: permit %v, %v", name, permit != nil, err)
		}
	}
	w, p, id := aYoungScene(t, domain.GrownUp)
	_ = w.say(p, id, domain.Self, domain.Granted)
	for name, spoil := range map[string]func(m *domain.Moment){
		"on the notice for guardians": func(m *domain.Moment) { m.Consent.Audience = domain.Guardian },
		"by a guardian":               func(m *domain.Moment) { m.Consent.By = domain.ByGuardian },
	} {
		m := w.moment(p, id, "")
		spoil(m)
		if permit, _, err := m.Reserve(aCheck("a1")); permit != nil || reason(t, err) != domain.ConsentRequired {
			t.Errorf("an adult's grant %s: %v", name, err)
		}
	}
}

// Who withdraws, from where, and what becomes of the sessions.
func TestD23AWithdrawalByEitherEndsIt(t *testing.T) {
	for _, c := range []struct {
		group      domain.AgeGroup
		granted    []domain.Giver
		as, of, by domain.Giver // whose token; whose grant ends; who the Record says did it
	}{
		{domain.Minor, []domain.Giver{domain.Self, domain.ByGuardian}, domain.Self, domain.Self, domain.Self},
		{domain.Minor, []domain.Giver{domain.Self, domain.ByGuardian}, domain.ByGuardian, domain.ByGuardian, domain.ByGuardian},
		{domain.Minor, []domain.Giver{domain.Self}, domain.Self, domain.Self, domain.Self},
		{domain.Minor, []domain.Giver{domain.ByGuardian}, domain.ByGuardian, domain.ByGuardian, domain.ByGuardian},
		{domain.Child, []domain.Giver{domain.ByGuardian}, domain.ByGuardian, domain.ByGuardian, domain.ByGuardian},
		{domain.Child, []domain.Giver{domain.ByGuardian}, domain.Self, domain.ByGuardian, domain.Self},
	} {
		w, p, id := aYoungScene(t, c.group)
		for _, by := range c.granted {
			if err := w.say(p, id, by, domain.Granted); err != nil {
				t.Fatal(err)
			}
		}
		m := w.moment(p, id, "")
		grant := m.Of(c.of).ID
		m.As = c.as
		if err := m.Withdraw("session"); err != nil || m.Session.State != domain.Withdrawn {
			t.Fatalf("%s, %v: %v, the session is %s", c.group, c.as, err, m.Session.State)
		}
		w.keep(p, m)
		last := p.chain[len(p.chain)-1]
		if last.Type != domain.ConsentWithdrawnType || last.Consent != grant || last.By != c.by {
			t.Errorf("%s, %v: %+v", c.group, c.as, last)
		}
		if _, _, err := w.reserve(p, id, aCheck("late")); reason(t, err) != domain.ConsentWithdrawn {
			t.Errorf("%s, %v: a check afterwards: %v", c.group, c.as, err)
		}
		next := w.openFor(t, p, c.group)
		if got := p.state(next); got != domain.Refused {
			t.Errorf("%s, %v: the next session starts %s", c.group, c.as, got)
		}
	}
}

func TestD23AMinorWithNothingToTakeBackTakesNothingBack(t *testing.T) {
	w, p, id := aYoungScene(t, domain.Minor)
	_ = w.say(p, id, domain.ByGuardian, domain.Granted)
	err := w.update(p, id, "", func(m *domain.Moment) error { return m.Withdraw("session") })
	if reason(t, err) != domain.NothingToEnd || p.latest(domain.Exam, domain.Guardian, domain.ByGuardian).State != domain.Granted {
		t.Errorf("the minor took back the guardian's word: %v", err)
	}
}

// The grants carry over to later sessions; a notice that differs materially, the
// delegation's end and the term end both, and each lapse is in the log.
func TestD23BothGrantsCarryOverAndLapse(t *testing.T) {
	for cause, end := range map[string]func(*world, *person) error{
		"notice_changed": func(w *world, _ *person) error {
			d := toGuardians(aDraft(w.delegations[0].ID))
			d.Facts.Contact = both("another contact")
			return w.publish(d)
		},
		"delegation_ended": func(w *world, _ *person) error { return revokeAll(w) },
		"term_over": func(w *world, p *person) error { // the guardian's alone: they were asked first
			p.consents[domain.Exam][0].Until = w.clock
			return nil
		},
	} {
		w, p, id := aYoungScene(t, domain.Minor)
		_ = w.say(p, id, domain.ByGuardian, domain.Granted)
		_ = w.say(p, id, domain.Self, domain.Granted)
		next := w.openFor(t, p, domain.Minor)
		if got := p.state(next); got != domain.Consented {
			t.Fatalf("%s: the next session starts %s", cause, got)
		}
		if err := end(w, p); err != nil {
			t.Fatal(err)
		}
		if err := settle(w, p, next); err != nil || p.state(next) != domain.Open {
			t.Errorf("%s: %v, the session is %s", cause, err, p.state(next))
		}
		var lapsed []domain.Giver
		for _, r := range p.chain {
			if r.Type == domain.ConsentLapsedType && r.Cause == cause {
				lapsed = append(lapsed, r.By)
			}
		}
		want := []domain.Giver{domain.Self, domain.ByGuardian}
		if cause == "term_over" {
			want = want[1:]
		}
		if !slices.Equal(lapsed, want) {
			t.Errorf("%s: the log says that %v lapsed, want %v", cause, lapsed, want)
		}
		m := w.moment(p, next, "")
		if got := m.Awaiting(); !slices.Equal(got, want) {
			t.Errorf("%s: it waits for %v, want %v", cause, got, want)
		}
		if permit, _, _ := m.Reserve(aCheck("a1")); permit != nil {
			t.Errorf("%s: a permit", cause)
		}
	}
}

// Somebody who grows older is asked anew: nothing that was said for a child or a minor
// counts for an adult, nor the other way round.
func TestD23GrowingUpNeedsNewGrants(t *testing.T) {
	w, p, id := aYoungScene(t, domain.Child)
	_ = w.say(p, id, domain.ByGuardian, domain.Granted)
	for _, c := range []struct {
		group    domain.AgeGroup
		awaiting []domain.Giver
	}{
		{domain.Child, []domain.Giver{}},
		{domain.Minor, []domain.Giver{domain.Self}},
		{domain.GrownUp, []domain.Giver{domain.Self}},
		{domain.Minor, []domain.Giver{}}, // said at the second line
	} {
		id := w.openFor(t, p, c.group)
		m := w.moment(p, id, "")
		if got := m.Awaiting(); !slices.Equal(got, c.awaiting) {
			t.Errorf("%s: it waits for %v, want %v", c.group, got, c.awaiting)
		}
		if len(c.awaiting) > 0 {
			if err := w.say(p, id, domain.Self, domain.Granted); err != nil {
				t.Fatal(err)
			}
		}
		if got := p.state(id); got != domain.Consented {
			t.Errorf("%s: %s", c.group, got)
		}
	}
	for _, g := range []domain.AgeGroup{domain.Minor, domain.Child} {
		w, p, id := aYoungScene(t, domain.GrownUp)
		_ = w.say(p, id, domain.Self, domain.Granted)
		if got := p.state(w.openFor(t, p, g)); got != domain.Open {
			t.Errorf("after an adult's grant a %s session starts %s", g, got)
		}
	}
}

// The two may speak in different sessions: whichever waited goes on.
func TestD23ASessionThatWaitedGoesOnWithWhatWasSaidElsewhere(t *testing.T) {
	w, p, first := aYoungScene(t, domain.Minor)
	second := w.openFor(t, p, domain.Minor)
	_ = w.say(p, first, domain.Self, domain.Granted)
	_ = w.say(p, second, domain.ByGuardian, domain.Granted)
	_ = settle(w, p, first)
	if p.state(first) != domain.Consented || p.state(second) != domain.Consented {
		t.Errorf("%s, %s", p.state(first), p.state(second))
	}
	if e := p.sessions[first].session.Evidence; e.Consent == "" || e.GuardianConsent == "" || e.Consent == e.GuardianConsent {
		t.Errorf("it stands on %+v", e)
	}
}

func TestD23AGuardiansCodeLeavesThePersonsAlone(t *testing.T) {
	w, p, id := aYoungScene(t, domain.Minor)
	do := func(rule func(*domain.Moment) error) error { return w.update(p, id, "", rule) }
	exchange := func(code, token string) error {
		return do(func(m *domain.Moment) error { return m.Exchange(code, token) })
	}
	for _, err := range []error{
		exchange("code-"+string(id), "person's"),
		do(func(m *domain.Moment) error { return m.RecodeGuardian("g1") }), exchange("g1", "guardian's"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := exchange("g1", "again"); reason(t, err) != domain.CodeUsed {
		t.Error(err)
	}
	_ = do(func(m *domain.Moment) error { return m.RecodeGuardian("g2") })
	if s := p.sessions[id].session; s.GuardianTokenHash != "" || s.TokenHash != "person's" {
		t.Errorf("a new guardian's code leaves %q and %q", s.TokenHash, s.GuardianTokenHash)
	}
	if err := exchange("g1", "late"); reason(t, err) != domain.Unauthenticated {
		t.Error(err)
	}
	_ = exchange("g2", "guardian's")
	_ = do(func(m *domain.Moment) error { return m.Recode("c2") })
	if s := p.sessions[id].session; s.GuardianTokenHash != "guardian's" || s.TokenHash != "" {
		t.Errorf("a new code leaves %q and %q", s.TokenHash, s.GuardianTokenHash)
	}
	for name, rule := range map[string]func(*domain.Moment) error{
		"hand over": func(m *domain.Moment) error { return m.HandOver("h") },
		"verify":    func(m *domain.Moment) error { _, _, err := m.Reserve(aCheck("a1")); return err },
	} {
		err := do(func(m *domain.Moment) error { m.As = domain.ByGuardian; return rule(m) })
		if reason(t, err) != domain.GuardianCannotCheck {
			t.Errorf("a guardian may %s: %v", name, err)
		}
	}
	adult := w.openFor(t, p, domain.GrownUp)
	err := w.update(p, adult, "", func(m *domain.Moment) error { return m.RecodeGuardian("g") })
	if reason(t, err) != domain.NoGuardianNeeded {
		t.Errorf("an adult's guardian: %v", err)
	}
}

// What was shown on the guardian's device is in the log beside what the minor was shown.
func TestD07D23TheGuardianIsShownTheNoticeToo(t *testing.T) {
	w, p, id := aYoungScene(t, domain.Minor)
	for range 2 {
		for _, as := range []domain.Giver{"", domain.ByGuardian} {
			_ = w.update(p, id, "", func(m *domain.Moment) error { m.As = as; m.Show(domain.Chinese); return nil })
		}
	}
	var shown []domain.Giver
	for _, r := range p.chain {
		if r.Type == domain.NoticeShown {
			shown = append(shown, r.By)
		}
	}
	if !slices.Equal(shown, []domain.Giver{"", domain.ByGuardian}) {
		t.Errorf("shown to %q", shown)
	}
}

// A high risk is told to guardians too, and a notice for them alone is enough.
func TestD09D25APurposeForTheYoungAlone(t *testing.T) {
	w := newWorld(t0, 0)
	d := w.mint()
	_ = w.instruct(func(c *domain.Charter) error {
		_, err := c.RecordDelegation(d, someTerms(), nil, func(d domain.Delegation) string { return hexOf(string(d.ID)) }, "key")
		return err
	})
	turnOn := func(risk bool) error {
		s := someSettings()
		s.ImpactAssessment.HighRisk = risk
		return w.instruct(func(c *domain.Charter) error { return c.SetPurpose(domain.Exam, s, nil, hexOf("s"), "key") })
	}
	if err := turnOn(false); reason(t, err) != domain.NoNotice {
		t.Error(err)
	}
	if err := w.publish(toGuardians(aDraft(d))); err != nil {
		t.Fatal(err)
	}
	if err := turnOn(false); err != nil {
		t.Error(err)
	}
	if err := turnOn(true); reason(t, err) != domain.InvalidValue {
		t.Errorf("guardians were not told of the risk: %v", err)
	}
}
