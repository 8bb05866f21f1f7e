package storetest

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/ledger/packing"
	"nod/shared/ledger/timestamp"
	"nod/tests/authority"
)

// timestamping is how checkpoints come to the word of an authority, and what must not come
// of one that does not do its part.
var timestamping = map[string]func(*testing.T, opener){
	"the last checkpoint is timestamped, once an hour":     stampedOnceAnHour,
	"an authority that fails stops no log":                 authorityFails,
	"the authority is left alone after failures in a row":  authorityLeftAlone,
	"two who timestamp at once ask once":                   stampersRace,
	"a timestamp that is there stays":                      stampStays,
	"logs have their own timestamps":                       stampsApart,
	"what is kept outside is the timestamp":                stampOutside,
	"a bundle has its checkpoint's own timestamp":          bundleStamped,
	"a bundle has the first timestamp over all its range":  bundleStampedEarly,
	"a bundle is made without the authority":               bundleUnstamped,
	"a bundle over a timestamped checkpoint is always one": bundleStampedAgain,
}

// clerk is an authority of a test, and what goes wrong with it.
type clerk struct {
	*authority.Authority
	asked atomic.Int32
	mu    sync.Mutex
	said  bytes.Buffer // in the log
	fault error
	panic bool
}

func (c *clerk) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.said.Write(p)
}

func (c *clerk) Timestamp(_ context.Context, message []byte) ([]byte, time.Time, error) {
	c.asked.Add(1)
	if c.panic {
		panic("of the authority")
	}
	now := time.Now().Truncate(time.Second)
	return c.Stamp(message, now), now, c.fault
}

// stamper is one instance's, which asks c.
func (h *house) stamper(c *clerk, out *outside) app.Timestamping {
	return app.Timestamping{
		Stamps: h.store, Authority: c, Outside: out.Store, Every: time.Hour, Log: slog.New(slog.NewJSONHandler(c, nil)),
	}
}

// stamp runs once, and fails the test if that is not what it does.
func (h *house) stamp(c *clerk, out *outside, want app.Timestamped) {
	h.t.Helper()
	if got, err := h.stamper(c, out).Run(h.t.Context()); err != nil || got != want {
		h.t.Fatalf("done %+v, %v, want %+v\n%s", got, err, want, &c.said)
	}
}

// stamped holds that a log's last timestamp is of a size, and by c.
func (h *house) stamped(c *clerk, size int64) app.Timestamp {
	h.t.Helper()
	list, err := h.store.Timestamps(h.t.Context(), h.id, 0, size)
	if h.must(err); len(list) != 1 || list[0].Size != size {
		h.t.Fatalf("there are %+v, want one of %d", list, size)
	}
	s, err := timestamp.Verify(list[0].TSR, []byte(list[0].Checkpoint), c.Roots())
	if err != nil || !s.Time.Equal(list[0].At) {
		h.t.Errorf("it says %+v, %v; known is %v", s, err, list[0].At)
	}
	return list[0]
}

func newClerk() *clerk { return &clerk{Authority: authority.New()} }

// grow adds a Record to the log, and a checkpoint over it.
func (h *house) grow(out *outside) app.Log {
	h.t.Helper()
	h.consenting(fmt.Sprintf("工号-%d", len(h.log(""))))
	s, log := h.sequencer(out)
	if done, err := s.Run(h.t.Context()); err != nil || done.Stopped > 0 {
		h.t.Fatalf("%+v, %v\n%s", done, err, log)
	}
	l, err := h.tenant.Log(h.t.Context())
	h.must(err)
	return l
}

