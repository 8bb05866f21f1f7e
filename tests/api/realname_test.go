package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"nod/shared/domain"
	"nod/shared/face/localapi/register"
)

// registry is an enterprise that checks people by their real names.
func (w *world) registry(t *testing.T, mode domain.Mode) *house {
	t.Helper()
	h := w.bare(t, mode)
	h.layDown()
	draft := body(t, "notices/realname.json")
	draft["delegation_id"] = h.delegation
	h.do(t, "POST", "/v1/notices", h.admin, draft).ok(201)
	settings := h.settings()
	h.do(t, "PUT", "/v1/settings/realname", h.admin, settings).ok(200)
	return h
}

// somebody is a name with an ID number of nobody's (the place 119999 is none), born on a day.
type somebody struct{ name, number string }

var nobodyYet atomic.Int64

func born(day time.Time) somebody {
	n := nobodyYet.Add(1)
	return somebody{"欧阳小云", register.Number(day.AddDate(0, 0, -int(n/1000)), int(n%1000))}
}

func grownUp() somebody { return born(time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)) }

func (s somebody) reference() object {
	return object{"identity": object{"name": s.name, "id_number": s.number}}
}

// by makes a request one for a route of the real-name checks, with a reference or none.
func by(route string, reference object) func(object) {
	return func(r object) {
		r["purpose"], r["route"], r["resource"] = "realname", route, "realname/2026"
		if r["reference"] = reference; reference == nil {
			delete(r, "reference")
		}
	}
}

// registering is somebody who has agreed to a real-name check.
func (h *house) registering(t *testing.T, route string, reference object) *person {
	t.Helper()
	p := h.person()
	p.t = t
	p.open(by(route, reference))
	p.decide("granted").ok(201)
	return p
}

// typed is the body of a verification by what the person typed.
func (s somebody) typed(attempt string) object {
	return object{"attempt_id": attempt, "name": s.name, "id_number": s.number}
}

func TestRealNameChecks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.registry(t, domain.Live)
	for _, c := range []struct {
		route, action string
		given         bool
		answer        http.HandlerFunc
		want          string
	}{
		{"two_factor", "IdCardVerification", true, resulted("0"), "pass"},
		{"two_factor", "IdCardVerification", false, resulted("0"), "pass"},
		{"two_factor", "IdCardVerification", false, resulted("-1"), "fail"},
		{"authority", "ImageRecognitionV2", true, similar(70), "pass"},
		{"authority", "ImageRecognitionV2", false, similar(100), "pass"},
		{"authority", "ImageRecognitionV2", false, similar(69.9), "fail"},
		{"authority", "ImageRecognitionV2", true, resulted("CompareLowSimilarity"), "fail"},
		{"authority", "ImageRecognitionV2", true, resulted("IdNameMisMatch"), "fail"},
	} {
		t.Run(c.route+" "+c.want, func(t *testing.T) {
			who := grownUp()
			w.watch.add(who.number)
			w.vendor.tell(who.number, c.answer)
			from := "person"
			reference, body := object(nil), who.typed("a1")
			if c.given {
				from = "platform"
				reference, body = who.reference(), object{"attempt_id": "a1"}
			}
			if c.route == "authority" {
				body["image"] = smallPicture()
			}
			p := h.registering(t, c.route, reference)
			if v := p.look(); v["identity_given"] != c.given || v["away"] != false {
				t.Errorf("the page is told %v, %v", v["identity_given"], v["away"])
			}
			for range 2 { // the same attempt again is the same answer
				p.do(t, "POST", "/v1/verify", p.token, body).verdict(c.want)
			}
			sent := w.vendor.last(who.number)
			if w.vendor.callsFor(who.number) != 1 || sent.Action != c.action || sent.Name != who.name || (sent.ImageBase64 != "") != (c.route == "authority") {
				t.Errorf("%d calls, the last %.100v", w.vendor.callsFor(who.number), sent)
			}
			p.provesItsRoute(c.route, c.want)
			if c.want == "pass" && p.claims(t, text(p.seen(), "assertion"))["identity_from"] != from {
				t.Errorf("who named the person is not said: %s", from)
			}
		})
	}
	for _, secret := range []string{"欧阳小云", "119999"} {
		if strings.Contains(h.rows(), secret) {
			t.Errorf("the database holds %s", secret)
		}
	}
}

