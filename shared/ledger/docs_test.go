package ledger_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// documented is what docs/records.md says.
type documented struct {
	fields []string            // in the order of the table
	types  map[string][]string // the fields of each
	always map[string]bool     // "type field"
}

var row = regexp.MustCompile("^\\| `([a-z0-9_]+)` \\| (.+) \\|$")

func readDocument(t *testing.T) documented {
	t.Helper()
	raw, err := os.ReadFile("../../docs/records.md")
	if err != nil {
		t.Fatal(err)
	}
	d := documented{types: map[string][]string{}, always: map[string]bool{}}
	section, kind := "", ""
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(line)
		if name, ok := strings.CutPrefix(line, "## "); ok {
			section, kind = name, ""
		}
		if name, ok := strings.CutPrefix(line, "### "); ok {
			kind = strings.Trim(name, "`")
			d.types[kind] = nil
		}
		m := row.FindStringSubmatch(line)
		switch {
		case m == nil:
		case section == "Fields":
			d.fields = append(d.fields, m[1])
		case kind != "":
			d.types[kind] = append(d.types[kind], m[1])
			d.always[kind+" "+m[1]] = strings.HasPrefix(m[2], "always")
		}
	}
	return d
}

// common are the fields that the document's tables of types leave out.
var common = []string{"v", "id", "type", "enterprise", "mode", "at", "subject", "prev"}

func TestTheDocumentDescribesEveryTypeAndEveryFieldOfIt(t *testing.T) {
	d := readDocument(t)
	types := recordTypes(t)
	for _, kind := range types {
		if _, ok := d.types[kind]; !ok {
			t.Errorf("%s is not described", kind)
		}
	}
	for kind := range d.types {
		if !slices.Contains(types, kind) {
			t.Errorf("%s is described and does not exist", kind)
		}
	}
	seen := map[string]bool{}
	for _, e := range newHistory().entries {
		kind := string(e.Record.Type)
		have := topKeys(t, e.Line)
		if !slices.IsSortedFunc(have, func(a, b string) int { return slices.Index(d.fields, a) - slices.Index(d.fields, b) }) {
			t.Errorf("%s: %v is not in the order of the table of fields", kind, have)
		}
		for _, f := range have {
			seen[kind+" "+f], seen[f] = true, true
			if !slices.Contains(d.fields, f) {
				t.Errorf("%s: the field %s is not described", kind, f)
			}
			if !slices.Contains(common, f) && !slices.Contains(d.types[kind], f) {
				t.Errorf("%s has %s and its table does not", kind, f)
			}
		}
		for _, f := range d.types[kind] {
			if d.always[kind+" "+f] && !slices.Contains(have, f) {
				t.Errorf("%s always has %s, says the document: %s", kind, f, e.Line)
			}
		}
	}
	for kind, fields := range d.types {
		for _, f := range fields {
			if !seen[kind+" "+f] {
				t.Errorf("the table of %s has %s, no golden line does", kind, f)
			}
		}
	}
	for _, f := range d.fields {
		if !seen[f] {
			t.Errorf("the table of fields has %s, no golden line does", f)
		}
	}
	if !slices.Equal(d.fields[:len(common)], common) {
		t.Errorf("the table begins with %v", d.fields[:len(common)])
	}
}

func topKeys(t *testing.T, line []byte) (top []string) {
	t.Helper()
	if !json.Valid(line) {
		t.Fatalf("%s", line)
	}
	for _, k := range keys(t, string(line)) {
		if !strings.Contains(k, ".") {
			top = append(top, k)
		}
	}
	return top
}
