package domain

import "time"

// HandoverTTL is how long the code of a hand-over is good. It is shown as a picture
// on a screen that others may see, so it does not live long.
const HandoverTTL = 2 * time.Minute

// HandOver makes a second code, for another device of the person's: a phone that has
// the camera which this one lacks. A code made before and not used yet ends.
func (m *Moment) HandOver(codeHash string) error {
	m.Settle()
	s := m.Session
	switch {
	case m.As == ByGuardian:
		return RefuseIn(GuardianCannotCheck, s.State)
	case m.over():
		return m.ended()
	}
	s.HandoverHash, s.HandoverUntil = codeHash, earlier(m.Now.Add(HandoverTTL), s.ExpiresAt)
	m.touchSession()
	return nil
}

// take is the other device's side: it gets the token that acts, and the one that
// was out only reads from now on, so that its page can follow.
func (m *Moment) take(tokenHash string) error {
	s := m.Session
	switch {
	case s.HandoverUntil.IsZero():
		return Refuse(CodeUsed)
	case m.over() || !m.Now.Before(s.HandoverUntil):
		return Refuse(CodeExpired)
	}
	s.FollowerHash, s.TokenHash = s.TokenHash, tokenHash
	s.HandoverUntil = time.Time{} // the hash stays, so that a second use can be told from a guess
	m.touchSession()
	return nil
}

// Extend gives the person 15 minutes from now, up to 60 in all (duty D09: a time
// limit can be extended). It never takes time away.
func (m *Moment) Extend() error {
	m.Settle()
	s := m.Session
	if m.over() {
		return m.ended()
	}
	if until := earlier(m.Now.Add(DefaultTTL), s.LongestUntil()); until.After(s.ExpiresAt) {
		s.ExpiresAt = until
		m.touchSession()
	}
	return nil
}

// LongestUntil is how far the person can extend the session.
func (s Session) LongestUntil() time.Time { return s.CreatedAt.Add(MostTTL) }

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
