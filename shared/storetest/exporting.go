package storetest

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"slices"
	"testing"
	"time"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/objects"
	"nod/shared/store"
)

// exporting is how bundles are made by workers that can be ended at any time.
var exporting = map[string]func(*testing.T, opener){
	"an export is kept as it was asked for":              exportKept,
	"an export goes on wherever its worker was killed":   exportKilled,
	"two workers make each export once":                  exportersRace,
	"who has lost the lease changes nothing":             leaseLost,
	"an export that cannot be made fails, and no other":  exportFails,
	"an export waits for the log's first checkpoint":     exportWaits,
	"exports of another enterprise are not there":        exportsApart,
	"an export is of the log as it was when it began":    exportFixed,
	"an expired bundle is taken away, and nothing else":  exportExpires,
	"an erased person's id is in no export":              exportAfterErasure,
	"lines come by place, of one person where one asked": exportedLines,
	"the last export has everything that was written":    lastExportWaits,
	"there is a last export until it is acknowledged":    lastExportAgain,
}

// workshop is where bundles of a test are made.
type workshop struct {
	*house
	out   *outside
	write func(name string) error // before an object is written
	log   *bytes.Buffer
}

func aWorkshop(t *testing.T, open opener) *workshop {
	t.Helper()
	w := &workshop{house: aHouse(t, open), out: newOutside(t), log: &bytes.Buffer{}}
	p, q := w.consenting("工号-1"), w.consenting("工号-2")
	w.must(p.check("a", passed))
	w.must(q.withdraw())
	return w
}

// place brings the log up to date.
func (w *workshop) place() {
	w.t.Helper()
	s, log := w.sequencer(w.out)
	if _, err := s.Run(w.t.Context()); err != nil {
		w.t.Fatalf("%v\n%s", err, log)
	}
}

// kept is objects, with what a test does before one is written.
type kept struct {
	*objects.Store
	write func(string) error
}

func (k kept) Write(ctx context.Context, name string, content io.Reader) error {
	if k.write != nil {
		if err := k.write(name); err != nil {
			return err
		}
	}
	return k.Store.Write(ctx, name, content)
}

// exporter is one worker, with steps of three lines.
func (w *workshop) exporter() app.Exporter {
	return app.Exporter{
		Jobs: w.store, Source: func(id domain.ID) app.ExportSource { return w.store.Tenant(id) }, Origin: originOf,
		Objects: kept{w.out.Store, w.write}, Vault: w.box(), NewID: store.NewID, PerStep: 3,
		Log: slog.New(slog.NewJSONHandler(w.log, nil)),
	}
}

func (w *workshop) run(x app.Exporter) app.Exported {
	w.t.Helper()
	d, err := x.Run(w.t.Context())
	if err != nil {
		w.t.Fatalf("%v\n%s", err, w.log)
	}
	return d
}

// asked is an export of everything.
func (w *workshop) asked() domain.ExportRequest {
	from, to := w.allDay()
	return domain.ExportRequest{From: from, To: to, Identifiers: domain.Pseudonyms}
}

func (w *workshop) order(asked domain.ExportRequest) domain.ID {
	w.t.Helper()
	id := store.NewID()
	w.must(w.instruct(func(c *domain.Charter) error { _, err := c.Export(id, asked, actor); return err }))
	return id
}

func (w *workshop) look(id domain.ID) domain.Export {
	w.t.Helper()
	e, _, err := w.tenant.Export(w.t.Context(), id)
	w.must(err)
	return e
}

// bundle is the file of an export that must be ready.
func (w *workshop) bundle(id domain.ID) []byte {
	w.t.Helper()
	e := w.look(id)
	if e.State != domain.ExportReady || e.Done != e.Of || e.Of == 0 {
		w.t.Fatalf("the export is %+v\n%s", e, w.log)
	}
	r, size, err := w.out.Open(w.t.Context(), e.Bundle.Object)
	w.must(err)
	defer r.Close()
	b, err := io.ReadAll(r)
	if w.must(err); int64(len(b)) != size || size != e.Bundle.Bytes {
		w.t.Errorf("the bundle has %d bytes, known are %d", len(b), e.Bundle.Bytes)
	}
	return b
}

