package app

import (
	"encoding/hex"
	"encoding/json"
	"time"

	"nod/shared/domain"
	"nod/shared/ledger"
	"nod/shared/receipt"
)

// LearnerView is a session as its learner's page sees it, or their guardian's.
type LearnerView struct {
	ID         domain.ID       `json:"id"`
	Kind       domain.Kind     `json:"kind"`
	AgeGroup   domain.AgeGroup `json:"age_group"`
	As         domain.Giver    `json:"as"`       // whom this token speaks for
	Awaiting   []domain.Giver  `json:"awaiting"` // whose grant is still missing
	State      domain.State    `json:"state"`
	Purpose    domain.Purpose  `json:"purpose,omitempty"`
	Route      domain.Route    `json:"route,omitempty"`
	Resource   string          `json:"resource,omitempty"`
	Locale     domain.Locale   `json:"locale"`
	ReturnURL  string          `json:"return_url,omitempty"`
	Mode       domain.Mode     `json:"mode"`
	PhotoInput bool            `json:"photo_input"`
	Enterprise EnterpriseCard  `json:"enterprise"`
	Notice     *NoticeShown    `json:"notice"`
	Consent    *ConsentView    `json:"consent"`
	// GuardianConsent is the guardian's decision on a minor, beside their own.
	GuardianConsent *ConsentView `json:"guardian_consent"`

	IdentityGiven bool `json:"identity_given"` // the platform gave name and ID number: nobody has to type them
	Away          bool `json:"away"`           // the person was sent to the vendor's page and has brought no result back

	AttemptsLeft       int           `json:"attempts_left"`
	UploadsLeft        int           `json:"uploads_left"`
	LastResult         *string       `json:"last_result"`
	NotPerformedReason domain.Reason `json:"not_performed_reason,omitempty"`
	AskAgainAt         time.Time     `json:"ask_again_at,omitzero"`
	HandedOver         bool          `json:"handed_over,omitempty"` // another device goes on; this token only reads
	RetryAfter         int           `json:"retry_after,omitempty"` // seconds, while a photo is being checked
	ServerTime         time.Time     `json:"server_time"`
	ExpiresAt          time.Time     `json:"expires_at"`
	LongestUntil       time.Time     `json:"longest_until"` // how far the person can extend it
}

// EnterpriseCard is what a person is told about the enterprise.
type EnterpriseCard struct {
	ID      domain.ID      `json:"id"`
	Name    domain.Texts   `json:"name"`
	Contact domain.Contact `json:"contact"`
	Logo    string         `json:"logo,omitempty"`
	Accent  string         `json:"accent,omitempty"`
}

func card(e domain.Enterprise) EnterpriseCard {
	p := e.Profile
	return EnterpriseCard{ID: e.ID, Name: p.Name, Contact: p.Contact, Logo: p.Logo, Accent: p.Accent}
}

// NoticeShown is the notice in force, in all its languages.
type NoticeShown struct {
	ID                  domain.ID                         `json:"id"`
	Version             int                               `json:"version"`
	Audience            domain.Audience                   `json:"audience"`
	Facts               domain.Facts                      `json:"facts"`
	Contents            map[domain.Locale]domain.Contents `json:"contents"`
	SHA256              map[domain.Locale]string          `json:"sha256"`
	Delegation          DelegationShown                   `json:"delegation"`
	ChangesSinceConsent []domain.Change                   `json:"changes_since_consent"`
}

// DelegationShown is what a person is told about the delegation.
type DelegationShown struct {
	domain.DelegationRef
	AgreementRef string `json:"agreement_ref"`
}

// ConsentView is the latest decision on the purpose: the caller's own, for a child the
// guardian's.
type ConsentView struct {
	ID     domain.ID           `json:"id"`
	State  domain.ConsentState `json:"state"`
	Notice domain.NoticeRef    `json:"notice"`
	Routes []domain.Route      `json:"routes"`
	At     time.Time           `json:"at"`
	Until  time.Time           `json:"until,omitzero"`
}

