package chaos

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"nod/tests/postgres"
	"nod/tests/told"
)

// Where commits wait for a standby and none is there, nothing is acknowledged: neither by a
// commit that was given up, nor to whoever asks for the same again. Once there is one, it
// goes on by itself.
func TestNothingIsAcknowledgedWithoutAStandby(t *testing.T) {
	t.Parallel()
	server := postgres.Start(t, postgres.Options{})
	dsn := server.Database(t)
	s := newStage(t, dsn, seed(t), told.Options{})
	s.comes(t, 6)
	s.next(t, time.Minute, told.Checked)
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	standbys := func(names string) time.Time {
		for _, q := range []string{"ALTER SYSTEM SET synchronous_standby_names = '" + names + "'", "SELECT pg_reload_conf()"} {
			if _, err := conn.Exec(t.Context(), q); err != nil {
				t.Fatal(err)
			}
		}
		return time.Now()
	}
	gone := standbys("nobody").Add(500 * time.Millisecond) // what had its commit before
	time.Sleep(8 * time.Second)                            // longer than a commit is waited for
	if w, found := s.crowd.Book.After(gone, told.Granted, told.Refused, told.Withdrawn, told.Checked); found {
		t.Errorf("without a standby somebody was told %+v", w)
	}
	standbys("")
	s.next(t, time.Minute, told.Granted, told.Refused)
	s.holds(t)
}
