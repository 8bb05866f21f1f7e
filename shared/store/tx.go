package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"time"

	"nod/shared/domain"
)

// tx is one transaction. Statements are queued and travel together with the next
// flush; BEGIN goes with the first.
type tx struct {
	store *Store
	conn  *sql.Conn
	write bool
	began bool
	queue []statement
}

// exec queues a statement that returns nothing.
func (t *tx) exec(query string, args ...any) {
	t.queue = append(t.queue, statement{sql: query, args: plain(args)})
}

// query queues a statement; scan is called once with its rows, during flush.
func (t *tx) query(scan func(rows) error, query string, args ...any) {
	t.queue = append(t.queue, statement{sql: query, args: plain(args), scan: scan})
}

// each makes a scan function that calls one for every row.
func each(one func(scan func(...any) error) error) func(rows) error {
	return func(r rows) error {
		for r.Next() {
			if err := one(r.Scan); err != nil {
				return err
			}
		}
		return r.Err()
	}
}

// flush sends what is queued: one round trip on PostgreSQL.
func (t *tx) flush(ctx context.Context) error {
	if len(t.queue) == 0 {
		return nil
	}
	batch := t.queue
	t.queue = nil
	if !t.began {
		batch = append([]statement{{sql: t.store.engine.begin(t.write)}}, batch...)
		t.began = true
	}
	return t.store.engine.send(ctx, t.conn, batch)
}

func (t *tx) end(ctx context.Context, err error) error {
	if err == nil {
		err = t.flush(ctx)
	}
	if !t.began {
		return err
	}
	if err != nil {
		// The caller's context may be over; the connection must not stay in a
		// transaction all the same.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		if rollback := t.store.engine.send(ctx, t.conn, []statement{{sql: "ROLLBACK"}}); rollback != nil {
			_ = t.conn.Raw(func(any) error { return driver.ErrBadConn }) // never back to the pool
		}
		return err
	}
	return t.store.engine.send(ctx, t.conn, []statement{{sql: "COMMIT"}})
}

// The bounds of retrying: with these waits a transaction gives up after about two
// seconds of losing every race.
const (
	retries   = 12
	firstWait = 2 * time.Millisecond
	mostWait  = 400 * time.Millisecond
)

// transact runs do in a transaction, again when it lost a race. A Refusal that do
// returns through its own variables is not an error here.
func (s *Store) transact(ctx context.Context, write bool, do func(*tx) error) error {
	wait := firstWait
	for try := 1; ; try++ {
		err := s.once(ctx, write, do)
		if err == nil || !s.engine.again(err) {
			return err
		}
		if try == retries {
			return fmt.Errorf("%w: %w", &domain.Refusal{Reason: domain.Busy, RetryAfter: time.Second}, err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait/2 + rand.N(wait)):
		}
		wait = min(2*wait, mostWait)
	}
}

func (s *Store) once(ctx context.Context, write bool, do func(*tx) error) (err error) {
	if write && s.writer != nil {
		select {
		case s.writer <- struct{}{}:
			defer func() { <-s.writer }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("store: no connection: %w", err)
	}
	defer conn.Close()
	t := &tx{store: s, conn: conn, write: write}
	finished := false
	defer func() {
		if !finished { // do panicked: the connection must not keep its transaction
			_ = t.end(ctx, errPanicked)
		}
	}()
	err = do(t)
	finished = true
	return t.end(ctx, err)
}

var errPanicked = errors.New("store: the transaction's function panicked")

// plain turns named types into what both drivers take, and times into milliseconds.
func plain(args []any) []any {
	out := make([]any, len(args))
	for i, a := range args {
		switch v := a.(type) {
		case time.Time:
			out[i] = millis(v)
			continue
		case []byte:
			out[i] = append([]byte{}, v...) // never NULL
			continue
		}
		switch v := reflect.ValueOf(a); v.Kind() {
		case reflect.String:
			out[i] = v.String()
		case reflect.Int:
			out[i] = v.Int()
		default:
			out[i] = a
		}
	}
	return out
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
