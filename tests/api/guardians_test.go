package api

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// The main job for a minor, call by call, whoever of the two is first.
func TestD23AMinorIsCheckedOnceBothHaveAgreed(t *testing.T) {
	t.Parallel()
	for _, first := range []string{"self", "guardian"} {
		t.Run(first, func(t *testing.T) {
			t.Parallel()
			h := newWorld(t, setup{}).forTheYoung(t)
			p := h.person().open(of("minor"))
			g := p.guardian()
			p.awaits("self", "guardian")
			shown := p.look()
			if text(shown, "notice", "audience") != "guardian" || shown["age_group"] != "minor" || shown["as"] != "self" || g.look()["as"] != "guardian" {
				t.Errorf("the page is shown %v", shown)
			}
			answer := map[string]func(string, ...option) reply{"self": p.decide, "guardian": g.consents}
			other := map[string]string{"self": "guardian", "guardian": "self"}[first]
			if one := answer[first]("granted").ok(201); one["state"] != "open" || text(one, "receipt", "by") != first {
				t.Errorf("the first answer is %v", one)
			}
			p.awaits(other)
			p.verify("early").notCounted(409, "consent-required")
			two := answer[other]("granted").ok(201)
			if two["state"] != "consented" || text(two, "receipt", "by") != other {
				t.Errorf("the second answer is %v", two)
			}
			p.awaits()
			own, guardians := p.look(), g.look()
			if at(own, "consent", "id") == at(own, "guardian_consent", "id") ||
				at(own, "guardian_consent", "id") != at(guardians, "consent", "id") || text(own, "consent", "state") != "granted" {
				t.Errorf("the minor is shown %v and %v, the guardian %v", own["consent"], own["guardian_consent"], guardians["consent"])
			}
			g.verify("g1").notCounted(403, "guardian-cannot-check")
			h.do(t, "POST", "/v1/session/handover", g.token, nil).refused(403, "guardian-cannot-check")
			p.asked(0)
			p.verify("a1").verdict("pass")
			for _, r := range h.recordsOf("check.") {
				if r["consent"] != at(own, "consent", "id") || r["guardian_consent"] != at(own, "guardian_consent", "id") {
					t.Errorf("%v rests on %v and %v", r["type"], r["consent"], r["guardian_consent"])
				}
			}
			seen := p.is("passed")
			if seen["consent"] != at(own, "consent", "id") || seen["guardian_consent"] != at(own, "guardian_consent", "id") || seen["age_group"] != "minor" {
				t.Errorf("the LMS sees %v", seen)
			}
			p.names(text(seen, "assertion"))
		})
	}
}

func TestD23AChildIsCheckedOnTheGuardiansGrantAlone(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).forTheYoung(t)
	p := h.person().open(of("child"))
	p.awaits("guardian")
	h.writesNothing(func() {
		for _, what := range []string{"granted", "refused"} {
			p.decide(what).refused(409, "wrong-audience")
			p.consents(what).refused(409, "wrong-audience")
		}
	})
	p.verify("early").notCounted(409, "consent-required")
	g := p.guardian()
	granted := g.consents("granted").ok(201)
	record := p.proves(granted["receipt"].(object), "consent.granted")
	if record["by"] != "guardian" || record["relation"] != "mother" || record["reached_by"] != "sms" || granted["state"] != "consented" {
		t.Errorf("the Record is %v", record)
	}
	if shown := p.look(); at(shown, "consent", "id") != granted["consent"] || shown["guardian_consent"] != nil {
		t.Errorf("the child is shown %v, %v", shown["consent"], shown["guardian_consent"])
	}
	g.verify("g1").notCounted(403, "guardian-cannot-check")
	p.verify("a1").verdict("pass")
	if passed := h.recordsOf("check.passed"); passed[0]["consent"] != granted["consent"] || passed[0]["guardian_consent"] != nil {
		t.Errorf("the check rests on %v", passed[0])
	}
	p.names(text(p.is("passed"), "assertion"))
	later := p.another(of("child"))
	later.is("consented")
}

