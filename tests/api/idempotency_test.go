package api

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"nod/shared/domain"
)

func once(key string) option { return with("Idempotency-Key", key) }

// takesKey reports whether the description lets a call be repeated safely.
func (o operation) takesKey() bool {
	for _, p := range o.Parameters {
		if strings.HasSuffix(p.Ref, "/IdempotencyKey") {
			return true
		}
	}
	return false
}

// request is where a call goes, and with what.
type request struct {
	path string
	body any
}

// pairs makes two requests that differ, for every call that can be repeated safely.
// A call without a rule fails the test.
var pairs = map[string]func(h *house) (first, other request){
	"POST /v1/enterprises": func(h *house) (first, other request) {
		a, b := body(h.t, "enterprise.json"), body(h.t, "enterprise.json")
		b["time_zone"] = "Asia/Urumqi"
		return request{"/v1/enterprises", a}, request{"/v1/enterprises", b}
	},
	"POST /v1/enterprises/{id}/close": func(h *house) (first, other request) {
		path := func() string { return "/v1/enterprises/" + h.bare(h.t, domain.Test).id + "/close" }
		return request{path(), nil}, request{path(), nil}
	},
	"POST /v1/enterprises/{id}/keys": func(h *house) (first, other request) {
		path := "/v1/enterprises/" + h.id + "/keys"
		return request{path, object{"role": "auditor", "holder": "Li Na, audit"}}, request{path, object{"role": "auditor", "holder": "Wang Fang, audit"}}
	},
	"POST /v1/operators": func(*house) (first, other request) {
		return request{"/v1/operators", object{"holder": "Li Na, on call"}}, request{"/v1/operators", object{"holder": "Wang Fang, on call"}}
	},
	"POST /v1/keys/{id}/revoke": func(h *house) (first, other request) {
		path := func(holder string) string { return "/v1/keys/" + text(h.key("admin", holder), "id") + "/revoke" }
		return request{path("one who goes"), nil}, request{path("another who goes"), nil}
	},
	"POST /v1/delegations": func(h *house) (first, other request) {
		a, b := h.terms(), h.terms()
		b["agreement_ref"] = "DPA-2026-018"
		return request{"/v1/delegations", a}, request{"/v1/delegations", b}
	},
	"POST /v1/delegations/{id}/revoke": func(h *house) (first, other request) {
		path := func() string {
			return "/v1/delegations/" + text(h.do(h.t, "POST", "/v1/delegations", h.admin, h.terms()).ok(201), "id") + "/revoke"
		}
		return request{path(), nil}, request{path(), nil}
	},
	"POST /v1/notices": func(h *house) (first, other request) {
		a, b := h.draft(), h.draft()
		textsOf(a)["title"], textsOf(b)["title"] = "甲", "乙"
		return request{"/v1/notices", a}, request{"/v1/notices", b}
	},
	"POST /v1/requests/{id}/resolve": func(h *house) (first, other request) {
		path := func() string { return "/v1/requests/" + h.visitor().ask(object{"kind": "explain"}) + "/resolve" }
		answer := object{"outcome": "done", "answer": "It is explained by post."}
		return request{path(), answer}, request{path(), answer}
	},
	"POST /v1/closing/acknowledge": func(h *house) (first, other request) {
		h.do(h.t, "POST", "/v1/enterprises/"+h.id+"/close", h.operator, nil).ok(200)
		h.handedOver()
		return request{"/v1/closing/acknowledge", nil}, request{"/v1/closing/acknowledge", object{}}
	},
	"POST /v1/webhooks/{id}/resend": func(h *house) (first, other request) {
		path := func() string { return "/v1/webhooks/" + h.message() + "/resend" }
		return request{path(), nil}, request{path(), nil}
	},
	"POST /v1/webhooks/secret/rotate": func(*house) (first, other request) {
		return request{"/v1/webhooks/secret/rotate", nil}, request{"/v1/webhooks/secret/rotate", object{}}
	},
	"POST /v1/exports": func(h *house) (first, other request) {
		return request{"/v1/exports", h.wish(nil)}, request{"/v1/exports", h.wish(func(x object) { x["purposes"] = []string{"exam"} })}
	},
	"POST /v1/sessions": func(h *house) (first, other request) {
		return request{"/v1/sessions", h.person().request()}, request{"/v1/sessions", h.person().request()}
	},
	"POST /v1/sessions/{id}/cancel": onSessions("cancel", nil, nil),
	"POST /v1/sessions/{id}/code":   onSessions("code", nil, nil),
	"POST /v1/sessions/{id}/alternative": onSessions("alternative", object{"method": "desk", "result": "pass"},
		object{"method": "desk", "result": "fail"}),
}

