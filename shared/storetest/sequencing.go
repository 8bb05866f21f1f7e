package storetest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/ledger"
	"nod/shared/objects"
	"nod/shared/store"
)

// sequencing is how Records get their places in the log, and what must not come of it.
var sequencing = map[string]func(*testing.T, opener){
	"every Record has one place, behind the one before": everyRecordPlaced,
	"logs of enterprises are apart":                     logsApart,
	"two who sequence while others write do not fork":   sequencersRace,
	"a checkpoint that failed to be published is made":  publishingFails,
	"a checkpoint that failed, but was published":       publishedAnyway,
	"a database from a backup stops the log":            restoredBackup,
	"another story stops the log":                       anotherStory,
	"checkpoints that are lost stop the log":            checkpointsLost,
	"one log's fault stops nobody else's":               oneLogsFault,
	"a Record that is committed late has its place":     committedLate,
}

// outside is where checkpoints are published, and how that goes wrong.
type outside struct {
	*objects.Store
	before, after func() error
}

func (o *outside) Publish(ctx context.Context, enterprise domain.ID, size int64, checkpoint []byte) error {
	if o.before != nil {
		if err := o.before(); err != nil {
			return err
		}
	}
	if err := o.Store.Publish(ctx, enterprise, size, checkpoint); err != nil || o.after == nil {
		return err
	}
	return o.after()
}

// sequencer is one instance's, with its log.
func (h *house) sequencer(out app.Checkpoints) (app.Sequencing, *bytes.Buffer) {
	h.t.Helper()
	notary, err := ledger.NewNotary(bytes.Repeat([]byte{7}, 32))
	h.must(err)
	log := &bytes.Buffer{}
	return app.Sequencing{
		Waiting: h.store.Unsequenced, Log: func(id domain.ID) app.Sequence { return h.store.Tenant(id) },
		Outside: out, Notary: notary, Origin: originOf, Logger: slog.New(slog.NewJSONHandler(log, nil)),
	}, log
}

func originOf(id domain.ID) string { return ledger.Origin("https://nod.example.com", string(id)) }

func newOutside(t *testing.T) *outside {
	t.Helper()
	s, err := objects.Open("file:"+t.TempDir(), objects.Credentials{})
	if err != nil {
		t.Fatal(err)
	}
	return &outside{Store: s}
}

// sequence runs once, and fails the test if that is not what it does.
func (h *house) sequence(out app.Checkpoints, want app.Sequenced) {
	h.t.Helper()
	s, log := h.sequencer(out)
	if got, err := s.Run(h.t.Context()); err != nil || got != want {
		h.t.Fatalf("done %+v, %v, want %+v\n%s", got, err, want, log)
	}
}

// proven holds that all of an enterprise's Records are in its log, each once and behind
// the person's one before, and that the checkpoint that was published last is the one
// over all of them.
func (h *house) proven(out app.Checkpoints) app.Log {
	h.t.Helper()
	l, err := h.tenant.Log(h.t.Context())
	h.must(err)
	lines, err := h.tenant.Lines(h.t.Context(), 0, 1_000_000)
	h.must(err)
	records := h.log("")
	if len(lines) != len(records) || int64(len(lines)) != l.Size {
		h.t.Errorf("the log of %d has %d lines, there are %d Records", l.Size, len(lines), len(records))
	}
	ends := map[string]string{}
	subject := map[string]string{}
	prev := map[string]string{}
	for _, r := range records {
		subject[r.line], prev[r.line] = r.Subject, r.Prev
	}
	var leaves []string
	for i, line := range lines {
		who := subject[line]
		if who != "" && prev[line] != ends[who] {
			h.t.Fatalf("at %d a Record is not behind the one before: %s", i, line)
		}
		leaves = append(leaves, ledger.LeafHash([]byte(line)))
		ends[who] = leaves[i]
	}
	g, err := ledger.Grow(0, nil, leaves)
	if h.must(err); g.Root != l.Root {
		h.t.Errorf("the root is %v, of these lines it would be %v", l.Root, g.Root)
	}
	latest, err := out.Latest(h.t.Context(), h.id)
	h.must(err)
	head, err := ledger.OpenCheckpoint(originOf(h.id), latest, strings.Split(l.Keys, "\n")...)
	if err != nil || head != l.Head || string(latest) != l.Checkpoint || l.Published != l.Size {
		h.t.Errorf("the checkpoint says %+v, %v; the log is %+v", head, err, l)
	}
	for _, i := range []int{0, len(lines) / 2, len(lines) - 1} {
		h.included(l, records, lines[i], int64(i))
	}
	return l
}

