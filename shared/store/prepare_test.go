package store_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"nod/shared/app"
	"nod/shared/store"
	"nod/shared/storetest"
	"nod/tests/postgres"
	"nod/tests/wire"
)

// Statements are prepared where each connection has a process of the server's to itself, and
// where whoever runs Nod says so; behind a pooler nothing is.
func TestStatementsArePreparedWhereTheyCanBe(t *testing.T) {
	t.Parallel()
	dsn := postgres.Database(t)
	stage := storetest.NewStage(t, open(t, dsn, store.Options{}))
	session := stage.Consenting("prepared")
	through := postgres.Pooled(t, dsn)
	for _, tc := range []struct {
		name, dsn string
		prepares  bool
	}{
		{"directly", dsn, true},
		{"as the address has it", dsn + "&default_query_exec_mode=exec", false},
		{"as the address has it, too", dsn + "&default_query_exec_mode=cache_statement", true},
		{"without a place to keep them", dsn + "&statement_cache_capacity=0", false},
		{"through PgBouncer", through(dsn), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			at := open(t, tc.dsn, store.Options{Connections: 1})
			for range 3 {
				if _, err := at.Tenant(stage.Enterprise).Moment(t.Context(), app.By{Session: session}); err != nil {
					t.Fatal(err)
				}
			}
			var prepared int
			var walks string // what is set for a connection that others use as well stays set for them
			err := at.Admin(func(db *sql.DB) error {
				return db.QueryRowContext(t.Context(), `SELECT count(*), current_setting('enable_seqscan')
					FROM pg_prepared_statements WHERE statement LIKE '%FROM sessions%'`).Scan(&prepared, &walks)
			})
			if err != nil {
				t.Fatal(err)
			}
			if (prepared > 0) != tc.prepares || (walks == "off") != tc.prepares {
				t.Errorf("%d statements are prepared, enable_seqscan is %s", prepared, walks)
			}
		})
	}
}

// A pooler lets people in for whom it has no connection yet, and a server may die right after
// it did: that holds nobody longer than a host that lets nobody in.
func TestWhoIsLetInAndNotAnsweredGoesOn(t *testing.T) {
	t.Parallel()
	p := wire.To(t, postgres.Database(t))
	p.Watch(func(wire.Statement) wire.Fault { p.Deafen(); return wire.Fault{} })
	begin := time.Now()
	if err := open(t, p.DSN, store.Options{}).Ready(context.Background()); err == nil || time.Since(begin) > 8*time.Second {
		t.Errorf("after %v: %v", time.Since(begin), err)
	}
}

// A plan that was made for a handful of rows is not kept: the next morning there are many.
func TestAPlanIsKeptOnlyForLargeTables(t *testing.T) {
	t.Parallel()
	dsn := postgres.Database(t)
	stage := storetest.NewStage(t, open(t, dsn, store.Options{}))
	for _, tc := range []struct {
		rows int
		mode string
	}{{-1, "force_custom_plan"}, {999, "force_custom_plan"}, {1_000, "force_generic_plan"}} {
		stage.Admin(func(db *sql.DB) error {
			_, err := db.ExecContext(t.Context(), `UPDATE pg_class SET reltuples = $1 WHERE relname = 'consents'`, tc.rows)
			return err
		})
		var mode string
		err := open(t, dsn, store.Options{}).Admin(func(db *sql.DB) error {
			return db.QueryRowContext(t.Context(), "SHOW plan_cache_mode").Scan(&mode)
		})
		if err != nil || mode != tc.mode {
			t.Errorf("with %d rows: %s, %v, want %s", tc.rows, mode, err, tc.mode)
		}
	}
}

// A connection that was opened while they were few keeps plans soon after they have become many.
func TestAConnectionNoticesThatTablesHaveGrown(t *testing.T) {
	t.Parallel()
	dsn := postgres.Database(t)
	storetest.NewStage(t, open(t, dsn, store.Options{}))
	at := open(t, dsn, store.Options{Connections: 1})
	for _, tc := range []struct {
		rows int
		ago  time.Duration
		mode string
	}{{0, time.Hour, "force_custom_plan"}, {5_000, time.Second, "force_custom_plan"}, {5_000, time.Minute, "force_generic_plan"}} {
		var mode, walks string
		err := errors.Join(
			at.Admin(func(db *sql.DB) error {
				_, err := db.ExecContext(t.Context(), `UPDATE pg_class SET reltuples = $1 WHERE relname = 'consents'`, tc.rows)
				return err
			}),
			at.Ago(t.Context(), tc.ago),
			at.Admin(func(db *sql.DB) error {
				return errors.Join(db.QueryRowContext(t.Context(), "SHOW plan_cache_mode").Scan(&mode), db.QueryRowContext(t.Context(), "SHOW enable_seqscan").Scan(&walks))
			}))
		if err != nil || mode != tc.mode || walks != "off" {
			t.Errorf("%d rows, %v after the last look: %s and %s, %v, want %s and off", tc.rows, tc.ago, mode, walks, err, tc.mode)
		}
	}
}

// A migration may change the type of a column under a statement that is prepared.
func TestAPreparedStatementOutlivesAMigration(t *testing.T) {
	t.Parallel()
	dsn := postgres.Database(t)
	admin := open(t, dsn, store.Options{})
	stage := storetest.NewStage(t, admin)
	session := stage.Consenting("migrated")
	at := open(t, dsn, store.Options{Connections: 1}).Tenant(stage.Enterprise)
	for _, width := range []string{"BIGINT", "INTEGER", "BIGINT"} {
		err := admin.Admin(func(db *sql.DB) error {
			_, err := db.ExecContext(t.Context(), "ALTER TABLE sessions ALTER COLUMN fails TYPE "+width)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, err := at.Moment(t.Context(), app.By{Session: session}); err != nil {
				t.Fatalf("with %s: %v", width, err)
			}
		}
	}
}
