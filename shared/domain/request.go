package domain

import (
	"slices"
	"strings"
	"time"
)

// RequestKind is what a person asks the enterprise for.
type RequestKind string

const (
	AskCopy     RequestKind = "copy"
	AskCorrect  RequestKind = "correct"
	AskDelete   RequestKind = "delete"
	AskExplain  RequestKind = "explain"
	Complaint   RequestKind = "complaint"
	AskReview   RequestKind = "review"   // a person looks at a check that failed (duty D27)
	AskRelative RequestKind = "relative" // by a near relative of somebody who has died (duty D22)
)

// Valid reports whether the kind is known.
func (k RequestKind) Valid() bool {
	return slices.Contains([]RequestKind{AskCopy, AskCorrect, AskDelete, AskExplain, Complaint, AskReview, AskRelative}, k)
}

// SpeaksForItself reports whether the kind says what is wanted, without a text.
func (k RequestKind) SpeaksForItself() bool {
	return k == AskCopy || k == AskDelete || k == AskExplain || k == AskReview
}

// Kin are the near relatives (Civil Code art. 1045), by what they are to the person.
var Kin = []Relation{"spouse", "parent", "child", "sibling", "grandparent", "grandchild"}

// RequestOutcome is how the enterprise answered.
type RequestOutcome string

const (
	RequestDone    RequestOutcome = "done"
	RequestRefused RequestOutcome = "refused"
)

// Ground is why a request was refused, in a word that a Record can hold.
type Ground string

const (
	KeptByLaw       Ground = "kept_by_law"         // the law asks for the evidence to be kept
	StandingUnclear Ground = "standing_not_proven" // of a relative, or of whoever asks
	NothingHeld     Ground = "nothing_held"        // about what was asked for
	FoundRight      Ground = "found_right"         // what is held was looked at, and is right
	OthersRights    Ground = "rights_of_others"    // it would tell of somebody else
	AnsweredBefore  Ground = "answered_before"     // the same was asked and answered
)

// Valid reports whether the ground is known.
func (g Ground) Valid() bool {
	return slices.Contains([]Ground{KeptByLaw, StandingUnclear, NothingHeld, FoundRight, OthersRights, AnsweredBefore}, g)
}

// Bounds of requests.
const (
	AnswerWithin    = 15 * 24 * time.Hour // duty D24
	MaxOpenRequests = 20                  // of one person; more help nobody
	MaxRequestText  = 4_000               // characters
	MaxProofFile    = 3 << 20             // bytes
)

// Request is what a person asked for, and how it was answered. Its texts and its file
// are kept encrypted; the log has neither.
type Request struct {
	ID       ID
	Subject  string // the pseudonym
	Kind     RequestKind
	By       Giver    // empty for a relative, who is neither
	Relation Relation // of a relative
	Session  ID
	OpenedAt time.Time
	DueAt    time.Time
	Text     []byte // encrypted; empty where the kind says it all
	Proof    []byte // encrypted; only where it is read by itself
	HasProof bool

	Outcome    RequestOutcome // empty while it is open
	Ground     Ground
	Answer     []byte // encrypted
	ResolvedAt time.Time
	ResolvedBy ID // the key
}

// Open reports whether it still waits for its answer.
func (r Request) Open() bool { return r.Outcome == "" }

// Overdue reports whether its answer is late, or was.
func (r Request) Overdue(now time.Time) bool {
	if !r.Open() {
		now = r.ResolvedAt
	}
	return now.After(r.DueAt)
}

// Wish is what somebody sends to have a request opened; field names are those of the
// interface.
type Wish struct {
	Kind      RequestKind `json:"kind"`
	Text      string      `json:"text"`
	Relation  Relation    `json:"relation"`
	ProofFile string      `json:"proof_file"` // base64
}

// Validate returns an InvalidValue refusal naming every faulty field, but for what is in
// the file. A relative says what they are and shows it; nobody else does.
func (w Wish) Validate() error {
	var f faults
	f.word("kind", string(w.Kind), w.Kind.Valid())
	if strings.TrimSpace(w.Text) != "" || w.Kind.Valid() && !w.Kind.SpeaksForItself() {
		f.text("text", w.Text, MaxRequestText)
	}
	switch {
	case w.Kind != AskRelative && w.Relation != "":
		f.add("relation", NotAllowed)
	case w.Kind == AskRelative:
		f.word("relation", string(w.Relation), slices.Contains(Kin, w.Relation))
	}
	switch {
	case w.Kind != AskRelative && w.ProofFile != "":
		f.add("proof_file", NotAllowed)
	case w.Kind == AskRelative && w.ProofFile == "":
		f.add("proof_file", Missing)
	}
	return f.refusal()
}

// Resolution is how an administrator answers a request.
type Resolution struct {
	Outcome RequestOutcome `json:"outcome"`
	Answer  string         `json:"answer"`
	Reason  Ground         `json:"reason"`
}

// Validate returns an InvalidValue refusal naming every faulty field. A refusal has a
// reason (duty D24), an answer has none.
func (r Resolution) Validate() error {
	var f faults
	f.word("outcome", string(r.Outcome), r.Outcome == RequestDone || r.Outcome == RequestRefused)
	f.text("answer", r.Answer, MaxRequestText)
	switch {
	case r.Outcome == RequestRefused:
		f.word("reason", string(r.Reason), r.Reason.Valid())
	case r.Reason != "":
		f.add("reason", NotAllowed)
	}
	return f.refusal()
}

// Ask opens a request. It needs a session whose time is not over, and nothing else: a
// closed enterprise answers too.
func (m *Moment) Ask(r Request) (*Request, error) {
	if m.OpenRequests >= MaxOpenRequests {
		return nil, Refuse(TooManyRequests)
	}
	r.Subject, r.Session, r.OpenedAt, r.DueAt = m.Subject.Pseudonym, m.Session.ID, m.Now, m.Now.Add(AnswerWithin)
	if r.Kind != AskRelative {
		r.By = m.Speaker()
	}
	m.RequestChanged = &r
	m.record(RequestOpened, func(e *Record) {
		e.Session, e.By, e.Relation = m.Session.ID, r.By, r.Relation
		e.Request, e.Kind, e.DueAt = r.ID, r.Kind, r.DueAt
	})
	return &r, nil
}

// Answer resolves the request that the Moment was read for, once. A deletion that is
// granted is carried out with it.
func (m *Moment) Answer(a Resolution, sealed []byte, actor ID) error {
	r := m.Request
	if !r.Open() {
		return Refuse(RequestAnswered)
	}
	r.Outcome, r.Ground, r.Answer, r.ResolvedAt, r.ResolvedBy = a.Outcome, a.Reason, sealed, m.Now, actor
	m.RequestChanged = r
	m.record(RequestResolved, func(e *Record) {
		e.Request, e.Kind, e.DueAt, e.Outcome = r.ID, r.Kind, r.DueAt, r.Outcome
		e.Reason, e.Actor = Reason(r.Ground), actor
	})
	if r.Kind == AskDelete && r.Outcome == RequestDone {
		m.restrict(r.ID, actor)
	}
	return nil
}

// ReadRequest puts on record that somebody of the enterprise reads what was asked (duty
// D17).
func (m *Moment) ReadRequest(actor ID) {
	m.record(RequestRead, func(e *Record) {
		e.Request, e.Kind, e.Actor = m.Request.ID, m.Request.Kind, actor
	})
}