func viewForLearner(m *domain.Moment) LearnerView {
	s := m.Session
	v := LearnerView{
		ID: s.ID, Kind: s.Kind, AgeGroup: s.AgeGroup, As: m.Speaker(), Awaiting: m.Awaiting(), State: s.State, Purpose: s.Purpose, Route: s.Route, Resource: s.Resource,
		Locale: s.Locale, ReturnURL: s.ReturnURL, Mode: m.Enterprise.Profile.Mode,
		PhotoInput: m.Settings.Purposes[s.Purpose].PhotoInput, IdentityGiven: s.NamedBy == domain.FromPlatform, Away: m.Away(),
		Enterprise: card(m.Enterprise), AttemptsLeft: s.AttemptsLeft(),
		UploadsLeft: max(0, domain.MaxUploads-s.Uploads), AskAgainAt: m.AskAgainAt(),
		ServerTime: m.Now, ExpiresAt: s.ExpiresAt, LongestUntil: s.LongestUntil(),
	}
	if m.Running() {
		v.RetryAfter = int(domain.LookAgain.Seconds())
	}
	if s.LastResult != "" {
		last := string(s.LastResult)
		v.LastResult = &last
		if m.Speaker() == domain.Self { // how to do better is for the learner alone (duty D27)
			v.NotPerformedReason = s.LastReason
		}
	}
	if n := m.Notice; n != nil {
		v.Notice = &NoticeShown{
			ID: n.ID, Version: n.Version, Audience: n.Audience, Facts: n.Facts, Contents: n.Contents, SHA256: n.SHA256,
			Delegation:          DelegationShown{n.Delegation, m.Delegation.Terms.AgreementRef},
			ChangesSinceConsent: m.ChangesSinceConsent(),
		}
	}
	v.Consent, v.GuardianConsent = viewConsent(m.Word()), viewConsent(m.Guardian)
	return v
}

func viewConsent(c *domain.Consent) *ConsentView {
	if c == nil {
		return nil
	}
	return &ConsentView{ID: c.ID, State: c.State, Notice: c.Notice, Routes: c.Routes, At: c.At, Until: c.Until}
}

// Receipt 同意凭证 is the person's own copy of a grant or withdrawal: with it they
// can prove what they said, and to whom, without Nod.
type Receipt struct {
	Event       domain.RecordType    `json:"event"`
	At          string               `json:"at"`
	By          domain.Giver         `json:"by"` // who agreed, or took it back
	Enterprise  EnterpriseCard       `json:"enterprise"`
	Purpose     domain.Purpose       `json:"purpose"`
	Routes      []domain.Route       `json:"routes"`
	Notice      domain.NoticeRef     `json:"notice"`
	Title       string               `json:"title,omitempty"`
	Agreed      string               `json:"agreed,omitempty"` // the agree sentence, as it was read
	Delegation  domain.DelegationRef `json:"delegation"`
	Until       string               `json:"until,omitempty"`
	WithdrawURL string               `json:"withdraw_url,omitempty"`
	// Record is the very line of the log; LeafHash is SHA-256 over a zero byte and it.
	Record   string `json:"record"`
	LeafHash string `json:"leaf_hash"`
	// Opening shows that the record is about this person: its subject_commitment is
	// HMAC-SHA-256 with this key over the enterprise's id, a line feed and their id
	// at the enterprise.
	Opening string `json:"opening"`
	// Document is all of it in a form that programs read; see package receipt.
	Document json.RawMessage `json:"document,omitempty"`
}

func (l Learner) receipt(m *domain.Moment, e ledger.Entry, salt []byte) *Receipt {
	r, c := e.Record, m.Word()
	out := &Receipt{
		Event: r.Type, At: ledger.Instant(r.At), By: r.By, Enterprise: card(m.Enterprise), Purpose: c.Purpose, Routes: c.Routes,
		Notice: c.Notice, Delegation: c.Delegation, Record: string(e.Line), LeafHash: e.Leaf,
		Opening: hex.EncodeToString(salt),
	}
	if n := m.NoticeOf(c); n != nil {
		out.Document = receipt.Document(receipt.Given{
			PublicURL: l.PublicURL, Enterprise: m.Enterprise, Subject: m.Subject.Pseudonym, Consent: *c, Notice: *n, Entry: e, Checkpoint: m.Checkpoint,
		})
	}
	if r.Type != domain.ConsentGrantedType {
		return out
	}
	out.Until = c.Until.Format(time.RFC3339)
	if n := m.Notice; n != nil {
		text := n.Contents[c.Notice.Locale]
		out.Title, out.Agreed = text.Title, text.Agree
	}
	return out
}
