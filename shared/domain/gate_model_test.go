package domain_test

import (
	"slices"
	"time"

	"nod/shared/domain"
)

// The model is a second, simple telling of DESIGN section 2 invariant 1 and section
// 3: who may be checked when. It borrows the domain's words and none of its rules.

type model struct {
	closed, face bool
	purposes     map[domain.Purpose]*modelPurpose
	delegations  map[domain.ID]*modelDelegation
	notices      map[domain.Purpose][]*modelNotice // oldest first
	people       []*modelPerson
}

type modelPurpose struct {
	enabled, acceptable, photoInput bool
	assessedUntil                   time.Time // exclusive
}

type modelDelegation struct {
	from, until time.Time
	revoked     bool
	purposes    []domain.Purpose
	routes      []domain.Route
}

type modelNotice struct {
	id         domain.ID
	version    int
	from       time.Time
	delegation domain.ID
	routes     []domain.Route
	days       int
	facts      domain.Facts
	material   bool
}

type modelPerson struct {
	consents map[domain.Purpose]*modelConsent
	sessions map[domain.ID]*modelSession
}

type modelConsent struct {
	state    domain.ConsentState
	version  int // of the notice
	routes   []domain.Route
	until    time.Time
	saidNoAt time.Time
}

type modelSession struct {
	purpose        domain.Purpose
	kind           domain.Kind
	route          domain.Route
	state          domain.State
	began, expires time.Time
	fails, uploads int
	attempts       map[string]*modelAttempt
}

type modelAttempt struct {
	consent *modelConsent
	goneBy  time.Time // when it counts as dead
	over    bool
}

func newModel(people int) *model {
	m := &model{
		purposes:    map[domain.Purpose]*modelPurpose{domain.Exam: {}, domain.Training: {}},
		delegations: map[domain.ID]*modelDelegation{}, notices: map[domain.Purpose][]*modelNotice{},
	}
	for range people {
		m.people = append(m.people, &modelPerson{map[domain.Purpose]*modelConsent{}, map[domain.ID]*modelSession{}})
	}
	return m
}

func (m *model) inForce(p domain.Purpose, at time.Time) *modelNotice {
	for _, n := range slices.Backward(m.notices[p]) {
		if !at.Before(n.from) {
			return n
		}
	}
	return nil
}

// before is the notice that another one takes over from: the newest of those that were
// published before it and are in force by then.
func (m *model) before(p domain.Purpose, n *modelNotice) *modelNotice {
	for _, o := range slices.Backward(m.notices[p]) {
		if o.version < n.version && !n.from.Before(o.from) {
			return o
		}
	}
	return nil
}

func (d *modelDelegation) over(at time.Time) bool { return d.revoked || !at.Before(d.until) }

// mayProcess is the enterprise's side of invariant 1.
func (m *model) mayProcess(p domain.Purpose, r domain.Route, at time.Time) bool {
	purpose, n := m.purposes[p], m.inForce(p, at)
	if m.closed || !m.face || !purpose.enabled || !purpose.acceptable || !at.Before(purpose.assessedUntil) || n == nil {
		return false
	}
	d := m.delegations[n.delegation]
	if d.over(at) || at.Before(d.from) {
		return false
	}
	return r == "" || slices.Contains(n.routes, r) && slices.Contains(d.routes, r) && slices.Contains(d.purposes, p)
}

// holds reports whether a person's consent is good at an instant: a grant, not past
// its term, of the notice in force or of one from which no later one up to it
// differs materially.
func (m *model) holds(c *modelConsent, p domain.Purpose, at time.Time) bool {
	if c == nil || c.state != domain.Granted || !at.Before(c.until) {
		return false
	}
	n := m.inForce(p, at)
	if n == nil {
		return true // nothing is newer; no check is possible all the same
	}
	for later := n; later != nil && later.version > c.version; later = m.before(p, later) {
		if later.material {
			return false
		}
	}
	return !m.delegations[n.delegation].over(at)
}

func (s *modelSession) final() bool {
	switch s.state {
	case domain.Open, domain.Consented, domain.Refused:
		return false
	}
	return true
}

// over adds that a session opened to ask ahead ends with the answer it got.
func (s *modelSession) over(at time.Time) bool {
	return s.final() || s.kind == domain.ConsentKind && s.state != domain.Open && !at.Before(s.expires)
}

func (s *modelSession) running() bool {
	for _, a := range s.attempts {
		if !a.over {
			return true
		}
	}
	return false
}

