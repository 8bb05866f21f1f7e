package domain

import (
	"slices"
	"time"
)

// Holdings is what Nod holds about one person at one moment (duty D21), each list newest
// first and of Recent things at most, but for the consents. It is read, never written.
type Holdings struct {
	Charter  *Charter // what the enterprise laid down, by which a consent may have lapsed
	Subject  Subject
	Consents []Consent
	Sessions []Session
	Checks   []CheckHeld
	Requests []Request
	Notices  map[ID]Notice // those that consents and checks name, with their texts
	Evidence int           // decisions and checks that are restricted, and not among the others; see Shown
}

// Recent is how many sessions, checks and requests of a person are told of at most.
const Recent = 200

// CheckHeld is an attempt with what its session says about it.
type CheckHeld struct {
	Attempt
	Session  ID
	Purpose  Purpose
	Route    Route
	Resource string
}

// Outcome is what the check came to, as people are told it; empty while it runs.
func (c CheckHeld) Outcome(now time.Time) Result {
	switch {
	case c.Result == Pass || c.Result == Fail:
		return c.Result
	case c.Result == "" && (c.Away || c.runs(now)):
		return ""
	}
	return NotPerformed // a reservation that ran out too, whether or not somebody met it
}

// Current reports whether the consent is the last word of its giver on its purpose and
// for its audience; earlier ones stay as they were when the next one was said.
func (h Holdings) Current(c Consent) bool {
	for _, o := range h.Consents { // newest first
		if o.Purpose == c.Purpose && o.Audience == c.Audience && o.By == c.By {
			return o.ID == c.ID
		}
	}
	return false
}

// Became is what the consent has become by now, also where nobody has met its end yet.
func (h Holdings) Became(c Consent) Consent {
	m := Moment{Now: h.Charter.Now, Notice: h.Charter.NoticeInForce(c.Purpose, c.Audience)}
	if m.Notice != nil {
		m.Delegation = h.Charter.Delegation(m.Notice.Delegation.ID)
	}
	if cause := m.lapseCause(&c); cause != "" {
		c.State, c.Cause = Lapsed, cause
	}
	return c
}

// MayTakeBack reports whether somebody in a session may take the consent back. A guardian
// may what they gave. The person may whatever was agreed to about them; a minor has a
// grant of their own beside the guardian's, and takes back that one.
func (h Holdings) MayTakeBack(c Consent, speaker Giver, group AgeGroup) bool {
	if h.Became(c).State != Granted || !h.Current(c) {
		return false
	}
	return MayTakeBack(c, speaker, group)
}

// MayTakeBack is the same without regard to whether there still is anything to take back.
func MayTakeBack(c Consent, speaker Giver, group AgeGroup) bool {
	return c.By == speaker || speaker == Self && group != Minor
}

// MayEndNamed reports whether the caller may take back the consent that they named. Only
// the person's own page names one: elsewhere it is the session's purpose that is meant.
func (m *Moment) MayEndNamed() bool {
	return m.Session.Kind == MeKind && m.Named.ID == m.Consent.ID && MayTakeBack(*m.Named, m.Speaker(), m.Session.AgeGroup)
}

// SaidBy leaves of the holdings only what one giver said: their consents and requests.
func (h Holdings) SaidBy(g Giver) Holdings {
	h.Sessions, h.Checks, h.Subject.Records = nil, nil, 0
	h.Consents = slices.DeleteFunc(slices.Clone(h.Consents), func(c Consent) bool { return c.By != g })
	h.Requests = slices.DeleteFunc(slices.Clone(h.Requests), func(r Request) bool { return r.By != g })
	return h
}
