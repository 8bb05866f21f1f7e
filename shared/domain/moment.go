package domain

import (
	"slices"
	"time"
)

// Moment is everything that decides about one subject's session at one moment of
// the database's own clock, read in one transaction in which the subject's row is
// locked. Its methods apply one event to it and collect what must be written; the
// store writes all of that in the same transaction.
//
// A Moment is used by one goroutine and thrown away: when the store has to retry,
// it reads a new one.
type Moment struct {
	Now        time.Time
	Enterprise Enterprise
	Settings   Settings
	Notice     *Notice          // in force for the purpose and audience; nil if none
	Delegation *Delegation      // the one that notice names; nil with it
	History    map[int][]Change // what each version up to that notice changed; only where texts are read
	Agreed     []Notice         // those that the person's grants for purpose and audience were given on; only where a receipt is made
	Subject    Subject
	Session    *Session    // nil when a receipt's code is all there is
	As         Giver       // for whom the caller's token speaks; the person themself if empty
	Consent    *Consent    // the latest decision for purpose and audience: the person's own, for a child the guardian's; nil if none
	Guardian   *Consent    // the guardian's for a minor, who needs both; nil otherwise
	Other      bool        // the decisions are those on another purpose than the session's
	Named      *Consent    // the consent whose receipt was presented; nil otherwise. Consent is the same giver's then
	Attempts   []Attempt   // of the session
	No         time.Time   // the last no of either on the notice for another audience; only where a session is opened
	Queue      Queue       // for the session's route; only where a check is about to start
	Asked      []time.Time // when the authority was asked about the person on the session's route within a day; only where a check is about to start

	Request      *Request   // the one that is being answered or read; nil otherwise
	OpenRequests int        // how many the person has; only where another is about to be opened
	Grants       []*Consent // the latest word of each giver on every purpose; only where a request is answered

	// Checkpoint is the last that was published of the enterprise\'s log, which travels with
	// what is signed; only where the platform reads a session.
	Checkpoint string

	Mint func() ID // makes ids for new Records

	// What has to be written.
	Records        []*Record
	Events         []*Event
	RequestChanged *Request // to insert or update
	SessionChanged bool
	NewConsent     *Consent   // to insert
	EndedConsents  []*Consent // withdrawn or lapsed
	AttemptChanged *Attempt   // to insert or update
	EndedAttempts  []*Attempt
	Restricted     bool // the subject: their running sessions end
}

// Subject 个人 is the person. The LMS knows them by its own id, which is stored
// encrypted; the log by the pseudonym alone.
type Subject struct {
	Pseudonym string
	SealedID  []byte
	Records   int       // how many Records the log has of them
	Head      string    // leaf hash of the last of these
	HeadAt    time.Time // and its time
	// RestrictedAt is when what was held until then became evidence alone; zero if never.
	RestrictedAt time.Time
}

func (m *Moment) touchSession() { m.SessionChanged = true }

// record adds a Record about the subject and returns its id.
func (m *Moment) record(t RecordType, fill func(*Record)) ID {
	r := &Record{
		ID: m.Mint(), Type: t, Enterprise: m.Enterprise.ID,
		Mode: m.Enterprise.Profile.Mode, At: m.Now, Subject: m.Subject.Pseudonym,
	}
	fill(r)
	m.Records = append(m.Records, r)
	return r.ID
}

// Settle brings the session up to date with the clock and with what happened
// elsewhere: a check whose function died becomes unknown, a consent that ended by
// itself lapses, a session follows its consent, and one whose time is over
// expires. Whoever meets a session first writes it down.
func (m *Moment) Settle() {
	m.settleAttempts()
	m.settleConsents()
	m.settleSession()
	m.settleAway()
}

func (m *Moment) settleConsents() {
	if m.running() != nil {
		return // a permitted check that is under way keeps its ground
	}
	for _, c := range m.consents() {
		if cause := m.lapseCause(c); cause != "" {
			m.lapse(c, cause)
		}
	}
}

