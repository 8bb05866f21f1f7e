package api

import (
	"strconv"
	"sync"
	"testing"

	"nod/shared/domain"
)

// switches are both kinds of settings: their path and a body for PUT.
func (h *house) switches() map[string]any {
	return map[string]any{"/v1/settings": object{"face_service": true}, "/v1/settings/exam": h.settings()}
}

func TestSettingsAreChangedAgainstTheirVersion(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	for path, wish := range h.switches() {
		t.Run(path, func(t *testing.T) {
			read := h.do(t, "GET", path, h.admin, nil)
			version, etag := read.ok(200)["version"].(float64), read.header.Get("ETag")
			if etag != `"`+strconv.Itoa(int(version))+`"` {
				t.Fatalf("the ETag is %s, the version %v", etag, version)
			}
			h.writesNothing(func() {
				for _, stale := range []string{`"0"`, `"99"`, `"-1"`, `W/` + etag, `"x"`, `""`, "etag"} {
					h.do(t, "PUT", path, h.admin, wish, with("If-Match", stale)).refused(412, "version-changed")
				}
			})
			for i, current := range []string{etag, "*", ""} {
				r := h.do(t, "PUT", path, h.admin, wish, with("If-Match", current))
				want := version + 1 + float64(i)
				if v := r.ok(200); v["version"] != want || r.header.Get("ETag") != `"`+strconv.Itoa(int(want))+`"` {
					t.Errorf("with %s it is version %v, ETag %s, want %v", current, v["version"], r.header.Get("ETag"), want)
				}
			}
			h.writesNothing(func() {
				h.do(t, "PUT", path, h.admin, wish, with("If-Match", etag)).refused(412, "version-changed")
			})
		})
	}
}

// Of several who changed the same version, one did.
func TestEightAdministratorsAtOnce(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	for path, wish := range h.switches() {
		t.Run(path, func(t *testing.T) {
			etag := h.do(t, "GET", path, h.admin, nil).header.Get("ETag")
			answers := make([]reply, 8)
			var all sync.WaitGroup
			for i := range answers {
				all.Go(func() {
					answers[i], _ = h.try(t.Context(), "PUT", path, h.admin, wish, with("If-Match", etag)) // a failure has status 0
				})
			}
			all.Wait()
			done := 0
			for _, r := range answers {
				if r.t = t; r.status == 200 {
					done++
					continue
				}
				r.refused(412, "version-changed")
			}
			if done != 1 {
				t.Errorf("%d of 8 changed the same version", done)
			}
		})
	}
}

func TestSettingsAreReadAsTheyWereSet(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).bare(t, domain.Live)
	if v := h.do(t, "GET", "/v1/settings", h.admin, nil).ok(200); v["face_service"] != false || v["version"] != 0.0 {
		t.Errorf("the switch starts as %v", v)
	}
	for _, purpose := range []string{"training", "exam", "realname"} {
		v := h.do(t, "GET", "/v1/settings/"+purpose, h.admin, nil).ok(200)
		if v["enabled"] != false || v["version"] != 0.0 || v["false_accept"] != "1e-4" || v["purpose"] != purpose || v["impact_assessment"] != nil {
			t.Errorf("%s starts as %v", purpose, v)
		}
	}
	h.layDown()
	wish := h.settings()
	wish["false_accept"], wish["photo_input"], wish["stored_faces_declared"], wish["webhook"] = "1e-5", true, 7, "https://lms.example.com/hook"
	h.do(t, "PUT", "/v1/settings/exam", h.admin, wish).ok(200)
	v := h.do(t, "GET", "/v1/settings/exam", h.admin, nil).ok(200)
	if v["false_accept"] != "1e-5" || v["photo_input"] != true || v["stored_faces_declared"] != 7.0 || v["webhook"] != "https://lms.example.com/hook" ||
		v["enabled"] != true || v["no_coercion_declared"] != true || text(v, "impact_assessment", "ref") != "DEMO-PIA-002" || v["version"] != 2.0 {
		t.Errorf("exam is %v", v)
	}
	changed := h.recordsOf("settings.changed")
	if len(changed) != 3 || changed[0]["purpose"] != nil || changed[0]["enabled"] != true || changed[2]["purpose"] != "exam" ||
		changed[2]["sha256"] == nil || changed[2]["sha256"] == changed[1]["sha256"] {
		t.Errorf("the log has %v", changed)
	}
}

// What was read can be changed and sent back, as it is: what nobody sets is passed over.
func TestSettingsThatWereReadCanBeSentBack(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	read := h.do(t, "GET", "/v1/settings/exam", h.admin, nil).ok(200)
	read["photo_input"] = true
	if now := h.do(t, "PUT", "/v1/settings/exam", h.admin, read).ok(200); now["photo_input"] != true || now["version"] != read["version"].(float64)+1 {
		t.Errorf("they are now %v", now)
	}
	all := h.do(t, "GET", "/v1/settings", h.admin, nil).ok(200)
	h.do(t, "PUT", "/v1/settings", h.admin, all).ok(200)
	read["photo"] = true
	h.do(t, "PUT", "/v1/settings/exam", h.admin, read, bad).refused(422, "unknown-field")
}
