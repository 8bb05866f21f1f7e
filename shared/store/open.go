package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"nod/shared/domain"
)

// Options of a Store.
type Options struct {
	// Connections is how many database connections one process may hold. A function
	// instance serves one call at a time and needs one.
	Connections int
	// ClockOffset is added to the database's clock. It is for tests, which make
	// clocks jump; nil adds nothing.
	ClockOffset func() time.Duration
}

// Store is safe for concurrent use.
type Store struct {
	db     *sql.DB
	engine engine
	offset func() time.Duration
	writer chan struct{} // SQLite: one writer at a time, in order, instead of polling
}

// Open connects to dsn: sqlite:PATH or postgres://... . It does not touch the
// schema and does not wait for the database: Ready tells.
func Open(dsn string, o Options) (*Store, error) {
	s := &Store{offset: o.ClockOffset}
	if s.offset == nil {
		s.offset = func() time.Duration { return 0 }
	}
	switch {
	case strings.HasPrefix(dsn, "sqlite:"):
		return s, s.openSQLite(strings.TrimPrefix(dsn, "sqlite:"))
	case strings.HasPrefix(dsn, "postgres://"), strings.HasPrefix(dsn, "postgresql://"):
		return s, s.openPostgres(dsn, max(1, o.Connections))
	}
	return nil, errors.New("store: the database must be sqlite:PATH or a postgres:// address")
}

func (s *Store) openSQLite(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	q := url.Values{"_pragma": {
		"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)",
	}}
	db, err := sql.Open("sqlite", "file:"+path+"?"+q.Encode())
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	db.SetMaxOpenConns(8)
	s.db, s.engine, s.writer = db, sqlite3{}, make(chan struct{}, 1)
	return nil
}

func (s *Store) openPostgres(dsn string, connections int) error {
	conf, err := pgx.ParseConfig(dsn)
	if err != nil {
		return errors.New("store: the PostgreSQL address cannot be read") // its text holds the password
	}
	conf.DefaultQueryExecMode = pgx.QueryExecModeExec
	conf.ConnectTimeout = 5 * time.Second
	db := stdlib.OpenDB(*conf, stdlib.OptionShouldPing(
		// A ping before each use would be a round trip; a dead connection shows in the
		// first batch and is retried.
		func(context.Context, stdlib.ShouldPingParams) bool { return false }))
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	s.db, s.engine = db, postgres{}
	return nil
}

// Close ends all connections.
func (s *Store) Close() error { return s.db.Close() }

// Engine is sqlite or postgres.
func (s *Store) Engine() string { return s.engine.name() }

// Admin lends the database to the migrations.
func (s *Store) Admin(use func(*sql.DB) error) error { return use(s.db) }

// Ready checks that the database answers and has the schema this code needs.
func (s *Store) Ready(ctx context.Context) error {
	var have int
	err := s.db.QueryRowContext(ctx, "SELECT max(version_id) FROM goose_db_version").Scan(&have)
	if err != nil {
		return fmt.Errorf("store: not ready: %w", err)
	}
	if have < SchemaVersion {
		return fmt.Errorf("store: the schema is at version %d, this build needs %d: run nod migrate", have, SchemaVersion)
	}
	return nil
}

// clock is the SQL expression for the present, in milliseconds.
func (s *Store) clock() string {
	return fmt.Sprintf("(%s + %d)", s.engine.clock(), s.offset().Milliseconds())
}

// NewID makes a UUIDv7.
func NewID() domain.ID { return domain.ID(uuid.Must(uuid.NewV7()).String()) }
