package api

import (
	"bytes"
	"encoding/base64"
	"image/png"
	"strings"
	"testing"
	"time"
)

// handOver asks for the address for another device.
func (p *person) handOver() object {
	p.t.Helper()
	v := p.do(p.t, "POST", "/v1/session/handover", p.token, nil).ok(200)
	if !strings.HasPrefix(text(v, "page_url"), p.base+"/s/"+p.house.id+"#t=nod_code_") {
		p.t.Errorf("the session goes on at %v", v["page_url"])
	}
	return v
}

// codeIn is the code in an address.
func codeIn(v object) string {
	_, code, _ := strings.Cut(text(v, "page_url"), "#t=")
	return code
}

// A desktop without a camera hands over to a phone, and then only follows.
func TestASessionGoesOnOnThePhone(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.visitor()
	desktop, code := p.token, codeIn(p.handOver())
	p.decide("granted").ok(201) // until the phone is there, the desktop goes on

	opened := p.exchange(code).ok(200)
	if opened["locale"] != "zh-CN" {
		t.Errorf("the phone is told the language %v", opened["locale"])
	}
	p.token = text(opened, "token")
	p.exchange(code).refused(409, "code-used")
	if v := p.look(); v["state"] != "consented" || v["handed_over"] != nil {
		t.Errorf("the phone sees %v, handed over %v", v["state"], v["handed_over"])
	}
	h.writesNothing(func() {
		p.do(t, "POST", "/v1/consent", desktop, p.decision("refused")).refused(409, "handed-over")
		p.do(t, "POST", "/v1/verify", desktop, picture("a1")).refused(409, "handed-over")
		p.do(t, "POST", "/v1/me/withdraw", desktop, nil).refused(409, "handed-over")
		p.do(t, "POST", "/v1/session/handover", desktop, nil).refused(409, "handed-over")
		p.do(t, "POST", "/v1/session/extend", desktop, nil).refused(409, "handed-over")
	})
	p.verify("a1").verdict("pass")
	if v := p.do(t, "GET", "/v1/session", desktop, nil).ok(200); v["state"] != "passed" || v["handed_over"] != true {
		t.Errorf("the desktop follows to %v, handed over %v", v["state"], v["handed_over"])
	}
}

// The desktop shows no notice any more, so the log does not say that it did.
func TestWhoFollowsIsShownNoNotice(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.visitor()
	desktop := p.token
	p.token = text(p.exchange(codeIn(p.handOver())).ok(200), "token")
	h.writesNothing(func() { p.do(t, "GET", "/v1/session", desktop, nil).ok(200) })
	p.look()
	if shown := h.recordsOf("notice.shown"); len(shown) != 1 {
		t.Errorf("the log has %d notices shown, want 1", len(shown))
	}
}

func TestACodeForThePhoneEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	late, again, recoded := h.visitor(), h.visitor(), h.visitor()

	code := codeIn(late.handOver())
	w.pass(2*time.Minute + time.Second)
	late.exchange(code).refused(410, "code-expired")
	late.is("open")
	late.exchange(codeIn(late.handOver())).ok(200) // another one can be had

	first, second := codeIn(again.handOver()), codeIn(again.handOver())
	again.exchange(first).refused(401, "unauthenticated")
	again.exchange(second).ok(200)

	code = codeIn(recoded.handOver())
	fresh := text(recoded.newCode(), "code")
	recoded.exchange(code).refused(401, "unauthenticated")
	recoded.do(t, "GET", "/v1/session", recoded.token, nil).refused(401, "unauthenticated")
	recoded.exchange(fresh).ok(200)
}

// The LMS's new code ends both tokens.
func TestANewCodeEndsWhoFollowsToo(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.visitor()
	phone := text(p.exchange(codeIn(p.handOver())).ok(200), "token")
	p.newCode()
	for _, token := range []string{phone, p.token} {
		p.do(t, "GET", "/v1/session", token, nil).refused(401, "unauthenticated")
	}
}

func TestAnEndedSessionIsNotHandedOverOrExtended(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	cancelled, late := h.visitor(), h.visitor()
	h.do(t, "POST", "/v1/sessions/"+cancelled.session+"/cancel", h.integrator, nil).ok(200)
	for _, call := range []string{"/v1/session/handover", "/v1/session/extend"} {
		h.writesNothing(func() { h.do(t, "POST", call, cancelled.token, nil).refused(409, "session-ended") })
	}
	w.pass(15 * time.Minute)
	for _, call := range []string{"/v1/session/handover", "/v1/session/extend"} {
		h.do(t, "POST", call, late.token, nil).refused(401, "token-expired")
	}
}

// What the QR picture says is read back in the browser's tests; here it is a picture.
func TestTheAddressComesAsAPicture(t *testing.T) {
	t.Parallel()
	p := newWorld(t, setup{}).house(t).visitor()
	data, isPNG := strings.CutPrefix(text(p.handOver(), "qr"), "data:image/png;base64,")
	raw, err := base64.StdEncoding.DecodeString(data)
	if err != nil || !isPNG {
		t.Fatalf("%v: %.80s", err, data)
	}
	picture, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if b := picture.Bounds(); b.Dx() != b.Dy() || b.Dx() < 21+8 {
		t.Errorf("the picture is %v", b)
	}
}

func TestD09_APersonIsGivenMoreTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	p := w.house(t).visitor()
	began := instant(t, p.seen(), "created_at")
	w.pass(14 * time.Minute)
	if until := instant(t, p.look(), "longest_until"); !until.Equal(began.Add(time.Hour)) {
		t.Errorf("the page is told that it can be extended until %v; the session began %v", until, began)
	}
	v := p.do(t, "POST", "/v1/session/extend", p.token, nil).ok(200)
	if until := instant(t, v, "expires_at"); until.Before(began.Add(29*time.Minute)) || until.After(began.Add(30*time.Minute)) {
		t.Errorf("after 14 minutes it is extended to %v", until.Sub(began))
	}
	w.pass(10 * time.Minute)
	p.decide("granted").ok(201)
	p.verify("a1").verdict("pass")
}

// Whoever has to wait for the face API loses neither time nor uploads.
func TestWaitingForATurnExtendsTheSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	p := w.house(t).agreed()
	p.vendor.tell(p.photo, errorCode("RequestLimitExceeded"))
	for i := range 12 {
		w.pass(4 * time.Minute)
		p.verify("busy-"+string(rune('a'+i))).notCounted(429, "face-api-busy")
	}
	if v := p.look(); v["uploads_left"] != 10.0 || v["state"] != "consented" {
		t.Errorf("after waiting %v uploads are left, and the session is %v", v["uploads_left"], v["state"])
	}
	p.vendor.tell(p.photo, score(80))
	p.verify("at-last").verdict("pass")
}
