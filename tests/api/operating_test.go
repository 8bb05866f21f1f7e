package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"nod/shared/domain"
	"nod/shared/runtime/gateway"
)

// What a caller may write as they like, and what is about them: none of it is in a line or a
// span.
var marks = map[string]string{
	"User-Agent": "browser-of-zhang-san", "X-Forwarded-For": "203.0.113.77", "Referer": "https://lms.example.com/zhang-san",
	"Traceparent": "00-00000000000000110101199003074514-0011010119900307-01", "Baggage": "person=zhang-san", "Cookie": "who=zhang-san",
}

// marked is a request by somebody who says much.
func marked(r *http.Request) *http.Request {
	for name, value := range marks {
		r.Header.Set(name, value)
	}
	return r
}

// allCalls makes calls of all kinds: good, refused, failing, panicking, and by strangers.
func (h *house) allCalls() (said []reply) {
	t := h.t
	add := func(r reply) { said = append(said, r) }
	p := h.agreed()
	add(p.verify("a1", marked))
	q := h.agreed()
	q.vendor.tell(q.photo, score(10))
	add(q.verify("a1", marked))
	down := h.agreed()
	down.vendor.tell(down.photo, errorCode("AuthFailure.SecretIdNotFound"))
	add(down.verify("a1", marked))
	odd := h.agreed()
	odd.vendor.tell(odd.photo, errorCode("Zhang San 110101199003074514"))
	add(odd.verify("a1", marked))
	broken := h.person()
	broken.photo += "#panic"
	broken.open()
	broken.decide("granted").ok(201)
	add(broken.verify("a1", marked))
	add(h.visitor().verify("a1", marked))
	add(h.do(t, "GET", "/v1/me", p.token, nil, marked))
	add(h.do(t, "POST", "/v1/me/withdraw", p.token, nil, marked))
	add(h.do(t, "GET", "/v1/sessions?subject="+q.subject, h.integrator, nil, marked))
	add(h.do(t, "GET", "/v1/sessions/"+q.session, h.integrator, nil, marked))
	add(h.do(t, "GET", "/v1/settings", h.admin, nil, marked))
	add(h.do(t, "GET", "/v1/log/checkpoint", h.auditor, nil, marked))
	add(h.do(t, "GET", "/v1/enterprises", h.operator, nil, marked))
	page, err := h.send(t.Context(), &http.Client{Transport: h.client.Transport.(checker).next}, "GET", "/s/"+h.id, "", nil, marked)
	if err != nil {
		t.Fatal(err)
	}
	add(page) // which is no call of the description
	add(h.do(t, "GET", "/healthz", "", nil, marked))
	add(h.do(t, "GET", "/readyz", "", nil, marked))
	add(h.do(t, "GET", "/of/110101199003074514", "", nil, bad, marked))
	add(h.do(t, "ZHANGSAN", "/v1/sessions", "", nil, bad, marked))
	add(h.do(t, "GET", "/v1/settings", "nod_admin_"+h.id+"_"+strings.Repeat("x", 43), nil, bad, marked))
	add(h.do(t, "POST", "/v1/consent", p.token, `{"decision":"张三"`, bad, marked))
	return said
}

// Every call leaves one line, and one trace, that tell what happened and nothing of whom:
// all that a line may hold is in the table of docs/operate.md.
func TestEveryCallTellsWhatTheManualSaysAndNobodysName(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	said := h.allCalls()
	if err := w.nod.Maintain().Run(gateway.WithInvocation(t.Context(), "tick-of-the-platform"), gateway.Tick{Time: time.Now()}); err != nil {
		t.Error(err)
	}
	w.nod.API.Trace.Close()
	fields, spans := manualsFields(t), rootSpans(t, w.traces.all())
	for line := range bytes.Lines(w.log.all()) {
		var v object
		if err := json.Unmarshal(line, &v); err != nil {
			t.Fatal(err)
		}
		for name := range v {
			if !slices.Contains(fields, name) {
				t.Errorf("the manual does not know the field %s of %s", name, line)
			}
		}
	}
	for _, text := range [][]byte{w.log.all(), w.traces.all()} {
		for _, mark := range append([]string{"zhang", "Zhang", "ZHANG", "张三", "110101199003074514"}, markValues()...) {
			if bytes.Contains(text, []byte(mark)) {
				t.Errorf("%q was written down", mark)
			}
		}
	}
	for _, r := range said {
		line := w.line(t, r.header.Get("X-Request-Id"), "call")
		for _, name := range []string{"time", "level", "function", "request_id", "method", "route", "status", "ms", "trace_id"} {
			if _, has := line[name]; !has {
				t.Errorf("%s: the line lacks %s: %v", r.what, name, line)
			}
		}
		span := spans[text(line, "trace_id")]
		for field, name := range map[string]string{
			"nod.request_id": "request_id", "http.request.method": "method", "http.route": "route", "nod.enterprise": "enterprise",
			"nod.reason": "reason", "nod.upstream": "upstream", "nod.result": "result",
		} {
			if got, _ := line[name].(string); span[field] != got {
				t.Errorf("%s: the trace says %s=%q, and the line %q", r.what, field, span[field], got)
			}
		}
	}
	if !bytes.Contains(w.log.all(), []byte(`"platform_request_id":"tick-of-the-platform"`)) || !bytes.Contains(w.traces.all(), []byte("tick-of-the-platform")) {
		t.Error("the platform's id of a run is nowhere")
	}
}