// file is one of a bundle's.
func (w *workshop) file(bundle []byte, name string) string {
	w.t.Helper()
	z, err := zip.NewReader(bytes.NewReader(bundle), int64(len(bundle)))
	w.must(err)
	f, err := z.Open(name)
	w.must(err)
	defer f.Close()
	b, err := io.ReadAll(f)
	w.must(err)
	return string(b)
}

func exportKept(t *testing.T, open opener) {
	w := aWorkshop(t, open)
	w.place()
	asked := w.asked()
	asked.Purposes, asked.Subject = []domain.Purpose{domain.Exam}, "7d1e0000000000000000000000000001"
	asked.Identifiers, asked.Reason = domain.SubjectIDs, domain.ForAudit
	id := w.order(asked)
	e := w.look(id)
	same(t, "export", e, domain.Export{ID: id, Asked: asked, Actor: actor, MadeAt: e.MadeAt, State: domain.ExportWaiting})
	list, now, err := w.tenant.Exports(t.Context(), "", 10)
	if w.must(err); len(list) != 1 || now.Before(e.MadeAt) {
		t.Errorf("the list is %v, at %v", list, now)
	}
	same(t, "listed", list[0], e)
	if list, _, _ := w.tenant.Exports(t.Context(), id, 10); len(list) != 0 {
		t.Errorf("behind the last there is %v", list)
	}
	l, err := w.tenant.Log(t.Context())
	w.must(err)
	var line struct {
		Type    domain.RecordType
		LogSize int64 `json:"log_size"`
	}
	records := w.written()
	w.must(json.Unmarshal([]byte(records[len(records)-1]), &line))
	if line.Type != domain.ExportMade || line.LogSize != l.Size || l.Size == 0 {
		t.Errorf("the log of %d ends with %s", l.Size, records[len(records)-1])
	}
}

// written is the lines of the log, also those that have no place yet.
func (w *workshop) written() []string {
	w.t.Helper()
	lines, err := w.tenant.Records(w.t.Context(), "", "", 10_000)
	w.must(err)
	return lines
}

func exportFails(t *testing.T, open opener) {
	w := aWorkshop(t, open)
	bad := w.order(w.asked())
	good := w.order(w.asked())
	w.place()
	w.write = func(name string) error {
		if bytes.Contains([]byte(name), []byte(bad)) {
			return errFault
		}
		return nil
	}
	failed := 0
	for i := range 12 {
		w.clock.turn(time.Duration(i) * 10 * time.Minute)
		failed += w.run(w.exporter()).Failed
	}
	if e := w.look(bad); e.State != domain.ExportFailed || failed != 1 {
		t.Errorf("it is %s, failed %d times", e.State, failed)
	}
	w.bundle(good)
	w.toldReady(good)
}

func exportWaits(t *testing.T, open opener) {
	w := aWorkshop(t, open)
	id := w.order(w.asked())
	if d := w.run(w.exporter()); d.Faults != 0 || d.Steps != 0 {
		t.Errorf("without a checkpoint %+v was done", d)
	}
	w.place()
	w.clock.turn(2 * time.Minute)
	w.run(w.exporter())
	w.bundle(id)
}

func exportsApart(t *testing.T, open opener) {
	w := aWorkshop(t, open)
	id := w.order(w.asked())
	o := w.another()
	if list, _, err := o.tenant.Exports(t.Context(), "", 10); err != nil || len(list) != 0 {
		t.Errorf("another enterprise has %v, %v", list, err)
	}
	_, _, err := o.tenant.Export(t.Context(), id)
	w.refused(err, domain.NoSuchThing)
}

// What is placed after the first step is in another export.
func exportFixed(t *testing.T, open opener) {
	w := aWorkshop(t, open)
	id := w.order(w.asked())
	w.place()
	l, err := w.tenant.Log(t.Context())
	w.must(err)
	once := true
	w.write = func(string) error {
		if once {
			once = false
			w.must(w.consenting("工号-3").check("z", passed))
			w.place()
		}
		return nil
	}
	w.run(w.exporter())
	b := w.bundle(id)
	if got := w.file(b, "proof/checkpoint"); got != l.Checkpoint {
		t.Errorf("the bundle is over\n%s, its first step was over\n%s", got, l.Checkpoint)
	}
	if n := bytes.Count([]byte(w.file(b, "records.ndjson")), []byte("\n")); int64(n) != l.Size {
		t.Errorf("it has %d lines of %d", n, l.Size)
	}
}

