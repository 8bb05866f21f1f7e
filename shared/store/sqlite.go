//go:build !cloud

package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"modernc.org/sqlite"
)

func (s *Store) openSQLite(path string) error {
	if path == "" || strings.HasPrefix(path, ":") {
		return errors.New("store: sqlite: needs a file to keep what people said in")
	}
	if err := ownFile(path); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	q := url.Values{"_pragma": {
		"busy_timeout(2000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)",
		"secure_delete(1)", // a secret that was cleared is not left in a free page (duty D02)
	}}
	db, err := sql.Open("sqlite", "file:"+inURI.Replace(path)+"?"+q.Encode())
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	db.SetMaxOpenConns(8)
	db.SetMaxIdleConns(8) // opening one reads the schema, and asks for locks doing so
	s.db, s.engine, s.writer = db, sqlite3{}, make(chan struct{}, 1)
	return nil
}

// ownFile makes the file, and its folder, readable by their owner alone; SQLite makes
// its other files like it.
func ownFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return file.Close()
}

// inURI spells a path so that SQLite reads all of it as a path.
var inURI = strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23")

type sqlite3 struct{}

func (sqlite3) name() string { return "sqlite" }

// begin begins at once and reads the clock: SQLite's stands still for one statement
// only. A writer has waited for its turn by then.
func (sqlite3) begin(ctx context.Context, t *tx) error {
	t.exec(map[mode]string{reading: "BEGIN", writing: "BEGIN IMMEDIATE", alone: "BEGIN IMMEDIATE", passing: "BEGIN IMMEDIATE"}[t.mode])
	var ms int64
	t.query(each(func(scan func(...any) error) error { return scan(&ms) }),
		"SELECT CAST(unixepoch('now', 'subsec') * 1000 AS INTEGER)")
	err := t.flush(ctx)
	t.now = strconv.FormatInt(ms+t.store.offset().Milliseconds(), 10)
	return err
}

// lock is empty: BEGIN IMMEDIATE admits one writer at a time.
func (sqlite3) lock() string { return "" }

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
		if err := cmp.Or(s.scan(r), r.Close(), r.Err()); err != nil {
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

func (sqlite3) gone(*sql.Conn) bool { return false }

// full is true for SQLITE_FULL (13).
func (sqlite3) full(err error) bool {
	var lite *sqlite.Error
	return errors.As(err, &lite) && lite.Code()&0xff == 13
}

func (sqlite3) noSchema(err error) bool {
	return err != nil && strings.Contains(err.Error(), "no such table")
}

func (sqlite3) member(column, name string) string { return column + " ->> '" + name + "'" }

// scrub empties the write-ahead log, which holds pages as they once were until it is
// written over. Who reads just now keeps it from that: then the next one does it.
func (sqlite3) scrub(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	return err
}
