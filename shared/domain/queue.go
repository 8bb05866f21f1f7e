package domain

import "time"

// Queue 排队 is where a session stands among those who wait for the face API. There is one
// for each route, since the vendor allows so many calls of each kind in a second; it forms
// when the vendor has turned somebody back, and is over some time after nobody had to wait.
type Queue struct {
	Open   bool // somebody waits
	Called bool // whoever gives turns has called the session
}

const (
	// ShortestWait is how long somebody is told to wait at least, and is what they are told
	// when nobody knows better.
	ShortestWait = time.Second
	// LongestWait is after how long whoever waits asks again, if their turn is later: a queue
	// gets shorter too when others leave, and a page that is gone does not ask.
	LongestWait = 10 * time.Minute
	// patience is how much time a person has left at least when their wait is over.
	patience = 5 * time.Minute
)

// takeTurn refuses whoever has not been called while others wait. It comes after all other
// rules, so that nobody waits for half an hour to hear that something else is missing.
// No turn is taken where nobody is sent to the vendor.
func (m *Moment) takeTurn() error {
	if m.Enterprise.Profile.Mode == Test || !m.Queue.Open || m.Queue.Called {
		return nil
	}
	m.waits()
	return &Refusal{Reason: FaceAPIBusy, State: m.Session.State, RetryAfter: ShortestWait}
}

// waits gives the time back that the session loses in the queue, whatever its limit: not
// each time that somebody asks, but when it has a minute less than it is to have.
func (m *Moment) waits() {
	if until := m.Now.Add(LongestWait + patience); until.Sub(m.Session.ExpiresAt) >= time.Minute {
		m.Session.ExpiresAt = until
		m.touchSession()
	}
}
