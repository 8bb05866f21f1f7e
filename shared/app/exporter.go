package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"nod/shared/domain"
)

// ExportJob is an export that somebody works on, for as long as the lease.
type ExportJob struct {
	Enterprise domain.ID
	Export     domain.Export
	Work       string // how far it is, as the worker writes it
	Tries      int    // that failed since the last step
	Lease      domain.ID
	Now        time.Time // by the database's clock, when it was claimed
}

// ExportNext is what becomes of a job that was written: it is held on for a time, or is due
// again for anybody after it, or at an instant, or never.
type ExportNext struct {
	Wait time.Duration
	Hold bool
	At   time.Time
	Over bool
	Tell bool // the platform, that the bundle can be fetched: in the transaction that writes so
}

// ExportJobs is the exports of all enterprises that something is to be done about. All of
// its times are the database's; what it writes is durable when it returns.
type ExportJobs interface {
	// ClaimExport takes the one that is due longest for whoever holds the lease: until that
	// is over, nobody else gets it.
	ClaimExport(ctx context.Context, lease domain.ID, held time.Duration) (job ExportJob, found bool, err error)
	// SaveExport writes how far a job is; false, with nothing written, if somebody else
	// holds it by now.
	SaveExport(ctx context.Context, job ExportJob, next ExportNext) (saved bool, err error)
}

// ExportSource is one enterprise's log and what its lines rest on, a part at a time.
type ExportSource interface {
	Log(ctx context.Context) (Log, error)
	Tiles(ctx context.Context, want []tlog.Tile) ([][]byte, error)
	// Range finds the places of the first Record of [from,to) and behind the last; a zero
	// time bounds nothing.
	Range(ctx context.Context, from, to time.Time, size int64) (first, end int64, err error)
	// Unplaced reports whether a Record of an instant, or of before, is not in the log of a
	// size.
	Unplaced(ctx context.Context, until time.Time, size int64) (bool, error)
	// Exported reads lines at places in [from,before), of one person if a pseudonym is given.
	Exported(ctx context.Context, from, before int64, subject string, ids bool, limit int) ([]ExportedLine, error)
	At(ctx context.Context, places []int64) ([]ExportedLine, error)
	Places(ctx context.Context, records []domain.ID) ([]int64, error)
	// LaidDown finds what the enterprise has laid down: delegations, notices, settings.
	LaidDown(ctx context.Context, size int64) (places []int64, err error)
	Notice(ctx context.Context, id domain.ID) (domain.Notice, error)
	Agreement(ctx context.Context, delegation domain.ID) (domain.Delegation, []byte, error)
}

// ExportedLine is a line at its place, with the platform's id of the person, encrypted, if
// that was asked for.
type ExportedLine struct {
	Place    int64
	Line     string
	SealedID []byte
}

// Exporter makes bundles, step by step. It may run twice at once and be ended at any point:
// a step that was not written down is done again by whoever comes after the lease.
type Exporter struct {
	Jobs    ExportJobs
	Source  func(domain.ID) ExportSource
	Origin  func(domain.ID) string // that names an enterprise's log
	Objects Objects
	Vault   Vault
	NewID   func() domain.ID
	Log     *slog.Logger
	// Timestamps finds those that go with a bundle; see Timestamping. Nil: none do.
	Timestamps func(ctx context.Context, enterprise domain.ID, l Log, end int64) ([]Timestamp, error)
	// PerStep is how many lines a step takes, 20,000 if zero. What comes of an export
	// depends on it: the same Records in other steps are compressed otherwise.
	PerStep int
}

// Exported is how much was done.
type Exported struct {
	Steps  int
	Ready  int // bundles
	Gone   int // bundles that were kept long enough
	Failed int // bundles given up
	Faults int // steps that came to nothing, and are done again
}

const (
	// exportHeld is how long a claim lasts: longer than a step.
	exportHeld = 2 * time.Minute
	// exportWithin is the part of a run's time in which steps are begun.
	exportWithin = 25 * time.Second
	// exportTries is how often a step may fail, one time after the other.
	exportTries = 10
)

// errNoCheckpoint says that the log has no checkpoint yet: the export waits for one.
var errNoCheckpoint = errors.New("export: the log has no checkpoint yet")

// errUnplaced says that the log does not have all Records that an export is to have.
var errUnplaced = errors.New("export: Records wait for their places")

// errLost says that somebody else holds the job.
var errLost = errors.New("export: the lease is somebody else's")

