package store_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"nod/shared/store"
	"nod/shared/store/migrate"
	"nod/tests/postgres"
)

var update = flag.Bool("update", false, "write down anew, as a release, what the store sends: testdata/release-SCHEMA.json")

// advice is what to do when a release does not work on a newer schema.
const advice = `a roll-out has functions of the release before at work on the newest schema, and so has a way back.
Change the newest migration: a new column has a default, nothing that is there becomes stricter or another type,
and what is to go stays until no release that is at work uses it (docs/database.md, "Changing the schema")`

// During a roll-out, and after a way back, functions of the release before work on the newest
// schema. What they send is in testdata, with the arguments that they sent and how many rows
// each statement came to; all of it comes to the same here.
func TestTheReleaseBeforeWorksOnThisSchema(t *testing.T) {
	t.Parallel()
	if *update {
		written(t, recorded(t))
	}
	r := before(t)
	for _, found := range r.faults(t, newest(t), "", 20) {
		t.Errorf("what a release with schema %d sends does not work on schema %d: %s", r.Schema, store.SchemaVersion, found)
	}
	if t.Failed() {
		t.Log(advice)
	}
	writes := 0
	for _, sent := range r.transactions() {
		if verb, _, _ := strings.Cut(r.Statements[sent.N].SQL, " "); verb != "SELECT" && sent.Rows > 0 {
			writes++
		}
	}
	if len(r.Statements) < 180 || writes < 300 {
		t.Errorf("it was held with %d statements and %d changes of rows: too few to tell", len(r.Statements), writes)
	}
}

// Each thing that a migration must not do is found; what it may do is not.
func TestMigrationsThatTheReleaseBeforeDoesNotSurvive(t *testing.T) {
	t.Parallel()
	r, conn := before(t), newest(t)
	for what, migration := range map[string]string{
		"a column that goes":              "ALTER TABLE sessions DROP COLUMN client_ref",
		"a column that is called another": "ALTER TABLE checks RENAME COLUMN away TO elsewhere",
		"a column without a default":      "ALTER TABLE consents ADD COLUMN of_tomorrow TEXT NOT NULL",
		"a default that goes":             "ALTER TABLE records ALTER COLUMN place DROP DEFAULT",
		"a table that goes":               "DROP TABLE request_proofs",
		"a stricter value":                "ALTER TABLE sessions ADD CHECK (state <> 'refused')",
		"another type":                    "ALTER TABLE sessions ALTER COLUMN fails TYPE TEXT",
		"a narrower type":                 "ALTER TABLE records ALTER COLUMN at TYPE INTEGER",
		"one in the place of several":     "CREATE UNIQUE INDEX one_of_tomorrow ON records (enterprise, subject)",
		"an index that a write names":     "DROP INDEX webhooks_once",
	} {
		if found := r.faults(t, conn, migration, 1); len(found) == 0 {
			t.Errorf("%s: %s is not found", what, migration)
		}
	}
	additive := "CREATE TABLE of_tomorrow (id TEXT PRIMARY KEY);" +
		"ALTER TABLE sessions ADD COLUMN of_tomorrow BIGINT NOT NULL DEFAULT 0; CREATE INDEX by_tomorrow ON sessions (enterprise, of_tomorrow)"
	if found := r.faults(t, conn, additive, 1); len(found) > 0 {
		t.Errorf("what only adds is found: %v", found)
	}
}

// release is what the store of a release sends to PostgreSQL: a story, transaction after
// transaction, and then those statements that do not come in it, each in one of its own.
type release struct {
	Schema       int             `json:"schema"`
	At           time.Time       `json:"at"` // now, for all that is sent
	Statements   []sentStatement `json:"statements"`
	Transactions [][]sent        `json:"transactions"`
}

type sentStatement struct {
	SQL   string   `json:"sql"`
	Takes []uint32 `json:"takes,omitempty"` // types of its arguments
	Gives []uint32 `json:"gives,omitempty"` // and of what it returns
}

// sent is one statement of a transaction, and how many rows it returned or changed.
type sent struct {
	N    int   `json:"n"` // among the statements
	Args []arg `json:"args,omitempty"`
	Rows int64 `json:"rows,omitempty"`
}

func (r *release) transactions() []sent { return slices.Concat(r.Transactions...) }

func releases(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/release-*.json")
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// before reads what was written down of the release before.
func before(t *testing.T) (r *release) {
	t.Helper()
	files := releases(t)
	if len(files) != 1 {
		t.Fatalf("in testdata is %q, want one release: go test ./shared/store -run TheReleaseBefore -update, on the release itself", files)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	if r.Schema > store.SchemaVersion {
		t.Fatalf("%s is of schema %d, which is yet to come", files[0], r.Schema)
	}
	return r
}

// newest is an empty database with the newest schema.
func newest(t *testing.T) *pgconn.PgConn {
	t.Helper()
	dsn := postgres.Database(t)
	if _, err := migrate.Up(t.Context(), open(t, dsn, store.Options{})); err != nil {
		t.Fatal(err)
	}
	conn, err := pgconn.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// faults sends all that the release sends, after a migration, and says what comes to
// something else, each statement once and at most so many. The database is left as it was.
func (r *release) faults(t *testing.T, conn *pgconn.PgConn, migration string, most int) (found []string) {
	t.Helper()
	do(t, conn, "BEGIN; "+migration)
	defer do(t, conn, "ROLLBACK")
	told := map[int]bool{}
	find := func(n int, format string, args ...any) {
		if !told[n] {
			told[n] = true
			found = append(found, fmt.Sprintf(format, args...)+"\n"+r.Statements[n].SQL)
		}
	}
	for _, transaction := range r.Transactions {
		do(t, conn, "SAVEPOINT transaction")
		for _, s := range transaction {
			rows, gives, err := r.send(t, conn, s)
			switch was := r.Statements[s.N].Gives; {
			case err != nil:
				find(s.N, "%v", err)
			case !slices.Equal(gives, was):
				find(s.N, "it gives the types %v, gave %v", gives, was)
			case rows != s.Rows:
				find(s.N, "it comes to %d rows, came to %d", rows, s.Rows)
			}
			if len(found) >= most {
				return found
			}
			if err != nil {
				do(t, conn, "ROLLBACK TO transaction")
				break
			}
		}
		do(t, conn, "RELEASE transaction")
	}
	return found
}

// send sends one statement, byte for byte as it was sent then, at the time that it was then.
func (r *release) send(t *testing.T, conn *pgconn.PgConn, s sent) (rows int64, gives []uint32, err error) {
	values, formats := make([][]byte, len(s.Args)), make([]int16, len(s.Args))
	for i, a := range s.Args {
		if values[i] = a.Value; a.Binary {
			formats[i] = 1
		}
	}
	statement := r.Statements[s.N]
	then := fmt.Sprintf("to_timestamp(%d.%03d)", r.At.Unix(), r.At.Nanosecond()/1e6)
	result := conn.ExecParams(t.Context(), strings.ReplaceAll(statement.SQL, "now()", then), values, statement.Takes, formats, nil)
	for result.NextRow() {
		rows++
	}
	tag, err := result.Close()
	for _, f := range result.FieldDescriptions() {
		gives = append(gives, f.DataTypeOID)
	}
	return max(rows, tag.RowsAffected()), gives, err
}

func do(t *testing.T, conn *pgconn.PgConn, statements string) {
	t.Helper()
	if _, err := conn.Exec(context.Background(), statements).ReadAll(); err != nil {
		t.Fatalf("%v: %s", err, statements)
	}
}
