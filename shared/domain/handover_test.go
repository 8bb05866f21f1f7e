package domain_test

import (
	"errors"
	"testing"
	"time"

	"nod/shared/domain"
)

// handed is a moment of a session whose code was exchanged on a desktop and which has
// a hand-over code out.
func handed(t *testing.T) *domain.Moment {
	t.Helper()
	m := aMoment()
	m.Session.CodeHash, m.Session.TokenHash = "code", "desktop"
	if err := m.HandOver("phone's code"); err != nil {
		t.Fatal(err)
	}
	return m
}

// aMoment is one of a session just opened; aConsentedMoment, of one whose person has
// agreed.
func aMoment() *domain.Moment {
	return momentAfter(func(*world, *person, domain.ID) error { return nil })
}

func aConsentedMoment() *domain.Moment {
	return momentAfter(func(w *world, p *person, id domain.ID) error { return w.decide(p, id, domain.Granted) })
}

func momentAfter(step func(*world, *person, domain.ID) error) *domain.Moment {
	w, p := aScene()
	id, err := w.open(p, aRequest())
	if err == nil {
		err = step(w, p, id)
	}
	if err != nil {
		panic(err)
	}
	return w.moment(p, id, "")
}

func refusedFor(err error, r domain.Reason) bool { return errors.Is(err, domain.Refuse(r)) }

func TestAHandOverMovesTheTokenThatActs(t *testing.T) {
	m := handed(t)
	if until := m.Session.HandoverUntil; !until.Equal(m.Now.Add(2 * time.Minute)) {
		t.Errorf("the code is good until %v, at %v", until, m.Now)
	}
	if err := m.Exchange("phone's code", "phone"); err != nil {
		t.Fatal(err)
	}
	if s := m.Session; s.TokenHash != "phone" || s.FollowerHash != "desktop" {
		t.Errorf("acts: %q, follows: %q", s.TokenHash, s.FollowerHash)
	}
	if err := m.Exchange("phone's code", "another phone"); !refusedFor(err, domain.CodeUsed) {
		t.Errorf("a second phone: %v", err)
	}
	if err := m.Exchange("code", "somebody"); !refusedFor(err, domain.CodeUsed) {
		t.Errorf("the first code again: %v", err)
	}
}

func TestAHandOverEnds(t *testing.T) {
	for name, tt := range map[string]struct {
		then func(*domain.Moment) error
		code string
		want domain.Reason
	}{
		"after two minutes":  {func(m *domain.Moment) error { m.Now = m.Now.Add(2 * time.Minute); return nil }, "phone's code", domain.CodeExpired},
		"with its session":   {func(m *domain.Moment) error { return m.Cancel() }, "phone's code", domain.CodeExpired},
		"with another one":   {func(m *domain.Moment) error { return m.HandOver("next code") }, "phone's code", domain.Unauthenticated},
		"with a new code":    {func(m *domain.Moment) error { return m.Recode("new code") }, "phone's code", domain.Unauthenticated},
		"never, for a guess": {func(*domain.Moment) error { return nil }, "", domain.Unauthenticated},
	} {
		t.Run(name, func(t *testing.T) {
			m := handed(t)
			if err := tt.then(m); err != nil {
				t.Fatal(err)
			}
			if err := m.Exchange(tt.code, "phone"); !refusedFor(err, tt.want) {
				t.Errorf("%v, want %s", err, tt.want)
			}
			if m.Session.TokenHash == "phone" {
				t.Error("the phone has got a token")
			}
		})
	}
	if m := aMoment(); !refusedFor(m.Exchange("", "phone"), domain.Unauthenticated) {
		t.Error("no code opened a session that has no hand-over")
	}
}

// A hand-over's code does not outlive its session.
func TestAHandOverEndsNoLaterThanItsSession(t *testing.T) {
	m := aMoment()
	m.Now = m.Session.ExpiresAt.Add(-30 * time.Second)
	if err := m.HandOver("code"); err != nil || !m.Session.HandoverUntil.Equal(m.Session.ExpiresAt) {
		t.Errorf("%v, until %v; the session ends %v", err, m.Session.HandoverUntil, m.Session.ExpiresAt)
	}
}

func TestD09_TheTimeLimitCanBeExtended(t *testing.T) {
	m := aMoment()
	begin := m.Session.CreatedAt
	for _, step := range []struct{ at, until time.Duration }{
		{0, 15 * time.Minute},
		{10 * time.Minute, 25 * time.Minute},
		{24 * time.Minute, 39 * time.Minute},
		{38 * time.Minute, 53 * time.Minute},
		{50 * time.Minute, time.Hour},
		{59 * time.Minute, time.Hour},
	} {
		m.Now = begin.Add(step.at)
		if err := m.Extend(); err != nil {
			t.Fatalf("after %v: %v", step.at, err)
		}
		if got := m.Session.ExpiresAt.Sub(begin); got != step.until {
			t.Errorf("extended after %v it lasts %v, want %v", step.at, got, step.until)
		}
	}
	m.Now = begin.Add(time.Hour)
	if err := m.Extend(); !refusedFor(err, domain.SessionExpired) {
		t.Errorf("when its time is over: %v", err)
	}
}

// A session of an hour is not shortened, and a wait for the face API is made up for
// even where the person could not extend any more.
func TestWaitingForATurnCostsNothing(t *testing.T) {
	m := aConsentedMoment()
	m.Session.ExpiresAt = m.Session.CreatedAt.Add(time.Hour)
	if err := m.Extend(); err != nil || !m.Session.ExpiresAt.Equal(m.Session.CreatedAt.Add(time.Hour)) {
		t.Errorf("extending a session of an hour: %v, until %v", err, m.Session.ExpiresAt)
	}
	m.Now = m.Session.ExpiresAt.Add(-time.Second)
	if _, _, err := m.Reserve(aCheck("a")); err != nil {
		t.Fatal(err)
	}
	m.Now = m.Now.Add(3 * time.Second) // the call outlasts the session
	if err := m.Conclude("a", domain.Inconclusive(domain.FaceAPIBusy)); err != nil {
		t.Fatal(err)
	}
	if s := m.Session; s.Uploads != 0 || s.State != domain.Consented || !s.ExpiresAt.Equal(m.Now.Add(15*time.Minute)) {
		t.Errorf("after waiting: %s, %d uploads, until %v at %v", s.State, s.Uploads, s.ExpiresAt, m.Now)
	}
	if _, _, err := m.Reserve(aCheck("b")); err != nil {
		t.Errorf("the next try: %v", err)
	}
}

// A process can be frozen between the gate and the call. What comes back after the
// reservation's time must not send the image any more.
func TestAPermitEndsWithItsTime(t *testing.T) {
	c := aCheck("a")
	c.Since = time.Now().Add(-c.Took)
	permit, _, err := aConsentedMoment().Reserve(c)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := permit.Spend(t.Context(), domain.Photo); !refusedFor(err, domain.PermitForbidden) {
		t.Errorf("after its time: %v", err)
	}
}

// The answer to a COMMIT can be lost. Whoever tries again finds what was written.
func TestAnOutcomeIsWrittenDownOnce(t *testing.T) {
	m := aConsentedMoment()
	if _, _, err := m.Reserve(aCheck("a")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := m.Conclude("a", passed); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(m.Records); n != 2 || m.Session.State != domain.Passed { // started, passed
		t.Errorf("%d Records, the session is %s", n, m.Session.State)
	}
}