// Run works until nothing is due, or its time is over; the rest is found by the next run.
func (x Exporter) Run(ctx context.Context) (d Exported, err error) {
	end := time.Now().Add(exportWithin)
	for ctx.Err() == nil && time.Now().Before(end) {
		claimed := time.Now()
		job, found, err := x.Jobs.ClaimExport(ctx, x.NewID(), exportHeld)
		if err != nil || !found {
			return d, err
		}
		r := run{Exporter: x, job: job, claimed: claimed, end: end, done: &d}
		if err := r.work(ctx); err != nil {
			return d, err
		}
	}
	return d, nil
}

// run is one job in the hands of one worker.
type run struct {
	Exporter
	job     ExportJob
	claimed time.Time
	held    time.Time // when that was written last
	end     time.Time
	done    *Exported
}

// now is the database's time, as far as it has gone on since the claim.
func (r *run) now() time.Time { return r.job.Now.Add(time.Since(r.claimed)).Truncate(time.Millisecond) }

func (r *run) folder() string {
	return "exports/" + string(r.job.Enterprise) + "/" + string(r.job.Export.ID) + "/"
}

// work does steps until the job is done or the time over. An error says that what became of
// it could not even be written.
func (r *run) work(ctx context.Context) error {
	for {
		next, err := r.unharmed(ctx)
		switch {
		case errors.Is(err, errLost):
			return nil
		case err != nil:
			return r.failed(ctx, err)
		}
		r.done.Steps++
		r.job.Tries = 0
		if next.Hold && (ctx.Err() != nil || time.Now().After(r.end)) {
			next = ExportNext{} // for whoever comes next
		}
		saved, err := r.Jobs.SaveExport(context.WithoutCancel(ctx), r.job, next)
		if err != nil || !saved || !next.Hold {
			if saved {
				r.count(ctx)
			}
			return err
		}
		r.held = time.Now()
	}
}

// count counts what came of a job. A bundle needs its parts no more once it is known of;
// those that cannot be deleted now go with it.
func (r *run) count(ctx context.Context) {
	switch r.job.Export.State {
	case domain.ExportReady:
		r.done.Ready++
		if err := r.Objects.Remove(context.WithoutCancel(ctx), r.folder()+"parts/"); err != nil {
			r.Log.LogAttrs(ctx, slog.LevelWarn, "export: its parts are still there", slog.String("error", err.Error()))
		}
	case domain.ExportExpired:
		r.done.Gone++
	}
}

// failed writes that a step came to nothing, and gives up after many.
func (r *run) failed(ctx context.Context, fault error) error {
	next := ExportNext{}
	ended := ctx.Err() != nil
	ctx = context.WithoutCancel(ctx)
	switch {
	case errors.Is(fault, errNoCheckpoint), errors.Is(fault, errUnplaced):
		next.Wait = time.Minute
	case !ended:
		r.done.Faults++
		r.job.Tries++
		next.Wait = time.Duration(r.job.Tries) * 10 * time.Second
		r.Log.LogAttrs(ctx, slog.LevelError, "export: a step came to nothing", slog.String("enterprise", string(r.job.Enterprise)),
			slog.String("export", string(r.job.Export.ID)), slog.Int("tries", r.job.Tries), slog.String("error", fault.Error()))
	}
	if r.job.Tries >= exportTries && r.job.Export.State != domain.ExportReady {
		if err := r.Objects.Remove(ctx, r.folder()); err == nil {
			r.done.Failed++
			r.job.Export.State, r.job.Work = domain.ExportFailed, ""
			next = ExportNext{Over: true}
		}
	}
	_, err := r.Jobs.SaveExport(ctx, r.job, next)
	return err
}

// unharmed does one step. Not even a panic is more than that job's.
func (r *run) unharmed(ctx context.Context) (next ExportNext, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %T\n%s", p, debug.Stack())
		}
	}()
	if r.job.Export.State == domain.ExportReady {
		return r.expire(ctx)
	}
	return r.step(ctx)
}

// expire takes a bundle away whose time is over.
func (r *run) expire(ctx context.Context) (next ExportNext, err error) {
	if err := r.Objects.Remove(ctx, r.folder()); err != nil {
		return next, err
	}
	r.job.Export.State, r.job.Work = domain.ExportExpired, ""
	return ExportNext{Over: true}, nil
}

// hold renews the lease in the middle of a long step.
func (r *run) hold(ctx context.Context) error {
	if time.Since(r.held) < exportHeld/4 {
		return nil
	}
	saved, err := r.Jobs.SaveExport(ctx, r.job, ExportNext{Wait: exportHeld, Hold: true})
	if err == nil && !saved {
		err = errLost
	}
	r.held = time.Now()
	return err
}
