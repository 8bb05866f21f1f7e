package chaos

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nod/shared/boot"
	"nod/shared/boot/outside"
	"nod/shared/config"
	"nod/shared/domain"
	"nod/shared/ledger"
	"nod/shared/runtime/gateway"
	"nod/shared/vault"
	"nod/tests/postgres"
	"nod/tests/told"
)

// astray is how far a clock goes at most, ahead and back.
const astray = 20 * time.Hour

// Each instance meets a database whose clock jumps by itself, by seconds, minutes or hours,
// ahead and back, while people decide and are checked at all of them: as if each call met
// another node after a failover. Nobody's Records are out of order for that, nothing is lost
// or doubled, and each check stands on a consent that was in force. The timer runs by those
// clocks, too: checks that are under way it takes for dead ones. NOD_JUMPS says how often
// one jumps.
func TestClocksJump(t *testing.T) {
	t.Parallel()
	dice, dsn := seed(t), postgres.Database(t)
	told.Migrate(t, dsn)
	faces := told.NewFaces(t, dice)
	house := newTurned(t, dsn, faces.URL)
	instances := make([]*turned, 4)
	for i := range instances {
		instances[i] = house.instance(t)
		instances[i].turn(-astray) // what is laid down now is in force whatever a clock says
	}
	var turn atomic.Uint64
	s := &stage{dsn: dsn, crowd: &told.Crowd{Book: told.NewBook(), Faces: faces, Patience: 15 * time.Second, Seed: dice,
		Base: func(string) string { return instances[turn.Add(1)%uint64(len(instances))].server.URL }}}
	if err := s.crowd.Enter(t.Context(), house.operatorKey); err != nil {
		t.Fatal(err, house.log.String())
	}
	for _, i := range instances {
		i.turn(0)
	}
	s.comes(t, 8)
	random := rand.New(rand.NewPCG(dice, 5))
	within := func(d time.Duration) time.Duration { return time.Duration(random.Int64N(int64(2*d))) - d }
	for n := range rounds(t, "NOD_JUMPS", 12) {
		at := instances[random.IntN(len(instances))]
		switch n % 4 {
		case 0:
			at.turn(within(astray))
		case 1:
			at.turn(within(30 * time.Second))
		default:
			at.turn(within(20 * time.Minute))
		}
		if err := at.nod.Maintain().Run(t.Context(), gateway.Tick{Name: "every-minute"}); err != nil { // by that clock, too
			t.Error(err)
		}
		s.hears(t, house, told.Checked)
		s.hears(t, house, told.Granted)
	}
	s.stop()
	s.holdsAstray(t)
	if t.Failed() {
		t.Logf("%.20000s", house.log.String())
	}
}

// hears waits until somebody is told something.
func (s *stage) hears(t *testing.T, h *turnedHouse, what string) {
	t.Helper()
	for began := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		if _, ok := s.crowd.Book.After(began, what); ok {
			return
		}
		if time.Since(began) > time.Minute {
			t.Fatalf("nobody was told %s; answers that were none: %v\n%.20000s", what, s.crowd.Book.Tries(), h.log.String())
		}
	}
}

// holdsAstray is holds where the Records' times are those of clocks that went astray.
func (s *stage) holdsAstray(t *testing.T) {
	t.Helper()
	lines, err := told.LogAt(t.Context(), s.dsn, s.crowd.Tenant.Enterprise, 2*astray)
	if err != nil {
		t.Fatal(err)
	}
	calls := s.crowd.Faces.Calls()
	for i := range calls {
		calls[i].At = calls[i].At.Add(2 * astray) // of a clock that nobody turned: what came first is told by the chains
	}
	found := told.Hold(s.crowd.Book, calls, lines)
	for _, b := range found {
		t.Errorf("%s: %s", b.Kind, b.Text)
	}
	inOrder(t, lines)
	s.knowsWhy(t)
	t.Log(told.Summary(s.crowd.Book, calls, lines, found))
	t.Logf("answers that were none: %v", s.crowd.Book.Tries())
}

