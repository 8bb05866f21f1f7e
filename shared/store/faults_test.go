package store_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"nod/shared/domain"
	"nod/shared/problem"
	"nod/shared/store"
	"nod/shared/storetest"
	"nod/tests/postgres"
	"nod/tests/wire"
)

// Whichever statement of whichever use fails, it is as if it had not been, or it is done
// once. A race that was lost is run again; so is what was cut off before COMMIT was sent.
func TestWhicheverStatementFailsItIsDoneOnceOrNotAtAll(t *testing.T) {
	t.Parallel()
	dsn := postgres.Database(t)
	steps := storetest.NewStage(t, open(t, dsn, store.Options{Connections: 2})).Steps()
	book := openBook(t, open(t, dsn, store.Options{}))
	for _, step := range steps {
		t.Run(step.Name, func(t *testing.T) { // one after the other: they share the database
			w := newWorkbench(t, dsn, step, book)
			for n, s := range w.script {
				w.lostRaces(n)
				if n%2 == 0 || s.SQL == "COMMIT" {
					w.otherFault(n)
				}
				if n%2 == 1 || s.SQL == "COMMIT" {
					w.cutOff(n)
				}
			}
			w.lostAnswer()
		})
	}
	if d := book.changes(); d != "" {
		t.Errorf("they left\n%s", d)
	}
}

// Who loses every race is told so, after a bounded number of tries and without a trace.
func TestWhoLosesEveryRaceIsToldToComeBack(t *testing.T) {
	t.Parallel()
	dsn := postgres.Database(t)
	steps := storetest.NewStage(t, open(t, dsn, store.Options{Connections: 2})).Steps()
	book := openBook(t, open(t, dsn, store.Options{}))
	var all sync.WaitGroup
	for i, step := range steps {
		w := benchFor(t, dsn, step, book)
		all.Go(func() {
			at := func(sql string, n int) bool { // at the beginning, midway, at the end
				return i%3 == 0 && n == 0 || i%3 == 1 && n == 4 || sql == "COMMIT"
			}
			tries := w.disturb(func(try, n int, s wire.Statement) wire.Fault {
				if at(s.SQL, n) {
					return wire.Fault{Code: "40001"}
				}
				return wire.Fault{}
			})
			_, err := step.Call(t.Context(), w.at)
			if !errors.Is(err, domain.Refuse(domain.Busy)) || !strings.Contains(err.Error(), "40001") {
				t.Errorf("%s came to %v, want that it is busy, and why", step.Name, err)
			}
			if n := *tries; n < 3 || n > 12 {
				t.Errorf("%s was tried %d times", step.Name, n)
			}
			if d := problem.For(err, domain.English, "r"); d.Status != 503 || d.RetryAfter < 1 {
				t.Errorf("%s is answered by %+v", step.Name, d)
			}
		})
	}
	all.Wait()
	if d := book.changes(); d != "" {
		t.Errorf("they left\n%s", d)
	}
}

// workbench takes one step again and again, and has something go wrong each time.
type workbench struct {
	t      *testing.T
	step   storetest.Step
	book   *book
	proxy  *wire.Proxy
	at     *store.Store
	script []wire.Statement // what is sent if nothing goes wrong
	value  string           // what it comes to then
	done   string           // and what it changes
}

func benchFor(t *testing.T, dsn string, step storetest.Step, b *book) *workbench {
	t.Helper()
	w := &workbench{t: t, step: step, book: b, proxy: wire.To(t, dsn)}
	w.at = open(t, w.proxy.DSN, store.Options{Connections: 1, ClockOffset: func() time.Duration { return step.Ahead }})
	return w
}

func newWorkbench(t *testing.T, dsn string, step storetest.Step, b *book) *workbench {
	t.Helper()
	w := benchFor(t, dsn, step, b)
	w.proxy.Watch(func(s wire.Statement) wire.Fault {
		w.script = append(w.script, s)
		return wire.Fault{}
	})
	value, err := w.call()
	b.tables = b.all
	w.value, w.done = value, b.undo()
	b.tables = slices.DeleteFunc(slices.Clone(b.all), func(table string) bool {
		return !strings.Contains(w.done, "+"+table+" ") && !strings.Contains(w.done, "-"+table+" ")
	})
	if err != nil || len(w.script) < 3 || w.last().SQL != "COMMIT" || step.Reads != (w.done == "") {
		t.Fatalf("undisturbed it comes to %v, %v, and changes %q", value, err, w.done)
	}
	return w
}

