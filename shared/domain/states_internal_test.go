package domain

import (
	"slices"
	"testing"
)

var allStates = []State{Open, Consented, Refused, Passed, Failed, Withdrawn, Expired, Cancelled, Alternative}

func TestASessionMovesAsTheTableSaysAndPanicsOtherwise(t *testing.T) {
	for _, from := range allStates {
		for _, to := range allStates {
			allowed := slices.Contains(Transitions[from], to)
			s := &Session{State: from, Secret: []byte("s"), SecretKey: []byte("k")}
			panicked := moved(s, to)
			switch {
			case panicked == allowed:
				t.Errorf("%s to %s: panicked %v, allowed %v", from, to, panicked, allowed)
			case allowed && s.State != to, !allowed && s.State != from:
				t.Errorf("%s to %s: now %s", from, to, s.State)
			}
			if gone := s.Secret == nil && s.SecretKey == nil; gone != (allowed && to.Terminal()) {
				t.Errorf("%s to %s: secrets gone %v", from, to, gone)
			}
		}
	}
}

func moved(s *Session, to State) (panicked bool) {
	defer func() { panicked = recover() != nil }()
	s.to(to)
	return false
}
