package storetest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"nod/shared/app"
	"nod/shared/domain"
)

// unsealed takes the ids of a test's people for what they are: nobody has sealed them.
type unsealed struct{ app.Vault }

func (unsealed) OpenSubject(_ domain.ID, sealed []byte) (string, error) { return string(sealed), nil }

// makes does what is due about exports, with ids in them.
func (w *workshop) makes() app.Exported {
	w.t.Helper()
	x := w.exporter()
	x.Vault = unsealed{x.Vault}
	return w.run(x)
}

// newest is the last export that was ordered last.
func (w *workshop) newest() domain.Export {
	w.t.Helper()
	c := w.charter()
	if len(c.LastExports) == 0 {
		w.t.Fatal("there is no last export")
	}
	return c.LastExports[0]
}

// handsOver runs the timer, and tells how many last exports it ordered.
func (w *workshop) handsOver() int {
	w.t.Helper()
	tm, log := w.timer()
	done, err := tm.Run(w.t.Context())
	if err != nil {
		w.t.Fatalf("%v\n%s", err, log)
	}
	return done.HandOver
}

// It is of the whole log, and not begun before all is in that which was written by then.
func lastExportWaits(t *testing.T, open opener) {
	w := aWorkshop(t, open)
	w.place()
	p, q := w.consenting("工号-3"), w.consenting("工号-4")
	_, _, err := p.reserve("z")
	w.must(err)
	if n := w.handsOver(); n != 0 {
		t.Errorf("%d last exports of an enterprise that is served", n)
	}
	w.shut()
	if n := w.handsOver(); n != 0 {
		t.Error("the last export does not wait for a check that is under way")
	}
	w.must(p.conclude("z", passed))
	ordered := make(chan int)
	for range 4 { // timers, at once
		tm, _ := w.timer()
		go func() {
			done, err := tm.Run(t.Context())
			if err != nil || done.Faults > 0 {
				t.Errorf("%+v, %v", done, err)
			}
			ordered <- done.HandOver
		}()
	}
	if n := <-ordered + <-ordered + <-ordered + <-ordered; n != 1 || len(w.charter().LastExports) != 1 {
		t.Errorf("%d last exports were ordered", n)
	}
	id := w.newest().ID
	if d := w.makes(); d.Steps+d.Faults != 0 {
		t.Errorf("with Records that wait for their places %+v was done", d)
	}
	w.place()
	w.clock.turn(2 * time.Minute)
	w.must(q.withdraw()) // later than the order: nobody waits for it
	w.makes()
	b := w.bundle(id)
	records := w.file(b, "records.ndjson")
	for _, want := range []domain.RecordType{domain.CheckPassed, domain.EnterpriseClosedType, domain.ExportMade} {
		if !strings.Contains(records, `"type":"`+string(want)+`"`) {
			t.Errorf("it has no %s", want)
		}
	}
	e := w.look(id)
	want := domain.Export{ID: id, Last: true, MadeAt: e.MadeAt, State: domain.ExportReady, Done: e.Of, Of: e.Of, StartedAt: e.StartedAt,
		ReadyAt: e.ReadyAt, Bundle: e.Bundle, ExpiresAt: e.ExpiresAt,
		Asked: domain.ExportRequest{Identifiers: domain.SubjectIDs, Reason: domain.ForHandOver}}
	same(t, "last export", e, want)
	w.toldReady(id)
}

// One that has expired and one that failed are followed by another, until the enterprise
// says that it has one.
func lastExportAgain(t *testing.T, open opener) {
	w := aWorkshop(t, open)
	w.shut()
	w.handsOver()
	w.place()
	w.makes()
	first := w.newest()
	w.clock.turn(domain.ExportKeptFor + time.Minute)
	w.makes()
	w.refused(w.acknowledge(), domain.LastExportNotReady)
	if n := w.handsOver(); n != 1 {
		t.Errorf("after one has expired %d are ordered", n)
	}
	second := w.newest()
	w.place()
	w.write = func(string) error { return errFault }
	turned := domain.ExportKeptFor + time.Minute
	for range 12 {
		turned += 10 * time.Minute
		w.clock.turn(turned)
		w.makes()
	}
	if e := w.look(second.ID); e.State != domain.ExportFailed {
		t.Fatalf("the second is %+v", e)
	}
	w.write = nil
	if n := w.handsOver(); n != 1 {
		t.Errorf("after one has failed %d are ordered", n)
	}
	third := w.newest()
	w.place()
	w.makes()
	w.bundle(third.ID)
	unknown := w.instruct(func(c *domain.Charter) error { return c.Acknowledge("01920000-0000-7000-8000-000000000000", actor) })
	w.refused(unknown, domain.InvalidValue)
	never := w.instruct(func(c *domain.Charter) error { return c.Acknowledge(second.ID, actor) })
	w.refused(never, domain.LastExportNotReady)
	gone := w.instruct(func(c *domain.Charter) error { return c.Acknowledge(first.ID, actor) })
	w.refused(gone, domain.LastExportNotReady)
	w.must(w.instruct(func(c *domain.Charter) error { return c.Acknowledge(third.ID, actor) }))
	turned += 30 * day
	w.clock.turn(turned)
	w.makes()
	if n := w.handsOver(); n != 0 {
		t.Errorf("after it was acknowledged %d are ordered", n)
	}
	log := w.written()
	i := slices.IndexFunc(log, func(line string) bool { return strings.Contains(line, string(domain.RecordsAcknowledged)) })
	if i < 0 || !strings.Contains(log[i], `"export":"`+string(third.ID)+`"`) {
		t.Error("the log does not say which one it was")
	}
}
