package api

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"nod/shared/problem"
	"nod/tests/postgres"
)

// TestMain ends with what only the suite as a whole can show: each call of the
// description answered well at least once, and each problem was met.
func TestMain(m *testing.M) {
	postgres.Main(m)
	for _, filter := range []string{"test.run", "test.skip", "test.list"} {
		if flag.Lookup(filter).Value.String() != "" {
			return
		}
	}
	if missing := met.missing(); len(missing) > 0 {
		fmt.Fprintf(os.Stderr, "the suite never met:\n  %s\n", strings.Join(missing, "\n  "))
		os.Exit(1)
	}
}

// missing lists what no test has met.
func (m *meetings) missing() (list []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(theDescription().operations)) {
		if !m.done[name] {
			list = append(list, name+" with success")
		}
	}
	for _, g := range problem.Catalogue {
		for _, e := range g.Entries {
			if !m.problems[string(e.Reason)] {
				list = append(list, "the problem "+string(e.Reason))
			}
		}
	}
	return list
}
