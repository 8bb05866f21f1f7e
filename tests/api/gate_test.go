package api

import (
	"strings"
	"testing"
	"time"
)

// TestNoCheckWithoutAllThatItNeeds goes through everything that closes the gate.
// Whatever it is, the face API is not called, no attempt is used, and the log has
// no check.
func TestNoCheckWithoutAllThatItNeeds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	for name, tt := range map[string]struct {
		arrange func(p *person)
		status  int
		slug    string
	}{
		"before any decision": {func(*person) {}, 409, "consent-required"},
		"after a refusal":     {func(p *person) { p.decide("refused").ok(201) }, 409, "consent-refused"},
		"after a grant was changed into a refusal": {func(p *person) {
			p.decide("granted").ok(201)
			p.decide("refused").ok(201)
		}, 409, "consent-refused"},
		"after a withdrawal with the token": {func(p *person) {
			p.decide("granted").ok(201)
			p.do(p.t, "POST", "/v1/me/withdraw", p.token, object{"purpose": "exam"}).ok(200)
		}, 409, "consent-withdrawn"},
		"after a withdrawal with the receipt": {func(p *person) {
			_, code, _ := strings.Cut(text(p.decide("granted").ok(201), "withdraw_url"), "#w=")
			p.do(p.t, "POST", "/v1/withdraw", "", object{"code": code}).ok(200)
		}, 409, "consent-withdrawn"},
		"after a withdrawal in another session": {func(p *person) {
			p.decide("granted").ok(201)
			other := &person{house: p.house, t: p.t, subject: p.subject, photo: p.photo}
			other.open()
			other.do(p.t, "POST", "/v1/me/withdraw", other.token, nil).ok(200)
		}, 409, "consent-withdrawn"},
		"after a refusal in another session": {func(p *person) {
			p.decide("granted").ok(201)
			other := &person{house: p.house, t: p.t, subject: p.subject, photo: p.photo}
			other.open()
			other.decide("refused").ok(201)
		}, 409, "consent-refused"},
		"after a material change of the notice": {func(p *person) {
			p.decide("granted").ok(201)
			p.moreMaterial()
		}, 409, "consent-stale"},
		"after the delegation was revoked": {func(p *person) {
			p.decide("granted").ok(201)
			p.do(p.t, "POST", "/v1/delegations/"+p.delegation+"/revoke", p.admin, nil).ok(200)
		}, 409, "delegation-not-in-force"},
		"with the purpose off": {func(p *person) {
			p.decide("granted").ok(201)
			p.set(func(s object) { s["enabled"] = false })
		}, 409, "purpose-off"},
		"with the face service off": {func(p *person) {
			p.decide("granted").ok(201)
			p.do(p.t, "PUT", "/v1/settings", p.admin, object{"face_service": false}).ok(200)
		}, 409, "face-service-off"},
		"with the enterprise closed": {func(p *person) {
			p.decide("granted").ok(201)
			p.do(p.t, "POST", "/v1/enterprises/"+p.house.id+"/close", p.operator, nil).ok(200)
		}, 403, "enterprise-closed"},
		"with a notice that no longer covers the route": {noMorePhoto, 409, "route-not-covered"},
		"in a session that was cancelled": {func(p *person) {
			p.decide("granted").ok(201)
			p.do(p.t, "POST", "/v1/sessions/"+p.session+"/cancel", p.integrator, nil).ok(200)
		}, 409, "session-ended"},
		"after the alternative": {func(p *person) {
			p.decide("granted").ok(201)
			p.do(p.t, "POST", "/v1/sessions/"+p.session+"/alternative", p.integrator, object{"method": "desk", "result": "pass"}).ok(200)
		}, 409, "session-ended"},
		"in a session that only asks for consent": {func(p *person) {
			p.open(asking)
			p.decide("granted").ok(201)
		}, 409, "not-a-check"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := w.house(t)
			p := h.visitor()
			tt.arrange(p)
			p.verify("a1").notCounted(tt.status, tt.slug)
			p.verify("a1").notCounted(tt.status, tt.slug) // and it stays so
			p.shut()
		})
	}
}

// shut checks that no check took place.
func (p *person) shut() {
	p.t.Helper()
	p.asked(0)
	p.left(3, 10)
	if checks := p.recordsOf("check."); len(checks) > 0 && text(checks[0], "type") != "check.alternative" {
		p.t.Errorf("the log has %v", checks)
	}
	if last := p.look()["last_result"]; last != nil {
		p.t.Errorf("the last result is %v", last)
	}
}

