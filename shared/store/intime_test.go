package store_test

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/store"
	"nod/shared/storetest"
	"nod/tests/postgres"
)

// reserveIn reserves an attempt, and is given so much time for it.
func reserveIn(t *testing.T, within time.Duration, st *store.Store, enterprise, session domain.ID) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	_, err := st.Tenant(enterprise).Update(ctx, app.By{Session: session}, nil, func(m *domain.Moment) error {
		_, _, err := m.Reserve(domain.Check{Attempt: "a", Inspect: func() error { return nil }})
		return err
	})
	return err
}

// Whoever has no time left is told to come again.
func TestADatabaseThatAnswersNobodyIsBusy(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0") // takes connections, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	st := open(t, "postgres://nod@"+listener.Addr().String()+"/nod?sslmode=disable", store.Options{Connections: 1})
	err = reserveIn(t, 100*time.Millisecond, st, store.NewID(), store.NewID())
	refusal, refused := errors.AsType[*domain.Refusal](err)
	if !refused || refusal.Reason != domain.Busy || refusal.RetryAfter == 0 || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("it comes to %v, want busy", err)
	}
}

// So is whoever had a COMMIT on its way, of which nobody can know, and the log says which it was.
func TestACommitThatTakesTooLongIsBusy(t *testing.T) {
	t.Parallel()
	st := open(t, postgres.Database(t), store.Options{Connections: 1})
	stage := storetest.NewStage(t, st)
	session := stage.Consenting("waiting")
	err := st.Admin(func(db *sql.DB) error {
		_, err := db.ExecContext(t.Context(), `
			CREATE FUNCTION takes_long() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(600); RETURN NULL; END';
			CREATE CONSTRAINT TRIGGER takes_long AFTER INSERT ON records DEFERRABLE INITIALLY DEFERRED
				FOR EACH ROW EXECUTE FUNCTION takes_long()`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	err = reserveIn(t, time.Second, st, stage.Enterprise, session)
	if !errors.Is(err, domain.Refuse(domain.Busy)) || !strings.Contains(err.Error(), "COMMIT was lost") {
		t.Errorf("it comes to %v, want busy, and why", err)
	}
}
