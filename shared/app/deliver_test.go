package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"nod/shared/domain"
	"nod/shared/vault"
)

// aPlatform is one enterprise's side of a drawer: what waits, and how its address answers.
type aPlatform struct {
	waits []domain.Delivery
	tries int // of the first, before
	url   string
}

// drawer is an outbox in memory, for one pass: what was claimed does not come back.
type drawer struct {
	Outbox
	mu        sync.Mutex
	platforms map[domain.ID]*aPlatform
	claims    map[domain.ID][]int // how many each time
	reported  map[domain.ID]Tried
	gaveUp    []domain.ID
	fault     error
}

func aDrawer(platforms map[domain.ID]*aPlatform) *drawer {
	return &drawer{platforms: platforms, claims: map[domain.ID][]int{}, reported: map[domain.ID]Tried{}}
}

func (d *drawer) Lanes(context.Context) (list []Lane, err error) {
	for id, p := range d.platforms {
		list = append(list, Lane{Enterprise: id, Purpose: domain.Exam, Tries: p.tries})
	}
	return list, d.fault
}

func (d *drawer) Claim(_ context.Context, l Lane, _ domain.ID, _ time.Duration, limit int) (c Claimed, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.platforms[l.Enterprise]
	n := min(limit, len(p.waits))
	c.List, p.waits = p.waits[:n], p.waits[n:]
	d.claims[l.Enterprise] = append(d.claims[l.Enterprise], n)
	c.Settings.Purposes = map[domain.Purpose]domain.PurposeSettings{domain.Exam: {Webhook: p.url}}
	c.Secret.Sealed = theSecret(l.Enterprise)
	return c, nil
}

func (d *drawer) Report(ctx context.Context, _ Lane, _ domain.ID, tries []Tried) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, t := range tries {
		d.reported[t.ID] = t
	}
	return 0, ctx.Err()
}

func (d *drawer) GiveUp(_ context.Context, l Lane, _ domain.DeliveryFault) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.gaveUp = append(d.gaveUp, l.Enterprise)
	return 1, nil
}

var theVault = func() *vault.Vault {
	key, err := vault.NewDataKey()
	if err != nil {
		panic(err)
	}
	v, err := vault.New(key, vault.RandomKey())
	if err != nil {
		panic(err)
	}
	return v
}()

func theSecret(enterprise domain.ID) []byte {
	_, sealed, err := newSecret(theVault, enterprise)
	if err != nil {
		panic(err)
	}
	return sealed
}

// wire answers by the address.
type wire struct {
	mu   sync.Mutex
	sent map[string]int
	most int // at once
	now  int
}

func (w *wire) Rest() {}

func (w *wire) Post(ctx context.Context, url string, m Message) (domain.DeliveryFault, int) {
	w.mu.Lock()
	w.sent[url]++
	w.now++
	w.most = max(w.most, w.now)
	w.mu.Unlock()
	defer func() { w.mu.Lock(); w.now--; w.mu.Unlock() }()
	switch {
	case !strings.HasPrefix(m.Secrets[0], SecretPrefix) || !bytes.Contains(m.Body, []byte(`"type":"request.due"`)):
		return domain.NotMade, 0
	case strings.HasPrefix(url, "hangs"):
		select {
		case <-ctx.Done():
		case <-time.After(10 * time.Second):
		}
		return domain.TimedOut, 0
	case strings.HasPrefix(url, "panics"):
		panic(url)
	}
	time.Sleep(time.Millisecond)
	return "", 200
}

func deliverer(d *drawer, w *wire) (Deliverer, *bytes.Buffer) {
	log := &bytes.Buffer{}
	n := 0
	var mu sync.Mutex
	newID := func() domain.ID { mu.Lock(); defer mu.Unlock(); n++; return domain.ID(fmt.Sprint("lease ", n)) }
	return Deliverer{Outbox: d, Integrator: Integrator{Vault: theVault, NewID: newID}, Poster: w, Log: slog.New(slog.NewTextHandler(log, nil))}, log
}

func waiting(enterprise string, n int) (list []domain.Delivery) {
	for i := range n {
		list = append(list, domain.Delivery{Event: domain.Event{ID: domain.ID(fmt.Sprint(enterprise, " ", i)),
			EventKey: domain.EventKey{Type: domain.TellRequest, Purpose: domain.Exam}}, Tries: 1})
	}
	return list
}

