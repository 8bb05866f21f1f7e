package api

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"nod/tests/postgres"
)

// onBoth runs a test on either engine, in a world of its own.
func onBoth(t *testing.T, prove func(t *testing.T, w *world)) {
	t.Parallel()
	t.Run("on SQLite", func(t *testing.T) { t.Parallel(); prove(t, newWorld(t, setup{})) })
	t.Run("on PostgreSQL", func(t *testing.T) { t.Parallel(); prove(t, newWorld(t, setup{db: postgres.Database(t)})) })
}

// during does something while the person's picture is at the face API, and returns what
// the page is answered.
func (p *person) during(attempt string, something func()) reply {
	p.t.Helper()
	g := newGate()
	p.vendor.tell(p.photo, g.answer)
	answer := make(chan reply, 1)
	go func() {
		r, err := p.try(p.t.Context(), "POST", "/v1/verify", p.token, picture(attempt))
		if err != nil {
			r.body = []byte(err.Error())
		}
		answer <- r
	}()
	<-g.arrived
	something()
	close(g.opened)
	r := <-answer
	r.t = p.t
	return r
}

// A withdrawal while a picture is at the face API: the log has them in the order in which
// they were, and nothing begins after it, in no session.
func TestD12_AWithdrawalDuringACheckHasItsPlaceInTheLog(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		h := w.house(t)
		p := h.agreed()
		beside := p.another()
		p.during("a1", func() { p.do(t, "POST", "/v1/me/withdraw", p.token, nil).ok(200) }).notCounted(409, "consent-withdrawn")
		beside.verify("b1").notCounted(409, "consent-withdrawn")
		p.asked(1)
		var order []string
		for _, r := range h.records() {
			switch kind := text(r, "type"); kind {
			case "consent.granted", "consent.withdrawn", "check.started", "check.not_performed", "check.passed":
				order = append(order, kind)
			}
		}
		if got := fmt.Sprint(order); got != "[consent.granted check.started consent.withdrawn check.not_performed]" {
			t.Errorf("the log has %s", got)
		}
	})
}

// A delegation that is revoked while a picture is at the face API: that check was
// permitted and counts, and the next one is not.
func TestD06_ADelegationIsRevokedDuringACheck(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		h := w.house(t)
		p, other := h.agreed(), h.agreed()
		p.during("a1", func() {
			h.do(t, "POST", "/v1/delegations/"+h.delegation+"/revoke", h.admin, nil).ok(200)
			other.verify("b1").notCounted(409, "delegation-not-in-force")
		}).verdict("pass")
		other.asked(0)
		if passed := h.recordsOf("check.passed"); len(passed) != 1 || text(passed[0], "delegation", "id") != h.delegation {
			t.Errorf("the log has %v", passed)
		}
		h.do(t, "POST", "/v1/sessions", h.integrator, p.request()).refused(409, "delegation-not-in-force")
	})
}

// Somebody reads a notice while the next one is published: their yes to what they read is
// not taken for a yes to the new one, and neither is the hash of the old text with the new
// notice's name.
func TestD11_ANoticeIsPublishedWhileSomebodyReads(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		h := w.house(t)
		p := h.visitor()
		read := p.decision("granted")
		made := h.moreMaterial()
		p.do(t, "POST", "/v1/consent", p.token, read).refused(409, "notice-changed")
		read["notice_id"] = made["id"]
		p.do(t, "POST", "/v1/consent", p.token, read).refused(409, "notice-changed")
		p.verify("a1").notCounted(409, "consent-required")
		if n := len(h.recordsOf("consent.")); n != 0 {
			t.Errorf("the log has %d decisions", n)
		}
		p.decide("granted").ok(201)
		p.verify("a2").verdict("pass")
	})
}

// Two tabs of one person: the first word holds, and the tab that was left behind is told.
func TestD12_AStaleTabUndoesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		h := w.house(t)
		p := h.visitor()
		left := p.decision("granted")
		p.do(t, "POST", "/v1/consent", p.token, left).ok(201)
		p.do(t, "POST", "/v1/me/withdraw", p.token, nil).ok(200)
		p.do(t, "POST", "/v1/consent", p.token, left).refused(409, "consent-withdrawn")
		p.verify("a1").notCounted(409, "consent-withdrawn")
		later := p.another()
		later.is("refused")
		later.do(t, "POST", "/v1/consent", later.token, left).ok(201) // the person asked again
		later.verify("b1").verdict("pass")
	})
}

// A change that is dated ahead: until its moment nothing is different, from that moment on
// the gate knows, the timer writes down what has lapsed, and the person is told what
// changed.
func TestD11_AChangeDatedAheadAtItsMoment(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		h := w.house(t)
		silent := []*person{h.agreed(), h.agreed(), h.agreed()} // who do not come back
		p := h.person().open(func(r object) { r["ttl_s"] = 3600 })
		p.decide("granted").ok(201)
		from := w.now().Add(30 * time.Minute)
		made := h.publish(func(draft, facts object) {
			draft["effective_from"] = from
			facts["contact"] = object{"zh-CN": "新的负责人", "en": "a new officer"}
		})
		w.pass(29*time.Minute + 50*time.Second)
		w.tick(t)
		p.wantSince()
		p.during("a1", func() { w.pass(11 * time.Second) }).verdict("pass") // begun before, ended after
		if n := len(h.recordsOf("consent.lapsed")); n != 0 {
			t.Errorf("%d consents lapsed before the change", n)
		}
		later := p.another()
		later.is("open")
		later.wantSince("contact!")
		later.verify("b1").notCounted(409, "consent-stale")
		w.tick(t)
		lapsed := h.recordsOf("consent.lapsed")
		if len(lapsed) != len(silent)+1 {
			t.Errorf("%d consents lapsed, want %d", len(lapsed), len(silent)+1)
		}
		for _, r := range lapsed {
			if text(r, "cause") != "notice_changed" || text(r, "notice_in_force", "id") != made["id"] || instant(t, r, "at").Before(from) {
				t.Errorf("the log has %v", r)
			}
		}
		w.tick(t) // what lapsed gets its place in the log
		before := h.rows()
		w.tick(t)
		if after := h.rows(); after != before {
			t.Errorf("the timer wrote again:\n%s", added(before, after))
		}
	})
}

// Nod stores no face: after a check there is nothing of the image in any table.
func TestD26_NoFaceIsInTheDatabase(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		h := w.house(t)
		p := h.agreed()
		image := fmt.Sprint(picture("a1")["image"])
		p.verify("a1").verdict("pass")
		rows := []byte(h.rows())
		for _, form := range []string{image, fmt.Sprint([]byte(image))[1:200]} {
			if bytes.Contains(rows, []byte(form)) {
				t.Error("the image is in the database")
			}
		}
		if !bytes.Contains(rows, []byte("check.passed")) {
			t.Error("the rows were not read")
		}
	})
}
