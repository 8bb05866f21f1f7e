package domain

import (
	"slices"
	"time"
)

// ConsentState is what a decision has become.
type ConsentState string

const (
	Granted   ConsentState = "granted"
	Declined  ConsentState = "refused"
	TakenBack ConsentState = "withdrawn"
	Lapsed    ConsentState = "lapsed"
)

// Consent 单独同意 is one decision of a person, or of their guardian, on one purpose and
// on the notice for one audience. The latest one of each is the current one; earlier
// ones stay as they ended.
type Consent struct {
	ID           ID // of the Record that proves it
	Purpose      Purpose
	Audience     Audience // of the notice that was decided on
	By           Giver
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

// NoticeOf is the notice that a decision was taken on, in force or not any more; nil if
// the Moment was read without it.
func (m *Moment) NoticeOf(c *Consent) *Notice {
	if m.Notice != nil && m.Notice.ID == c.Notice.ID {
		return m.Notice
	}
	for i := range m.Agreed {
		if m.Agreed[i].ID == c.Notice.ID {
			return &m.Agreed[i]
		}
	}
	return nil
}

// lapseCause derives whether a grant has ended by itself at this moment.
func (m *Moment) lapseCause(c *Consent) LapseCause {
	switch {
	case c.State != Granted:
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

// noConsent says why the current decisions do not carry a check, or nil if they do. A
// no that somebody said comes before an answer that is still missing.
func (m *Moment) noConsent() (missing error) {
	for _, c := range m.needed() {
		switch err := c.noGround(m.Session.Route); {
		case c == nil:
			missing = err
		case err != nil:
			return err
		}
	}
	return missing
}

// noGround says why a decision does not carry a check on the route, or nil if it does.
func (c *Consent) noGround(r Route) error {
	switch {
	case c == nil:
		return Refuse(ConsentRequired)
	case c.State == Declined:
		return Refuse(ConsentRefused)
	case c.State == TakenBack:
		return Refuse(ConsentWithdrawn)
	case c.State == Lapsed:
		return Refuse(c.lapsed())
	case !c.Covers(r):
		return Refuse(ConsentStale)
	}
	return nil
}

// lapsed says what a consent that lapsed leaves to do.
func (c *Consent) lapsed() Reason {
	if c.Cause == TermOver {
		return ConsentEnded
	}
	return ConsentStale
}

// AskAgainAt is until when Nod asks the caller nothing by itself after their no (duty
// D04: 48 hours for the same purpose); zero when there is nothing to wait for.
func (m *Moment) AskAgainAt() time.Time { return m.askAgainAt(m.Word()) }
