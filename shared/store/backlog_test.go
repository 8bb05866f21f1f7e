package store_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nod/shared/store"
	"nod/shared/store/migrate"
	"nod/shared/storetest"
	"nod/tests/postgres"
)

// crowd fills the tables with what the timer has nothing to do with: sessions that ended
// well, checks with an outcome, consents that were taken back, people who are looked at
// later, messages that were delivered. %s is a list of numbers.
var crowd = []string{
	`INSERT INTO sessions (enterprise, id, kind, purpose, route, age_group, audience, subject, resource, nonce, client_ref,
		return_url, locale, state, created_at, expires_at, code_hash, token_hash, secret, secret_key, fails, uploads,
		last_result, last_reason, shown_notice, evidence)
	SELECT 'e', 's' || i, 'check', 'exam', 'photo', 'adult', 'adult', 'p' || i, '', '', '', '', 'zh-CN', 'passed', i, i,
		'', '', %[2]s, %[2]s, 0, 0, '', '', '', '' FROM (%[1]s) n`,
	`INSERT INTO checks (enterprise, session, attempt, started, result, reason, capture, started_at, deadline_at, ended_at,
		consent, notice, notice_in_force, delegation)
	SELECT 'e', 's' || i, 'a', '', 'pass', '', '', i, i, i, '', '', '', '' FROM (%[1]s) n`,
	`INSERT INTO consents (enterprise, subject, purpose, seq, id, given_by, state, cause, routes, notice, delegation, session,
		given_at, until, ended_at, commitment, salt, withdraw_hash)
	SELECT 'e', 'p' || i, 'exam', 1, 'c' || i, 'self', 'withdrawn', '', '', '', '', '', i, i, i, '', %[2]s, '' FROM (%[1]s) n`,
	`INSERT INTO subjects (enterprise, id, lookup, sealed_id, created_at, review_at)
	SELECT 'e', 'p' || i, 'l' || i, %[2]s, i, 1800000000000 + i FROM (%[1]s) n`,
	`INSERT INTO webhooks (enterprise, id, type, purpose, thing, step, at, data, state, tries, lease, next_at, until, ended_at, fault, status)
	SELECT 'e', 'w' || i, 'session.completed', 'exam', 's' || i, 'passed', i, '', 'delivered', 1, '', i, i, 1700000000000 + i, '', 200 FROM (%[1]s) n`,
	`INSERT INTO records (enterprise, id, type, at, purpose, subject, subject_seq, leaf, line)
	SELECT 'e', 'r' || i, CASE i %% 100 WHEN 0 THEN 'access.request' ELSE 'check.started' END, i, CASE i %% 100 WHEN 0 THEN '' ELSE 'exam' END,
		'p' || i, 1, '', '{}' FROM (%[1]s) n`,
}

// The timer comes every minute: it must not read all that ever was to find that nothing
// is due. Nor must what is asked about a day read the log of all days (duty D19).
func TestD19_TheTimerAndStatisticsWalkTheirIndexes(t *testing.T) {
	t.Parallel()
	for name, engine := range map[string]struct{ dsn, numbers, nothing, explain string }{
		"sqlite": {"sqlite:" + filepath.Join(t.TempDir(), "nod.db"),
			"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 5000) SELECT i FROM c", "x''", "EXPLAIN QUERY PLAN "},
		"postgres": {postgres.Database(t), "SELECT generate_series(1, 5000) AS i", "''::bytea", "EXPLAIN "},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, engine.dsn, store.Options{})
			if _, err := migrate.Up(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			err := s.Admin(func(db *sql.DB) error {
				for _, fill := range append(crowd, "ANALYZE") {
					if strings.Contains(fill, "%") {
						fill = fmt.Sprintf(fill, engine.numbers, engine.nothing)
					}
					if _, err := db.ExecContext(t.Context(), fill); err != nil {
						return fmt.Errorf("%.40s: %w", fill, err)
					}
				}
				due := store.QueriesForDue("1700000000000")
				asked := s.QueriesForOversight()
				maps.Copy(asked, due)
				for index, q := range asked {
					query := engine.explain + q.SQL
					if name == "postgres" {
						query = store.Dollars(query)
					}
					plan, err := planOf(t, db, query, q.Args)
					if err != nil {
						return fmt.Errorf("%s: %w", index, err)
					}
					_, inOrder := due[index] // what is counted has to be sorted
					if !strings.Contains(plan, index) || inOrder && (strings.Contains(plan, "Sort") || strings.Contains(plan, "TEMP B-TREE")) {
						t.Errorf("%s is not walked:\n%s", index, plan)
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// planOf is the text of a plan, whichever columns an engine tells it in.
func planOf(t *testing.T, db *sql.DB, query string, args []any) (string, error) {
	rows, err := db.QueryContext(t.Context(), query, args...)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return "", err
	}
	var plan strings.Builder
	for rows.Next() {
		row := make([]any, len(columns))
		for i := range row {
			row[i] = new(any)
		}
		if err := rows.Scan(row...); err != nil {
			return "", err
		}
		fmt.Fprintln(&plan, *row[len(row)-1].(*any))
	}
	return plan.String(), rows.Err()
}

// A secret that was cleared is in none of SQLite's files any more: neither in a page that
// is free nor in the log of pages.
func TestD02_AClearedSecretIsNotLeftInTheFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, "sqlite:"+filepath.Join(dir, "nod.db"), store.Options{})
	stage := storetest.NewStage(t, s)
	secret := bytes.Repeat([]byte("\x00nobody's ID number\xff"), 1000) // longer than a page
	session := stage.Holding("工号-1", secret)
	found := func() (n int) {
		for _, name := range []string{"nod.db", "nod.db-wal"} {
			content, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			n += bytes.Count(content, secret[:20])
		}
		return n
	}
	if found() == 0 {
		t.Fatal("the secret is not kept where it is looked for")
	}
	stage.Withdraw(session)
	if err := s.Scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := found(); n > 0 {
		t.Errorf("%d pieces of a cleared secret are left", n)
	}
}