// provesItsRoute holds what LMS and log say of a check against what it was.
func (p *person) provesItsRoute(route, want string) {
	p.t.Helper()
	var mine []object
	for _, r := range p.recordsOf("check.") {
		if r["session"] == p.session {
			mine = append(mine, r)
		}
	}
	outcome := map[string]string{"pass": "check.passed", "fail": "check.failed"}[want]
	if len(mine) != 2 || text(mine[1], "type") != outcome || text(mine[1], "route") != route || (mine[1]["capture"] == nil) != (route != "authority") {
		p.t.Errorf("the log has %v", mine)
	}
	v := p.seen()
	if v["route"] != route || want == "pass" && v["result"] != "pass" {
		p.t.Errorf("the LMS is told %v by %v", v["result"], v["route"])
	}
	if want == "pass" && p.claims(p.t, text(v, "assertion"))["route"] != route {
		p.t.Error("the assertion is of another route")
	}
}

// What the authority cannot answer is neither a pass nor a fail, and the LMS learns no more.
func TestWhatTheAuthorityMaySay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.registry(t, domain.Live)
	for _, c := range []struct {
		route, code string
		status      int
		slug        string
	}{
		{"two_factor", "-2", 422, "identity-rejected"}, {"two_factor", "-3", 422, "identity-rejected"},
		{"two_factor", "-4", 503, "face-api-down"}, {"two_factor", "-5", 422, "authority-cannot-answer"},
		{"two_factor", "-6", 503, "face-api-down"}, {"two_factor", "-7", 429, "person-limit"}, {"two_factor", "7", 502, "face-api-unknown-code"},
		{"authority", "IdPhotoNoExist", 422, "authority-cannot-answer"}, {"authority", "IdNoExistSystem", 422, "authority-cannot-answer"},
		{"authority", "IdPhotoPoorQuality", 422, "authority-cannot-answer"}, {"authority", "LifePhotoDetectNoFaces", 422, "no-face"},
		{"authority", "LifePhotoDetectFake", 422, "not-live"}, {"authority", "LifePhotoSizeError", 422, "image-dimensions"},
		{"authority", "IdentityAuthLimitExceeded", 429, "person-limit"}, {"authority", "CompareSystemError", 503, "face-api-down"},
		{"authority", "DecryptSystemError", 503, "face-api-refused"}, {"authority", "SomethingNew", 502, "face-api-unknown-code"},
	} {
		t.Run(c.route+" "+c.code, func(t *testing.T) {
			who := grownUp()
			w.vendor.tell(who.number, resulted(c.code))
			p := h.registering(t, c.route, who.reference())
			body := object{"attempt_id": "a1"}
			if c.route == "authority" {
				body["image"] = smallPicture()
			}
			r := p.do(t, "POST", "/v1/verify", p.token, body)
			r.notCounted(c.status, c.slug)
			if (r.header.Get("Retry-After") != "") != (c.status == 429 || c.status >= 502 && c.slug != "face-api-refused") {
				t.Errorf("Retry-After is %q", r.header.Get("Retry-After"))
			}
			v := p.is("consented")
			if v["result"] != nil || strings.Contains(fmt.Sprint(v), c.slug) {
				t.Errorf("the LMS is told %v", v)
			}
			if look := p.look(); look["last_result"] != "not_performed" || look["not_performed_reason"] != c.slug {
				t.Errorf("the page is told %v", look["not_performed_reason"])
			}
			p.do(t, "POST", "/v1/sessions/"+p.session+"/cancel", p.integrator, nil).ok(200)
			if v := p.seen(); v["result"] != "not_performed" || strings.Contains(fmt.Sprint(v), c.slug) {
				t.Errorf("in the end the LMS is told %v", v)
			}
		})
	}
}

