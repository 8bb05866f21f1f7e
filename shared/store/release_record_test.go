package store_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"nod/shared/store"
	"nod/shared/storetest"
	"nod/tests/postgres"
	"nod/tests/wire"
)

// arg is an argument as it travels: a text in JSON, bytes as a list of their hexadecimal
// text alone, or null.
type arg wire.Arg

func (a arg) MarshalJSON() ([]byte, error) {
	switch {
	case a.Null:
		return []byte("null"), nil
	case a.Binary:
		return json.Marshal([]string{hex.EncodeToString(a.Value)})
	}
	return json.Marshal(string(a.Value))
}

func (a *arg) UnmarshalJSON(text []byte) (err error) {
	var s string
	var list []string
	switch {
	case string(text) == "null":
		*a = arg{Null: true}
	case text[0] == '"':
		err = json.Unmarshal(text, &s)
		*a = arg{Value: []byte(s)}
	default:
		if err = json.Unmarshal(text, &list); err == nil && len(list) != 1 {
			err = fmt.Errorf("no argument: %s", text)
		}
		if err == nil {
			a.Binary = true
			a.Value, err = hex.DecodeString(list[0])
		}
	}
	return err
}

// recorded is what this build sends: one of each of the store's uses is the story, and the
// conformance suite brings what else there is.
func recorded(t *testing.T) *release {
	r := &recorder{release: release{Schema: store.SchemaVersion}, number: map[string]int{}, shapes: map[string]bool{}, under: map[string][]wire.Statement{}}
	dsn := postgres.Database(t)
	stage := storetest.NewStage(t, open(t, r.at(t, dsn, "story", r.tell), store.Options{Connections: 1}))
	stage.Job(t, "job", func(_ string, call func()) { call() })
	for _, step := range stage.Steps() {
		at := open(t, r.at(t, dsn, "story", r.tell), store.Options{Connections: 1, ClockOffset: func() time.Duration { return step.Ahead }})
		_, _ = step.Call(t.Context(), at) // a refusal is part of it
	}
	r.At = time.Now().UTC().Truncate(time.Millisecond)
	at := perTest(func(t *testing.T) string { return r.at(t, postgres.Database(t), t.Name(), r.add) })
	t.Run("suite", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T, o store.Options) *store.Store { return open(t, at(t), o) })
	})
	return r.counted(t)
}

// recorder listens to stores, and writes a release down.
type recorder struct {
	release
	mu     sync.Mutex
	number map[string]int // of a statement, by its text and types
	shapes map[string]bool
	under  map[string][]wire.Statement // transactions that have begun, by connection
}

// at is a way to a database on which all transactions that are done come to somebody.
func (r *recorder) at(t *testing.T, dsn, name string, done func([]wire.Statement)) string {
	p := wire.To(t, dsn)
	p.Watch(func(s wire.Statement) wire.Fault {
		r.mu.Lock()
		defer r.mu.Unlock()
		link := fmt.Sprint(name, p.DSN, s.Link)
		begun, is := r.under[link]
		switch {
		case strings.HasPrefix(s.SQL, "BEGIN"):
			r.under[link] = []wire.Statement{}
		case s.SQL == "ROLLBACK":
			delete(r.under, link)
		case s.SQL == "COMMIT":
			delete(r.under, link)
			done(begun)
		case is && !strings.HasPrefix(s.SQL, "SET "): // what is in none is a test's own
			r.under[link] = append(begun, s)
		}
		return wire.Fault{}
	})
	return p.Plain()
}

// tell adds a transaction.
func (r *recorder) tell(transaction []wire.Statement) {
	var all []sent
	for _, s := range transaction {
		r.shapes[shape(s.SQL)] = true
		key := fmt.Sprint(s.SQL, s.Types)
		n, known := r.number[key]
		if !known {
			n = len(r.Statements)
			r.number[key] = n
			r.Statements = append(r.Statements, sentStatement{SQL: s.SQL, Takes: s.Types})
		}
		var args []arg
		for _, a := range s.Args {
			args = append(args, arg(a))
		}
		all = append(all, sent{N: n, Args: args})
	}
	r.Transactions = append(r.Transactions, all)
}

// add adds those of a transaction's statements that are like none that is there.
func (r *recorder) add(transaction []wire.Statement) {
	for _, s := range transaction {
		if !r.shapes[shape(s.SQL)] {
			r.tell([]wire.Statement{s})
		}
	}
}

// shape is what statements have in common that differ in numbers, or in how many.
func shape(sql string) string { return numbers.ReplaceAllString(sql, "#") }

var numbers = regexp.MustCompile(`-?\$?\b\d+(, \$?\d+)*`)

// counted sends everything once, on the schema that it was written for, and notes what it
// comes to.
func (r *recorder) counted(t *testing.T) *release {
	conn := newest(t)
	do(t, conn, "BEGIN")
	defer do(t, conn, "ROLLBACK")
	for _, transaction := range r.Transactions {
		for i := range transaction {
			s := &transaction[i]
			var err error
			var gives []uint32
			if s.Rows, gives, err = r.send(t, conn, *s); err != nil {
				t.Fatalf("%v: %s", err, r.Statements[s.N].SQL)
			}
			r.Statements[s.N].Gives = gives
		}
	}
	return &r.release
}

// written puts a release in the place of the one before it: a statement and a transaction
// a line.
func written(t *testing.T, r *release) {
	t.Helper()
	var b strings.Builder
	line := func(of any) string {
		text, err := json.Marshal(of)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	lines := func(name string, each []string) {
		fmt.Fprintf(&b, ",\n%q: [\n%s\n]", name, strings.Join(each, ",\n"))
	}
	fmt.Fprintf(&b, "{\"schema\": %d, \"at\": %s", r.Schema, line(r.At))
	var statements, transactions []string
	for _, s := range r.Statements {
		statements = append(statements, line(s))
	}
	for _, s := range r.Transactions {
		transactions = append(transactions, line(s))
	}
	lines("statements", statements)
	lines("transactions", transactions)
	b.WriteString("}\n")
	name := fmt.Sprintf("testdata/release-%d.json", r.Schema)
	if err := os.MkdirAll("testdata", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, other := range slices.DeleteFunc(releases(t), func(file string) bool { return file == name }) {
		if err := os.Remove(other); err != nil {
			t.Fatal(err)
		}
	}
}
