package api

import (
	"testing"
	"time"
)

// ending is a state and how a session comes to it.
type ending struct {
	arrange   func(p *person)
	cancel    string // the problem that a cancellation, or a new code, meets; none if empty
	recode    string
	otherwise string // the problem that the alternative meets
	result    any    // what the LMS learns
}

// endings are all states.
var endings = map[string]ending{
	"open":      {arrange: func(*person) {}},
	"consented": {arrange: func(p *person) { p.decide("granted").ok(201) }},
	"refused":   {arrange: func(p *person) { p.decide("refused").ok(201) }},
	"passed": {arrange: func(p *person) {
		p.decide("granted").ok(201)
		p.verify("a1").verdict("pass")
	}, cancel: "session-ended", recode: "session-ended", otherwise: "session-ended", result: "pass"},
	"failed": {arrange: func(p *person) {
		p.decide("granted").ok(201)
		p.vendor.tell(p.photo, score(0))
		for _, attempt := range []string{"a1", "a2", "a3"} {
			p.verify(attempt).verdict("fail")
		}
	}, cancel: "attempts-used-up", recode: "attempts-used-up", result: "fail"},
	"withdrawn": {arrange: func(p *person) {
		p.decide("granted").ok(201)
		p.do(p.t, "POST", "/v1/me/withdraw", p.token, nil).ok(200)
	}, cancel: "consent-withdrawn", recode: "consent-withdrawn", result: "not_performed"},
	"expired": {arrange: func(p *person) {
		p.decide("granted").ok(201)
		p.pass(15 * time.Minute)
	}, cancel: "session-expired", recode: "session-expired", result: "not_performed"},
	"cancelled":   {arrange: func(p *person) { p.end("cancel", nil).ok(200) }, recode: "session-ended", result: "not_performed"},
	"alternative": {arrange: func(p *person) { p.end("alternative", atTheDesk()).ok(200) }, cancel: "session-ended", recode: "session-ended", otherwise: "session-ended", result: "not_performed"},
}

func atTheDesk() object { return object{"method": "id_card_at_desk", "result": "pass"} }

// end is one of the LMS's calls that change a session.
func (p *person) end(how string, body any) reply {
	p.t.Helper()
	return p.do(p.t, "POST", "/v1/sessions/"+p.session+"/"+how, p.integrator, body)
}

// everyEnding runs a test for a session in each state.
func everyEnding(t *testing.T, test func(t *testing.T, p *person, state string, e ending)) {
	everyState(t, newWorld(t, setup{}), func(t *testing.T, w *world, state string, e ending) {
		p := w.house(t).visitor()
		e.arrange(p)
		v := p.is(state)
		if v["result"] != e.result || (v["assertion"] != nil) != (e.result != nil) {
			t.Errorf("the LMS learns %v, %v", v["result"], v["assertion"])
		}
		test(t, p, state, e)
	})
}

// everyState runs a test for each state; the one that takes time has a world of its
// own.
func everyState(t *testing.T, shared *world, test func(t *testing.T, w *world, state string, e ending)) {
	for state, e := range endings {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			w := shared
			if state == "expired" {
				w = newWorld(t, setup{})
			}
			test(t, w, state, e)
		})
	}
}

// endedBy checks that a call meets a problem, which says in which state.
func (p *person) endedBy(r reply, slug, state string) {
	p.t.Helper()
	status := 409
	if slug == "session-expired" {
		status = 410
	}
	if problem := r.refused(status, slug); problem["state"] != state {
		p.t.Errorf("the problem names the state %v, want %s", problem["state"], state)
	}
}