func (w *workbench) last() wire.Statement { return w.script[len(w.script)-1] }

func (w *workbench) call() (string, error) {
	value, err := w.step.Call(w.t.Context(), w.at)
	text, _ := json.Marshal(value)
	return masked(string(text)), err
}

// disturb has a fault come to statements, by the try and the place in it, from 0.
func (w *workbench) disturb(fault func(try, n int, s wire.Statement) wire.Fault) (tries *int) {
	tries = new(int)
	n, rolling := 0, false
	w.proxy.Watch(func(s wire.Statement) wire.Fault {
		if strings.HasPrefix(s.SQL, "BEGIN") {
			*tries++
			n, rolling = -1, false
		}
		n++
		rolling = rolling || s.SQL == "ROLLBACK"
		if rolling {
			return wire.Fault{}
		}
		return fault(*tries, n, s)
	})
	return tries
}

// lostRaces has the n-th statement fail as PostgreSQL says that a transaction is to be run
// again: in the first try, or in the first two.
func (w *workbench) lostRaces(n int) {
	w.t.Helper()
	codes := []string{"40001", "40P01"}
	failing := 1 + n%2
	tries := w.disturb(func(try, at int, _ wire.Statement) wire.Fault {
		if try <= failing && at == n {
			return wire.Fault{Code: codes[(try+n)%2]}
		}
		return wire.Fault{}
	})
	w.isDone(fmt.Sprintf("lost races at %d (%.40s)", n, w.script[n].SQL))
	if *tries != failing+1 {
		w.t.Errorf("%d tries, want %d", *tries, failing+1)
	}
}

// otherFault has the n-th statement fail as nothing makes good.
func (w *workbench) otherFault(n int) {
	w.t.Helper()
	tries := w.disturb(func(_, at int, _ wire.Statement) wire.Fault {
		if at == n {
			return wire.Fault{Code: "XX000"}
		}
		return wire.Fault{}
	})
	w.isUndone(fmt.Sprintf("a fault at %d (%.40s)", n, w.script[n].SQL))
	if *tries != 1 {
		w.t.Errorf("%d tries of what nothing makes good", *tries)
	}
}

// cutOff ends the connection before the n-th statement. What goes together with COMMIT is
// not done again: for all that the store knows, it was.
func (w *workbench) cutOff(n int) {
	w.t.Helper()
	w.disturb(func(try, at int, _ wire.Statement) wire.Fault { return wire.Fault{Cut: try == 1 && at == n} })
	what := fmt.Sprintf("cut off at %d (%.40s)", n, w.script[n].SQL)
	if !w.step.Reads && w.script[n].Trip == w.last().Trip {
		w.isUnsure(what, "")
	} else {
		w.isDone(what)
	}
}

// lostAnswer has COMMIT done, and nobody told.
func (w *workbench) lostAnswer() {
	w.t.Helper()
	w.disturb(func(try, _ int, s wire.Statement) wire.Fault { return wire.Fault{Lose: try == 1 && s.SQL == "COMMIT"} })
	if w.step.Reads {
		w.isDone("a lost answer")
	} else {
		w.isUnsure("a lost answer", w.done)
	}
}

// isUnsure holds that the caller is told to make the call again, whatever was done.
func (w *workbench) isUnsure(what, want string) {
	w.t.Helper()
	_, err := w.call()
	if d := problem.For(err, domain.English, "r"); !errors.Is(err, domain.Refuse(domain.Busy)) || d.Status != 503 || d.RetryAfter < 1 ||
		!strings.Contains(err.Error(), "COMMIT was lost") {
		w.t.Errorf("%s comes to %v, want that it is busy, and why", what, err)
	}
	if done := w.book.undo(); done != want {
		w.t.Errorf("%s: done is\n%s\nwant\n%s", what, done, want)
	}
}

