package domain

import (
	"regexp"
	"slices"
	"time"
)

// Result is what a check came to, as the LMS learns it.
type Result string

const (
	Pass         Result = "pass"
	Fail         Result = "fail"
	NotPerformed Result = "not_performed"
	Unknown      Result = "unknown" // the function died; told as not_performed
)

// Outcome is what package face makes of an answer of the face API. The score is
// not in it: it goes nowhere (duty D27).
type Outcome struct {
	Result     Result        // Pass, Fail or NotPerformed
	Reason     Reason        // for NotPerformed
	RetryAfter time.Duration // for FaceAPIBusy
	Liveness   bool          // whether liveness was checked
	Again      bool          // of a visit to the vendor's page: it is not over, and can be asked about again
	Asked      time.Time     // of a visit: as Permit.Asked has it
	Upstream   string        // the vendor's word for it, for the operator's log; no text of anybody's
}

// Inconclusive makes an Outcome that is neither pass nor fail.
func Inconclusive(r Reason) Outcome { return Outcome{Result: NotPerformed, Reason: r} }

// Attempt is one call of the face API, or the reservation for it.
type Attempt struct {
	ID         string // chosen by the client, so that a repeat is recognised
	Started    ID     // the Record check.started
	Result     Result // empty while it runs
	Reason     Reason // for NotPerformed
	Capture    CaptureKind
	StartedAt  time.Time
	DeadlineAt time.Time // after it, a reservation without an outcome is unknown
	EndedAt    time.Time // of a visit that is not over: when its result was last asked for
	Away       bool      // the person is at the vendor's page (see Leave); then nothing is under way here

	Consent       ID
	Notice        NoticeRef
	NoticeInForce NoticeRef
	Delegation    DelegationRef

	GuardianConsent ID // of a minor, beside their own
}

// AttemptID is the form of an attempt's id; it stands in Records, which hold no
// free text.
var AttemptID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// Grace is how long after its deadline a reservation is still waited for: the
// time to write the outcome of a call that was answered at the last moment.
const Grace = 10 * time.Second

func (a Attempt) runs(now time.Time) bool {
	return a.Result == "" && !a.Away && now.Before(a.DeadlineAt.Add(Grace))
}

// LookAgain is when it is worth asking again whether a running check has ended.
const LookAgain = 2 * time.Second

// Running reports whether a photo is being checked.
func (m *Moment) Running() bool { return m.running() != nil }

// running returns the session's attempt that has no outcome yet, if any.
func (m *Moment) running() *Attempt {
	for i := range m.Attempts {
		if m.Attempts[i].runs(m.Now) {
			return &m.Attempts[i]
		}
	}
	return nil
}

// settleAttempts writes check.unknown for reservations that ran out. It is no fail.
func (m *Moment) settleAttempts() {
	for i := range m.Attempts {
		a := &m.Attempts[i]
		switch {
		case a.Result != "" || a.Away || a.runs(m.Now):
		case !a.EndedAt.IsZero(): // its result is still at the vendor's
			m.stayAway(a)
		default:
			m.end(a, Outcome{Result: Unknown, Reason: OutcomeUnknown})
		}
	}
}

// end writes down that an attempt reached no outcome, which nobody waits for.
func (m *Moment) end(a *Attempt, o Outcome) {
	a.Result, a.Reason, a.Away, a.EndedAt = o.Result, o.Reason, false, m.Now
	m.EndedAttempts = append(m.EndedAttempts, a)
	m.outcomeRecord(a, o)
	m.Session.LastResult, m.Session.LastReason = NotPerformed, o.Reason
	m.touchSession()
}