func TestCancellingFromEachState(t *testing.T) {
	t.Parallel()
	everyEnding(t, func(t *testing.T, p *person, state string, e ending) {
		if e.cancel != "" {
			p.writesNothing(func() { p.endedBy(p.end("cancel", nil), e.cancel, state) })
			return
		}
		before := len(p.records())
		first := p.end("cancel", nil).ok(200)
		if first["state"] != "cancelled" || first["result"] != "not_performed" {
			t.Errorf("cancelled it is %v, %v", first["state"], first["result"])
		}
		p.writesNothing(func() {
			if again := p.end("cancel", object{}).ok(200); again["state"] != "cancelled" {
				t.Errorf("cancelled again it is %v", again["state"])
			}
			p.do(t, "POST", "/v1/consent", p.token, p.decision("granted")).refused(409, "session-ended")
		})
		if after := len(p.records()); after != before {
			t.Errorf("%d records are new; a cancellation is nobody's decision", after-before)
		}
		p.look() // the token reads until its time is over
	})
}

func TestANewCodeFromEachState(t *testing.T) {
	t.Parallel()
	everyEnding(t, func(t *testing.T, p *person, state string, e ending) {
		if e.recode != "" {
			p.writesNothing(func() { p.endedBy(p.end("code", nil), e.recode, state) })
			return
		}
		if fresh := p.newCode(); fresh["state"] != state {
			t.Errorf("a new code makes it %v", fresh["state"])
		}
	})
}

func TestTheAlternativeFromEachState(t *testing.T) {
	t.Parallel()
	everyEnding(t, func(t *testing.T, p *person, state string, e ending) {
		if e.otherwise != "" {
			p.writesNothing(func() { p.endedBy(p.end("alternative", atTheDesk()), e.otherwise, state) })
			return
		}
		want := "not_performed"
		if state == "failed" {
			want = "fail"
		}
		v := p.end("alternative", atTheDesk()).ok(200)
		if v["state"] != "alternative" || v["result"] != want || v["assertion"] == nil {
			t.Errorf("it ends %v, %v, %v", v["state"], v["result"], v["assertion"])
		}
		list := p.recordsOf("check.alternative")
		if len(list) != 1 || list[0]["method"] != "id_card_at_desk" || list[0]["result"] != "pass" || list[0]["session"] != p.session ||
			list[0]["consent"] != nil || text(list[0], "notice_in_force", "id") != p.notice || list[0]["actor"] == nil {
			t.Errorf("the log has %v", list)
		}
		p.writesNothing(func() { p.end("alternative", atTheDesk()).refused(409, "session-ended") })
	})
}

func TestFaultyAlternatives(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.agreed()
	for name, tt := range map[string]struct {
		body object
		want string
	}{
		"no method":                {object{"result": "pass"}, "method=missing"},
		"a sentence":               {object{"method": "Showed an ID card", "result": "pass"}, "method=bad_format"},
		"a person's name":          {object{"method": "陈伟", "result": "pass"}, "method=bad_format"},
		"a method too long":        {object{"method": "a234567890123456789012345678901234567890x", "result": "pass"}, "method=bad_format"},
		"no result":                {object{"method": "desk"}, "result=missing"},
		"a result that is none":    {object{"method": "desk", "result": "not_performed"}, "result=not_allowed"},
		"a result of another kind": {object{"method": "desk", "result": "passed"}, "result=not_allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			h.writesNothing(func() {
				problem := h.do(t, "POST", "/v1/sessions/"+p.session+"/alternative", h.integrator, tt.body, bad).refused(422, "invalid-value")
				if got := faults(problem); len(got) != 1 || got[0] != tt.want {
					t.Errorf("the faults are %v, want %s", got, tt.want)
				}
			})
		})
	}
	v := p.end("alternative", object{"method": "video_call", "result": "fail"}).ok(200)
	if v["result"] != "not_performed" {
		t.Errorf("a failed alternative makes the check %v", v["result"]) // no face was compared
	}
}

// A cancellation does not wait for a comparison, and its verdict is dropped.
func TestACancellationWhileAComparisonRuns(t *testing.T) {
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
	p.end("cancel", nil).ok(200)
	close(g.opened)
	r := <-first
	r.t = t
	r.notCounted(409, "session-ended")
	if v := p.is("cancelled"); v["result"] != "not_performed" {
		t.Errorf("it came out as %v", v["result"])
	}
	h.dropped("session-ended")
}
