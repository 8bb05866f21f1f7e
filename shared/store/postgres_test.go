package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/store"
	"nod/shared/storetest"
	"nod/tests/postgres"
	"nod/tests/wire"
)

func TestRoundTripsOnPostgreSQL(t *testing.T) {
	t.Parallel()
	p := wire.To(t, postgres.Database(t))
	stage := storetest.NewStage(t, open(t, p.DSN, store.Options{Connections: 1}))
	stage.Job(t, "warm-up", func(_ string, call func()) { call() })

	most := map[string]int64{
		"charter": 2, "open a session": 2, "read a session": 2, "decide": 2,
		"reserve": 2, "conclude": 2, "withdraw": 2, "instruct": 2, "find a key": 2,
	}
	counted := map[string]int64{}
	stage.Job(t, "counted", func(step string, call func()) { counted[step] += p.Count(call) })
	for step, bound := range most {
		n, done := counted[step]
		if !done || n == 0 || n > bound {
			t.Errorf("%s: %d round trips, want at most %d", step, n, bound)
		}
	}
	check := counted["reserve"] + counted["conclude"]
	t.Logf("%v; a check %d (6 are allowed), a decision %d (5 are allowed)", counted, check, counted["decide"])
	if check > 6 || counted["decide"] > 3 {
		t.Error("more than the design allows")
	}
}

func TestConnectionsThatTheServerClosed(t *testing.T) {
	t.Parallel()
	dsn := postgres.Database(t)
	stage := storetest.NewStage(t, open(t, dsn, store.Options{Connections: 4}))
	admin := open(t, dsn, store.Options{})
	stage.Job(t, "interrupted", func(_ string, call func()) {
		closeOthers(t, admin)
		call() // fails the test if anybody notices
	})
}

// closeOthers ends every other connection to the database, as a restart or an
// idle timeout on the way does.
func closeOthers(t *testing.T, admin *store.Store) {
	t.Helper()
	err := admin.Admin(func(db *sql.DB) error {
		_, err := db.ExecContext(t.Context(), `SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid()`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A function that is frozen in the middle of a transaction must not keep a person
// from withdrawing.
func TestFrozenInstanceKeepsNobodyWaitingLong(t *testing.T) {
	t.Parallel()
	dsn := postgres.Database(t)
	p := wire.To(t, dsn)
	stage := storetest.NewStage(t, open(t, dsn, store.Options{Connections: 1}))
	session := stage.Consenting("frozen")
	frozen := open(t, p.DSN, store.Options{Connections: 1}).Tenant(stage.Enterprise)

	held, ended := make(chan struct{}), make(chan error, 1)
	thaw := sync.OnceFunc(p.Thaw)
	go func() {
		_, err := frozen.Update(context.Background(), app.By{Session: session}, nil, func(m *domain.Moment) error {
			_, _, err := m.Reserve(domain.Check{Attempt: "a", Inspect: func() error { return nil }})
			p.Freeze()
			close(held)
			return err
		})
		ended <- err
	}()
	<-held
	defer thaw()
	stage.Withdraw(session)
	thaw()
	if err := <-ended; !errors.Is(err, domain.Refuse(domain.Busy)) {
		t.Fatalf("the frozen reservation came to %v, want that it is busy", err)
	}
	stage.Audit(session)
}

// A server that keeps its connections and answers nobody, as one does that was cut off,
// holds no function.
func TestASilentServerIsGivenUp(t *testing.T) {
	t.Parallel()
	dsn := postgres.Database(t)
	p := wire.To(t, dsn)
	stage := storetest.NewStage(t, open(t, dsn, store.Options{Connections: 1}))
	session := stage.Consenting("silent")
	cut := open(t, p.DSN, store.Options{Connections: 1})
	if err := cut.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.Freeze()
	defer p.Thaw()
	ended := make(chan error, 2)
	go func() {
		_, err := cut.Tenant(stage.Enterprise).Moment(context.Background(), app.By{Session: session})
		ended <- err
		ended <- cut.Ready(context.Background())
	}()
	for _, what := range []string{"reading", "looking whether it is ready"} {
		select {
		case err := <-ended:
			if err == nil {
				t.Errorf("%s succeeds", what)
			}
		case <-time.After(30 * time.Second):
			t.Fatalf("%s is still waiting", what)
		}
	}
}

// During a roll-out the schema is ahead of functions that still run: every table may have a
// column that they do not know. They go on as before. That functions ahead of the schema say
// so and do nothing, readiness tells (see package storetest).
func TestThisBuildWorksOnTheNextSchema(t *testing.T) {
	t.Parallel()
	dsn := postgres.Database(t)
	st := open(t, dsn, store.Options{Connections: 2})
	stage := storetest.NewStage(t, st)
	steps := stage.Steps()
	err := st.Admin(func(db *sql.DB) error {
		rows, err := db.QueryContext(t.Context(), `SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'goose_db_version'`)
		if err != nil {
			return err
		}
		defer rows.Close()
		var change strings.Builder
		for rows.Next() {
			var table string
			if err := rows.Scan(&table); err != nil {
				return err
			}
			fmt.Fprintf(&change, "ALTER TABLE %s ADD COLUMN of_tomorrow TEXT NOT NULL DEFAULT 'unknown today';", table)
		}
		fmt.Fprintf(&change, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (%d, true)", store.SchemaVersion+1)
		_, err = db.ExecContext(t.Context(), change.String())
		return errors.Join(err, rows.Err())
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Ready(t.Context()); err != nil {
		t.Error(err)
	}
	stage.Job(t, "tomorrow", func(_ string, call func()) { call() })
	for _, step := range steps { // one may keep another from what it wants: that is a refusal
		ahead := open(t, dsn, store.Options{ClockOffset: func() time.Duration { return step.Ahead }})
		var refusal *domain.Refusal
		if _, err := step.Call(t.Context(), ahead); err != nil && !errors.As(err, &refusal) {
			t.Errorf("%s: %v", step.Name, err)
		}
	}
}