func stampedOnceAnHour(t *testing.T, open opener) {
	h, out, c := aHouse(t, open), newOutside(t), newClerk()
	h.stamp(c, out, app.Timestamped{}) // there is no checkpoint yet
	l := h.grow(out)
	h.stamp(c, out, app.Timestamped{Made: 1})
	if p := h.stamped(c, l.Size); p.Checkpoint != l.Checkpoint {
		t.Errorf("it is of %q", p.Checkpoint)
	}
	h.stamp(c, out, app.Timestamped{})
	h.clock.turn(59 * time.Minute)
	later := h.grow(out)
	h.stamp(c, out, app.Timestamped{})
	h.clock.turn(61 * time.Minute)
	h.stamp(c, out, app.Timestamped{Made: 1})
	h.stamped(c, later.Size)
	h.clock.turn(24 * time.Hour)
	h.stamp(c, out, app.Timestamped{}) // nothing has come since
	if got, err := h.tenant.Log(t.Context()); err != nil || got.Stamped != later.Size {
		t.Errorf("known is %+v, %v", got, err)
	}
}

func authorityFails(t *testing.T, open opener) {
	for name, c := range map[string]*clerk{"a fault": {fault: errFault}, "a panic": {panic: true}} {
		c.Authority = authority.New()
		h, out := aHouse(t, open), newOutside(t)
		h.grow(out)
		h.stamp(c, out, app.Timestamped{Failed: 1})
		h.stamp(c, out, app.Timestamped{}) // not at once again
		l := h.grow(out)                   // the log goes on
		h.clock.turn(time.Minute)
		h.stamp(c, out, app.Timestamped{Failed: 1})
		h.clock.turn(3 * time.Hour)
		h.stamp(c, out, app.Timestamped{Failed: 1, Late: 1})
		if !bytes.Contains(c.said.Bytes(), []byte(`"level":"ERROR","msg":"timestamped"`)) {
			t.Errorf("%s: nobody was told: %s", name, &c.said)
		}
		c.fault, c.panic = nil, false
		h.clock.turn(4 * time.Hour)
		h.stamp(c, out, app.Timestamped{Made: 1})
		h.stamped(c, l.Size) // of the last one
	}
}

func authorityLeftAlone(t *testing.T, open opener) {
	h, out, c := aHouse(t, open), newOutside(t), newClerk()
	for range 4 {
		h.another()
	}
	h.grow(out)
	c.fault = errFault
	h.stamp(c, out, app.Timestamped{Failed: 3})
	c.fault = nil
	h.stamp(c, out, app.Timestamped{Made: 2}) // those that were not tried
	h.clock.turn(time.Minute)
	h.stamp(c, out, app.Timestamped{Made: 3})
}

