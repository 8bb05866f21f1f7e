package store_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"nod/shared/store"
	"nod/shared/storetest"
	"nod/tests/postgres"
	"nod/tests/wire"
)

// small are tables that have one row for an enterprise or a deployment, or one for each of a
// few things: reading all of one is nothing.
var small = map[string]string{
	"deployment":       "two rows",
	"goose_db_version": "a row for each migration",
	"queues":           "a row for each route",
	"answers":          "a day's; here there is none left, and any index will do",
}

// plan is what PostgreSQL would do for a statement (EXPLAIN, FORMAT JSON).
type plan struct {
	Node  string `json:"Node Type"`
	Table string `json:"Relation Name"`
	Index string `json:"Index Name"`
	Cond  string `json:"Index Cond"`
	Rest  string `json:"Filter"`
	Parts []plan `json:"Plans"`
}

// people are the tables that have many rows for one enterprise.
var people = []string{"subjects", "sessions", "consents", "checks", "records", "webhooks", "requests"}

var enterpriseAlone = regexp.MustCompile(`^\(\(?enterprise = [^()]*\)?\)$`)

// walks finds what reads a whole table or a whole index, or all that one enterprise has of
// people and throws most of it away.
func (p plan) walks() (found []string) {
	byIndex := strings.HasPrefix(p.Node, "Index")
	whole := p.Node == "Seq Scan" || byIndex && p.Cond == "" ||
		byIndex && p.Rest != "" && enterpriseAlone.MatchString(p.Cond) && slices.Contains(people, p.Table)
	if whole && small[p.Table] == "" {
		found = append(found, fmt.Sprintf("%s of %s by %q (%s; %s)", p.Node, p.Table, p.Index, p.Cond, p.Rest))
	}
	for _, part := range p.Parts {
		found = append(found, part.walks()...)
	}
	return found
}

// No statement of the store reads a table from one end to the other: each goes by an index,
// from a place that it names. So one enterprise with ten million people and a hundred
// thousand enterprises cost a call the same. Reading whole tables is forbidden to the planner
// here, and bitmaps; what it does all the same it cannot do otherwise.
func TestEveryStatementGoesByAnIndex(t *testing.T) {
	t.Parallel()
	dsn := postgres.Database(t)
	stage := storetest.NewStage(t, open(t, dsn, store.Options{Connections: 2}))
	steps := stage.Steps()
	p := wire.To(t, dsn)
	sent := map[string]wire.Statement{}
	p.Watch(func(s wire.Statement) wire.Fault {
		sent[s.SQL] = s
		return wire.Fault{}
	})
	for _, step := range steps {
		at := open(t, p.Plain(), store.Options{Connections: 1, ClockOffset: func() time.Duration { return step.Ahead }})
		_, _ = step.Call(t.Context(), at) // a refusal has asked, too
	}
	p.Watch(nil)

	db, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(t.Context())
	multiply(t, db, string(stage.Enterprise))
	if _, err := db.Exec(t.Context(), "SET enable_seqscan = off; SET enable_bitmapscan = off; SET plan_cache_mode = force_generic_plan"); err != nil {
		t.Fatal(err)
	}
	explained := 0
	for sql, s := range sent {
		if verb, _, _ := strings.Cut(strings.TrimSpace(sql), " "); !slices.Contains([]string{"SELECT", "UPDATE", "DELETE", "INSERT", "WITH"}, verb) {
			continue
		}
		explained++
		for kind, p := range map[string]plan{"with its values": explain(t, db, s), "prepared": explainPrepared(t, db, s)} {
			for _, found := range p.walks() {
				t.Errorf("%s: %s, %s", found, strings.Join(strings.Fields(sql), " "), kind)
			}
		}
	}
	if explained < 80 {
		t.Errorf("only %d statements were seen", explained)
	}
}

// multiply puts twenty thousand rows more like one of the enterprise's into each table of people,
// which differ in what an index tells them apart by, and has the server count them.
func multiply(t *testing.T, db *pgx.Conn, enterprise string) {
	t.Helper()
	for _, table := range people {
		rows, err := db.Query(t.Context(), `SELECT DISTINCT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
			WHERE i.indrelid = $1::text::regclass AND a.atttypid = 'text'::regtype AND (i.indisunique OR a.attname IN ('subject', 'session', 'resource'))
			AND a.attname <> 'enterprise'`, table)
		if err != nil {
			t.Fatal(err)
		}
		columns, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil || len(columns) == 0 {
			t.Fatalf("%s: %v, %v", table, columns, err)
		}
		var own []string
		for _, c := range columns {
			own = append(own, fmt.Sprintf("'%[1]s', t.%[1]s || '-' || i", c))
		}
		if table == "records" {
			own = append(own, "'place', -1", "'at', t.at - i * 3600000::bigint") // of a place there is one; and one an hour
		}
		done, err := db.Exec(t.Context(), fmt.Sprintf(`INSERT INTO %[1]s SELECT c.* FROM %[1]s t, generate_series(1, 20000) i,
			LATERAL jsonb_populate_record(t, jsonb_build_object(%[2]s)) c WHERE t.ctid = (SELECT ctid FROM %[1]s WHERE enterprise = $1 LIMIT 1) ON CONFLICT DO NOTHING`, table, strings.Join(own, ", ")), enterprise)
		if err != nil || done.RowsAffected() < 20_000 {
			t.Fatalf("%s has %d rows more: %v", table, done.RowsAffected(), err)
		}
	}
	if _, err := db.Exec(t.Context(), "VACUUM ANALYZE"); err != nil {
		t.Fatal(err)
	}
}

func explain(t *testing.T, db *pgx.Conn, s wire.Statement) plan {
	t.Helper()
	args := []any{pgx.QueryExecModeExec}
	for _, a := range s.Args {
		switch {
		case a.Null:
			args = append(args, nil)
		case a.Binary:
			args = append(args, a.Value)
		default:
			args = append(args, string(a.Value))
		}
	}
	return planned(t, db, s.SQL, args...)
}

// explainPrepared tells what the server would do for a statement that it prepared, whatever
// its arguments are.
func explainPrepared(t *testing.T, db *pgx.Conn, s wire.Statement) plan {
	t.Helper()
	if _, err := db.Exec(t.Context(), "DEALLOCATE ALL; PREPARE it AS "+s.SQL); err != nil {
		t.Errorf("%v: %s", err, s.SQL)
		return plan{}
	}
	values := strings.TrimSuffix(strings.Repeat("NULL, ", len(s.Args)), ", ")
	if values != "" {
		values = "(" + values + ")"
	}
	return planned(t, db, "EXECUTE it"+values, pgx.QueryExecModeExec)
}

func planned(t *testing.T, db *pgx.Conn, sql string, args ...any) plan {
	t.Helper()
	var text []byte
	if err := db.QueryRow(t.Context(), "EXPLAIN (FORMAT JSON) "+sql, args...).Scan(&text); err != nil {
		t.Errorf("%v: %s", err, sql)
		return plan{}
	}
	var plans []struct{ Plan plan }
	if err := json.Unmarshal(text, &plans); err != nil {
		t.Fatal(err)
	}
	return plans[0].Plan
}
