package storetest

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/store"
	"nod/shared/vault"
)

// post is a platform's address that counts what comes.
type post struct {
	mu    sync.Mutex
	came  map[domain.ID]int
	fault domain.DeliveryFault
}

func (p *post) Rest() {}

func (p *post) Post(_ context.Context, _ string, m app.Message) (domain.DeliveryFault, int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.came[m.ID]++; len(m.Secrets) != 1 || !bytes.Contains(m.Body, []byte(`"type":"request.due"`)) {
		return domain.NotMade, 0
	}
	return p.fault, 200
}

func (h *house) box() *vault.Vault {
	h.t.Helper()
	key, err := vault.NewDataKey()
	h.must(err)
	box, err := vault.New(key, vault.RandomKey())
	h.must(err)
	return box
}

// runner delivers as one instance does it.
func (h *house) runner(p *post, box *vault.Vault) app.Deliverer {
	return app.Deliverer{
		Outbox: h.store, Charters: func(id domain.ID) app.Charters { return h.store.Tenant(id) },
		Integrator: app.Integrator{Vault: box, NewID: store.NewID}, Poster: p, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
}

// twoRunners deliver side by side: each message goes out once, and the first secret is
// made once.
func twoRunners(t *testing.T, open opener) {
	h := aHouse(t, open)
	houses := []*house{h, h.another(), h.another()}
	for _, o := range houses {
		for i := range 30 {
			o.tell(o.event(i))
		}
	}
	p, box := &post{came: map[domain.ID]int{}}, h.box()
	runners := []app.Deliverer{h.runner(p, box), h.elsewhere().runner(p, box)}
	sent := make([]app.Sent, len(runners))
	run := func(i int) func() error {
		return func() (err error) { sent[i], err = runners[i].Deliver(t.Context()); return err }
	}
	for _, err := range race(run(0), run(1)) {
		h.must(err)
	}
	for range 3 { // what was lost to the other one in a race that was too long
		s, err := runners[0].Deliver(t.Context())
		h.must(err)
		sent[0].Delivered += s.Delivered
	}
	if n := sent[0].Delivered + sent[1].Delivered; n != 90 || len(p.came) != 90 {
		t.Errorf("%+v were sent, %d came, want 90", sent, len(p.came))
	}
	for id, times := range p.came {
		if times != 1 {
			t.Errorf("%s came %d times", id, times)
		}
	}
	for _, o := range houses {
		if list := o.deliveries(app.DeliveryFilter{State: domain.Delivered}); len(list) != 30 || list[0].Tries != 1 || list[0].EndedAt.IsZero() {
			t.Errorf("delivered are %d", len(list))
		}
	}
}

// warnedOnce has two runners look at what is near, at once and again.
func warnedOnce(t *testing.T, open opener) {
	h := aHouse(t, open)
	s := someSettings()
	s.StoredFacesDeclared = new(90_000)
	h.must(h.setPurpose(s, nil))
	terms := someTerms()
	terms.ValidUntil = h.charter().Now.Add(20 * 24 * time.Hour).Truncate(time.Second)
	short := store.NewID()
	h.must(h.recordDelegation(short, terms))
	h.must(h.publish(store.NewID(), aDraft(short)))
	p := h.person("工号-1")
	p.ask(aRequestOf(domain.AskCopy))

	instances, box := []*house{h, h.elsewhere()}, h.box()
	warned := func() (n int) {
		counts := make([]int, len(instances))
		warn := func(i int) func() error {
			return func() error {
				sent, err := instances[i].runner(nil, box).Warn(t.Context())
				counts[i] = sent.Warned
				return err
			}
		}
		for _, err := range race(warn(0), warn(1)) {
			h.must(err)
		}
		return counts[0] + counts[1]
	}
	for _, step := range []struct {
		at   time.Duration
		want string
	}{
		{0, "delegation.expiring 30, stored_faces.near_limit 90000"},
		{12*24*time.Hour + time.Minute, "request.due 3"},
		{13*24*time.Hour + time.Minute, "delegation.expiring 7"},
		{14*24*time.Hour + time.Minute, "request.due 1"},
		{16 * 24 * time.Hour, "request.due overdue"},
		{19*24*time.Hour + time.Minute, "delegation.expiring 1"},
		{21 * 24 * time.Hour, ""},
	} {
		h.clock.turn(step.at)
		before := h.told()
		n, again := warned(), warned()
		got := added(before, h.told())
		if got != step.want || again != 0 || n != len(strings.Split(step.want, ", ")) && step.want != "" {
			t.Errorf("after %v: warned %d times, then %d, of %q, want %q", step.at, n, again, got, step.want)
		}
	}
}

// added is what a list has that another has not.
func added(before, after string) string {
	var list []string
	for _, what := range strings.Split(after, ", ") {
		if !strings.Contains(before, what) {
			list = append(list, what)
		}
	}
	return strings.Join(list, ", ")
}
