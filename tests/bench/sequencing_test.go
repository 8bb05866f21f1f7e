package bench

import (
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"nod/tests/postgres"
)

// BenchmarkSequencing tells how many Records get their places in a second, with the
// checkpoints that are published meanwhile.
func BenchmarkSequencing(b *testing.B) {
	w := newWorld(b)
	const records = 100_000
	for b.Loop() {
		b.StopTimer()
		w.add(records, false, true)
		b.StartTimer()
		if placed := w.sequence(); placed != records {
			b.Fatalf("%d of %d have their places", placed, records)
		}
	}
	b.ReportMetric(float64(records*b.N)/b.Elapsed().Seconds(), "records/s")
}

// BenchmarkSequencingALongLog holds the time that a Record takes in a log of ten million
// (NOD_BENCH_LOG: of so many) against that in one of a hundred thousand. Each is in a
// database of its own, on a server that has the memory which one for so many would have;
// they take turns.
func BenchmarkSequencingALongLog(b *testing.B) {
	length := 10_000_000
	if s := os.Getenv("NOD_BENCH_LOG"); s != "" {
		var err error
		if length, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	server := postgres.Start(b, postgres.Options{Settings: map[string]string{"shared_buffers": "4GB", "max_wal_size": "16GB", "checkpoint_timeout": "1h"}})
	short, long := worldAt(b, server.Database(b)), worldAt(b, server.Database(b))
	short.add(100_000, true, false)
	long.add(length, true, false)
	short.sequence()
	long.sequence()
	const records, rounds = 20_000, 5
	timed := func(w *world) float64 {
		w.add(records, false, true)
		begin := time.Now()
		w.sequence()
		return time.Since(begin).Seconds()
	}
	for b.Loop() {
		var times [2][]float64
		for range rounds {
			for i, w := range []*world{short, long} {
				times[i] = append(times[i], timed(w))
			}
		}
		slices.Sort(times[0])
		slices.Sort(times[1])
		b.ReportMetric(times[1][rounds/2]/times[0][rounds/2], "x-short-log")
		b.ReportMetric(times[1][rounds/2]/records*1e6, "us/record")
	}
}
