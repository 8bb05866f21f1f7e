package app

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"nod/shared/domain"
	"nod/shared/objects"
	"nod/shared/vault"
)

// longLog is a log of any length that is nowhere: its lines are made as they are read. In
// the second two thirds of it everybody is checked on a consent of the first.
type longLog struct {
	ExportSource
	size int64
	peak uint64 // of memory, by what was seen when lines were read
}

func (l *longLog) Log(context.Context) (Log, error) {
	return Log{Published: l.size, Checkpoint: "checkpoint\n", Keys: "key"}, nil
}

func (l *longLog) Tiles(_ context.Context, want []tlog.Tile) (list [][]byte, err error) {
	for _, t := range want {
		list = append(list, make([]byte, t.W*tlog.HashSize))
	}
	return list, nil
}

func (l *longLog) Range(context.Context, time.Time, time.Time, int64) (first, end int64, err error) {
	return l.size / 3, l.size, nil
}

func (l *longLog) line(at int64) string {
	if at < l.size/3 {
		return fmt.Sprintf(`{"v":1,"id":"%036d","type":"consent.granted","at":"2026-11-23T01:02:03.456Z","subject":"%032x","prev":"%064x","purpose":"exam","routes":["photo"],"session":"%036d","by":"self","subject_commitment":"%064x"}`,
			at, at, at*7919, at, at*104729)
	}
	return fmt.Sprintf(`{"v":1,"id":"%036d","type":"check.started","at":"2026-11-23T01:02:03.456Z","subject":"%032x","prev":"%064x","purpose":"exam","route":"photo","session":"%036d","consent":"%036d","attempt":"a1","capture":"stream"}`,
		at, at/2, at*7919, at, (at-l.size/3)/2)
}

func (l *longLog) Exported(_ context.Context, from, before int64, _ string, _ bool, limit int) (list []ExportedLine, err error) {
	l.look()
	for at := from; at < before && len(list) < limit; at++ {
		list = append(list, ExportedLine{Place: at, Line: l.line(at)})
	}
	return list, nil
}

func (l *longLog) At(_ context.Context, places []int64) (list []ExportedLine, err error) {
	l.look()
	for _, at := range places {
		list = append(list, ExportedLine{Place: at, Line: l.line(at)})
	}
	return list, nil
}

func (l *longLog) Places(_ context.Context, records []domain.ID) (places []int64, err error) {
	for _, id := range records {
		var at int64
		if _, err := fmt.Sscan(string(id), &at); err != nil {
			return nil, err
		}
		places = append(places, at)
	}
	return places, nil
}

func (l *longLog) LaidDown(context.Context, int64) ([]int64, error) { return nil, nil }

func (l *longLog) look() {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	l.peak = max(l.peak, m.Sys-m.HeapReleased)
}

// memory is a queue of one export, which looks at the memory between steps, too.
type memory struct {
	job *ExportJob
	log *longLog
}

func (m *memory) ClaimExport(_ context.Context, lease domain.ID, _ time.Duration) (ExportJob, bool, error) {
	m.job.Lease = lease
	return *m.job, m.job.Export.State != domain.ExportReady, nil
}

func (m *memory) SaveExport(_ context.Context, job ExportJob, _ ExportNext) (bool, error) {
	m.log.look()
	*m.job = job
	return true, nil
}

// exportOf makes a bundle of so many Records and returns the most memory that it took.
func exportOf(tb testing.TB, records int64) (peak uint64, e domain.Export) {
	tb.Helper()
	peak, e, _ = exportIn(tb, records, 0)
	return peak, e
}

// exportIn makes it in steps of so many lines.
func exportIn(tb testing.TB, records int64, perStep int) (peak uint64, e domain.Export, out *objects.Store) {
	tb.Helper()
	out, err := objects.Open("file:"+tb.TempDir(), objects.Credentials{})
	if err != nil {
		tb.Fatal(err)
	}
	log := &longLog{size: records * 3 / 2}
	job := &ExportJob{Enterprise: "e", Now: time.Now(), Export: domain.Export{ID: "x", State: domain.ExportWaiting,
		Asked: domain.ExportRequest{From: time.Unix(1, 0), To: time.Unix(2, 0), Identifiers: domain.Pseudonyms}}}
	x := Exporter{
		Jobs: &memory{job, log}, Source: func(domain.ID) ExportSource { return log }, Origin: func(domain.ID) string { return "o" }, Objects: out,
		PerStep: perStep, NewID: func() domain.ID { return domain.ID("01920000-0000-7000-8000-" + vault.NewSecret()[:12]) }, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	for job.Export.State != domain.ExportReady {
		if d, err := x.Run(tb.Context()); err != nil || d.Faults > 0 {
			tb.Fatalf("%+v, %v", d, err)
		}
	}
	return log.peak, job.Export, out
}

// However small the steps, and however often what people did is merged, it comes to the same
// files.
func TestWhatAnExportComesToIsTheSameInAnySteps(t *testing.T) {
	files := map[string]string{}
	for _, perStep := range []int{0, 20} { // which makes 150 runs and more, of which 64 are open together
		_, e, out := exportIn(t, 3_000, perStep)
		content, _, err := out.Open(t.Context(), e.Bundle.Object)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(content)
		if err != nil || content.Close() != nil {
			t.Fatal(err)
		}
		z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			if was, met := files[f.Name]; met && was != string(text) {
				t.Errorf("%s is another in steps of %d", f.Name, perStep)
			}
			files[f.Name] = string(text)
		}
	}
	if report := files["report.html"]; !strings.Contains(report, "<b>3,000</b>") || len(files["consents.jsonld"]) == 0 {
		t.Errorf("the report is %s", report)
	}
}

// More Records than a step takes need no more memory than a few.
func TestAnExportOfMoreTakesNoMoreMemory(t *testing.T) {
	for _, records := range []int64{2_000, 45_000} {
		peak, e := exportOf(t, records)
		if e.Done != records || e.Of != records || e.Bundle.Bytes == 0 {
			t.Errorf("the export of %d is %+v", records, e)
		}
		if peak > 128<<20 {
			t.Errorf("an export of %d takes %d MB", records, peak>>20)
		}
	}
}

func BenchmarkExport(b *testing.B) {
	for b.Loop() {
		peak, e := exportOf(b, 1_000_000)
		if peak > 128<<20 {
			b.Errorf("it takes %d MB", peak>>20)
		}
		b.ReportMetric(float64(peak>>20), "peak-MB")
		b.ReportMetric(float64(e.Bundle.Bytes>>20), "bundle-MB")
	}
}
