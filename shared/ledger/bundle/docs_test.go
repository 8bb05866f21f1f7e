package bundle_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"nod/shared/ledger/bundle"
)

// The description is what strangers write their verifiers from.
func TestTheDescriptionIsWhatTheVerifierDoes(t *testing.T) {
	raw, err := os.ReadFile("../../../docs/verify.md")
	must(err)
	text := string(raw)
	for _, name := range bundle.Files {
		if !strings.Contains(text, "| `"+name+"` |") || !strings.Contains(text, "`"+strings.Join(bundle.Header(name), ",")+"`") {
			t.Errorf("the columns of %s are not described", name)
		}
	}
	source, err := os.ReadFile("fault.go")
	must(err)
	kinds := regexp.MustCompile(`Kind = "([a-z_]+)"`).FindAllStringSubmatch(string(source), -1)
	if len(kinds) == 0 {
		t.Fatal("no kinds of faults were found")
	}
	found := map[string]bool{}
	for _, f := range forgeries() {
		found[string(f.want)] = true
	}
	for _, kind := range kinds {
		if !strings.Contains(text, "\n| `"+kind[1]+"` | ") {
			t.Errorf("%s is not described", kind[1])
		}
		if !found[kind[1]] {
			t.Errorf("no forgery is found as %s", kind[1])
		}
	}
	w := newWorld()
	p := w.bundle(cut{})
	for _, f := range p.entries() {
		if name, _, _ := strings.Cut(f.name, "/0"); !strings.Contains(text, "`"+name) {
			t.Errorf("the entry %s is not described", f.name)
		}
	}
	for claim := range p.claims {
		if !strings.Contains(text, "`"+claim+"`") {
			t.Errorf("the manifest's %s is not described", claim)
		}
	}
}
