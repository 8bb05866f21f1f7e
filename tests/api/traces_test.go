package api

import (
	"bytes"
	"testing"
)

// A check can be followed from its call to the face API and the database, and found in the
// log by its trace. That nobody is named there, every test holds (see checkLog).
func TestTheTraceOfACheck(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	p := w.house(t).agreed()
	r := p.verify("a1")
	r.verdict("pass")
	line := w.line(t, r.header.Get("X-Request-Id"), "call")
	w.nod.API.Trace.Flush(t.Context())
	sent := w.traces.all()
	for _, part := range []string{`"name":"POST /v1/verify"`, `"name":"CompareFace"`, `"name":"store"`, text(line, "trace_id"), text(line, "request_id"), p.id} {
		if part == "" || !bytes.Contains(sent, []byte(part)) {
			t.Errorf("the traces have no %q", part)
		}
	}
}
