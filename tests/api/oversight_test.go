package api

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"nod/shared/domain"
)

// span is a range in a query, from some time ago to some time ahead.
func (w *world) span(ago, ahead time.Duration) string {
	return "from=" + w.now().Add(-ago).Format(time.RFC3339) + "&to=" + w.now().Add(ahead).Format(time.RFC3339)
}

// ofPurpose is what statistics say of one purpose.
func ofPurpose(t *testing.T, v object, purpose string) object {
	t.Helper()
	for _, p := range v["purposes"].([]any) {
		if text(p.(object), "purpose") == purpose {
			return p.(object)
		}
	}
	t.Fatalf("there is no %s in %v", purpose, v)
	return nil
}

// pseudonym is the name by which the log knows somebody.
func (p *person) pseudonym() string {
	p.t.Helper()
	for _, r := range p.records() {
		if r["session"] == p.session && r["subject"] != nil {
			return text(r, "subject")
		}
	}
	p.t.Fatal("the log does not know the person")
	return ""
}

// readers are keys whose accesses to a person's data are recorded, with their ids.
func (h *house) readers(t *testing.T) map[domain.Role]struct{ key, id string } {
	out := map[domain.Role]struct{ key, id string }{}
	for _, role := range []domain.Role{domain.Admin, domain.Auditor} {
		made := h.do(t, "POST", "/v1/enterprises/"+h.id+"/keys", h.operator, object{"role": role, "holder": "Li Na, " + string(role)}).ok(201)
		out[role] = struct{ key, id string }{text(made, "key"), text(made, "id")}
	}
	made := h.do(t, "POST", "/v1/operators", h.operator, object{"holder": "Wang Fang, operator"}).ok(201)
	out[domain.Operator] = struct{ key, id string }{text(made, "key"), text(made, "id")}
	return out
}

// Whatever the interface has or will have: where a key of an administrator, an auditor or
// an operator is told of a person, the log says whose key it was.
func TestD17_NoKeyIsToldOfAPersonWithoutARecord(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.agreed()
	p.verify("a1").verdict("pass")
	request := p.ask(object{"kind": "explain"})
	pseudonym, readers := p.pseudonym(), h.readers(t)
	told := 0
	everyOperation(t, func(t *testing.T, op operation) {
		for _, role := range *op.Who {
			reader, watched := readers[role]
			if !watched || op.Method != "GET" {
				continue
			}
			for _, id := range []string{request, h.id, h.delegation} {
				for _, query := range []string{"", "?" + h.span(time.Hour, time.Hour), "?enterprise=" + h.id + "&" + h.span(time.Hour, time.Hour)} {
					before := len(h.recordsOf("access."))
					r := h.do(t, op.Method, op.path(id)+query, reader.key, nil, bad)
					if r.status != 200 || !strings.Contains(string(r.body), p.subject) && !strings.Contains(string(r.body), pseudonym) {
						continue
					}
					told++
					after := h.recordsOf("access.")
					if len(after) <= before || after[len(after)-1]["actor"] != reader.id {
						t.Errorf("%s was told of somebody by %s, and the log ends with %v", role, op.path(id)+query, after[before:])
					}
				}
			}
		}
	})
	if told < 4 { // a request, the scope by two roles, the log of accesses
		t.Errorf("only %d calls told of anybody", told)
	}
}

