package api

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// person is somebody whom an LMS sends to Nod.
type person struct {
	*house
	t       *testing.T
	subject string
	photo   string // address of the enterprise's photo, by which the vendor is told what to do
	session string
	code    string
	token   string
	opened  object
	who     somebody // their real name, on a route that asks about it
}

var people atomic.Int64

// person is somebody new, without a session.
func (h *house) person() *person {
	n := people.Add(1)
	return &person{house: h, t: h.t, subject: fmt.Sprintf("emp-%d-陈", 7000+n), photo: fmt.Sprintf("https://photos.example.com/%d.png", 7000+n)}
}

// request is the body that opens a session for a check.
func (p *person) request(edits ...func(object)) object {
	r := object{
		"kind": "check", "purpose": "exam", "route": "photo", "subject": p.subject, "age_group": "adult",
		"resource": "exam/2026-q4-safety", "reference": object{"photo_url": p.photo}, "locale": "zh-CN",
	}
	for _, edit := range edits {
		edit(r)
	}
	return r
}

// asking turns a request into one that only asks for consent.
func asking(r object) {
	r["kind"] = "consent"
	delete(r, "reference")
}

// open opens a session and exchanges its code.
func (p *person) open(edits ...func(object)) *person {
	p.t.Helper()
	p.opened = p.do(p.t, "POST", "/v1/sessions", p.integrator, p.request(edits...)).ok(201)
	p.session, p.code = text(p.opened, "id"), text(p.opened, "code")
	p.token = text(p.do(p.t, "POST", "/v1/session/open", "", object{"code": p.code}).ok(200), "token")
	return p
}

// visitor is somebody new with an open session.
func (h *house) visitor() *person { h.t.Helper(); return h.person().open() }

// agreed is somebody new who has agreed.
func (h *house) agreed() *person {
	h.t.Helper()
	p := h.visitor()
	p.decide("granted").ok(201)
	return p
}

// look is what the page reads.
func (p *person) look() object {
	p.t.Helper()
	return p.do(p.t, "GET", "/v1/session", p.token, nil).ok(200)
}

// decision is the body of a decision on the notice in force.
func (p *person) decision(what string) object {
	p.t.Helper()
	shown := p.look()
	return object{"decision": what, "notice_id": text(shown, "notice", "id"),
		"notice_sha256": text(shown, "notice", "sha256", "zh-CN"), "locale": "zh-CN", "by": "self"}
}

func (p *person) decide(what string, options ...option) reply {
	p.t.Helper()
	return p.do(p.t, "POST", "/v1/consent", p.token, p.decision(what), options...)
}

// verify sends a picture.
func (p *person) verify(attempt string, options ...option) reply {
	p.t.Helper()
	return p.do(p.t, "POST", "/v1/verify", p.token, picture(attempt), options...)
}

// verdict is the whole answer that a verification must have.
func (r reply) verdict(want string) {
	r.t.Helper()
	if got := strings.TrimSpace(string(r.body)); r.status != 200 || got != `{"result":"`+want+`"}` {
		r.t.Fatalf("%s: %d %s, want %s", r.what, r.status, got, want)
	}
}

// seen is the session as its LMS sees it.
func (p *person) seen() object {
	p.t.Helper()
	return p.do(p.t, "GET", "/v1/sessions/"+p.session, p.integrator, nil).ok(200)
}

// is checks the session's state, as its LMS sees it.
func (p *person) is(state string) object {
	p.t.Helper()
	v := p.seen()
	if v["state"] != state {
		p.t.Fatalf("the session is %v, want %s", v["state"], state)
	}
	return v
}

// left checks how many attempts and uploads are left.
func (p *person) left(attempts, uploads int) {
	p.t.Helper()
	v := p.look()
	if v["attempts_left"] != float64(attempts) || v["uploads_left"] != float64(uploads) {
		p.t.Errorf("%v attempts and %v uploads are left, want %d and %d", v["attempts_left"], v["uploads_left"], attempts, uploads)
	}
}

// calls is how often the face API was asked about the person.
func (p *person) calls() int { return p.vendor.callsFor(p.photo) }

// asked checks how often that was.
func (p *person) asked(want int) {
	p.t.Helper()
	if got := p.calls(); got != want {
		p.t.Errorf("the face API was called %d times, want %d", got, want)
	}
}

// picture is the body of a verification with a small, good picture.
func picture(attempt string) object {
	return object{"attempt_id": attempt, "image": smallPicture(), "capture": "stream"}
}

var smallPicture = sync.OnceValue(func() string { return jpegOf(80, 96) })

// jpegOf is a JPEG of a size, in base64. Its content means nothing: the face API of
// this suite does not look at it.
func jpegOf(width, height int) string {
	m := image.NewGray(image.Rect(0, 0, width, height))
	for i := range m.Pix {
		m.Pix[i] = color.Gray{Y: uint8(i * 7)}.Y
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 50}); err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}