func stampersRace(t *testing.T, open opener) {
	h, out, c := aHouse(t, open), newOutside(t), newClerk()
	h.grow(out)
	var calls []func() error
	for _, at := range h.crowded() {
		calls = append(calls, func() error {
			_, err := at.stamper(c, out).Run(t.Context())
			return err
		})
	}
	for _, err := range race(calls...) {
		h.must(err)
	}
	if n := c.asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func stampStays(t *testing.T, open opener) {
	h, out, c := aHouse(t, open), newOutside(t), newClerk()
	l := h.grow(out)
	h.stamp(c, out, app.Timestamped{Made: 1})
	was := h.stamped(c, l.Size)
	another := was
	another.TSR, another.At = []byte("another"), was.At.Add(time.Hour)
	h.must(h.store.KeepTimestamp(t.Context(), h.id, another, time.Hour))
	same(t, "timestamp", h.stamped(c, l.Size), was)
	older := was
	older.Size = l.Size - 1
	h.must(h.store.KeepTimestamp(t.Context(), h.id, older, time.Hour))
	if got, err := h.tenant.Log(t.Context()); err != nil || got.Stamped != l.Size {
		t.Errorf("an older one set it back to %d, %v", got.Stamped, err)
	}
}

func stampsApart(t *testing.T, open opener) {
	h, out, c := aHouse(t, open), newOutside(t), newClerk()
	o := h.another()
	h.grow(out)
	h.stamp(c, out, app.Timestamped{Made: 2})
	mine, err := h.store.Timestamps(t.Context(), h.id, 0, 1000)
	h.must(err)
	theirs, err := o.store.Timestamps(t.Context(), o.id, 0, 1000)
	o.must(err)
	if len(mine) != 1 || len(theirs) != 1 || mine[0].Checkpoint == theirs[0].Checkpoint {
		t.Errorf("they have %+v and %+v", mine, theirs)
	}
}

func stampOutside(t *testing.T, open opener) {
	h, out, c := aHouse(t, open), newOutside(t), newClerk()
	l := h.grow(out)
	h.stamp(c, out, app.Timestamped{Made: 1})
	r, _, err := out.Open(t.Context(), fmt.Sprintf("timestamps/%s/%019d.tsr", h.id, l.Size))
	h.must(err)
	defer r.Close()
	var b bytes.Buffer
	_, err = b.ReadFrom(r)
	if h.must(err); !bytes.Equal(b.Bytes(), h.stamped(c, l.Size).TSR) {
		t.Error("what lies outside is another one")
	}
}

// stamping is an exporter that asks c.
func (w *workshop) stamping(c *clerk) app.Exporter {
	x := w.exporter()
	x.Timestamps = w.stamper(c, w.out).With
	return x
}

// stampsIn are the timestamps in a bundle, each of the checkpoint beside it and by c.
func (w *workshop) stampsIn(b []byte, c *clerk) (sizes []int64) {
	w.t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	w.must(err)
	for _, f := range z.File {
		var size int64
		if n, _ := fmt.Sscanf(f.Name, "proof/timestamps/%d.tsr", &size); n == 0 || !strings.HasSuffix(f.Name, ".tsr") {
			continue
		}
		of, _ := packing.TimestampFiles(size)
		if _, err := timestamp.Verify([]byte(w.file(b, f.Name)), []byte(w.file(b, of)), c.Roots()); err != nil {
			w.t.Errorf("%s: %v", f.Name, err)
		}
		sizes = append(sizes, size)
	}
	return sizes
}

func bundleStamped(t *testing.T, open opener) {
	w, c := aWorkshop(t, open), newClerk()
	w.place()
	id := w.order(w.asked())
	w.run(w.stamping(c))
	got := w.stampsIn(w.bundle(id), c)
	l, err := w.tenant.Log(t.Context())
	if w.must(err); len(got) != 1 || got[0] != l.Published || l.Stamped != l.Published {
		t.Errorf("the bundle has timestamps over %v, the log is %+v", got, l)
	}
}

func bundleStampedEarly(t *testing.T, open opener) {
	w, c := aWorkshop(t, open), newClerk()
	w.place()
	first, err := w.tenant.Log(t.Context())
	w.must(err)
	asked := w.asked()
	asked.To = w.look(w.order(w.asked())).MadeAt // before what follows
	w.run(w.stamping(c))                         // has the first one timestamped
	for i := range 2 {
		w.clock.turn(time.Duration(i+2) * time.Hour)
		w.grow(w.out)
		w.stamp(c, w.out, app.Timestamped{Made: 1})
	}
	id := w.order(asked)
	w.run(w.stamping(c))
	last, err := w.tenant.Log(t.Context())
	w.must(err)
	if got := w.stampsIn(w.bundle(id), c); len(got) != 2 || got[0] != first.Published || got[1] != last.Published {
		t.Errorf("the bundle has timestamps over %v, want %d and %d", got, first.Published, last.Published)
	}
}

func bundleUnstamped(t *testing.T, open opener) {
	w, c := aWorkshop(t, open), newClerk()
	w.place()
	c.fault = errFault
	id := w.order(w.asked())
	w.run(w.stamping(c))
	if got := w.stampsIn(w.bundle(id), c); len(got) != 0 {
		t.Errorf("it has timestamps over %v", got)
	}
	if e := w.look(id); e.State != domain.ExportReady {
		t.Errorf("it is %s", e.State)
	}
}

func bundleStampedAgain(t *testing.T, open opener) {
	w, c := aWorkshop(t, open), newClerk()
	w.place()
	var ids []domain.ID
	asked := w.asked()
	for range 2 {
		ids = append(ids, w.order(asked))
	}
	w.run(w.stamping(c))
	if !bytes.Equal(w.bundle(ids[0]), w.bundle(ids[1])) || c.asked.Load() != 1 {
		t.Errorf("they are two, the authority was asked %d times", c.asked.Load())
	}
}
