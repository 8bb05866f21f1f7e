package domain

import (
	"slices"
	"time"
)

// Export is a bundle of Records that an auditor has asked for: what a compliance officer
// hands to an authority, and what anybody verifies without a network. It is made in steps,
// and it goes by itself.
type Export struct {
	ID        ID
	Asked     ExportRequest
	Actor     ID   // the key that asked for it; none did for a last one
	Last      bool // it is what a closed enterprise takes along, see HandOver
	MadeAt    time.Time
	State     ExportState
	Done, Of  int64 // Records looked at, of those in the range
	StartedAt time.Time
	ReadyAt   time.Time
	Bundle    ExportedBundle
	ExpiresAt time.Time
}

// ExportedBundle is the file, once it is there: where it is kept, and what it must be.
type ExportedBundle struct {
	Object  string
	Bytes   int64
	SHA256  string
	Records int64
}

// ExportRequest is what is asked for: Records of [From,To), of some purposes, of one person.
// A zero From or To bounds nothing.
type ExportRequest struct {
	From        time.Time    `json:"from,omitzero"`
	To          time.Time    `json:"to,omitzero"`
	Purposes    []Purpose    `json:"purposes,omitempty"`
	Subject     string       `json:"subject,omitempty"` // pseudonym
	Identifiers Identifiers  `json:"identifiers"`
	Reason      ExportReason `json:"reason,omitempty"`
}

// Complete reports whether every Record of the range is asked for.
func (r ExportRequest) Complete() bool { return len(r.Purposes) == 0 && r.Subject == "" }

// AllTime reports whether no Record is too old or too new.
func (r ExportRequest) AllTime() bool { return r.From.IsZero() && r.To.IsZero() }

// Dossier 个人卷宗 reports whether it is all that the log has about one person, from their
// first Record on, so that their chain shows that none is missing in front or in between.
func (r ExportRequest) Dossier() bool {
	return r.Subject != "" && len(r.Purposes) == 0 && r.AllTime()
}

// Holds reports whether a Record of the range is asked for.
func (r ExportRequest) Holds(purpose Purpose, subject string) bool {
	return (len(r.Purposes) == 0 || slices.Contains(r.Purposes, purpose)) && (r.Subject == "" || r.Subject == subject)
}

// ExportReason is why a bundle is to name people (duty D16), in a word that a Record can
// hold.
type ExportReason string

const (
	ForAuthority ExportReason = "authority_inquiry"   // an authority asks
	ForAudit     ExportReason = "audit"               // somebody looks whether the duties are met
	ForIncident  ExportReason = "investigation"       // the enterprise looks into an incident
	ForPeople    ExportReason = "breach_notification" // those affected are told (PIPL art. 57)
	ForHandOver  ExportReason = "end_of_service"      // the enterprise takes its records (duty D15)
	ForCourt     ExportReason = "legal_proceedings"   // a court or an arbitration is shown it
)

// Valid reports whether the reason is known.
func (r ExportReason) Valid() bool {
	return slices.Contains([]ExportReason{ForAuthority, ForAudit, ForIncident, ForPeople, ForHandOver, ForCourt}, r)
}

// Identifiers says by what people are named.
type Identifiers string

const (
	Pseudonyms Identifiers = "pseudonyms"
	SubjectIDs Identifiers = "subjects" // the platform's ids beside them
)

// Valid reports whether the word is known.
func (i Identifiers) Valid() bool { return i == Pseudonyms || i == SubjectIDs }

// ExportState is how far an export is.
type ExportState string

const (
	ExportWaiting ExportState = "waiting" // nobody has begun
	ExportRunning ExportState = "running"
	ExportReady   ExportState = "ready"
	ExportFailed  ExportState = "failed"
	ExportExpired ExportState = "expired" // its time is over, and the file is gone
)

// ExportKeptFor is how long a bundle can be fetched.
const ExportKeptFor = 7 * 24 * time.Hour

// ExportsAtOnce is how many of one enterprise may wait or be in the making, so that nobody
// else waits for them for long.
const ExportsAtOnce = 10

// ExportRetry is when to look again at one that is not ready.
const ExportRetry = 10 * time.Second

// As is the export at a moment: one whose time is over has expired, also before somebody
// has come by to take the file away.
func (e Export) As(now time.Time) Export {
	if e.State == ExportReady && !now.Before(e.ExpiresAt) {
		e.State = ExportExpired
	}
	return e
}

