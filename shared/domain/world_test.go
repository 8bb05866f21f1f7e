package domain_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"nod/shared/domain"
)

// world keeps between steps what the store would keep, and reads and writes
// Moments and Charters as the store does: all that a rule collected, also when the
// rule refused, and nothing when an administrator's rule refused.
type world struct {
	clock       time.Time // the database's
	minted      int
	enterprise  domain.Enterprise
	settings    domain.Settings
	delegations []domain.Delegation
	notices     []domain.Notice // newest first
	people      []*person
	told        []*domain.Event
	chained     func(*person, *domain.Record)
}

// person is a subject with everything that hangs on its row.
type person struct {
	subject  domain.Subject
	consents map[domain.Purpose][]domain.Consent // the last of each audience and giver is a current one
	sessions map[domain.ID]*kept
	order    []domain.ID // of the sessions
	chain    []*domain.Record
}

type kept struct {
	session  domain.Session
	attempts []domain.Attempt
}

func newWorld(clock time.Time, people int) *world {
	w := &world{clock: clock, chained: func(*person, *domain.Record) {}}
	w.enterprise = domain.Enterprise{ID: w.mint(), Profile: aProfile(), CreatedAt: clock, Version: 1}
	for i := range people {
		w.people = append(w.people, &person{
			subject:  domain.Subject{Pseudonym: fmt.Sprintf("%032x", i+1)},
			consents: map[domain.Purpose][]domain.Consent{},
			sessions: map[domain.ID]*kept{},
		})
	}
	return w
}

func (w *world) mint() domain.ID {
	w.minted++
	return domain.ID(fmt.Sprintf("01920000-0000-7000-8000-%012x", w.minted))
}

// now is the moment a person's transaction happens at: a clock that was set back
// does not put their Records out of order.
func (w *world) now(p *person) time.Time {
	if w.clock.Before(p.subject.HeadAt) {
		return p.subject.HeadAt
	}
	return w.clock
}

func (w *world) loadSettings() domain.Settings {
	s := w.settings
	s.Purposes = maps.Clone(s.Purposes)
	if s.Purposes == nil {
		s.Purposes = map[domain.Purpose]domain.PurposeSettings{}
	}
	return s
}

// moment reads what decides about a session, or about a purpose of an adult's alone.
func (w *world) moment(p *person, session domain.ID, purpose domain.Purpose) *domain.Moment {
	return w.at(p, session, purpose, domain.GrownUp)
}

// at is moment for somebody of an age group; a session's own counts where there is one.
func (w *world) at(p *person, session domain.ID, purpose domain.Purpose, group domain.AgeGroup) *domain.Moment {
	if k := p.sessions[session]; k != nil {
		group = k.session.AgeGroup
	}
	return w.read(p, session, purpose, group.Audience(), group.Needs())
}

func (w *world) read(p *person, session domain.ID, purpose domain.Purpose, audience domain.Audience, needs []domain.Giver) *domain.Moment {
	m := &domain.Moment{
		Now: w.now(p), Enterprise: w.enterprise, Settings: w.loadSettings(),
		Subject: p.subject, Mint: w.mint,
	}
	if k := p.sessions[session]; k != nil {
		s := k.session
		m.Other = purpose != "" && purpose != s.Purpose
		m.Session, m.Attempts = &s, slices.Clone(k.attempts)
		if purpose == "" {
			purpose = s.Purpose
		}
	}
	for _, n := range w.notices {
		if n.Purpose == purpose && n.Audience == audience && !m.Now.Before(n.EffectiveFrom) {
			m.Notice = &n
			break
		}
	}
	if m.Notice != nil {
		d := *w.delegation(m.Notice.Delegation.ID)
		m.Delegation = &d
	}
	m.Consent = p.latest(purpose, audience, needs[0])
	if len(needs) > 1 {
		m.Guardian = p.latest(purpose, audience, needs[1])
	}
	return m
}

func (p *person) latest(purpose domain.Purpose, audience domain.Audience, by domain.Giver) *domain.Consent {
	for _, c := range slices.Backward(p.consents[purpose]) {
		if c.Audience == audience && c.By == by {
			return &c
		}
	}
	return nil
}

