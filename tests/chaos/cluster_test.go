package chaos

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"nod/tests/patroni"
	"nod/tests/told"
)

// A mishap is what befalls the database's cluster otherwise than that its primary dies.
type mishap struct {
	name string
	// strikes begins it. heals ends it, and mends what decisions did not need again.
	strikes func(c *patroni.Cluster, primary *patroni.Node) (heals, mends func())
	// lasts is how long it does before it is ended. Without, another node takes over, and
	// it is ended after that.
	lasts time.Duration
	// silent is when at the latest nothing is acknowledged any more, until it is ended.
	silent time.Duration
	// mostly is how long there may be no decision while it lasts, if they go on.
	mostly time.Duration
	// moves says that another node is the primary before it is ended.
	moves bool
}

// etcdAway is longer than the lease, and all that is done about it.
const etcdAway = patroni.Lease + 20*time.Second

// They come in this order, because the last leaves another setting behind.
var mishaps = []mishap{
	{name: "the primary's machine is frozen", strikes: frozen(patroni.Machine), moves: true},
	{name: "its PostgreSQL is frozen", strikes: frozen(patroni.Server), moves: true},
	{name: "its Patroni is frozen", strikes: frozen(patroni.Keeper), lasts: patroni.Lease + 20*time.Second},
	{name: "the primary is cut off from etcd", strikes: func(_ *patroni.Cluster, primary *patroni.Node) (heals, mends func()) {
		primary.CutOff()
		return primary.LetIn, nothing
	}, lasts: patroni.Lease + 20*time.Second, mostly: within, moves: true},
	{name: "both standbys die", strikes: standbysDie, lasts: 20 * time.Second, silent: time.Second},
	{name: "etcd dies", strikes: etcdDies, lasts: etcdAway, silent: patroni.Lease},
	{name: "etcd dies, in failsafe mode", strikes: func(c *patroni.Cluster, primary *patroni.Node) (heals, mends func()) {
		c.Failsafe(time.Minute)
		return etcdDies(c, primary)
	}, lasts: etcdAway, mostly: 10 * time.Second},
}

func nothing() {}

func frozen(p patroni.Part) func(*patroni.Cluster, *patroni.Node) (heals, mends func()) {
	return func(_ *patroni.Cluster, primary *patroni.Node) (heals, mends func()) {
		primary.Freeze(p)
		return func() { primary.Thaw(p) }, nothing
	}
}

func etcdDies(c *patroni.Cluster, _ *patroni.Node) (heals, mends func()) {
	c.KillEtcd()
	return c.StartEtcd, nothing
}

func standbysDie(c *patroni.Cluster, primary *patroni.Node) (heals, mends func()) {
	var dead []*patroni.Node
	for _, n := range c.Nodes {
		if n != primary {
			n.Kill()
			dead = append(dead, n)
		}
	}
	return dead[0].Start, dead[1].Start
}

// What is not dead but frozen, cut off or alone acknowledges nothing that is lost: neither
// meanwhile nor when it wakes up and takes itself for the primary. Whoever asks is answered
// in time, and decisions are taken again by themselves. NOD_MISHAPS says how often each of
// them happens; without it nothing is done (make ha).
func TestTheClusterFalters(t *testing.T) {
	n := rounds(t, "NOD_MISHAPS", 0)
	if n == 0 {
		t.Skip("NOD_MISHAPS is not set: make ha does this")
	}
	c := patroni.Start(t)
	s := newStage(t, c.DSN(), seed(t), told.Options{Instances: 2, Env: []string{
		"NOD_DB_CONNECTIONS=12", // a cloud's instance serves one call at a time: nobody waits for another's connection
	}})
	w := newWitness(t, c)
	s.comes(t, 12)
	s.next(t, time.Minute, told.Checked)
	var table strings.Builder
	table.WriteString("\n| what | longest without a decision | next decision | next outcome | counted from | longest answer | three nodes again after |\n|---|---:|---:|---:|---|---:|---:|\n")
	for _, m := range mishaps {
		for range n {
			row := m.happens(t, s, c, w)
			table.WriteString(row)
			fmt.Fprint(os.Stderr, row) // progress: each takes about a minute
		}
	}
	s.holds(t)
	w.holds(t)
	t.Log(table.String())
}