func (h *house) included(l app.Log, records []logged, line string, want int64) {
	h.t.Helper()
	for _, r := range records {
		if r.line != line {
			continue
		}
		place, leaf, err := h.tenant.PlaceOf(h.t.Context(), r.ID)
		if h.must(err); place != want || leaf != r.leaf {
			h.t.Errorf("a Record is at %d, want %d", place, want)
		}
	}
	tiles := func(want []tlog.Tile) ([][]byte, error) { return h.tenant.Tiles(h.t.Context(), want) }
	paths, err := ledger.Prove(l.Head, []int64{want}, tiles)
	h.must(err)
	h.must(tlog.CheckRecord(paths[0], l.Size, l.Root, want, tlog.RecordHash([]byte(line))))
}

func everyRecordPlaced(t *testing.T, open opener) {
	h, out := aHouse(t, open), newOutside(t)
	before := len(h.log(""))
	h.sequence(out, app.Sequenced{Placed: before, Signed: 1})
	first := h.proven(out)
	h.sequence(out, app.Sequenced{})
	for i := range 30 {
		p := h.consenting(fmt.Sprintf("工号-%d", i))
		h.must(p.check("a", passed))
	}
	h.sequence(out, app.Sequenced{Placed: 30 * 4, Signed: 1}) // shown, granted, started, passed
	now := h.proven(out)
	root, err := ledger.RootAt(now.Head, first.Size, func(want []tlog.Tile) ([][]byte, error) { return h.tenant.Tiles(t.Context(), want) })
	if err != nil || root != first.Root {
		t.Errorf("what was signed first is %v in the log of now, %v", root, err)
	}
	if _, _, err := h.tenant.PlaceOf(t.Context(), store.NewID()); !errors.Is(err, domain.Refuse(domain.NoSuchThing)) {
		t.Errorf("a Record that is none: %v", err)
	}
	if _, err := h.tenant.Tiles(t.Context(), []tlog.Tile{{H: 8, L: 0, N: 9, W: 1}}); !errors.Is(err, domain.Refuse(domain.NoSuchThing)) {
		t.Errorf("a tile that is none: %v", err)
	}
}

func logsApart(t *testing.T, open opener) {
	h, out := aHouse(t, open), newOutside(t)
	other := h.another()
	h.consenting("工号-1")
	s, log := h.sequencer(out)
	done, err := s.Run(t.Context())
	if h.must(err); done.Placed != len(h.log(""))+len(other.log("")) || done.Signed != 2 {
		t.Fatalf("done %+v\n%s", done, log)
	}
	mine, theirs := h.proven(out), other.proven(out)
	if mine.Root == theirs.Root {
		t.Error("the logs are one")
	}
	if _, err := ledger.OpenCheckpoint(originOf(h.id), []byte(theirs.Checkpoint), strings.Split(mine.Keys, "\n")...); err == nil {
		t.Error("another enterprise's checkpoint is one of ours")
	}
	place, _, err := h.tenant.PlaceOf(t.Context(), other.log("")[0].ID)
	if !errors.Is(err, domain.Refuse(domain.NoSuchThing)) {
		t.Errorf("another enterprise's Record is at %d, %v", place, err)
	}
}