func markValues() (values []string) {
	for _, v := range marks {
		values = append(values, v)
	}
	return values
}

// The lines of a check say which enterprise's it was and what came of it.
func TestChecksCanBeCounted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	said := h.allCalls()
	for i, want := range []object{
		{"result": "pass", "reason": nil, "upstream": nil},
		{"result": "fail", "reason": nil, "upstream": nil},
		{"result": nil, "reason": string(domain.FaceAPIRefused), "upstream": "AuthFailure.SecretIdNotFound"},
		{"result": nil, "reason": string(domain.FaceAPIUnknown), "upstream": nil},
		{"result": nil, "reason": nil, "status": 500.0, "level": "ERROR"},
		{"result": nil, "reason": string(domain.ConsentRequired)},
	} {
		line := w.line(t, said[i].header.Get("X-Request-Id"), "call")
		want["route"] = "/v1/verify"
		if want["status"] == nil { // whether a token was good is not known of a call that broke down
			want["enterprise"] = h.id
		}
		for name, value := range want {
			if line[name] != value {
				t.Errorf("the line has %s=%v, want %v: %v", name, line[name], value, line)
			}
		}
	}
	w.nod.API.Trace.Close()
	for _, name := range []string{"POST /v1/verify", "store", "CompareFace", `store.(*Tenant).Update`, "AuthFailure.SecretIdNotFound"} {
		if !bytes.Contains(w.traces.all(), []byte(`"`+name+`"`)) {
			t.Errorf("the traces do not tell of %q", name)
		}
	}
}

// manualsFields are the names in the table of what a line holds.
func manualsFields(t *testing.T) (names []string) {
	t.Helper()
	page, err := os.ReadFile("../../docs/operate.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(page), "| field | in the lines | what it is |")
	if table, _, _ = strings.Cut(table, "\n\n"); !found {
		t.Fatal("docs/operate.md has no table of fields")
	}
	for line := range strings.Lines(table) {
		first, _, _ := strings.Cut(strings.TrimPrefix(line, "|"), "|")
		for _, m := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(first, -1) {
			names = append(names, m[1])
		}
	}
	return names
}

// rootSpans are the texts that the first span of each trace tells.
func rootSpans(t *testing.T, messages []byte) map[string]map[string]string {
	t.Helper()
	roots := map[string]map[string]string{}
	for message := range bytes.Lines(messages) {
		var m struct {
			ResourceSpans []struct {
				ScopeSpans []struct {
					Spans []struct {
						TraceID, ParentSpanID string
						Attributes            []struct {
							Key   string
							Value struct{ StringValue string }
						}
					}
				}
			}
		}
		if err := json.Unmarshal(message, &m); err != nil {
			t.Fatal(err)
		}
		for _, s := range m.ResourceSpans[0].ScopeSpans[0].Spans {
			if s.ParentSpanID != "" {
				continue
			}
			if roots[s.TraceID] != nil {
				t.Errorf("the trace %s begins twice", s.TraceID)
			}
			roots[s.TraceID] = map[string]string{}
			for _, a := range s.Attributes {
				roots[s.TraceID][a.Key] = a.Value.StringValue
			}
		}
	}
	return roots
}
