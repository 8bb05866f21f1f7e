package api

import (
	"slices"
	"testing"
	"time"
)

func TestWithdrawingWhatIsNotThere(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	for name, tt := range map[string]struct {
		arrange func(p *person)
		body    any
	}{
		"before any decision": {func(*person) {}, nil},
		"after a refusal":     {func(p *person) { p.decide("refused").ok(201) }, nil},
		"after a grant was changed into a refusal": {func(p *person) {
			p.decide("granted").ok(201)
			p.decide("refused").ok(201)
		}, nil},
		"a second time": {func(p *person) {
			p.decide("granted").ok(201)
			p.do(p.t, "POST", "/v1/me/withdraw", p.token, nil).ok(200)
		}, object{"purpose": "exam"}},
		"after the receipt was used": {func(p *person) {
			p.do(p.t, "POST", "/v1/withdraw", "", object{"code": code(p.decide("granted").ok(201)["receipt"].(object))}).ok(200)
		}, nil},
		"of another purpose": {func(p *person) { p.decide("granted").ok(201) }, object{"purpose": "training"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := h.visitor()
			tt.arrange(p)
			before := p.seen()["state"]
			h.writesNothing(func() {
				p.do(t, "POST", "/v1/me/withdraw", p.token, tt.body).refused(409, "no-consent-to-withdraw")
			})
			if after := p.seen()["state"]; after != before {
				t.Errorf("the session was %v and is %v", before, after)
			}
		})
	}
}

func TestAReceiptWithdrawsOnce(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.visitor()
	c := object{"code": code(p.decide("granted").ok(201)["receipt"].(object))}
	p.do(t, "POST", "/v1/withdraw", "", c).ok(200)
	h.writesNothing(func() {
		for range 2 {
			p.do(t, "POST", "/v1/withdraw", "", c).refused(409, "no-consent-to-withdraw")
		}
	})
	// It is of that consent alone: a new one has a receipt of its own.
	again := p.another()
	again.decide("granted").ok(201)
	again.is("consented")
}

// A receipt's code is of its own consent: it takes back no later one, whatever ended its own,
// and no other purpose's or person's.
func TestAReceiptIsOfItsOwnConsentAlone(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	for name, between := range map[string]func(p *person){
		"agreed again after a refusal": func(p *person) {
			p.decide("refused").ok(201)
			p.decide("granted").ok(201)
		},
		"agreed again after a withdrawal elsewhere": func(p *person) {
			p.do(t, "POST", "/v1/me/withdraw", p.token, nil).ok(200)
			p.another().decide("granted").ok(201)
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := h.visitor()
			before := object{"code": code(p.decide("granted").ok(201)["receipt"].(object))}
			between(p)
			withdrawn := len(h.recordsOf("consent.withdrawn"))
			h.do(t, "POST", "/v1/withdraw", "", before).refused(409, "no-consent-to-withdraw")
			if n := len(h.recordsOf("consent.withdrawn")); n != withdrawn {
				t.Errorf("%d withdrawals are on record, want %d", n, withdrawn)
			}
			p.another().is("consented")
		})
	}
}

func TestAFaultyPurposeToWithdraw(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.agreed()
	h.writesNothing(func() {
		problem := p.do(t, "POST", "/v1/me/withdraw", p.token, object{"purpose": "exams"}, bad).refused(422, "invalid-value")
		if got := faults(problem); !slices.Equal(got, []string{"purpose=not_allowed"}) {
			t.Errorf("the faults are %v", got)
		}
	})
	p.is("consented")
}

// Withdrawing needs nothing to be switched on, nobody to be in business and no
// session to live.
func TestAWithdrawalIsAlwaysTaken(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		arrange func(p *person)
		token   bool // whether the page's token can do it too
		own     bool // it concerns one person's session alone
	}{
		"from a closed enterprise": {func(p *person) { p.do(p.t, "POST", "/v1/enterprises/"+p.house.id+"/close", p.operator, nil).ok(200) }, true, false},
		"with the face service off": {func(p *person) {
			p.do(p.t, "PUT", "/v1/settings", p.admin, object{"face_service": false}).ok(200)
		}, true, false},
		"with the purpose off":       {func(p *person) { p.set(func(s object) { s["enabled"] = false }) }, true, false},
		"after the check was passed": {func(p *person) { p.verify("a1").verdict("pass") }, true, true},
		"after a cancellation":       {func(p *person) { p.end("cancel", nil).ok(200) }, true, true},
		"after a change that is not material": {func(p *person) {
			p.publish(func(_, facts object) { facts["consent_days"] = 300 })
		}, true, false},
		"when the session is over": {func(p *person) { p.pass(15 * time.Minute) }, false, false},
		"after a year, less a day": {func(p *person) { p.pass(364 * 24 * time.Hour) }, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newWorld(t, setup{}).house(t)
			byReceipt, byToken := h.visitor(), h.visitor()
			receipt := byReceipt.decide("granted").ok(201)["receipt"].(object)
			byToken.decide("granted").ok(201)
			tt.arrange(byReceipt)
			withdrawn := h.do(t, "POST", "/v1/withdraw", "", object{"code": code(receipt)}).ok(200)
			byReceipt.proves(withdrawn["receipt"].(object), "consent.withdrawn")
			if !tt.token {
				return
			}
			if tt.own {
				tt.arrange(byToken)
			}
			h.do(t, "POST", "/v1/me/withdraw", byToken.token, nil).ok(200)
		})
	}
}

// What has ended by itself is not there to be withdrawn; the log says why it ended.
func TestAConsentThatHasEndedIsNotWithdrawn(t *testing.T) {
	t.Parallel()
	for cause, arrange := range map[string]func(p *person){
		"notice_changed":   func(p *person) { p.moreMaterial() },
		"delegation_ended": func(p *person) { p.do(p.t, "POST", "/v1/delegations/"+p.delegation+"/revoke", p.admin, nil).ok(200) },
		"term_over":        func(p *person) { p.pass(365 * 24 * time.Hour) },
	} {
		t.Run(cause, func(t *testing.T) {
			t.Parallel()
			h := newWorld(t, setup{}).house(t)
			if cause == "term_over" {
				lasting(h)
			}
			p := h.visitor()
			grant := p.decide("granted").ok(201)["receipt"].(object)
			arrange(p)
			h.do(t, "POST", "/v1/withdraw", "", object{"code": code(grant)}).refused(409, "no-consent-to-withdraw")
			lapsed := h.recordsOf("consent.lapsed")
			if len(lapsed) != 1 || lapsed[0]["cause"] != cause || len(h.recordsOf("consent.withdrawn")) != 0 {
				t.Fatalf("the log has %v", lapsed)
			}
			if want := commitment(t, text(grant, "opening"), h.id, p.subject); lapsed[0]["subject_commitment"] != want {
				t.Errorf("the receipt does not open the lapse: %v", lapsed[0])
			}
		})
	}
}

// A withdrawal does not undo what was checked before it.
func TestAWithdrawalLeavesThePastAlone(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.agreed()
	p.verify("a1").verdict("pass")
	h.do(t, "POST", "/v1/me/withdraw", p.token, nil).ok(200)
	if v := p.is("passed"); v["result"] != "pass" || v["assertion"] == nil {
		t.Errorf("the LMS learns %v", v["result"])
	}
	p.another().is("refused")
}