func TestNamesAndNumbersThatAreNotAskedAbout(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.registry(t, domain.Live)
	who, child := grownUp(), born(time.Now().AddDate(-10, 0, 0))
	before := w.vendorCalls()
	p := h.registering(t, "two_factor", nil)
	for name, c := range map[string]struct {
		edit   func(object)
		slug   string
		faults []string
	}{
		"a wrong check digit":      {func(b object) { b["id_number"] = wrongAtTheEnd(who.number) }, "id-number-invalid", nil},
		"17 digits":                {func(b object) { b["id_number"] = who.number[:17] }, "id-number-invalid", nil},
		"a name with digits":       {func(b object) { b["name"] = "欧阳1" }, "name-invalid", nil},
		"a name of 100 KB":         {func(b object) { b["name"] = strings.Repeat("云", 30_000) }, "name-invalid", nil},
		"a child's number":         {func(b object) { b["id_number"] = child.number }, "age-group-mismatch", nil},
		"no name":                  {func(b object) { delete(b, "name") }, "invalid-value", []string{"name=missing"}},
		"nothing":                  {func(b object) { delete(b, "name"); delete(b, "id_number") }, "invalid-value", []string{"id_number=missing", "name=missing"}},
		"a face that nobody needs": {func(b object) { b["image"] = smallPicture() }, "invalid-value", []string{"image=not_allowed"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := who.typed("a1")
			c.edit(b)
			h.writesNothing(func() {
				problem := p.do(t, "POST", "/v1/verify", p.token, b, bad).refused(422, c.slug)
				if got := faults(problem); !slices.Equal(got, c.faults) {
					t.Errorf("the faults are %v", got)
				}
			})
		})
	}
	// Neither does the LMS open a session about them.
	for slug, reference := range map[string]object{
		"invalid-value": somebody{"欧阳小云", wrongAtTheEnd(who.number)}.reference(), "age-group-mismatch": child.reference(),
	} {
		h.do(t, "POST", "/v1/sessions", h.integrator, h.person().request(by("authority", reference)), bad).refused(422, slug)
	}
	if n := w.vendorCalls() - before; n != 0 {
		t.Errorf("the vendor was asked %d times", n)
	}
	p.left(3, 10)
}

func wrongAtTheEnd(number string) string {
	return number[:17] + string('0'+(number[17]-'0'+1)%10)
}

func TestALowerCaseCheckDigitIsSentAsTheAuthorityHasIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.registry(t, domain.Live)
	lower := somebody{"欧阳小云", "11999919900101008x"}
	given, typed := h.registering(t, "two_factor", lower.reference()), h.registering(t, "two_factor", nil)
	given.do(t, "POST", "/v1/verify", given.token, object{"attempt_id": "a1"}).verdict("pass")
	typed.do(t, "POST", "/v1/verify", typed.token, lower.typed("a1")).verdict("pass")
	if n := w.vendor.callsFor("11999919900101008X"); n != 2 {
		t.Errorf("the authority was asked %d times about the number with an X", n)
	}
}

func TestHowOftenTheAuthorityIsAskedAboutOnePerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.registry(t, domain.Live)
	who := grownUp()
	w.vendor.tell(who.number, resulted("LifePhotoDetectNoFaces"))
	p := h.registering(t, "authority", who.reference())
	photo := func(n int) object { return object{"attempt_id": fmt.Sprint("a", n), "image": smallPicture()} }
	for n := range 10 {
		p.do(t, "POST", "/v1/verify", p.token, photo(n)).notCounted(422, "no-face")
	}
	p.open(by("authority", who.reference())) // another session of the same person
	for n := range 5 {
		p.do(t, "POST", "/v1/verify", p.token, photo(n)).notCounted(422, "no-face")
	}
	r := p.do(t, "POST", "/v1/verify", p.token, photo(5))
	r.notCounted(429, "person-limit")
	if wait := r.header.Get("Retry-After"); wait == "" || len(wait) > 2 {
		t.Errorf("Retry-After is %q", wait)
	}
	if n := w.vendor.callsFor(who.number); n != 15 {
		t.Errorf("the vendor was asked %d times", n)
	}
	w.offset.Add(int64(time.Minute))
	p.do(t, "POST", "/v1/verify", p.token, photo(5)).notCounted(422, "no-face")
}

func TestTheVendorsPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.registry(t, domain.Live)
	who := grownUp()
	w.watch.add(who.number)
	visit := "visit-of-" + who.number
	p := h.registering(t, "hosted", who.reference())
	p.do(t, "POST", "/v1/hosted/result", p.token, nil).refused(409, "hosted-not-begun")
	p.do(t, "POST", "/v1/verify", p.token, picture("a1")).refused(409, "other-route")
	for range 2 {
		r := p.do(t, "POST", "/v1/hosted", p.token, object{}).ok(200)
		if r["url"] != "https://vendor.example.com/visit?token=x" || len(r) != 1 {
			t.Errorf("%v", r)
		}
	}
	if sent := w.vendor.last(who.number); w.vendor.callsFor(who.number) != 1 || sent.RuleId != "rule-of-nod" || sent.Name != who.name || sent.RedirectUrl != w.base+"/s/"+h.id {
		t.Errorf("%d calls, %v", w.vendor.callsFor(who.number), sent)
	}
	if v := p.look(); v["away"] != true || v["state"] != "consented" {
		t.Errorf("%v, away %v", v["state"], v["away"])
	}
	w.vendor.tell(visit, says(`{"Text":{"ErrCode":null,"LiveStatus":null},"RequestId":"r"}`))
	p.do(t, "POST", "/v1/hosted/result", p.token, nil).notCounted(409, "hosted-not-finished")
	for range 12 { // a page that is loaded again asks again, and the vendor not so often
		p.do(t, "POST", "/v1/hosted/result", p.token, nil).notCounted(409, "check-in-progress")
	}
	w.vendor.tell(visit, errorCode("RequestLimitExceeded"))
	w.offset.Add(int64(domain.LookAgain))
	p.do(t, "POST", "/v1/hosted/result", p.token, nil).notCounted(429, "face-api-busy") // and nothing is lost
	w.offset.Add(int64(domain.LookAgain))
	w.vendor.tell(visit, visited(0))
	for range 2 {
		p.do(t, "POST", "/v1/hosted/result", p.token, nil).verdict("pass")
	}
	sent := w.vendor.last(visit)
	if w.vendor.callsFor(visit) != 3 || sent.InfoType != "1" || sent.BestFramesCount != nil || sent.IsReturnAllVideo != nil {
		t.Errorf("%d calls, %+v", w.vendor.callsFor(visit), sent)
	}
	p.provesItsRoute("hosted", "pass")
	if v := p.look(); v["away"] != false || v["state"] != "passed" {
		t.Errorf("%v, away %v", v["state"], v["away"])
	}
	if c := w.claims(t, text(p.seen(), "assertion")); c["liveness"] != true || c["identity_from"] != "platform" {
		t.Errorf("%v", c)
	}
	for _, secret := range []string{who.number, who.name, visit, vendorsWords} {
		if strings.Contains(h.rows(), secret) {
			t.Errorf("the database holds %s", secret)
		}
	}
	photo := h.agreed()
	photo.do(t, "POST", "/v1/hosted", photo.token, nil).refused(409, "other-route")
	photo.do(t, "POST", "/v1/hosted/result", photo.token, nil).refused(409, "other-route")
}

func TestWhatComesOfAVisit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.registry(t, domain.Live)
	for code, c := range map[int]struct {
		status int
		slug   string
	}{
		15: {422, "hosted-expired"}, 1001: {504, "face-api-slow"}, 1007: {503, "face-api-refused"}, 1202: {422, "face-unclear"},
		2002: {422, "identity-rejected"}, 2011: {422, "not-live"}, 2016: {0, "fail"}, 2017: {503, "face-api-down"}, 9999: {502, "face-api-unknown-code"},
	} {
		who := grownUp()
		p := h.registering(t, "hosted", who.reference())
		p.do(t, "POST", "/v1/hosted", p.token, nil).ok(200)
		w.vendor.tell("visit-of-"+who.number, visited(code))
		for range 2 {
			if r := p.do(t, "POST", "/v1/hosted/result", p.token, nil); c.status == 0 {
				r.verdict(c.slug)
			} else {
				r.notCounted(c.status, c.slug)
			}
		}
		if n := w.vendor.callsFor("visit-of-" + who.number); n != 1 {
			t.Errorf("%d: fetched %d times", code, n)
		}
		p.is("consented")
		w.vendor.tell("visit-of-"+who.number, visited(0))
		p.do(t, "POST", "/v1/hosted", p.token, nil).ok(200) // another visit
		p.do(t, "POST", "/v1/hosted/result", p.token, nil).verdict("pass")
	}
}

