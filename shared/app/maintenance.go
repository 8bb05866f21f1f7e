package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"nod/shared/domain"
)

// Queue is one kind of what time has overtaken.
type Queue string

// The queues, in the order in which they are worked off: what somebody's privacy waits
// for comes first, what may be long last.
const (
	KeptSecrets    Queue = "secrets"  // sessions that are over and still hold a reference
	OverSessions   Queue = "sessions" // sessions that are over and do not say so
	OverChecks     Queue = "checks"   // attempts and visits whose outcome nobody will bring any more
	EndedTerms     Queue = "terms"    // grants past their term
	OvertakenWords Queue = "notices"  // grants that a materially newer notice, or the end of a delegation, has ended
	ClosedPeople   Queue = "closed"   // people of closed enterprises that have their records
	Reviews        Queue = "reviews"  // people of whom something may go
	Emptied        Queue = "emptied"  // closed enterprises of which nobody is left
	HandOvers      Queue = "handover" // closed enterprises that wait for their last export
)

// Due is one thing in a queue: the enterprise and the session, or the consent. The rest
// is its place in the queue, and says nothing of anybody.
type Due struct {
	Enterprise, ID domain.ID
	Line           string
	At             time.Time
}

// Backlog finds what is due, in all enterprises together, and tells no more of it than
// where to look: whoever works it off does so through the enterprise's own handle.
type Backlog interface {
	// Due lists what is behind after in a queue, in the queue's order; the zero Due is
	// before everything.
	Due(ctx context.Context, q Queue, after Due, limit int) ([]Due, error)
	// ForgetAnswers deletes kept answers whose day is over and tells how many.
	ForgetAnswers(ctx context.Context, limit int) (int, error)
	// Scrub makes sure that what was cleared is not left in the engine's own files.
	Scrub(ctx context.Context) error
}

// Maintenance does what is due when nobody comes by to do it. It works person by person,
// each in a transaction of their own that takes the lock that everybody takes, so that it
// may be run twice at once, be ended at any point and be begun again.
type Maintenance struct {
	Backlog Backlog
	Tenant  func(domain.ID) Moments
	Archive func(domain.ID) Archive
	Charter func(domain.ID) Charters
	Log     *slog.Logger
	// Clock is this process's. What cannot be undone is not done where the database's says
	// something else.
	Clock func() time.Time
	// Deliverer warns and delivers webhooks; nil where the keys for it are not at hand.
	Deliverer *Deliverer
	// Exporter makes bundles; nil likewise.
	Exporter *Exporter
}

// Done is how much a run has done.
type Done struct {
	Secrets  int  // sessions that lost their reference
	Expired  int  // sessions
	Unknown  int  // checks and visits that ended without an outcome
	Lapsed   int  // consents
	Answers  int  // that were kept to be given again
	Released int  // consents, sessions and requests that were kept long enough
	Erased   int  // people of whom nothing was left
	Emptied  int  // enterprises
	HandOver int  // last exports that were ordered
	Faults   int  // things that could not be done, and were left to the next run
	Sent     Sent // to platforms
	Exported Exported
	Unheeded bool // the time was over before all was looked at
}

// batch is how many due things are fetched at a time.
const batch = 200

// Run does what is due, until nothing is or the context ends; the rest is found again by
// the next run. One person's fault is logged and left. An error says that what is due
// could not even be looked for.
func (w Maintenance) Run(ctx context.Context) (d Done, err error) {
	started := time.Now()
	delivering := w.deliverBeside(ctx)
	for _, q := range []Queue{KeptSecrets, OverSessions, OverChecks} {
		err = errors.Join(err, w.workOff(ctx, q, &d, w.settle(func(x Due) By { return By{Session: x.ID} })))
	}
	err = errors.Join(err, w.forgetAnswers(ctx, &d))
	for _, q := range []Queue{EndedTerms, OvertakenWords} {
		err = errors.Join(err, w.workOff(ctx, q, &d, w.settle(func(x Due) By { return By{Consent: x.ID} })))
	}
	for _, q := range []Queue{ClosedPeople, Reviews} {
		err = errors.Join(err, w.workOff(ctx, q, &d, w.release))
	}
	err = errors.Join(err, w.workOff(ctx, Emptied, &d, w.empty), w.workOff(ctx, HandOvers, &d, w.handOver))
	if d.Secrets+d.Released+d.Erased > 0 && ctx.Err() == nil {
		err = errors.Join(err, w.Backlog.Scrub(ctx))
	}
	sent, fault := delivering()
	d.Sent, err = sent, errors.Join(err, fault)
	if w.Exporter != nil && ctx.Err() == nil { // last, because it may be long
		d.Exported, fault = w.Exporter.Run(ctx)
		err = errors.Join(err, fault)
	}
	d.Unheeded = ctx.Err() != nil
	if d.Unheeded {
		err = nil // its own end is no fault
	}
	w.Log.LogAttrs(ctx, slog.LevelInfo, "maintained",
		slog.Int("secrets", d.Secrets), slog.Int("expired", d.Expired), slog.Int("unknown", d.Unknown),
		slog.Int("lapsed", d.Lapsed), slog.Int("answers", d.Answers), slog.Int("released", d.Released),
		slog.Int("erased", d.Erased), slog.Int("emptied", d.Emptied), slog.Int("hand_overs", d.HandOver), slog.Int("faults", d.Faults),
		slog.Int("warned", d.Sent.Warned), slog.Int("delivered", d.Sent.Delivered), slog.Int("retried", d.Sent.Retried),
		slog.Int("failed", d.Sent.Failed), slog.Int("exported", d.Exported.Ready), slog.Int("export_steps", d.Exported.Steps),
		slog.Int("export_faults", d.Exported.Faults+d.Exported.Failed), slog.Int("exports_gone", d.Exported.Gone), slog.Bool("unheeded", d.Unheeded), slog.Int64("ms", time.Since(started).Milliseconds()))
	return d, err
}

