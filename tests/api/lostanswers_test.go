package api

import (
	"bytes"
	"strings"
	"testing"

	"nod/shared/domain"
)

// lost are the calls of a person's page that it must be able to repeat when the answer
// did not come: what the answer holds (a token, a receipt) is given only once. Each makes
// a call, and says how the same without its Idempotency-Key is refused.
var lost = map[string]func(p *person) (call func(...option) reply, refusal string){
	"POST /v1/session/open": func(p *person) (func(...option) reply, string) {
		code := text(p.do(p.t, "POST", "/v1/sessions", p.integrator, p.request()).ok(201), "code")
		return func(o ...option) reply {
			return p.do(p.t, "POST", "/v1/session/open", "", object{"code": code}, o...)
		}, "code-used"
	},
	"POST /v1/consent": func(p *person) (func(...option) reply, string) {
		p.open()
		agree := p.decision("granted")
		return func(o ...option) reply { return p.do(p.t, "POST", "/v1/consent", p.token, agree, o...) }, "already-decided"
	},
	"POST /v1/me/withdraw": func(p *person) (func(...option) reply, string) {
		p.open().decide("granted").ok(201)
		return func(o ...option) reply {
			return p.do(p.t, "POST", "/v1/me/withdraw", p.token, object{"purpose": "exam"}, o...)
		}, "no-consent-to-withdraw"
	},
	"POST /v1/me/requests": func(p *person) (func(...option) reply, string) {
		for p.open(); len(p.askedFor()) < domain.MaxOpenRequests-1; { // so that one more is the last
			p.ask(object{"kind": "explain"})
		}
		return func(o ...option) reply {
			return p.do(p.t, "POST", "/v1/me/requests", p.token, object{"kind": "copy", "text": "all of it"}, o...)
		}, "too-many-requests"
	},
	"POST /v1/withdraw": func(p *person) (func(...option) reply, string) {
		_, code, _ := strings.Cut(text(p.open().decide("granted").ok(201), "withdraw_url"), "#w=")
		return func(o ...option) reply {
			return p.do(p.t, "POST", "/v1/withdraw", "", object{"code": code}, o...)
		}, "no-consent-to-withdraw"
	},
}

func TestAPageCanRepeatACallWhoseAnswerWasLost(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	for name, prepared := range lost {
		t.Run(name, func(t *testing.T) {
			call, refusal := prepared(h.person())
			first := call(once("one"))
			if first.status != 200 && first.status != 201 {
				t.Fatalf("%d %s", first.status, first.body)
			}
			h.unchanged(func() {
				for range 2 {
					if again := call(once("one")); again.status != first.status || !bytes.Equal(again.body, first.body) {
						t.Errorf("the repeat is answered with %d %s, want %d %s", again.status, again.body, first.status, first.body)
					}
				}
				call().refused(409, refusal)
				call(once("another")).refused(409, refusal)
			})
		})
	}
}

// An answer that is kept is given to nobody who could not have got it: the key is no
// password.
func TestAKeptAnswerIsGivenToItsCallerAlone(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.visitor()
	agree := p.decision("granted")
	p.do(t, "POST", "/v1/consent", p.token, agree, once("one")).ok(201)
	parts := strings.Split(p.token, "_")
	forged := strings.Join(append(parts[:len(parts)-1:len(parts)-1], strings.Repeat("x", 43)), "_")
	p.do(t, "POST", "/v1/consent", forged, agree, once("one")).refused(401, "unauthenticated")
	other := h.visitor()
	if got := other.do(t, "POST", "/v1/consent", other.token, agree, once("one")); strings.Contains(string(got.body), "nod_withdraw") &&
		strings.Contains(string(got.body), p.session) {
		t.Errorf("another person gets the answer: %s", got.body)
	}
	p.do(t, "POST", "/v1/consent", p.token, p.decision("refused"), once("one")).refused(422, "idempotency-key-reused")
	q := h.person()
	code := text(q.do(t, "POST", "/v1/sessions", q.integrator, q.request()).ok(201), "code")
	q.do(t, "POST", "/v1/session/open", "", object{"code": code}, once("two")).ok(200)
	codes := strings.Split(code, "_")
	wrong := strings.Join(append(codes[:len(codes)-1:len(codes)-1], strings.Repeat("x", 43)), "_")
	for _, key := range []string{"two", "three"} { // that a key was used is told to nobody else
		q.do(t, "POST", "/v1/session/open", "", object{"code": wrong}, once(key)).refused(401, "unauthenticated")
	}
	// Nor is it there in clear.
	if rows := h.rows(); strings.Contains(rows, text(agree, "notice_sha256")) && strings.Contains(rows, p.token) {
		t.Error("a token is kept in clear")
	}
}