func TestD17_TheLogOfAccessesNamesWhoReadWhat(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h, other := w.house(t), w.house(t)
	p := h.visitor()
	readers := h.readers(t)
	admin, auditor, operator := readers[domain.Admin], readers[domain.Auditor], readers[domain.Operator]
	request := p.ask(object{"kind": "correct", "text": whatIsWrong})
	h.do(t, "GET", "/v1/requests/"+request, admin.key, nil).ok(200)
	h.do(t, "GET", "/v1/breach-scope?enterprise="+h.id+"&"+h.span(time.Hour, time.Hour), operator.key, nil).ok(200)
	h.do(t, "GET", "/v1/breach-scope?enterprise="+h.id+"&people=held&"+h.span(time.Hour, time.Hour), h.operator, nil).ok(200)
	h.do(t, "GET", "/v1/breach-scope?identifiers=subjects&reason=breach_notification&"+h.span(time.Hour, time.Hour), admin.key, nil).ok(200)
	path := "/v1/access?" + h.span(time.Hour, time.Hour)
	list := items(h.do(t, "GET", path, auditor.key, nil).ok(200))
	var got []string
	for _, a := range list {
		got = append(got, fmt.Sprint(a["type"], " ", a["role"], " ", a["holder"], " ", a["pseudonym"] != nil))
	}
	want := []string{
		"access.request admin Li Na, admin true", "access.breach_scope operator Wang Fang, operator false",
		"access.breach_scope operator environment false", "access.breach_scope admin Li Na, admin false",
		"access.subject_id admin Li Na, admin true",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the list has\n%s", strings.Join(got, "\n"))
	}
	first, scope, id := list[0], list[2], list[4]
	if first["request"] != request || first["request_kind"] != "correct" || first["key"] != admin.id || first["pseudonym"] != p.pseudonym() {
		t.Errorf("the first is %v", first)
	}
	if scope["people"] != 1.0 || scope["listed"] != "held" || scope["from"] == nil || scope["key"] != string(domain.EnvironmentKey) {
		t.Errorf("the scope is %v", scope)
	}
	if id["reason"] != "breach_notification" || id["pseudonym"] != p.pseudonym() {
		t.Errorf("the id is %v", id)
	}
	// Reading the list is on it the next time, also page by page.
	if again := items(h.do(t, "GET", path, admin.key, nil).ok(200)); len(again) != 6 || again[5]["type"] != "access.log" || again[5]["holder"] != "Li Na, auditor" {
		t.Errorf("again it is %v", again)
	}
	one := h.do(t, "GET", path+"&limit=1&cursor="+text(list[3], "id"), admin.key, nil).ok(200)
	if got := items(one); len(got) != 1 || got[0]["id"] != list[4]["id"] || one["cursor"] != list[4]["id"] {
		t.Errorf("page by page it is %v", one)
	}
	if list := items(h.do(t, "GET", path, other.auditor, nil).ok(200)); len(list) != 0 {
		t.Errorf("another enterprise reads %v", list)
	}
	// The person's own copy tells them who was shown who they are.
	me := p.atHome()
	if raw := string(h.do(t, "GET", "/v1/me/copy", me.token, nil).body); !strings.Contains(raw, "access.subject_id") || !strings.Contains(raw, admin.id) {
		t.Error("the person's copy does not tell of it")
	}
}

func TestRangesThatAreNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.bare(t, domain.Live)
	const from, to = "from=2026-11-01T00:00:00Z", "to=2026-11-02T00:00:00Z"
	for path, bearer := range map[string]string{"/v1/stats": h.admin, "/v1/access": h.auditor, "/v1/breach-scope": h.operator} {
		for query, want := range map[string]string{
			"":                                "from=missing to=missing",
			from:                              "to=missing",
			from + "&to=2026-11-01T00:00:00Z": "to=out_of_range",
			to + "&from=2026-11-03T00:00:00Z": "to=out_of_range",
			to + "&from=yesterday":            "from=bad_format",
			to + "&from=2026-11-01":           "from=bad_format",
			to + "&from=1026-11-01T00:00:00Z": "from=out_of_range",
		} {
			t.Run(path+"?"+query, func(t *testing.T) {
				h.writesNothing(func() {
					problem := h.do(t, "GET", path+"?"+query, bearer, nil, bad).refused(422, "invalid-value")
					if got := strings.Join(faults(problem), " "); got != want {
						t.Errorf("the faults are %s, want %s", got, want)
					}
				})
			})
		}
	}
	for path, want := range map[string]string{
		"/v1/access?" + from + "&" + to + "&limit=0":                                   "limit=out_of_range",
		"/v1/access?" + from + "&" + to + "&cursor=x":                                  "cursor=bad_format",
		"/v1/stats?from=2020-01-01T00:00:00Z&" + to:                                    "to=out_of_range",
		"/v1/breach-scope?" + from + "&" + to + "&limit=201":                           "limit=out_of_range",
		"/v1/breach-scope?" + from + "&" + to + "&cursor=x":                            "cursor=bad_format",
		"/v1/breach-scope?" + from + "&" + to + "&people=all":                          "people=not_allowed",
		"/v1/breach-scope?" + from + "&" + to + "&identifiers=names":                   "identifiers=not_allowed",
		"/v1/breach-scope?" + from + "&" + to + "&identifiers=subjects":                "reason=missing",
		"/v1/breach-scope?" + from + "&" + to + "&reason=investigation":                "reason=not_allowed",
		"/v1/breach-scope?" + from + "&" + to + "&identifiers=subjects&reason=curious": "reason=not_allowed",
	} {
		if got := strings.Join(faults(h.do(t, "GET", path, h.admin, nil, bad).refused(422, "invalid-value")), " "); got != want {
			t.Errorf("%s: the faults are %s, want %s", path, got, want)
		}
	}
}

