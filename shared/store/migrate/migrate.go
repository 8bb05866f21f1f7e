// Package migrate brings a database to the schema that this build needs. It is
// linked into the command alone: functions only check the version.
package migrate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"nod/shared/store"
)

// Migration is how a schema is brought up to date while others are at work on it.
//
// A change of a table waits for everybody who has the table, and everybody else waits behind
// it. So on PostgreSQL it waits for two seconds at most, lets them all pass, and tries again.
// Two that run at the same time do so one after the other.
type Migration struct {
	Store *store.Store
	// Tell is told what is waited for, each time; nil tells nobody.
	Tell func(string)
	// Patience is how long to try; ten minutes if zero.
	Patience time.Duration
}

const (
	lockTime = 2 * time.Second
	pause    = 3 * time.Second // at most; those who queued have their turn in it
	patience = 10 * time.Minute

	lockNotAvailable = "55P03" // https://www.postgresql.org/docs/current/errcodes-appendix.html
)

// Up applies what is missing and returns the names of the migrations it applied.
// It can be run again and again.
func Up(ctx context.Context, s *store.Store) (applied []string, err error) {
	return Migration{Store: s}.Up(ctx)
}

// Up is the function of that name.
func (m Migration) Up(ctx context.Context) (applied []string, err error) {
	if m.Patience == 0 {
		m.Patience = patience
	}
	err = m.Store.Admin(func(db *sql.DB) error {
		p, err := m.provider(db)
		if err != nil {
			return err
		}
		for until := time.Now().Add(m.Patience); ; {
			results, err := p.Up(ctx)
			if partial, ok := errors.AsType[*goose.PartialError](err); ok {
				results = partial.Applied
			}
			for _, r := range results {
				applied = append(applied, r.Source.Path)
			}
			if refused, ok := errors.AsType[*pgconn.PgError](err); !ok || refused.Code != lockNotAvailable {
				return err
			}
			if time.Now().After(until) {
				return fmt.Errorf("after %v of trying: %w; it waits for %s", m.Patience, err, holders(ctx, db))
			}
			m.tell(ctx, db)
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(pause/2 + rand.N(pause/2)):
			}
		}
	})
	if err != nil {
		return applied, fmt.Errorf("migrate: %w", err)
	}
	return applied, nil
}

func (m Migration) provider(db *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(store.Migrations, "migrations")
	if err != nil {
		return nil, err
	}
	if m.Store.Engine() == "postgres" {
		return goose.NewProvider(database.DialectPostgres, db, files, goose.WithSessionLocker(session{}))
	}
	return goose.NewProvider(database.DialectSQLite3, db, files)
}

func (m Migration) tell(ctx context.Context, db *sql.DB) {
	if m.Tell != nil {
		m.Tell(fmt.Sprintf("waiting for %s; everybody else goes on meanwhile", holders(ctx, db)))
	}
}

// holders says who has had a transaction open for the longest: not what they do in it.
func holders(ctx context.Context, db *sql.DB) string {
	var pid int
	var who, state, since string
	err := db.QueryRowContext(ctx, `SELECT pid, coalesce(usename, '?'), coalesce(state, '?'), to_char(now() - xact_start, 'HH24:MI:SS')
		FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
		ORDER BY xact_start LIMIT 1`).Scan(&pid, &who, &state, &since)
	if err != nil {
		return "somebody's transaction"
	}
	return fmt.Sprintf("the transaction of process %d (user %s, %s, open for %s)", pid, who, state, since)
}

// session is the connection that migrations run on. It implements goose's SessionLocker.
type session struct{}

// number is that of the lock that a migration has: any, but always the same.
const number = 0x6e6f64 // "nod"

// SessionLock keeps two migrations apart, and makes all that follows on the connection wait
// for others for a short time only.
func (session) SessionLock(ctx context.Context, conn *sql.Conn) error {
	if _, err := conn.ExecContext(ctx, fmt.Sprintf("SET lock_timeout = %d", lockTime.Milliseconds())); err != nil {
		return err
	}
	_, err := conn.ExecContext(ctx, fmt.Sprintf("SELECT pg_advisory_lock(%d)", number))
	return err
}

// SessionUnlock leaves the connection as it was.
func (session) SessionUnlock(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, fmt.Sprintf("SELECT pg_advisory_unlock(%d)", number))
	_, reset := conn.ExecContext(ctx, "RESET lock_timeout")
	return errors.Join(err, reset)
}
