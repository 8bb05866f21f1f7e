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
	By           string       `json:"by"` // self or guardian
	// Guardian is who decides for a minor (duty D23). No notice for guardians is shown
	// yet, so a decision that names one is for another audience.
	Guardian *GuardianStatement `json:"guardian"`
}

// GuardianStatement is what a guardian says of themselves.
type GuardianStatement struct {
	Relation  string `json:"relation"`
	ReachedBy string `json:"reached_by"`
}

// Validate returns an InvalidValue refusal naming every faulty field.
func (d Decision) Validate() error {
	var f faults
	f.word("decision", string(d.Decision), d.Decision == Granted || d.Decision == Declined)
	_, isID := ParseID(string(d.NoticeID))
	f.form("notice_id", string(d.NoticeID), isID)
	f.form("notice_sha256", d.NoticeSHA256, sha256Hex.MatchString(d.NoticeSHA256))
	f.word("locale", string(d.Locale), d.Locale.Valid())
	f.word("by", d.By, d.By == consentBySelf || d.By == string(Guardian))
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
// version and language (duty D07: what was shown is proven, also to those who never
// answer). A closed enterprise shows no notice any more.
func (m *Moment) Show(l Locale) {
	s := m.Session
	if m.Notice == nil || m.over() || s.State == Consented || !m.Enterprise.Open() {
		return
	}
	ref := m.Notice.Ref(m.Notice.Locale(l))
	if s.Shown.Notice != ref.ID {
		s.Shown = Shown{Notice: ref.ID}
	}
	if slices.Contains(s.Shown.Locales, ref.Locale) {
		return
	}
	s.Shown.Locales = append(slices.Clone(s.Shown.Locales), ref.Locale)
	m.touchSession()
	m.record(NoticeShown, func(r *Record) {
		r.Purpose, r.Session, r.Notice, r.Delegation = s.Purpose, s.ID, &ref, &m.Notice.Delegation
	})
}

// Decide applies a decision: it moves the session, and leaves consent.granted or
// consent.refused. A grant needs everything that a check would need, so that
// nobody is asked for what cannot be used; a refusal is always taken.
func (m *Moment) Decide(d Decision, proof Proof) error {
	m.Settle()
	s := m.Session
	switch {
	case m.over():
		return m.ended()
	case d.By != consentBySelf || d.Guardian != nil:
		return RefuseIn(WrongAudience, s.State)
	case m.Notice == nil:
		return RefuseIn(NoNotice, s.State)
	case d.NoticeID != m.Notice.ID || d.NoticeSHA256 == "" || m.Notice.SHA256[d.Locale] != d.NoticeSHA256:
		return RefuseIn(NoticeChanged, s.State)
	case s.State == Consented && d.Decision == Granted,
		s.State == Refused && d.Decision == Declined:
		return RefuseIn(AlreadyDecided, s.State)
	}
	if d.Decision == Granted {
		if err := m.available(); err != nil {
			return err
		}
		if s.Grants >= MaxGrants {
			return RefuseIn(DecidedTooOften, s.State)
		}
		s.Grants++
	}
	m.decided(d, proof)
	return nil
}

func (m *Moment) decided(d Decision, proof Proof) {
	n, s := m.Notice, m.Session
	ref := n.Ref(d.Locale)
	c := &Consent{
		Purpose: s.Purpose, By: d.By, State: d.Decision, Routes: n.Facts.Routes,
		Notice: ref, Delegation: n.Delegation, Session: s.ID, At: m.Now,
		Commitment: proof.Commitment, Salt: proof.Salt,
	}
	kind, next := ConsentRefusedType, Refused
	if d.Decision == Granted {
		kind, next = ConsentGrantedType, Consented
		c.Until = m.Now.Add(time.Duration(n.Facts.ConsentDays) * 24 * time.Hour).Truncate(time.Second)
		c.WithdrawHash = proof.WithdrawHash
	}
	c.ID = m.record(kind, func(r *Record) {
		r.Purpose, r.Routes, r.Session = s.Purpose, c.Routes, s.ID
		r.Notice, r.Delegation, r.By = &ref, &c.Delegation, d.By
		r.SubjectCommitment, r.Until = c.Commitment, c.Until
	})
	m.Superseded, m.Consent, m.NewConsent = m.Consent, c, c
	s.to(next)
	s.Evidence = Evidence{Consent: c.ID, Notice: ref, Delegation: c.Delegation}
	m.touchSession()
	m.settleAway()
}

// Withdraw ends the current grant, whatever else is off: it works for a closed
// enterprise and a session long over. via says by which way it came.
func (m *Moment) Withdraw(via string) error {
	m.Settle()
	c := m.Consent
	if c == nil || c.State != Granted {
		return Refuse(NothingToEnd)
	}
	c.State, c.EndedAt = TakenBack, m.Now
	m.ConsentEnded = true
	m.record(ConsentWithdrawnType, func(r *Record) {
		r.Purpose, r.Routes, r.Consent = c.Purpose, c.Routes, c.ID
		r.Notice, r.Delegation, r.By, r.Via = &c.Notice, &c.Delegation, c.By, via
		r.SubjectCommitment = c.Commitment
		if m.Session != nil {
			r.Session = m.Session.ID
		}
	})
	if s := m.Session; s != nil && s.Purpose == c.Purpose && s.State == Consented {
		s.to(Withdrawn)
		m.touchSession()
		m.settleAway()
	}
	return nil
}