// inOrder walks each person's chain: times never go back, and a check begins on a grant that
// nothing has ended.
func inOrder(t *testing.T, lines []string) {
	t.Helper()
	type entry struct {
		ID, Type, Subject, Prev, Consent string
		At                               time.Time
		leaf                             string
	}
	people := map[string]map[string]entry{} // subject, prev
	for _, line := range lines {
		e := entry{leaf: ledger.LeafHash([]byte(line))}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		if e.Subject == "" {
			continue
		}
		if people[e.Subject] == nil {
			people[e.Subject] = map[string]entry{}
		}
		people[e.Subject][e.Prev] = e
	}
	checks := 0
	for subject, next := range people {
		granted, last := map[string]bool{}, time.Time{}
		for e, ok := next[""]; ok; e, ok = next[e.leaf] {
			if e.At.Before(last) {
				t.Errorf("%s of %s is at %s, after one of %s", e.Type, subject, e.At, last)
			}
			last = e.At
			switch e.Type {
			case "consent.granted":
				granted[e.ID] = true
			case "consent.refused":
				clear(granted)
			case "consent.withdrawn", "consent.lapsed":
				delete(granted, e.Consent)
			case "check.started":
				if checks++; !granted[e.Consent] {
					t.Errorf("a check of %s began on the consent %s, which was not in force", subject, e.Consent)
				}
			}
		}
	}
	if checks < 20 {
		t.Errorf("only %d checks began", checks)
	}
}

// turnedHouse is what instances share: a database, keys, and whom they call.
type turnedHouse struct {
	operatorKey string
	config      config.Config
	log         *journal
}

func newTurned(t *testing.T, dsn, faces string) *turnedHouse {
	t.Helper()
	dataKey, err := vault.NewDataKey()
	if err != nil {
		t.Fatal(err)
	}
	h := &turnedHouse{operatorKey: domain.Bearer{Kind: string(domain.Operator), Secret: vault.NewSecret()}.String(), log: &journal{}}
	secret := func() config.Secret { return config.Secret(vault.RandomKey()) }
	h.config = config.Config{
		PublicURL: "http://127.0.0.1", DB: config.Secret(dsn), Connections: 4, Region: "ap-guangzhou",
		FaceEndpoint: faces, FaceID: "id", FaceKey: "key", FaceTimeout: config.Duration(2 * time.Second), FaceRate: 50,
		OperatorKey: config.Secret(h.operatorKey), DataKey: config.Secret(dataKey), IndexKey: secret(),
		AssertionKey: secret(), PromiseKey: secret(), Checkpoints: secret(), Objects: "file:" + t.TempDir(),
	}
	return h
}

// turned is an instance whose database's clock is turned.
type turned struct {
	nod    *boot.Nod
	server *httptest.Server
	offset atomic.Int64
}

func (i *turned) turn(to time.Duration) { i.offset.Store(int64(to)) }

// instance serves everything.
func (h *turnedHouse) instance(t *testing.T) *turned {
	t.Helper()
	i := &turned{}
	i.nod = h.open(t, boot.Options{ClockOffset: func() time.Duration { return time.Duration(i.offset.Load()) }})
	i.server = httptest.NewServer(i.nod.All())
	t.Cleanup(func() {
		i.server.Close()
		if err := i.nod.Store.Close(); err != nil {
			t.Error(err)
		}
	})
	return i
}

func (h *turnedHouse) open(t *testing.T, o boot.Options) *boot.Nod {
	t.Helper()
	nod, err := boot.NewWith(o, h.config, h.log, boot.Face, boot.Signing, boot.Operator, outside.Sequencing, boot.Promising)
	if err != nil {
		t.Fatal(fmt.Errorf("instance: %w", err))
	}
	return nod
}

// journal is the instances' log.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}
