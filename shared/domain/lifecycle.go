package domain

import (
	"crypto/subtle"
	"regexp"
	"time"
)

// NewSession fills in a session that the LMS asked for, or refuses it. A consent
// that covers it lets it start consented; within 48 hours of a no it starts
// refused, and only the person may ask again (duty D04).
func (m *Moment) NewSession(r SessionRequest, id ID, codeHash string) error {
	locale := r.Locale
	if locale == "" {
		locale = Chinese
	}
	ttl := time.Duration(r.TTL) * time.Second
	if ttl == 0 {
		ttl = DefaultTTL
	}
	m.Session = &Session{
		ID: id, Kind: r.Kind, Purpose: r.Purpose, Route: r.Route, AgeGroup: r.AgeGroup,
		Subject: m.Subject.Pseudonym, Resource: r.Resource, Nonce: r.Nonce, ClientRef: r.ClientRef,
		ReturnURL: r.ReturnURL, Locale: locale, State: Open, NamedBy: identityFrom(r),
		CreatedAt: m.Now, ExpiresAt: m.Now.Add(ttl), CodeHash: codeHash,
	}
	if r.Kind == MeKind { // whatever is off or closed: a person's rights do not end with it
		if !m.Enterprise.AcknowledgedAt.IsZero() {
			return Refuse(EnterpriseClosed) // nothing is held any more, and nobody is entered anew
		}
		m.touchSession()
		return nil
	}
	if err := m.available(); err != nil {
		err.State = "" // there is no session yet
		return err
	}
	if ref := r.Reference; ref != nil && ref.Identity != nil {
		if err := m.mayNameTo(r.Route, ref.Identity); err != nil {
			return err
		}
	}
	m.Settle()
	if next := m.standing(); next != m.Session.State { // Settle may have been there first
		m.move(next)
	}
	if m.Session.State == Consented {
		m.Session.Evidence = m.evidence()
	}
	m.touchSession()
	return nil
}

// mayNameTo checks that people are told when their name and number go to the vendor's
// page, which can do without them, and that the stated age group fits the birth date.
func (m *Moment) mayNameTo(r Route, i *Identity) error {
	for _, kind := range KindsFor(TwoFactor) {
		if r == Hosted && !contains(m.Notice.Facts.DataKinds, kind) {
			return Refuse(RouteNotCovered)
		}
	}
	return i.Check(m.Now, m.Session.AgeGroup)
}

// Exchange takes a single-use code and gives a token for it: the learner's for the code
// that the LMS got, or the one of a hand-over, and the guardian's for theirs. Whoever
// has none learns nothing about the session, and settles nothing.
func (m *Moment) Exchange(codeHash, tokenHash string) error {
	s := m.Session
	token := &s.TokenHash
	switch {
	case sameHash(s.CodeHash, codeHash):
	case sameHash(s.GuardianCodeHash, codeHash):
		token = &s.GuardianTokenHash
	case sameHash(s.HandoverHash, codeHash):
		m.Settle()
		return m.take(tokenHash)
	default:
		return Refuse(Unauthenticated)
	}
	m.Settle()
	switch {
	case *token != "":
		return Refuse(CodeUsed)
	case m.over():
		return Refuse(CodeExpired)
	}
	*token = tokenHash
	m.touchSession()
	return nil
}

// sameHash compares in constant time; nothing is the same as no hash at all.
func sameHash(kept, given string) bool {
	return kept != "" && subtle.ConstantTimeCompare([]byte(kept), []byte(given)) == 1
}

// Recode gives the person a new code; the tokens that they had end with it. The
// guardian's stays as it is.
func (m *Moment) Recode(codeHash string) error {
	m.Settle()
	s := m.Session
	if m.over() {
		return m.ended()
	}
	s.CodeHash, s.TokenHash = codeHash, ""
	s.FollowerHash, s.HandoverHash, s.HandoverUntil = "", "", time.Time{}
	m.touchSession()
	return nil
}

// Cancel ends a session on the LMS's word.
func (m *Moment) Cancel() error {
	m.Settle()
	s := m.Session
	if s.State == Cancelled {
		return nil
	}
	if m.over() {
		return m.ended()
	}
	m.move(Cancelled)
	m.touchSession()
	m.settleAway()
	return nil
}

// AlternativeReport is how the LMS says that the person was recognised otherwise.
type AlternativeReport struct {
	Method string `json:"method"`
	Result Result `json:"result"`
}

var method = regexp.MustCompile(`^[a-z0-9_]{1,40}$`)

// Validate returns an InvalidValue refusal naming every faulty field. The method
// is a word of the enterprise's own, such as id_card_at_desk; it stands in the log,
// so it is no sentence.
func (a AlternativeReport) Validate() error {
	var f faults
	f.form("method", a.Method, method.MatchString(a.Method))
	f.word("result", string(a.Result), a.Result == Pass || a.Result == Fail)
	return f.refusal()
}

// TakeAlternative records that the alternative was used; it is open from every
// state but passed (duty D05).
func (m *Moment) TakeAlternative(a AlternativeReport, actor ID) error {
	m.Settle()
	s := m.Session
	if s.Kind == MeKind {
		return RefuseIn(NotACheck, s.State)
	}
	if !s.State.mayBecome(Alternative) {
		return m.ended()
	}
	if m.running() != nil {
		return &Refusal{Reason: CheckInProgress, State: s.State, RetryAfter: LookAgain}
	}
	m.move(Alternative)
	s.Evidence.Alternative = &a
	m.touchSession()
	m.settleAway()
	m.record(CheckAlternative, func(r *Record) {
		r.Purpose, r.Route, r.Session = s.Purpose, s.Route, s.ID
		r.Method, r.Result, r.Actor = a.Method, a.Result, actor
		if m.Notice != nil {
			ref := m.Notice.RefAny()
			r.NoticeInForce, r.Delegation = &ref, &m.Notice.Delegation
		}
	})
	return nil
}
