package api

import (
	"context"
	"slices"
	"testing"
	"time"
)

func TestAFailUsesAnAttemptAndTheThirdEndsIt(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.agreed()
	p.vendor.tell(p.photo, score(49.9)) // the default setting passes at 50
	for i, attempt := range []string{"a1", "a2", "a3"} {
		p.verify(attempt).verdict("fail")
		p.left(2-i, 9-i)
		if i < 2 {
			if v := p.is("consented"); v["result"] != nil || v["assertion"] != nil {
				t.Errorf("the LMS learns %v, %v before it is over", v["result"], v["assertion"])
			}
		}
	}
	if v := p.is("failed"); v["result"] != "fail" {
		t.Errorf("it came out as %v", v["result"])
	}
	p.vendor.tell(p.photo, score(100))
	h.writesNothing(func() { p.verify("a4").notCounted(409, "attempts-used-up") })
	p.asked(3)
	p.verify("a3").verdict("fail") // what was answered stays answered
	p.asked(3)
	p.do(t, "POST", "/v1/sessions/"+p.session+"/alternative", p.integrator, object{"method": "desk", "result": "pass"}).ok(200)
	if v := p.is("alternative"); v["result"] != "fail" {
		t.Errorf("after three fails the alternative makes it %v", v["result"])
	}
}

func TestThresholds(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	for _, tt := range []struct {
		setting string
		score   float64
		want    string
	}{
		{"1e-3", 39.99, "fail"}, {"1e-3", 40, "pass"}, {"1e-4", 49.99, "fail"}, {"1e-4", 50, "pass"},
		{"1e-5", 59.99, "fail"}, {"1e-5", 60, "pass"}, {"", 49.99, "fail"}, {"", 50, "pass"}, {"1e-5", 0, "fail"}, {"1e-3", 100, "pass"},
	} {
		h.set(func(s object) {
			if s["false_accept"] = tt.setting; tt.setting == "" {
				delete(s, "false_accept")
			}
		})
		p := h.agreed()
		p.vendor.tell(p.photo, score(tt.score))
		p.verify("a1").verdict(tt.want)
		sent := p.vendor.last(p.photo)
		if sent.Action != "CompareFace" || sent.ImageA != smallPicture() || sent.FaceModelVersion != "3.0" || sent.QualityControl != 1 {
			t.Errorf("the face API was sent %.80v", sent)
		}
	}
}

func TestTheSameAttemptAgain(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	for name, tt := range map[string]struct {
		first  float64 // below 0: no face
		answer func(r reply)
	}{
		"after a pass":       {100, func(r reply) { r.verdict("pass") }},
		"after a fail":       {10, func(r reply) { r.verdict("fail") }},
		"after no face":      {-1, func(r reply) { r.notCounted(422, "no-face") }},
		"with another image": {10, func(r reply) { r.verdict("fail") }},
	} {
		t.Run(name, func(t *testing.T) {
			p := h.agreed()
			p.vendor.tell(p.photo, score(tt.first))
			if tt.first < 0 {
				p.vendor.tell(p.photo, errorCode("InvalidParameterValue.NoFaceInPhoto"))
			}
			tt.answer(p.verify("same"))
			p.vendor.tell(p.photo, score(100)) // would pass now
			h.writesNothing(func() {
				for range 3 {
					tt.answer(p.verify("same"))
				}
				again := picture("same")
				again["image"] = jpegOf(64, 64)
				tt.answer(p.do(t, "POST", "/v1/verify", p.token, again))
			})
			p.asked(1)
		})
	}
}

// While a comparison runs, a second one is turned away, the same attempt as well as
// another; so are a cancellation's opposite, the alternative.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.agreed()
	g := newGate()
	p.vendor.tell(p.photo, g.answer)
	first := make(chan reply, 1)
	go func() {
		r, err := p.try(t.Context(), "POST", "/v1/verify", p.token, picture("a1"))
		if err != nil {
			r.body = []byte(err.Error())
		}
		first <- r
	}()
	<-g.arrived
	for _, attempt := range []string{"a2", "a1"} {
		problem := p.verify(attempt).notCounted(409, "check-in-progress")
		if problem["retry_after"] != 2.0 {
			t.Errorf("retry_after is %v", problem["retry_after"])
		}
	}
	p.do(t, "POST", "/v1/sessions/"+p.session+"/alternative", p.integrator, object{"method": "desk", "result": "pass"}).
		notCounted(409, "check-in-progress")
	p.left(3, 9)
	close(g.opened)
	r := <-first
	r.t = t
	r.verdict("pass")
	p.verify("a1").verdict("pass")
	p.asked(1)
	p.is("passed")
}

// A withdrawal does not wait for a comparison, and its verdict is dropped.
func TestAWithdrawalWhileAComparisonRuns(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.agreed()
	g := newGate()
	p.vendor.tell(p.photo, g.answer)
	first := make(chan reply, 1)
	go func() {
		r, err := p.try(t.Context(), "POST", "/v1/verify", p.token, picture("a1"))
		if err != nil {
			r.body = []byte(err.Error())
		}
		first <- r
	}()
	<-g.arrived
	p.do(t, "POST", "/v1/me/withdraw", p.token, nil).ok(200)
	close(g.opened)
	r := <-first
	r.t = t
	r.notCounted(409, "consent-withdrawn")
	if v := p.is("withdrawn"); v["result"] != "not_performed" {
		t.Errorf("it came out as %v", v["result"])
	}
	h.dropped("consent-withdrawn")
}

