package rollout

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"nod/cmd/nod/demo"
	"nod/tests/told"
)

// world is two releases, one database, and everybody who uses them.
type world struct {
	from, to *release
	dsn      string
	origin   *origin
	operator string
	faces    *told.Faces
	book     *told.Book
	crowds   []*told.Crowd
	people   sync.WaitGroup
	leave    []func()
	kept     []checkpoint
	read     map[string]bool // sessions whose result the platform has asked for
}

// checkpoint is one that an auditor has kept.
type checkpoint struct {
	enterprise, file string
}

const (
	atOnce = 3  // people of each enterprise
	enough = 12 // how often a release has answered each call, for a time to be over
)

// calls are those of the main job, as people and their platforms make them.
var calls = []string{
	"POST /v1/sessions", "POST /v1/session/open", "GET /v1/session", "POST /v1/consent", "POST /v1/verify", "POST /v1/me/withdraw",
}

func newWorld(t *testing.T, from, to *release, dsn string) *world {
	t.Helper()
	w := &world{from: from, to: to, dsn: dsn, origin: newOrigin(t), faces: told.NewFaces(t, 1), book: told.NewBook(), read: map[string]bool{}}
	env, operator := keys(t, from, to)
	w.operator = operator
	env = append(env, "PATH="+os.Getenv("PATH"), "NOD_DB="+dsn, "NOD_OBJECTS=file:"+t.TempDir(), "NOD_PUBLIC_URL="+w.origin.URL,
		"NOD_FACE_ENDPOINT="+w.faces.URL, "NOD_FACE_SECRET_ID=id", "NOD_FACE_SECRET_KEY=key",
		"NOD_FACE_RATE=10000") // these people do not wait when they are told to
	from.env, to.env = env, env
	t.Cleanup(w.home)
	return w
}

// put starts a process of a release, and has it take calls once it can.
func (w *world) put(t *testing.T, r *release) *place {
	t.Helper()
	return w.origin.put(r.starts(t))
}

// out has a process take no calls any more, and end.
func (w *world) out(t *testing.T, p *place) {
	t.Helper()
	w.origin.take(p)
	p.ends(t)
}

// enters enters an enterprise, whose people come from then on.
func (w *world) enters(t *testing.T) {
	t.Helper()
	c := &told.Crowd{Book: w.book, Faces: w.faces, Base: func(string) string { return w.origin.URL }, Patience: 30 * time.Second, Seed: uint64(len(w.crowds))}
	if err := c.Enter(t.Context(), w.operator); err != nil {
		t.Fatal(err)
	}
	w.crowds = append(w.crowds, c)
	ctx, cancel := context.WithCancel(context.Background())
	w.leave = append(w.leave, cancel)
	w.people.Go(func() { c.Run(ctx, atOnce) })
}

// home has everybody go home.
func (w *world) home() {
	for _, leave := range w.leave {
		leave()
	}
	w.people.Wait()
}

// lives waits until each of the releases that are in place has done the whole job often
// enough; the timer of one runs, auditors keep the checkpoint that it signs, and platforms
// read what people came to.
func (w *world) lives(t *testing.T, what string, releases ...*release) {
	t.Helper()
	began := time.Now()
	before, _, _ := w.origin.counted()
	for _, r := range releases {
		r.does(t, "maintain")
		w.keeps(t)
		w.reads(t)
	}
	for until := began.Add(3 * patience); ; time.Sleep(50 * time.Millisecond) {
		now, _, _ := w.origin.counted()
		missing := ""
		for _, r := range releases {
			for _, call := range calls {
				if n := now[r.name][call] - before[r.name][call]; n < enough {
					missing += fmt.Sprintf("%s answered %s %d times; ", r.name, call, n)
				}
			}
		}
		if missing == "" {
			break
		}
		w.noneFailed(t, what)
		if time.Now().After(until) {
			t.Fatalf("%s: %safter %v\n%s", what, missing, time.Since(began), w.origin.summary())
		}
	}
	w.noneFailed(t, what)
	t.Logf("%s: %v, %d things told so far", what, time.Since(began).Round(100*time.Millisecond), len(w.book.Words()))
}

func (w *world) get(t *testing.T, path, key string) []byte {
	t.Helper()
	r, err := demo.Client{Base: w.origin.URL}.Do(t.Context(), http.MethodGet, path, key, nil)
	if err != nil || r.Status != http.StatusOK {
		t.Fatalf("GET %s: %d %+v %v", path, r.Status, r.Problem, err)
	}
	return r.Body
}

