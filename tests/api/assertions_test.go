package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// claims verifies an assertion as an LMS does, with nothing but the published keys,
// and returns what it says.
func (w *world) claims(t *testing.T, assertion string) (claims object) {
	t.Helper()
	return w.signed(t, assertion, "nod-assertion+jwt", "/.well-known/jwks.json")
}

// promised does so with a promise of the log.
func (w *world) promised(t *testing.T, promise string) (claims object) {
	t.Helper()
	return w.signed(t, promise, "nod-promise+jwt", "/.well-known/promise-jwks.json")
}

func (w *world) signed(t *testing.T, assertion, kind, at string) (claims object) {
	t.Helper()
	var keys jose.JSONWebKeySet
	published := w.do(t, "GET", at, "", nil)
	if published.ok(200); strings.Contains(string(published.body), `"d"`) {
		t.Error("the key set holds a private key")
	}
	if err := json.Unmarshal(published.body, &keys); err != nil {
		t.Fatal(err)
	}
	jws, err := jose.ParseSignedCompact(assertion, []jose.SignatureAlgorithm{jose.EdDSA})
	if err != nil {
		t.Fatal(err)
	}
	head := jws.Signatures[0].Protected
	if head.ExtraHeaders["typ"] != kind || head.Algorithm != "EdDSA" || head.JSONWebKey != nil {
		t.Errorf("the header is %+v", head)
	}
	key := keys.Key(head.KeyID)
	if len(key) != 1 || key[0].Use != "sig" || key[0].Algorithm != "EdDSA" {
		t.Fatalf("the key %q is published as %v", head.KeyID, key)
	}
	payload, err := jws.Verify(key[0])
	if err == nil {
		err = json.Unmarshal(payload, &claims)
	}
	if err != nil {
		t.Fatal(err)
	}
	return claims
}

// inSession is a person whose LMS said all that it can say.
func (h *house) inSession() *person {
	h.t.Helper()
	return h.person().open(func(r object) {
		r["nonce"], r["client_ref"] = "c3ab41d2", "attempt-88121"
	})
}

// said are the claims that a session must end with, but for those that are new each
// time.
func (p *person) said(v object, result string, more object) object {
	want := object{
		"iss": p.base, "aud": p.house.id, "sub": p.subject, "session": p.session, "state": v["state"],
		"resource": "exam/2026-q4-safety", "purpose": "exam", "route": "photo", "liveness": false, "mode": "live",
		"result": result, "nonce": "c3ab41d2",
	}
	maps.Copy(want, more)
	for _, field := range []string{"notice", "delegation", "consent", "alternative"} {
		if v[field] != nil {
			want[field] = v[field]
		}
	}
	return want
}

// says holds what an assertion says against what it must, to the last claim.
func (p *person) says(assertion string, want object) {
	p.t.Helper()
	got := p.claims(p.t, assertion)
	issued, expires := got["iat"].(float64), got["exp"].(float64)
	if now := float64(p.now().Unix()); expires-issued != 600 || issued > now+1 || issued < now-60 {
		p.t.Errorf("issued at %v for %v seconds; it is %v", issued, expires-issued, now)
	}
	if text(got, "jti") == "" {
		p.t.Error("the assertion has no id")
	}
	for _, fresh := range []string{"iat", "exp", "jti"} {
		delete(got, fresh)
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if fmt.Sprint(got[name]) != fmt.Sprint(want[name]) {
			p.t.Errorf("%s is %v, want %v", name, got[name], want[name])
		}
	}
	for name := range want {
		if _, found := got[name]; !found {
			p.t.Errorf("%s is missing", name)
		}
	}
}

