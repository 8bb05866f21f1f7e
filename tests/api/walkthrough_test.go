package api

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"nod/tests/postgres"
)

// TestTheMainJobCallByCall plays walkthrough.md: the bodies are its bodies, and the
// answers have at least the fields that it shows.
func TestTheMainJobCallByCall(t *testing.T) {
	t.Parallel()
	t.Run("on SQLite", func(t *testing.T) { walk(t, newWorld(t, setup{})) })
	t.Run("on PostgreSQL", func(t *testing.T) { walk(t, newWorld(t, setup{db: postgres.Database(t)})) })
}

const loopback = "http://127.0.0.1:8090"

func walk(t *testing.T, w *world) {
	h := walkOperator(t, w)
	walkAdmin(t, h)
	p := walkSession(t, h)
	receipt := walkLearner(t, p)
	walkOutcome(t, p)
	walkWithdrawal(t, p, receipt)
}

func walkOperator(t *testing.T, w *world) *house {
	h := &house{world: w, t: t}
	enterprise := w.do(t, "POST", "/v1/enterprises", w.operator, `{
		"name":{"zh-CN":"示例学习有限公司","en":"Example Learning Ltd"},
		"contact":{"officer":"个人信息保护负责人","email":"privacy@example.com","phone":"+86 755 0000 0000","address":"深圳"},
		"time_zone":"Asia/Shanghai","mode":"live",
		"frame_origins":["http://127.0.0.1:8090"],"return_origins":["http://127.0.0.1:8090"]}`).ok(201)
	has(t, enterprise, "id", "status")
	if enterprise["status"] != "active" {
		t.Errorf("the enterprise is %v", enterprise["status"])
	}
	h.id = text(enterprise, "id")
	for role, key := range map[string]*string{"integrator": &h.integrator, "admin": &h.admin, "auditor": &h.auditor} {
		made := w.do(t, "POST", "/v1/enterprises/"+h.id+"/keys", w.operator, object{"role": role, "holder": "LMS backend"}).ok(201)
		has(t, made, "id", "role", "holder", "key")
		*key = text(made, "key")
		if !strings.HasPrefix(*key, "nod_"+role+"_"+h.id+"_") || made["holder"] != "LMS backend" || made["role"] != role {
			t.Errorf("the key of %s is %v", role, made)
		}
	}
	return h
}

func walkAdmin(t *testing.T, h *house) {
	terms := h.terms()
	terms["agreement_ref"] = "DPA-2026-017"
	delegation := h.do(t, "POST", "/v1/delegations", h.admin, terms).ok(201)
	has(t, delegation, "id", "version", "sha256", "status")
	if delegation["version"] != 1.0 || delegation["status"] != "in_force" {
		t.Errorf("the delegation is version %v, %v", delegation["version"], delegation["status"])
	}
	h.delegation = text(delegation, "id")
	preview := h.do(t, "POST", "/v1/notices/preview", h.admin, h.draft()).ok(200)
	notice := h.do(t, "POST", "/v1/notices", h.admin, h.draft()).ok(201)
	has(t, notice, "id", "version", "material", "changes", "effective_from", "sha256")
	if notice["version"] != 1.0 || notice["material"] != true || len(notice["changes"].([]any)) != 0 {
		t.Errorf("the notice is version %v, material %v, changes %v", notice["version"], notice["material"], notice["changes"])
	}
	if preview["id"] == notice["id"] || preview["version"] != notice["version"] {
		t.Errorf("the preview is %v, version %v", preview["id"], preview["version"])
	}
	has(t, notice["sha256"].(object), "zh-CN", "en")
	h.notice = text(notice, "id")
	h.do(t, "PUT", "/v1/settings", h.admin, object{"face_service": true}).ok(200)
	h.set(nil)
}

func walkSession(t *testing.T, h *house) *person {
	p := h.person()
	p.subject, p.photo = "emp-1029", loopback+"/photos/emp-1029.png"
	opened := h.do(t, "POST", "/v1/sessions", h.integrator, object{
		"kind": "check", "purpose": "exam", "route": "photo", "subject": p.subject, "age_group": "adult",
		"resource": "exam/2026-q4-safety", "reference": object{"photo_url": p.photo},
		"nonce": "c3ab41d2", "client_ref": "attempt-88121", "locale": "zh-CN", "return_url": loopback + "/exam/back",
	}, with("Idempotency-Key", "5f0c")).ok(201)
	has(t, opened, "id", "state", "page_url", "code", "expires_at")
	p.session, p.code = text(opened, "id"), text(opened, "code")
	if want := h.base + "/s/" + h.id + "#t=" + p.code; opened["page_url"] != want || opened["state"] != "open" {
		t.Errorf("state %v, page_url %v, want %s", opened["state"], opened["page_url"], want)
	}
	return p
}