func exportExpires(t *testing.T, open opener) {
	w := aWorkshop(t, open)
	asked := w.asked()
	first := w.order(asked)
	w.place()
	w.run(w.exporter())
	gone := w.look(first).Bundle.Object
	w.clock.turn(6 * 24 * time.Hour)
	second := w.order(asked)
	w.run(w.exporter())
	w.clock.turn(domain.ExportKeptFor + time.Minute)
	if d := w.run(w.exporter()); d.Gone != 1 || d.Ready != 0 {
		t.Errorf("done %+v", d)
	}
	if _, _, err := w.out.Open(t.Context(), gone); err == nil || w.look(first).State != domain.ExportExpired {
		t.Error("the bundle is still there")
	}
	w.bundle(second)
	if d := w.run(w.exporter()); d != (app.Exported{}) {
		t.Errorf("then there is %+v to do", d)
	}
}

func exportAfterErasure(t *testing.T, open opener) {
	w := aWorkshop(t, open)
	w.place()
	asked := w.asked()
	l, err := w.tenant.Log(t.Context())
	w.must(err)
	ids := func() (n int) {
		list, err := w.tenant.Exported(t.Context(), 0, l.Size, "", true, 1000)
		w.must(err)
		for _, x := range list {
			if len(x.SealedID) > 0 {
				n++
			}
		}
		return n
	}
	if ids() == 0 {
		t.Error("with the ids there are none")
	}
	w.shut()
	w.takesAlong()
	w.must(w.acknowledge())
	tm, _ := w.timer()
	if _, err := tm.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := ids(); n != 0 {
		t.Errorf("%d lines still have one", n)
	}
	asked.Identifiers, asked.Reason = domain.SubjectIDs, domain.ForHandOver
	id := w.order(asked)
	w.place()
	w.run(w.exporter())
	w.bundle(id)
	w.toldReady() // there is nobody any more who would be told
}

func exportedLines(t *testing.T, open opener) {
	w := aWorkshop(t, open)
	w.place()
	l, err := w.tenant.Log(t.Context())
	w.must(err)
	all, err := w.tenant.Exported(t.Context(), 0, l.Size, "", false, 1000)
	if w.must(err); int64(len(all)) != l.Size {
		t.Fatalf("%d of %d lines are read", len(all), l.Size)
	}
	var places []int64
	for i, x := range all {
		if x.Place != int64(i) || len(x.SealedID) > 0 {
			t.Errorf("at %d there is %+v", i, x)
		}
		places = append(places, x.Place)
	}
	some, err := w.tenant.At(t.Context(), []int64{places[2], places[0]})
	if w.must(err); len(some) != 2 || some[0].Line != all[0].Line || some[1].Line != all[2].Line {
		t.Errorf("at two places there is %v", some)
	}
	var r struct{ Subject string }
	i := slices.IndexFunc(all, func(x app.ExportedLine) bool { return bytes.Contains([]byte(x.Line), []byte(`"subject"`)) })
	w.must(json.Unmarshal([]byte(all[i].Line), &r))
	from, to := w.allDay()
	for _, bounds := range [][2]time.Time{{from, to}, {{}, to}, {from, {}}, {}} { // a zero time bounds nothing
		if first, end, err := w.tenant.Range(t.Context(), bounds[0], bounds[1], l.Size); err != nil || first != 0 || end != l.Size {
			t.Errorf("the range of %v is %d to %d of %d, %v", bounds, first, end, l.Size, err)
		}
	}
	of, err := w.tenant.Exported(t.Context(), 0, l.Size, r.Subject, false, 1000)
	if w.must(err); len(of) == 0 || len(of) >= len(all) {
		t.Errorf("of one person there are %d of %d", len(of), len(all))
	}
}
