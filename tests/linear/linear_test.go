package linear

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"nod/tests/postgres"
)

func TestMain(m *testing.M) { postgres.Main(m) }

// idOf is the id of a Record, from its line.
func idOf(text string) string {
	var l line
	_ = json.Unmarshal([]byte(text), &l) // no line, no id: settle says so
	return l.ID
}

// storm is one history: clients who act at random about the same few people, and an
// administrator who changes the ground beneath them.
type storm struct {
	people, clients, calls int
	seed                   uint64
	dsn                    func(testing.TB) string
	instances              int
}

func (s storm) over(t *testing.T, w *world) {
	var all sync.WaitGroup
	for i := range s.clients {
		random := rand.New(rand.NewPCG(s.seed, uint64(i)))
		all.Go(func() {
			c := w.client(i)
			for range s.calls {
				c.act(random, random.IntN(s.people))
			}
		})
	}
	all.Go(func() {
		a, random := administrator{client: w.client(s.clients)}, rand.New(rand.NewPCG(s.seed, uint64(s.clients)))
		for range s.calls / 3 {
			a.act(random)
		}
	})
	all.Wait()
	c := w.client(0)
	for _, pages := range w.sessions.of {
		for _, p := range pages[max(0, len(pages)-4):] {
			c.look(p) // what is left when all is over
		}
	}
}

// act does something about somebody, mostly in their latest session, and mostly what
// makes sense there.
func (c *client) act(random *rand.Rand, person int) {
	c.sessions.Lock()
	pages := c.sessions.of[person]
	c.sessions.Unlock()
	if len(pages) == 0 || random.IntN(12) == 0 {
		c.open(person)
		return
	}
	p := pages[max(0, len(pages)-1-random.IntN(5)/4)]
	if p.over.Load() && random.IntN(4) > 0 {
		c.open(person)
		return
	}
	switch n := random.IntN(16); {
	case n < 1:
		c.look(p)
	case n < 5:
		c.look(p)
		c.decide(p, "grant")
	case n < 6:
		c.decide(p, "grant") // as a tab that was left open
	case n < 7:
		c.decide(p, "refuse")
	case n < 8 && random.IntN(2) == 0:
		c.withdraw(p)
	case n < 8:
		c.withdrawByReceipt(person, random.IntN(3)/2)
	default:
		c.check(p, []string{"pass", "fail", "fail", "no-face"}[random.IntN(4)], c.meanwhile(random, p))
	}
}

// meanwhile is what the person does on another device while a check is under way; mostly
// nothing.
func (c *client) meanwhile(random *rand.Rand, p *page) func() {
	other := c.client(beside + c.number)
	return map[int]func(){
		0: func() { other.withdraw(p) },
		1: func() { other.decide(p, "refuse") },
		5: func() { other.withdrawByReceipt(p.person, 0) },
		2: func() { other.decide(p, "refuse"); other.decide(p, "grant") },
		3: func() { other.check(p, "pass", nil) },
		4: func() { other.look(p) },
	}[random.IntN(12)]
}

// beside is added to a client's number for the person's other device.
const beside = 10

// administrator changes the ground beneath the people.
type administrator struct {
	*client
	contact, delegation int // of the notice that was published last
}

// act is mostly a change, and sometimes takes the ground away for a while.
func (a *administrator) act(random *rand.Rand) {
	switch n := random.IntN(8); {
	case n < 3:
		a.publish(a.contact, a.delegation, false)
	case n < 4:
		a.contact++
		a.publish(a.contact, a.delegation, false)
	case n < 5:
		a.publish(a.contact, a.delegation, true)
	case n < 6:
		a.turnFace(false)
		a.turnFace(true)
	case n < 7:
		a.turnPurpose(false)
		a.turnPurpose(true)
	case a.delegation+1 < roomForDelegations:
		if random.IntN(2) == 0 { // the next one takes over in time, or too late
			a.publish(a.contact, a.delegation+1, false)
		}
		a.revoke(a.delegation)
		a.publish(a.contact, a.delegation, false) // nobody can build on it any more
		a.delegation++
		a.publish(a.contact, a.delegation, false)
	}
}

// Whatever several people, several instances and an administrator do at once, one order
// explains it, and it is the order of the log.
func TestEverythingAtOnceHasAnOrder(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	met := map[string]int{}
	t.Run("storms", func(t *testing.T) {
		for name, s := range map[string]storm{
			"one person, SQLite":           {people: 1, clients: 4, calls: 12, dsn: onSQLite, instances: 1},
			"three people, SQLite":         {people: 3, clients: 5, calls: 12, dsn: onSQLite, instances: 1, seed: 1},
			"one person, PostgreSQL":       {people: 1, clients: 4, calls: 30, dsn: postgres.Database, instances: 3, seed: 2},
			"one person again, PostgreSQL": {people: 1, clients: 6, calls: 30, dsn: postgres.Database, instances: 3, seed: 3},
			"two people, PostgreSQL":       {people: 2, clients: 6, calls: 30, dsn: postgres.Database, instances: 3, seed: 4},
			"three people, PostgreSQL":     {people: 3, clients: 6, calls: 30, dsn: postgres.Database, instances: 3, seed: 5},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, s.dsn(t), s.instances, roomForDelegations, nil)
				s.over(t, w)
				w.history.settle(t, w.chains())
				w.history.mustBeLawful(t, w.nod.Store.Engine() == "sqlite")
				mu.Lock()
				defer mu.Unlock()
				w.history.met(met)
			})
		}
	})
	// Storms that meet nothing prove nothing.
	for _, what := range []string{
		"open", "enter", "grant", "refuse", "withdraw", "receipt", "reserve", "conclude", "look", "publish", "revoke", "purpose", "face",
		"grant: notice-changed", "grant: already-decided", "withdraw: no-consent-to-withdraw", "reserve: check-in-progress",
		"reserve: consent-", "conclude: consent-", "publish: delegation-not-in-force",
	} {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(met)), func(k string) bool { return strings.HasPrefix(k, what) }) {
			t.Errorf("the storms never met %q", what)
		}
	}
	if t.Failed() || testing.Verbose() {
		for _, what := range slices.Sorted(maps.Keys(met)) {
			t.Logf("%5d  %s", met[what], what)
		}
	}
}
