package domain

import (
	"slices"
	"strconv"
	"time"
)

// Visit is a person's stay at the vendor's own page (route hosted). It is sealed with the
// session's reference: the Token says nothing to browsers, and what a browser says about
// it is not listened to.
type Visit struct {
	URL   string `json:"url"`   // where the person goes
	Token string `json:"token"` // what the result is fetched with
}

// AwayFor is how long the vendor keeps a visit (its BizToken: 7,200 s).
const AwayFor = 2 * time.Hour

// Leave is the gate in front of the vendor's page. With the Permit it reserves the
// attempt and records check.started, as Reserve does. Somebody who is away already gets a
// Permit to be shown the way again: then again is true, and no call is to be made.
func (m *Moment) Leave(c Check) (p *Permit, again bool, err error) {
	m.Settle()
	if err := m.wayIn(true); err != nil {
		return nil, false, err
	}
	if a := m.away(); a != nil {
		c.Attempt = a.ID
		return m.permit(c), true, m.mayGoOn(c)
	}
	if err := m.admit(c); err != nil {
		return nil, false, err
	}
	if err := m.takeTurn(); err != nil {
		return nil, false, err
	}
	c.Attempt = "hosted-" + strconv.Itoa(len(m.Attempts)+1)
	return m.reserved(c), false, nil
}

// Left is what comes of a Permit of Leave when the vendor has a page for the person:
// secret is the session's reference with the Visit in it. Somebody who said no meanwhile
// is not sent away.
func (m *Moment) Left(attempt string, secret []byte) error {
	a := m.Attempt(attempt)
	if a == nil || a.Result != "" {
		return Refuse(OutcomeUnknown)
	}
	if m.unwanted(a) != "" {
		return m.Conclude(attempt, Inconclusive(SessionEnded)) // which says why
	}
	m.Session.Secret = secret
	m.awayAgain(a)
	return nil
}

// awayAgain leaves an attempt to the vendor's page, and the person time to come back.
func (m *Moment) awayAgain(a *Attempt) {
	m.stayAway(a)
	s := m.Session
	if until := earlier(m.Now.Add(DefaultTTL), s.LongestUntil()); until.After(s.ExpiresAt) {
		s.ExpiresAt = until
	}
	m.touchSession()
}

func (m *Moment) stayAway(a *Attempt) {
	a.Away, a.DeadlineAt = true, a.StartedAt.Add(AwayFor)
	m.AttemptChanged = a
}

// Return is the gate in front of the result: everything that held when the person left
// must hold now. The Permit is for the one call that fetches it; after that, the result
// is there, and the same question is answered by the returned Attempt. To ask costs none
// of the session's uploads: nothing is sent.
func (m *Moment) Return(c Check) (*Permit, *Attempt, error) {
	m.Settle()
	if err := m.wayIn(true); err != nil {
		return nil, nil, err
	}
	a := m.away()
	if a == nil {
		if n := len(m.Attempts); n > 0 && m.Attempts[n-1].Result != "" {
			return nil, &m.Attempts[n-1], nil
		}
		if err := m.admit(c); err != nil { // also one that is being fetched
			return nil, nil, err
		}
		return nil, nil, RefuseIn(NotAway, m.Session.State)
	}
	if err := m.mayGoOn(c); err != nil {
		return nil, nil, err
	}
	if wait := a.EndedAt.Add(LookAgain).Sub(m.Now); wait > 0 {
		return nil, nil, &Refusal{Reason: CheckInProgress, State: m.Session.State, RetryAfter: wait}
	}
	a.Away, a.EndedAt, a.DeadlineAt = false, m.Now, m.Now.Add(c.Took)
	m.AttemptChanged = a
	m.touchSession()
	c.Attempt = a.ID
	p := m.permit(c)
	p.asked = a.EndedAt
	return p, nil, nil
}

// Away reports whether the person was sent to the vendor's page and has brought no
// result back.
func (m *Moment) Away() bool { return m.away() != nil }

func (m *Moment) away() *Attempt {
	i := slices.IndexFunc(m.Attempts, func(a Attempt) bool { return a.Away && a.Result == "" })
	if i < 0 {
		return nil
	}
	return &m.Attempts[i]
}

// settleAway ends a visit whose result nobody may fetch any more: its time is over, or
// the session or the consent has ended.
func (m *Moment) settleAway() {
	a := m.away()
	if a == nil || m.Other && !m.Session.State.Terminal() {
		return // or nothing is known of the consent that it hangs on
	}
	switch why := m.unwanted(a); {
	case why == SessionExpired, !m.Now.Before(a.DeadlineAt):
		m.end(a, Outcome{Result: Unknown, Reason: OutcomeUnknown})
	case why != "":
		m.end(a, Inconclusive(why))
	}
}
