package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/store"
)

// guardians are those whose word is needed too (duty D23).
var guardians = map[string]func(*testing.T, opener){
	"a minor's round trip":                           minorRoundTrip,
	"each audience has its own consents":             consentsByAudience,
	"the two grants of a minor at once":              twoGrants,
	"a guardian's no against a minor's yes":          noAgainstYes,
	"a guardian's withdrawal against check":          guardianAgainstCheck,
	"a guardian's receipt against check":             guardianReceiptAgainstCheck,
	"a withdrawal ends the sessions that hang on it": withdrawalEndsWhatHangsOnIt,
}

// young opens a session for somebody under age, and gives their side and the guardian's.
func (h *house) young(name string, group domain.AgeGroup) (own, guardian *person) {
	h.t.Helper()
	p := &person{house: h, name: name, group: group}
	h.must(p.openSession(store.NewID(), aRequest()))
	return p, p.guardian()
}

func (p *person) guardian() *person {
	g := *p
	g.as = domain.ByGuardian
	return &g
}

// forTheYoung publishes a notice for guardians.
func (h *house) forTheYoung() *house {
	h.t.Helper()
	d := aDraft(h.delegation)
	d.Audience = domain.Guardian
	h.must(h.publish(store.NewID(), d))
	return h
}

func minorRoundTrip(t *testing.T, open opener) {
	h := aHouse(t, open).forTheYoung()
	p, guardian := h.young("学号-1", domain.Minor)
	var written domain.Moment
	step := func(who *person, what string, rule func(*domain.Moment) error) {
		t.Helper()
		_, err := who.update(func(m *domain.Moment) error {
			err := rule(m)
			written = *m
			return err
		})
		h.must(err)
		read := p.now()
		same(t, what+": session", *read.Session, *written.Session)
		same(t, what+": attempts", read.Attempts, written.Attempts)
		for which, pair := range map[string][2]*domain.Consent{
			"own": {read.Consent, written.Consent}, "guardian's": {read.Guardian, written.Guardian},
		} {
			if (pair[0] == nil) != (pair[1] == nil) {
				t.Fatalf("%s, %s: read %v, written %v", what, which, pair[0], pair[1])
			}
			if pair[0] == nil {
				continue
			}
			same(t, what+", "+which, *pair[0], *pair[1])
			named := h.moment(app.By{Consent: pair[1].ID})
			same(t, what+", by its id", *named.Named, *pair[1])
			same(t, what+", current", *named.Consent, *pair[1])
			if named.Guardian != nil || named.Notice.Audience != domain.Guardian {
				t.Errorf("%s, %s: the receipt's moment has %v on the notice for %s", what, which, named.Guardian, named.Notice.Audience)
			}
		}
	}
	step(p, "guardian's code", func(m *domain.Moment) error { return m.RecodeGuardian(hashOf("guardian's code")) })
	step(p, "exchanged", func(m *domain.Moment) error { return m.Exchange(hashOf("guardian's code"), hashOf("guardian's token")) })
	step(guardian, "shown", func(m *domain.Moment) error { m.Show(domain.English); return nil })
	step(guardian, "granted", guardian.deciding(domain.Granted))
	step(p, "granted as well", p.deciding(domain.Granted))
	step(p, "reserved", func(m *domain.Moment) error { _, _, err := m.Reserve(aCheck("a")); return err })
	step(p, "concluded", func(m *domain.Moment) error { return m.Conclude("a", noFace) })
	if a := written.Attempts[0]; a.Consent != written.Consent.ID || a.GuardianConsent != written.Guardian.ID {
		t.Errorf("the attempt rests on %s and %s", a.Consent, a.GuardianConsent)
	}
	step(guardian, "withdrawn", func(m *domain.Moment) error { return m.Withdraw("session") })
	h.must(p.openSession(store.NewID(), aRequest()))
	h.clock.turn(366 * 24 * time.Hour)
	step(p, "lapsed", func(m *domain.Moment) error { m.Settle(); return nil })
	if written.Consent.State != domain.Lapsed || written.Guardian.State != domain.TakenBack {
		t.Errorf("after a year: %s, %s", written.Consent.State, written.Guardian.State)
	}
	p.chain()
}

// consentsByAudience has one person grow up, and down again: what was said for one
// audience is not met in a session for the other.
func consentsByAudience(t *testing.T, open opener) {
	h := aHouse(t, open).forTheYoung()
	child, guardian := h.young("学号-2", domain.Child)
	h.must(guardian.decide(domain.Granted))
	of := func(group domain.AgeGroup) *domain.Moment {
		p := &person{house: h, name: "学号-2", group: group}
		h.must(p.openSession(store.NewID(), aRequest()))
		return p.now()
	}
	if m := of(domain.Child); m.Session.State != domain.Consented || m.Consent.By != domain.ByGuardian || m.Guardian != nil {
		t.Errorf("child: %s by %v, %v", m.Session.State, m.Consent, m.Guardian)
	}
	if m := of(domain.Minor); m.Session.State != domain.Open || m.Consent != nil || m.Guardian == nil {
		t.Errorf("minor: %s by %v, %v", m.Session.State, m.Consent, m.Guardian)
	}
	if m := of(domain.GrownUp); m.Session.State != domain.Open || m.Consent != nil || m.Guardian != nil {
		t.Errorf("adult: %s by %v, %v", m.Session.State, m.Consent, m.Guardian)
	}
	minor, adult := &person{house: h, name: "学号-2", group: domain.Minor}, &person{house: h, name: "学号-2"}
	for _, p := range []*person{minor, adult} {
		h.must(p.openSession(store.NewID(), aRequest()))
		h.must(p.decide(domain.Granted))
	}
	own := minor.now().Consent.ID // older than the adult's, and current all the same
	if m := of(domain.Minor); m.Session.State != domain.Consented || m.Consent == nil || m.Consent.ID != own {
		t.Errorf("after an adult's grant a minor's session is %s by %v", m.Session.State, m.Consent)
	}
	if m := of(domain.GrownUp); m.Session.State != domain.Consented || m.Consent.Audience != domain.Adult || m.Guardian != nil {
		t.Errorf("after all that an adult's session is %s by %v, %v", m.Session.State, m.Consent, m.Guardian)
	}
	h.must(guardian.withdraw())
	if s := adult.now().Session.State; s != domain.Consented {
		t.Errorf("the guardian of the child ended the adult's session: %s", s)
	}
	if s := child.now().Session.State; s != domain.Withdrawn {
		t.Errorf("the child's session is %s", s)
	}
	adult.chain()
}

