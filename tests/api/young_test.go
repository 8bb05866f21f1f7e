package api

import (
	"slices"
	"testing"
)

// aMother is what a guardian says of themselves.
func aMother() object { return object{"relation": "mother", "reached_by": "sms"} }

// forTheYoung is an enterprise that has a notice for guardians too.
func (w *world) forTheYoung(t *testing.T) *house {
	t.Helper()
	h := w.house(t)
	h.tellGuardians(func(_, _ object) {})
	return h
}

// tellGuardians publishes a version of the notice for guardians.
func (h *house) tellGuardians(edit func(draft, facts object)) object {
	h.t.Helper()
	return h.publish(func(draft, facts object) {
		draft["audience"] = "guardian"
		edit(draft, facts)
	})
}

// of makes a request one for somebody of an age group.
func of(group string) func(object) { return func(r object) { r["age_group"] = group } }

// guardian is the same session on the guardian's device.
func (p *person) guardian() *person {
	p.t.Helper()
	g := *p
	fresh := p.do(p.t, "POST", "/v1/sessions/"+p.session+"/code", p.integrator, object{"for": "guardian"}).ok(200)
	if fresh["id"] != p.session || fresh["page_url"] != p.base+"/s/"+p.house.id+"#t="+text(fresh, "code") || fresh["expires_at"] == nil {
		p.t.Errorf("the guardian's code comes with %v", fresh)
	}
	g.code = text(fresh, "code")
	g.token = text(g.exchange(g.code).ok(200), "token")
	return &g
}

// consents posts a guardian's decision.
func (p *person) consents(what string, options ...option) reply {
	p.t.Helper()
	d := p.decision(what)
	d["by"], d["guardian"] = "guardian", aMother()
	return p.do(p.t, "POST", "/v1/consent", p.token, d, options...)
}

// awaits checks whose grant a session waits for, as its page and its LMS see it.
func (p *person) awaits(want ...any) {
	p.t.Helper()
	if want == nil {
		want = []any{}
	}
	for who, v := range map[string]object{"page": p.look(), "LMS": p.seen()} {
		if got := v["awaiting"].([]any); !slices.Equal(got, want) {
			p.t.Errorf("for its %s the session awaits %v, want %v", who, got, want)
		}
	}
}

func (p *person) takesBack() reply {
	p.t.Helper()
	return p.do(p.t, "POST", "/v1/me/withdraw", p.token, nil)
}

// names checks that the assertion names the consent that the check's Record does, and
// nothing about a guardian.
func (p *person) names(assertion string) {
	p.t.Helper()
	claims := p.claims(p.t, assertion)
	if claims["consent"] != p.recordsOf("check.passed")[0]["consent"] {
		p.t.Errorf("the assertion names the consent %v", claims["consent"])
	}
	for _, field := range []string{"guardian_consent", "guardian", "relation", "reached_by", "age_group"} {
		if claims[field] != nil {
			p.t.Errorf("the assertion has %s", field)
		}
	}
}