func TestTenUploadsAtMost(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.agreed()
	p.vendor.tell(p.photo, errorCode("FailedOperation.FaceSizeTooSmall"))
	for _, attempt := range []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"} {
		p.verify(attempt).notCounted(422, "face-too-small")
	}
	p.left(3, 0)
	p.vendor.tell(p.photo, score(100))
	h.writesNothing(func() { p.verify("11").notCounted(409, "uploads-used-up") })
	p.asked(10)
	p.is("consented")
	if started := h.recordsOf("check.started"); len(started) != 10 {
		t.Errorf("the log has %d starts, want 10", len(started))
	}
}

// A page that goes away in the midst of a comparison leaves a Record, no verdict,
// and a session that goes on.
func TestAClientThatGoesAway(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.agreed()
	g := newGate()
	p.vendor.tell(p.photo, g.answer)
	ctx, leave := context.WithCancel(t.Context())
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_, _ = p.try(ctx, "POST", "/v1/verify", p.token, picture("a1")) // the error is the point
	}()
	<-g.arrived
	leave()
	<-gone
	for len(h.recordsOf("check.not_performed")) == 0 && t.Context().Err() == nil {
		p.look() // until Nod has noticed and written it down
	}
	p.left(3, 9)
	p.vendor.tell(p.photo, score(100))
	p.verify("a2").verdict("pass")
}

// An instance that dies in the midst of a comparison leaves a reservation, which
// becomes unknown when its time is over. That is no fail.
func TestACheckWhoseFunctionDied(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	p := h.person()
	p.photo += "#panic"
	p.open()
	p.decide("granted").ok(201)
	p.verify("a1").refused(500, "internal")
	p.verify("a1").notCounted(409, "check-in-progress")
	p.verify("a2").notCounted(409, "check-in-progress")
	w.pass(21 * time.Second)
	p.verify("a1").notCounted(504, "outcome-unknown")
	v := p.look()
	if v["last_result"] != "not_performed" || v["not_performed_reason"] != "outcome-unknown" || v["state"] != "consented" {
		t.Errorf("the page is shown %v, %v, %v", v["last_result"], v["not_performed_reason"], v["state"])
	}
	p.left(3, 9)
	if unknown := h.recordsOf("check.unknown"); len(unknown) != 1 || unknown[0]["attempt"] != "a1" {
		t.Errorf("the log has %v", unknown)
	}
	p.asked(0)
}

func TestChosenPhotos(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.agreed()
	chosen := picture("a1")
	chosen["capture"] = "photo"
	h.writesNothing(func() { p.do(t, "POST", "/v1/verify", p.token, chosen).notCounted(422, "photo-input-off") })
	p.asked(0)
	h.set(func(s object) { s["photo_input"] = true })
	if p.look()["photo_input"] != true {
		t.Error("the page is not told that it may offer a file")
	}
	p.do(t, "POST", "/v1/verify", p.token, chosen).verdict("pass")
	if passed := h.recordsOf("check.passed"); passed[0]["capture"] != "photo" {
		t.Errorf("the Record says %v", passed[0]["capture"])
	}
	plain := h.agreed()
	body := picture("a1")
	delete(body, "capture")
	plain.do(t, "POST", "/v1/verify", plain.token, body).verdict("pass")
	if passed := h.recordsOf("check.passed"); passed[1]["capture"] != "stream" {
		t.Errorf("the Record says %v", passed[1]["capture"])
	}
}

func TestFaultyVerifications(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.agreed()
	for name, tt := range map[string]struct {
		edit func(object)
		want string
	}{
		"no attempt_id":             {func(b object) { delete(b, "attempt_id") }, "attempt_id=missing"},
		"an attempt_id of words":    {func(b object) { b["attempt_id"] = "my first try" }, "attempt_id=bad_format"},
		"an attempt_id too long":    {func(b object) { b["attempt_id"] = string(slices.Repeat([]byte("a"), 65)) }, "attempt_id=bad_format"},
		"a capture that is none":    {func(b object) { b["capture"] = "scan" }, "capture=not_allowed"},
		"a name on the photo route": {func(b object) { b["name"] = "陈某某某某某" }, "name=not_allowed"},
		"an ID number":              {func(b object) { b["id_number"] = "110101199003070000" }, "id_number=not_allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			b := picture("a1")
			tt.edit(b)
			h.writesNothing(func() {
				if got := faults(p.do(t, "POST", "/v1/verify", p.token, b, bad).refused(422, "invalid-value")); !slices.Equal(got, []string{tt.want}) {
					t.Errorf("the faults are %v, want %s", got, tt.want)
				}
			})
		})
	}
	p.asked(0)
}
