package api

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"nod/shared/domain"
	"nod/shared/problem"
)

func TestPathsThatAreNotThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	for _, path := range []string{"/", "/v1", "/v1/", "/v2/sessions", "/v1/session/", "/v1/sessions/", "/v1/Sessions", "/V1/sessions", "/v1/sessions.json",
		"/v1/settings/exam/more", "/v1/keys", "/metrics", "/debug/pprof/", "/.env", "/openapi.yaml", "/.well-known/", "/healthz/",
		"/v1/%00", "/%2e%2e/etc/passwd", "/" + strings.Repeat("a", 4000)} {
		for _, method := range []string{"GET", "POST", "DELETE"} {
			w.do(t, method, path, w.operator, nil, bad).refused(404, "not-found")
		}
	}
}

// methods are all that a client might try; CONNECT is for proxies.
var methods = []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"}

// Before anything else a caller is told which methods there are, whoever it is.
func TestMethodsThatAreNotThere(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).bare(t, domain.Live)
	allowed := map[string][]string{}
	for _, op := range theDescription().operations {
		allowed[op.Path] = append(allowed[op.Path], op.Method)
	}
	h.unchanged(func() {
		for path, have := range allowed {
			t.Run(path, func(t *testing.T) {
				slices.Sort(have)
				for _, method := range methods {
					if slices.Contains(have, method) {
						continue
					}
					r := h.do(t, method, operation{Path: path}.path(nobodys), "", nil, bad)
					if r.refused(405, "method-not-allowed"); r.header.Get("Allow") != strings.Join(have, ", ") {
						t.Errorf("%s: Allow is %q, want %v", method, r.header.Get("Allow"), have)
					}
				}
			})
		}
	})
}

// head makes a call for the head of an answer alone. It passes the checker by: an
// answer without a body is none that the description has.
func (w *world) head(t *testing.T, path, bearer string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "HEAD", w.base+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	resp, err := w.client.Transport.(checker).next.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if b, err := io.ReadAll(resp.Body); err != nil || len(b) > 0 {
		t.Errorf("HEAD %s has a body of %d bytes, %v", path, len(b), err)
	}
	return resp
}

func TestHeads(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	for path, tt := range map[string]struct {
		bearer string
		status int
	}{
		"/healthz": {"", 200}, "/readyz": {"", 200}, "/openapi.json": {"", 200}, "/.well-known/jwks.json": {"", 200},
		"/v1/settings": {h.admin, 200}, "/v1/sessions": {"", 401}, "/v1/delegations": {h.integrator, 403},
		"/v1/sessions/" + nobodys: {h.integrator, 404}, "/v1/consent": {"", 405}, "/nothing": {"", 404},
	} {
		if resp := h.head(t, path, tt.bearer); resp.StatusCode != tt.status || resp.Header.Get("X-Request-Id") == "" {
			t.Errorf("HEAD %s: %d, want %d", path, resp.StatusCode, tt.status)
		}
	}
}

// What every answer carries, and what none gives away.
func TestHeadersOfEveryAnswer(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.visitor()
	check := func(t *testing.T, r reply) {
		t.Helper()
		kind := "application/json"
		if r.status >= 400 {
			kind = "application/problem+json"
		}
		for name, want := range map[string]string{"Content-Type": kind, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"} {
			if got := r.header.Get(name); got != want {
				t.Errorf("%s: %d: %s is %q, want %q", r.what, r.status, name, got, want)
			}
		}
		for _, name := range []string{"Server", "X-Powered-By", "Set-Cookie", "Access-Control-Allow-Origin", "Location"} {
			if got := r.header.Values(name); len(got) > 0 {
				t.Errorf("%s: %d: %s is %q", r.what, r.status, name, got)
			}
		}
	}
	everyOperation(t, func(t *testing.T, op operation) {
		path := op.path(nobodys)
		for _, bearer := range []string{"", h.operator, h.admin, h.integrator, h.auditor, p.token} {
			check(t, h.do(t, op.Method, path, bearer, op.empty(), bad, with("Origin", "https://elsewhere.example.com")))
		}
	})
	check(t, h.do(t, "GET", "/nothing", "", nil, bad))
	check(t, h.do(t, "OPTIONS", "/v1/verify", "", nil, bad, with("Access-Control-Request-Method", "POST")))
	p.decide("granted").ok(201)
	check(t, p.verify("a1"))
}

// line finds a line of the log by a request's id.
func (w *world) line(t *testing.T, id, message string) (found object) {
	t.Helper()
	for text := range bytes.Lines(w.log.all()) {
		var v object
		if err := json.Unmarshal(text, &v); err != nil {
			t.Fatal(err)
		}
		if v["request_id"] == id && v["msg"] == message {
			if found != nil {
				t.Errorf("the request %s has two lines of %s", id, message)
			}
			found = v
		}
	}
	if found == nil {
		t.Errorf("the request %s has no line of %s", id, message)
	}
	return found
}

