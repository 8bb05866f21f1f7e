package storetest

import (
	"cmp"
	"context"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/ledger"
	"nod/shared/store"
)

// person is somebody with one session at a time, as one instance serves them.
type person struct {
	*house
	name    string
	session domain.ID
	group   domain.AgeGroup // of their sessions; an adult if empty
	as      domain.Giver    // whose device it is; their own if empty
}

// person opens a session for somebody.
func (h *house) person(name string) *person {
	h.t.Helper()
	p := &person{house: h, name: name}
	h.must(p.openSession(store.NewID(), aRequest()))
	return p
}

// consenting is somebody who has agreed.
func (h *house) consenting(name string) *person {
	h.t.Helper()
	p := h.person(name)
	h.must(p.decide(domain.Granted))
	return p
}

// elsewhere is the same person in the same session, served by another instance.
func (p *person) elsewhere(at *house) *person { return &person{at, p.name, p.session, p.group, p.as} }

func (p *person) lookup() string { return hashOf("lookup " + p.name) }

func (p *person) opening() app.By {
	return app.By{Opening: &app.Opening{
		Lookup: p.lookup(), Pseudonym: string(store.NewID()), SealedID: []byte("\x00sealed " + p.name),
		Purpose: domain.Exam, AgeGroup: cmp.Or(p.group, domain.GrownUp),
	}}
}

func (p *person) openSession(id domain.ID, r domain.SessionRequest) error {
	_, err := p.tenant.Update(p.t.Context(), p.opening(), nil, func(m *domain.Moment) error {
		return p.newSession(m, r, id)
	})
	p.session = id
	return err
}

// newSession is the rule of openSession: a session with secrets, as the
// application opens it.
func (p *person) newSession(m *domain.Moment, r domain.SessionRequest, id domain.ID) error {
	r.AgeGroup = cmp.Or(p.group, r.AgeGroup)
	if err := m.NewSession(r, id, hashOf("code "+string(id))); err != nil {
		return err
	}
	m.Session.Secret, m.Session.SecretKey = []byte("\x00reference\xff"), []byte("\x00key\xff")
	return nil
}

// update runs a rule on the person's session.
func (p *person) update(rule func(*domain.Moment) error) ([]ledger.Entry, error) {
	return p.updateIn(p.t.Context(), rule)
}

func (p *person) updateIn(ctx context.Context, rule func(*domain.Moment) error) ([]ledger.Entry, error) {
	return p.tenant.Update(ctx, app.By{Session: p.session}, nil, func(m *domain.Moment) error {
		m.As = p.as
		return rule(m)
	})
}

func (p *person) now() *domain.Moment {
	p.t.Helper()
	return p.moment(app.By{Session: p.session})
}

func (p *person) proof() domain.Proof {
	salt := []byte("\x00salt of " + p.name)
	return domain.Proof{Salt: salt, Commitment: ledger.Commitment(salt, p.id, p.name), WithdrawHash: hashOf("withdraw " + p.name)}
}

// answerTo is what a page posts for the notice in force.
func answerTo(m *domain.Moment, decision domain.ConsentState) domain.Decision {
	d := domain.Decision{Decision: decision, Locale: domain.Chinese, By: m.Speaker()}
	if d.By == domain.ByGuardian {
		d.Guardian = &domain.GuardianStatement{Relation: "grandparent", ReachedBy: "in_person"}
	}
	if m.Notice != nil {
		d.NoticeID, d.NoticeSHA256 = m.Notice.ID, m.Notice.SHA256[domain.Chinese]
	}
	return d
}

func (p *person) decide(decision domain.ConsentState) error {
	_, err := p.update(p.deciding(decision))
	return err
}

// deciding is the rule by which a page shows the notice and posts the decision.
func (p *person) deciding(decision domain.ConsentState) func(*domain.Moment) error {
	return func(m *domain.Moment) error {
		m.Settle()
		m.Show(domain.Chinese)
		return m.Decide(answerTo(m, decision), p.proof())
	}
}

func (p *person) withdraw() error {
	_, err := p.tenant.Update(p.t.Context(), app.By{Session: p.session, Agreed: true}, nil, func(m *domain.Moment) error {
		m.As = p.as
		return m.Withdraw("session")
	})
	return err
}

// withdrawByReceipt comes without a session: only the consent is known.
func (p *person) withdrawByReceipt(consent domain.ID) error {
	_, err := p.tenant.Update(p.t.Context(), app.By{Consent: consent, Agreed: true}, nil, func(m *domain.Moment) error {
		return m.Withdraw("receipt")
	})
	return err
}

func (p *person) reserve(attempt string) (permit *domain.Permit, earlier *domain.Attempt, err error) {
	_, err = p.update(func(m *domain.Moment) (err error) {
		permit, earlier, err = m.Reserve(aCheck(attempt))
		return err
	})
	return permit, earlier, err
}

func (p *person) conclude(attempt string, o domain.Outcome) error {
	_, err := p.update(func(m *domain.Moment) error { return m.Conclude(attempt, o) })
	return err
}

// check is a whole check with a given outcome.
func (p *person) check(attempt string, o domain.Outcome) error {
	if _, _, err := p.reserve(attempt); err != nil {
		return err
	}
	return p.conclude(attempt, o)
}