func (w Maintenance) workOff(ctx context.Context, q Queue, d *Done, do func(context.Context, Due) (Done, error)) error {
	var last Due
	for {
		list, err := w.Backlog.Due(ctx, q, last, batch)
		if err != nil {
			return fmt.Errorf("maintain %s: %w", q, err)
		}
		for _, x := range list {
			if ctx.Err() != nil {
				return nil
			}
			done, err := unharmed(ctx, x, do)
			if err != nil && ctx.Err() == nil {
				w.Log.LogAttrs(ctx, slog.LevelError, "maintain: one was left", slog.String("queue", string(q)), slog.String("error", err.Error()))
				done.Faults = 1
			}
			d.add(done)
			last = x
		}
		if len(list) < batch {
			return nil
		}
	}
}

// unharmed does one thing that is due, and tells what came of it. Not even a panic is more
// than that one person's.
func unharmed(ctx context.Context, x Due, do func(context.Context, Due) (Done, error)) (done Done, err error) {
	defer func() {
		if p := recover(); p != nil {
			done, err = Done{}, fmt.Errorf("panic: %T\n%s", p, debug.Stack())
		}
	}()
	if done, err = do(ctx, x); err != nil {
		done = Done{}
	}
	return done, err
}

// settle brings what concerns one person up to date.
func (w Maintenance) settle(by func(Due) By) func(context.Context, Due) (Done, error) {
	return func(ctx context.Context, x Due) (done Done, err error) {
		_, err = w.Tenant(x.Enterprise).Update(ctx, by(x), nil, func(m *domain.Moment) error {
			done = tidied(m)
			return nil
		})
		return done, err
	}
}

func tidied(m *domain.Moment) (done Done) {
	var before domain.Session
	if m.Session != nil {
		before = *m.Session
	}
	m.Tidy()
	if s := m.Session; s != nil {
		if before.HoldsSecret() && !s.HoldsSecret() {
			done.Secrets = 1
		}
		if before.State != domain.Expired && s.State == domain.Expired {
			done.Expired = 1
		}
	}
	done.Unknown, done.Lapsed = len(m.EndedAttempts), len(m.EndedConsents)
	return done
}

func (w Maintenance) forgetAnswers(ctx context.Context, d *Done) error {
	for {
		n, err := w.Backlog.ForgetAnswers(ctx, batch)
		if err != nil {
			return fmt.Errorf("maintain answers: %w", err)
		}
		if d.Answers += n; n < batch {
			return nil
		}
	}
}

func (d *Done) add(more Done) {
	d.Secrets += more.Secrets
	d.Expired += more.Expired
	d.Unknown += more.Unknown
	d.Lapsed += more.Lapsed
	d.Released += more.Released
	d.Erased += more.Erased
	d.Emptied += more.Emptied
	d.HandOver += more.HandOver
	d.Faults += more.Faults
}

// deliverBeside delivers while the rest of a run goes on, so that a long one keeps nobody
// waiting. The function that it returns is called at the end of the rest: it delivers what
// that has brought.
func (w Maintenance) deliverBeside(ctx context.Context) (last func() (Sent, error)) {
	if w.Deliverer == nil {
		return func() (Sent, error) { return Sent{}, nil }
	}
	var sum Sent
	var err error
	step := func(do func(context.Context) (Sent, error)) {
		defer func() {
			if p := recover(); p != nil {
				err = errors.Join(err, fmt.Errorf("panic: %T\n%s", p, debug.Stack()))
			}
		}()
		sent, fault := do(ctx)
		sum.add(sent)
		err = errors.Join(err, fault)
	}
	var first sync.WaitGroup
	first.Go(func() {
		step(w.Deliverer.Forget) // before what may take all of the time
		step(w.Deliverer.Warn)
		step(w.Deliverer.Deliver)
	})
	return func() (Sent, error) {
		first.Wait()
		if ctx.Err() == nil {
			step(w.Deliverer.Deliver)
		}
		return sum, err
	}
}
