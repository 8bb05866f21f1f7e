package bench

import (
	"slices"
	"sync"
	"testing"
	"time"
)

// BenchmarkWaitForAPlace tells how long a Record waits for its place under a checkpoint
// that is published, while a thousand are written in a second and the timer comes every
// minute, as it does in a cloud: the 99th percentile, and the longest.
func BenchmarkWaitForAPlace(b *testing.B) {
	w := newWorld(b)
	const perSecond, minutes = 1_000, 3
	w.add(10_000, false, true)
	w.sequence()
	for b.Loop() {
		end := time.Now().Add(minutes * time.Minute)
		var writer sync.WaitGroup
		writer.Go(func() {
			for second := time.NewTicker(time.Second); time.Now().Before(end.Add(-5 * time.Second)); <-second.C {
				w.addAt(time.Now(), perSecond)
			}
		})
		var waits []time.Duration
		for timer := time.NewTicker(time.Minute); time.Now().Before(end.Add(-time.Second)); {
			<-timer.C
			first := w.published()
			w.sequence()
			done := time.Now()
			for _, at := range w.written(first) {
				waits = append(waits, done.Sub(at))
			}
		}
		writer.Wait()
		slices.Sort(waits)
		if len(waits) < perSecond*100 {
			b.Fatalf("only %d have their places", len(waits))
		}
		b.ReportMetric(waits[len(waits)*99/100].Seconds(), "p99-s")
		b.ReportMetric(waits[len(waits)-1].Seconds(), "longest-s")
	}
}

// published is how many Records are under the last checkpoint.
func (w *world) published() (n int64) {
	w.tb.Helper()
	w.must(w.db.QueryRow(w.ctx(), `SELECT published FROM logs WHERE enterprise = $1`, w.tenant.Enterprise).Scan(&n))
	return n
}

// written is when the Records from a place on were written.
func (w *world) written(first int64) (list []time.Time) {
	w.tb.Helper()
	rows, err := w.db.Query(w.ctx(), `SELECT at FROM records WHERE enterprise = $1 AND place >= $2`, w.tenant.Enterprise, first)
	w.must(err)
	defer rows.Close()
	for rows.Next() {
		var at int64
		w.must(rows.Scan(&at))
		list = append(list, time.UnixMilli(at))
	}
	w.must(rows.Err())
	return list
}
