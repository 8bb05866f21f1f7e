package api

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"
)

// held is what the person is shown.
func (p *person) held() object {
	p.t.Helper()
	return p.do(p.t, "GET", "/v1/me", p.token, nil).ok(200)
}

// listOf is a list of objects in an answer.
func listOf(v object, name string) (list []object) {
	all, _ := v[name].([]any)
	for _, item := range all {
		list = append(list, item.(object))
	}
	return list
}

func TestD21_ThePersonSeesWhatIsHeld(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	p := h.visitor()
	shown := p.look()
	p.decide("refused").ok(201)
	p.decide("granted").ok(201)
	p.verify("a1").verdict("pass")
	me := p.atHome()
	v := me.held()
	consents := listOf(v, "consents")
	if len(consents) != 2 {
		t.Fatalf("the decisions are %v", consents)
	}
	granted, refused := consents[0], consents[1]
	agree := text(shown, "notice", "contents", "zh-CN", "agree")
	if granted["state"] != "granted" || granted["agree"] != agree || granted["title"] == "" || granted["may_withdraw"] != true || granted["current"] != true {
		t.Errorf("the consent is %v", granted)
	}
	if text(granted, "notice", "sha256") != text(shown, "notice", "sha256", "zh-CN") || text(granted, "delegation", "id") != h.delegation {
		t.Errorf("the consent names %v and %v", granted["notice"], granted["delegation"])
	}
	if refused["state"] != "refused" || refused["current"] != false || refused["may_withdraw"] != false {
		t.Errorf("the refusal is %v", refused)
	}
	checks := listOf(v, "checks")
	if len(checks) != 1 || checks[0]["outcome"] != "pass" || checks[0]["route"] != "photo" || checks[0]["consent"] != granted["id"] {
		t.Errorf("the checks are %v", checks)
	}
	at, _ := time.Parse(time.RFC3339, text(checks[0], "at"))
	if until, err := time.Parse(time.RFC3339, text(checks[0], "kept_until")); err != nil || until.Before(at.AddDate(3, 0, 0)) {
		t.Errorf("the check of %v is kept until %v", at, until)
	}
	if got := listOf(v, "sessions"); len(got) != 2 || got[1]["state"] != "passed" || got[1]["reference_held"] != false || got[0]["kind"] != "me" {
		t.Errorf("the sessions are %v", got)
	}
	counts := map[string]float64{}
	for _, kind := range listOf(v, "held") {
		if text(kind, "words", "zh-CN") == "" || text(kind, "words", "en") == "" {
			t.Errorf("without words: %v", kind)
		}
		counts[text(kind, "what")] = kind["count"].(float64)
	}
	want := map[string]float64{"face_images": 0, "scores": 0, "references": 0, "platform_id": 1, "consents": 2, "checks": 1,
		"sessions": 2, "requests": 0, "records": float64(len(h.recordsOf("notice.shown"))) + 4}
	if !maps.Equal(counts, want) {
		t.Errorf("it counts %v, want %v", counts, want)
	}
	for _, never := range []string{`"score"`, `"similarity"`, smallPicture()[:60]} {
		if strings.Contains(string(h.do(t, "GET", "/v1/me", me.token, nil).body), never) {
			t.Errorf("it tells of %q", never)
		}
	}
}

// A consent that ended by itself is told as ended before anybody wrote that down.
func TestD21_ALapsedConsentIsShownAsLapsed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	changed, over := h.agreed(), h.agreed()
	h.moreMaterial()
	if c := listOf(changed.atHome().held(), "consents")[0]; c["state"] != "lapsed" || c["cause"] != "notice_changed" || c["may_withdraw"] != false {
		t.Errorf("after a material change it is %v", c)
	}
	again := over.open()
	again.decide("granted").ok(201)
	w.pass(366 * 24 * time.Hour)
	list := listOf(over.atHome().held(), "consents")
	if list[0]["state"] != "lapsed" || list[0]["cause"] != "term_over" || list[1]["current"] != false {
		t.Errorf("after its term it is %v", list)
	}
	if got := h.recordsOf("consent.lapsed"); len(got) > 1 { // the one that its new session met
		t.Errorf("looking wrote %v", got)
	}
}

// What the person agreed to as a minor they take back as an adult, from their own page.
func TestD12_ACertainConsentIsWithdrawnFromOnesOwnPage(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).forTheYoung(t)
	p := h.person().open(of("minor"))
	p.decide("granted").ok(201)
	p.guardian().consents("granted").ok(201)
	end := func(who *person, body object) reply {
		return h.do(t, "POST", "/v1/me/withdraw", who.token, body)
	}
	own, guardians := "", ""
	for _, c := range listOf(p.held(), "consents") {
		switch c["by"] {
		case "self":
			own = text(c, "id")
		case "guardian":
			guardians = text(c, "id")
			if c["may_withdraw"] != false {
				t.Error("a minor may take the guardian's grant back")
			}
		}
	}
	young := p.atHome(of("minor"))
	end(young, object{"consent": guardians}).refused(409, "no-consent-to-withdraw")
	end(p, object{"consent": own}).refused(409, "no-consent-to-withdraw") // not from a check's page
	grown := p.atHome()
	for _, c := range listOf(grown.held(), "consents") {
		if c["may_withdraw"] != true {
			t.Errorf("an adult may not take back %v", c)
		}
	}
	stranger := h.person().atHome()
	end(stranger, object{"consent": own}).refused(409, "no-consent-to-withdraw")
	end(stranger, object{"consent": nobodys}).refused(409, "no-consent-to-withdraw")
	h.do(t, "POST", "/v1/me/withdraw", grown.token, object{"consent": own, "purpose": "exam"}, bad).refused(422, "invalid-value")
	h.do(t, "POST", "/v1/me/withdraw", grown.token, object{"consent": "mine"}, bad).refused(422, "invalid-value")
	p.is("consented")
	if v := end(grown, object{"consent": guardians}).ok(200); v["state"] != "withdrawn" {
		t.Errorf("it is %v", v)
	}
	end(grown, object{"consent": own}).ok(200)
	end(grown, object{"consent": own}).refused(409, "no-consent-to-withdraw")
	p.is("withdrawn")
	grown.is("open")
}

