package linear

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// history is what the clients saw. Its clock counts: one is taken before a call is sent
// and one when its answer is there, so whatever really came first has the lower number.
type history struct {
	clock atomic.Int64
	mu    sync.Mutex
	calls []*call
}

// call is one operation of the history, with the Record that proves it, if it left one.
type call struct {
	client     int
	sent, came int64
	in         asked
	out        told
	record     string // id of the Record; of a look, of the consent that is shown
	receipt    string // id of the consent that a receipt was given for
	step       string // or, of a check, its session, attempt and part
}

func (h *history) begin(client int, in asked) *call {
	return &call{client: client, in: in, sent: h.clock.Add(1)}
}

func (h *history) end(c *call) {
	c.came = h.clock.Add(1)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls = append(h.calls, c)
}

// line is what is needed of a Record.
type line struct {
	ID, Type, Session, Attempt, Consent string
}

// part is how a check's Record is told from the other ones of its session.
func (l line) part() string {
	kind := "outcome"
	if l.Type == "check.started" {
		kind = "started"
	}
	return strings.Join([]string{l.Session, l.Attempt, kind}, " ")
}

// place is where a Record stands in its person's chain.
type place struct {
	own, lapses int
	reliesOn    string // the consent that it names
	claimed     bool
}

// settle gives each call the place of its Record, and finds Records that nobody's call
// left and calls that left none.
func (h *history) settle(t *testing.T, chains [][]string) {
	t.Helper()
	byID, byStep := map[string]*place{}, map[string]*place{}
	for _, chain := range chains {
		at := place{}
		for _, text := range chain {
			var l line
			if err := json.Unmarshal([]byte(text), &l); err != nil {
				t.Fatal(err)
			}
			switch {
			case l.Type == "notice.shown":
				continue
			case l.Type == "consent.lapsed":
				at.lapses++
				continue
			}
			at.own++
			stands := &place{own: at.own, lapses: at.lapses, reliesOn: l.Consent}
			byID[l.ID] = stands
			if strings.HasPrefix(l.Type, "check.") {
				byStep[l.part()] = stands
			}
		}
	}
	for _, c := range h.calls {
		stands := byID[c.record]
		if c.step != "" {
			stands = byStep[c.step]
		}
		if given := byID[c.receipt]; given != nil {
			c.in.place = given.own
		}
		switch {
		case stands == nil && (c.out.wrote || c.record != ""):
			t.Errorf("no Record proves that client %d %s", c.client, describe(c.in, c.out))
		case stands == nil:
		case c.in.what == "look":
			c.out.consent.place = stands.own
		default:
			c.out.place, c.out.lapses, stands.claimed = stands.own, stands.lapses, true
			if on := byID[stands.reliesOn]; on != nil {
				c.out.reliesOn = on.own
			}
		}
	}
	for id, stands := range byID {
		if !stands.claimed {
			t.Errorf("nobody did what the Record %s says", id)
		}
	}
}

// lawful reports whether some order of the calls explains everything that was seen. At
// one instant says that each call takes place as a whole: see apart.
func (h *history) lawful(atOneInstant bool) (porcupine.Model, porcupine.CheckResult, porcupine.LinearizationInfo) {
	m, calls := model(), h.calls
	if !atOneInstant {
		m, calls = apart(), h.withWhatWasLaidDown()
	}
	var list []porcupine.Operation
	for _, c := range calls {
		list = append(list, porcupine.Operation{ClientId: c.client, Input: c.in, Output: c.out, Call: c.sent, Return: c.came})
	}
	result, info := porcupine.CheckOperationsVerbose(m, list, patience)
	return m, result, info
}

// withWhatWasLaidDown are the calls about people, with all that the administrator, who
// makes one call after the other, may have laid down while each was under way.
func (h *history) withWhatWasLaidDown() (calls []*call) {
	var instructions []*call
	for _, c := range h.calls {
		switch c.in.what {
		case "publish", "revoke", "purpose", "face":
			instructions = append(instructions, c)
		default:
			copied := *c
			calls = append(calls, &copied)
		}
	}
	slices.SortFunc(instructions, func(a, b *call) int { return int(a.sent - b.sent) })
	b := newBook()
	laid := []charter{b.laid}
	for _, c := range instructions {
		if !b.step(c.in, c.out) {
			return append(calls, c) // which has no place in anybody's history
		}
		laid = append(laid, b.laid)
	}
	for _, c := range calls {
		first, last := 0, 0
		for i, instruction := range instructions {
			if instruction.came < c.sent {
				first = i + 1
			}
			if instruction.sent < c.came {
				last = i + 1
			}
		}
		c.in.laid = laid[first : last+1]
	}
	return calls
}

// patience is for a history that porcupine cannot judge, which is a fault of the test.
const patience = 10 * time.Second

// mustBeLawful fails the test with a picture of what cannot be explained.
func (h *history) mustBeLawful(t *testing.T, atOneInstant bool) {
	t.Helper()
	m, result, info := h.lawful(atOneInstant)
	if result == porcupine.Ok {
		return
	}
	picture := filepath.Join(os.TempDir(), fmt.Sprintf("nod-linear-%s-%d.html", strings.NewReplacer("/", "-", " ", "-").Replace(t.Name()), os.Getpid()))
	if err := porcupine.VisualizePath(m, info, picture); err != nil {
		t.Error(err)
	}
	t.Errorf("no order of the %d calls explains what was seen (%s); see %s", len(h.calls), result, picture)
}
