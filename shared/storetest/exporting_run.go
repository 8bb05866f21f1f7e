package storetest

import (
	"bytes"
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"nod/shared/app"
	"nod/shared/domain"
)

// mortal is a queue whose worker dies when it writes for the n-th time: before, or after.
type mortal struct {
	app.ExportJobs
	lives int
	after bool
}

func (m *mortal) SaveExport(ctx context.Context, job app.ExportJob, next app.ExportNext) (bool, error) {
	m.lives--
	if m.lives == 0 && !m.after {
		return false, errFault
	}
	saved, err := m.ExportJobs.SaveExport(ctx, job, next)
	if m.lives == 0 {
		return false, errFault
	}
	return saved, err
}

// Whatever the moment at which a worker is killed, the next one goes on, and what comes of
// it is the same file.
func exportKilled(t *testing.T, open opener) {
	w := aWorkshop(t, open)
	w.place()
	asked := w.asked()
	var ids []domain.ID
	turned := time.Duration(0)
	for lives, dead := 1, true; dead; lives++ {
		dead = false
		for _, after := range []bool{false, true} {
			ids = append(ids, w.order(asked))
			x := w.exporter()
			x.Jobs = &mortal{w.store, lives, after}
			if _, err := x.Run(t.Context()); err != nil {
				dead = true
			}
			turned += 3 * time.Minute // the lease is over
			w.clock.turn(turned)
			w.run(w.exporter())
		}
	}
	if len(ids) < 20 {
		t.Errorf("an export has %d steps, which is too few to prove anything", len(ids)/2)
	}
	undisturbed := w.order(asked)
	w.run(w.exporter())
	want := w.bundle(undisturbed)
	for i, id := range ids {
		if !bytes.Equal(w.bundle(id), want) {
			t.Errorf("killed at %d: it is another file", i/2+1)
		}
	}
	w.toldReady(append(ids, undisturbed)...)
}

// toldReady holds that the platform is told of these bundles, each once, and of no other.
func (w *workshop) toldReady(ids ...domain.ID) {
	w.t.Helper()
	told := map[domain.ID]int{}
	for _, d := range w.deliveries(app.DeliveryFilter{}) {
		if d.Type != domain.TellExport {
			continue
		}
		id := domain.ID(d.Thing)
		told[id]++
		e := w.look(id)
		want := domain.EventData{Enterprise: w.id, Mode: domain.Live, Export: id, SHA256: e.Bundle.SHA256, Bytes: e.Bundle.Bytes,
			Records: new(e.Bundle.Records), ExpiresAt: e.ExpiresAt, Last: e.Last}
		same(w.t, "told", d.Data, want)
	}
	if len(told) != len(ids) {
		w.t.Errorf("%d bundles are told of, %d are ready", len(told), len(ids))
	}
	for _, id := range ids {
		if told[id] != 1 {
			w.t.Errorf("%s is told of %d times", id, told[id])
		}
	}
}

// Two workers, and each step of each export counts once.
func exportersRace(t *testing.T, open opener) {
	w := aWorkshop(t, open)
	asked := w.asked()
	ids := []domain.ID{w.order(asked), w.order(asked), w.order(asked), w.order(asked)}
	w.place()
	var ready atomic.Int64
	done := make(chan error)
	for range 3 {
		x := w.exporter()
		x.Log = slog.New(slog.DiscardHandler)
		go func() {
			d, err := x.Run(t.Context())
			ready.Add(int64(d.Ready))
			done <- err
		}()
	}
	for range 3 {
		w.must(<-done)
	}
	if ready.Load() != int64(len(ids)) {
		t.Errorf("%d bundles were made of %d exports", ready.Load(), len(ids))
	}
	for _, id := range ids {
		if !bytes.Equal(w.bundle(id), w.bundle(ids[0])) {
			t.Error("they differ")
		}
	}
}

// A worker that was frozen in the middle of a step wakes up when another has done all.
func leaseLost(t *testing.T, open opener) {
	w := aWorkshop(t, open)
	id := w.order(w.asked())
	w.place()
	other := w.exporter()
	writes := 0
	w.write = func(string) error {
		if writes++; writes == 4 {
			w.clock.turn(3 * time.Minute)
			if d := w.run(other); d.Ready != 1 {
				t.Errorf("the other did %+v", d)
			}
		}
		return nil
	}
	if d := w.run(w.exporter()); d.Ready != 0 || d.Faults != 0 {
		t.Errorf("who had lost the lease did %+v", d)
	}
	w.bundle(id)
	w.toldReady(id)
}