func sequencersRace(t *testing.T, open opener) {
	h, out := aHouse(t, open), newOutside(t)
	instances := h.crowded()
	var calls []func() error
	for i, at := range append(instances, instances...) {
		calls = append(calls, func() error {
			for j := range 8 {
				p := &person{house: at, name: fmt.Sprintf("工号-%d-%d", i, j)}
				if err := p.openSession(store.NewID(), aRequest()); err != nil {
					return err
				}
				if err := p.decide(domain.Granted); err != nil {
					return err
				}
			}
			return nil
		}, func() error {
			for range 6 {
				s, log := at.sequencer(out)
				if done, err := s.Run(t.Context()); err != nil || done.Stopped > 0 {
					return fmt.Errorf("done %+v, %w\n%s", done, errors.Join(err, errFault), log)
				}
			}
			return nil
		})
	}
	for _, err := range race(calls...) {
		h.must(err)
	}
	s, _ := h.sequencer(out)
	_, err := s.Run(t.Context())
	h.must(err)
	h.proven(out)
}

func publishingFails(t *testing.T, open opener) {
	h, out := aHouse(t, open), newOutside(t)
	n := len(h.log(""))
	out.before = func() error { return errFault }
	h.sequence(out, app.Sequenced{Placed: n, Stopped: 1})
	h.sequence(out, app.Sequenced{Stopped: 1}) // it is tried again, though nothing new came
	out.before = nil
	h.sequence(out, app.Sequenced{Signed: 1})
	h.proven(out)
}

func publishedAnyway(t *testing.T, open opener) {
	h, out := aHouse(t, open), newOutside(t)
	n := len(h.log(""))
	out.after = func() error { return errFault }
	h.sequence(out, app.Sequenced{Placed: n, Stopped: 1})
	h.consenting("工号-1")
	h.sequence(out, app.Sequenced{Placed: 2, Stopped: 1}) // it goes on from what is there
	out.after = nil
	h.sequence(out, app.Sequenced{}) // and finds it published
	h.proven(out)
}

// back brings a log back to what it was, as a backup would that was made then.
func (h *house) back(t *testing.T, to app.Log) {
	t.Helper()
	h.must(h.store.Admin(func(db *sql.DB) error {
		for _, undo := range []string{
			fmt.Sprintf("DELETE FROM records WHERE enterprise = '%s' AND (place >= %d OR place = -1)", h.id, to.Size),
			fmt.Sprintf("UPDATE logs SET size = %d, root = '%x', published = %d, checkpoint = '%s' WHERE enterprise = '%s'",
				to.Size, to.Root[:], to.Published, to.Checkpoint, h.id),
			fmt.Sprintf("DELETE FROM log_tiles WHERE enterprise = '%s' AND level > 0", h.id),
		} {
			if _, err := db.ExecContext(t.Context(), undo); err != nil {
				return err
			}
		}
		return nil
	}))
	h.must(h.store.Admin(func(db *sql.DB) error {
		var hashes []byte
		row := db.QueryRowContext(t.Context(), fmt.Sprintf("SELECT hashes FROM log_tiles WHERE enterprise = '%s' AND level = 0 AND n = 0", h.id))
		if err := row.Scan(&hashes); err != nil {
			return err
		}
		_, err := db.ExecContext(t.Context(), fmt.Sprintf("UPDATE log_tiles SET hashes = %s WHERE enterprise = '%s' AND level = 0 AND n = 0",
			h.blob(hashes[:to.Size*32]), h.id))
		return err
	}))
}

// blob is a literal of bytes.
func (h *house) blob(b []byte) string {
	if h.store.Engine() == "sqlite" {
		return fmt.Sprintf("x'%x'", b)
	}
	return fmt.Sprintf("'\\x%x'", b)
}