func (w *world) delegation(id domain.ID) *domain.Delegation {
	i := slices.IndexFunc(w.delegations, func(d domain.Delegation) bool { return d.ID == id })
	if i < 0 {
		return nil
	}
	return &w.delegations[i]
}

// update applies a rule to a person's Moment and keeps what it collected.
func (w *world) update(p *person, session domain.ID, purpose domain.Purpose, rule func(*domain.Moment) error) error {
	m := w.moment(p, session, purpose)
	err := rule(m)
	w.keep(p, m)
	return err
}

func (w *world) keep(p *person, m *domain.Moment) {
	w.told = append(w.told, m.Events...)
	for _, c := range m.EndedConsents {
		p.end(*c)
	}
	for _, r := range m.Records {
		p.chain = append(p.chain, r)
		p.subject.Records++
		p.subject.HeadAt = r.At
		w.chained(p, r)
	}
	if c := m.NewConsent; c != nil {
		p.consents[c.Purpose] = append(p.consents[c.Purpose], *c)
	}
	if m.SessionChanged {
		p.put(*m.Session)
	}
	for _, a := range m.EndedAttempts {
		p.sessions[m.Session.ID].save(*a)
	}
	if a := m.AttemptChanged; a != nil {
		p.sessions[m.Session.ID].save(*a)
	}
}

// end writes that a consent was withdrawn or lapsed. After a withdrawal no running
// session that needs it stays consented, and no minor's waits for the other grant.
func (p *person) end(c domain.Consent) {
	all := p.consents[c.Purpose]
	i := slices.IndexFunc(all, func(have domain.Consent) bool { return have.ID == c.ID })
	all[i].State, all[i].Cause, all[i].EndedAt = c.State, c.Cause, c.EndedAt
	if c.State != domain.TakenBack {
		return
	}
	for _, k := range p.sessions {
		s := &k.session
		waits := s.State == domain.Consented || s.State == domain.Open && s.AgeGroup == domain.Minor
		if s.Purpose == c.Purpose && slices.Contains(c.CountsFor(), s.AgeGroup) && waits && c.EndedAt.Before(s.ExpiresAt) {
			s.State = domain.Withdrawn
		}
	}
}

func (p *person) put(s domain.Session) {
	if k := p.sessions[s.ID]; k != nil {
		k.session = s
		return
	}
	p.sessions[s.ID] = &kept{session: s}
	p.order = append(p.order, s.ID)
}

func (k *kept) save(a domain.Attempt) {
	for i := range k.attempts {
		if k.attempts[i].ID == a.ID {
			k.attempts[i] = a
			return
		}
	}
	k.attempts = append(k.attempts, a)
}

// instruct applies an administrator's rule.
func (w *world) instruct(rule func(*domain.Charter) error) error {
	c := &domain.Charter{
		Now: w.clock, Enterprise: w.enterprise, Settings: w.loadSettings(),
		Delegations: slices.Clone(w.delegations), Notices: slices.Clone(w.notices), Mint: w.mint,
	}
	if err := rule(c); err != nil {
		return err
	}
	w.told = append(w.told, c.Events...)
	w.enterprise, w.settings, w.delegations = c.Enterprise, c.Settings, c.Delegations
	if c.NewDelegation != nil {
		w.delegations = append(w.delegations, *c.NewDelegation)
	}
	if c.NewNotice != nil {
		w.notices = slices.Insert(w.notices, 0, *c.NewNotice)
	}
	return nil
}

// hashesOf stands for package ledger: a hash of its own for every version and locale.
func hashesOf(n domain.Notice) map[domain.Locale]string {
	out := map[domain.Locale]string{}
	for l := range n.Contents {
		out[l] = hexOf(fmt.Sprint(n.Purpose, n.Audience, n.Version, l))
	}
	return out
}

func hexOf(s string) string {
	h := fmt.Sprintf("%x", s)
	return (h + strings.Repeat("0", 64))[:64]
}
