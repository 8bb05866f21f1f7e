package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"nod/shared/domain"
)

// Authority says when it saw some bytes, of which it learns a hash alone; see package tsa.
// What it returns has been verified: it is of these bytes, and signed by who is trusted.
type Authority interface {
	Timestamp(ctx context.Context, message []byte) (tsr []byte, at time.Time, err error)
}

// Timestamp is an authority's word that a checkpoint of a size existed at a time.
type Timestamp struct {
	Size       int64
	Checkpoint string
	TSR        []byte
	At         time.Time
}

// Unstamped is a log whose last checkpoint is to have a timestamp.
type Unstamped struct {
	Enterprise domain.ID
	Size       int64
	Checkpoint string
}

// Stamps is the timestamps of all logs. What it writes is durable when it returns; all of
// its times are the database's.
type Stamps interface {
	// ClaimUnstamped takes the log that waits longest for a timestamp, if one is due: until
	// a time is over, nobody else gets it.
	ClaimUnstamped(ctx context.Context, held time.Duration) (u Unstamped, found bool, err error)
	// KeepTimestamp writes one down, and that the log needs no other for a time. One that is
	// there stays.
	KeepTimestamp(ctx context.Context, enterprise domain.ID, t Timestamp, every time.Duration) error
	// Unstamped counts the logs for which one was asked in vain for a time.
	Unstamped(ctx context.Context, late time.Duration) (int, error)
	// Timestamps finds the first over a size or more, if that is not 0, and the last; none
	// is over more than most.
	Timestamps(ctx context.Context, enterprise domain.ID, size, most int64) ([]Timestamp, error)
}

// Timestamping has checkpoints timestamped. Nothing waits for it: an authority that is down,
// slow or lying leaves a log without a timestamp, and is asked again about the checkpoint
// that is the last one then. It may run twice at once and be ended at any point.
type Timestamping struct {
	Stamps    Stamps
	Authority Authority // nil: nobody is asked
	// Outside is where timestamps lie beside the checkpoints, so that they do not share the
	// fate of the database.
	Outside interface {
		PublishTimestamp(ctx context.Context, enterprise domain.ID, size int64, tsr []byte) error
	}
	Every time.Duration // how often one log has a timestamp at most
	Log   *slog.Logger
}

// Timestamped is how much a run has done.
type Timestamped struct {
	Made   int
	Failed int
	Late   int // logs for which one is asked in vain for longer than Every
}

const (
	// stampHeld is how long a claim lasts, and a log waits for the next try: longer than the
	// authority may take.
	stampHeld = 45 * time.Second
	// stampFailures is after how many in a row the authority is left alone until the next run.
	stampFailures = 3
)

// Run asks for what is due, until nothing is or the context ends.
func (s Timestamping) Run(ctx context.Context) (d Timestamped, err error) {
	if s.Authority == nil {
		return d, nil
	}
	for inARow := 0; ctx.Err() == nil && inARow < stampFailures; {
		u, found, err := s.Stamps.ClaimUnstamped(ctx, stampHeld)
		if err != nil {
			return d, fmt.Errorf("timestamp: %w", err)
		}
		if !found {
			break
		}
		if err := s.stamp(ctx, u); err != nil {
			s.failed(ctx, u, err)
			d.Failed, inARow = d.Failed+1, inARow+1
			continue
		}
		d.Made, inARow = d.Made+1, 0
	}
	if d.Late, err = s.Stamps.Unstamped(context.WithoutCancel(ctx), s.Every); err != nil {
		return d, fmt.Errorf("timestamp: %w", err)
	}
	level := slog.LevelInfo
	if d.Late > 0 {
		level = slog.LevelError
	}
	s.Log.LogAttrs(ctx, level, "timestamped", slog.Int("made", d.Made), slog.Int("failed", d.Failed), slog.Int("late", d.Late))
	return d, nil
}

// stamp has a checkpoint timestamped. Not even a panic is more than that.
func (s Timestamping) stamp(ctx context.Context, u Unstamped) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %T", p)
		}
	}()
	tsr, at, err := s.Authority.Timestamp(ctx, []byte(u.Checkpoint))
	if err != nil {
		return err
	}
	if err := s.Outside.PublishTimestamp(ctx, u.Enterprise, u.Size, tsr); err != nil {
		return err
	}
	return s.Stamps.KeepTimestamp(ctx, u.Enterprise, Timestamp{Size: u.Size, Checkpoint: u.Checkpoint, TSR: tsr, At: at}, s.Every)
}

func (s Timestamping) failed(ctx context.Context, u Unstamped, err error) {
	s.Log.LogAttrs(ctx, slog.LevelWarn, "timestamp: a checkpoint has none yet", slog.String("enterprise", string(u.Enterprise)),
		slog.Int64("size", u.Size), slog.String("error", err.Error()))
}

// With finds the timestamps that go with a bundle over the last checkpoint, whose range ends
// before a place: the first over all of the range, which says since when it was there, and
// the last. The checkpoint's own is asked for if there is none.
func (s Timestamping) With(ctx context.Context, enterprise domain.ID, l Log, end int64) ([]Timestamp, error) {
	if s.Authority != nil && l.Stamped < l.Published {
		u := Unstamped{enterprise, l.Published, l.Checkpoint}
		if err := s.stamp(ctx, u); err != nil {
			s.failed(ctx, u, err)
		}
	}
	return s.Stamps.Timestamps(ctx, enterprise, end, l.Published)
}