func restoredBackup(t *testing.T, open opener) {
	h, out := aHouse(t, open), newOutside(t)
	h.sequence(out, app.Sequenced{Placed: len(h.log("")), Signed: 1})
	backup := h.proven(out)
	h.consenting("工号-1")
	h.sequence(out, app.Sequenced{Placed: 2, Signed: 1})
	h.back(t, backup)
	h.must(h.switchFace(false, nil)) // life goes on, but for the log
	s, log := h.sequencer(out)
	done, err := s.Run(t.Context())
	if h.must(err); done != (app.Sequenced{Stopped: 1}) || !strings.Contains(log.String(), app.ErrLogBehind.Error()) {
		t.Fatalf("done %+v\n%s", done, log)
	}
	if l, err := h.tenant.Log(t.Context()); err != nil || l.Size != backup.Size {
		t.Errorf("the log went on to %d, %v", l.Size, err)
	}
	if latest, err := out.Latest(t.Context(), h.id); err != nil || string(latest) == backup.Checkpoint {
		t.Errorf("what was published is gone: %v", err)
	}
}

// anotherStory is a database that has grown past what was published, by other Records.
func anotherStory(t *testing.T, open opener) {
	h, out := aHouse(t, open), newOutside(t)
	h.sequence(out, app.Sequenced{Placed: len(h.log("")), Signed: 1})
	backup := h.proven(out)
	h.consenting("工号-1")
	h.sequence(out, app.Sequenced{Placed: 2, Signed: 1})
	h.back(t, backup)
	for i := range 5 {
		h.must(h.switchFace(i%2 == 1, nil))
	}
	_, err := h.tenant.Place(t.Context(), 100) // by one who was paused meanwhile
	h.must(err)
	s, log := h.sequencer(out)
	done, err := s.Run(t.Context())
	if h.must(err); done != (app.Sequenced{Stopped: 1}) || !strings.Contains(log.String(), "different roots") {
		t.Fatalf("done %+v\n%s", done, log)
	}
}

func checkpointsLost(t *testing.T, open opener) {
	h, out := aHouse(t, open), newOutside(t)
	h.sequence(out, app.Sequenced{Placed: len(h.log("")), Signed: 1})
	h.consenting("工号-1")
	h.sequence(newOutside(t), app.Sequenced{Stopped: 1})
	h.sequence(out, app.Sequenced{Placed: 2, Signed: 1})
	h.proven(out)
}

func oneLogsFault(t *testing.T, open opener) {
	h, out := aHouse(t, open), newOutside(t)
	others := []*house{h.another(), h.another()}
	s, log := h.sequencer(out)
	real := s.Log
	s.Log = func(id domain.ID) app.Sequence {
		switch id {
		case h.id:
			panic("of one log")
		case others[0].id:
			return brokenLog{real(id)}
		}
		return real(id)
	}
	done, err := s.Run(t.Context())
	if h.must(err); done.Stopped != 2 || done.Signed != 1 {
		t.Errorf("done %+v\n%s", done, log)
	}
	others[1].proven(out)
	h.sequence(out, app.Sequenced{Placed: len(h.log("")) + len(others[0].log("")), Signed: 2})
}

type brokenLog struct{ app.Sequence }

func (brokenLog) Place(context.Context, int) (int, error) { return 0, errFault }

// committedLate has a transaction that began first end last: its Record is older than
// what is in the log by then.
func committedLate(t *testing.T, open opener) {
	h, out := aHouse(t, open), newOutside(t)
	p := h.person("工号-1")
	if h.store.Engine() == "sqlite" { // there a transaction that writes waits for the other
		h.clock.turn(time.Hour)
		h.must(h.switchFace(false, nil))
		h.sequence(out, app.Sequenced{Placed: len(h.log("")), Signed: 1})
		h.clock.turn(0)
		h.must(p.decide(domain.Declined))
		h.sequence(out, app.Sequenced{Placed: 2, Signed: 1})
		h.proven(out)
		return
	}
	other := h.elsewhere()
	_, err := p.update(func(m *domain.Moment) error {
		m.Settle()
		m.Show(domain.Chinese)
		h.must(other.switchFace(false, nil))
		s, _ := other.sequencer(out)
		_, err := s.Run(t.Context())
		h.must(err)
		return m.Decide(answerTo(m, domain.Declined), p.proof())
	})
	h.must(err)
	h.sequence(out, app.Sequenced{Placed: 2, Signed: 1})
	h.proven(out)
}
