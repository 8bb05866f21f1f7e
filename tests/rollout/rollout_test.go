package rollout

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Two builds of the nod command, and an empty database.
const (
	olderOne = "NOD_ROLLOUT_FROM"
	newerOne = "NOD_ROLLOUT_TO"
	database = "NOD_ROLLOUT_DB"
)

func TestAReleaseIsRolledOutAndBackUnderLoad(t *testing.T) {
	if os.Getenv(olderOne) == "" {
		t.Skip(olderOne + " is not set: make rollout does this")
	}
	from := &release{name: "older", program: os.Getenv(olderOne)}
	to := &release{name: "newer", program: os.Getenv(newerOne)}
	w := newWorld(t, from, to, os.Getenv(database))

	from.does(t, "migrate")
	older := w.put(t, from)
	w.enters(t)
	w.lives(t, "the older release on its own schema", from)

	w.migrates(t)
	w.enters(t)
	w.lives(t, "the older release on the newest schema, its processes from before", from)

	fresh := w.put(t, from)
	w.out(t, older)
	w.lives(t, "the older release on the newest schema, a process that has just started", from)

	newer := w.put(t, to)
	w.enters(t)
	w.lives(t, "both releases", from, to)

	w.out(t, fresh)
	w.enters(t)
	w.lives(t, "the newer release", to)

	back := w.put(t, from)
	w.out(t, newer)
	w.lives(t, "the older release again", from)

	last := w.put(t, to)
	w.lives(t, "both releases again", from, to)

	w.holds(t, back, last)
}

// migrates runs the newer release's migration while people are checked, and while somebody
// has a transaction open that it has to wait for.
func (w *world) migrates(t *testing.T) {
	t.Helper()
	long, err := pgx.Connect(t.Context(), w.dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer long.Close(context.Background())
	if _, err := long.Exec(t.Context(), "BEGIN; SELECT FROM sessions, records, checks, consents, subjects, enterprises WHERE false"); err != nil {
		t.Fatal(err)
	}
	migration := w.to.begins(t, "migrate")
	for ended := false; !ended && !strings.Contains(migration.Log(), "waiting for the transaction of"); {
		select {
		case <-migration.Ended():
			ended = true // it changes none of these tables
		case <-time.After(20 * time.Millisecond):
		}
	}
	if _, err := long.Exec(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	<-migration.Ended()
	if again := w.to.does(t, "migrate"); !strings.Contains(again, "up to date") {
		t.Fatalf("nod migrate of the newer release says:\n%sand then:\n%s", migration.Log(), again)
	}
	t.Logf("nod migrate:\n%s", migration.Log())
}

// holds has everybody go home, and holds what they were told and what auditors get.
func (w *world) holds(t *testing.T, in ...*place) {
	t.Helper()
	w.home()
	w.exports(t)
	for _, p := range in {
		w.out(t, p)
	}
	w.told(t)
	t.Logf("who answered what:\n%s", w.origin.summary())
}

// noneFailed ends the test if a call had no answer, or one that is no part of the job.
func (w *world) noneFailed(t *testing.T, what string) {
	t.Helper()
	_, otherwise, failed := w.origin.counted()
	for a, n := range otherwise {
		if !slices.Contains(partOfTheJob, a.problem) || a.call != "POST /v1/verify" {
			failed = append(failed, fmt.Sprintf("%s to %s: %d %s, %d times", a.release, a.call, a.status, a.problem, n))
		}
	}
	if tries := w.book.Tries(); len(failed) > 0 || len(tries) > 0 {
		t.Fatalf("%s: calls failed: %q, and people asked again after %v\n%s", what, failed, tries, w.origin.faults())
	}
}

// partOfTheJob are problems that a check comes to: the face API sees no face, or is busy (it
// says so to some, see told.Faces), and some ask once more after their last attempt.
var partOfTheJob = []string{"no-face", "face-api-busy", "attempts-used-up"}