// A child may stop it, though it cannot start it.
func TestD23AChildMayStopIt(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).forTheYoung(t)
	p := h.person().open(of("child"))
	g := p.guardian()
	granted := g.consents("granted").ok(201)
	withdrawn := p.takesBack().ok(200)
	record := p.proves(withdrawn["receipt"].(object), "consent.withdrawn")
	if record["by"] != "self" || record["consent"] != granted["consent"] || text(withdrawn, "receipt", "by") != "self" {
		t.Errorf("the Record is %v", record)
	}
	p.is("withdrawn")
	p.verify("a1").notCounted(409, "consent-withdrawn")
	p.asked(0)
	p.another(of("child")).is("refused")
	h.do(t, "POST", "/v1/withdraw", "", object{"code": code(granted["receipt"].(object))}).refused(409, "no-consent-to-withdraw")
}

func TestD23ANoOfEitherRefuses(t *testing.T) {
	t.Parallel()
	for _, by := range []string{"self", "guardian"} {
		t.Run(by, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{})
			h := w.forTheYoung(t)
			p := h.person().open(of("minor"))
			g := p.guardian()
			answer := map[string]func(string, ...option) reply{"self": p.decide, "guardian": g.consents}
			other := map[string]string{"self": "guardian", "guardian": "self"}[by]
			answer[other]("granted").ok(201)
			if no := answer[by]("refused").ok(201); no["state"] != "refused" || no["ask_again_at"] == nil {
				t.Errorf("the answer to the no is %v", no)
			}
			p.is("refused")
			p.awaits(by)
			p.verify("a1").notCounted(409, "consent-refused")
			// Whoever said no is not asked again; the other one did not say it.
			pages := map[string]*person{"self": p, "guardian": g}
			if pages[by].look()["ask_again_at"] == nil || pages[other].look()["ask_again_at"] != nil {
				t.Errorf("to be asked again: %v, the other one %v", pages[by].look()["ask_again_at"], pages[other].look()["ask_again_at"])
			}
			later := p.another(of("minor"))
			later.is("refused")
			later.awaits(by)
			w.pass(48*time.Hour + time.Second)
			later = p.another(of("minor"))
			later.is("open")
			later.awaits(by)
			if by == "self" {
				later.decide("granted").ok(201)
			} else {
				later.guardian().consents("granted").ok(201)
			}
			later.is("consented")
		})
	}
}

// Either takes back their own word, by their page or long after by their receipt.
func TestD12D23AWithdrawalByEitherEndsIt(t *testing.T) {
	t.Parallel()
	for _, group := range []string{"minor", "child"} {
		for _, by := range []string{"self", "guardian"} {
			for _, way := range []string{"session", "receipt", "receipt after the end"} {
				if group == "child" && by == "self" {
					continue // TestD23AChildMayStopIt
				}
				t.Run(fmt.Sprintf("%s, %s, by %s", group, by, way), func(t *testing.T) {
					t.Parallel()
					w := newWorld(t, setup{})
					h := w.forTheYoung(t)
					p := h.person().open(of(group))
					g := p.guardian()
					receipts := map[string]object{"guardian": g.consents("granted").ok(201)["receipt"].(object)}
					if group == "minor" {
						receipts["self"] = p.decide("granted").ok(201)["receipt"].(object)
					}
					p.is("consented")
					var withdrawn object
					switch way {
					case "session":
						withdrawn = map[string]*person{"self": p, "guardian": g}[by].takesBack().ok(200)
					case "receipt after the end":
						w.pass(90 * 24 * time.Hour)
						p.is("expired")
						fallthrough
					default:
						withdrawn = h.do(t, "POST", "/v1/withdraw", "", object{"code": code(receipts[by])}).ok(200)
					}
					record := p.proves(withdrawn["receipt"].(object), "consent.withdrawn")
					if record["by"] != by {
						t.Errorf("it was taken back by %v", record["by"])
					}
					if way != "receipt after the end" {
						p.is("withdrawn")
						p.verify("a1").notCounted(409, "consent-withdrawn")
					}
					p.asked(0)
					p.another(of(group)).is("refused")
					if group == "minor" { // the other one's word stands, and is theirs to take back
						other := map[string]string{"self": "guardian", "guardian": "self"}[by]
						h.do(t, "POST", "/v1/withdraw", "", object{"code": code(receipts[other])}).ok(200)
					}
				})
			}
		}
	}
}