// Left estimates how long the rest takes; false where nothing can be said yet.
func (e Export) Left(now time.Time) (time.Duration, bool) {
	took := now.Sub(e.StartedAt)
	if e.State != ExportRunning || e.Done == 0 || took <= 0 {
		return 0, false
	}
	return time.Duration(float64(took) / float64(e.Done) * float64(e.Of-e.Done)), true
}

// Fetch tells why there is no file to fetch; nil if there is one.
func (e Export) Fetch(now time.Time) error {
	switch e.As(now).State {
	case ExportReady:
		return nil
	case ExportWaiting, ExportRunning:
		return &Refusal{Reason: ExportNotReady, RetryAfter: ExportRetry}
	}
	return Refuse(ExportGone)
}

// Validate refuses what does not go together, all of it at once. Only who asks for one
// person may leave the time out. People are named only for a reason (duty D16), and a
// person's whole life with the log is asked for only for one.
func (r ExportRequest) Validate() error {
	var faults []FieldFault
	add := func(field, code string, wrong bool) {
		if wrong {
			faults = append(faults, FieldFault{field, code})
		}
	}
	for _, end := range []struct {
		name string
		at   time.Time
	}{{"from", r.From}, {"to", r.To}} {
		add(end.name, Missing, end.at.IsZero() && r.Subject == "")
		add(end.name, OutOfRange, !end.at.IsZero() && (end.at.Year() < 2000 || end.at.Year() > 9000))
	}
	add("to", OutOfRange, len(faults) == 0 && !r.To.IsZero() && !r.From.Before(r.To))
	for i, p := range r.Purposes {
		add("purposes", NotAllowed, !p.Valid() || slices.Contains(r.Purposes[:i], p))
	}
	add("identifiers", Missing, r.Identifiers == "")
	add("identifiers", NotAllowed, r.Identifiers != "" && !r.Identifiers.Valid())
	add("reason", Missing, (r.Identifiers == SubjectIDs || r.Dossier()) && r.Reason == "")
	add("reason", NotAllowed, r.Reason != "" && !r.Reason.Valid())
	if len(faults) > 0 {
		return &Refusal{Reason: InvalidValue, Fields: faults}
	}
	return nil
}

// Export puts on record that a bundle is asked for, and by whom (duty D17), and has it made.
// A closed enterprise can do so too: it is how it gets its records (duty D15).
func (c *Charter) Export(id ID, asked ExportRequest, actor ID) (Export, error) {
	if c.OpenExports >= ExportsAtOnce {
		return Export{}, &Refusal{Reason: TooManyExports, RetryAfter: time.Minute}
	}
	return c.order(Export{ID: id, Asked: asked, Actor: actor}), nil
}

func (c *Charter) order(e Export) Export {
	e.MadeAt, e.State = c.Now, ExportWaiting
	c.NewExport = &e
	size := c.LogSize
	c.record(ExportMade, e.Actor, func(r *Record) {
		r.Reason, r.From, r.To = Reason(e.Asked.Reason), e.Asked.From, e.Asked.To
		r.Export, r.Purposes, r.About = e.ID, e.Asked.Purposes, e.Asked.Subject
		r.Identifiers, r.LogSize = e.Asked.Identifiers, &size
	})
	return e
}

// ReadExport puts on record that somebody fetches a bundle, who may be another one than had
// it made (duty D17).
func (c *Charter) ReadExport(e Export, actor ID) {
	c.record(ExportFetched, actor, func(r *Record) {
		r.Reason, r.Export, r.About, r.Identifiers = Reason(e.Asked.Reason), e.ID, e.Asked.Subject, e.Asked.Identifiers
	})
}

// TellReady has the platform told that a bundle can be fetched: what it is, and nothing by
// which anybody could fetch it. Of an enterprise of which nobody is left, nothing is told.
func (c *Charter) TellReady(e Export) {
	if !c.Enterprise.ErasedAt.IsZero() {
		return
	}
	c.tellAll(TellExport, string(e.ID), "", EventData{Export: e.ID, SHA256: e.Bundle.SHA256, Bytes: e.Bundle.Bytes,
		Records: new(e.Bundle.Records), ExpiresAt: e.ExpiresAt, Last: e.Last})
}
