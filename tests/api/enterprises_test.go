package api

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"nod/shared/domain"
	"nod/shared/ledger"
)

// profile is the body of the enterprise, with an edit.
func profile(t *testing.T, edit func(object)) object {
	t.Helper()
	p := body(t, "enterprise.json")
	edit(p)
	return p
}

func TestAnEnterpriseIsShownAsItWasEntered(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	path := "/v1/enterprises/" + h.id
	p := h.visitor()
	entered := profile(t, func(p object) {
		p["name"] = object{"zh-CN": "改名学习有限公司"}
		p["contact"] = object{"officer": "新的负责人", "email": "new@example.com", "phone": "1", "address": "'; DROP TABLE enterprises; --"}
		p["time_zone"], p["logo"], p["accent"] = "Asia/Urumqi", "data:image/svg+xml;base64,PHN2Zy8+", "#0A7c4f"
		p["frame_origins"] = []any{"https://lms.example.com", "http://127.0.0.1:8090", "https://lms.example.com:8443"}
		p["return_origins"] = []any{"https://lms.example.com"}
	})
	changed := h.do(t, "PUT", path, h.operator, entered).ok(200)
	listed := items(h.do(t, "GET", "/v1/enterprises", h.operator, nil).ok(200))[0]
	for field, want := range entered {
		for where, v := range map[string]object{"the answer": changed, "the list": listed} {
			if got := fmt.Sprint(v[field]); got != fmt.Sprint(want) {
				t.Errorf("%s has the %s %v, want %v", where, field, got, want)
			}
		}
	}
	if changed["id"] != h.id || changed["status"] != "active" || changed["closed_at"] != nil || changed["created_at"] != listed["created_at"] {
		t.Errorf("it is shown as %v", changed)
	}
	card := p.look()["enterprise"].(object)
	if text(card, "name", "zh-CN") != "改名学习有限公司" || text(card, "contact", "officer") != "新的负责人" || card["accent"] != "#0A7c4f" || card["logo"] != entered["logo"] {
		t.Errorf("the page is shown %v", card)
	}
	// Where people may be sent back to changes at once.
	h.person().open(func(r object) { r["return_url"] = "https://lms.example.com/back" })
	h.do(t, "POST", "/v1/sessions", h.integrator, h.person().request(func(r object) { r["return_url"] = loopback + "/back" })).
		refused(422, "invalid-value")
}

// The log has the hash of the profile as it was entered.
func TestAProfileIsOnRecord(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).bare(t, domain.Live)
	entered := profile(t, func(p object) { p["accent"] = "#112233" })
	h.do(t, "PUT", "/v1/enterprises/"+h.id, h.operator, entered).ok(200)
	for kind, want := range map[string]object{"enterprise.created": profile(t, func(object) {}), "enterprise.updated": entered} {
		list := h.recordsOf(kind)
		if len(list) != 1 || list[0]["sha256"] != profileHash(t, want) || list[0]["actor"] != string(domain.EnvironmentKey) {
			t.Errorf("%s: the log has %v", kind, list)
		}
	}
}

func profileHash(t *testing.T, entered object) string {
	t.Helper()
	var p domain.Profile
	b, err := json.Marshal(entered)
	if err == nil {
		err = json.Unmarshal(b, &p)
	}
	if err != nil {
		t.Fatal(err)
	}
	return ledger.DocumentHash(p)
}

func TestFaultyProfiles(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.bare(t, domain.Live)
	origins := func(list ...string) func(object) { return func(p object) { p["return_origins"] = list } }
	for name, tt := range map[string]struct {
		edit func(object)
		want string
	}{
		"no name":                      {func(p object) { delete(p, "name") }, "name.zh-CN=missing"},
		"no Chinese name":              {func(p object) { p["name"] = object{"en": "Example"} }, "name.zh-CN=missing"},
		"a name too long":              {func(p object) { p["name"] = object{"zh-CN": strings.Repeat("长", 201)} }, "name.zh-CN=too_long"},
		"no officer":                   {func(p object) { delete(p["contact"].(object), "officer") }, "contact.officer=missing"},
		"a time zone of its own":       {func(p object) { p["time_zone"] = "Mars/Olympus" }, "time_zone=bad_format"},
		"the server's time zone":       {func(p object) { p["time_zone"] = "Local" }, "time_zone=bad_format"},
		"a mode of its own":            {func(p object) { p["mode"] = "demo" }, "mode=not_allowed"},
		"an origin with a path":        {origins("https://lms.example.com/exam"), "return_origins=bad_format"},
		"an origin with a slash":       {origins("https://lms.example.com/"), "return_origins=bad_format"},
		"an origin of all hosts":       {origins("https://*"), "return_origins=bad_format"},
		"an origin of all of a host's": {origins("https://*.example.com"), "return_origins=bad_format"},
		"an origin with a rule in it":  {origins("https://a.example.com;sandbox"), "return_origins=bad_format"},
		"an origin in capitals":        {origins("https://LMS.example.com"), "return_origins=bad_format"},
		"an origin not encrypted":      {origins("http://lms.example.com"), "return_origins=bad_format"},
		"an origin that is a word":     {origins("lms"), "return_origins=bad_format"},
		"an origin with a name":        {origins("https://me@lms.example.com"), "return_origins=bad_format"},
		"a frame not encrypted":        {func(p object) { p["frame_origins"] = []string{"http://lms.example.com"} }, "frame_origins=bad_format"},
		"too many origins":             {origins(slices.Repeat([]string{"https://a.example.com"}, 51)...), "return_origins=too_long"},
		"a colour by its name":         {func(p object) { p["accent"] = "red" }, "accent=bad_format"},
		"a colour that is a script":    {func(p object) { p["accent"] = "#000000;}" }, "accent=bad_format"},
		"a logo of a third party's":    {func(p object) { p["logo"] = "https://cdn.example.com/logo.png" }, "logo=bad_format"},
		"a logo that is a script":      {func(p object) { p["logo"] = "javascript:alert(1)" }, "logo=bad_format"},
		"a logo that is a page":        {func(p object) { p["logo"] = "data:text/html;base64,PHA+" }, "logo=bad_format"},
		"a logo that is not encoded":   {func(p object) { p["logo"] = "data:image/svg+xml,<svg/>" }, "logo=bad_format"},
		"an origin without its port":   {func(p object) { p["frame_origins"] = []any{"https://a.example.com:"} }, "frame_origins=bad_format"},
		"an origin's port too large":   {func(p object) { p["frame_origins"] = []any{"https://a.example.com:99999"} }, "frame_origins=bad_format"},
		"a name that shows nothing":    {func(p object) { p["name"] = object{"zh-CN": "\u200b\u200d"} }, "name.zh-CN=missing"},
		"a name that turns about":      {func(p object) { p["name"] = object{"zh-CN": "示例\u202e"} }, "name.zh-CN=bad_format"},
		"a NUL":                        {func(p object) { p["contact"].(object)["officer"] = "a\x00b" }, "contact.officer=bad_format"},
		"a logo too large":             {func(p object) { p["logo"] = strings.Repeat("a", 200_001) }, "logo=too_long"},
	} {
		t.Run(name, func(t *testing.T) {
			entered := profile(t, tt.edit)
			h.unchanged(func() {
				for _, r := range []reply{
					h.do(t, "POST", "/v1/enterprises", h.operator, entered, bad),
					h.do(t, "PUT", "/v1/enterprises/"+h.id, h.operator, entered, bad),
				} {
					if got := faults(r.refused(422, "invalid-value")); !slices.Equal(got, []string{tt.want}) {
						t.Errorf("the faults are %v, want %s", got, tt.want)
					}
				}
			})
		})
	}
}

