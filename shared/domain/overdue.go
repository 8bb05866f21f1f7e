package domain

import "time"

// LongestCall is the most time that a deployment may give one call of the face API.
const LongestCall = time.Minute

// Overdue is how long after a session's time nothing of it can be under way any more: a
// check that was sent at the last moment has its outcome by then, or will have none.
const Overdue = LongestCall + Grace

// Tidy is Settle for somebody who has nothing else to do: the timer. It adds no rule of
// its own to what whoever met the session or the consent would write down; that a session
// which is over keeps no secret (duty D02) is what every end of one sees to, and is only
// made sure of here.
func (m *Moment) Tidy() {
	m.Settle()
	if s := m.Session; s != nil && m.over() && s.HoldsSecret() {
		s.Secret, s.SecretKey = nil, nil
		m.touchSession()
	}
}

// HoldsSecret reports whether the session's reference can still be opened.
func (s Session) HoldsSecret() bool { return len(s.Secret) > 0 || len(s.SecretKey) > 0 }
