package api

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"nod/shared/domain"
)

// alter changes the database behind Nod's back.
func (h *house) alter(t *testing.T, query string) {
	t.Helper()
	err := h.nod.Store.Admin(func(db *sql.DB) error {
		_, err := db.ExecContext(t.Context(), query)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// report is the only enterprise's part of a scope.
func report(t *testing.T, v object) object {
	t.Helper()
	list := v["enterprises"].([]any)
	if len(list) != 1 {
		t.Fatalf("%d enterprises are reported", len(list))
	}
	return list[0].(object)
}

func affected(r object) (list []object) {
	all, _ := at(r, "people", "items").([]any)
	for _, p := range all {
		list = append(list, p.(object))
	}
	return list
}

func TestD18_ABreachIsScopedBetweenTwoInstants(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	before := h.agreed()
	w.pass(2 * time.Hour)
	p := h.agreed()
	p.verify("a1").verdict("pass")
	p.ask(object{"kind": "explain"})
	path := "/v1/breach-scope?" + h.span(time.Hour, time.Hour)
	r := report(t, h.do(t, "GET", path, h.admin, nil).ok(200))
	if at(r, "people", "active") != 1.0 || at(r, "people", "held") != 2.0 || at(r, "people", "listed") != "active" {
		t.Errorf("people are %v", r["people"])
	}
	list := affected(r)
	if len(list) != 1 || list[0]["pseudonym"] != p.pseudonym() || list[0]["subject"] != nil {
		t.Fatalf("affected are %v", list)
	}
	use := r["in_use"].([]any)[0].(object)
	if use["purpose"] != "exam" || use["route"] != "photo" || fmt.Sprint(use["data_kinds"]) != "[face_image reference_photo subject_id]" ||
		len(use["recipients"].([]any)) != 1 || use["people"] != 1.0 {
		t.Errorf("in use is %v", use)
	}
	kept := map[string]object{}
	for _, k := range r["at_rest"].([]any) {
		kept[text(k.(object), "what")] = k.(object)
	}
	for what, want := range map[string]string{"platform_ids": "encrypted 2 <nil>", "references": "encrypted 1 0", "consents": "pseudonymous 2 <nil>",
		"requests": "encrypted 1 <nil>", "proofs": "encrypted 0 <nil>", "sessions": "pseudonymous 2 <nil>"} {
		if got := fmt.Sprint(kept[what]["form"], " ", kept[what]["count"], " ", kept[what]["left"]); got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
	if len(r["notices"].([]any)) != 1 || text(r["notices"].([]any)[0].(object), "id") != h.notice || r["contact"] == nil {
		t.Errorf("the notices are %v", r["notices"])
	}
	if s := text(r, "summary", "en"); !strings.Contains(s, "data of 1 person of") || !strings.Contains(s, "2 people") || !strings.Contains(text(r, "summary", "zh-CN"), "2 人") {
		t.Errorf("the summary is %s", s)
	}
	all := affected(report(t, h.do(t, "GET", path+"&people=held", h.admin, nil).ok(200)))
	want := []string{before.pseudonym(), p.pseudonym()}
	slices.Sort(want)
	if len(all) != 2 || all[0]["pseudonym"] != want[0] || all[1]["pseudonym"] != want[1] {
		t.Errorf("held are %v", all)
	}
}

// Every kind of data that a notice can name is spoken of, in both languages.
func TestD18_EveryKindOfDataHasItsWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.registry(t, domain.Live)
	who := grownUp()
	for _, route := range []string{"authority", "hosted", "two_factor"} {
		h.registering(t, route, who.reference())
	}
	r := report(t, h.do(t, "GET", "/v1/breach-scope?"+h.span(time.Hour, time.Hour), h.admin, nil).ok(200))
	var kinds []string
	for _, k := range r["data_kinds"].([]any) {
		kind := k.(object)
		kinds = append(kinds, text(kind, "kind"))
		for _, field := range []string{"where", "harm", "enterprise_can", "person_can"} {
			if text(kind, field, "zh-CN") == "" || text(kind, field, "en") == "" {
				t.Errorf("%s has no %s", kind["kind"], field)
			}
		}
	}
	for _, k := range domain.DataKinds {
		if !slices.Contains(kinds, k) && k != "reference_photo" { // no route of these takes one
			t.Errorf("%s is not spoken of: %v", k, kinds)
		}
	}
	for _, n := range r["never_kept"].([]any) {
		if text(n.(object), "words", "zh-CN") == "" || text(n.(object), "words", "en") == "" {
			t.Errorf("%v", n)
		}
	}
}

// Who somebody is is told to an administrator who says why, and the person's chain has it.
func TestD16_D17_WhoIsAffectedIsToldWithAReason(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	people := map[string]string{}
	for range 3 {
		p := h.visitor()
		p.look() // shows the notice
		people[p.pseudonym()] = p.subject
	}
	path := "/v1/breach-scope?identifiers=subjects&reason=authority_inquiry&limit=2&" + h.span(time.Hour, time.Hour)
	cursor, seen := "", 0
	for {
		r := report(t, h.do(t, "GET", path+cursor, h.admin, nil).ok(200))
		for _, a := range affected(r) {
			if seen++; people[text(a, "pseudonym")] != a["subject"] {
				t.Errorf("%v is not %s", a, people[text(a, "pseudonym")])
			}
		}
		next := text(r, "people", "cursor")
		if next == "" {
			break
		}
		cursor = "&cursor=" + next
	}
	shown := h.recordsOf("access.subject_id")
	if seen != 3 || len(shown) != 3 || len(h.recordsOf("access.breach_scope")) != 2 {
		t.Fatalf("%d were listed, and the log has %v", seen, shown)
	}
	for _, s := range shown {
		if s["reason"] != "authority_inquiry" || s["prev"] == nil || s["actor"] == nil || people[text(s, "subject")] == "" {
			t.Errorf("the log has %v", s)
		}
	}
	h.writesNothing(func() {
		h.do(t, "GET", path+"&enterprise="+h.id, w.operator, nil).refused(403, "wrong-role") // never an operator
	})
}

func TestD18_AnOperatorScopesAllEnterprisesAndListsPeopleOfOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h, other := w.house(t), w.house(t)
	h.agreed()
	path := "/v1/breach-scope?" + h.span(time.Hour, time.Hour)
	var all object
	h.writesNothing(func() { all = h.do(t, "GET", path, w.operator, nil).ok(200) })
	list := all["enterprises"].([]any)
	if len(list) != 2 || text(list[0].(object), "enterprise") != h.id || at(list[0].(object), "people", "active") != 1.0 ||
		at(list[1].(object), "people", "active") != 0.0 || at(list[0].(object), "people", "items") != nil {
		t.Errorf("all are %v", list)
	}
	first := h.do(t, "GET", path+"&limit=1", w.operator, nil).ok(200)
	rest := h.do(t, "GET", path+"&limit=1&cursor="+text(first, "cursor"), w.operator, nil).ok(200)
	if text(report(t, rest), "enterprise") != other.id || rest["cursor"] != nil {
		t.Errorf("the rest is %v", rest)
	}
	if people := affected(report(t, h.do(t, "GET", path+"&enterprise="+h.id, w.operator, nil).ok(200))); len(people) != 1 {
		t.Errorf("of one there are %v", people)
	}
	if got := h.recordsOf("access.breach_scope"); len(got) != 1 || got[0]["actor"] != string(domain.EnvironmentKey) || got[0]["people"] != 1.0 {
		t.Errorf("the log has %v", got)
	}
	if got := other.recordsOf("access."); len(got) != 0 {
		t.Errorf("the other's has %v", got)
	}
	h.do(t, "GET", path+"&people=held", w.operator, nil).refused(422, "invalid-value")
	h.do(t, "GET", path+"&enterprise="+nobodys, w.operator, nil).refused(404, "not-found")
	h.do(t, "GET", path+"&enterprise="+other.id, h.admin, nil).refused(404, "not-found")
	h.do(t, "GET", path+"&enterprise="+h.id, h.admin, nil).ok(200)
	h.do(t, "GET", path+"&enterprise=x", w.operator, nil, bad).refused(404, "not-found")
}
