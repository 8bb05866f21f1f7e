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
	notices      map[topic][]*modelNotice // oldest first
	people       []*modelPerson
}

// topic is what a notice is about, and vow whose word on it.
type topic struct {
	purpose  domain.Purpose
	audience domain.Audience
}

type vow struct {
	topic
	by domain.Giver
}

func about(p domain.Purpose, group domain.AgeGroup) topic {
	if group == domain.GrownUp {
		return topic{p, domain.Adult}
	}
	return topic{p, domain.Guardian}
}

// vows are those that somebody of the age group needs (duty D23).
func vows(p domain.Purpose, group domain.AgeGroup) []vow {
	own, guardians := vow{about(p, group), domain.Self}, vow{about(p, group), domain.ByGuardian}
	return map[domain.AgeGroup][]vow{domain.GrownUp: {own}, domain.Minor: {own, guardians}, domain.Child: {guardians}}[group]
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
	consents map[vow]*modelConsent
	sessions map[domain.ID]*modelSession
}

type modelConsent struct {
	state    domain.ConsentState
	version  int // of the notice
	routes   []domain.Route
	until    time.Time
	saidNoAt time.Time
	session  *modelSession
}

func (c *modelConsent) no() bool {
	return c != nil && (c.state == domain.Declined || c.state == domain.TakenBack)
}

type modelSession struct {
	purpose        domain.Purpose
	group          domain.AgeGroup
	kind           domain.Kind
	route          domain.Route
	state          domain.State
	began, expires time.Time
	fails, uploads int
	grants         int
	attempts       map[string]*modelAttempt
}

type modelAttempt struct {
	consents []*modelConsent
	goneBy   time.Time // when it counts as dead
	over     bool
}

func newModel(people int) *model {
	m := &model{
		purposes:    map[domain.Purpose]*modelPurpose{domain.Exam: {}, domain.Training: {}},
		delegations: map[domain.ID]*modelDelegation{}, notices: map[topic][]*modelNotice{},
	}
	for range people {
		m.people = append(m.people, &modelPerson{map[vow]*modelConsent{}, map[domain.ID]*modelSession{}})
	}
	return m
}

func (p *modelPerson) of(list []vow) (out []*modelConsent) {
	for _, v := range list {
		out = append(out, p.consents[v])
	}
	return out
}

func (m *model) inForce(p topic, at time.Time) *modelNotice {
	for _, n := range slices.Backward(m.notices[p]) {
		if !at.Before(n.from) {
			return n
		}
	}
	return nil
}

// before is the notice that another one takes over from: the newest of those that were
// published before it and are in force by then.
func (m *model) before(p topic, n *modelNotice) *modelNotice {
	for _, o := range slices.Backward(m.notices[p]) {
		if o.version < n.version && !n.from.Before(o.from) {
			return o
		}
	}
	return nil
}

func (d *modelDelegation) over(at time.Time) bool { return d.revoked || !at.Before(d.until) }

// mayProcess is the enterprise's side of invariant 1.
func (m *model) mayProcess(p topic, r domain.Route, at time.Time) bool {
	purpose, n := m.purposes[p.purpose], m.inForce(p, at)
	if m.closed || !m.face || !purpose.enabled || !purpose.acceptable || !at.Before(purpose.assessedUntil) || n == nil {
		return false
	}
	d := m.delegations[n.delegation]
	if d.over(at) || at.Before(d.from) {
		return false
	}
	return r == "" || slices.Contains(n.routes, r) && slices.Contains(d.routes, r) && slices.Contains(d.purposes, p.purpose)
}

