package chaos

import (
	"fmt"
	"os"
	"testing"
	"time"

	"nod/tests/patroni"
	"nod/tests/told"
)

// returnsWithin is how long service may be away after the primary has died: the lease of
// 20 seconds, and what the one that takes over needs.
const returnsWithin = 30 * time.Second

// The primary of the database is killed under load, its Patroni and its PostgreSQL, again
// and again. NOD_FAILOVERS says how often; a round takes about half a minute, so that it is
// not among the short tests.
func TestThePrimaryIsKilled(t *testing.T) {
	if os.Getenv("NOD_FAILOVERS") == "" {
		t.Skip("make chaos kills primaries")
	}
	n := rounds(t, "NOD_FAILOVERS", 1)
	cluster := patroni.Start(t)
	s := newStage(t, cluster.DSN(), seed(t), told.Options{Instances: 2})
	s.comes(t, 12)
	s.next(t, time.Minute, told.Checked)
	table := "| round | primary | next decision | next outcome | whole again |\n|---|---|---|---|---|\n"
	for round := range n {
		primary := cluster.Primary()
		if primary == nil {
			t.Fatal("there is no primary")
		}
		died := time.Now()
		primary.Kill()
		decided := s.after(t, died, told.Granted, told.Refused, told.Withdrawn)
		checked := s.after(t, died, told.Checked)
		primary.Start()
		whole := cluster.Whole(2 * time.Minute)
		row := fmt.Sprintf("| %d | %s | %.1f s | %.1f s | %.1f s |\n", round+1, primary.Name, decided.Seconds(), checked.Seconds(), whole.Seconds())
		t.Log(row)
		table += row
		if decided > returnsWithin {
			t.Errorf("round %d: the next decision after %v, want %v at most", round+1, decided, returnsWithin)
		}
		s.next(t, time.Minute, told.Checked)
	}
	s.holds(t)
	t.Logf("\n%s", table)
}
