package load_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"nod/cmd/nod/load"
	"nod/tests/postgres"
)

func TestMain(m *testing.M) { postgres.Main(m) }

func play(t *testing.T, change func(*load.Options)) *load.Result {
	t.Helper()
	o := load.Options{
		DB: postgres.Database(t), Objects: t.TempDir(), People: 40, Small: 4, Within: 2 * time.Second, Seed: 1, Rate: 50,
		Answer: 50 * time.Millisecond, Instances: 12, Connections: 1, Cold: 10 * time.Millisecond, Limit: time.Minute, Progress: io.Discard,
	}
	change(&o)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r, err := load.Run(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A database that is in use is left as it is.
func TestAMorningIsNotPlayedInADatabaseThatIsInUse(t *testing.T) {
	t.Parallel()
	dsn := postgres.Database(t)
	db, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(context.Background())
	if _, err := db.Exec(t.Context(), "CREATE TABLE somebodys (thing text)"); err != nil {
		t.Fatal(err)
	}
	if _, err := load.Run(t.Context(), load.Options{DB: dsn, Objects: t.TempDir(), People: 1, Small: 1, Rate: 50, Instances: 1,
		Connections: 1, Limit: time.Minute, Progress: io.Discard}); !errors.Is(err, load.ErrInUse) {
		t.Errorf("it was played: %v", err)
	}
	var tables int
	if err := db.QueryRow(t.Context(), "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").Scan(&tables); err != nil || tables != 1 {
		t.Errorf("there are %d tables, %v", tables, err)
	}
}

func broken(r *load.Result) (names []string) {
	for _, p := range r.Promises() {
		if !p.Kept {
			names = append(names, p.Name)
		}
	}
	return names
}

func TestEverybodyPassesBelowTheAllowance(t *testing.T) {
	t.Parallel()
	r := play(t, func(*load.Options) {})
	if err := r.Broken(); err != nil {
		t.Error(err)
	}
	if r.Outcomes()["pass"] != 44 || r.Accepted != 44 {
		t.Errorf("%v, and the vendor compared %d", r.Outcomes(), r.Accepted)
	}
	var page bytes.Buffer
	if err := r.Report(&page, "nod load", time.Now()); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"nobody starves", "<svg", "the smaller one", "p99", "connections"} {
		if !strings.Contains(page.String(), part) {
			t.Errorf("the report has no %q", part)
		}
	}
	for _, outside := range []string{"<script", "http://", "https://"} {
		if strings.Contains(page.String(), outside) {
			t.Errorf("the report is not alone: %q", outside)
		}
	}
}

// Who still waits when the run has to end was failed by load.
func TestABrokenPromiseIsTold(t *testing.T) {
	t.Parallel()
	r := play(t, func(o *load.Options) { o.People, o.Small, o.Rate, o.Within, o.Limit = 8, 1, 1, 0, 4*time.Second })
	if err := r.Broken(); !errors.Is(err, load.ErrBroken) || !strings.Contains(err.Error(), "nobody is failed by load") {
		t.Errorf("%v", err)
	}
	if len(broken(r)) == 0 || r.Refused == 0 {
		t.Errorf("broken: %q; the vendor turned back %d", broken(r), r.Refused)
	}
}

// Where there is no instance for a call, the client comes again and nothing is lost.
func TestACapOnInstancesFailsNobody(t *testing.T) {
	t.Parallel()
	r := play(t, func(o *load.Options) { o.People, o.Small, o.Within, o.Instances = 8, 1, 0, 2 })
	if r.Outcomes()["pass"] != 9 {
		t.Errorf("%v", r.Outcomes())
	}
	last := r.Samples[len(r.Samples)-1]
	if last.Pages.TurnedBack == 0 || last.Pages.Instances > 2 || last.Verify.Instances > 2 {
		t.Errorf("%+v", last)
	}
}
