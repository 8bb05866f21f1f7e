package chaos

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"nod/tests/postgres"
	"nod/tests/told"
)

// Functions are killed at random points, while people check in at all of them. NOD_KILLS
// says how often.
func TestFunctionsAreKilled(t *testing.T) {
	t.Parallel()
	n, dice := rounds(t, "NOD_KILLS", 10), seed(t)
	s := newStage(t, postgres.Database(t), dice, told.Options{Instances: 2})
	s.comes(t, 24) // of whom some wait for what a dead function left
	s.next(t, time.Minute, told.Checked)
	random := rand.New(rand.NewPCG(dice, 2))
	killed := map[string]int{}
	began := time.Now()
	for i := range n {
		time.Sleep(time.Duration(random.Int64N(int64(300 * time.Millisecond)))) // a random point of whatever is under way
		killed[s.Kill(random, "session", "consent", "consent", "verify", "verify", "verify")]++
		if (i+1)%20 == 0 {
			t.Logf("%d of %d killed, %d things told, %v", i+1, n, len(s.crowd.Book.Words()), time.Since(began).Round(time.Second))
		}
	}
	s.next(t, time.Minute, told.Checked)
	lines := s.holds(t)
	t.Logf("killed: %v", killed)
	if started := strings.Count(strings.Join(lines, "\n"), `"type":"check.started"`); started < n/2 {
		t.Errorf("only %d checks began: kills that meet nothing prove nothing", started)
	}
}