func onSessions(call string, a, b any) func(h *house) (first, other request) {
	return func(h *house) (first, other request) {
		path := func() string { return "/v1/sessions/" + h.visitor().session + "/" + call }
		return request{path(), a}, request{path(), b}
	}
}

// key makes a key of the enterprise.
func (h *house) key(role, holder string) object {
	h.t.Helper()
	return h.do(h.t, "POST", "/v1/enterprises/"+h.id+"/keys", h.operator, object{"role": role, "holder": holder}).ok(201)
}

// everything is all that the database holds of the house, of operators, and which
// enterprises there are.
func (h *house) everything() string {
	h.t.Helper()
	operators, nobody := *h, *h
	operators.id, nobody.id = "operator", ""
	list := h.do(h.t, "GET", "/v1/enterprises?limit=200", h.operator, nil)
	return strings.Join([]string{h.rows(), operators.rows(), nobody.rows(), string(list.body)}, "\n")
}

// unchanged runs do and checks that it left everything as it was.
func (h *house) unchanged(do func()) {
	h.t.Helper()
	before := h.everything()
	do()
	if after := h.everything(); after != before {
		h.t.Errorf("something was written:\n%s", added(before, after))
	}
}

func TestEveryCallWithAKeyCanBeRepeated(t *testing.T) {
	t.Parallel()
	keyed := []domain.Role{domain.Operator, domain.Admin, domain.Integrator, domain.Auditor}
	for _, name := range slices.Sorted(maps.Keys(theDescription().operations)) {
		op := theDescription().operations[name]
		who := slices.DeleteFunc(slices.Clone(*op.Who), func(r domain.Role) bool { return !slices.Contains(keyed, r) })
		if op.Method != "POST" || len(who) == 0 || op.Path == "/v1/notices/preview" { // which does nothing
			if _, page := lost[name]; op.takesKey() != page {
				t.Errorf("%s takes an Idempotency-Key: %v", name, op.takesKey())
			}
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !op.takesKey() || pairs[name] == nil {
				t.Fatal("the description does not let this call be repeated, or no rule says how")
			}
			repeat(t, who[0], pairs[name])
		})
	}
}

// repeat sends a request, the same again, another with the same key, and that one
// from another caller.
func repeat(t *testing.T, who domain.Role, pair func(h *house) (first, other request)) {
	h := newWorld(t, setup{}).house(t)
	send := func(bearer string, r request) reply {
		return h.do(t, "POST", r.path, bearer, r.body, once("5f0c-陈 \"1\""))
	}
	mine, theirs := h.operator, text(h.do(t, "POST", "/v1/operators", h.operator, object{"holder": "Zhao Min"}).ok(201), "key")
	if who != domain.Operator {
		mine, theirs = text(h.key(string(who), "one system"), "key"), text(h.key(string(who), "another system"), "key")
	}
	first, other := pair(h)
	answer := send(mine, first)
	done := answer.status
	if done != 200 && done != 201 {
		t.Fatalf("%d %s", done, answer.body)
	}
	h.unchanged(func() {
		for range 2 {
			again := send(mine, first)
			if v := answer.ok(done); v["key"] != nil || v["secret"] != nil {
				again.refused(409, "secret-shown-once")
				continue
			}
			if again.status != done || !bytes.Equal(again.body, answer.body) {
				t.Errorf("the repeat is answered with %d %s, want %d %s", again.status, again.body, done, answer.body)
			}
		}
		send(mine, other).refused(422, "idempotency-key-reused")
	})
	if elsewhere := send(theirs, other); elsewhere.status != done {
		t.Errorf("another caller's request with the same key is answered with %d %s", elsewhere.status, elsewhere.body)
	}
}