// A guardian sees all of a child's, of a minor's what they said themselves.
func TestD21_WhatAGuardianSees(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).forTheYoung(t)
	child := h.person().open(of("child"))
	mother := child.guardian()
	mother.consents("granted").ok(201)
	child.verify("a1").verdict("pass")
	if v := mother.held(); len(listOf(v, "consents")) != 1 || len(listOf(v, "checks")) != 1 || v["as"] != "guardian" {
		t.Errorf("a child's guardian sees %v", v)
	}
	minor := h.person().open(of("minor"))
	minor.decide("granted").ok(201)
	father := minor.guardian()
	father.consents("granted").ok(201)
	minor.verify("a1").verdict("pass")
	minor.ask(object{"kind": "explain", "text": "between you and me"})
	father.ask(object{"kind": "explain"})
	v := father.held()
	if got := listOf(v, "consents"); len(got) != 1 || got[0]["by"] != "guardian" || len(listOf(v, "checks"))+len(listOf(v, "sessions")) > 0 || len(listOf(v, "requests")) != 1 {
		t.Errorf("a minor's guardian sees %v", v)
	}
	copied := h.do(t, "GET", "/v1/me/copy", father.token, nil).ok(200)
	if len(listOf(copied, "records")) > 0 || copied["subject"] != nil || len(listOf(copied, "openings")) != 1 {
		t.Errorf("a minor's guardian copies %v", copied)
	}
	if got := listOf(minor.held(), "requests"); len(got) != 2 {
		t.Errorf("the minor sees %v", got)
	}
}

// The copy is verified with nothing of Nod: lines and leaf hashes, their chain, the
// commitments, and the notices' hashes.
func TestD21_TheCopyVerifiesWithoutNod(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	p := h.agreed()
	p.verify("a1").verdict("pass")
	p.takesBack() // too late for the session, and recorded
	me := p.atHome()
	me.ask(object{"kind": "copy"})
	r := h.do(t, "GET", "/v1/me/copy", me.token, nil)
	v := r.ok(200)
	if got := r.header.Get("Content-Disposition"); got != `attachment; filename="nod-copy.json"` {
		t.Errorf("it comes as %q", got)
	}
	if v["format"] != "nod-copy-1" || v["subject"] != p.subject || v["next"] != nil {
		t.Errorf("it is %v of %v", v["format"], v["subject"])
	}
	commitments, hashes, prev := map[string]string{}, map[string]bool{}, ""
	for _, entry := range listOf(v, "records") {
		line := text(entry, "record")
		sum := sha256.Sum256(append([]byte{0}, line...))
		if entry["leaf_hash"] != hex.EncodeToString(sum[:]) {
			t.Errorf("the leaf of %s is %x", line, sum)
		}
		var record object
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatal(err)
		}
		if text(record, "prev") != prev || record["subject"] != v["pseudonym"] {
			t.Errorf("%s does not follow %s", line, prev)
		}
		prev = text(entry, "leaf_hash")
		hashes[text(record, "notice", "sha256")] = true
		if record["type"] == "consent.granted" {
			commitments[text(record, "id")] = text(record, "subject_commitment")
		}
	}
	own := 0
	for _, record := range h.records() {
		if record["subject"] == v["pseudonym"] {
			own++
		}
	}
	if got := len(listOf(v, "records")); got != own || len(commitments) != 1 || len(listOf(v, "openings")) != 1 {
		t.Errorf("it has %d records of %d, and %v", got, own, v["openings"])
	}
	for _, o := range listOf(v, "openings") {
		salt, err := hex.DecodeString(text(o, "opening"))
		if err != nil {
			t.Fatal(err)
		}
		mac := hmac.New(sha256.New, salt)
		fmt.Fprintf(mac, "%s\n%s", h.id, p.subject)
		if commitments[text(o, "consent")] != hex.EncodeToString(mac.Sum(nil)) {
			t.Errorf("%v opens nothing", o)
		}
	}
	var raw struct{ Notices []json.RawMessage }
	if err := json.Unmarshal(r.body, &raw); err != nil || len(raw.Notices) != 1 {
		t.Fatal(err, len(raw.Notices))
	}
	if sum := sha256.Sum256(raw.Notices[0]); !hashes[hex.EncodeToString(sum[:])] {
		t.Errorf("no record names the notice %x", sum)
	}
	w.proves(t, v, 0)
	w.tick(t)
	r = h.do(t, "GET", "/v1/me/copy", me.token, nil)
	w.proves(t, r.ok(200), own)
	h.do(t, "GET", "/v1/me/copy?after=3", me.token, nil).ok(200)
	h.do(t, "GET", "/v1/me/copy?after=-1", me.token, nil, bad).refused(422, "invalid-value")
	h.do(t, "GET", "/v1/me/copy?after=x", me.token, nil, bad).refused(422, "invalid-value")
}
