package told

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"nod/shared/ledger"
)

// story is a small log with the book of those who lived it.
type story struct {
	book  *Book
	calls []Call
	lines []string
}

var began = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// write appends a Record of the one person.
func (s *story) write(kind, id string, more map[string]any) (line, leaf string) {
	r := map[string]any{"id": id, "type": kind, "session": "s1", "subject": "p", "at": began.Add(time.Duration(len(s.lines)) * time.Second)}
	for k, v := range more {
		r[k] = v
	}
	if n := len(s.lines); n > 0 {
		r["prev"] = ledger.LeafHash([]byte(s.lines[n-1]))
	}
	b, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	s.lines = append(s.lines, string(b))
	return string(b), ledger.LeafHash(b)
}

// relink writes the chain anew, so that what is changed before it is no breach of its own.
func (s *story) relink() {
	lines := s.lines
	s.lines = nil
	for _, line := range lines {
		var r map[string]any
		_ = json.Unmarshal([]byte(line), &r)
		delete(r, "prev")
		s.write(r["type"].(string), r["id"].(string), r)
	}
}

// told is a person who agrees, fails, is not recognised, is lost sight of, passes and
// withdraws.
func toldStory() *story {
	s := &story{book: NewBook()}
	s.book.ask("s1", Granted)
	_, leaf := s.write("consent.granted", "r1", nil)
	s.book.tell(Word{What: Granted, Session: "s1", Record: "r1", Leaf: leaf})
	check := func(attempt, said, ends, reason string) {
		s.write("check.started", "start-"+attempt, map[string]any{"attempt": attempt})
		s.calls = append(s.calls, Call{Check: "s1 " + attempt, Said: said, At: began.Add(time.Minute)})
		s.write(ends, "end-"+attempt, map[string]any{"attempt": attempt, "reason": reason})
		if ends != "check.unknown" {
			result := said
			if reason != "" {
				result = reason
			}
			s.book.tell(Word{What: Checked, Session: "s1", Attempt: attempt, Result: result})
		}
	}
	check("a1", "fail", "check.failed", "")
	check("a2", "no-face", "check.not_performed", "no-face")
	check("a3", "pass", "check.unknown", "")
	check("a4", "pass", "check.passed", "")
	s.book.ask("s1", Withdrawn)
	line, _ := s.write("consent.withdrawn", "r2", nil)
	s.book.tell(Word{What: Withdrawn, Session: "s1", Record: "r2", Line: line})
	return s
}

func (s *story) holds() Breaches { return Hold(s.book, s.calls, s.lines) }

func TestWhatWasToldIsFound(t *testing.T) {
	if found := toldStory().holds(); len(found) != 0 {
		t.Errorf("a log without a fault has %v", found)
	}
}

// Each thing that can be wrong is found, and called by its name.
func TestBreachesAreFound(t *testing.T) {
	// A Record that is not there: whichever it is, somebody was told of it, or it belongs
	// to a call.
	for i := range toldStory().lines {
		s := toldStory()
		gone := s.lines[i]
		s.lines = slices.Delete(s.lines, i, i+1)
		s.relink()
		if found := s.holds(); !slices.ContainsFunc(found, func(b Breach) bool { return b.Kind == Lost || b.Kind == Open || b.Kind == Unpermitted }) {
			t.Errorf("without %s it finds %v", gone, found)
		}
		s = toldStory()
		s.lines = append(s.lines, s.lines[i])
		if found := s.holds(); found.Count(Doubled) == 0 {
			t.Errorf("with a second %s it finds %v", gone, found)
		}
	}
	replace := func(old, new string) func(*story) {
		return func(s *story) {
			for i := range s.lines {
				s.lines[i] = strings.Replace(s.lines[i], old, new, 1)
			}
		}
	}
	for name, tt := range map[string]struct {
		change func(*story)
		want   Kind
	}{
		"a pass that became a fail":     {replace("check.passed", "check.failed"), Different},
		"a fail that became a pass":     {replace("check.failed", "check.passed"), Different},
		"another reason":                {replace(`"reason":"no-face"`, `"reason":"face-unclear"`), Different},
		"an unknown that became a pass": {replace("check.unknown", "check.failed"), Different},
		"another line":                  {replace(`"id":"r2"`, `"id":"r2","x":1`), Different},
		"a decision that nobody made": {func(s *story) {
			s.write("consent.granted", "r3", nil)
		}, Doubled},
		"two calls of one Permit":        {func(s *story) { s.calls = append(s.calls, s.calls[0]) }, Doubled},
		"a call for nobody's picture":    {func(s *story) { s.calls = append(s.calls, Call{Check: ""}) }, Unpermitted},
		"a call before its Permit":       {func(s *story) { s.calls[0].At = began.Add(-time.Second) }, Unpermitted},
		"a call that the gate refused":   {func(s *story) { s.calls = append(s.calls, Call{Check: "s1 a9"}) }, Unpermitted},
		"an outcome that did not start":  {func(s *story) { s.write("check.failed", "e9", map[string]any{"attempt": "a9"}) }, Broken},
		"an outcome without any call":    {func(s *story) { s.calls = s.calls[:3] }, Different},
		"a start that is never heard of": {func(s *story) { s.write("check.started", "x9", map[string]any{"attempt": "a9"}) }, Open},
		"a fork": {func(s *story) {
			last := s.lines[len(s.lines)-1]
			s.write("notice.shown", "n1", nil)
			s.lines[len(s.lines)-1] = strings.Replace(s.lines[len(s.lines)-1], ledger.LeafHash([]byte(last)), ledger.LeafHash([]byte(s.lines[0])), 1)
		}, Broken},
	} {
		s := toldStory()
		tt.change(s)
		if found := s.holds(); found.Count(tt.want) == 0 {
			t.Errorf("%s: it finds %v, want %s", name, fmt.Sprint(found), tt.want)
		}
	}
}