// holds reports whether a person's consent is good at an instant: a grant, not past
// its term, of the notice in force or of one from which no later one up to it
// differs materially.
func (m *model) holds(c *modelConsent, p topic, at time.Time) bool {
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

func (s *modelSession) vows() []vow { return vows(s.purpose, s.group) }

// all reports whether every vow is a standing grant that reaches the route.
func (who *modelPerson) all(list []vow, r domain.Route) bool {
	return !slices.ContainsFunc(who.of(list), func(c *modelConsent) bool {
		return c == nil || c.state != domain.Granted || r != "" && !slices.Contains(c.routes, r)
	})
}

// met brings what is touched up to date: dead attempts, consents that lapsed, the
// session that follows them, the session's time.
func (m *model) met(who *modelPerson, s *modelSession, touched []vow, at time.Time) {
	busy := false
	if s != nil {
		for _, a := range s.attempts {
			a.over = a.over || !at.Before(a.goneBy)
		}
		busy = s.running()
	}
	for _, v := range touched {
		if c := who.consents[v]; c != nil && c.state == domain.Granted && !m.holds(c, v.topic, at) && !busy {
			c.state = domain.Lapsed
		}
	}
	if s == nil || s.over(at) {
		return
	}
	if touched[0].purpose == s.purpose {
		m.follow(who, s, at)
	}
	if !at.Before(s.expires) && !busy {
		s.state = domain.Expired
	}
}

// follow moves a session after what was said elsewhere. Where two can speak, in two
// places, it goes on as soon as nothing is missing any more.
func (m *model) follow(who *modelPerson, s *modelSession, at time.Time) {
	s.heed(who)
	lapsed := slices.ContainsFunc(who.of(s.vows()), func(c *modelConsent) bool { return c != nil && c.state == domain.Lapsed })
	if s.state == domain.Consented && lapsed && !s.running() {
		s.state = domain.Open
	}
	waits := s.state == domain.Open || s.state == domain.Refused
	if s.group != domain.GrownUp && waits && (at.Before(s.expires) || s.running()) && who.all(s.vows(), s.route) {
		s.state = domain.Consented
	}
}

// mayCheck is invariant 1 for one request, after met.
func (m *model) mayCheck(who *modelPerson, s *modelSession, attempt string, photo bool, at time.Time) bool {
	_, repeated := s.attempts[attempt]
	for _, v := range s.vows() {
		if c := who.consents[v]; !m.holds(c, v.topic, at) || !slices.Contains(c.routes, s.route) {
			return false
		}
	}
	return s.kind == domain.CheckKind && s.state == domain.Consented && at.Before(s.expires) && !s.running() && !repeated &&
		s.fails < 3 && s.uploads < 10 && (!photo || m.purposes[s.purpose].photoInput) &&
		m.mayProcess(about(s.purpose, s.group), s.route, at)
}

func (m *model) reserve(who *modelPerson, s *modelSession, attempt string, at time.Time) {
	s.uploads++
	s.attempts[attempt] = &modelAttempt{consents: who.of(s.vows()), goneBy: at.Add(callTime + domain.Grace)}
}

// conclude takes an outcome; it reports whether it still counts: it rests on the
// last word of everybody whose word it needs, and that is no no.
func (s *modelSession) conclude(who *modelPerson, attempt string, r domain.Result) bool {
	a, now := s.attempts[attempt], who.of(s.vows())
	if a.over {
		return false
	}
	a.over = true
	s.heed(who)
	if s.state != domain.Consented || !slices.Equal(now, a.consents) || slices.ContainsFunc(now, (*modelConsent).no) {
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

// wait makes up for a queue (section 5: waiting for a turn extends by itself): whoever waits
// asks again within five minutes, and has five more then.
func (s *modelSession) wait(at time.Time) {
	if atLeast := at.Add(15 * time.Minute); !s.expires.After(atLeast.Add(-time.Minute)) {
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

// heed moves a session that was not over yet when somebody said no elsewhere.
func (s *modelSession) heed(who *modelPerson) {
	for _, c := range who.of(s.vows()) {
		if s.state == domain.Consented && c != nil && c.state == domain.Declined && c.saidNoAt.Before(s.expires) {
			s.state = domain.Refused
		}
	}
}

// stands is the state that what was said puts a session into (section 3, step 2; duties
// D04 and D23).
func (m *model) stands(who *modelPerson, list []vow, r domain.Route, at time.Time) domain.State {
	recent := func(c *modelConsent) bool { return c.no() && at.Before(c.saidNoAt.Add(48*time.Hour)) }
	switch {
	case who.all(list, r):
		return domain.Consented
	case slices.ContainsFunc(who.of(list), recent):
		return domain.Refused
	}
	return domain.Open
}

// mayDecide says whether a decision on the notice in force is taken.
func (m *model) mayDecide(who *modelPerson, s *modelSession, by domain.Giver, d domain.ConsentState, at time.Time) bool {
	v := vow{about(s.purpose, s.group), by}
	c := who.consents[v]
	switch {
	case s.over(at) || m.inForce(v.topic, at) == nil || !slices.Contains(s.vows(), v):
		return false
	case d == domain.Granted:
		said := c != nil && c.session == s && who.all([]vow{v}, s.route)
		return s.state != domain.Consented && !said && s.grants < 10 && m.mayProcess(v.topic, s.route, at)
	}
	return s.state != domain.Refused || !c.no()
}

func (m *model) decide(who *modelPerson, s *modelSession, by domain.Giver, d domain.ConsentState, at time.Time) {
	v := vow{about(s.purpose, s.group), by}
	n := m.inForce(v.topic, at)
	c := &modelConsent{state: d, version: n.version, routes: n.routes, session: s}
	if d == domain.Granted {
		s.grants++
		c.until = at.Add(time.Duration(n.days) * 24 * time.Hour).Truncate(time.Second)
	} else {
		c.saidNoAt = at
	}
	who.consents[v] = c
	s.state = m.stands(who, s.vows(), s.route, at)
}

func (m *model) withdraw(who *modelPerson, own *modelSession, v vow, at time.Time) bool {
	c := who.consents[v]
	if c == nil || c.state != domain.Granted {
		return false
	}
	c.state, c.saidNoAt = domain.TakenBack, at
	for _, s := range who.sessions {
		waits := s.state == domain.Consented || s.state == domain.Open && s.group == domain.Minor
		if slices.Contains(s.vows(), v) && waits && (s == own || at.Before(s.expires)) {
			s.state = domain.Withdrawn
		}
	}
	return true
}
