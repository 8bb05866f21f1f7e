package compliance

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// inDocument is what docs/threat-model.md names as a proof: a test or fuzz target, or a file.
var inDocument = regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9_]+|[A-Za-z0-9_./-]+\\.[a-z0-9]+)`")

// The threat model leaves no kind of harm out of a flow, says of each threat what shows its
// defence or that there is none, and names nothing that is not there.
func TestTheThreatModelIsTrue(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(root, "docs", "threat-model.md"))
	if err != nil {
		t.Fatal(err)
	}
	known, flows := map[string]bool{}, 0
	for _, p := range tests(t) {
		known[p.name] = true
	}
	for section := range strings.SplitSeq(string(raw), "\n## ") {
		kinds, rows := map[string]bool{}, 0
		flow, _, _ := strings.Cut(section, "\n")
		for line := range strings.SplitSeq(section, "\n") {
			cells := strings.Split(strings.Trim(line, "|"), " | ")
			kind := strings.TrimSpace(cells[0])
			if len(kind) != 1 || !strings.Contains("STRIDE", kind) {
				continue
			}
			rows++
			if kinds[kind] = true; len(cells) != 4 {
				t.Errorf("%s: a row of %d cells: %s", flow, len(cells), line)
				continue
			}
			if shown := inDocument.FindAllString(cells[3], -1); len(shown) == 0 || strings.Contains(cells[2], "`Test") {
				t.Errorf("%s: nothing shows %s", flow, cells[1])
			}
		}
		if rows == 0 {
			continue
		}
		flows++
		for kind := range strings.SplitSeq("STRIDE", "") {
			if !kinds[kind] {
				t.Errorf("%s: nothing is said about %s", flow, kind)
			}
		}
	}
	if flows < 12 {
		t.Errorf("there are %d flows, want 12 at least", flows)
	}
	for _, named := range inDocument.FindAllStringSubmatch(string(raw), -1) {
		name := named[1]
		switch {
		case strings.HasPrefix(name, "Test") || strings.HasPrefix(name, "Fuzz"):
			if !known[name] {
				t.Errorf("there is no %s", name)
			}
		case name == "nod.js": // an address
		case strings.HasPrefix(name, "check.") || strings.HasPrefix(name, "notice.") || strings.HasPrefix(name, "retention."): // Records
		default:
			if _, err := os.Stat(filepath.Join(root, name)); err != nil {
				t.Errorf("there is no %s", name)
			}
		}
	}
}
