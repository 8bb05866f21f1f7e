package store_test

import (
	"path/filepath"
	"testing"

	"nod/shared/store"
	"nod/shared/storetest"
	"nod/tests/postgres"
)

func TestMain(m *testing.M) { postgres.Main(m) }

func TestSQLite(t *testing.T) {
	t.Parallel()
	at := perTest(func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "nod.db") })
	storetest.Run(t, func(t *testing.T, o store.Options) *store.Store { return open(t, at(t), o) })
}

func TestPostgreSQL(t *testing.T) {
	t.Parallel()
	at := perTest(func(t *testing.T) string { return postgres.Database(t) })
	storetest.Run(t, func(t *testing.T, o store.Options) *store.Store { return open(t, at(t), o) })
}

// The same through PgBouncer in transaction mode, where each transaction may meet another
// connection of the server's.
func TestPostgreSQLThroughPgBouncer(t *testing.T) {
	t.Parallel()
	through := postgres.Pooled(t, postgres.Database(t))
	at := perTest(func(t *testing.T) string { return through(postgres.Database(t)) })
	storetest.RunWay(t, func(t *testing.T, o store.Options) *store.Store { return open(t, at(t), o) })
}
