package store_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"nod/shared/store"
	"nod/shared/store/migrate"
	"nod/tests/postgres"
)

// docs/database.md names every table and every index, and none that is not there.
func TestTheManualOfTheDatabaseIsTrue(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/database.md")
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|").FindAllStringSubmatch(string(text), -1) {
		said[row[1]] = true
	}
	dsn := postgres.Database(t)
	if _, err := migrate.Up(t.Context(), open(t, dsn, store.Options{})); err != nil {
		t.Fatal(err)
	}
	db, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(t.Context())
	rows, err := db.Query(t.Context(), `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i')`)
	if err != nil {
		t.Fatal(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_pkey") || strings.HasPrefix(name, "goose_") {
			continue
		}
		if !said[name] {
			t.Errorf("docs/database.md does not say what %s is for", name)
		}
		delete(said, name)
	}
	for name := range said {
		t.Errorf("docs/database.md names %s, which is not there", name)
	}
}