// Every answer has an id of its own, by which the operator finds it; a caller's is
// not taken for it.
func TestRequestIDs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	seen := map[string]bool{}
	for _, tt := range []struct {
		method, path, bearer, route string
		status                      int
		reason                      any
	}{
		{"GET", "/healthz", "", "/healthz", 200, nil},
		{"GET", "/v1/settings/exam", h.admin, "/v1/settings/{purpose}", 200, nil},
		{"GET", "/v1/sessions/" + nobodys, h.integrator, "/v1/sessions/{id}", 404, "not-found"},
		{"GET", "/v1/sessions?subject=emp-1029-secret", h.integrator, "/v1/sessions", 200, nil},
		{"GET", "/v1/enterprises", h.admin, "/v1/enterprises", 403, "wrong-role"},
		{"GET", "/nobody/here", "", "(none)", 404, "not-found"},
		{"DELETE", "/v1/sessions", h.integrator, "(none)", 405, "method-not-allowed"},
	} {
		r := w.do(t, tt.method, tt.path, tt.bearer, nil, bad, with("X-Request-Id", "mine\tand \"mine\""))
		id := r.header.Get("X-Request-Id")
		if _, ok := domain.ParseID(id); !ok || seen[id] || r.status != tt.status {
			t.Errorf("%s: %d, id %q", r.what, r.status, id)
		}
		seen[id] = true
		line := w.line(t, id, "call")
		if line["method"] != tt.method || line["route"] != tt.route || line["status"] != float64(tt.status) || line["reason"] != tt.reason {
			t.Errorf("%s: the log has %v", r.what, line)
		}
		if tt.bearer != "" && tt.route != "(none)" && line["enterprise"] != h.id {
			t.Errorf("%s: the log names the enterprise %v", r.what, line["enterprise"])
		}
	}
}

func TestTheCallersLanguage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	texts := map[domain.Locale]problem.Text{}
	for _, g := range problem.Catalogue {
		for _, e := range g.Entries {
			if e.Reason == domain.Unauthenticated {
				texts = e.Texts
			}
		}
	}
	for header, want := range map[string]domain.Locale{
		"zh-CN": domain.Chinese, "zh": domain.Chinese, "zh-TW": domain.Chinese, "zh-Hans-CN": domain.Chinese,
		"zh-CN,zh;q=0.9,en;q=0.8": domain.Chinese, "en": domain.English, "en-US": domain.English, "en-GB,en;q=0.9,zh;q=0.1": domain.English,
		"zh;q=0.1, en;q=0.9": domain.English, "EN": domain.English, "de-CH, en;q=0.5": domain.English,
		"": domain.Chinese, "*": domain.Chinese, ";;;": domain.Chinese, "en;q=x": domain.Chinese, strings.Repeat("zh,", 900): domain.Chinese,
	} {
		t.Run(header, func(t *testing.T) {
			r := w.do(t, "GET", "/v1/session", "", nil, bad, with("Accept-Language", header))
			v := r.refused(401, "unauthenticated")
			if v["title"] != texts[want].Title || v["detail"] != texts[want].Detail || r.header.Get("Content-Language") != string(want) {
				t.Errorf("%v in %q, want %s", v["title"], r.header.Get("Content-Language"), want)
			}
		})
	}
	silent := w.do(t, "GET", "/v1/session", "", nil, bad, without("Accept-Language")).refused(401, "unauthenticated")
	if silent["title"] != texts[domain.Chinese].Title {
		t.Errorf("to whoever names no language: %v", silent["title"])
	}
}

// Faulty fields are told in the same language.
func TestFaultsAreToldInTheCallersLanguage(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	said := map[string]bool{}
	for _, language := range []string{"zh-CN", "en"} {
		v := h.do(t, "POST", "/v1/sessions", h.integrator, object{"kind": "x", "subject": " ", "nonce": strings.Repeat("n", 257), "ttl_s": 1}, bad, with("Accept-Language", language)).refused(422, "invalid-value")
		for _, e := range v["errors"].([]any) {
			detail := text(e.(object), "detail")
			if isChinese := strings.ContainsRune(detail, '。'); isChinese != (language == "zh-CN") {
				t.Errorf("in %s: %q", language, detail)
			}
			said[detail] = true
		}
	}
	if len(said) < 4 {
		t.Errorf("all that is said is %v", slices.Sorted(maps.Keys(said)))
	}
}
