package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"time"

	"nod/shared/domain"
	"nod/shared/trace"
)

// The bounds of retrying: with these waits a transaction gives up after about two
// seconds of losing every race, and in any case soon after its patience is over.
const (
	retries   = 12
	firstWait = 2 * time.Millisecond
	mostWait  = 400 * time.Millisecond
	patience  = 4 * time.Second
)

// transact runs do in a transaction, again when it lost a race or its connection. Where
// there is no time for another try, it is Busy, and so it is where the database has no room:
// somebody has to make some first. It is Busy, too, where COMMIT was sent and its answer was
// lost: everything may have been written, or nothing. Whoever makes the same call again
// meets what was.
// A Refusal that do returns through its own variables is not an error here.
func (s *Store) transact(ctx context.Context, m mode, do func(*tx) error) (err error) {
	ctx, span := trace.Begin(ctx, "store")
	if span.Recording() {
		span.Word(trace.Transaction, caller())
	}
	wait, started, try := firstWait, time.Now(), 1
	defer func() {
		span.Number(trace.Tries, try)
		span.End(err)
	}()
	for ; ; try++ {
		again, err := s.once(ctx, m, do)
		if err == nil || !again && !s.engine.full(err) {
			return err
		}
		if !again || try == retries || time.Since(started) > patience || ctx.Err() != nil {
			return busy(err)
		}
		select {
		case <-ctx.Done(): // the next try notices
		case <-time.After(wait/2 + rand.N(wait)):
		}
		wait = min(2*wait, mostWait)
	}
}

func busy(why error) error {
	return fmt.Errorf("%w: %w", &domain.Refusal{Reason: domain.Busy, RetryAfter: time.Second}, why)
}

// caller is the method that makes the transaction, by its name in the code.
func caller() string {
	const skip = 3 // runtime.Callers, this function, transact
	pc := make([]uintptr, 1)
	frame, _ := runtime.CallersFrames(pc[:runtime.Callers(skip, pc)]).Next()
	return frame.Function[strings.LastIndex(frame.Function, "/")+1:]
}

// once runs do in a transaction and tells whether that may be tried again: it lost
// a race, or the connection was lost before COMMIT was on its way.
func (s *Store) once(ctx context.Context, m mode, do func(*tx) error) (again bool, err error) {
	if m != reading && s.writer != nil {
		select {
		case s.writer <- struct{}{}:
			defer func() { <-s.writer }()
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return true, fmt.Errorf("store: no connection: %w", err) // nothing was sent
	}
	defer conn.Close()
	t := &tx{store: s, conn: conn, mode: m}
	finished := false
	defer func() {
		if !finished { // somebody panicked: the connection must not keep its transaction
			_ = t.end(ctx, errPanicked)
		}
	}()
	if err = s.engine.begin(ctx, t); err == nil {
		err = do(t)
	}
	err = t.end(ctx, err)
	finished = true
	switch {
	case err == nil:
		return false, nil
	case s.engine.again(err):
		return true, err
	case !s.engine.gone(conn):
		return false, err
	case t.mode != reading && t.final:
		return false, busy(fmt.Errorf("store: the answer to COMMIT was lost: %w", err))
	}
	return true, err
}

var errPanicked = errors.New("store: the transaction's function panicked")
