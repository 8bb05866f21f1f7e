package store_test

import (
	"sync"
	"testing"

	"nod/shared/store"
)

// open opens a store and closes it when the test ends.
func open(t *testing.T, dsn string, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(dsn, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// perTest makes one database for each test that asks, and gives it again to the
// same test.
func perTest(make func(t *testing.T) string) func(t *testing.T) string {
	var mu sync.Mutex
	made := map[*testing.T]string{}
	return func(t *testing.T) string {
		mu.Lock()
		defer mu.Unlock()
		if made[t] == "" {
			made[t] = make(t)
		}
		return made[t]
	}
}
