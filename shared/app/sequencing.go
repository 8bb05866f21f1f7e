package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"nod/shared/domain"
	"nod/shared/ledger"
)

// Log is how far an enterprise's log is: its head, and the checkpoint that was published
// last, of the size Published. All of it is zero before the first.
type Log struct {
	ledger.Head
	Published  int64
	Checkpoint string
	Keys       string // that check it, one a line
	Stamped    int64  // the size of the newest checkpoint that has a timestamp
}

// Sequence is the log of one enterprise, as whoever gives Records their places needs it.
type Sequence interface {
	Log(ctx context.Context) (Log, error)
	// Place gives some Records their places, each behind the one that it follows, and tells
	// how many it were. What it did is durable and whole, or was not done; it may be called
	// by several at once.
	Place(ctx context.Context, limit int) (placed int, err error)
	// Published writes down that a checkpoint was published; an older one changes nothing.
	Published(ctx context.Context, size int64, checkpoint, keys string) error
	Tiles(ctx context.Context, want []tlog.Tile) ([][]byte, error)
}

// Checkpoints is where checkpoints are published, outside of the database: what is there
// must not be lost with that, or be restored together with it.
type Checkpoints interface {
	// Latest is the newest one of an enterprise; empty if there is none.
	Latest(ctx context.Context, enterprise domain.ID) ([]byte, error)
	// Publish adds one of a size; when it returns, that is durable. The same size again may
	// replace what is there.
	Publish(ctx context.Context, enterprise domain.ID, size int64, checkpoint []byte) error
}

// Sequencing gives Records their places in the logs of their enterprises, and publishes
// signed checkpoints. It may be run twice at once, be ended at any point and be begun
// again: what has a place keeps it.
type Sequencing struct {
	Waiting func(ctx context.Context, after domain.ID, limit int) ([]domain.ID, error)
	Log     func(domain.ID) Sequence
	Outside Checkpoints
	Notary  *ledger.Notary
	Origin  func(domain.ID) string
	Logger  *slog.Logger
}

// Sequenced is how much a run has done.
type Sequenced struct {
	Placed   int // Records
	Signed   int // checkpoints
	Stopped  int // logs that could not be gone on with
	Unheeded bool
}

// LogBehind says that a checkpoint was published that the database knows nothing of: it
// was restored from a backup, or is another one. Its log does not go on until somebody has
// seen to that: whatever was placed now would contradict what is in people's hands.
var ErrLogBehind = errors.New("the database is behind the published checkpoint, or tells another story")

const (
	atOnce     = 2_000 // how many Records get their places in one transaction
	turns      = 10    // transactions of a log before others have their turn
	logsAtOnce = 8     // each waits for the place where checkpoints are published, most of the time
)

// Run places and signs until nothing waits or the context ends. One log's fault is logged
// and left; the others go on.
func (s Sequencing) Run(ctx context.Context) (done Sequenced, err error) {
	started := time.Now()
	for more := true; more && ctx.Err() == nil; {
		waiting, err := s.waiting(ctx)
		if err != nil && ctx.Err() == nil {
			return done, fmt.Errorf("sequence: %w", err)
		}
		more = s.all(ctx, waiting, &done)
	}
	done.Unheeded = ctx.Err() != nil
	s.Logger.LogAttrs(ctx, slog.LevelInfo, "sequenced", slog.Int("placed", done.Placed), slog.Int("signed", done.Signed),
		slog.Int("stopped", done.Stopped), slog.Bool("unheeded", done.Unheeded), slog.Int64("ms", time.Since(started).Milliseconds()))
	return done, nil
}

// waiting lists the logs that wait, in no order: whoever comes late because a run has no
// time left is another one each time.
func (s Sequencing) waiting(ctx context.Context) (all []domain.ID, err error) {
	for last := domain.ID(""); ; last = all[len(all)-1] {
		list, err := s.Waiting(ctx, last, batch)
		if all = append(all, list...); err != nil || len(list) < batch {
			rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			return all, err
		}
	}
}