// A test enterprise never turns into a live one with its log, nor the other way.
func TestTheModeStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	for mode, other := range map[domain.Mode]domain.Mode{domain.Live: domain.Test, domain.Test: domain.Live} {
		h := w.bare(t, mode)
		h.writesNothing(func() {
			problem := h.do(t, "PUT", "/v1/enterprises/"+h.id, h.operator, profile(t, func(p object) { p["mode"] = other })).refused(422, "invalid-value")
			if got := faults(problem); !slices.Equal(got, []string{"mode=not_allowed"}) {
				t.Errorf("the faults are %v", got)
			}
		})
		h.do(t, "PUT", "/v1/enterprises/"+h.id, h.operator, profile(t, func(p object) { p["mode"] = mode })).ok(200)
	}
}

// An enterprise that was closed takes nothing in, and keeps nothing from those who
// read.
func TestAClosedEnterprise(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	p := h.agreed()
	path := "/v1/enterprises/" + h.id
	closed := h.do(t, "POST", path+"/close", h.operator, nil).ok(200)
	if closed["status"] != "closed" || closed["closed_at"] == nil {
		t.Errorf("it is shown as %v", closed)
	}
	h.writesNothing(func() {
		if again := h.do(t, "POST", path+"/close", h.operator, object{}).ok(200); again["closed_at"] != closed["closed_at"] {
			t.Error("closing it again changes it")
		}
		for name, r := range map[string]reply{
			"a profile":    h.do(t, "PUT", path, h.operator, body(t, "enterprise.json")),
			"a key":        h.do(t, "POST", path+"/keys", h.operator, object{"role": "admin", "holder": "Li Na, late"}),
			"a delegation": h.do(t, "POST", "/v1/delegations", h.admin, h.terms()),
			"a notice":     h.do(t, "POST", "/v1/notices", h.admin, h.draft()),
			"a preview":    h.do(t, "POST", "/v1/notices/preview", h.admin, h.draft()),
			"the switch":   h.do(t, "PUT", "/v1/settings", h.admin, object{"face_service": true}),
			"a purpose":    h.do(t, "PUT", "/v1/settings/exam", h.admin, h.settings()),
			"a session":    h.do(t, "POST", "/v1/sessions", h.integrator, h.person().request()),
			"a check":      p.verify("a1"),
		} {
			t.Run(name, func(t *testing.T) {
				r.t = t
				r.refused(403, "enterprise-closed")
			})
		}
		for path, bearer := range map[string]string{"/v1/delegations": h.admin, "/v1/notices": h.admin, "/v1/settings": h.admin,
			"/v1/settings/exam": h.admin, "/v1/sessions": h.integrator, "/v1/sessions/" + p.session: h.integrator, "/v1/session": p.token} {
			h.do(t, "GET", path, bearer, nil).ok(200)
		}
	})
	// What ends things goes on working.
	h.do(t, "PUT", "/v1/settings", h.admin, object{"face_service": false}).ok(200)
	h.set(func(s object) { s["enabled"] = false })
	h.do(t, "POST", "/v1/delegations/"+h.delegation+"/revoke", h.admin, nil).ok(200)
	p.end("cancel", nil).ok(200)
	for _, k := range items(h.do(t, "GET", path+"/keys", h.operator, nil).ok(200)) {
		h.do(t, "POST", "/v1/keys/"+text(k, "id")+"/revoke", h.operator, nil).ok(200)
	}
	if list := h.recordsOf("enterprise.closed"); len(list) != 1 {
		t.Errorf("the log has %v", list)
	}
	w.house(t).agreed().verify("a1").verdict("pass") // the others go on
}
