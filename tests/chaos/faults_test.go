package chaos

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"nod/tests/line"
	"nod/tests/postgres"
	"nod/tests/told"
)

// lineTo lays a line to a database, and says by which DSN it is reached that way.
func lineTo(t *testing.T, dsn string) (l *line.Line, way string) {
	t.Helper()
	address, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	l = line.To(t, address.Host)
	address.Host = l.Addr
	return l, address.String()
}

// The network between the functions and the database is cut, again and again, while people
// decide and are checked. Every second time answers are lost first, so that nobody knows
// what became of a COMMIT that was on its way.
func TestTheNetworkIsCut(t *testing.T) {
	t.Parallel()
	dice := seed(t)
	dsn := postgres.Database(t)
	l, way := lineTo(t, dsn)
	told.Migrate(t, dsn)
	s := newStageOn(t, way, dice, told.Options{})
	s.dsn = dsn
	s.comes(t, 8)
	random := rand.New(rand.NewPCG(dice, 3))
	for i := range 8 {
		s.next(t, time.Minute, told.Checked)
		if i%2 == 1 {
			l.Deafen()
			time.Sleep(time.Duration(random.Int64N(int64(50 * time.Millisecond))))
		}
		l.Cut()
		time.Sleep(time.Duration(random.Int64N(int64(500 * time.Millisecond))))
		l.Mend()
	}
	s.next(t, time.Minute, told.Granted)
	s.next(t, time.Minute, told.Checked)
	s.holds(t)
}

// Functions that start before their database do not give up: they say that they are not
// ready, and work as soon as it is there.
func TestTheDatabaseIsGoneAtTheStart(t *testing.T) {
	t.Parallel()
	dsn := postgres.Database(t)
	l, way := lineTo(t, dsn)
	told.Migrate(t, dsn)
	l.Cut()
	mended := time.AfterFunc(2*time.Second, l.Mend)
	defer mended.Stop()
	began := time.Now()
	s := newStageOn(t, way, seed(t), told.Options{}) // which waits until they are ready
	if took := time.Since(began); took < 2*time.Second {
		t.Errorf("the functions said after %v that they were ready, without a database", took)
	}
	s.dsn = dsn
	if n := s.Restarts(); n > 0 {
		t.Errorf("functions ended %d times because there was no database", n)
	}
	s.comes(t, 4)
	s.next(t, time.Minute, told.Checked)
	s.holds(t)
}

// Somebody else takes every connection that the database has to give. Functions that have
// one go on; one that is new says that it is busy, and works when there are some again.
func TestConnectionsRunOut(t *testing.T) {
	t.Parallel()
	server := postgres.Start(t, postgres.Options{Settings: map[string]string{"max_connections": "20", "superuser_reserved_connections": "0"}})
	dsn := server.Database(t)
	dice := seed(t)
	s := newStage(t, dsn, dice, told.Options{Instances: 2})
	s.comes(t, 12)
	s.next(t, time.Minute, told.Checked)
	release := takeAll(t, dsn)
	s.Kill(rand.New(rand.NewPCG(dice, 4)), "verify")
	s.turnedAway(t, "503 busy")
	release()
	for range 5 {
		s.next(t, time.Minute, told.Checked)
	}
	s.holds(t)
	for how, n := range s.crowd.Book.Tries() {
		if how != "503 busy" && how != "409 check-in-progress" && how != "no answer" {
			t.Errorf("%d times it was told as %s", n, how)
		}
	}
}

// takeAll takes each connection that becomes free, until it is released.
func takeAll(t *testing.T, dsn string) (release func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	full, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		var taken []*pgx.Conn
		defer func() {
			for _, c := range taken {
				_ = c.Close(context.Background())
			}
		}()
		said := sync.OnceFunc(func() { close(full) })
		for ctx.Err() == nil {
			c, err := pgx.Connect(ctx, dsn)
			if err == nil {
				taken = append(taken, c)
				continue
			}
			said()
			time.Sleep(time.Millisecond)
		}
	}()
	<-full
	release = sync.OnceFunc(func() { cancel(); <-over })
	t.Cleanup(release)
	return release
}

// turnedAway waits until somebody is answered so.
func (s *stage) turnedAway(t *testing.T, how string) {
	t.Helper()
	for began := time.Now(); s.crowd.Book.Tries()[how] == 0; time.Sleep(10 * time.Millisecond) {
		if time.Since(began) > time.Minute {
			t.Fatalf("nobody was told %s: %v", how, s.crowd.Book.Tries())
		}
	}
}

// A face API that fails in one way after the other has nobody fail a check, and nothing
// of it is taken for an outcome.
func TestTheFaceAPIFlaps(t *testing.T) {
	t.Parallel()
	s := newStage(t, postgres.Database(t), seed(t), told.Options{})
	s.comes(t, 8)
	answers := func(status int, body string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) { w.WriteHeader(status); _, _ = w.Write([]byte(body)) }
	}
	faults := map[string]func(http.ResponseWriter){
		"says nothing":        func(http.ResponseWriter) { time.Sleep(3 * time.Second) },
		"breaks off":          func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
		"answers no JSON":     answers(200, "<html>busy</html>"),
		"answers half":        answers(200, `{"Response":{"Score":9`),
		"answers without one": answers(200, `{"Response":{"RequestId":"r"}}`),
		"is a gateway":        answers(502, "bad gateway"),
		"has a code of its own": answers(200,
			`{"Response":{"Error":{"Code":"FailedOperation.SomethingNew","Message":"x"},"RequestId":"r"}}`),
	}
	for name, fault := range faults {
		t.Logf("it %s", name)
		s.crowd.Faces.Fails(fault)
		for range 5 {
			s.next(t, time.Minute, told.Checked)
		}
		s.crowd.Faces.Fails(nil)
		s.after(t, time.Now(), told.Checked) // an outcome again
	}
	s.holds(t) // an outcome that the face API did not say is a breach
}
