package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/store"
)

// outbox is what platforms are told: written once, with what it tells, and sent on.
var outbox = map[string]func(*testing.T, opener){
	"what is told is written with what happened":            toldInOne,
	"a refusal tells what was settled before it":            toldThoughRefused,
	"a withdrawal tells of every session that it ends":      toldOfAll,
	"nobody is told twice of the same step":                 toldOnce,
	"a message is claimed by one at a time":                 claimedOnce,
	"two runners at once send everything once":              twoRunners,
	"two runners at once warn once":                         warnedOnce,
	"a claim ends with its lease":                           leaseOver,
	"a message is tried for a day, and again when asked to": triedForADay,
	"messages are sent in lanes that know their trouble":    inLanes,
	"what ended is forgotten, but for warnings":             deliveriesForgotten,
	"a webhook secret is read as written":                   secretRoundTrip,
	"what is near is seen of one's own things":              outlookRead,
	"messages of another enterprise are not there":          messagesApart,
}

func (h *house) deliveries(f app.DeliveryFilter) []domain.Delivery {
	h.t.Helper()
	if f.Limit == 0 {
		f.Limit = 1000
	}
	list, err := h.tenant.Deliveries(h.t.Context(), f)
	h.must(err)
	return list
}

// told are the types and steps of what waits or was delivered, in any order.
func (h *house) told() string {
	h.t.Helper()
	var list []string
	for _, d := range h.deliveries(app.DeliveryFilter{}) {
		list = append(list, string(d.Type)+" "+d.Step)
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

func (h *house) isTold(want string) {
	h.t.Helper()
	if got := h.told(); got != want {
		h.t.Errorf("told %q, want %q", got, want)
	}
}

func (h *house) lane() app.Lane { return app.Lane{Enterprise: h.id, Purpose: domain.Exam} }

// event is one of the enterprise's own, about a thing by its number.
func (h *house) event(thing int) *domain.Event {
	return &domain.Event{EventKey: domain.EventKey{Type: domain.TellRequest, Purpose: domain.Exam, Thing: fmt.Sprint(thing), Step: "3"},
		ID: store.NewID(), At: h.charter().Now, Data: domain.EventData{Enterprise: h.id, Mode: domain.Live, Request: "r", Kind: "copy", Overdue: true}}
}

func (h *house) tell(events ...*domain.Event) (n int) {
	h.t.Helper()
	n, err := h.store.Tell(h.t.Context(), h.id, events)
	h.must(err)
	return n
}

// claim takes messages for a lease of a minute.
func (h *house) claim(limit int) (lease domain.ID, c app.Claimed) {
	h.t.Helper()
	lease = store.NewID()
	c, err := h.store.Claim(h.t.Context(), h.lane(), lease, time.Minute, limit)
	h.must(err)
	return lease, c
}

func (h *house) report(lease domain.ID, tries ...app.Tried) (failed int) {
	h.t.Helper()
	failed, err := h.store.Report(h.t.Context(), h.lane(), lease, tries)
	h.must(err)
	return failed
}

func toldInOne(t *testing.T, open opener) {
	h := aHouse(t, open)
	p := h.consenting("工号-1")
	h.isTold("")
	h.must(p.check("a", noFace))
	h.isTold("")
	h.must(p.check("b", passed))
	h.isTold("session.completed passed")
	d := h.deliveries(app.DeliveryFilter{})[0]
	want := domain.Delivery{State: domain.DeliveryWaiting, Event: domain.Event{ID: d.ID, At: d.At,
		EventKey: domain.EventKey{Type: domain.TellCompleted, Purpose: domain.Exam, Thing: string(p.session), Step: "passed"}}}
	want.NextAt = want.At
	same(t, "delivery", d, want)
	if last := p.now().Subject.HeadAt; !d.At.Equal(last) {
		t.Errorf("it was told at %v, the Record is of %v", d.At, last)
	}
	h.must(p.withdraw())
	h.isTold("consent.withdrawn withdrawn, session.completed passed")
	var written domain.Event
	h.must(h.instruct(func(c *domain.Charter) error { c.Close(actor); written = *c.Events[0]; return nil }))
	h.isTold("consent.withdrawn withdrawn, enterprise.closing , session.completed passed")
	all := h.deliveries(app.DeliveryFilter{})
	same(t, "closing", all[2].Event, written)

	// A rule that fails tells nobody.
	q := h.another().consenting("工号-2")
	_, err := q.update(func(m *domain.Moment) error {
		q.must(m.Cancel())
		return errFault
	})
	if err == nil {
		t.Error("a fault was no fault")
	}
	q.isTold("")
}

func toldThoughRefused(t *testing.T, open opener) {
	h := aHouse(t, open)
	p := h.person("工号-1")
	h.clock.turn(past)
	h.refused(p.decide(domain.Granted), domain.SessionExpired)
	h.isTold("session.completed expired")
}

func toldOfAll(t *testing.T, open opener) {
	h := aHouse(t, open)
	p := h.consenting("工号-1")
	sessions := []string{string(p.session)}
	for range 3 {
		h.must(p.openSession(store.NewID(), aRequest()))
		sessions = append(sessions, string(p.session))
	}
	over := p.session
	h.must(p.check("a", passed)) // one of them has ended by then
	other := h.consenting("工号-2")
	h.must(p.withdrawByReceipt(p.now().Consent.ID))
	h.isTold("consent.withdrawn withdrawn, session.completed passed, session.completed withdrawn, session.completed withdrawn, session.completed withdrawn")
	var ended []string
	for _, d := range h.deliveries(app.DeliveryFilter{}) {
		if _, isID := domain.ParseID(string(d.ID)); !isID || d.At.IsZero() {
			t.Errorf("told %+v", d)
		}
		if d.Step == "withdrawn" && d.Type == domain.TellCompleted {
			ended = append(ended, d.Thing)
		}
	}
	slices.Sort(ended)
	sessions = slices.DeleteFunc(sessions, func(id string) bool { return id == string(over) })
	if !slices.Equal(ended, sessions) {
		t.Errorf("told of %v, want %v", ended, sessions)
	}
	// By a session, its own end is told once.
	h.must(other.openSession(store.NewID(), aRequest()))
	before := len(h.deliveries(app.DeliveryFilter{}))
	h.must(other.withdraw())
	if n := len(h.deliveries(app.DeliveryFilter{})) - before; n != 3 {
		t.Errorf("of a withdrawal that ends two sessions was told %d times", n)
	}
}

func toldOnce(t *testing.T, open opener) {
	h := aHouse(t, open)
	e := h.event(1)
	if n := h.tell(e, h.event(1), h.event(2)); n != 2 {
		t.Errorf("%d were written, want 2", n)
	}
	same(t, "the first", h.deliveries(app.DeliveryFilter{})[0].Event, *e)
	if n := h.tell(h.event(1), h.event(2)); n != 0 {
		t.Errorf("told again %d", n)
	}
	lease, c := h.claim(10)
	for _, d := range c.List {
		h.report(lease, app.Tried{ID: d.ID, Status: 204})
	}
	if n := h.tell(h.event(1)); n != 0 {
		t.Error("told again after it was delivered")
	}
	instances := []*house{h, h.elsewhere()}
	for round := range h.rounds() {
		var won [2]int
		tell := func(i int) func() error {
			e := h.event(100 + round)
			return func() (err error) {
				won[i], err = instances[i].store.Tell(t.Context(), h.id, []*domain.Event{e})
				return err
			}
		}
		for _, err := range race(tell(0), tell(1)) {
			h.must(err)
		}
		if won[0]+won[1] != 1 {
			t.Fatalf("two who tell at once told %v times", won)
		}
	}
}

func claimedOnce(t *testing.T, open opener) {
	h := aHouse(t, open)
	const n = 40
	for i := range n {
		h.tell(h.event(i))
	}
	seen := map[domain.ID]int{}
	instances := []*house{h, h.elsewhere(), h.elsewhere()}
	for range n {
		claimed := make([]app.Claimed, len(instances))
		var calls []func() error
		for i, at := range instances {
			calls = append(calls, func() (err error) {
				claimed[i], err = at.store.Claim(t.Context(), h.lane(), store.NewID(), time.Minute, 3)
				return err
			})
		}
		for _, err := range race(calls...) {
			h.must(err)
		}
		for _, c := range claimed {
			for _, d := range c.List {
				if seen[d.ID]++; d.Tries != 1 || d.State != domain.DeliveryWaiting {
					t.Errorf("claimed %+v", d)
				}
			}
			if len(c.List) > 3 || c.Now.IsZero() || c.Mode != domain.Live || c.Settings.Purposes[domain.Exam].Webhook == "" {
				t.Errorf("claimed %+v", c)
			}
		}
	}
	for id, times := range seen {
		if times != 1 {
			t.Errorf("%s was claimed %d times", id, times)
		}
	}
	if len(seen) != n {
		t.Errorf("%d were claimed, want %d", len(seen), n)
	}
}

func leaseOver(t *testing.T, open opener) {
	h := aHouse(t, open)
	h.tell(h.event(1), h.event(2))
	slow, c := h.claim(10)
	h.clock.turn(59 * time.Second)
	if _, c := h.claim(10); len(c.List) != 0 {
		t.Errorf("claimed twice: %+v", c.List)
	}
	h.clock.turn(2 * time.Minute)
	quick, again := h.claim(10)
	if len(again.List) != 2 || again.List[0].Tries != 2 {
		t.Fatalf("after the lease %+v", again.List)
	}
	first, second := c.List[0].ID, c.List[1].ID
	// A failure that comes late says nothing about the try of today; a success does.
	h.report(slow, app.Tried{ID: first, Fault: domain.TimedOut, Wait: time.Hour}, app.Tried{ID: second, Status: 200})
	h.report(quick, app.Tried{ID: second, Fault: domain.NotTaken, Status: 500, Wait: time.Hour})
	list := h.deliveries(app.DeliveryFilter{})
	if d := list[0]; d.ID != first || d.Fault != "" || d.State != domain.DeliveryWaiting {
		t.Errorf("the first is %+v", d)
	}
	if d := list[1]; d.State != domain.Delivered || d.Status != 200 || d.EndedAt.IsZero() || d.Fault != "" {
		t.Errorf("the second is %+v", d)
	}
	h.report(quick, app.Tried{ID: first, Fault: domain.NotTaken, Status: 500, Wait: time.Hour})
	if d := h.deliveries(app.DeliveryFilter{})[0]; d.Fault != domain.NotTaken || d.Status != 500 || !d.NextAt.After(h.charter().Now.Add(59*time.Minute)) {
		t.Errorf("the first is %+v", d)
	}
}
