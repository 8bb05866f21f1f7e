package domain

import (
	"fmt"
	"slices"
	"strings"
	"time"
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

func (f *faults) add(field, code string) { *f = append(*f, FieldFault{field, code}) }

// text checks a required text of at most limit characters.
func (f *faults) text(field, s string, limit int) {
	switch {
	case strings.TrimSpace(s) == "":
		f.add(field, Missing)
	case len([]rune(s)) > limit:
		f.add(field, TooLong)
	}
}

// texts checks a text that every locale in want must have.
func (f *faults) texts(field string, t Texts, want []Locale, limit int) {
	for l := range t {
		if !l.Valid() {
			f.add(field+"."+string(l), NotAllowed)
		}
	}
	for _, l := range want {
		f.text(field+"."+string(l), t[l], limit)
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