// happens has it happen once, and tells how it was.
func (m mishap) happens(t *testing.T, s *stage, c *patroni.Cluster, w *witness) (row string) {
	t.Helper()
	steady(t, s)
	primary := c.Primary()
	if primary == nil {
		t.Fatal("there is no primary")
	}
	w.stays(t, primary)
	s.crowd.Book.Slowest()
	unanswered := s.crowd.Book.Tries()["no answer"]
	heals, mends := m.strikes(c, primary)
	struck := time.Now()
	back, from := struck, "its beginning"
	if m.lasts > 0 {
		time.Sleep(m.lasts) // it is what is tried
		back, from = time.Now(), "its end"
		m.wasSilent(t, s, struck, back)
	} else {
		m.after(t, s, back)
	}
	if m.moves && c.Primary() == primary {
		t.Errorf("%s: %s is still the primary", m.name, primary.Name)
	}
	asked := w.asks() // what a client sent to a node that did not answer, it does when it wakes up
	heals()
	decision, outcome := m.after(t, s, back)
	mends()
	whole := c.Whole(3 * time.Minute)
	w.hears(t, asked)
	slowest := s.crowd.Book.Slowest()
	if n := s.crowd.Book.Tries()["no answer"] - unanswered; n > 0 {
		t.Errorf("%s: %d calls were not answered within %v", m.name, n, s.crowd.Patience)
	}
	gap := s.without(struck, back.Add(decision))
	if m.mostly > 0 && gap > m.mostly {
		t.Errorf("%s: no decision for %v; %v is allowed", m.name, gap, m.mostly)
	}
	return fmt.Sprintf("| %s | %.1f s | %.1f s | %.1f s | %s | %.1f s | %.0f s |\n",
		m.name, gap.Seconds(), decision.Seconds(), outcome.Seconds(), from, slowest.Seconds(), whole.Seconds())
}

// after waits for the next decision and outcome.
func (m mishap) after(t *testing.T, s *stage, moment time.Time) (decision, outcome time.Duration) {
	t.Helper()
	decision, outcome = s.after(t, moment, told.Granted, told.Refused, told.Withdrawn), s.after(t, moment, told.Checked)
	if decision > within || outcome > within {
		t.Errorf("%s: decisions after %v and outcomes after %v; %v is allowed", m.name, decision, outcome, within)
	}
	return decision, outcome
}

// wasSilent holds that nothing was acknowledged while that could not be safe. That nothing is
// known of a check acknowledges nothing.
func (m mishap) wasSilent(t *testing.T, s *stage, struck, until time.Time) {
	t.Helper()
	if m.silent == 0 {
		return
	}
	for _, w := range s.crowd.Book.Words() {
		if w.Result != "outcome-unknown" && w.At.After(struck.Add(m.silent)) && w.At.Before(until) {
			t.Errorf("%s: %v later somebody was told %+v", m.name, w.At.Sub(struck), w)
		}
	}
}

// without is the longest time in which nobody was told of a decision.
func (s *stage) without(from, until time.Time) (longest time.Duration) {
	for _, w := range s.crowd.Book.Words() {
		if w.What == told.Checked || w.At.Before(from) || w.At.After(until) {
			continue
		}
		longest, from = max(longest, w.At.Sub(from)), w.At
	}
	return max(longest, until.Sub(from))
}

// witness is a client of one node, whichever is the primary meanwhile. It stays when the
// others leave, and sends one statement that the node finds when it wakes up.
type witness struct {
	cluster *patroni.Cluster
	conn    *pgx.Conn
	number  int
	told    []int // which were acknowledged
}

func newWitness(t *testing.T, c *patroni.Cluster) *witness {
	t.Helper()
	w := &witness{cluster: c}
	w.at(t, c.DSN(), func(conn *pgx.Conn) error {
		_, err := conn.Exec(t.Context(), "CREATE TABLE witness (number INT PRIMARY KEY)")
		return err
	})
	return w
}

func (w *witness) at(t *testing.T, dsn string, do func(*pgx.Conn) error) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := do(conn); err != nil {
		t.Fatal(err)
	}
}

// stays connects to a node.
func (w *witness) stays(t *testing.T, n *patroni.Node) {
	t.Helper()
	var err error
	if w.conn, err = pgx.Connect(t.Context(), n.DSN()); err != nil {
		t.Fatal(err)
	}
}

// asks has the node write a number, and returns what will say whether it said that it did.
func (w *witness) asks() <-chan error {
	w.number++
	conn, number, answer := w.conn, w.number, make(chan error, 1)
	go func() {
		defer conn.Close(context.Background())
		_, err := conn.Exec(context.Background(), "INSERT INTO witness VALUES ($1)", number)
		answer <- err
	}()
	return answer
}

func (w *witness) hears(t *testing.T, answer <-chan error) {
	t.Helper()
	select {
	case err := <-answer:
		t.Logf("the client who stayed was told: %v", err)
		if err == nil {
			w.told = append(w.told, w.number)
		}
	case <-time.After(time.Minute):
		t.Error("the client who stayed was told nothing")
	}
}

// holds finds each number that was acknowledged.
func (w *witness) holds(t *testing.T) {
	t.Helper()
	w.at(t, w.cluster.DSN(), func(conn *pgx.Conn) error {
		for _, number := range w.told {
			var there bool
			err := conn.QueryRow(t.Context(), "SELECT EXISTS (SELECT 1 FROM witness WHERE number = $1)", number).Scan(&there)
			if err != nil {
				return err
			}
			if !there {
				t.Errorf("the write %d was acknowledged, and is lost", number)
			}
		}
		return nil
	})
}
