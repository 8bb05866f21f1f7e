package api

import (
	"fmt"
	"strings"
	"testing"

	"nod/shared/domain"
)

// Everything that a purpose needs is named at once, and each thing can be put right.
func TestD05_D25_D26_D28_APurposeIsOnOnlyWithAllThatTheLawWants(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).bare(t, domain.Live)
	h.writesNothing(func() {
		problem := h.do(t, "PUT", "/v1/settings/exam", h.admin, object{"enabled": true}).refused(422, "invalid-value")
		want := "impact_assessment.date=missing impact_assessment.outcome=missing impact_assessment.ref=missing " +
			"impact_assessment.sha256=missing impact_assessment.valid_until=missing no_coercion_declared=missing " +
			"notice=missing stored_faces_declared=missing"
		if got := strings.Join(faults(problem), " "); got != want {
			t.Errorf("missing are %s", got)
		}
	})
	if got := faults(h.do(t, "PUT", "/v1/settings/exam", h.admin, h.settings()).refused(409, "no-notice")); fmt.Sprint(got) != "[notice=missing]" {
		t.Errorf("without a notice it is %v", got)
	}
	rejected := h.settings()
	rejected["impact_assessment"].(object)["outcome"] = "rejected"
	if got := faults(h.do(t, "PUT", "/v1/settings/exam", h.admin, rejected).refused(409, "assessment-not-acceptable")); fmt.Sprint(got) !=
		"[impact_assessment.outcome=not_allowed notice=missing]" {
		t.Errorf("with a rejected assessment it is %v", got)
	}
	h.layDown()
	h.agreed().verify("a1").verdict("pass")
}

// An enterprise that stores many faces is warned, in its language, before the filing is due
// and when it is; Nod's own number stays zero.
func TestD26_ManyStoredFacesCarryAWarning(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	p := h.agreed()
	p.verify("a1").verdict("pass")
	training := body(t, "notices/training.json")
	training["delegation_id"] = h.delegation
	h.do(t, "POST", "/v1/notices", h.admin, training).ok(201)
	declare := func(purpose string, faces int) object {
		t.Helper()
		s := h.settings()
		s["stored_faces_declared"] = faces
		return h.do(t, "PUT", "/v1/settings/"+purpose, h.admin, s).ok(200)
	}
	declare("training", 50_000)
	for _, tt := range []struct {
		exam int
		code string
	}{{39_999, ""}, {40_000, "stored_faces_near_limit"}, {49_999, "stored_faces_near_limit"}, {50_000, "stored_faces_filing_due"}, {0, ""}} {
		answers := []object{declare("exam", tt.exam)}
		for _, path := range []string{"/v1/settings", "/v1/settings/exam", "/v1/settings/realname"} {
			answers = append(answers, h.do(t, "GET", path, h.admin, nil).ok(200))
		}
		answers = append(answers, h.do(t, "PUT", "/v1/settings", h.admin, object{"face_service": true}).ok(200))
		for i, v := range answers {
			code, list := "", v["warnings"].([]any)
			if len(list) > 0 {
				code = text(list[0].(object), "code")
				if !strings.Contains(text(list[0].(object), "detail"), "30 working days") {
					t.Errorf("the warning is %v", list[0])
				}
			}
			if code != tt.code || len(list) > 1 {
				t.Errorf("with %d for exams, answer %d warns %q, want %q", tt.exam, i, code, tt.code)
			}
		}
		faces := h.do(t, "GET", "/v1/stats?"+w.span(3600e9, 3600e9), h.admin, nil).ok(200)["stored_faces"].(object)
		sum := float64(50_000 + tt.exam)
		if faces["by_nod"] != 0.0 || faces["declared"] != sum || at(faces, "declared_for", "exam") != float64(tt.exam) ||
			faces["near_limit"] != (sum >= 90_000) || faces["filing_due"] != (sum >= 100_000) || faces["warn_from"] != 90_000.0 || faces["limit"] != 100_000.0 {
			t.Errorf("statistics say %v", faces)
		}
	}
	declare("exam", 60_000)
	zh := h.do(t, "GET", "/v1/settings", h.admin, nil, with("Accept-Language", "zh-CN")).ok(200)["warnings"].([]any)
	if len(zh) != 1 || !strings.Contains(text(zh[0].(object), "detail"), "30 个工作日") || !strings.Contains(text(zh[0].(object), "detail"), "110000") {
		t.Errorf("in Chinese it is %v", zh)
	}
}

