package trace

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	otel "go.opentelemetry.io/otel/trace"
)

// Span is what one piece of work took. The zero one records nothing.
type Span struct{ of otel.Span }

// Recording reports whether anybody will see it, for what is laborious to find out.
func (s Span) Recording() bool { return s.of != nil && s.of.IsRecording() }

// Word tells something about the work; a word that is empty is not told.
func (s Span) Word(f Field, word string) {
	if s.of != nil && word != "" {
		s.of.SetAttributes(attribute.String(string(f), word))
	}
}

// Number is Word for a number.
func (s Span) Number(f Field, n int) {
	if s.of != nil {
		s.of.SetAttributes(attribute.Int(string(f), n))
	}
}

// Fail marks the work as failed. Why is for the log.
func (s Span) Fail() {
	if s.of != nil {
		s.of.SetStatus(codes.Error, "")
	}
}

// End ends the span, as failed if there is an error. What comes after it counts for nothing.
func (s Span) End(err error) {
	if s.of == nil {
		return
	}
	if err != nil {
		s.Fail()
	}
	s.of.End()
}

// Field is something that a span may tell.
type Field string

// All fields there are. Each is a word of a list, a pattern, an id of Nod's or a platform's,
// or a number; docs/operate.md lists them.
const (
	Method      Field = "http.request.method"
	Route       Field = "http.route"
	Status      Field = "http.response.status_code"
	Invocation  Field = "faas.invocation_id"
	RequestID   Field = "nod.request_id"
	Enterprise  Field = "nod.enterprise"
	Reason      Field = "nod.reason"
	Upstream    Field = "nod.upstream"
	Result      Field = "nod.result"
	Transaction Field = "nod.transaction"
	Tries       Field = "nod.tries"
)
