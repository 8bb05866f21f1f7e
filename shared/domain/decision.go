package domain

import (
	"slices"
	"time"
)

// Decision is what a person answers to the notice. The hash is that of exactly
// what was shown.
type Decision struct {
	Decision     ConsentState `json:"decision"` // granted or refused
	NoticeID     ID           `json:"notice_id"`
	NoticeSHA256 string       `json:"notice_sha256"`
	Locale       Locale       `json:"locale"`
	By           Giver        `json:"by"`
	// Guardian is who decides for somebody under age (duty D23); nil for oneself.
	Guardian *GuardianStatement `json:"guardian"`
}

// Validate returns an InvalidValue refusal naming every faulty field.
func (d Decision) Validate() error {
	var f faults
	f.word("decision", string(d.Decision), d.Decision == Granted || d.Decision == Declined)
	_, isID := ParseID(string(d.NoticeID))
	f.form("notice_id", string(d.NoticeID), isID)
	f.form("notice_sha256", d.NoticeSHA256, sha256Hex.MatchString(d.NoticeSHA256))
	f.word("locale", string(d.Locale), d.Locale.Valid())
	f.word("by", string(d.By), d.By.Valid())
	f.guardian(d.By, d.Guardian)
	return f.refusal()
}

// Proof is what only the application can make for a grant: the salted commitment
// to the subject's id, and the hash of the code that the receipt carries.
type Proof struct {
	Salt         []byte // encrypted
	Commitment   string
	WithdrawHash string
}

// Show records that the notice in force is being shown in the locale, once per session,
// version and language, to the person and to their guardian each (duty D07: what was
// shown is proven, also to those who never answer). A closed enterprise shows no notice
// any more.
func (m *Moment) Show(l Locale) {
	s := m.Session
	if m.Notice == nil || m.over() || s.State == Consented || s.Kind == MeKind || !m.Enterprise.Open() {
		return
	}
	ref := m.Notice.Ref(m.Notice.Locale(l))
	if s.Shown.Notice != ref.ID {
		s.Shown = Shown{Notice: ref.ID}
	}
	seen := &s.Shown.Locales
	if m.As == ByGuardian {
		seen = &s.Shown.Guardian
	}
	if slices.Contains(*seen, ref.Locale) {
		return
	}
	*seen = append(slices.Clone(*seen), ref.Locale)
	m.touchSession()
	m.record(NoticeShown, func(r *Record) {
		r.Purpose, r.Session, r.Notice, r.Delegation = s.Purpose, s.ID, &ref, &m.Notice.Delegation
		if m.As == ByGuardian {
			r.By = ByGuardian
		}
	})
}

// Decide applies a decision: it moves the session, and leaves consent.granted or
// consent.refused. A grant needs everything that a check would need, so that
// nobody is asked for what cannot be used; a refusal is always taken.
func (m *Moment) Decide(d Decision, proof Proof) error {
	m.Settle()
	s := m.Session
	switch {
	case s.Kind == MeKind:
		return RefuseIn(NothingToDecide, s.State)
	case m.over():
		return m.ended()
	case d.By != m.Speaker() || !slices.Contains(s.AgeGroup.Needs(), d.By):
		return RefuseIn(WrongAudience, s.State)
	case m.Notice == nil:
		return RefuseIn(NoNotice, s.State)
	case d.NoticeID != m.Notice.ID || d.NoticeSHA256 == "" || m.Notice.SHA256[d.Locale] != d.NoticeSHA256:
		return RefuseIn(NoticeChanged, s.State)
	case m.repeats(d):
		return RefuseIn(AlreadyDecided, s.State)
	}
	if d.Decision == Granted {
		if err := m.available(); err != nil {
			return err
		}
		grants := &s.Grants
		if d.By == ByGuardian {
			grants = &s.GuardianGrants
		}
		if *grants >= MaxGrants {
			return RefuseIn(DecidedTooOften, s.State)
		}
		*grants++
	}
	m.decided(d, proof)
	return nil
}

// repeats reports whether the session has this word from this giver already.
func (m *Moment) repeats(d Decision) bool {
	s, c := m.Session, m.Of(d.By)
	switch {
	case d.Decision == Granted:
		return s.State == Consented || c != nil && c.Session == s.ID && c.Covers(s.Route)
	}
	return s.State == Refused && c != nil && (c.State == Declined || c.State == TakenBack)
}

func (m *Moment) decided(d Decision, proof Proof) {
	n, s := m.Notice, m.Session
	ref := n.Ref(d.Locale)
	c := &Consent{
		Purpose: s.Purpose, Audience: n.Audience, By: d.By, State: d.Decision, Routes: n.Facts.Routes,
		Notice: ref, Delegation: n.Delegation, Session: s.ID, At: m.Now,
		Commitment: proof.Commitment, Salt: proof.Salt,
	}
	kind := ConsentRefusedType
	if d.Decision == Granted {
		kind = ConsentGrantedType
		c.Until = m.Now.Add(time.Duration(n.Facts.ConsentDays) * 24 * time.Hour).Truncate(time.Second)
		c.WithdrawHash = proof.WithdrawHash
	}
	c.ID = m.record(kind, func(r *Record) {
		r.Purpose, r.Routes, r.Session = s.Purpose, c.Routes, s.ID
		r.Notice, r.Delegation, r.By = &ref, &c.Delegation, d.By
		r.SubjectCommitment, r.Until = c.Commitment, c.Until
		if g := d.Guardian; g != nil {
			r.Relation, r.ReachedBy = g.Relation, g.ReachedBy
		}
	})
	m.NewConsent = c
	if d.By == ByGuardian && s.AgeGroup == Minor {
		m.Guardian = c
	} else {
		m.Consent = c
	}
	if next := m.standing(); next != s.State {
		m.move(next)
	}
	s.Evidence = m.evidence()
	m.touchSession()
	m.settleAway()
}

// The ways by which a grant is taken back.
const (
	BySession = "session"
	ByReceipt = "receipt"
	ByRequest = "request" // for deletion, which the enterprise granted
)

// Withdraw ends the grant that is the caller's to take back (see Word), whatever else is
// off: it works for a closed enterprise and a session long over. via says by which way
// it came.
func (m *Moment) Withdraw(via string) error {
	m.Settle()
	c := m.Word()
	if c == nil || c.State != Granted {
		return Refuse(NothingToEnd)
	}
	c.State, c.EndedAt = TakenBack, m.Now
	m.EndedConsents = append(m.EndedConsents, c)
	m.tellOf(TellWithdrawn, c)
	m.record(ConsentWithdrawnType, func(r *Record) {
		r.Purpose, r.Routes, r.Consent = c.Purpose, c.Routes, c.ID
		r.Notice, r.Delegation, r.By, r.Via = &c.Notice, &c.Delegation, c.By, via
		r.SubjectCommitment = c.Commitment
		if m.Session != nil {
			r.Session, r.By = m.Session.ID, m.Speaker()
		}
	})
	// A session that waits for the other one of two grants is over as well.
	if s := m.Session; s != nil && s.Kind != MeKind && s.Purpose == c.Purpose && (s.State == Consented || s.State == Open && s.AgeGroup == Minor) {
		m.move(Withdrawn)
		m.touchSession()
		m.settleAway()
	}
	return nil
}
