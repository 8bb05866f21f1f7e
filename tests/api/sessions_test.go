package api

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestFaultySessionRequests(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	photo := func(url string) func(object) {
		return func(r object) { r["reference"] = object{"photo_url": url} }
	}
	field := func(name string, value any) func(object) { return func(r object) { r[name] = value } }
	without := func(name string) func(object) { return func(r object) { delete(r, name) } }
	for name, tt := range map[string]struct {
		edit func(object)
		want string
	}{
		"no kind":                         {func(r object) { delete(r, "kind"); delete(r, "reference") }, "kind=missing"},
		"no purpose":                      {without("purpose"), "purpose=missing"},
		"a purpose of its own":            {field("purpose", "attendance"), "purpose=not_allowed"},
		"no subject":                      {without("subject"), "subject=missing"},
		"a subject of two words":          {field("subject", "Chen Wei"), "subject=bad_format"},
		"a subject with a line end":       {field("subject", "emp-1\n"), "subject=bad_format"},
		"a subject too long":              {field("subject", strings.Repeat("陈", 129)), "subject=too_long"},
		"no age group":                    {without("age_group"), "age_group=missing"},
		"an age":                          {field("age_group", "17"), "age_group=not_allowed"},
		"no route":                        {without("route"), "route=missing"},
		"a route of its own":              {field("route", "fingerprint"), "route=not_allowed"},
		"no resource":                     {without("resource"), "resource=missing"},
		"a blank resource":                {field("resource", " \t"), "resource=missing"},
		"a resource too long":             {field("resource", strings.Repeat("考", 257)), "resource=too_long"},
		"a nonce too long":                {field("nonce", strings.Repeat("n", 257)), "nonce=too_long"},
		"a client_ref too long":           {field("client_ref", strings.Repeat("c", 257)), "client_ref=too_long"},
		"a language that is not written":  {field("locale", "fr"), "locale=not_allowed"},
		"less than a minute":              {field("ttl_s", 59), "ttl_s=out_of_range"},
		"more than an hour":               {field("ttl_s", 3601), "ttl_s=out_of_range"},
		"a time that is over":             {field("ttl_s", -60), "ttl_s=out_of_range"},
		"a time that overflows":           {field("ttl_s", 36028797018964568), "ttl_s=out_of_range"},
		"a NUL in the resource":           {field("resource", "exam\x00"), "resource=bad_format"},
		"a line end in the nonce":         {field("nonce", "a\nb"), "nonce=bad_format"},
		"a client_ref that turns about":   {field("client_ref", "a\u202eb"), "client_ref=bad_format"},
		"no reference":                    {without("reference"), "reference.photo_url=missing"},
		"an empty reference":              {field("reference", object{}), "reference.photo_url=missing"},
		"an empty photo":                  {photo(""), "reference.photo_url=missing"},
		"a photo without encryption":      {photo("http://photos.example.com/1.png"), "reference.photo_url=not_https"},
		"a photo on the local network":    {photo("http://192.168.0.7/1.png"), "reference.photo_url=not_https"},
		"a photo of another scheme":       {photo("ftp://photos.example.com/1.png"), "reference.photo_url=not_https"},
		"a photo in a file":               {photo("file:///etc/passwd"), "reference.photo_url=not_https"},
		"a photo in the URL":              {photo("data:image/png;base64,iVBORw0KGgo="), "reference.photo_url=not_https"},
		"a photo without a host":          {photo("https:///1.png"), "reference.photo_url=not_https"},
		"a photo with a password":         {photo("https://user:password@photos.example.com/1.png"), "reference.photo_url=not_https"},
		"a path alone":                    {photo("/photos/1.png"), "reference.photo_url=not_https"},
		"a photo's address too long":      {photo("https://photos.example.com/" + strings.Repeat("a", 2000)), "reference.photo_url=not_https"},
		"a name where a photo is":         {field("reference", object{"identity": object{"name": "陈某某某某某", "id_number": "110101199003070000"}}), "reference.photo_url=missing"},
		"a name beside the photo":         {field("reference", object{"photo_url": "https://photos.example.com/1.png", "identity": object{"name": "陈某某某某某", "id_number": "110101199003070000"}}), "reference.identity=not_allowed"},
		"a reference to ask for consent":  {field("kind", "consent"), "reference=not_allowed"},
		"a route of its own for consent":  {func(r object) { asking(r); r["route"] = "fingerprint" }, "route=not_allowed"},
		"a route for one's own page":      {func(r object) { asking(r); r["kind"] = "me" }, "route=not_allowed"},
		"a return elsewhere":              {field("return_url", "https://elsewhere.example.com/back"), "return_url=origin_not_registered"},
		"a return to another port":        {field("return_url", "http://127.0.0.1:8091/back"), "return_url=origin_not_registered"},
		"a return by another scheme":      {field("return_url", "https://127.0.0.1:8090/back"), "return_url=origin_not_registered"},
		"a return to a longer host":       {field("return_url", "http://127.0.0.1:8090.example.com/back"), "return_url=origin_not_registered"},
		"a return that only looks right":  {field("return_url", "http://127.0.0.1:8090@example.com/back"), "return_url=origin_not_registered"},
		"a return with a name in it":      {field("return_url", "http://me@127.0.0.1:8090/back"), "return_url=origin_not_registered"},
		"a return to a script":            {field("return_url", "javascript:alert(1)"), "return_url=origin_not_registered"},
		"a return to a path":              {field("return_url", "/exam/back"), "return_url=origin_not_registered"},
		"a return to another host's path": {field("return_url", "//example.com/back"), "return_url=origin_not_registered"},
		"a return too long":               {field("return_url", loopback+"/"+strings.Repeat("a", 2000)), "return_url=too_long"},
	} {
		t.Run(name, func(t *testing.T) {
			p := h.person()
			h.writesNothing(func() {
				problem := h.do(t, "POST", "/v1/sessions", h.integrator, p.request(tt.edit), bad).refused(422, "invalid-value")
				if got := faults(problem); !slices.Equal(got, []string{tt.want}) {
					t.Errorf("the faults are %v, want %s", got, tt.want)
				}
			})
		})
	}
}

