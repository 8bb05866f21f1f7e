package localapi

import (
	"context"
	"sync"
	"time"
)

var errRequestLimit = &apiError{"RequestLimitExceeded", "More requests a second than are allowed."}

// StandIn answers for a vendor that is far away: signature and protocol are those of the
// Server, but no face is looked at. Everybody matches, after a set time. What goes beyond
// the allowance is turned back at once. It answers CompareFace alone.
type StandIn struct {
	Answer time.Duration // from request to answer
	Rate   int           // calls within any one second

	mu       sync.Mutex
	taken    []time.Time // of the last Rate calls that were let in; a ring
	next     int
	accepted int64
	refused  int64
}

// Count tells how many calls were let in and how many were turned back.
func (s *StandIn) Count() (accepted, refused int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepted, s.refused
}

func (s *StandIn) answer(ctx context.Context) (any, error) {
	if !s.letIn(time.Now()) {
		return nil, errRequestLimit
	}
	select {
	case <-time.After(s.Answer):
		return &comparison{Score: 100, FaceModelVersion: modelVersion}, nil
	case <-ctx.Done():
		return nil, errTimeout
	}
}

// letIn holds the call of Rate calls ago against the clock.
func (s *StandIn) letIn(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken == nil {
		s.taken = make([]time.Time, max(1, s.Rate))
	}
	if oldest := s.taken[s.next]; !oldest.IsZero() && now.Sub(oldest) < time.Second {
		s.refused++
		return false
	}
	s.taken[s.next] = now
	s.next = (s.next + 1) % len(s.taken)
	s.accepted++
	return true
}