// The first of two grants can be taken back while the other one is waited for.
func TestD12D23HalfAGrantIsTakenBack(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).forTheYoung(t)
	bySession, byReceipt := h.person().open(of("minor")), h.person().open(of("minor"))
	g := bySession.guardian()
	g.consents("granted").ok(201)
	bySession.takesBack().refused(409, "no-consent-to-withdraw") // not the minor's to take
	g.takesBack().ok(200)
	receipt := byReceipt.decide("granted").ok(201)["receipt"].(object)
	h.do(t, "POST", "/v1/withdraw", "", object{"code": code(receipt)}).ok(200)
	for _, p := range []*person{bySession, byReceipt} {
		p.is("withdrawn")
		p.decide("granted").refused(409, "consent-withdrawn")
	}
}

// Nobody speaks for the other one.
func TestD23EachTokenDecidesForItsOwn(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).forTheYoung(t)
	minor, adult := h.person().open(of("minor")), h.visitor()
	g := minor.guardian()
	for _, p := range []*person{minor, adult, g} {
		p.look()
	}
	h.writesNothing(func() {
		for _, what := range []string{"granted", "refused"} {
			minor.consents(what).refused(409, "wrong-audience")
			g.decide(what).refused(409, "wrong-audience")
			adult.consents(what).refused(409, "wrong-audience")
		}
		path := "/v1/sessions/" + adult.session + "/code"
		h.do(t, "POST", path, h.integrator, object{"for": "guardian"}).refused(409, "no-guardian-needed")
		h.do(t, "POST", path, h.integrator, object{"for": "teacher"}, bad).refused(422, "invalid-value")
	})
}

// What was said on the notice for one audience is not met on the other's.
func TestD23GrowingUpNeedsNewGrants(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).forTheYoung(t)
	child := h.person().open(of("child"))
	child.guardian().consents("granted").ok(201)
	minor := child.another(of("minor"))
	minor.awaits("self")
	minor.is("open")
	minor.decide("granted").ok(201)
	minor.is("consented")
	adult := child.another()
	adult.is("open")
	if shown := adult.look(); shown["consent"] != nil || text(shown, "notice", "audience") != "adult" {
		t.Errorf("the adult is shown %v", shown["consent"])
	}
	adult.verify("a1").notCounted(409, "consent-required")
	adult.decide("granted").ok(201)
	adult.verify("a2").verdict("pass")

	grown := h.agreed()
	for group, awaited := range map[string][]any{"minor": {"self", "guardian"}, "child": {"guardian"}} {
		young := grown.another(of(group))
		young.is("open")
		young.awaits(awaited...)
		young.verify("b1").notCounted(409, "consent-required")
	}
}

// Whichever grant ends by itself, the session waits for whose it was, and the log says so.
func TestD11D23ALapseOfEitherEndsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.forTheYoung(t)
	lasting(h)
	h.tellGuardians(func(_, _ object) {}) // on the delegation that lasts
	p := h.person().open(of("minor"))
	p.guardian().consents("granted").ok(201)
	w.pass(24 * time.Hour)
	p = p.another(of("minor"))
	p.decide("granted").ok(201)
	p.verify("a1").verdict("pass")
	w.pass(364*24*time.Hour + time.Minute)
	p = p.another(of("minor")) // the guardian's is over, the minor's has a day left
	p.is("open")
	p.awaits("guardian")
	p.verify("a2").notCounted(409, "consent-ended")
	p.guardian().consents("granted").ok(201)
	p.verify("a3").verdict("pass")

	p = p.another(of("minor"))
	p.is("consented")
	h.moreMaterial() // for adults
	p.is("consented")
	h.tellGuardians(func(_, facts object) { facts["contact"] = object{"zh-CN": "新的负责人", "en": "a new officer"} })
	p.verify("a4").notCounted(409, "consent-stale")
	p.awaits("self", "guardian")
	var lapsed []string
	for _, r := range h.recordsOf("consent.lapsed") {
		lapsed = append(lapsed, fmt.Sprint(r["cause"], " ", r["by"]))
	}
	if want := []string{"term_over guardian", "notice_changed self", "notice_changed guardian"}; !slices.Equal(lapsed, want) {
		t.Errorf("the log has %v, want %v", lapsed, want)
	}
}

