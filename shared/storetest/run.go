package storetest

import (
	"testing"

	"nod/shared/store"
)

// opener opens the database of a test. The first time it is called in a test that
// is an empty database; after that, another handle on the same one. The handle is
// closed when the test ends.
type opener = func(t *testing.T, o store.Options) *store.Store

// Run proves that the databases behind open are ones that Nod can rely on.
func Run(t *testing.T, open func(t *testing.T, o store.Options) *store.Store) {
	run(t, open, readiness, roundTrips, records, tenants, faults, idempotency, clocks, personRaces, charterRaces, crowds, routes, guardians, overdue,
		rights, keeping, sequencing, timestamping, outbox, exporting, oversight, watching, faces, queues)
}

// RunWay proves the same of another way to an engine that Run has proven: of what depends on
// the way alone, connections and who has them, and locks.
func RunWay(t *testing.T, open func(t *testing.T, o store.Options) *store.Store) {
	run(t, open, readiness, roundTrips, idempotency, personRaces, charterRaces, crowds)
}

func run(t *testing.T, open opener, groups ...map[string]func(*testing.T, opener)) {
	for _, group := range groups {
		for name, prove := range group {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				prove(t, open)
			})
		}
	}
}