// keeps keeps the checkpoint of each enterprise.
func (w *world) keeps(t *testing.T) {
	t.Helper()
	for _, c := range w.crowds {
		file := filepath.Join(t.TempDir(), "checkpoint")
		if err := os.WriteFile(file, w.get(t, "/v1/log/checkpoint", c.Tenant.Auditor), 0o600); err != nil {
			t.Fatal(err)
		}
		w.kept = append(w.kept, checkpoint{c.Tenant.Enterprise, file})
	}
}

// reads has platforms ask for the result of some who passed.
func (w *world) reads(t *testing.T) {
	t.Helper()
	left, keys := enough, w.integrators(t)
	for _, word := range w.book.Words() {
		if word.Result != "pass" || w.read[word.Session] || left == 0 {
			continue
		}
		left--
		w.read[word.Session] = true
		var s struct{ State, Result, Assertion string }
		if err := json.Unmarshal(w.get(t, "/v1/sessions/"+word.Session, keys[word.Session]), &s); err != nil {
			t.Fatal(err)
		}
		if s.Result != "pass" || s.Assertion == "" {
			t.Errorf("the platform reads %+v of session %s, which has passed", s, word.Session)
		}
	}
}

// integrators are the keys of the platforms, by the sessions that they have opened.
func (w *world) integrators(t *testing.T) map[string]string {
	t.Helper()
	db, err := pgx.Connect(t.Context(), w.dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(context.Background())
	keys := map[string]string{}
	for _, c := range w.crowds {
		rows, _ := db.Query(t.Context(), "SELECT id FROM sessions WHERE enterprise = $1", c.Tenant.Enterprise)
		sessions, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range sessions {
			keys[id] = c.Tenant.Integrator
		}
	}
	return keys
}

// exports has auditors export the whole log of each enterprise by the commands of both
// releases in turn, and verifies each bundle by both, also against the checkpoints that were
// kept.
func (w *world) exports(t *testing.T) {
	t.Helper()
	day := func(n int) string { return time.Now().UTC().AddDate(0, 0, n).Format(time.DateOnly) }
	both := []*release{w.from, w.to}
	for i, c := range w.crowds {
		bundle := filepath.Join(t.TempDir(), "bundle.zip")
		made := make(chan error, 1)
		go func() {
			said, err := both[i%2].tries(t.Context(), "export", "-url", w.origin.URL, "-key", c.Tenant.Auditor, "-from", day(-1), "-to", day(2), "-o", bundle)
			if err != nil {
				err = fmt.Errorf("nod export: %w: %s", err, said)
			}
			made <- err
		}()
		for n, done := 0, false; !done; n++ {
			select {
			case err := <-made:
				if done = true; err != nil {
					t.Fatal(err)
				}
			default:
				both[(i+n)%2].does(t, "maintain")
			}
		}
		var log struct{ Keys []string }
		if err := json.Unmarshal(w.get(t, "/v1/log/keys", c.Tenant.Auditor), &log); err != nil || len(log.Keys) != 1 {
			t.Fatalf("the log's keys are %v, %v", log.Keys, err)
		}
		for _, r := range both {
			held := 0
			for _, k := range w.kept {
				if k.enterprise != c.Tenant.Enterprise {
					continue
				}
				held++
				if said := r.does(t, "verify-export", bundle, "--key", log.Keys[0], "--checkpoint", k.file); !strings.Contains(said, "Everything holds.") {
					t.Errorf("%s says of the bundle: %s", r.name, said)
				}
			}
			if held == 0 {
				t.Errorf("nobody has kept a checkpoint of %s", c.Tenant.Enterprise)
			}
		}
	}
}

// told holds what people were told against the log of all enterprises.
func (w *world) told(t *testing.T) {
	t.Helper()
	var lines []string
	for _, c := range w.crowds {
		more, err := told.Log(t.Context(), w.dsn, c.Tenant.Enterprise)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, more...)
	}
	calls := w.faces.Calls()
	found := told.Hold(w.book, calls, lines)
	for _, b := range found {
		t.Errorf("%s: %s", b.Kind, b.Text)
	}
	t.Log(told.Summary(w.book, calls, lines, found))
}