// Sessions at the edge of what is taken.
func TestSessionsThatOpen(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	for name, tt := range map[string]struct {
		edit  func(object)
		lives time.Duration
		page  object // what the page must be shown
	}{
		"as the walkthrough has it": {func(object) {}, 15 * time.Minute, object{"kind": "check", "route": "photo", "locale": "zh-CN"}},
		"for a minute":              {func(r object) { r["ttl_s"] = 60 }, time.Minute, nil},
		"for an hour":               {func(r object) { r["ttl_s"] = 3600 }, time.Hour, nil},
		"in English":                {func(r object) { r["locale"] = "en" }, 15 * time.Minute, object{"locale": "en"}},
		"in no language":            {func(r object) { delete(r, "locale") }, 15 * time.Minute, object{"locale": "zh-CN"}},
		"of a long resource": {func(r object) { r["resource"] = strings.Repeat("考", 256) }, 15 * time.Minute,
			object{"resource": strings.Repeat("考", 256)}},
		"of a long subject": {func(r object) { r["subject"] = strings.Repeat("陈", 128) }, 15 * time.Minute, nil},
		"with a way back": {func(r object) { r["return_url"] = loopback + "/exam/back?attempt=7#top" }, 15 * time.Minute,
			object{"return_url": loopback + "/exam/back?attempt=7#top"}},
		"with a photo on this machine": {func(r object) { r["reference"] = object{"photo_url": "http://localhost:8090/p.png"} }, 15 * time.Minute, nil},
		"to ask for consent": {func(r object) { asking(r); delete(r, "route"); delete(r, "resource") }, 15 * time.Minute,
			object{"kind": "consent", "route": nil, "resource": nil}},
		"to ask for a route's": {func(r object) { asking(r); r["route"] = "photo" }, 15 * time.Minute, object{"kind": "consent", "route": "photo"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := h.person().open(tt.edit)
			if p.opened["state"] != "open" {
				t.Errorf("the session starts %v", p.opened["state"])
			}
			v, shown := p.is("open"), p.look()
			if got := instant(t, v, "expires_at").Sub(instant(t, v, "created_at")); got != tt.lives {
				t.Errorf("it lives for %v, want %v", got, tt.lives)
			}
			if v["expires_at"] != p.opened["expires_at"] || shown["expires_at"] != v["expires_at"] {
				t.Errorf("it ends at %v, %v and %v", p.opened["expires_at"], v["expires_at"], shown["expires_at"])
			}
			for field, want := range tt.page {
				if shown[field] != want {
					t.Errorf("the page is shown the %s %v, want %v", field, shown[field], want)
				}
			}
		})
	}
}

// instant is a time that stands in an answer.
func instant(t *testing.T, v object, path ...string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, text(v, path...))
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// A session that only asks for consent ends with the answer, and its time changes
// nothing about that.
func TestASessionThatAsksForConsent(t *testing.T) {
	t.Parallel()
	for decision, tt := range map[string]struct{ state, slug string }{
		"granted": {"consented", "session-ended"}, "refused": {"refused", "consent-refused"},
	} {
		t.Run(decision, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{})
			h := w.house(t)
			p := h.person().open(asking, func(r object) { delete(r, "route") })
			if got := p.decide(decision).ok(201); got["state"] != tt.state {
				t.Errorf("the decision makes it %v", got["state"])
			}
			w.pass(16 * time.Minute)
			v := p.is(tt.state)
			if v["result"] != nil || v["assertion"] != nil || v["consent"] == nil {
				t.Errorf("the LMS sees %v", v)
			}
			h.writesNothing(func() {
				p.do(t, "POST", "/v1/sessions/"+p.session+"/code", p.integrator, nil).refused(409, tt.slug)
				p.do(t, "POST", "/v1/sessions/"+p.session+"/cancel", p.integrator, nil).refused(409, tt.slug)
			})
			state := map[string]string{"granted": "consented", "refused": "refused"}[decision]
			p.another().is(state) // the check that it was asked for finds the answer
		})
	}
}

// another is the same person with one more session.
func (p *person) another(edits ...func(object)) *person {
	p.t.Helper()
	other := &person{house: p.house, t: p.t, subject: p.subject, photo: p.photo}
	return other.open(edits...)
}
