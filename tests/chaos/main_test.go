package chaos

import (
	"context"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"nod/tests/postgres"
	"nod/tests/told"
)

func TestMain(m *testing.M) {
	told.Main()
	postgres.Main(m)
}

// seed is where a run's dice begin. NOD_SEED plays one again, as far as a machine does the
// same thing twice.
func seed(t *testing.T) uint64 {
	t.Helper()
	n := uint64(time.Now().UnixNano())
	if given := os.Getenv("NOD_SEED"); given != "" {
		var err error
		if n, err = strconv.ParseUint(given, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("NOD_SEED=%d", n)
	return n
}

// rounds is how many a variable asks for.
func rounds(t *testing.T, variable string, otherwise int) int {
	t.Helper()
	given := os.Getenv(variable)
	if given == "" {
		return otherwise
	}
	n, err := strconv.Atoi(given)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// stage is a fleet with a crowd before it.
type stage struct {
	*told.Fleet
	crowd *told.Crowd
	dsn   string
	stop  func() // has the crowd go home
}

// newStage begins with everything in order: the crowd comes with go.
func newStage(t *testing.T, dsn string, seed uint64, o told.Options) *stage {
	t.Helper()
	told.Migrate(t, dsn)
	return newStageOn(t, dsn, seed, o)
}

func newStageOn(t *testing.T, dsn string, seed uint64, o told.Options) *stage {
	t.Helper()
	faces := told.NewFaces(t, seed)
	o.DB, o.Faces = dsn, faces.URL
	s := &stage{Fleet: told.NewFleet(t, o), dsn: dsn}
	s.crowd = &told.Crowd{Book: told.NewBook(), Faces: faces, Base: s.Base, Patience: 15 * time.Second, Seed: seed}
	if err := s.crowd.Enter(t.Context(), s.OperatorKey); err != nil {
		t.Fatal(err, s.Log())
	}
	return s
}

// comes has people act until stop.
func (s *stage) comes(t *testing.T, people int) {
	ctx, cancel := context.WithCancel(context.Background())
	gone := make(chan struct{})
	go func() { defer close(gone); s.crowd.Run(ctx, people) }()
	s.stop = sync.OnceFunc(func() { cancel(); <-gone })
	t.Cleanup(func() { s.stop() })
}

// holds has everybody go home, ends the functions, and holds what was told against the log.
func (s *stage) holds(t *testing.T) (lines []string) {
	t.Helper()
	s.stop()
	s.End()
	lines = s.crowd.MustHold(t, s.dsn)
	s.knowsWhy(t)
	if t.Failed() {
		t.Logf("%.20000s", s.Log())
	}
	return lines
}

// knowsWhy holds that whatever happened, nobody met an error that Nod does not know.
func (s *stage) knowsWhy(t *testing.T) {
	t.Helper()
	for how, n := range s.crowd.Book.Tries() {
		if strings.Contains(how, "500 ") {
			t.Errorf("%d calls: %s", n, how)
		}
	}
}

// next waits until somebody is told something of a kind, and says how long that took.
func (s *stage) next(t *testing.T, within time.Duration, what ...string) time.Duration {
	t.Helper()
	began := time.Now()
	for time.Since(began) < within {
		if w, ok := s.crowd.Book.After(began, what...); ok {
			return w.At.Sub(began)
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("nobody was told %v within %v; answers that were none: %v\n%.20000s", what, within, s.crowd.Book.Tries(), s.Log())
	return 0
}

// after waits for the first thing of a kind that is told after a moment, of checks for a
// verdict, and says how long that took.
func (s *stage) after(t *testing.T, moment time.Time, what ...string) time.Duration {
	t.Helper()
	for time.Since(moment) < 3*time.Minute {
		for _, w := range s.crowd.Book.Words() {
			// What was already on its way at that moment tells nothing.
			if w.At.Sub(moment) > 500*time.Millisecond && slices.Contains(what, w.What) &&
				(w.What != told.Checked || w.Result == "pass" || w.Result == "fail") {
				return w.At.Sub(moment)
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("nobody was told %v; answers that were none: %v\n%.20000s", what, s.crowd.Book.Tries(), s.Log())
	return 0
}
