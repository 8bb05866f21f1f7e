package told

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"nod/shared/ledger"
)

// Kind is how a promise was broken.
type Kind string

const (
	Lost        Kind = "lost"        // acknowledged, and not in the log
	Doubled     Kind = "doubled"     // more often in the log than it was asked for
	Different   Kind = "different"   // in the log as something else
	Unpermitted Kind = "unpermitted" // a call of the face API without its check.started
	Open        Kind = "open"        // a check that neither ended nor became unknown
	Broken      Kind = "broken"      // the log itself
)

// Breach is one broken promise.
type Breach struct {
	Kind Kind
	Text string
}

// Breaches are all that were found.
type Breaches []Breach

// Count is how many there are of a kind.
func (list Breaches) Count(k Kind) (n int) {
	for _, b := range list {
		if b.Kind == k {
			n++
		}
	}
	return n
}

// entry is a Record as it is read back from its line.
type entry struct {
	ID, Type, Session, Subject, Prev, Consent, Attempt, Reason string
	At                                                         time.Time

	line, leaf string
}

// outcomes are the types of Records that end a check, by what the person is told.
var outcomes = map[string]string{"pass": "check.passed", "fail": "check.failed"}

// decisions are those of what a person said.
var decisions = map[string]string{Granted: "consent.granted", Refused: "consent.refused", Withdrawn: "consent.withdrawn"}

// unsure is what is told of a check of which nothing is known: the log may know more.
const unsure = "outcome-unknown"

// inQueue is what somebody is told whom the vendor turned back, and then what whoever has to
// wait behind them is told.
const inQueue = "face-api-busy"

// Hold holds what was told, and which calls the face API got, against the lines of a log
// in which everything that ran out has been settled.
func Hold(b *Book, calls []Call, lines []string) (list Breaches) {
	h := holding{book: b, byID: map[string][]entry{}, started: map[string][]entry{}, ended: map[string][]entry{}}
	for _, line := range lines {
		h.read(line)
	}
	for _, w := range b.Words() {
		h.word(w)
	}
	h.wishes()
	h.checks(calls)
	h.chains()
	return h.breaches
}

type holding struct {
	book           *Book
	all            []entry
	byID           map[string][]entry
	started, ended map[string][]entry // by session and attempt
	breaches       Breaches
}

func (h *holding) find(k Kind, format string, args ...any) {
	h.breaches = append(h.breaches, Breach{k, fmt.Sprintf(format, args...)})
}

func (h *holding) read(line string) {
	e := entry{line: line, leaf: ledger.LeafHash([]byte(line))}
	if err := json.Unmarshal([]byte(line), &e); err != nil {
		h.find(Broken, "no Record: %v: %.200s", err, line)
		return
	}
	h.all = append(h.all, e)
	h.byID[e.ID] = append(h.byID[e.ID], e)
	check := e.Session + " " + e.Attempt
	switch e.Type {
	case "check.started":
		h.started[check] = append(h.started[check], e)
	case "check.passed", "check.failed", "check.not_performed", "check.unknown":
		h.ended[check] = append(h.ended[check], e)
	}
}

// word holds one thing that was acknowledged against its Record.
func (h *holding) word(w Word) {
	if w.What == Checked {
		h.outcome(w)
		return
	}
	found := h.byID[w.Record]
	if len(found) == 0 {
		h.find(Lost, "%s of session %s, acknowledged at %s, has no Record %s", w.What, w.Session, w.At.Format(time.TimeOnly), w.Record)
		return
	}
	e := found[0]
	if e.Type != decisions[w.What] || e.Session != w.Session && w.What != Withdrawn || // a withdrawal ends a consent, whichever session it was given in
		w.Leaf != "" && w.Leaf != e.leaf || w.Line != "" && w.Line != e.line {
		h.find(Different, "%s of session %s was acknowledged as %s %s, the log has %s", w.What, w.Session, w.Leaf, w.Line, e.line)
	}
}

// outcome holds the answer of a check against the Record that ends it.
func (h *holding) outcome(w Word) {
	check := w.Session + " " + w.Attempt
	if w.Result == inQueue && len(h.started[check]) == 0 {
		return // it was not their turn: nothing began
	}
	if len(h.started[check]) == 0 {
		h.find(Lost, "the check %s was answered %s, and the log knows nothing of it", check, w.Result)
		return
	}
	if len(h.ended[check]) == 0 {
		h.find(Lost, "the check %s was answered %s, and the log has no outcome", check, w.Result)
		return
	}
	e := h.ended[check][0]
	want, verdict := outcomes[w.Result]
	switch {
	case verdict && e.Type != want,
		!verdict && w.Result != unsure && (e.Type != "check.not_performed" || e.Reason != w.Result):
		h.find(Different, "the check %s was answered %s, the log has %s", check, w.Result, e.line)
	}
}

