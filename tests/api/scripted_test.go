package api

import (
	"strings"
	"testing"

	"nod/shared/domain"
)

// trial is a test enterprise, and somebody there whose id has an ending.
func (w *world) trial(t *testing.T, ending string) *person {
	t.Helper()
	h := w.bare(t, domain.Test)
	h.layDown()
	p := h.person()
	p.subject = "emp-1029" + ending
	p.open()
	p.decide("granted").ok(201)
	return p
}

// vendorCalls is how often the face API was asked about anyone.
func (w *world) vendorCalls() (n int) {
	w.vendor.mu.Lock()
	defer w.vendor.mu.Unlock()
	for _, calls := range w.vendor.calls {
		n += calls
	}
	return n
}

// In a test enterprise the end of the subject's id chooses the outcome; everything
// says that it is a test, and no face goes anywhere.
func TestScriptedOutcomes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	for ending, tt := range map[string]struct {
		answer func(r reply)
		state  string
	}{
		"-pass":      {func(r reply) { r.verdict("pass") }, "passed"},
		"-slow":      {func(r reply) { r.verdict("pass") }, "passed"},
		"":           {func(r reply) { r.verdict("pass") }, "passed"},
		"-PASS":      {func(r reply) { r.verdict("pass") }, "passed"},
		"-fail-pass": {func(r reply) { r.verdict("pass") }, "passed"},
		"-fail":      {func(r reply) { r.verdict("fail") }, "consented"},
		"-noface":    {func(r reply) { r.notCounted(422, "no-face") }, "consented"},
		"-down":      {func(r reply) { r.notCounted(503, "face-api-down") }, "consented"},
	} {
		t.Run("emp-1029"+ending, func(t *testing.T) {
			p := w.trial(t, ending)
			tt.answer(p.verify("a1"))
			tt.answer(p.verify("a1"))
			if v := p.is(tt.state); v["mode"] != "test" {
				t.Errorf("the LMS is told the mode %v", v["mode"])
			}
			if shown := p.look(); shown["mode"] != "test" {
				t.Errorf("the page is told the mode %v", shown["mode"])
			}
			for _, r := range p.records() {
				if r["mode"] != "test" {
					t.Errorf("a Record of a test has the mode %v: %v", r["mode"], r)
				}
			}
			if started := p.recordsOf("check.started"); len(started) != 1 {
				t.Errorf("the log has %d starts, want 1", len(started))
			}
		})
	}
	if n := w.vendorCalls(); n != 0 {
		t.Errorf("the face API was called %d times for tests", n)
	}
}

func TestAScriptedFailIsOneLikeAnyOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	p := w.trial(t, "-fail")
	for i, attempt := range []string{"a1", "a2", "a3"} {
		p.verify(attempt).verdict("fail")
		p.left(2-i, 9-i)
	}
	p.verify("a4").notCounted(409, "attempts-used-up")
	if v := p.is("failed"); v["result"] != "fail" || w.claims(t, text(v, "assertion"))["mode"] != "test" {
		t.Errorf("it came out as %v", v)
	}
}

// Everything else is as in a live enterprise: without consent nothing is answered.
func TestATestEnterpriseAsksForConsentToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	p := w.trial(t, "-pass")
	p.decide("refused").ok(201)
	p.verify("a1").notCounted(409, "consent-refused")
	p.do(t, "PUT", "/v1/settings", p.admin, object{"face_service": false}).ok(200)
	p.do(t, "POST", "/v1/consent", p.token, p.decision("granted")).refused(409, "face-service-off")
}

// In a live enterprise an id is an id.
func TestNobodyScriptsALiveEnterprise(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	for _, ending := range []string{"-pass", "-fail", "-noface", "-down", "-slow"} {
		p := h.person()
		p.subject += ending
		p.open()
		p.decide("granted").ok(201)
		want, says := "pass", score(100)
		if strings.HasSuffix(ending, "pass") {
			want, says = "fail", score(0)
		}
		p.vendor.tell(p.photo, says)
		p.verify("a1").verdict(want)
		p.asked(1)
	}
}
