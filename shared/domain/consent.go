package domain

import (
	"slices"
	"time"
)

// ConsentState is what a decision has become.
type ConsentState string

const (
	Granted       ConsentState = "granted"
	Declined      ConsentState = "refused"
	TakenBack     ConsentState = "withdrawn"
	Lapsed        ConsentState = "lapsed"
	consentBySelf              = "self"
)

// Consent 单独同意 is one decision of a person on one purpose. Their latest one is
// the current one; earlier ones stay as they ended.
type Consent struct {
	ID           ID // of the Record that proves it
	Purpose      Purpose
	By           string // self or guardian
	State        ConsentState
	Cause        LapseCause // why it lapsed
	Routes       []Route    // what was agreed to
	Notice       NoticeRef
	Delegation   DelegationRef
	Session      ID
	At           time.Time
	Until        time.Time // end of its own term; zero for a refusal
	EndedAt      time.Time // when it was withdrawn or lapsed
	Commitment   string    // to the subject's id, as in the Record
	Salt         []byte    // encrypted; opens the commitment in the Record; goes at the end of retention
	WithdrawHash string    // of the receipt's code
}

// LapseCause is why a consent ended without a word from the person.
type LapseCause string

const (
	NoticeMoved   LapseCause = "notice_changed"
	DelegationOut LapseCause = "delegation_ended"
	TermOver      LapseCause = "term_over"
)

// Covers reports whether the consent is a grant that reaches the route. An empty
// route asks for the grant alone.
func (c *Consent) Covers(r Route) bool {
	return c != nil && c.State == Granted && (r == "" || slices.Contains(c.Routes, r))
}

// lapseCause derives whether a grant has ended by itself at this moment.
func (m *Moment) lapseCause() LapseCause {
	c := m.Consent
	switch {
	case c == nil || c.State != Granted:
		return ""
	case !m.Now.Before(c.Until):
		return TermOver
	case m.Notice != nil && c.Notice.Version < m.Notice.MaterialSince:
		return NoticeMoved
	case m.Delegation != nil && m.Delegation.EndedBefore(m.Now):
		return DelegationOut
	}
	return ""
}

// noConsent says why the current decision does not carry a check, or nil if it does.
func (m *Moment) noConsent() error {
	c := m.Consent
	switch {
	case c == nil:
		return Refuse(ConsentRequired)
	case c.State == Declined:
		return Refuse(ConsentRefused)
	case c.State == TakenBack:
		return Refuse(ConsentWithdrawn)
	case c.State == Lapsed:
		return Refuse(m.lapsed())
	case !c.Covers(m.Session.Route):
		return Refuse(ConsentStale)
	}
	return nil
}

// lapsed says what a consent that lapsed leaves to do.
func (m *Moment) lapsed() Reason {
	if m.Consent.Cause == TermOver {
		return ConsentEnded
	}
	return ConsentStale
}

// AskAgainAt is until when Nod asks nobody by itself after a no (duty D04: 48
// hours for the same purpose); zero when there is nothing to wait for.
func (m *Moment) AskAgainAt() time.Time {
	c := m.Consent
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