// Those whose address hangs cost nobody else's time, and little of the run's: each is
// tried once, and what else waits for it is left.
func TestAnAddressThatHangsHoldsUpNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		platforms := map[domain.ID]*aPlatform{"good": {waits: waiting("good", 100), url: "good"}}
		for i := range 2 * lanesAtOnce {
			id := domain.ID(fmt.Sprint("hangs ", i))
			platforms[id] = &aPlatform{waits: waiting(string(id), 50), tries: 3, url: string(id)}
		}
		d, w := aDrawer(platforms), &wire{sent: map[string]int{}}
		began := time.Now()
		all, _ := deliverer(d, w)
		s, err := all.Deliver(t.Context())
		if err != nil || s != (Sent{Delivered: 100, Retried: 2 * lanesAtOnce, Failed: 2 * lanesAtOnce}) {
			t.Errorf("sent %+v, %v", s, err)
		}
		if took := time.Since(began); took > 30*time.Second {
			t.Errorf("it took %v", took)
		}
		for id := range platforms {
			if id != "good" && (w.sent[string(id)] != 1 || len(platforms[id].waits) != 49) {
				t.Errorf("%s was tried %d times", id, w.sent[string(id)])
			}
		}
		if len(d.gaveUp) != 2*lanesAtOnce || slices.Contains(d.gaveUp, "good") {
			t.Errorf("given up in %v", d.gaveUp)
		}
		if w.most > lanesAtOnce*postsAtOnce {
			t.Errorf("%d were under way at once", w.most)
		}
	})
}

// One who was in trouble is asked with one message; when it is taken, the rest follows.
func TestAnAddressThatIsBackGetsAllThatWaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, w := aDrawer(map[domain.ID]*aPlatform{"back": {waits: waiting("back", 20), tries: 5, url: "back"}}), &wire{sent: map[string]int{}}
		all, _ := deliverer(d, w)
		s, err := all.Deliver(t.Context())
		if err != nil || s != (Sent{Delivered: 20}) || !slices.Equal(d.claims["back"], []int{1, 8, 8, 3}) {
			t.Errorf("sent %+v in %v, %v", s, d.claims, err)
		}
	})
}

// What is broken off at the end of a run is nobody's failure: it is due again later.
func TestWhatARunBreaksOffIsNotReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, w := aDrawer(map[domain.ID]*aPlatform{"hangs": {waits: waiting("hangs", 3), url: "hangs"}}), &wire{sent: map[string]int{}}
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		all, log := deliverer(d, w)
		s, err := all.Deliver(ctx)
		if err != nil || s != (Sent{}) || len(d.reported) != 0 || len(d.gaveUp) != 0 || log.Len() > 0 {
			t.Errorf("sent %+v, reported %v, %v\n%s", s, d.reported, err, log)
		}
	})
}

// A message that Nod cannot write is Nod's fault: the others go on, and no log tells what
// was in it.
func TestAFaultOfNodsIsOneMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, w := aDrawer(map[domain.ID]*aPlatform{"panics": {waits: waiting("panics", 2), url: "panics https://secret.example.com"},
			"good": {waits: waiting("good", 2), url: "good"}, "nowhere": {waits: waiting("nowhere", 1)}}), &wire{sent: map[string]int{}}
		all, log := deliverer(d, w)
		s, err := all.Deliver(t.Context())
		if err != nil || s.Delivered != 2 || d.reported["panics 1"].Fault != domain.NotMade || d.reported["nowhere 0"].Fault != domain.NoWebhook {
			t.Errorf("sent %+v, reported %v, %v", s, d.reported, err)
		}
		for _, r := range d.reported {
			if r.Fault != "" && (r.Wait < 45*time.Second || r.Wait > 75*time.Second) {
				t.Errorf("after one try it waits %v", r.Wait)
			}
		}
		if !strings.Contains(log.String(), "panic") || strings.Contains(log.String(), "secret.example.com") {
			t.Errorf("the log says %s", log)
		}
	})
}

func TestAnOutboxThatCannotBeReadIsAFault(t *testing.T) {
	d := aDrawer(nil)
	d.fault = errors.New("fault")
	all, _ := deliverer(d, &wire{})
	if _, err := all.Deliver(t.Context()); !errors.Is(err, d.fault) {
		t.Errorf("%v", err)
	}
}