// noMorePhoto publishes a notice that asks for another route instead.
func noMorePhoto(p *person) {
	h := p.house
	p.decide("granted").ok(201)
	terms := h.terms()
	terms["routes"] = []string{"photo", "two_factor"}
	terms["data_kinds"] = []string{"face_image", "reference_photo", "subject_id", "name", "id_number"}
	recipient := terms["subprocessors"].([]any)[0].(object)
	other := object{"name": recipient["name"], "contact": recipient["contact"], "route": "two_factor"}
	terms["subprocessors"] = []any{recipient, other}
	terms["supersedes"] = h.delegation
	made := h.do(h.t, "POST", "/v1/delegations", h.admin, terms).ok(201)
	if made["version"] != 2.0 {
		h.t.Errorf("the delegation that follows is version %v", made["version"])
	}
	before := h.delegation
	h.delegation = text(made, "id")
	h.publish(func(_, facts object) {
		facts["routes"] = []string{"two_factor"}
		facts["recipients"] = []any{other}
		facts["data_kinds"] = []string{"subject_id", "name", "id_number"}
	})
	for _, d := range items(h.do(h.t, "GET", "/v1/delegations", h.admin, nil).ok(200)) {
		if d["id"] == before && d["status"] != "superseded" {
			h.t.Errorf("the delegation before it is %v", d["status"])
		}
	}
}

// Time closes the gate too.
func TestNoCheckWhenItsTimeIsOver(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for name, tt := range map[string]struct {
		before time.Duration // between the consent and the session that checks
		during time.Duration // between that session and the check
		setUp  func(h *house)
		status int
		slug   string
	}{
		"of the session":    {during: 15 * time.Minute, status: 401, slug: "token-expired"},
		"of the consent":    {before: 365*day - 10*time.Minute, during: 10 * time.Minute, status: 409, slug: "consent-ended", setUp: lasting},
		"of the delegation": {before: 365*day - 10*time.Minute, during: 11 * time.Minute, status: 409, slug: "delegation-not-in-force", setUp: shortDelegation},
		"of the assessment": {before: 334 * day, during: 59 * time.Minute, status: 409, slug: "assessment-not-acceptable", setUp: shortAssessment},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{})
			h := w.bare(t, "live")
			h.layDown()
			if tt.setUp != nil {
				tt.setUp(h)
			}
			p := h.visitor()
			p.decide("granted").ok(201)
			if tt.before > 0 {
				w.pass(tt.before)
				p.open(func(r object) { r["ttl_s"] = 3600 })
				p.is("consented")
			}
			w.pass(tt.during)
			problem := p.verify("a1").refused(tt.status, tt.slug)
			p.asked(0)
			if checks := h.recordsOf("check."); len(checks) > 0 {
				t.Errorf("the log has %v", checks)
			}
			if tt.status != 401 && problem["attempt_used"] != false {
				t.Errorf("attempt_used is %v", problem["attempt_used"])
			}
			if tt.slug == "token-expired" {
				p.do(t, "GET", "/v1/session", p.token, nil).refused(401, "token-expired")
				p.do(t, "POST", "/v1/me/withdraw", p.token, nil).refused(401, "token-expired")
				p.do(t, "POST", "/v1/consent", p.token, object{"decision": "refused", "notice_id": h.notice,
					"notice_sha256": strings.Repeat("0", 64), "locale": "zh-CN", "by": "self"}).refused(401, "token-expired")
				if v := p.is("expired"); v["result"] != "not_performed" {
					t.Errorf("an expired session came out as %v", v["result"])
				}
			}
		})
	}
}

// The set-ups make everything last except for what the test is about.
func lasting(h *house) {
	terms := h.terms()
	terms["valid_until"] = h.now().AddDate(3, 0, 0)
	h.delegation = text(h.do(h.t, "POST", "/v1/delegations", h.admin, terms).ok(201), "id")
	h.publish(func(object, object) {})
	h.set(func(s object) {
		s["impact_assessment"].(object)["valid_until"] = h.now().AddDate(3, 0, 0).Format(time.DateOnly)
	})
}

func shortDelegation(h *house) {
	lasting(h)
	terms := h.terms()
	terms["valid_until"] = h.now().Add(365 * 24 * time.Hour)
	h.delegation = text(h.do(h.t, "POST", "/v1/delegations", h.admin, terms).ok(201), "id")
	h.publish(func(_, facts object) { facts["consent_days"] = 700 })
}

