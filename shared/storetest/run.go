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
	for _, group := range []map[string]func(*testing.T, opener){
		readiness, roundTrips, records, tenants, faults, idempotency, clocks, personRaces, charterRaces, crowds, routes, guardians, overdue, rights, keeping, sequencing, timestamping, outbox, exporting, oversight, watching, faces,
	} {
		for name, prove := range group {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				prove(t, open)
			})
		}
	}
}
