package api

import (
	"bytes"
	"testing"

	"nod/shared/domain"
	"nod/shared/vault"
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

// Whose call it is stands in the log when that is proven, and not before: a key that is made
// up can hold any digits in the place of an enterprise.
func TestTheLogNamesNoEnterpriseThatIsOnlyClaimed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	p := h.person()
	const claimed = "11010119-9003-7077-8000-013800138000"
	for _, kind := range []string{"integrator", "learner"} {
		bearer := domain.Bearer{Kind: kind, Enterprise: claimed, Thing: claimed, Secret: vault.NewSecret()}.String()
		for _, path := range []string{"/v1/sessions", "/v1/session", "/v1/me"} {
			r := w.do(t, "GET", path, bearer, nil)
			if line := w.line(t, r.header.Get("X-Request-Id"), "call"); r.status < 400 || text(line, "enterprise") != "" {
				t.Errorf("%s with %s: %v", path, kind, line)
			}
		}
	}
	p.open()
	w.nod.API.Trace.Flush(t.Context())
	if bytes.Contains(w.log.all(), []byte(claimed)) || bytes.Contains(w.traces.all(), []byte(claimed)) {
		t.Error("the claimed enterprise is in the log or in a trace")
	}
	opened := false
	for line := range bytes.Lines(w.log.all()) {
		opened = opened || bytes.Contains(line, []byte(`"/v1/session/open"`)) && bytes.Contains(line, []byte(h.id))
	}
	if !opened {
		t.Error("the line of a code that was good does not say whose it was")
	}
}
