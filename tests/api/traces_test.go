package api

import (
	"bytes"
	"slices"
	"strings"
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
	for route, who := range map[string]string{"/v1/session/open": "a code that was good", "/v1/enterprises/{id}/keys": "an operator's address that was answered"} {
		named := false
		for line := range bytes.Lines(w.log.all()) {
			named = named || bytes.Contains(line, []byte(`"`+route+`"`)) && bytes.Contains(line, []byte(h.id))
		}
		if !named {
			t.Errorf("the line of %s does not say whose it was", who)
		}
	}
}

// faulty are requests' bodies that are wrong in one way or another, for every call.
var faulty = map[string]string{
	"half an object": `{"a":`, "two objects": "{}{}", "no object": "[]", "an unknown field": `{"surprise":1}`, "not UTF-8": "{\"\xff\":1}",
	"a wrong type":  `{"attempt_id":1,"decision":1,"kind":1,"purpose":1}`,
	"a wrong value": `{"attempt_id":"?","decision":"?","kind":"?","purpose":"?"}`,
	"a large one":   strings.Repeat(" ", smallBody+1),
}

// Whoever has no good token is a stranger first, whatever else is wrong with what they sent:
// they learn nothing about it, and the log names no enterprise. Of somebody who is known it
// does, though the call came to nothing.
func TestAStrangerWithAFaultyRequestIsAStranger(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	p := h.visitor()
	// sent makes a call, and holds whose it is in the log.
	sent := func(t *testing.T, op operation, bearer string, body any, whose string, o ...option) reply {
		t.Helper()
		path := op.Path
		if path == "/v1/me/copy" {
			path += "?after=-1"
		}
		r := w.do(t, op.Method, path, bearer, body, append(o, bad)...)
		if line := w.line(t, r.header.Get("X-Request-Id"), "call"); text(line, "enterprise") != whose {
			t.Errorf("%v: the log has %v, want the enterprise %q", body, line, whose)
		}
		return r
	}
	plain := with("Content-Type", "text/plain")
	everyOperation(t, func(t *testing.T, op operation) {
		switch {
		case slices.Contains(*op.Who, domain.LearnerToken):
			forged := forgedAs(p.token, domain.LearnerToken)
			sent(t, op, forged, op.example(), "").refused(401, "unauthenticated")
			if op.RequestBody == nil {
				sent(t, op, p.token, nil, h.id)
				return
			}
			for _, body := range faulty {
				sent(t, op, forged, body, "").refused(401, "unauthenticated")
				sent(t, op, p.token, body, h.id)
			}
			sent(t, op, forged, "{}", "", plain).refused(401, "unauthenticated")
			sent(t, op, p.token, "{}", h.id, plain).refused(415, "unsupported-media-type")
		case op.Path == "/v1/session/open" || op.Path == "/v1/withdraw":
			for _, body := range faulty {
				sent(t, op, "", body, "")
			}
			for _, kind := range []string{domain.SessionCode, domain.WithdrawCode} {
				code := forgedAs(p.token, kind)
				sent(t, op, "", object{"code": code}, "").refused(401, "unauthenticated")
				sent(t, op, "", object{"code": code, "surprise": 1}, "").refused(422, "unknown-field")
			}
		}
	})
}

// forgedAs is a value of a kind in the name of a token's holder, with a secret of nobody's.
func forgedAs(token, kind string) string {
	b, _ := domain.ParseBearer(token)
	b.Kind, b.Secret = kind, vault.NewSecret()
	return b.String()
}
