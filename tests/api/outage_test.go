package api

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"nod/tests/postgres"
	"nod/tests/wire"
)

// A panic is told nobody, and is no end: the next call is served.
func TestAPanic(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	p := h.person()
	p.photo += "#panic"
	p.open()
	p.decide("granted").ok(201)
	r := p.verify("a1")
	v := r.refused(500, "internal")
	if len(v) != 5 || v["title"] == "" || v["request_id"] == "" {
		t.Errorf("the problem tells %v", v)
	}
	line := w.line(t, text(v, "request_id"), "panic")
	if !strings.Contains(text(line, "stack"), "goroutine") || len(line) != 7 {
		t.Errorf("the log has %v", line)
	}
	if call := w.line(t, text(v, "request_id"), "call"); call["status"] != 500.0 || call["level"] != "ERROR" {
		t.Errorf("the log has %v", call)
	}
	h.agreed().verify("a1").verdict("pass")
}

// Without its database a process lives, and says that it can do nothing.
func TestAnInstanceWithoutItsDatabase(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	p := h.agreed()
	w.do(t, "GET", "/readyz", "", nil).ok(200)
	if err := w.nod.Store.Close(); err != nil {
		t.Fatal(err)
	}
	if v := w.do(t, "GET", "/healthz", "", nil).ok(200); v["status"] != "alive" {
		t.Errorf("it is %v", v["status"])
	}
	r := w.do(t, "GET", "/readyz", "", nil)
	if v := r.refused(503, "busy"); v["retry_after"] != 1.0 || !slices.Equal(v["not_ready"].([]any), []any{"database"}) || strings.Contains(string(r.body), "sql") {
		t.Errorf("it is told as %s", r.body)
	}
	if line := w.line(t, r.header.Get("X-Request-Id"), "call"); line["reason"] != "busy" || !strings.Contains(text(line, "error"), "closed") {
		t.Errorf("the log does not say why: %v", line)
	}
	p.verify("a1").refused(503, "busy")
	p.asked(0) // what cannot be written down is not sent
	for _, path := range []string{"/openapi.json", "/.well-known/jwks.json", "/schemas/consent-receipt.json"} {
		w.do(t, "GET", path, "", nil).ok(200)
	}
}

// A monitor learns which part is not ready, and no more; the log says why. What is not kept
// outside goes on meanwhile.
func TestAnInstanceWithoutItsObjects(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "objects")
	w := newWorld(t, setup{objects: "file:" + dir})
	p := w.house(t).agreed()
	w.do(t, "GET", "/readyz", "", nil).ok(200)
	if err := errors.Join(os.RemoveAll(dir), os.WriteFile(dir, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	r := w.do(t, "GET", "/readyz", "", nil)
	if v := r.refused(503, "busy"); !slices.Equal(v["not_ready"].([]any), []any{"objects"}) || strings.Contains(string(r.body), dir) {
		t.Errorf("it is told as %s", r.body)
	}
	if line := w.line(t, r.header.Get("X-Request-Id"), "call"); line["level"] != "ERROR" || !strings.Contains(text(line, "error"), "not a directory") {
		t.Errorf("the log does not say why: %v", line)
	}
	p.verify("a1").verdict("pass")
}

// A database that goes away for a while takes nothing along.
func TestADatabaseThatGoesAway(t *testing.T) {
	t.Parallel()
	line := wire.To(t, postgres.Database(t))
	w := newWorld(t, setup{db: line.DSN})
	h := w.house(t)
	p := h.agreed()
	refusal := p.decision("refused")
	line.Cut()
	for _, r := range []reply{
		w.do(t, "GET", "/readyz", "", nil), w.do(t, "GET", "/v1/settings", h.admin, nil), w.do(t, "GET", "/v1/session", p.token, nil),
		p.verify("a1"), w.do(t, "POST", "/v1/consent", p.token, refusal), w.do(t, "POST", "/v1/me/withdraw", p.token, nil),
		w.do(t, "POST", "/v1/sessions", h.integrator, h.person().request()),
	} {
		if v := r.refused(503, "busy"); v["retry_after"] != 1.0 {
			t.Errorf("%s: retry_after is %v", r.what, v["retry_after"])
		}
		if line := w.line(t, r.header.Get("X-Request-Id"), "call"); line["reason"] != "busy" || line["level"] != "ERROR" || text(line, "error") == "" {
			t.Errorf("%s: the log does not say why: %v", r.what, line)
		}
	}
	p.asked(0)
	line.Mend()
	w.do(t, "GET", "/readyz", "", nil).ok(200)
	p.verify("a1").verdict("pass")
	p.asked(1)
	p.is("passed")
}

// DESIGN, section 6: a check needs at most six round trips to PostgreSQL, a decision
// five.
func TestRoundTripsOnPostgreSQL(t *testing.T) {
	t.Parallel()
	line := wire.To(t, postgres.Database(t))
	h := newWorld(t, setup{db: line.DSN}).house(t)
	h.agreed().verify("a1").verdict("pass") // the first of all makes the connections
	p := h.visitor()
	decision := p.decision("granted")
	for _, tt := range []struct {
		name string
		most int64
		call func()
	}{
		{"a decision", 5, func() { p.do(t, "POST", "/v1/consent", p.token, decision).ok(201) }},
		{"a check", 6, func() { p.verify("a1").verdict("pass") }},
		{"the same check again", 6, func() { p.verify("a1").verdict("pass") }},
	} {
		if n := line.Count(tt.call); n == 0 || n > tt.most {
			t.Errorf("%s takes %d round trips, want at most %d", tt.name, n, tt.most)
		}
	}
}
