package page

import (
	"maps"
	"regexp"
	"slices"
	"testing"
)

var (
	asked   = regexp.MustCompile(`(?:src|href)="` + regexp.QuoteMeta(Base) + `([\w.-]+)"`)
	imports = regexp.MustCompile(`from ?["']\./([\w.-]+)["']`)
	loads   = regexp.MustCompile(`load\(["'` + "`" + `]([\w.-]+)["'` + "`" + `]\)`)
)

// eager is what every page loads: what its HTML asks for, and what that imports.
func eager() map[string]bool {
	found := map[string]bool{}
	var follow func(list [][][]byte)
	follow = func(list [][][]byte) {
		for _, match := range list {
			if name := string(match[1]); !found[name] {
				found[name] = true
				follow(imports.FindAllSubmatch(Files[name].Body, -1))
			}
		}
	}
	follow(asked.FindAllSubmatch(Of(anEnterprise()), -1))
	return found
}

// lazy is what is loaded when somebody meets it, with the files that load it.
func lazy() map[string][]string {
	found := map[string][]string{}
	for name, f := range Files {
		for _, match := range loads.FindAllSubmatch(f.Body, -1) {
			found[string(match[1])] = append(found[string(match[1])], name)
		}
	}
	return found
}

// apart are parts of which one session meets one list: it has one route, and its page
// speaks to one person, in one language at a time. Whatever is not named here may be met
// with everything else.
var apart = [][][]string{
	{{"en.js"}, {"zh-CN.js"}},
}

// The page is small: what a phone loads in the worst case, before anything is compressed.
func TestThePageIsSmall(t *testing.T) {
	const most, mostEmbedded = 60_000, 5_000
	e := anEnterprise()
	e.Profile.Logo = "" // that is the enterprise's
	size := func(names []string) (n int) {
		for _, name := range names {
			n += len(Files[name].Body)
		}
		return n
	}
	met := lazy()
	total := len(Of(e)) + size(slices.Collect(maps.Keys(eager())))
	t.Logf("%6d that every page loads", total)
	for _, lists := range apart {
		largest := 0
		for _, list := range lists {
			largest = max(largest, size(list))
			for _, name := range list {
				if met[name] == nil {
					t.Errorf("%s is loaded by nothing", name)
				}
				delete(met, name)
			}
		}
		t.Logf("%6d at most of %v", largest, lists)
		total += largest
	}
	rest := slices.Sorted(maps.Keys(met))
	total += size(rest)
	t.Logf("%6d of %v", size(rest), rest)
	t.Logf("%6d in the worst case, %d for what is embedded", total, len(EmbedScript.Body))
	if total >= most || len(EmbedScript.Body) >= mostEmbedded {
		t.Errorf("the page has %d bytes, the script that is embedded %d", total, len(EmbedScript.Body))
	}
}

// What is loaded lazily imports by name only what every page has: a browser that remembers
// a file which did not come would else never get the part that needs it. And no file is
// there that nothing loads.
func TestPartsImportWhatEveryPageHas(t *testing.T) {
	always, met := eager(), lazy()
	for name, f := range Files {
		if always[name] == (met[name] != nil) {
			t.Errorf("%s is loaded by every page: %v; when it is met: by %v", name, always[name], met[name])
		}
		for _, match := range imports.FindAllSubmatch(f.Body, -1) {
			if !always[string(match[1])] {
				t.Errorf("%s imports %s, which not every page has", name, match[1])
			}
		}
	}
	if len(always) < 8 || len(met) < 3 {
		t.Errorf("every page loads %v, some load %v", always, met)
	}
}