// shortAssessment lets the assessment end half an hour into the check's session. Its
// last day counts whole, by the clock of the mainland.
func shortAssessment(h *house) {
	lasting(h)
	now := h.now().In(time.FixedZone("", 8*3600))
	lastDay := time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, now.Location())
	h.set(func(s object) {
		s["impact_assessment"].(object)["valid_until"] = lastDay.AddDate(0, 0, 334).Format(time.DateOnly)
	})
	h.pass(lastDay.AddDate(0, 0, 1).Add(-30 * time.Minute).Sub(now))
}

// A session that was opened is not served when what it needs goes away.
func TestNoSessionWithoutAllThatItNeeds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	for name, tt := range map[string]struct {
		arrange func(h *house)
		status  int
		slug    string
	}{
		"with the face service off": {func(h *house) { h.do(h.t, "PUT", "/v1/settings", h.admin, object{"face_service": false}).ok(200) }, 409, "face-service-off"},
		"with the purpose off":      {func(h *house) { h.set(func(s object) { s["enabled"] = false }) }, 409, "purpose-off"},
		"with the enterprise closed": {func(h *house) { h.do(h.t, "POST", "/v1/enterprises/"+h.id+"/close", h.operator, nil).ok(200) },
			403, "enterprise-closed"},
		"after the delegation": {func(h *house) { h.do(h.t, "POST", "/v1/delegations/"+h.delegation+"/revoke", h.admin, nil).ok(200) },
			409, "delegation-not-in-force"},
		"with a notice that does not cover it": {func(h *house) { noMorePhoto(h.visitor()) }, 409, "route-not-covered"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := w.house(t)
			p := h.visitor()
			tt.arrange(h)
			fresh := h.person()
			before := h.count("sessions")
			h.do(t, "POST", "/v1/sessions", h.integrator, fresh.request()).refused(tt.status, tt.slug)
			if after := h.count("sessions"); before < after {
				t.Error("a session was opened all the same")
			}
			// Nobody is asked for what cannot be used; but a refusal is always taken.
			p.do(t, "POST", "/v1/consent", p.token, p.decision("granted")).refused(tt.status, tt.slug)
			p.decide("refused").ok(201)
			p.is("refused")
		})
	}
}

// count counts the rows of a table.
func (h *house) count(name string) int {
	h.t.Helper()
	list, err := h.table(name, "enterprise")
	if err != nil {
		h.t.Fatal(err)
	}
	return len(list)
}

func TestSettingsThatMayNotBe(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.bare(t, "live")
	exam := h.settings()
	h.writesNothing(func() {
		h.do(t, "PUT", "/v1/settings/exam", h.admin, exam).refused(409, "no-notice")
		h.do(t, "POST", "/v1/sessions", h.integrator, h.person().request()).refused(409, "face-service-off")
	})
	h.layDown()
	for name, tt := range map[string]struct {
		edit   func(s, assessment object)
		status int
		slug   string
	}{
		"a rejected assessment":           {func(_, a object) { a["outcome"] = "rejected" }, 409, "assessment-not-acceptable"},
		"an assessment that is over":      {func(_, a object) { a["date"], a["valid_until"] = "2019-01-01", "2020-01-01" }, 409, "assessment-not-acceptable"},
		"an assessment of the future":     {func(_, a object) { a["date"], a["valid_until"] = "2031-01-01", "2032-01-01" }, 422, "invalid-value"},
		"one that ends before it began":   {func(_, a object) { a["valid_until"] = "2020-01-01" }, 422, "invalid-value"},
		"no assessment":                   {func(s, _ object) { delete(s, "impact_assessment") }, 422, "invalid-value"},
		"no word on coercion":             {func(s, _ object) { s["no_coercion_declared"] = false }, 422, "invalid-value"},
		"no word on stored faces":         {func(s, _ object) { delete(s, "stored_faces_declared") }, 422, "invalid-value"},
		"a high risk nobody was told of":  {func(_, a object) { a["high_risk"] = true }, 422, "invalid-value"},
		"a false-accept rate of its own":  {func(s, _ object) { s["false_accept"] = "1e-2" }, 422, "invalid-value"},
		"a webhook without encryption":    {func(s, _ object) { s["webhook"] = "http://lms.example.com/hook" }, 422, "invalid-value"},
		"fewer than no faces":             {func(s, _ object) { s["stored_faces_declared"] = -1 }, 422, "invalid-value"},
		"no word on whether it is to run": {func(s, _ object) { delete(s, "enabled") }, 422, "invalid-value"},
	} {
		t.Run(name, func(t *testing.T) {
			s := h.settings()
			tt.edit(s, s["impact_assessment"].(object))
			h.writesNothing(func() { h.do(t, "PUT", "/v1/settings/exam", h.admin, s, bad).refused(tt.status, tt.slug) })
		})
	}
}
