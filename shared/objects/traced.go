package objects

import (
	"net/http"

	"nod/shared/trace"
)

// traced tells how long each call of an object storage took and how it was answered, and of
// no address: there are ids in those, and signatures.
type traced struct{ next http.RoundTripper }

// RoundTrip is http.RoundTripper's.
func (t traced) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, span := trace.Call(r.Context(), "objects")
	span.Word(trace.Method, r.Method)
	answer, err := t.next.RoundTrip(r.WithContext(ctx))
	if err == nil {
		span.Number(trace.Status, answer.StatusCode)
	}
	span.End(err)
	return answer, err
}
