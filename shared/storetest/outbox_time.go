package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/store"
)

// This file has what time does to messages, and what an enterprise has beside them.

func triedForADay(t *testing.T, open opener) {
	h := aHouse(t, open)
	h.tell(h.event(1), h.event(2))
	ids := func(s domain.DeliveryState) (list []domain.ID) {
		for _, d := range h.deliveries(app.DeliveryFilter{State: s}) {
			list = append(list, d.ID)
		}
		return list
	}
	all := ids(domain.DeliveryWaiting)
	fails := func(wait time.Duration) int {
		lease, c := h.claim(1)
		if len(c.List) != 1 {
			t.Fatalf("due are %+v", c.List)
		}
		return h.report(lease, app.Tried{ID: c.List[0].ID, Fault: domain.NotTaken, Status: 503, Wait: wait})
	}
	if fails(23*time.Hour) != 0 {
		t.Error("it was given up within the day")
	}
	h.clock.turn(23*time.Hour + time.Minute)
	if fails(3*time.Hour) != 1 { // the other one, which was due all along
		t.Error("it goes on though its next try would be after the day")
	}
	gave := func(want int) {
		t.Helper()
		n, err := h.store.GiveUp(t.Context(), h.lane(), domain.NotTaken)
		if h.must(err); n != want {
			t.Errorf("given up %d, want %d", n, want)
		}
	}
	gave(0)
	h.clock.turn(26*time.Hour + time.Minute)
	gave(1)
	if failed := ids(domain.DeliveryFailed); !slices.Equal(failed, all) {
		t.Errorf("failed are %v", failed)
	}
	if _, c := h.claim(10); len(c.List) != 0 {
		t.Errorf("what was given up is due: %+v", c.List)
	}
	var resent domain.Delivery
	h.must(h.tenant.Resend(t.Context(), all[0], nil, func(d domain.Delivery) { resent = d }))
	same(t, "resent", h.deliveries(app.DeliveryFilter{State: domain.DeliveryWaiting}), []domain.Delivery{resent})
	lease, c := h.claim(10)
	if len(c.List) != 1 || c.List[0].ID != all[0] || c.List[0].Tries != 1 {
		t.Fatalf("after it was asked for %+v", c.List)
	}
	if n := h.report(lease, app.Tried{ID: all[0], Fault: domain.Unreachable, Wait: 20 * time.Hour}); n != 0 {
		t.Error("it has no day of its own")
	}
	once := onceFor("k", "f", "answer")
	h.must(h.tenant.Resend(t.Context(), all[1], once, func(domain.Delivery) {}))
	h.clock.turn(26*time.Hour + 2*time.Minute)
	lease, _ = h.claim(10)
	h.report(lease, app.Tried{ID: all[1], Status: 200})
	again := onceFor("k", "f", "")
	h.must(h.tenant.Resend(t.Context(), all[1], again, func(domain.Delivery) { t.Error("a repeat was done again") }))
	if string(again.Stored) != "answer" || len(ids(domain.Delivered)) != 1 {
		t.Errorf("a repeat got %q", again.Stored)
	}
}

func inLanes(t *testing.T, open opener) {
	h := aHouse(t, open)
	houses := []*house{h, h.another(), h.another(), h.another()}
	lanes := func() (list []app.Lane) {
		list, err := h.store.Lanes(t.Context())
		h.must(err)
		return list
	}
	if list := lanes(); len(list) != 0 {
		t.Errorf("nothing waits, and there are %v", list)
	}
	houses[1].tell(houses[1].event(1))
	training := houses[2].event(1)
	training.Purpose = domain.Training
	houses[2].tell(houses[2].event(1), training)
	same(t, "lanes", lanes(), []app.Lane{houses[1].lane(), {Enterprise: houses[2].id, Purpose: domain.Exam}, {Enterprise: houses[2].id, Purpose: domain.Training}})
	lease, c := houses[1].claim(1)
	same(t, "lanes but for the one that is being sent", lanes(), []app.Lane{{Enterprise: houses[2].id, Purpose: domain.Exam}, {Enterprise: houses[2].id, Purpose: domain.Training}})
	houses[1].report(lease, app.Tried{ID: c.List[0].ID, Fault: domain.TimedOut, Wait: time.Minute})
	h.clock.turn(time.Hour)
	troubled := houses[1].lane()
	troubled.Tries = 1
	same(t, "lanes, one in trouble", lanes()[:1], []app.Lane{troubled})
}

func deliveriesForgotten(t *testing.T, open opener) {
	h := aHouse(t, open)
	p := h.consenting("工号-1")
	h.must(p.check("a", passed))
	h.must(p.withdraw())
	h.tell(h.event(1))
	lease, c := h.claim(10)
	for _, d := range c.List {
		h.report(lease, app.Tried{ID: d.ID, Status: 200})
	}
	q := h.consenting("工号-2")
	h.must(q.withdraw())
	forget := func(want int) {
		t.Helper()
		if n, err := h.store.ForgetDeliveries(t.Context(), 100); err != nil || n != want {
			t.Errorf("forgotten %d, %v; want %d", n, err, want)
		}
	}
	h.clock.turn(domain.KeepDeliveries - time.Minute)
	forget(0)
	h.clock.turn(domain.KeepDeliveries + time.Minute)
	if n, err := h.store.ForgetDeliveries(t.Context(), 1); err != nil || n != 1 {
		t.Errorf("one at a time: %d, %v", n, err)
	}
	forget(1)
	h.isTold("consent.withdrawn withdrawn, request.due 3, session.completed withdrawn")
}