func (m *Moment) lapse(c *Consent, cause LapseCause) {
	c.State, c.Cause, c.EndedAt = Lapsed, cause, m.Now
	m.EndedConsents = append(m.EndedConsents, c)
	m.tellOf(TellLapsed, c)
	m.record(ConsentLapsedType, func(r *Record) {
		r.Purpose, r.Routes, r.Consent = c.Purpose, c.Routes, c.ID
		r.Notice, r.Delegation, r.By, r.Cause = &c.Notice, &c.Delegation, c.By, string(cause)
		r.SubjectCommitment = c.Commitment
		if m.Notice != nil {
			inForce := m.Notice.RefAny()
			r.NoticeInForce = &inForce
		}
	})
}

func (m *Moment) settleSession() {
	s := m.Session
	if s == nil || s.State.Terminal() {
		return
	}
	if s.Kind == ConsentKind && s.State != Open && m.TimeOver() {
		return // it ended with the answer it was opened for
	}
	m.heedNo()
	lapsed := slices.ContainsFunc(m.needed(), func(c *Consent) bool { return c != nil && c.State == Lapsed })
	if s.State == Consented && lapsed && m.running() == nil {
		m.move(Open) // not while a check runs: the lapse was met by another session, ours waits for its check
		m.touchSession()
	}
	m.join()
	if !s.State.Terminal() && m.TimeOver() {
		m.move(Expired)
		m.touchSession()
	}
}

// heedNo moves the session after a no that the person, or their guardian, said elsewhere.
// One whose time was over by then had ended before it.
func (m *Moment) heedNo() {
	s := m.Session
	if s.State != Consented {
		return
	}
	for _, c := range m.needed() {
		switch {
		case c == nil:
			continue
		case c.State == Declined && c.At.Before(s.ExpiresAt):
			m.move(Refused)
		case c.State == TakenBack && c.EndedAt.Before(s.ExpiresAt):
			m.move(Withdrawn)
		default:
			continue
		}
		m.touchSession()
		return
	}
}

// TimeOver reports whether the session's time has run out. A check that was sent in
// time is waited for.
func (m *Moment) TimeOver() bool {
	return !m.Now.Before(m.Session.ExpiresAt) && m.running() == nil
}

// over reports whether the session takes nothing more: it is in a terminal state, or
// was opened to ask ahead and has ended with the answer.
func (m *Moment) over() bool { return m.Session.State.Terminal() || m.TimeOver() }

// Dirty reports whether anything has to be written.
func (m *Moment) Dirty() bool {
	return m.SessionChanged || len(m.EndedConsents) > 0 || m.NewConsent != nil || m.AttemptChanged != nil ||
		len(m.EndedAttempts) > 0 || len(m.Records) > 0
}

// ended says why a session takes no decision or no outcome any more.
func (m *Moment) ended() *Refusal {
	s := m.Session.State
	switch s {
	case Expired:
		return RefuseIn(SessionExpired, s)
	case Withdrawn:
		return RefuseIn(ConsentWithdrawn, s)
	case Failed:
		return RefuseIn(AttemptsUsedUp, s)
	case Refused:
		return RefuseIn(ConsentRefused, s)
	}
	return RefuseIn(SessionEnded, s)
}

// ChangesSinceConsent lists what changed in the notice since the version that the
// caller last decided on, each field once; it is shown whether material or not
// (duty D11).
func (m *Moment) ChangesSinceConsent() []Change {
	out := []Change{}
	c := m.Word()
	if c == nil || m.Notice == nil {
		return out
	}
	at := map[string]int{}
	for v := c.Notice.Version + 1; v <= m.Notice.Version; v++ {
		for _, c := range m.History[v] {
			i, seen := at[c.Field]
			if !seen {
				at[c.Field] = len(out)
				out = append(out, c)
				continue
			}
			out[i].Material = out[i].Material || c.Material
		}
	}
	return out
}
