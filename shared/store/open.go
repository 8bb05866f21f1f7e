package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

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

// Close ends all connections.
func (s *Store) Close() error { return s.db.Close() }

// Engine is sqlite or postgres.
func (s *Store) Engine() string { return s.engine.name() }

// Clock is this process's clock, which the database's is held against. Tests turn both.
func (s *Store) Clock() time.Time { return time.Now().Add(s.offset()) }

// Admin lends the database to the migrations.
func (s *Store) Admin(use func(*sql.DB) error) error { return use(s.db) }

// ErrSchema says that the database answers, and has another schema than this code needs.
var ErrSchema = errors.New("run nod migrate")

// Ready checks that the database answers and has the schema this code needs; if it has
// another one, the error is ErrSchema.
func (s *Store) Ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	var have int
	err := s.db.QueryRowContext(ctx, "SELECT COALESCE(max(version_id), 0) FROM goose_db_version").Scan(&have)
	switch {
	case s.engine.noSchema(err):
		return fmt.Errorf("store: the database is empty: %w", ErrSchema)
	case err != nil:
		return fmt.Errorf("store: not ready: %w", err)
	}
	if have < SchemaVersion {
		return fmt.Errorf("store: the schema is at version %d, this build needs %d: %w", have, SchemaVersion, ErrSchema)
	}
	return nil
}

// Remember keeps a value under a name the first time, and returns what is kept.
func (s *Store) Remember(ctx context.Context, name, value string) (kept string, err error) {
	err = s.transact(ctx, alone, func(t *tx) error {
		t.exec(`INSERT INTO deployment (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING`, name, value)
		t.query(each(func(scan func(...any) error) error { return scan(&kept) }),
			`SELECT value FROM deployment WHERE name = ?`, name)
		return t.flush(ctx)
	})
	return kept, err
}

// NewID makes a UUIDv7.
func NewID() domain.ID { return domain.ID(uuid.Must(uuid.NewV7()).String()) }