// wishes finds what is in the log more often than somebody asked for it.
func (h *holding) wishes() {
	h.book.mu.Lock()
	defer h.book.mu.Unlock()
	counted := map[string]int{}
	for _, e := range h.all {
		for what, kind := range decisions {
			if e.Type == kind {
				counted[e.Session+" "+what]++
			}
		}
	}
	for wish, n := range counted {
		if n > h.book.asked[wish] {
			h.find(Doubled, "%s was asked for %d times, the log has it %d times", wish, h.book.asked[wish], n)
		}
	}
	for id, same := range h.byID {
		if len(same) > 1 {
			h.find(Doubled, "the Record %s is there %d times", id, len(same))
		}
	}
}

// checks finds calls without a Permit, and checks without an end or with several.
func (h *holding) checks(calls []Call) {
	called := map[string][]Call{}
	for _, c := range calls {
		called[c.Check] = append(called[c.Check], c)
		begun := h.started[c.Check]
		if len(begun) == 0 {
			h.find(Unpermitted, "the face API was called for %q at %s, and the log has no check.started", c.Check, c.At.Format(time.TimeOnly))
		} else if begun[0].At.After(c.At) {
			h.find(Unpermitted, "the face API was called for %s at %s, before %s", c.Check, c.At.Format(time.RFC3339Nano), begun[0].line)
		}
	}
	for check, list := range called {
		if len(list) > 1 {
			h.find(Doubled, "the face API was called %d times for %s", len(list), check)
		}
	}
	for check, list := range h.started {
		if len(list) > 1 {
			h.find(Doubled, "%s started %d times", check, len(list))
		}
		if len(h.ended[check]) == 0 {
			h.find(Open, "%s has no outcome and is not unknown: %s", check, list[0].line)
		}
	}
	for check, list := range h.ended {
		e := list[0]
		if len(list) > 1 {
			h.find(Doubled, "%s ended %d times", check, len(list))
		}
		if len(h.started[check]) == 0 {
			h.find(Broken, "%s ended and did not start", check)
		}
		for said, kind := range outcomes {
			if e.Type == kind && !slices.ContainsFunc(called[check], func(c Call) bool { return c.Said == said }) {
				h.find(Different, "the face API did not say %s: %s", said, e.line)
			}
		}
	}
}

// chains walks each person's Records by their prev: there is one way, and it ends nowhere
// before their number.
func (h *holding) chains() {
	people := map[string]map[string]string{} // subject, prev -> leaf
	length := map[string]int{}
	for _, e := range h.all {
		if e.Subject == "" {
			continue
		}
		if people[e.Subject] == nil {
			people[e.Subject] = map[string]string{}
		}
		if _, fork := people[e.Subject][e.Prev]; fork {
			h.find(Broken, "two Records follow %q: %s", e.Prev, e.line)
		}
		people[e.Subject][e.Prev] = e.leaf
		length[e.Subject]++
	}
	for subject, next := range people {
		head, steps := "", 0
		for leaf, ok := next[head]; ok && steps <= len(next); leaf, ok = next[head] {
			head = leaf
			steps++
		}
		if steps != length[subject] {
			h.find(Broken, "%d of the %d Records of %s are reached", steps, length[subject], subject)
		}
	}
}

// Summary tells what there was, and what was found.
func Summary(b *Book, calls []Call, lines []string, found Breaches) string {
	counts := map[string]int{}
	for _, w := range b.Words() {
		counts[w.What]++
	}
	unknown, decided := 0, counts[Granted]+counts[Refused]+counts[Withdrawn]
	for _, line := range lines {
		if strings.Contains(line, `"type":"check.unknown"`) {
			unknown++
		}
	}
	return fmt.Sprintf("told: %d decisions, %d outcomes; face API: %d calls; log: %d Records, %d of them check.unknown; lost %d, doubled %d, different %d, unpermitted %d, open %d, broken %d",
		decided, counts[Checked], len(calls), len(lines), unknown,
		found.Count(Lost), found.Count(Doubled), found.Count(Different), found.Count(Unpermitted), found.Count(Open), found.Count(Broken))
}

// idOf is the id of a Record, from its line.
func idOf(line string) string {
	var e entry
	_ = json.Unmarshal([]byte(line), &e) // no line, no id
	return e.ID
}
