package api

import (
	"testing"
	"time"
)

// aPage makes a request one for the person's own page.
func aPage(r object) {
	for name := range r {
		if name != "subject" && name != "age_group" {
			delete(r, name)
		}
	}
	r["kind"] = "me"
}

// atHome opens the person's own page.
func (p *person) atHome(edits ...func(object)) *person {
	p.t.Helper()
	q := *p
	return q.open(append([]func(object){aPage}, edits...)...)
}

func TestD12_D21_OnesOwnPageIsOpenWhateverIsSwitchedOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	for name, tt := range map[string]struct {
		arrange func(h *house)
		edit    func(object)
	}{
		"as things are":                    {func(*house) {}, func(object) {}},
		"for a purpose":                    {func(*house) {}, func(r object) { r["purpose"] = "exam" }},
		"for a purpose without a notice":   {func(*house) {}, func(r object) { r["purpose"] = "training" }},
		"for a child":                      {func(*house) {}, of("child")},
		"for a minor":                      {func(*house) {}, of("minor")},
		"with the face service off":        {func(h *house) { h.do(h.t, "PUT", "/v1/settings", h.admin, object{"face_service": false}).ok(200) }, func(object) {}},
		"with the purpose off":             {func(h *house) { h.set(func(s object) { s["enabled"] = false }) }, func(object) {}},
		"with the delegation revoked":      {func(h *house) { h.do(h.t, "POST", "/v1/delegations/"+h.delegation+"/revoke", h.admin, nil).ok(200) }, func(object) {}},
		"of an enterprise that was closed": {func(h *house) { h.do(h.t, "POST", "/v1/enterprises/"+h.id+"/close", h.operator, nil).ok(200) }, func(object) {}},
	} {
		t.Run(name, func(t *testing.T) {
			h := w.house(t)
			p := h.agreed()
			tt.arrange(h)
			me := p.atHome(tt.edit)
			if v := me.is("open"); v["kind"] != "me" || v["consent"] != nil || v["result"] != nil || len(v["awaiting"].([]any)) > 0 {
				t.Errorf("its LMS sees %v", v)
			}
			if v := me.look(); v["state"] != "open" || v["kind"] != "me" {
				t.Errorf("its page sees %v", v)
			}
		})
	}
}

func TestOnesOwnPageChecksNothingAndDecidesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.forTheYoung(t)
	for _, group := range []string{"adult", "minor", "child"} {
		t.Run(group, func(t *testing.T) {
			p := h.person().open(of(group))
			me := p.atHome(of(group), func(r object) { r["purpose"] = "exam" })
			me.verify("a1").notCounted(409, "not-a-check")
			h.do(t, "POST", "/v1/hosted", me.token, nil).notCounted(409, "other-route")
			d := p.decision("granted")
			h.do(t, "POST", "/v1/consent", me.token, d).refused(409, "nothing-to-decide")
			h.do(t, "POST", "/v1/sessions/"+me.session+"/alternative", h.integrator, object{"method": "desk", "result": "pass"}).
				refused(409, "not-a-check")
			if got := len(h.recordsOf("notice.shown")); got == 0 {
				t.Error("the person's other session showed no notice")
			}
			shown := len(h.recordsOf("notice.shown"))
			if me.look(); len(h.recordsOf("notice.shown")) != shown {
				t.Error("one's own page is taken for a notice that was shown")
			}
			me.is("open")
			me.asked(0)
		})
	}
}

// A page of one's own stays open until its time is over, whatever is decided elsewhere.
func TestOnesOwnPageStaysOpenUntilItExpires(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.forTheYoung(t)
	for _, group := range []string{"adult", "minor", "child"} {
		t.Run(group, func(t *testing.T) {
			p := h.person().open(of(group))
			me := p.atHome(of(group), func(r object) { r["purpose"] = "exam" })
			switch group {
			case "adult":
				p.decide("granted").ok(201)
			case "minor":
				p.decide("granted").ok(201)
				p.guardian().consents("granted").ok(201)
			case "child":
				p.guardian().consents("granted").ok(201)
			}
			p.is("consented")
			me.is("open")
			me.takesBack().ok(200)
			me.is("open")
			p.is("withdrawn")
			me.takesBack().refused(409, "no-consent-to-withdraw")
		})
	}
	me := h.person().atHome()
	w.pass(14 * time.Minute)
	me.is("open")
	w.pass(time.Minute)
	me.is("expired")
	h.do(t, "GET", "/v1/session", me.token, nil).refused(401, "token-expired")
}

// Withdrawing works from one's own page for every purpose, in one call (duty D12).
func TestD12_AnyPurposeIsWithdrawnFromOnesOwnPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	p := h.agreed()
	h.do(t, "POST", "/v1/enterprises/"+h.id+"/close", h.operator, nil).ok(200)
	me := p.atHome()
	withdraw := func(purpose string) reply {
		return h.do(t, "POST", "/v1/me/withdraw", me.token, object{"purpose": purpose})
	}
	withdraw("training").refused(409, "no-consent-to-withdraw")
	h.do(t, "POST", "/v1/me/withdraw", me.token, nil).refused(409, "no-consent-to-withdraw") // it names none
	v := withdraw("exam").ok(200)
	if v["state"] != "withdrawn" || text(v, "receipt", "event") != "consent.withdrawn" {
		t.Errorf("the withdrawal says %v", v)
	}
	p.is("withdrawn")
	if got := h.recordsOf("consent.withdrawn"); len(got) != 1 || got[0]["session"] != me.session || got[0]["via"] != "session" {
		t.Errorf("the log has %v", got)
	}
}