// met brings what is touched up to date: dead attempts, a consent that lapsed, the
// session that follows it, the session's time.
func (m *model) met(who *modelPerson, s *modelSession, p domain.Purpose, at time.Time) {
	c := who.consents[p]
	busy := false
	if s != nil {
		for _, a := range s.attempts {
			a.over = a.over || !at.Before(a.goneBy)
		}
		busy = s.running()
	}
	if c != nil && c.state == domain.Granted && !m.holds(c, p, at) && !busy {
		c.state = domain.Lapsed
	}
	if s == nil || s.over(at) {
		return
	}
	if s.state == domain.Consented && p == s.purpose {
		s.heed(c)
		if s.state == domain.Consented && c.state == domain.Lapsed && !busy {
			s.state = domain.Open
		}
	}
	if !at.Before(s.expires) && !busy {
		s.state = domain.Expired
	}
}

// mayCheck is invariant 1 for one request, after met.
func (m *model) mayCheck(who *modelPerson, s *modelSession, attempt string, photo bool, at time.Time) bool {
	c := who.consents[s.purpose]
	_, repeated := s.attempts[attempt]
	return s.kind == domain.CheckKind && s.state == domain.Consented && at.Before(s.expires) && !s.running() && !repeated &&
		s.fails < 3 && s.uploads < 10 && (!photo || m.purposes[s.purpose].photoInput) &&
		m.mayProcess(s.purpose, s.route, at) && m.holds(c, s.purpose, at) && slices.Contains(c.routes, s.route)
}

func (m *model) reserve(who *modelPerson, s *modelSession, attempt string, at time.Time) {
	s.uploads++
	s.attempts[attempt] = &modelAttempt{consent: who.consents[s.purpose], goneBy: at.Add(callTime + domain.Grace)}
}

// conclude takes an outcome; it reports whether it still counts: it rests on the
// person's last word, and that is no no.
func (s *modelSession) conclude(who *modelPerson, attempt string, r domain.Result) bool {
	a, c := s.attempts[attempt], who.consents[s.purpose]
	if a.over {
		return false
	}
	a.over = true
	s.heed(c)
	if s.state != domain.Consented || c != a.consent || c.state == domain.TakenBack || c.state == domain.Declined {
		return false
	}
	if r == domain.Fail {
		s.fails++
	}
	switch {
	case r == domain.Pass:
		s.state = domain.Passed
	case s.fails == 3:
		s.state = domain.Failed
	}
	return true
}

// wait gives back what a face API that was too busy has cost (section 5: waiting for a
// turn extends by itself; section 3: it uses nothing).
func (s *modelSession) wait(retryAfter time.Duration, at time.Time) {
	s.uploads--
	if atLeast := at.Add(retryAfter + 5*time.Minute); s.expires.Before(atLeast) {
		s.expires = atLeast
	}
}

// extend is the person's wish for more time: 15 minutes more, 60 in all.
func (s *modelSession) extend(at time.Time) {
	until := at.Add(15 * time.Minute)
	if most := s.began.Add(time.Hour); most.Before(until) {
		until = most
	}
	if s.expires.Before(until) {
		s.expires = until
	}
}

// heed moves a session that was not over yet when the person said no elsewhere.
func (s *modelSession) heed(c *modelConsent) {
	if s.state == domain.Consented && c.state == domain.Declined && c.saidNoAt.Before(s.expires) {
		s.state = domain.Refused
	}
}

// starts is the state that a new session begins in (section 3, step 2).
func (m *model) starts(who *modelPerson, p domain.Purpose, r domain.Route, at time.Time) domain.State {
	c := who.consents[p]
	switch {
	case m.holds(c, p, at) && (r == "" || slices.Contains(c.routes, r)):
		return domain.Consented
	case c != nil && (c.state == domain.Declined || c.state == domain.TakenBack) && at.Before(c.saidNoAt.Add(48*time.Hour)):
		return domain.Refused
	}
	return domain.Open
}

// mayDecide says whether a decision on the notice in force is taken.
func (m *model) mayDecide(s *modelSession, d domain.ConsentState, at time.Time) bool {
	switch {
	case s.over(at) || m.inForce(s.purpose, at) == nil:
		return false
	case d == domain.Granted:
		return s.state != domain.Consented && m.mayProcess(s.purpose, s.route, at)
	}
	return s.state != domain.Refused
}

func (m *model) decide(who *modelPerson, s *modelSession, d domain.ConsentState, at time.Time) {
	n := m.inForce(s.purpose, at)
	c := &modelConsent{state: d, version: n.version, routes: n.routes}
	s.state = domain.Refused
	if d == domain.Granted {
		s.state = domain.Consented
		c.until = at.Add(time.Duration(n.days) * 24 * time.Hour).Truncate(time.Second)
	} else {
		c.saidNoAt = at
	}
	who.consents[s.purpose] = c
}

func (m *model) withdraw(who *modelPerson, own *modelSession, p domain.Purpose, at time.Time) bool {
	c := who.consents[p]
	if c == nil || c.state != domain.Granted {
		return false
	}
	c.state, c.saidNoAt = domain.TakenBack, at
	for _, s := range who.sessions {
		if s.purpose == p && s.state == domain.Consented && (s == own || at.Before(s.expires)) {
			s.state = domain.Withdrawn
		}
	}
	return true
}
