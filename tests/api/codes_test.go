package api

import (
	"sync"
	"testing"
	"time"
)

// newCode asks for a new code for the session.
func (p *person) newCode() object {
	p.t.Helper()
	v := p.do(p.t, "POST", "/v1/sessions/"+p.session+"/code", p.integrator, nil).ok(200)
	if v["id"] != p.session || v["page_url"] != p.base+"/s/"+p.house.id+"#t="+text(v, "code") {
		p.t.Errorf("the new code comes with %v", v)
	}
	return v
}

// exchange exchanges a code.
func (p *person) exchange(code string) reply {
	p.t.Helper()
	return p.do(p.t, "POST", "/v1/session/open", "", object{"code": code})
}

func TestANewCodeEndsTheTokenThatWasOut(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.agreed()
	before := p.token
	fresh := p.newCode()
	if fresh["state"] != "consented" || fresh["expires_at"] != p.opened["expires_at"] {
		t.Errorf("a new code changes the session: %v", fresh)
	}
	decision := object{"decision": "refused", "notice_id": h.notice, "notice_sha256": nobodysHash, "locale": "zh-CN", "by": "self"}
	h.writesNothing(func() {
		h.do(t, "GET", "/v1/session", before, nil).refused(401, "unauthenticated")
		h.do(t, "POST", "/v1/consent", before, decision).refused(401, "unauthenticated")
		h.do(t, "POST", "/v1/verify", before, picture("a1")).refused(401, "unauthenticated")
		h.do(t, "POST", "/v1/me/withdraw", before, nil).refused(401, "unauthenticated")
	})
	p.asked(0)
	p.token = text(p.exchange(text(fresh, "code")).ok(200), "token")
	p.exchange(text(fresh, "code")).refused(409, "code-used")
	p.verify("a1").verdict("pass")
}

// nobodysHash is a hash of nothing that was ever published.
const nobodysHash = "0000000000000000000000000000000000000000000000000000000000000000"

// Of several codes the last one works.
func TestANewCodeEndsTheOneBefore(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.person()
	p.opened = h.do(t, "POST", "/v1/sessions", h.integrator, p.request()).ok(201)
	p.session = text(p.opened, "id")
	first, second, third := text(p.opened, "code"), text(p.newCode(), "code"), text(p.newCode(), "code")
	h.writesNothing(func() {
		p.exchange(first).refused(401, "unauthenticated")
		p.exchange(second).refused(401, "unauthenticated")
	})
	p.token = text(p.exchange(third).ok(200), "token")
	p.look()
}

// Whoever comes second is told so, also when both come at once.
func TestACodeIsUsedOnce(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.person()
	p.opened = h.do(t, "POST", "/v1/sessions", h.integrator, p.request()).ok(201)
	code := text(p.opened, "code")
	answers := make([]reply, 8)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() {
			answers[i], _ = p.try(t.Context(), "POST", "/v1/session/open", "", object{"code": code}) // a failure has status 0
		})
	}
	all.Wait()
	for _, r := range answers {
		if r.t = t; r.status == 200 && p.token == "" {
			p.token = text(r.ok(200), "token")
			continue
		}
		r.refused(409, "code-used")
	}
	p.look()
}

func TestACodeEndsWithItsSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	late, cancelled := h.person(), h.person()
	for _, p := range []*person{late, cancelled} {
		p.opened = h.do(t, "POST", "/v1/sessions", h.integrator, p.request()).ok(201)
		p.session, p.code = text(p.opened, "id"), text(p.opened, "code")
	}
	h.do(t, "POST", "/v1/sessions/"+cancelled.session+"/cancel", h.integrator, nil).ok(200)
	h.writesNothing(func() { cancelled.exchange(cancelled.code).refused(410, "code-expired") })
	w.pass(15*time.Minute + time.Second)
	late.exchange(late.code).refused(410, "code-expired")
	late.is("expired")
	h.writesNothing(func() {
		late.exchange(late.code).refused(410, "code-expired")
		late.do(t, "POST", "/v1/sessions/"+late.session+"/code", h.integrator, nil).refused(410, "session-expired")
	})
}

// To the second the session's time is the token's.
func TestATokenEndsWithItsSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	p := w.house(t).person().open(func(r object) { r["ttl_s"] = 3600 })
	w.pass(59 * time.Minute)
	p.decide("granted").ok(201)
	w.pass(time.Minute)
	p.do(t, "GET", "/v1/session", p.token, nil).refused(401, "token-expired")
	p.do(t, "POST", "/v1/verify", p.token, picture("a1")).refused(401, "token-expired")
	p.is("expired")
	p.asked(0)
}
