package console

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"nod/tests/npm"
)

// uPlot is the package that draws the charts; see thirdparty/README.md.
var uPlot = npm.Package{Name: "uplot", Version: "1.6.32", SHA256: "4b8a8191e425658e3ea8c8c1314b0fc679c861ee3a1af2b20c7b16ba50b5133d"}

// What others wrote is served as they published it, and its license is with it.
func TestWhatOthersWroteIsAsTheyPublishedIt(t *testing.T) {
	t.Parallel()
	files := map[string]string{"uPlot.iife.min.js": "dist/uPlot.iife.min.js", "uPlot.min.css": "dist/uPlot.min.css", "LICENSE": "LICENSE"}
	published := uPlot.Files(t, func(string) bool { return true })
	for name, from := range files {
		here := read("thirdparty/uplot/" + name)
		if len(here) == 0 || !bytes.Equal(here, published[from]) {
			t.Errorf("%s is not %s of the package", name, from)
		}
		if served, ok := Files()[name]; ok != (name != "LICENSE") || ok && !bytes.Equal(served.Body, here) {
			t.Errorf("%s is served otherwise than it is here", name)
		}
	}
	kept, err := filepath.Glob("thirdparty/uplot/*")
	if err != nil || len(kept) != len(files) {
		t.Errorf("there are %v, %v", kept, err)
	}
	note, err := os.ReadFile("thirdparty/README.md")
	if err != nil || !bytes.Contains(note, []byte(uPlot.Version)) {
		t.Errorf("the note does not name the version (%v)", err)
	}
}

func TestThePolicyLetsNothingInFromElsewhere(t *testing.T) {
	t.Parallel()
	policy := Headers()["Content-Security-Policy"]
	for _, part := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "frame-ancestors 'none'", "form-action 'none'", "base-uri 'none'", "trusted-types 'none'"} {
		if !slices.Contains(strings.Split(policy, "; "), part) {
			t.Errorf("the policy lacks %s", part)
		}
	}
	for _, word := range []string{"unsafe", "*", "http"} {
		if strings.Contains(policy, word) {
			t.Errorf("the policy has %s", word)
		}
	}
}

var loads = regexp.MustCompile(`(?:src|href)="([^"#]+)"`)

// The page asks for its own files, and each of them is there.
func TestThePageLoadsItsOwnFiles(t *testing.T) {
	t.Parallel()
	asked := loads.FindAllSubmatch(Page(), -1)
	for _, match := range asked {
		address := string(match[1])
		if address == "data:," {
			continue
		}
		name, ours := strings.CutPrefix(address, Base())
		if _, there := Files()[name]; !ours || !there {
			t.Errorf("the page asks for %s", address)
		}
	}
	imports := regexp.MustCompile(`(?:from ?|import\()["']\./([\w.-]+)["']`)
	for name, f := range Files() {
		for _, match := range imports.FindAllSubmatch(f.Body, -1) {
			if _, there := Files()[string(match[1])]; !there {
				t.Errorf("%s imports %s, which is not there", name, match[1])
			}
		}
		if len(f.Body) == 0 {
			t.Errorf("%s is empty", name)
		}
	}
	if len(asked) < 5 || len(Files()) < 20 {
		t.Errorf("%d asked for, of %d", len(asked), len(Files()))
	}
}

// Both languages say the same things, and leave nothing out.
func TestBothLanguagesSayEverything(t *testing.T) {
	t.Parallel()
	const script = `
		const keys = (v, at) => typeof v === 'function' ? [at + '(' + v.length + ')'] : v && typeof v === 'object' ? Object.keys(v).flatMap(k => keys(v[k], at + '.' + k)) : [at + (v ? '' : ' EMPTY')]
		console.log(JSON.stringify(await Promise.all(['zh-CN', 'en'].map(async lang => keys((await import('./' + lang + '.js')).default, '')))))`
	node := exec.CommandContext(t.Context(), "node", "--input-type=module", "-e", script)
	node.Dir = "assets"
	out, err := node.Output()
	if err != nil {
		t.Fatal(err)
	}
	var both [2][]string
	if err := json.Unmarshal(out, &both); err != nil {
		t.Fatal(err)
	}
	for i, list := range both {
		for _, key := range list {
			name, _, _ := strings.Cut(key, "(")
			there := slices.ContainsFunc(both[1-i], func(other string) bool { o, _, _ := strings.Cut(other, "("); return o == name })
			if !there || strings.HasSuffix(key, "EMPTY") {
				t.Errorf("%s is only in one language, or empty", key)
			}
		}
	}
	if len(both[0]) < 250 {
		t.Errorf("%d texts", len(both[0]))
	}
}

// A day begins when it does where the enterprise is.
func TestDaysAreThoseOfTheEnterprise(t *testing.T) {
	t.Parallel()
	const script = `
		const { beginning, dateOf, days, midnight } = await import('./time.js')
		const d = s => Date.parse(s + 'T00:00:00Z'), iso = n => new Date(n).toISOString()
		const date = n => iso(n).slice(0, 10)
		console.log(JSON.stringify([
			iso(midnight(d('2026-11-28'), 'Asia/Shanghai')), iso(midnight(d('2026-03-29'), 'Europe/Berlin')), iso(midnight(d('2026-03-30'), 'Europe/Berlin')),
			iso(midnight(d('2026-10-25'), 'Europe/Berlin')), iso(midnight(d('2026-10-26'), 'Europe/Berlin')), iso(midnight(d('2026-01-01'), 'Asia/Kathmandu')),
			date(dateOf(Date.parse('2026-11-28T15:59:59.999Z'), 'Asia/Shanghai')), date(dateOf(Date.parse('2026-11-28T16:00:00Z'), 'Asia/Shanghai')),
			...days(3, 'Asia/Shanghai', Date.parse('2026-03-01T20:00:00Z')).map(date),
			date(beginning(d('2026-11-29'), 'week')), date(beginning(d('2026-11-30'), 'week')), date(beginning(d('2026-11-30'), 'month')), date(beginning(d('2026-11-30'), 'day')),
		]))`
	node := exec.CommandContext(t.Context(), "node", "--input-type=module", "-e", script)
	node.Dir = "assets"
	out, err := node.Output()
	if err != nil {
		t.Fatal(err)
	}
	want := `["2026-11-27T16:00:00.000Z","2026-03-28T23:00:00.000Z","2026-03-29T22:00:00.000Z",` +
		`"2026-10-24T22:00:00.000Z","2026-10-25T23:00:00.000Z","2025-12-31T18:15:00.000Z",` +
		`"2026-11-28","2026-11-29","2026-02-28","2026-03-01","2026-03-02",` +
		`"2026-11-23","2026-11-30","2026-11-01","2026-11-30"]`
	if got := strings.TrimSpace(string(out)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