// The gate is passed again when the person comes back: what came of the visit is not
// fetched for somebody who has withdrawn, or whose enterprise has switched checks off.
func TestNothingIsFetchedThatIsNotWanted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.registry(t, domain.Live)
	who := grownUp()
	p := h.registering(t, "hosted", who.reference())
	p.do(t, "POST", "/v1/hosted", p.token, nil).ok(200)
	h.do(t, "PUT", "/v1/settings", h.admin, object{"face_service": false}).ok(200)
	p.do(t, "POST", "/v1/hosted/result", p.token, nil).refused(409, "face-service-off")
	h.do(t, "PUT", "/v1/settings", h.admin, object{"face_service": true}).ok(200)
	p.do(t, "POST", "/v1/me/withdraw", p.token, object{"purpose": "realname"}).ok(200)
	p.do(t, "POST", "/v1/hosted/result", p.token, nil).refused(409, "consent-withdrawn")
	if n := w.vendor.callsFor("visit-of-" + who.number); n != 0 {
		t.Errorf("fetched %d times", n)
	}
	h.dropped("consent-withdrawn")
}

func TestTheVendorsPageThatIsNotThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{nobodyWaits: true})
	h := w.registry(t, domain.Live)
	for _, c := range []struct {
		answer http.HandlerFunc
		status int
		slug   string
	}{
		{errorCode("InvalidParameterValue.RuleIdNotExist"), 503, "face-api-refused"}, {errorCode("RequestLimitExceeded"), 429, "face-api-busy"},
		{hangUp, 503, "face-api-down"}, {says(`{"BizToken":"b","Url":"javascript:alert(1)"}`), 502, "face-api-garbled"},
	} {
		who := grownUp()
		w.vendor.tell(who.number, c.answer)
		p := h.registering(t, "hosted", who.reference())
		p.do(t, "POST", "/v1/hosted", p.token, nil).notCounted(c.status, c.slug)
		if v := p.look(); v["away"] != false {
			t.Errorf("%s: away %v", c.slug, v["away"])
		}
		w.vendor.tell(who.number, nil)
		p.do(t, "POST", "/v1/hosted", p.token, nil).ok(200)
	}
	// People are told if their name goes there; where the notice does not say so, it does not.
	h.publishes(t, "realname", func(facts object) {
		facts["routes"], facts["recipients"] = []string{"hosted"}, items(object{"items": facts["recipients"]})[2:]
		facts["data_kinds"] = []string{"face_image", "liveness_video", "subject_id"}
	})
	h.do(t, "POST", "/v1/sessions", h.integrator, h.person().request(by("hosted", grownUp().reference())), bad).refused(409, "route-not-covered")
	p := h.registering(t, "hosted", nil)
	p.do(t, "POST", "/v1/hosted", p.token, nil).ok(200)
	if sent := w.vendor.last("DetectAuth"); sent.Name != "" || sent.RuleId == "" {
		t.Errorf("%v", sent)
	}
}

// publishes publishes the next version of a demo notice.
func (h *house) publishes(t *testing.T, name string, edit func(facts object)) {
	t.Helper()
	draft := body(t, "notices/"+name+".json")
	draft["delegation_id"] = h.delegation
	edit(draft["facts"].(object))
	h.do(t, "POST", "/v1/notices", h.admin, draft).ok(201)
}

func TestScriptedRealNameChecks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.registry(t, domain.Test)
	for ending, want := range map[string]string{"-pass": "pass", "-fail": "fail", "-noface": "authority-cannot-answer", "-down": "face-api-down"} {
		for _, route := range []string{"two_factor", "hosted"} {
			p := h.person()
			p.subject += ending
			p.open(by(route, grownUp().reference()))
			p.decide("granted").ok(201)
			r := p.do(t, "POST", "/v1/verify", p.token, object{"attempt_id": "a1"})
			if route == "hosted" {
				left := p.do(t, "POST", "/v1/hosted", p.token, nil)
				if ending == "-down" {
					left.notCounted(503, "face-api-down")
					continue
				}
				if back := left.ok(200); back["url"] != w.base+"/s/"+h.id {
					t.Errorf("a visit leads to %v", back["url"])
				}
				r = p.do(t, "POST", "/v1/hosted/result", p.token, nil)
				if ending == "-noface" {
					r.notCounted(422, "not-live")
					continue
				}
			}
			switch want {
			case "pass", "fail":
				r.verdict(want)
			case "face-api-down":
				r.notCounted(503, want)
			default:
				r.notCounted(422, want)
			}
		}
	}
	if n := w.vendorCalls(); n != 0 {
		t.Errorf("the vendor was asked %d times", n)
	}
}
