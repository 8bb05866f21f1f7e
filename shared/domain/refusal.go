package domain

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Reason names why Nod says no. It is the slug of the problem document
// (/problems/<reason>) and therefore part of the interface: never renamed.
type Reason string

// Refusal is a rule saying no: an expected answer, not a failure of the system.
// What was settled on the way to it (a session that expired, a consent that
// lapsed) is still written; nothing else is.
type Refusal struct {
	Reason     Reason
	RetryAfter time.Duration // where waiting helps
	Fields     []FieldFault  // where a body has faults, all of them
	State      State         // where a session's state is the cause
	Upstream   string        // what a vendor called it; for the operator's log, not for the caller
}

// FieldFault names one faulty field of a body by its JSON path and a stable code.
type FieldFault struct {
	Field string `json:"field"`
	Code  string `json:"code"`
}

// The codes of field faults.
const (
	Missing    = "missing"
	TooLong    = "too_long"
	NotAllowed = "not_allowed"
	BadFormat  = "bad_format"
	OutOfRange = "out_of_range"
	NotCovered = "not_covered_by_delegation"
	NotFound   = "not_found"
	Replaced   = "superseded"
	NotTold    = "not_in_notice"
	NotHTTPS   = "not_https"
	NotOrigin  = "origin_not_registered"
)

func (r *Refusal) Error() string {
	if len(r.Fields) == 0 {
		return "refused: " + string(r.Reason)
	}
	var b strings.Builder
	for _, f := range r.Fields {
		fmt.Fprintf(&b, " %s=%s", f.Field, f.Code)
	}
	return "refused: " + string(r.Reason) + b.String()
}

// Is makes errors.Is compare refusals by their reason.
func (r *Refusal) Is(target error) bool {
	o, ok := target.(*Refusal)
	return ok && o.Reason == r.Reason
}

// Refuse makes a Refusal.
func Refuse(r Reason) *Refusal { return &Refusal{Reason: r} }

// RefuseIn makes a Refusal that is caused by a session's state.
func RefuseIn(r Reason, s State) *Refusal { return &Refusal{Reason: r, State: s} }

// faults collects field faults while a body is validated.
type faults []FieldFault

func (f *faults) add(field, code string) {
	if len(field) > longestField { // it holds a name that somebody sent
		field = strings.ToValidUTF8(field[:longestField], "")
	}
	*f = append(*f, FieldFault{field, code})
}

const longestField = 100

// word checks a value that is one of a few; form, one that has a certain form. What is
// not there at all is missing.
func (f *faults) word(field, value string, ok bool) { f.unless(ok, field, value, NotAllowed) }
func (f *faults) form(field, value string, ok bool) { f.unless(ok, field, value, BadFormat) }

func (f *faults) unless(ok bool, field, value, code string) {
	switch {
	case ok:
	case value == "":
		f.add(field, Missing)
	default:
		f.add(field, code)
	}
}

// text checks a required text of at most limit characters, line one that is shown on a
// single line. A text that shows nothing is none.
func (f *faults) text(field, s string, limit int) { f.readable(field, s, limit, inText) }
func (f *faults) line(field, s string, limit int) { f.readable(field, s, limit, inLine) }

// label checks a value of the client's own, which may be left out.
func (f *faults) label(field, s string, limit int) {
	if strings.TrimSpace(s) != "" {
		f.bounded(field, s, limit, inLine)
	}
}

func (f *faults) readable(field, s string, limit int, allowed func(rune) bool) {
	if !strings.ContainsFunc(s, func(r rune) bool { return unicode.In(r, unicode.L, unicode.N) }) {
		f.add(field, Missing)
		return
	}
	f.bounded(field, s, limit, allowed)
}

func (f *faults) bounded(field, s string, limit int, allowed func(rune) bool) {
	switch {
	case utf8.RuneCountInString(s) > limit:
		f.add(field, TooLong)
	case strings.ContainsFunc(s, func(r rune) bool { return !allowed(r) }):
		f.add(field, BadFormat)
	}
}

// inLine refuses control characters, which no one-line text needs and PostgreSQL
// does not store, and those that turn the direction of writing, which can make a text
// look like another.
func inLine(r rune) bool {
	return !unicode.IsControl(r) && !unicode.Is(unicode.Bidi_Control, r) && r != '\u2028' && r != '\u2029'
}

func inText(r rune) bool { return inLine(r) || r == '\n' || r == '\r' || r == '\t' }

// texts checks a text that every locale in want must have.
func (f *faults) texts(field string, t Texts, want []Locale, limit int, allowed func(rune) bool) {
	for l := range t {
		if !l.Valid() {
			f.add(field+"."+string(l), NotAllowed)
		}
	}
	for _, l := range want {
		f.readable(field+"."+string(l), t[l], limit, allowed)
	}
}

// refusal returns nil when nothing was found, else all of it in the order of the
// fields' names: the same body gets the same answer.
func (f faults) refusal() error {
	if len(f) == 0 {
		return nil
	}
	slices.SortStableFunc(f, func(a, b FieldFault) int { return strings.Compare(a.Field, b.Field) })
	return &Refusal{Reason: InvalidValue, Fields: f}
}
