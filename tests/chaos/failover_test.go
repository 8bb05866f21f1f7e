package chaos

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"nod/tests/patroni"
	"nod/tests/told"
)

// within is how soon decisions must be taken again after a primary has died: the lease that
// its successor waits for is patroni.Lease, and a person waits no longer than this.
const within = 30 * time.Second

// The primary of three nodes under Patroni is killed again and again, with everything that
// belongs to it, while people decide and are checked. NOD_FAILOVERS says how often; without
// it nothing is done, because each round takes about a minute (make ha).
func TestThePrimaryIsKilled(t *testing.T) {
	n := rounds(t, "NOD_FAILOVERS", 0)
	if n == 0 {
		t.Skip("NOD_FAILOVERS is not set: make ha does this")
	}
	c := patroni.Start(t)
	s := newStage(t, c.DSN(), seed(t), told.Options{Instances: 2})
	s.comes(t, 12)
	s.next(t, time.Minute, told.Checked)
	var table strings.Builder
	table.WriteString("\n| round | killed | next decision after | next outcome after | told since the last | three nodes again after |\n|---:|---|---:|---:|---:|---:|\n")
	for i := range n {
		before := len(s.crowd.Book.Words())
		steady(t, s)
		primary := c.Primary()
		if primary == nil {
			t.Fatal("there is no primary")
		}
		killed := time.Now()
		primary.Kill()
		decision, outcome := s.after(t, killed, told.Granted, told.Refused, told.Withdrawn), s.after(t, killed, told.Checked)
		if decision > within || outcome > within {
			t.Errorf("round %d: decisions after %v and outcomes after %v; %v is allowed", i+1, decision, outcome, within)
		}
		primary.Start()
		whole := c.Whole(3 * time.Minute)
		row := fmt.Sprintf("| %d | %s | %.1f s | %.1f s | %d | %.0f s |\n", i+1, primary.Name, decision.Seconds(), outcome.Seconds(),
			len(s.crowd.Book.Words())-before, whole.Seconds())
		table.WriteString(row)
		fmt.Fprint(os.Stderr, row) // progress: a round takes about a minute
	}
	s.holds(t)
	t.Log(table.String())
}

// steady waits until decisions and outcomes come as they should.
func steady(t *testing.T, s *stage) {
	t.Helper()
	for range 3 {
		s.next(t, time.Minute, told.Granted)
		s.next(t, time.Minute, told.Checked)
	}
}