// The two codes and tokens are each other's strangers.
func TestD23CodesOfTheTwo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.forTheYoung(t)
	p := h.person().open(of("minor"))
	g := p.guardian()
	p.look()
	p.exchange(g.code).refused(409, "code-used")
	again := p.guardian()
	h.writesNothing(func() {
		h.do(t, "GET", "/v1/session", g.token, nil).refused(401, "unauthenticated")
		p.exchange(g.code).refused(401, "unauthenticated")
	})
	p.look()
	before := p.token
	fresh := h.do(t, "POST", "/v1/sessions/"+p.session+"/code", h.integrator, object{"for": "self"}).ok(200)
	h.do(t, "GET", "/v1/session", before, nil).refused(401, "unauthenticated")
	again.look()
	again.consents("granted").ok(201)
	p.token = text(p.exchange(text(fresh, "code")).ok(200), "token")
	p.look()
	h.do(t, "POST", "/v1/session/extend", again.token, nil).ok(200)

	unused := h.do(t, "POST", "/v1/sessions/"+p.session+"/code", h.integrator, object{"for": "guardian"}).ok(200)
	w.pass(time.Hour)
	p.exchange(text(unused, "code")).refused(410, "code-expired")
	h.do(t, "POST", "/v1/sessions/"+p.session+"/code", h.integrator, object{"for": "guardian"}).refused(410, "session-expired")
}

// A call that is repeated because its answer was lost is done once.
func TestD23GuardiansCallsAreIdempotent(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).forTheYoung(t)
	p := h.person().open(of("minor"))
	path, key := "/v1/sessions/"+p.session+"/code", with("Idempotency-Key", "for the guardian")
	one := h.do(t, "POST", path, h.integrator, object{"for": "guardian"}, key).ok(200)
	g := *p
	g.token = text(g.exchange(text(one, "code")).ok(200), "token")
	if two := h.do(t, "POST", path, h.integrator, object{"for": "guardian"}, key).ok(200); two["code"] != one["code"] {
		t.Error("the repeated call made another code")
	}
	h.do(t, "POST", path, h.integrator, nil, key).refused(422, "idempotency-key-reused")
	made := g.consents("granted", with("Idempotency-Key", "k")).ok(201)
	if again := g.consents("granted", with("Idempotency-Key", "k")).ok(201); again["consent"] != made["consent"] || text(again, "receipt", "by") != "guardian" {
		t.Errorf("the repeated decision is %v", again)
	}
	g.consents("granted").refused(409, "already-decided")
	p.decide("granted", with("Idempotency-Key", "k")).ok(201) // the minor's key is another one
	if n := len(h.recordsOf("consent.granted")); n != 2 {
		t.Errorf("%d grants", n)
	}
}

// Asked ahead of the day, both grants are there when it comes.
func TestD23AskedAhead(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).forTheYoung(t)
	for _, group := range []string{"minor", "child"} {
		p := h.person().open(asking, of(group))
		p.guardian().consents("granted").ok(201)
		if group == "minor" {
			p.decide("granted").ok(201)
		}
		p.is("consented")
		day := p.another(of(group))
		day.is("consented")
		day.verify("a1").verdict("pass")
	}
}

// Without a notice for guardians nobody under age can be asked.
func TestD23WithoutANoticeForGuardiansThereIsNoSession(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	for _, group := range []string{"minor", "child"} {
		p := h.person()
		h.writesNothing(func() { h.do(t, "POST", "/v1/sessions", h.integrator, p.request(of(group))).refused(409, "no-notice") })
	}
}

// The guardian learns whether the check was passed, and not how to do better (duty D27).
func TestD23D27AGuardianIsNotTaughtToPose(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).forTheYoung(t)
	p := h.person().open(of("child"))
	g := p.guardian()
	g.consents("granted").ok(201)
	p.vendor.tell(p.photo, errorCode("InvalidParameterValue.NoFaceInPhoto"))
	p.verify("a1").notCounted(422, "no-face")
	if reason := p.look()["not_performed_reason"]; reason != "no-face" {
		t.Errorf("the child is told %v", reason)
	}
	if v := g.look(); v["not_performed_reason"] != nil || v["last_result"] != "not_performed" {
		t.Errorf("the guardian is told %v, %v", v["last_result"], v["not_performed_reason"])
	}
}
