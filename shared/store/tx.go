package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"reflect"
	"time"
)

// mode is how much of others' doings a transaction must not meet.
type mode int

const (
	reading mode = iota
	writing      // everything it changes hangs on one row that it locks
	alone        // it changes what no one row stands for
	passing      // all at once, and what it wrote may be lost with the server
)

// tx is one transaction. Statements are queued and travel together with the next
// flush; BEGIN goes with the first, COMMIT with the last.
type tx struct {
	store *Store
	conn  *sql.Conn
	mode  mode
	now   string // the present in SQL, in milliseconds: the same in all statements
	queue []statement

	began bool // something was sent
	final bool // COMMIT was sent: from here on the outcome may be unknown
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
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	batch := t.queue
	t.queue, t.began = nil, true
	return t.store.engine.send(ctx, t.conn, batch)
}

// How long the end of a transaction may take. It does not end with the caller's
// context: a caller who leaves in the middle of it would not know what became of
// their call, and the connection must not stay in a transaction.
//
// answerTime bounds every other round trip: a server that was cut off answers nobody, its
// connection does not end by itself, and no function is to be held by it.
const (
	answerTime   = 10 * time.Second
	commitTime   = 5 * time.Second
	rollbackTime = 2 * time.Second
)

// end writes what is queued and commits, in one round trip: the engines stop at
// the first statement that fails, so that COMMIT is not reached then.
func (t *tx) end(ctx context.Context, err error) error {
	if err == nil {
		err = ctx.Err()
	}
	ctx = context.WithoutCancel(ctx)
	if err == nil {
		ctx, cancel := context.WithTimeout(ctx, commitTime)
		defer cancel()
		t.exec("COMMIT")
		t.final = true
		if err = t.flush(ctx); err == nil {
			return nil
		}
	}
	if t.began {
		t.rollback(ctx)
	}
	return err
}

func (t *tx) rollback(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, rollbackTime)
	defer cancel()
	if err := t.store.engine.send(ctx, t.conn, []statement{{sql: "ROLLBACK"}}); err != nil {
		_ = t.conn.Raw(func(any) error { return driver.ErrBadConn }) // never back to the pool
	}
}

// plain turns named types into what both drivers take, and times into milliseconds. What
// there is then is int64, bool, string and bytes.
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