func twoGrants(t *testing.T, open opener) {
	h := aHouse(t, open).forTheYoung()
	other := h.elsewhere()
	for i := range h.rounds() {
		p, guardian := h.young(fmt.Sprintf("学号-%d", i), domain.Minor)
		for _, err := range race(
			func() error { return p.decide(domain.Granted) },
			func() error { return guardian.elsewhere(other).decide(domain.Granted) },
		) {
			h.must(err)
		}
		m := p.now()
		if n := count(p.chain(), domain.ConsentGrantedType); n != 2 || m.Session.State != domain.Consented {
			t.Fatalf("%d grants, the session is %s", n, m.Session.State)
		}
		if e := m.Session.Evidence; e.Consent != m.Consent.ID || e.GuardianConsent != m.Guardian.ID {
			t.Fatalf("it stands on %+v", e)
		}
	}
}

func noAgainstYes(t *testing.T, open opener) {
	h := aHouse(t, open).forTheYoung()
	other := h.elsewhere()
	for i := range h.rounds() {
		p, guardian := h.young(fmt.Sprintf("学号-%d", i), domain.Minor)
		for _, err := range race(
			func() error { return p.decide(domain.Granted) },
			func() error { return guardian.elsewhere(other).decide(domain.Declined) },
		) {
			h.must(err)
		}
		if s := p.now().Session.State; s != domain.Refused {
			t.Fatalf("the session is %s", s)
		}
		_, _, err := p.reserve("a")
		h.refused(err, domain.ConsentRefused)
		p.chain()
	}
}

func guardianAgainstCheck(t *testing.T, open opener) {
	guardianEnds(t, open, func(guardian *person) func() error { return guardian.withdraw })
}

func guardianReceiptAgainstCheck(t *testing.T, open opener) {
	guardianEnds(t, open, func(guardian *person) func() error {
		consent := guardian.now().Of(domain.ByGuardian).ID
		return func() error { return guardian.withdrawByReceipt(consent) }
	})
}

func guardianEnds(t *testing.T, open opener, withdrawal func(*person) func() error) {
	h := aHouse(t, open).forTheYoung()
	other := h.elsewhere()
	for i := range h.rounds() {
		p, guardian := h.young(fmt.Sprintf("学号-%d", i), []domain.AgeGroup{domain.Minor, domain.Child}[i%2])
		if p.group == domain.Minor {
			h.must(p.decide(domain.Granted))
		}
		h.must(guardian.decide(domain.Granted))
		errs := race(withdrawal(guardian), func() error { _, _, err := p.elsewhere(other).reserve("a"); return err })
		h.must(errs[0])
		if errs[1] != nil && !errors.Is(errs[1], domain.Refuse(domain.ConsentWithdrawn)) {
			t.Fatalf("the check came to %v", errs[1])
		}
		p.chain() // audits that no check starts after the withdrawal
		if s := p.now().Session.State; s != domain.Withdrawn {
			t.Fatalf("the session is %s", s)
		}
		_, _, err := p.reserve("b")
		h.refused(err, domain.ConsentWithdrawn)
	}
}

func withdrawalEndsWhatHangsOnIt(t *testing.T, open opener) {
	h := aHouse(t, open).forTheYoung()
	session := func(group domain.AgeGroup) *person {
		p := &person{house: h, name: "学号-3", group: group}
		h.must(p.openSession(store.NewID(), aRequest()))
		return p
	}
	waiting, adult := session(domain.Minor), session(domain.GrownUp)
	h.must(adult.decide(domain.Granted))
	h.must(waiting.guardian().decide(domain.Granted))
	child := session(domain.Child) // starts consented
	for name, p := range map[string]*person{"waiting": waiting, "child": child, "adult": adult} {
		if want := map[string]domain.State{"waiting": domain.Open, "child": domain.Consented, "adult": domain.Consented}[name]; p.now().Session.State != want {
			t.Fatalf("%s: %s", name, p.now().Session.State)
		}
	}
	h.must(child.withdrawByReceipt(child.now().Consent.ID))
	for name, p := range map[string]*person{"waiting": waiting, "child": child, "adult": adult} {
		s := p.now().Session
		if want := map[string]domain.State{"waiting": domain.Withdrawn, "child": domain.Withdrawn, "adult": domain.Consented}[name]; s.State != want {
			t.Errorf("%s: %s, want %s", name, s.State, want)
		}
		if s.State == domain.Withdrawn && (len(s.Secret) > 0 || len(s.SecretKey) > 0) {
			t.Errorf("%s: its secrets are still there", name)
		}
	}
	child.chain()
}
