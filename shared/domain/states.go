package domain

import "slices"

// State is how far a session is. Transitions is the whole truth about it: the
// code moves a session only through Session.to, and tests read the same table.
type State string

const (
	Open        State = "open"
	Consented   State = "consented"
	Refused     State = "refused"
	Passed      State = "passed"
	Failed      State = "failed"
	Withdrawn   State = "withdrawn"
	Expired     State = "expired"
	Cancelled   State = "cancelled"
	Alternative State = "alternative"
)

// Transitions lists where each state may lead. A state without an entry is final. Two of
// them are for minors, who need two grants: one of the two is taken back while the other
// is waited for (open to withdrawn), and whoever refused asks again and agrees while the
// other has not answered (refused to open).
var Transitions = map[State][]State{
	Open:      {Consented, Refused, Withdrawn, Expired, Cancelled, Alternative},
	Consented: {Passed, Failed, Refused, Withdrawn, Open, Expired, Cancelled, Alternative},
	Refused:   {Consented, Open, Expired, Cancelled, Alternative},
	// The alternative is open from every state but passed (duty D05).
	Failed:    {Alternative},
	Withdrawn: {Alternative},
	Expired:   {Alternative},
	Cancelled: {Alternative},
}

// Terminal reports whether no decision and no check can follow.
func (s State) Terminal() bool {
	return s != Open && s != Consented && s != Refused
}

// to moves the session, and panics on a move that the table forbids: that is a
// fault in Nod, never in what someone sent.
func (s *Session) to(next State) {
	if !s.State.mayBecome(next) {
		panic("domain: no transition from " + string(s.State) + " to " + string(next))
	}
	s.State = next
	if next.Terminal() {
		s.Secret, s.SecretKey = nil, nil // the session's secrets go with it
	}
}

func (s State) mayBecome(next State) bool { return slices.Contains(Transitions[s], next) }
