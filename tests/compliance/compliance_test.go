package compliance

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/compliance.md and docs/compliance.zh-CN.md anew")

func TestTheDutiesAreAllThere(t *testing.T) {
	for i, d := range duties(t) {
		if want := fmt.Sprintf("D%02d", i+1); d.ID != want {
			t.Errorf("%s stands where %s should", d.ID, want)
		}
		if !slices.Contains([]string{"done", "partly", "not yet"}, d.State) || len(d.Sources) == 0 {
			t.Errorf("%s is %q, from %v", d.ID, d.State, d.Sources)
		}
		for _, locale := range []string{"en", "zh-CN"} {
			if d.Text[locale] == "" || (d.Note[locale] == "") != (d.State == "done") {
				t.Errorf("%s, %s: %q, %q", d.ID, locale, d.Text[locale], d.Note[locale])
			}
		}
	}
	if n := len(duties(t)); n != 28 {
		t.Errorf("there are %d duties, want 28", n)
	}
}

// What is said to be done has tests, and what has tests is not said to be missing.
func TestADutyHasTests(t *testing.T) {
	all := proofs(t)
	for _, d := range duties(t) {
		if n := len(all[d.ID]); (n == 0) != (d.State == "not yet") {
			t.Errorf("%s is %q and has %d tests; see duties.json", d.ID, d.State, n)
		}
		delete(all, d.ID)
	}
	for id, list := range all {
		t.Errorf("no such duty as %s, which %v are about", id, list)
	}
}

func TestEveryPlaceIsThere(t *testing.T) {
	for _, d := range duties(t) {
		if len(d.Code) == 0 && d.State != "not yet" {
			t.Errorf("%s is carried out nowhere", d.ID)
		}
		for _, place := range d.Code {
			file, name, _ := strings.Cut(place, " ")
			path := filepath.Join(root, file)
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s: %v", d.ID, err)
				continue
			}
			if name == "" {
				continue
			}
			names, err := declared(path)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Contains(names, name) {
				t.Errorf("%s: %s declares no %s", d.ID, file, name)
			}
		}
	}
}

func TestTheDocumentsAreUpToDate(t *testing.T) {
	for _, w := range []words{english, chinese} {
		path := filepath.Join(root, "docs", w.file)
		want := w.document(duties(t), proofs(t))
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s is out of date: go test ./tests/compliance -update", w.file)
		}
	}
}