func (w *workbench) isDone(what string) {
	w.t.Helper()
	value, err := w.call()
	if done := w.book.undo(); err != nil || value != w.value || done != w.done {
		w.t.Errorf("%s: %v, %v, done is\n%s\nwant %v\n%s", what, value, err, done, w.value, w.done)
	}
}

func (w *workbench) isUndone(what string) {
	w.t.Helper()
	_, err := w.call()
	var refusal *domain.Refusal
	if done := w.book.undo(); err == nil || errors.As(err, &refusal) || errors.Is(err, context.Canceled) || done != "" {
		w.t.Errorf("%s: %v, done is\n%s", what, err, done)
	}
}

// book knows a database as it was, tells what has changed since, and puts it back.
type book struct {
	t      *testing.T
	s      *store.Store
	all    []string
	tables []string // that it looks at just now
	known  map[string]map[string]bool
}

func openBook(t *testing.T, s *store.Store) *book {
	t.Helper()
	b := &book{t: t, s: s}
	b.admin(func(db *sql.DB) error {
		rows, err := db.QueryContext(t.Context(), `SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'goose_db_version'`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var table string
			if err := rows.Scan(&table); err != nil {
				return err
			}
			b.all = append(b.all, table)
		}
		return rows.Err()
	})
	b.do("CREATE SCHEMA kept")
	for _, table := range b.all {
		b.do(fmt.Sprintf("CREATE TABLE kept.%[1]s AS SELECT * FROM %[1]s", table))
	}
	b.tables = b.all
	b.known = b.read()
	return b
}

func (b *book) do(statement string) {
	b.t.Helper()
	b.admin(func(db *sql.DB) error { _, err := db.ExecContext(b.t.Context(), statement); return err })
}

func (b *book) admin(use func(*sql.DB) error) {
	b.t.Helper()
	if err := b.s.Admin(use); err != nil {
		b.t.Fatal(err)
	}
}

// read reads all rows, by table.
func (b *book) read() map[string]map[string]bool {
	b.t.Helper()
	all := map[string]map[string]bool{}
	var each []string
	for _, table := range b.tables {
		all[table] = map[string]bool{}
		each = append(each, fmt.Sprintf("SELECT '%s', t::text FROM %s t", table, table))
	}
	if len(each) == 0 {
		return all
	}
	b.admin(func(db *sql.DB) error {
		rows, err := db.QueryContext(b.t.Context(), strings.Join(each, " UNION ALL "))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var table, row string
			if err := rows.Scan(&table, &row); err != nil {
				return err
			}
			all[table][row] = true
		}
		return rows.Err()
	})
	return all
}

// changes lists rows that came and rows that went in all tables, with what is never the
// same masked.
func (b *book) changes() string {
	b.t.Helper()
	b.tables = b.all
	list, _ := b.differ()
	return list
}

func (b *book) differ() (list string, changed []string) {
	b.t.Helper()
	now := b.read()
	var lines []string
	for _, table := range b.tables {
		before := len(lines)
		for row := range now[table] {
			if !b.known[table][row] {
				lines = append(lines, masked("+"+table+" "+row))
			}
		}
		for row := range b.known[table] {
			if !now[table][row] {
				lines = append(lines, masked("-"+table+" "+row))
			}
		}
		if len(lines) > before {
			changed = append(changed, table)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n"), changed
}

// undo tells what has changed and puts it back.
func (b *book) undo() string {
	b.t.Helper()
	list, changed := b.differ()
	for _, table := range changed {
		b.do("DELETE FROM " + table)
		b.do(fmt.Sprintf("INSERT INTO %[1]s SELECT * FROM kept.%[1]s", table))
	}
	return list
}

// masked blanks ids, hashes, ciphers and times: what is another one each time.
func masked(text string) string { return everNew.ReplaceAllString(text, "#") }

var everNew = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z?|(\\\\x)?[0-9a-f]{13,}`)