// After a day a key is as good as new.
func TestAnIdempotencyKeyLastsADay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	p := h.person()
	wish, path := object{"role": "auditor", "holder": "Li Na, audit"}, "/v1/enterprises/"+h.id+"/keys"
	open := func() string {
		return text(h.do(t, "POST", "/v1/sessions", h.integrator, p.request(), once("k")).ok(201), "id")
	}
	first := open()
	h.do(t, "POST", path, h.operator, wish, once("k")).ok(201)
	w.pass(24*time.Hour - time.Minute)
	h.writesNothing(func() {
		if again := open(); again != first {
			t.Errorf("within the day it is done again: %s", again)
		}
		h.do(t, "POST", path, h.operator, wish, once("k")).refused(409, "secret-shown-once")
	})
	w.pass(time.Minute)
	second := open()
	if second == first {
		t.Error("after a day it is not done again")
	}
	if again := open(); again != second {
		t.Error("and then the key is no key any more")
	}
	h.do(t, "POST", path, h.operator, wish, once("k")).ok(201)
}

// What was refused was not done: the same key may be tried again.
func TestARefusalDoesNotUseUpTheKey(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.person()
	open := func(edits ...func(object)) reply {
		return h.do(t, "POST", "/v1/sessions", h.integrator, p.request(edits...), once("k"), bad)
	}
	h.do(t, "PUT", "/v1/settings", h.admin, object{"face_service": false}).ok(200)
	h.writesNothing(func() {
		open().refused(409, "face-service-off")
		open(func(r object) { r["ttl_s"] = 1 }).refused(422, "invalid-value")
	})
	h.do(t, "PUT", "/v1/settings", h.admin, object{"face_service": true}).ok(200)
	first := open().ok(201)
	if again := open().ok(201); again["id"] != first["id"] {
		t.Error("the repeat is a new session")
	}
}

// A repeat is answered as the first one was, whatever became of the thing.
func TestARepeatTellsWhatWasToldThen(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.person()
	open := func() object {
		return h.do(t, "POST", "/v1/sessions", h.integrator, p.request(), once("k")).ok(201)
	}
	p.opened = open()
	p.session = text(p.opened, "id")
	p.exchange(text(p.opened, "code")).ok(200)
	p.end("cancel", nil).ok(200)
	if again := open(); fmt.Sprint(again) != fmt.Sprint(p.opened) {
		t.Errorf("the repeat tells %v, want %v", again, p.opened)
	}
	p.is("cancelled")
	p.exchange(text(p.opened, "code")).refused(409, "code-used")
}

// Keys are compared as they are, and there is no key that does harm.
func TestOddIdempotencyKeys(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p, seen := h.person(), map[string]string{}
	for _, key := range []string{"k", "K", "k-", "0", "null", "' OR 1=1 --", `"quoted"`, "两 个 词", "a,b", "../../etc/passwd", "%00",
		nobodys, strings.Repeat("k", 4096), strings.Repeat("k", 4097), strings.Repeat("长", 20_000)} {
		first := h.do(t, "POST", "/v1/sessions", h.integrator, p.request(), once(key)).ok(201)
		again := h.do(t, "POST", "/v1/sessions", h.integrator, p.request(), once(key)).ok(201)
		if first["id"] != again["id"] || fmt.Sprint(first) != fmt.Sprint(again) {
			t.Errorf("%.20q: the repeat is another session", key)
		}
		if before, found := seen[text(first, "id")]; found {
			t.Errorf("%.20q and %.20q are taken for the same", before, key)
		}
		seen[text(first, "id")] = key
	}
}

// Answers that hold a secret are kept encrypted.
func TestAKeptAnswerCannotBeRead(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.person()
	opened := h.do(t, "POST", "/v1/sessions", h.integrator, p.request(), once("a-key-to-look-for")).ok(201)
	list, err := h.table("answers", "realm")
	if err != nil || len(list) != 1 {
		t.Fatalf("%d answers are kept, %v", len(list), err)
	}
	for what, secret := range map[string]string{"the code": text(opened, "code"), "the subject": p.subject, "the key": "a-key-to-look-for"} {
		for how, s := range map[string]string{"as text": secret, "as bytes": strings.Trim(fmt.Sprint([]byte(secret)), "[]")} {
			if strings.Contains(list[0], s) {
				t.Errorf("%s stands there %s", what, how)
			}
		}
	}
}