func secretRoundTrip(t *testing.T, open opener) {
	h := aHouse(t, open)
	rotate := func(sealed string) (written domain.WebhookSecret) {
		h.must(h.instruct(func(c *domain.Charter) error {
			c.NewWebhookSecret([]byte(sealed))
			written = c.WebhookSecret
			return nil
		}))
		same(t, sealed, h.charter().WebhookSecret, written)
		_, c := h.claim(1)
		same(t, sealed+", claimed", c.Secret, written)
		return written
	}
	same(t, "none yet", h.charter().WebhookSecret, domain.WebhookSecret{})
	rotate("\x00one\xff")
	if s := rotate("two"); string(s.Before) != "\x00one\xff" || s.BeforeUntil.IsZero() {
		t.Errorf("the one before is %+v", s)
	}
	same(t, "another enterprise's", h.another().charter().WebhookSecret, domain.WebhookSecret{})
	// Two who need the first one at once make one.
	instances := []*house{h.another(), nil}
	instances[1] = instances[0].elsewhere()
	made := make([]string, 2)
	var calls []func() error
	for i, at := range instances {
		calls = append(calls, func() error {
			return at.instruct(func(c *domain.Charter) error {
				if len(c.WebhookSecret.Sealed) == 0 {
					c.NewWebhookSecret([]byte(fmt.Sprint("of ", i)))
				}
				made[i] = string(c.WebhookSecret.Sealed)
				return nil
			})
		})
	}
	for _, err := range race(calls...) {
		h.must(err)
	}
	if made[0] != made[1] {
		t.Errorf("two secrets were made: %q", made)
	}
}

func outlookRead(t *testing.T, open opener) {
	h := aHouse(t, open)
	other, silent := h.another(), h.another()
	s := someSettings()
	s.Webhook = ""
	silent.must(silent.setPurpose(s, nil))
	p := h.person("工号-1")
	soon := p.ask(aRequestOf(domain.AskCopy))
	answered := p.ask(aRequestOf(domain.AskCopy))
	h.must(h.answer(answered.ID, domain.Resolution{Outcome: domain.RequestDone}))
	unused := store.NewID()
	h.must(h.recordDelegation(unused, someTerms()))
	e := h.event(1)
	h.tell(e)

	all := func(limit int) (list []domain.Outlook) {
		for after := domain.ID(""); ; {
			some, next, err := h.store.Outlooks(t.Context(), after, limit)
			h.must(err)
			if list = append(list, some...); next == "" {
				return list
			}
			after = next
		}
	}
	for _, limit := range []int{1, 2, 10} {
		list := slices.DeleteFunc(all(limit), func(o domain.Outlook) bool { return len(o.Settings.Hooks()) == 0 })
		if len(list) != 2 || list[0].Enterprise.ID != h.id || list[1].Enterprise.ID != other.id {
			t.Fatalf("%d at a time: %+v", limit, list)
		}
	}
	o := all(10)[0]
	until := someTerms().ValidUntil.UTC()
	if len(o.Delegations) != 1 || o.Delegations[0].ID != h.delegation || !o.Delegations[0].Terms.ValidUntil.Equal(until) {
		t.Errorf("the delegations are %+v", o.Delegations)
	}
	same(t, "told", o.Told, map[domain.EventKey]bool{e.EventKey: true})
	if len(o.Requests) != 0 || len(o.Warnings()) != 0 {
		t.Errorf("nothing is near, and there are %+v", o.Requests)
	}
	h.clock.turn(domain.AnswerWithin - domain.RequestWarning + time.Minute)
	o = all(10)[0]
	if len(o.Requests) != 1 || o.Requests[0].ID != soon.ID || !o.Requests[0].DueAt.Equal(soon.DueAt) || o.Requests[0].Kind != domain.AskCopy {
		t.Errorf("the requests are %+v", o.Requests)
	}
	if n := h.tell(o.Warnings()...); n != 1 {
		t.Errorf("%d warnings", n)
	}
	if again := all(10)[0].Warnings(); len(again) != 0 {
		t.Errorf("warned again of %+v", again)
	}
}

func messagesApart(t *testing.T, open opener) {
	mine := aHouse(t, open)
	theirs := mine.another()
	theirs.tell(theirs.event(1))
	id := theirs.deliveries(app.DeliveryFilter{})[0].ID
	mine.isTold("")
	mine.refused(mine.tenant.Resend(t.Context(), id, nil, func(domain.Delivery) { t.Error("theirs was resent") }), domain.NoSuchThing)
	if _, c := mine.claim(10); len(c.List) != 0 {
		t.Errorf("theirs was claimed: %+v", c.List)
	}
	lease, _ := theirs.claim(10)
	mine.report(lease, app.Tried{ID: id, Status: 200})
	if d := theirs.deliveries(app.DeliveryFilter{})[0]; d.State != domain.DeliveryWaiting {
		t.Errorf("theirs is %+v", d)
	}
	same(t, "behind the cursor", theirs.deliveries(app.DeliveryFilter{After: id}), []domain.Delivery(nil))
}
