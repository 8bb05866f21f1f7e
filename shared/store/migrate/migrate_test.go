package migrate_test

import (
	"context"
	"database/sql"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"nod/shared/store"
	"nod/shared/store/migrate"
	"nod/tests/postgres"
)

func TestMain(m *testing.M) { postgres.Main(m) }

func open(t *testing.T, dsn string) *store.Store {
	t.Helper()
	s, err := store.Open(dsn, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// behind is a database whose last migrations are missing, of which the first has to lock a
// table of people.
func behind(t *testing.T) (s *store.Store, dsn string) {
	t.Helper()
	dsn = postgres.Database(t)
	s = open(t, dsn)
	if _, err := migrate.Up(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	admin(t, s, "ALTER TABLE records DROP COLUMN route CASCADE", "DROP INDEX IF EXISTS records_of_outcomes", "DROP INDEX consents_lapsed",
		"DROP TABLE queues, lanes, turns", "DELETE FROM goose_db_version WHERE version_id >= 16")
	return s, dsn
}

func admin(t *testing.T, s *store.Store, statements ...string) {
	t.Helper()
	err := s.Admin(func(db *sql.DB) error {
		for _, statement := range statements {
			if _, err := db.ExecContext(t.Context(), statement); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// connect makes a connection that is no store's.
func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func do(t *testing.T, conn *pgx.Conn, statements string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), statements); err != nil {
		t.Fatal(err)
	}
}

// Somebody has a transaction open that the migration has to wait for. Everybody else goes on
// all the same, whoever migrates is told what they wait for, and it is done in the end.
func TestAMigrationHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	s, dsn := behind(t)
	long := connect(t, dsn)
	do(t, long, "BEGIN; SELECT count(*) FROM records")
	told := make(chan string, 100)
	done := make(chan error, 1)
	go func() {
		applied, err := migrate.Migration{Store: s, Tell: func(what string) { told <- what }}.Up(t.Context())
		if err == nil && (len(applied) != store.SchemaVersion-15 || !strings.HasPrefix(applied[0], "00016")) {
			t.Errorf("it applied %v", applied)
		}
		done <- err
	}()
	other := connect(t, dsn)
	longest := time.Duration(0)
	for what := ""; what == ""; {
		begin := time.Now()
		do(t, other, "SELECT count(*) FROM records")
		longest = max(longest, time.Since(begin))
		select {
		case what = <-told:
			if !strings.Contains(what, "open for 00:00:") {
				t.Errorf("it says %q", what)
			}
		default:
		}
	}
	if longest > 10*time.Second { // two seconds, on a machine that does nothing else
		t.Errorf("somebody waited for %v behind the migration", longest)
	}
	do(t, long, "ROLLBACK")
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := s.Ready(t.Context()); err != nil {
		t.Error(err)
	}
}

// Whoever waits for too long gives up, says for whom, and leaves everything as it was.
func TestAMigrationGivesUp(t *testing.T) {
	t.Parallel()
	s, dsn := behind(t)
	long := connect(t, dsn)
	do(t, long, "BEGIN; SELECT count(*) FROM records")
	applied, err := migrate.Migration{Store: s, Patience: time.Millisecond}.Up(t.Context())
	if err == nil || len(applied) > 0 || !strings.Contains(err.Error(), "it waits for the transaction of process") {
		t.Errorf("%v, %v", applied, err)
	}
	if err := s.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "run nod migrate") {
		t.Errorf("with the schema of before it says %v", err)
	}
}

func TestTwoMigrationsAtOnce(t *testing.T) {
	t.Parallel()
	dsn := postgres.Database(t)
	var all sync.WaitGroup
	var mu sync.Mutex
	count := 0
	for range 3 {
		s := open(t, dsn)
		all.Go(func() {
			applied, err := migrate.Up(t.Context(), s)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			count += len(applied)
		})
	}
	all.Wait()
	if count != store.SchemaVersion {
		t.Errorf("%d migrations were applied, want each of %d once", count, store.SchemaVersion)
	}
}