func walkLearner(t *testing.T, p *person) object {
	p.token = text(p.do(t, "POST", "/v1/session/open", "", object{"code": p.code}).ok(200), "token")
	p.do(t, "POST", "/v1/session/open", "", object{"code": p.code}).refused(409, "code-used")
	shown := p.look()
	has(t, shown, "id", "kind", "state", "purpose", "route", "resource", "enterprise", "notice", "consent", "attempts_left",
		"last_result", "server_time", "expires_at")
	has(t, shown["enterprise"].(object), "id", "name", "contact")
	has(t, shown["notice"].(object), "id", "version", "audience", "facts", "contents", "sha256", "delegation", "changes_since_consent")
	has(t, at(shown, "notice", "delegation").(object), "id", "version", "sha256", "agreement_ref")
	if shown["consent"] != nil || shown["last_result"] != nil || shown["attempts_left"] != 3.0 ||
		text(shown, "notice", "delegation", "agreement_ref") != "DPA-2026-017" {
		t.Errorf("the page is shown %v", shown)
	}
	decided := p.decide("granted").ok(201)
	has(t, decided, "state", "consent", "leaf_hash", "receipt", "withdraw_url")
	if !strings.HasPrefix(text(decided, "withdraw_url"), p.base+"/w/"+p.house.id+"#w=nod_withdraw_") || decided["state"] != "consented" {
		t.Errorf("the decision is answered with %v", decided)
	}
	p.vendor.tell(p.photo, errorCode("InvalidParameterValue.NoFaceInPhoto"))
	none := p.verify("a0", with("Accept-Language", "zh-CN")).refused(422, "no-face")
	want := object{"type": "/problems/no-face", "title": "没有看到人脸", "status": 422.0, "attempt_used": false,
		"detail": "请正对镜头，让整张脸进入椭圆框，再拍一次。这次不计入次数。"}
	for field, value := range want {
		if none[field] != value {
			t.Errorf("%s of the problem is %v, want %v", field, none[field], value)
		}
	}
	p.vendor.tell(p.photo, score(87.5))
	p.verify("a1").verdict("pass")
	return decided["receipt"].(object)
}

func walkOutcome(t *testing.T, p *person) {
	v := p.is("passed")
	has(t, v, "id", "state", "result", "subject", "resource", "client_ref", "consent", "notice", "delegation", "assertion")
	has(t, v["notice"].(object), "id", "version", "sha256", "locale")
	has(t, v["delegation"].(object), "id", "version", "sha256")
	if v["result"] != "pass" || v["subject"] != "emp-1029" || v["client_ref"] != "attempt-88121" || text(v, "notice", "locale") != "zh-CN" {
		t.Errorf("the LMS sees %v", v)
	}
	p.do(t, "POST", "/v1/sessions/"+p.session+"/alternative", p.integrator,
		object{"method": "id_card_at_desk", "result": "pass"}).refused(409, "session-ended")
	granted, passed := p.recordsOf("consent.granted")[0], p.recordsOf("check.passed")[0]
	has(t, granted, "v", "id", "type", "enterprise", "mode", "at", "subject", "prev", "purpose", "routes", "session", "notice",
		"delegation", "by", "subject_commitment", "until")
	has(t, passed, "v", "id", "type", "enterprise", "mode", "at", "subject", "prev", "purpose", "route", "session", "consent",
		"notice", "notice_in_force", "delegation", "attempt", "capture", "liveness")
	if passed["consent"] != granted["id"] || passed["attempt"] != "a1" || passed["subject"] != granted["subject"] {
		t.Errorf("the records do not belong together:\n%v\n%v", granted, passed)
	}
}

func walkWithdrawal(t *testing.T, p *person, receipt object) {
	withdrawn := p.do(t, "POST", "/v1/me/withdraw", p.token, object{"purpose": "exam"}).ok(200)
	has(t, withdrawn, "state", "receipt")
	if withdrawn["state"] != "withdrawn" {
		t.Errorf("the consent is %v", withdrawn["state"])
	}
	_, code, _ := strings.Cut(text(receipt, "withdraw_url"), "#w=")
	p.do(t, "POST", "/v1/withdraw", "", object{"code": code}).refused(409, "no-consent-to-withdraw")

	chen := p.house.agreed()
	chen.do(t, "POST", "/v1/sessions/"+chen.session+"/alternative", p.integrator,
		object{"method": "id_card_at_desk", "result": "pass"}).ok(200)
	chen.is("alternative")
}

// has checks that an answer has the fields.
func has(t *testing.T, v object, fields ...string) {
	t.Helper()
	for _, field := range fields {
		if _, found := v[field]; !found {
			t.Errorf("%s is missing: %v", field, slices.Sorted(maps.Keys(v)))
		}
	}
}