func TestTheAssertionOfACheck(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	h.set(func(s object) { s["photo_input"] = true })
	for name, tt := range map[string]struct {
		score           float64
		attempts        []string
		capture         string
		result, outcome string
	}{
		"passed":                  {100, []string{"a1"}, "stream", "pass", "check.passed"},
		"passed, by a chosen one": {100, []string{"a1"}, "photo", "pass", "check.passed"},
		"failed":                  {0, []string{"a1", "a2", "a3"}, "stream", "fail", "check.failed"},
	} {
		t.Run(name, func(t *testing.T) {
			p := h.inSession()
			granted := p.decide("granted").ok(201)
			p.vendor.tell(p.photo, score(tt.score))
			for _, attempt := range tt.attempts {
				if v := p.is("consented"); v["assertion"] != nil || v["result"] != nil {
					t.Fatal("there is an assertion before the end")
				}
				picture := picture(attempt)
				picture["capture"] = tt.capture
				p.do(t, "POST", "/v1/verify", p.token, picture).verdict(tt.result)
			}
			v := p.seen()
			outcome := lastOf(h.recordsOf(tt.outcome))
			p.says(text(v, "assertion"), p.said(v, tt.result, object{"capture": tt.capture, "checked_at": outcome["at"]}))
			if v["consent"] != granted["consent"] || text(v, "notice", "id") != h.notice || text(v, "notice", "locale") != "zh-CN" ||
				text(v, "delegation", "id") != h.delegation || text(v, "delegation", "sha256") == "" {
				t.Errorf("the session rests on %v, %v, %v", v["consent"], v["notice"], v["delegation"])
			}
		})
	}
}

// A check that was not performed says so, and names what the person decided on.
func TestTheAssertionWithoutACheck(t *testing.T) {
	t.Parallel()
	everyState(t, newWorld(t, setup{}), func(t *testing.T, w *world, state string, e ending) {
		if e.result != "not_performed" {
			return
		}
		p := w.house(t).inSession()
		e.arrange(p)
		v := p.is(state)
		p.says(text(v, "assertion"), p.said(v, "not_performed", nil))
		if decided := state == "withdrawn" || state == "expired"; decided != (v["consent"] != nil) {
			t.Errorf("the session rests on %v", v["consent"])
		}
	})
}

// Three fails stay a fail, whatever the alternative came to.
func TestTheAssertionOfTheAlternativeAfterThreeFails(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.inSession()
	endings["failed"].arrange(p)
	failed := p.is("failed")
	v := p.end("alternative", atTheDesk()).ok(200)
	outcome := lastOf(h.recordsOf("check.failed"))
	p.says(text(v, "assertion"), p.said(v, "fail", object{"capture": "stream", "checked_at": outcome["at"]}))
	if v["consent"] != failed["consent"] {
		t.Errorf("the session rests on %v", v["consent"])
	}
	if got := fmt.Sprint(v["alternative"]); got != fmt.Sprint(atTheDesk()) { // what the LMS can grant access on
		t.Errorf("the alternative is shown as %v", got)
	}
}

func TestNoAssertionBeforeTheEnd(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	for _, state := range []string{"open", "consented", "refused"} {
		p := h.inSession()
		endings[state].arrange(p)
		if v := p.is(state); v["assertion"] != nil || v["result"] != nil {
			t.Errorf("%s: the LMS learns %v, %v", state, v["result"], v["assertion"])
		}
	}
	asked := h.person().open(asking)
	asked.decide("granted").ok(201)
	asked.end("cancel", nil).ok(200)
	if v := asked.is("cancelled"); v["assertion"] != nil || v["result"] != nil {
		t.Errorf("a session that asks for consent comes out as %v", v["result"])
	}
}

// An assertion is signed when it is fetched: one that was lost can be fetched again,
// and says the same.
func TestAnAssertionCanBeFetchedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	p := w.house(t).inSession()
	p.decide("granted").ok(201)
	p.verify("a1").verdict("pass")
	first := w.claims(t, text(p.seen(), "assertion"))
	w.pass(400 * 24 * time.Hour)
	v := p.is("passed")
	p.says(text(v, "assertion"), p.said(v, "pass", object{"capture": "stream", "checked_at": first["checked_at"]}))
	if again := w.claims(t, text(v, "assertion")); again["jti"] == first["jti"] || again["iat"] == first["iat"] {
		t.Errorf("it is the old one: %v", again["jti"])
	}
}

// Where the notice says so, the assertion says that liveness was checked.
func TestTheAssertionOfALiveCheck(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	h.publish(func(_, facts object) { facts["liveness"] = true })
	p := h.agreed()
	h.vendor.tell(liveness, score(100))
	p.verify("a1").verdict("pass")
	if c := h.claims(t, text(p.seen(), "assertion")); c["liveness"] != true || at(c, "notice", "version") != 2.0 || c["nonce"] != nil {
		t.Errorf("the assertion says %v", c)
	}
}
