package domain_test

import (
	"errors"
	"testing"
	"time"

	"nod/shared/domain"
)

// Whoever has not been called while others wait is sent back with nothing used, and with
// enough time left to come again.
func TestAQueueLetsInWhoeverIsCalled(t *testing.T) {
	for _, c := range []struct {
		name  string
		queue domain.Queue
		mode  domain.Mode
		in    bool
	}{
		{"nobody waits", domain.Queue{}, domain.Live, true},
		{"nobody waits any more", domain.Queue{Called: true}, domain.Live, true},
		{"it is somebody else's turn", domain.Queue{Open: true}, domain.Live, false},
		{"it is their turn", domain.Queue{Open: true, Called: true}, domain.Live, true},
		{"nobody of a test goes to the vendor", domain.Queue{Open: true}, domain.Test, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := aConsentedMoment()
			m.Queue, m.Enterprise.Profile.Mode = c.queue, c.mode
			m.Session.ExpiresAt = m.Now.Add(time.Second)
			permit, _, err := m.Reserve(aCheck("a"))
			if (permit != nil) != c.in {
				t.Fatalf("permit %v, %v", permit != nil, err)
			}
			if c.in {
				return
			}
			var r *domain.Refusal
			if !errors.As(err, &r) || r.Reason != domain.FaceAPIBusy || r.RetryAfter <= 0 {
				t.Errorf("refused with %+v", r)
			}
			if s := m.Session; s.Uploads != 0 || len(m.Attempts) != 0 || len(m.Records) != 0 || s.State != domain.Consented {
				t.Errorf("something was used: %d uploads, attempts %v, records %v, %s", s.Uploads, m.Attempts, m.Records, s.State)
			}
			if left := m.Session.ExpiresAt.Sub(m.Now); left < domain.LongestWait+time.Minute || !m.SessionChanged {
				t.Errorf("the session ends in %v, which is written: %v", left, m.SessionChanged)
			}
		})
	}
}

// Nobody is sent to the vendor's page before their turn; who is there already is shown the
// way, and fetches the result, whoever waits.
func TestTheVendorsPageHasAQueueToo(t *testing.T) {
	w, p, id := aHostedScene(t)
	leave := func(q domain.Queue) (permit *domain.Permit, again bool, err error) {
		err = w.update(p, id, "", func(m *domain.Moment) (err error) {
			m.Queue = q
			permit, again, err = m.Leave(domain.Check{Took: callTime, Since: time.Now()})
			return err
		})
		return permit, again, err
	}
	if permit, _, err := leave(domain.Queue{Open: true}); permit != nil || reason(t, err) != domain.FaceAPIBusy {
		t.Fatalf("not called: %v, %v", permit, err)
	}
	permit, again, err := leave(domain.Queue{Open: true, Called: true})
	if err != nil || again {
		t.Fatalf("called: %v, again %v", err, again)
	}
	if err := w.update(p, id, "", func(m *domain.Moment) error { return m.Left(permit.Attempt(), []byte("sealed")) }); err != nil {
		t.Fatal(err)
	}
	if permit, again, err := leave(domain.Queue{Open: true}); permit == nil || !again || err != nil {
		t.Errorf("who is away already: %v, again %v, %v", permit, again, err)
	}
}