func TestD19_StatisticsCountWhatHappened(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	p := h.agreed()
	p.vendor.tell(p.photo, score(10))
	p.verify("a1").verdict("fail")
	h.agreed().verify("a1").verdict("pass")
	h.visitor().decide("refused").ok(201)
	q := h.agreed()
	q.do(t, "POST", "/v1/me/withdraw", q.token, object{"purpose": "exam"}).ok(200)
	q.end("alternative", object{"method": "desk", "result": "pass"}).ok(200)
	late := p.ask(object{"kind": "explain"})
	w.pass(16 * 24 * time.Hour)
	p.vendor.tell(p.photo, score(100))
	p.another().verify("a1").verdict("pass")
	h.do(t, "POST", "/v1/requests/"+late+"/resolve", h.admin, object{"outcome": "done", "answer": "It is explained."}).ok(200)

	var v object
	h.writesNothing(func() {
		v = h.do(t, "GET", "/v1/stats?"+w.span(17*24*time.Hour, 24*time.Hour), h.admin, nil).ok(200)
	})
	exam := ofPurpose(t, v, "exam")
	want := "map[alternatives:1 checks:map[failed:1 not_performed:0 passed:2 started:3 unknown:0] " +
		"consents:map[granted:3 lapsed:0 refused:1 withdrawn:1] people_checked:2]"
	if got := fmt.Sprint(exam["total"]); got != want {
		t.Errorf("in all\n%s, want\n%s", got, want)
	}
	if got := fmt.Sprint(ofPurpose(t, v, "training")["buckets"]); got != "[]" || v["people_checked"] != 2.0 || v["bucket"] != "day" || v["time_zone"] != "Asia/Shanghai" {
		t.Errorf("training has %s, and all %v", got, v)
	}
	days := exam["buckets"].([]any)
	last := days[len(days)-1].(object)
	start, err := time.Parse(time.RFC3339, text(last, "from"))
	if err != nil || start.Hour() != 16 || at(last, "checks", "passed") != 1.0 || last["people_checked"] != 1.0 || at(last, "consents", "granted") != 0.0 {
		t.Errorf("the last day is %v", last)
	}
	if got := fmt.Sprint(at(v, "requests", "total")); got != "map[opened:1 overdue:1 resolved:1]" {
		t.Errorf("of requests there are %s", got)
	}
	hourly := h.do(t, "GET", "/v1/stats?"+w.span(time.Hour, time.Hour), h.admin, nil).ok(200)
	if hourly["bucket"] != "hour" || at(ofPurpose(t, hourly, "exam"), "total", "checks", "passed") != 1.0 {
		t.Errorf("by the hour it is %v", hourly)
	}
}

// The agreement comes back as it was handed in; its hash is the one that people's receipts
// lead to.
func TestD06_TheAgreementIsReadAsItWasHandedIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	made := h.do(t, "POST", "/v1/delegations", h.admin, h.withAgreement("the agreement, signed")).ok(201)
	path := "/v1/delegations/" + text(made, "id") + "/agreement"
	for _, bearer := range []string{h.admin, h.auditor} {
		r := h.do(t, "GET", path, bearer, nil)
		v := r.ok(200)
		file, err := base64.StdEncoding.DecodeString(text(v, "agreement_file"))
		sum := sha256.Sum256(file)
		if err != nil || string(file) != "the agreement, signed" || v["agreement_sha256"] != hex.EncodeToString(sum[:]) ||
			text(v, "delegation", "id") != made["id"] || !strings.Contains(r.header.Get("Content-Disposition"), "attachment") {
			t.Errorf("it is %v", v)
		}
	}
	h.do(t, "GET", "/v1/delegations/"+h.delegation+"/agreement", h.admin, nil).refused(404, "not-found") // none came with it
	h.do(t, "GET", "/v1/delegations/"+nobodys+"/agreement", h.admin, nil).refused(404, "not-found")
	// A file that is not the one that was recorded is given to nobody.
	h.alter(t, "UPDATE agreement_files SET content = x'00' WHERE delegation = '"+text(made, "id")+"'")
	h.do(t, "GET", path, h.admin, nil).refused(500, "internal")
}

// withAgreement are the terms of a delegation that comes with its agreement.
func (h *house) withAgreement(file string) object {
	terms := h.terms()
	sum := sha256.Sum256([]byte(file))
	terms["agreement_file"], terms["agreement_sha256"] = base64.StdEncoding.EncodeToString([]byte(file)), hex.EncodeToString(sum[:])
	return terms
}