// A high risk that the assessment finds is told in a new notice, which is material: checks
// go on with those who agree to it.
func TestD25_AHighRiskNeedsANewNoticeBeforeChecksGoOn(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.agreed()
	risky := func(enabled bool) object {
		s := h.settings()
		s["enabled"] = enabled
		s["impact_assessment"].(object)["high_risk"], s["impact_assessment"].(object)["ref"] = true, "PIA-risky"
		return s
	}
	h.writesNothing(func() {
		problem := h.do(t, "PUT", "/v1/settings/exam", h.admin, risky(true)).refused(422, "invalid-value")
		if got := fmt.Sprint(faults(problem)); got != "[impact_assessment.high_risk=not_in_notice]" {
			t.Errorf("the faults are %s", got)
		}
	})
	h.do(t, "PUT", "/v1/settings/exam", h.admin, risky(false)).ok(200)
	p.verify("a1").refused(409, "purpose-off")
	published := h.do(t, "POST", "/v1/notices", h.admin, h.draft()).ok(201)
	if published["material"] != true || at(published, "facts", "high_risk") != true {
		t.Errorf("the notice is %v", published)
	}
	h.do(t, "PUT", "/v1/settings/exam", h.admin, risky(true)).ok(200)
	p.verify("a2").refused(409, "consent-stale")
	p.decide("granted").ok(201)
	p.verify("a3").verdict("pass")
}

// Each change is an administrator's instruction in the log, and each version of an
// assessment stays.
func TestD06_D25_EveryChangeOfSettingsIsOnRecordAndKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	for _, ref := range []string{"PIA-2", "PIA-3"} {
		h.set(func(s object) { s["impact_assessment"].(object)["ref"] = ref })
	}
	h.set(func(s object) { s["enabled"] = false; delete(s, "impact_assessment") })
	h.do(t, "PUT", "/v1/settings", h.admin, object{"face_service": false}).ok(200)
	changed := h.recordsOf("settings.changed")
	hashes := map[any]bool{}
	for _, r := range changed {
		if r["actor"] == nil || r["actor"] == "" {
			t.Errorf("nobody instructed %v", r)
		}
		if r["purpose"] != nil {
			hashes[r["sha256"]] = true
		}
	}
	if len(changed) != 6 || len(hashes) != 4 {
		t.Errorf("the log has %v", changed)
	}
	for version, ref := range map[int]string{1: "DEMO-PIA-002", 2: "PIA-2", 3: "PIA-3", 4: ""} {
		path := fmt.Sprint("/v1/settings/exam?version=", version)
		v := h.do(t, "GET", path, h.admin, nil).ok(200)
		if text(v, "impact_assessment", "ref") != ref || v["version"] != float64(version) || v["changed_at"] == nil || v["enabled"] != (version < 4) {
			t.Errorf("version %d is %v", version, v)
		}
	}
	h.do(t, "GET", "/v1/settings/exam?version=5", h.admin, nil).refused(404, "not-found")
	h.do(t, "GET", "/v1/settings/training?version=1", h.admin, nil).refused(404, "not-found")
	for _, version := range []string{"0", "-1", "x", "1.5"} {
		h.do(t, "GET", "/v1/settings/exam?version="+version, h.admin, nil, bad).refused(422, "invalid-value")
	}
	other := w.house(t)
	if v := h.do(t, "GET", "/v1/settings/exam?version=1", other.admin, nil).ok(200); text(v, "impact_assessment", "ref") != "DEMO-PIA-002" {
		t.Errorf("another enterprise's is %v", v)
	}
	h.do(t, "GET", "/v1/settings/exam?version=2", other.admin, nil).refused(404, "not-found")
}
