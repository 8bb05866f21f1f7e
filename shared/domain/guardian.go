package domain

import (
	"cmp"
	"slices"
	"time"
)

// Giver is whose word a consent is (duty D23): the person's own, or that of the
// guardian 监护人 of somebody who is under age.
type Giver string

const (
	Self       Giver = "self"
	ByGuardian Giver = "guardian"
)

// Valid reports whether the word is known.
func (g Giver) Valid() bool { return g == Self || g == ByGuardian }

// Needs lists whose grants a session of the age group hangs on. The first is the one
// that its checks name as their consent. A group that is not known gets no easier rule
// than a child.
func (a AgeGroup) Needs() []Giver {
	switch a {
	case GrownUp:
		return []Giver{Self}
	case Minor:
		return []Giver{Self, ByGuardian}
	}
	return []Giver{ByGuardian}
}

// GuardianStatement is what a guardian says of themselves, in words that a Record can
// hold.
type GuardianStatement struct {
	Relation  Relation  `json:"relation"`
	ReachedBy ReachedBy `json:"reached_by"`
}

// Relation is what a guardian is to the person.
type Relation string

// Relations are those of the law's order of guardians (Civil Code art. 27), and
// whoever else was appointed.
var Relations = []Relation{"mother", "father", "grandparent", "sibling", "other_guardian"}

// ReachedBy is how the guardian was sent the link that they decide by.
type ReachedBy string

// WaysToReach are the ways that a Record can name.
var WaysToReach = []ReachedBy{"sms", "email", "in_person", "app", "other"}

func (f *faults) guardian(by Giver, g *GuardianStatement) {
	switch {
	case by == ByGuardian && g == nil:
		f.add("guardian", Missing)
	case by == ByGuardian:
		f.word("guardian.relation", string(g.Relation), slices.Contains(Relations, g.Relation))
		f.word("guardian.reached_by", string(g.ReachedBy), slices.Contains(WaysToReach, g.ReachedBy))
	case g != nil:
		f.add("guardian", NotAllowed)
	}
}

// CountsFor lists the age groups whose sessions hang on the consent.
func (c *Consent) CountsFor() (groups []AgeGroup) {
	for _, a := range []AgeGroup{GrownUp, Minor, Child} {
		if a.Audience() == c.Audience && slices.Contains(a.Needs(), c.By) {
			groups = append(groups, a)
		}
	}
	return groups
}

// Speaker is who is calling, by the token they have.
func (m *Moment) Speaker() Giver { return cmp.Or(m.As, Self) }

// Of is the giver's latest decision, or nil.
func (m *Moment) Of(g Giver) *Consent {
	for _, c := range m.consents() {
		if c.By == g {
			return c
		}
	}
	return nil
}

// Word is the decision that the caller can take back: their own. A child decides
// nothing, but may always stop what the guardian agreed to. A receipt speaks for the
// consent that it was given for, and so does whoever names one on the person's own page.
func (m *Moment) Word() *Consent {
	switch {
	case m.Session == nil || m.Named != nil:
		return m.Consent
	case m.Session.AgeGroup == Child:
		return m.Of(ByGuardian)
	}
	return m.Of(m.Speaker())
}

// consents are the decisions that the Moment knows of.
func (m *Moment) consents() []*Consent {
	return slices.DeleteFunc([]*Consent{m.Consent, m.Guardian}, func(c *Consent) bool { return c == nil })
}

// needed are the decisions that the session hangs on, one for each giver whose grant it
// needs; nil where there is none on its purpose and for its audience.
func (m *Moment) needed() (list []*Consent) {
	s := m.Session
	for _, g := range s.AgeGroup.Needs() {
		c := m.Of(g)
		if c != nil && (c.Purpose != s.Purpose || c.Audience != s.Audience()) {
			c = nil
		}
		list = append(list, c)
	}
	return list
}

// carried reports whether every grant that the session needs is there and reaches its
// route.
func (m *Moment) carried() bool {
	return !slices.ContainsFunc(m.needed(), func(c *Consent) bool { return !c.Covers(m.Session.Route) })
}

// standing is the state that the decisions put a session into: a no of either holds for
// as long as nobody is to be asked again by themselves.
func (m *Moment) standing() State {
	switch {
	case m.carried():
		return Consented
	case slices.ContainsFunc(m.needed(), func(c *Consent) bool { return !m.askAgainAt(c).IsZero() }),
		!m.No.IsZero() && m.Now.Before(m.No.Add(AskAgain)): // another age group is no way around it
		return Refused
	}
	return Open
}

// Awaiting lists whose grant the session still waits for.
func (m *Moment) Awaiting() []Giver {
	out := []Giver{} // never null: it is shown as it is
	s := m.Session
	if s.State == Consented || s.Kind == MeKind || m.over() {
		return out
	}
	for i, c := range m.needed() {
		// An adult decides in each session anew, whatever was said in another one meanwhile.
		if !c.Covers(s.Route) || s.AgeGroup == GrownUp {
			out = append(out, s.AgeGroup.Needs()[i])
		}
	}
	return out
}

// join lets a session whose two sides speak from different devices, and maybe in
// different sessions, go on once nobody's grant is missing any more.
func (m *Moment) join() {
	s := m.Session
	if s.AgeGroup == GrownUp || s.Kind == MeKind || s.State != Open && s.State != Refused || m.TimeOver() || !m.carried() {
		return
	}
	m.move(Consented)
	s.Evidence = m.evidence()
	m.touchSession()
}

// evidence names the decisions that the session stands on now.
func (m *Moment) evidence() (e Evidence) {
	for _, c := range slices.Backward(m.needed()) { // the first has the last word
		if c == nil || c.State != Granted && c.State != Declined {
			continue
		}
		e.Notice, e.Delegation = c.Notice, c.Delegation
		if c.By == ByGuardian && m.Session.AgeGroup == Minor {
			e.GuardianConsent = c.ID
		} else {
			e.Consent = c.ID
		}
	}
	return e
}

// RecodeGuardian gives the guardian a code for their own device; the token that they
// had ends with the one before. The person's own stay as they are.
func (m *Moment) RecodeGuardian(codeHash string) error {
	m.Settle()
	s := m.Session
	switch {
	case !slices.Contains(s.AgeGroup.Needs(), ByGuardian):
		return RefuseIn(NoGuardianNeeded, s.State)
	case m.over():
		return m.ended()
	}
	s.GuardianCodeHash, s.GuardianTokenHash = codeHash, ""
	m.touchSession()
	return nil
}

// askAgainAt is until when nobody asks the giver of a no again; zero when there is
// nothing to wait for.
func (m *Moment) askAgainAt(c *Consent) time.Time {
	var since time.Time
	switch {
	case c == nil:
		return time.Time{}
	case c.State == Declined:
		since = c.At
	case c.State == TakenBack:
		since = c.EndedAt
	default:
		return time.Time{}
	}
	if at := since.Add(AskAgain); m.Now.Before(at) {
		return at
	}
	return time.Time{}
}