// Conclude applies the outcome of a call that a Permit was given for. A verdict
// counts only if the session still waits for it and the person has not said no
// meanwhile, in whichever session or by whichever receipt: else it is dropped, and
// the Record says that the check was not performed, and why. What ended by itself
// (a lapse, the session's time) does not undo a check that was permitted when it
// started: Settle waits for a running one.
func (m *Moment) Conclude(attempt string, o Outcome) error {
	a := m.Attempt(attempt)
	switch {
	case a == nil || a.Result == Unknown:
		return Refuse(OutcomeUnknown) // someone met it after its time and wrote check.unknown
	case a.Result != "":
		return nil // it was written down before, and only the answer about that was lost
	}
	if o.Result != Pass && o.Result != Fail { // whatever else it says is no verdict
		o.Result = NotPerformed
		if o.Reason == "" {
			o.Reason = Internal
		}
	}
	o.Again = o.Again && o.Result == NotPerformed && m.Session.Route == Hosted
	why := m.unwanted(a)
	if why != "" {
		o = Inconclusive(why)
	}
	if o.Again {
		if a.EndedAt.Equal(o.Asked) { // else somebody has asked again since
			m.awayAgain(a)
		}
		return nil
	}
	a.Result, a.Reason, a.EndedAt = o.Result, o.Reason, m.Now
	m.AttemptChanged = a
	id := m.outcomeRecord(a, o)
	s := m.Session
	m.touchSession()
	s.LastResult, s.LastReason = o.Result, o.Reason
	if o.Result == Fail {
		s.Fails++
	}
	switch {
	case why != "":
		return RefuseIn(why, s.State)
	case o.Reason == FaceAPIBusy: // the wait costs none of the session's uploads either
		s.Uploads--
		m.waits()
		return nil
	case o.Result == Pass:
		m.move(Passed)
	case s.Fails >= MaxFails:
		m.move(Failed)
	default:
		return nil
	}
	s.Evidence = Evidence{
		Identity: s.NamedBy, Consent: a.Consent, Notice: a.Notice, Delegation: a.Delegation,
		Outcome: id, OutcomeAt: m.Now, Capture: string(a.Capture), Liveness: o.Liveness,
		GuardianConsent: a.GuardianConsent,
	}
	return nil
}

// unwanted says why nobody may use the outcome of an attempt any more, or is empty:
// its session has ended, or a consent it relied on is no longer its giver's word.
func (m *Moment) unwanted(a *Attempt) Reason {
	m.heedNo()
	said := func(s ConsentState) bool {
		return slices.ContainsFunc(m.needed(), func(c *Consent) bool { return c != nil && c.State == s })
	}
	switch {
	case said(TakenBack):
		return ConsentWithdrawn
	case said(Declined):
		return ConsentRefused
	case m.Session.State == Open && said(Lapsed):
		i := slices.IndexFunc(m.needed(), func(c *Consent) bool { return c != nil && c.State == Lapsed })
		return m.needed()[i].lapsed()
	case m.Session.State != Consented:
		return m.ended().Reason
	}
	reliedOn := []ID{a.Consent, a.GuardianConsent} // in the order of Needs
	for i, c := range m.needed() {
		if c == nil || c.ID != reliedOn[i] {
			return ConsentStale // decided anew meanwhile, for the next picture
		}
	}
	return ""
}

// Attempt finds one by its id, or nil.
func (m *Moment) Attempt(id string) *Attempt {
	for i := range m.Attempts {
		if m.Attempts[i].ID == id {
			return &m.Attempts[i]
		}
	}
	return nil
}

var outcomeTypes = map[Result]RecordType{
	Pass: CheckPassed, Fail: CheckFailed, NotPerformed: CheckNotPerformed, Unknown: CheckUnknown,
}

func (m *Moment) outcomeRecord(a *Attempt, o Outcome) ID {
	return m.record(outcomeTypes[o.Result], func(r *Record) {
		m.describe(r, a)
		if o.Result == NotPerformed {
			r.Reason = o.Reason
		}
		if o.Result == Pass || o.Result == Fail {
			r.Liveness = &o.Liveness
		}
	})
}

// describe fills in what every check Record names (duty D07).
func (m *Moment) describe(r *Record, a *Attempt) {
	s := m.Session
	r.Purpose, r.Route, r.Session, r.Consent = s.Purpose, s.Route, s.ID, a.Consent
	r.Notice, r.NoticeInForce, r.Delegation = &a.Notice, &a.NoticeInForce, &a.Delegation
	r.Attempt, r.Capture, r.GuardianConsent = a.ID, a.Capture, a.GuardianConsent
}

// Comparison is what one call of the face API is given: a Capture where the route takes
// a face, and in the Reference what that, or the name, is held against. Script is the
// subject's id in a test enterprise, whose ending chooses the outcome; in a live one it
// is empty.
type Comparison struct {
	Capture   *Capture
	Reference Reference
	Script    string
}