// all brings logs on, several at once, and reports whether one has more than it could be
// given in its turn.
func (s Sequencing) all(ctx context.Context, waiting []domain.ID, done *Sequenced) (more bool) {
	var mu sync.Mutex
	var workers sync.WaitGroup
	work := make(chan domain.ID)
	for range min(logsAtOnce, len(waiting)) {
		workers.Go(func() {
			for id := range work {
				one := s.log(ctx, id)
				mu.Lock()
				done.Placed, done.Signed, done.Stopped = done.Placed+one.Placed, done.Signed+one.Signed, done.Stopped+one.Stopped
				more = more || one.Placed == atOnce*turns
				mu.Unlock()
			}
		})
	}
	for _, id := range waiting {
		if ctx.Err() == nil {
			work <- id
		}
	}
	close(work)
	workers.Wait()
	return more
}

// log brings one log on. Not even a panic is more than that log's.
func (s Sequencing) log(ctx context.Context, id domain.ID) (done Sequenced) {
	defer func() {
		if p := recover(); p != nil {
			done.Stopped++
			s.Logger.LogAttrs(ctx, slog.LevelError, "sequence: a log was left", slog.String("enterprise", string(id)),
				slog.String("error", fmt.Sprintf("panic: %T\n%s", p, debug.Stack())))
		}
	}()
	if err := s.goOn(ctx, id, &done); err != nil && ctx.Err() == nil {
		done.Stopped++
		s.Logger.LogAttrs(ctx, slog.LevelError, "sequence: a log was left", slog.String("enterprise", string(id)),
			slog.String("error", err.Error()))
	}
	return done
}

func (s Sequencing) goOn(ctx context.Context, id domain.ID, done *Sequenced) error {
	if err := s.agree(ctx, id); err != nil {
		return err
	}
	log := s.Log(id)
	for range turns {
		placed, err := log.Place(ctx, atOnce)
		if err != nil {
			return err
		}
		if done.Placed += placed; placed < atOnce {
			break
		}
	}
	l, err := log.Log(ctx)
	if err != nil || l.Size == l.Published {
		return err
	}
	if err := s.agree(ctx, id); err != nil { // again: a while has passed
		return err
	}
	checkpoint, err := s.Notary.Sign(s.Origin(id), l.Head)
	if err != nil {
		return err
	}
	if err := s.Outside.Publish(ctx, id, l.Size, checkpoint); err != nil {
		return fmt.Errorf("publishing a checkpoint: %w", err)
	}
	done.Signed++
	return s.known(ctx, id, l.Size, checkpoint)
}

// agree holds the database against what was published. Somebody else who sequences may
// have moved both between two looks, so it looks again before it says no.
func (s Sequencing) agree(ctx context.Context, id domain.ID) (err error) {
	for range looks {
		if err = s.compare(ctx, id); !errors.Is(err, ErrLogBehind) {
			return err
		}
	}
	return err
}

const looks = 3

// compare looks once: the database must know every leaf of what was published. Where the
// two name the same checkpoint, it does.
func (s Sequencing) compare(ctx context.Context, id domain.ID) error {
	latest, err := s.Outside.Latest(ctx, id)
	if err != nil {
		return fmt.Errorf("reading the published checkpoint: %w", err)
	}
	log := s.Log(id)
	l, err := log.Log(ctx)
	if err != nil || bytes.Equal(latest, []byte(l.Checkpoint)) {
		return err
	}
	if len(latest) == 0 {
		return fmt.Errorf("%w: the last checkpoint, of %d Records, is not where it was published", ErrLogBehind, l.Published)
	}
	keys, err := s.Notary.Verifiers(s.Origin(id))
	if err != nil {
		return err
	}
	published, err := ledger.OpenCheckpoint(s.Origin(id), latest, keys...)
	if err != nil {
		return err
	}
	if published.Size > l.Size || published.Size < l.Published {
		return fmt.Errorf("%w: %d Records were published, it has %d and knows of %d", ErrLogBehind, published.Size, l.Size, l.Published)
	}
	root, err := ledger.RootAt(l.Head, published.Size, func(want []tlog.Tile) ([][]byte, error) { return log.Tiles(ctx, want) })
	if err != nil {
		return err
	}
	if root != published.Root {
		return fmt.Errorf("%w: of the first %d Records they have different roots", ErrLogBehind, published.Size)
	}
	return s.known(ctx, id, published.Size, latest) // who published it did not come to write that down
}

// known has the database know what was published.
func (s Sequencing) known(ctx context.Context, id domain.ID, size int64, checkpoint []byte) error {
	keys, err := s.Notary.Verifiers(s.Origin(id))
	if err != nil {
		return err
	}
	return s.Log(id).Published(ctx, size, string(checkpoint), strings.Join(keys, "\n"))
}
