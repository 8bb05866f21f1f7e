package trace

import (
	"strconv"
	"sync"
	"time"
)

// Span is what one piece of work took. The zero one records nothing.
type Span struct{ r *recording }

// recording is a span that has not ended.
type recording struct {
	tracer *Tracer
	began  time.Time

	mu   sync.Mutex
	over bool
	span span
}

// Recording reports whether anybody will see it, for what is laborious to find out.
func (s Span) Recording() bool { return s.r != nil }

// Word tells something about the work; a word that is empty is not told.
func (s Span) Word(f Field, word string) {
	if s.r != nil && word != "" {
		s.r.add(text(string(f), word))
	}
}

// Number is Word for a number.
func (s Span) Number(f Field, n int) {
	if s.r != nil {
		s.r.add(keyValue{string(f), value{Number: strconv.Itoa(n)}})
	}
}

// Fail marks the work as failed. Why is for the log.
func (s Span) Fail() {
	if s.r == nil {
		return
	}
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	s.r.span.Status.Code = failed
}

// End ends the span, as failed if there is an error. What comes after it counts for nothing.
func (s Span) End(err error) {
	if s.r == nil {
		return
	}
	if err != nil {
		s.Fail()
	}
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	if s.r.over {
		return
	}
	s.r.over = true
	s.r.span.Start = nanos(s.r.began)
	s.r.span.End = nanos(s.r.began.Add(time.Since(s.r.began)))
	s.r.tracer.keep(s.r.span)
}

func (r *recording) add(kv keyValue) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.over {
		r.span.Attributes = append(r.span.Attributes, kv)
	}
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
