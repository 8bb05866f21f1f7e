package page

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	asked   = regexp.MustCompile(`(?:src|href)="` + regexp.QuoteMeta(Base()) + `([\w.-]+)"`)
	imports = regexp.MustCompile(`from ?["']\./([\w.-]+)["']`)
)

// eager is what every page loads: what its HTML asks for, and what that imports.
func eager() map[string]bool {
	found := map[string]bool{}
	var follow func(list [][][]byte)
	follow = func(list [][][]byte) {
		for _, match := range list {
			if name := string(match[1]); !found[name] {
				found[name] = true
				follow(imports.FindAllSubmatch(Files()[name].Body, -1))
			}
		}
	}
	follow(asked.FindAllSubmatch(Of(anEnterprise()), -1))
	return found
}

// lazy is every other file: it is loaded when somebody meets it.
func lazy() (names []string) {
	always := eager()
	for name := range Files() {
		if !always[name] {
			names = append(names, name)
		}
	}
	return names
}

// sessions are the pages that a person can meet, each with the most that can be met in it:
// words that the files' names are made of.
var sessions = map[string][]string{
	"a minor's face and name":      {"send", "check", "camera", "field", "realname", "authority", "young", "minor"},
	"a child's face and name":      {"send", "check", "camera", "field", "realname", "authority", "young", "child"},
	"a child's name":               {"send", "field", "realname", "two_factor", "young", "child"},
	"a child on the vendor's page": {"send", "hosted", "young", "child"},
	"a guardian's page":            {"guardian", "field"},
	"a receipt's link":             {"withdraw", "withdrawal"},
	"a child's own page":           {"me", "ask", "field", "child"},
	"a minor's own page":           {"me", "ask", "field", "minor"},
	"a guardian's of their own":    {"me", "ask", "field", "guardian"},
}

// The page is small: what a phone loads in the worst case, in one language, before
// anything is compressed.
func TestThePageIsSmall(t *testing.T) {
	const most, mostEmbedded = 60_000, 5_000
	e := anEnterprise()
	e.Profile.Logo = "" // that is the enterprise's
	always := len(Of(e))
	for name := range eager() {
		always += len(Files()[name].Body)
	}
	t.Logf("%6d that every page loads, %d for what is embedded", always, len(EmbedScript().Body))
	met := map[string]bool{}
	for what, words := range sessions {
		for _, lang := range []string{"en", "zh-CN"} {
			total := always
			for _, name := range lazy() {
				parts := strings.Split(strings.TrimSuffix(name, ".js"), ".")
				if slices.ContainsFunc(parts, func(p string) bool { return p != lang && !slices.Contains(words, p) }) {
					continue
				}
				met[name] = true
				total += len(Files()[name].Body)
			}
			t.Logf("%6d for %s in %s", total, what, lang)
			if total >= most {
				t.Errorf("the page has %d bytes for %s in %s", total, what, lang)
			}
		}
	}
	for _, name := range lazy() {
		if !met[name] {
			t.Errorf("%s is met by nobody", name)
		}
	}
	if len(EmbedScript().Body) >= mostEmbedded {
		t.Errorf("the script that is embedded has %d bytes", len(EmbedScript().Body))
	}
}

// What is loaded lazily imports by name only what every page has: a browser that remembers
// a file which did not come would else never get the part that needs it.
func TestPartsImportWhatEveryPageHas(t *testing.T) {
	always := eager()
	for name, f := range Files() {
		for _, match := range imports.FindAllSubmatch(f.Body, -1) {
			if !always[string(match[1])] {
				t.Errorf("%s imports %s, which not every page has", name, match[1])
			}
		}
	}
	if len(always) < 8 || len(lazy()) < 8 {
		t.Errorf("every page loads %v, some load %v", always, lazy())
	}
}
