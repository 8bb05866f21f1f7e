package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"modernc.org/sqlite"
)

// engine is what SQLite and PostgreSQL do differently.
type engine interface {
	name() string
	begin(write bool) string
	lock() string  // ends a SELECT whose row no one else may change meanwhile
	clock() string // milliseconds since 1970, by the database's own clock
	send(ctx context.Context, conn *sql.Conn, batch []statement) error
	again(err error) bool // whether the transaction may be run again
}

// statement is one SQL statement with ? for its arguments. scan reads its rows;
// nil for one that returns none.
type statement struct {
	sql  string
	args []any
	scan func(rows) error
}

// rows is what database/sql and pgx have in common.
type rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
}

type postgres struct{}

func (postgres) name() string { return "postgres" }

func (postgres) begin(write bool) string {
	if write {
		return "BEGIN ISOLATION LEVEL REPEATABLE READ"
	}
	return "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
}

func (postgres) lock() string { return " FOR UPDATE" }

// now() is the time of BEGIN, never later than the snapshot that the transaction
// reads: whatever it sees was done before.
func (postgres) clock() string { return "CAST(extract(epoch FROM now()) * 1000 AS BIGINT)" }

// send pipelines the batch: one round trip. pgx runs it in exec mode (see Open),
// which works behind PgBouncer in transaction mode.
func (postgres) send(ctx context.Context, conn *sql.Conn, batch []statement) error {
	return conn.Raw(func(driverConn any) error {
		var b pgx.Batch
		for _, s := range batch {
			b.Queue(dollars(s.sql), s.args...)
		}
		results := driverConn.(*stdlib.Conn).Conn().SendBatch(ctx, &b)
		err := readBatch(results, batch)
		return errors.Join(err, results.Close())
	})
}

func readBatch(results pgx.BatchResults, batch []statement) error {
	for _, s := range batch {
		if s.scan == nil {
			if _, err := results.Exec(); err != nil {
				return err
			}
			continue
		}
		r, err := results.Query()
		if err != nil {
			return err
		}
		err = errors.Join(s.scan(r), closed(r))
		if err != nil {
			return err
		}
	}
	return nil
}

func closed(r pgx.Rows) error {
	r.Close()
	return r.Err()
}

// again is true for serialization failures and deadlocks, which PostgreSQL asks to
// retry, and for a connection that was gone before anything was sent.
func (postgres) again(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		sameKeyTwice := pg.Code == "23505" && pg.ConstraintName == "answers_pkey" // see Once: the second finds the answer
		return pg.Code == "40001" || pg.Code == "40P01" || sameKeyTwice
	}
	return pgconn.SafeToRetry(err)
}

// dollars numbers the placeholders as PostgreSQL wants them. No statement here has
// a question mark of any other meaning.
func dollars(query string) string {
	var b strings.Builder
	n := 0
	for _, c := range query {
		if c == '?' {
			n++
			b.WriteString("$" + strconv.Itoa(n))
			continue
		}
		b.WriteRune(c)
	}
	return b.String()
}

type sqlite3 struct{}

func (sqlite3) name() string { return "sqlite" }

func (sqlite3) begin(write bool) string {
	if write {
		return "BEGIN IMMEDIATE"
	}
	return "BEGIN"
}

// lock is empty: BEGIN IMMEDIATE admits one writer at a time.
func (sqlite3) lock() string { return "" }

func (sqlite3) clock() string { return "CAST(unixepoch('now', 'subsec') * 1000 AS INTEGER)" }

func (sqlite3) send(ctx context.Context, conn *sql.Conn, batch []statement) error {
	for _, s := range batch {
		if s.scan == nil {
			if _, err := conn.ExecContext(ctx, s.sql, s.args...); err != nil {
				return fmt.Errorf("%.40s: %w", s.sql, err)
			}
			continue
		}
		r, err := conn.QueryContext(ctx, s.sql, s.args...)
		if err != nil {
			return fmt.Errorf("%.40s: %w", s.sql, err)
		}
		if err := errors.Join(s.scan(r), r.Close(), r.Err()); err != nil {
			return err
		}
	}
	return nil
}

// again is true for SQLITE_BUSY (5) and its extensions: another process holds the
// file.
func (sqlite3) again(err error) bool {
	var lite *sqlite.Error
	return errors.As(err, &lite) && lite.Code()&0xff == 5
}
