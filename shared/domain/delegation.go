package domain

import (
	"fmt"
	"regexp"
	"slices"
	"time"
)

// Delegation 委托记录 is a versioned, immutable record that the enterprise
// entrusts the operator with the processing (duty D06; PIPL art. 21). Nothing in
// Terms ever changes after it was recorded: its hash stands in every Record.
type Delegation struct {
	ID         ID
	Version    int
	Terms      Terms
	RecordedAt time.Time
	RevokedAt  time.Time // zero unless revoked
	SHA256     string    // over its canonical document, see package ledger
}

// Terms is what an administrator records; field names are those of the interface.
type Terms struct {
	AgreementRef      string         `json:"agreement_ref"`
	AgreementSHA256   string         `json:"agreement_sha256"`
	Handler           string         `json:"handler"` // who answers to the person: enterprise or operator
	Purposes          []Purpose      `json:"purposes"`
	Routes            []Route        `json:"routes"`
	DataKinds         []string       `json:"data_kinds"`
	Safeguards        string         `json:"safeguards"`
	Duties            string         `json:"duties"`
	Supervision       string         `json:"supervision"`
	ReturnAndDeletion string         `json:"return_and_deletion"`
	Subprocessors     []Subprocessor `json:"subprocessors"`
	ValidFrom         time.Time      `json:"valid_from"`
	ValidUntil        time.Time      `json:"valid_until"`
	InstructedBy      string         `json:"instructed_by"`
	Supersedes        ID             `json:"supersedes,omitempty"`
}

// Subprocessor is a recipient of personal data, by name; a notice calls the same
// thing a recipient.
type Subprocessor struct {
	Name    string `json:"name"`
	Contact string `json:"contact"`
	Route   Route  `json:"route"`
}

// DelegationRef is how Records, notices and assertions name a delegation.
type DelegationRef struct {
	ID      ID     `json:"id"`
	Version int    `json:"version"`
	SHA256  string `json:"sha256"`
}

// Ref names the delegation.
func (d Delegation) Ref() DelegationRef {
	return DelegationRef{ID: d.ID, Version: d.Version, SHA256: d.SHA256}
}

// InForce reports whether the delegation covers what is done at the instant:
// from the later of valid_from and its recording until valid_until, exclusive,
// or its revocation.
func (d Delegation) InForce(at time.Time) bool {
	return d.Status(at) == "in_force"
}

// Status is the word for it in the interface.
func (d Delegation) Status(at time.Time) string {
	switch {
	case !d.RevokedAt.IsZero(): // for good, whatever a clock that was set back says
		return "revoked"
	case !at.Before(d.Terms.ValidUntil):
		return "expired"
	case at.Before(d.Terms.ValidFrom) || at.Before(d.RecordedAt):
		return "pending"
	default:
		return "in_force"
	}
}

// EndedBefore reports whether the delegation is over at the instant.
func (d Delegation) EndedBefore(at time.Time) bool {
	s := d.Status(at)
	return s == "revoked" || s == "expired"
}

var sha256Hex = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Validate returns an InvalidValue refusal naming every faulty field.
func (t Terms) Validate(now time.Time) error {
	var f faults
	f.line("agreement_ref", t.AgreementRef, 200)
	f.form("agreement_sha256", t.AgreementSHA256, sha256Hex.MatchString(t.AgreementSHA256))
	f.word("handler", t.Handler, t.Handler == "enterprise" || t.Handler == "operator")
	eachOnce(&f, "purposes", t.Purposes, Purpose.Valid)
	eachOnce(&f, "routes", t.Routes, Route.Valid)
	eachOnce(&f, "data_kinds", t.DataKinds, isDataKind)
	f.text("safeguards", t.Safeguards, 20_000)
	f.text("duties", t.Duties, 20_000)
	f.text("supervision", t.Supervision, 20_000)
	f.text("return_and_deletion", t.ReturnAndDeletion, 20_000)
	f.line("instructed_by", t.InstructedBy, 200)
	f.subprocessors("subprocessors", t.Subprocessors, t.Routes)
	f.instant("valid_from", t.ValidFrom)
	f.instant("valid_until", t.ValidUntil)
	if !t.ValidUntil.IsZero() && (!t.ValidUntil.After(t.ValidFrom) || !t.ValidUntil.After(now)) {
		f.add("valid_until", OutOfRange)
	}
	return f.refusal()
}

// instant checks a time that is needed. What no calendar in use has is a slip, and
// could not be written in UTC.
func (f *faults) instant(field string, at time.Time) {
	switch {
	case at.IsZero():
		f.add(field, Missing)
	case at.Year() < 2000 || at.Year() > 9000:
		f.add(field, OutOfRange)
	}
}

// each checks a list that needs at least one entry.
func (f *faults) each(field string, n int, ok func(i int) bool) {
	if n == 0 {
		f.add(field, Missing)
	}
	if n > 50 {
		f.add(field, TooLong)
		return
	}
	for i := range n {
		if !ok(i) {
			f.add(fmt.Sprintf("%s[%d]", field, i), NotAllowed)
		}
	}
}

// eachOnce is each for words of which none may stand twice.
func eachOnce[W comparable](f *faults, field string, list []W, ok func(W) bool) {
	f.each(field, len(list), func(i int) bool { return ok(list[i]) && !slices.Contains(list[:i], list[i]) })
}

func isDataKind(k string) bool { return slices.Contains(DataKinds, k) }

func (f *faults) subprocessors(field string, list []Subprocessor, routes []Route) {
	f.each(field, len(list), func(i int) bool { return slices.Contains(routes, list[i].Route) })
	if len(list) > 50 {
		return
	}
	for i, s := range list {
		f.line(fmt.Sprintf("%s[%d].name", field, i), s.Name, 200)
		f.line(fmt.Sprintf("%s[%d].contact", field, i), s.Contact, 400)
	}
	for _, r := range routes {
		if !slices.ContainsFunc(list, func(s Subprocessor) bool { return s.Route == r }) {
			f.add(field+"."+string(r), Missing)
		}
	}
}

// Covers returns the fields of a notice's facts that the delegation does not
// stretch to: what people are told must lie within what was entrusted.
func (d Delegation) Covers(p Purpose, facts Facts) []FieldFault {
	var f faults
	if !slices.Contains(d.Terms.Purposes, p) {
		f.add("purpose", NotCovered)
	}
	for i, r := range facts.Routes {
		if !slices.Contains(d.Terms.Routes, r) {
			f.add(fmt.Sprintf("facts.routes[%d]", i), NotCovered)
		}
	}
	for i, k := range facts.DataKinds {
		if !slices.Contains(d.Terms.DataKinds, k) {
			f.add(fmt.Sprintf("facts.data_kinds[%d]", i), NotCovered)
		}
	}
	for i, r := range facts.Recipients {
		if !slices.ContainsFunc(d.Terms.Subprocessors, func(s Subprocessor) bool {
			return s.Name == r.Name && s.Route == r.Route
		}) {
			f.add(fmt.Sprintf("facts.recipients[%d]", i), NotCovered)
		}
	}
	return f
}
