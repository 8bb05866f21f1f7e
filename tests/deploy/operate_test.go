package deploy

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// docs/operate.md is read at night, when something is wrong: what it names has to be there.

func operate(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs", "operate.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// sources is the text of all Go files that are no tests.
func sources(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	err := fs.WalkDir(os.DirFS(filepath.Join(root, "shared")), ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(filepath.Join(root, "shared", path))
		all.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

func TestAlarmsAreSetOnLinesThatNodWrites(t *testing.T) {
	t.Parallel()
	code, page := sources(t), operate(t)
	_, page, found := strings.Cut(page, "## Logs and alarms")
	if page, _, _ = strings.Cut(page, "\n## "); !found {
		t.Fatal("docs/operate.md says nothing of alarms")
	}
	word := regexp.MustCompile("`(?:msg|reason)` = `([^`]+)`|`([a-z_]+)` (?:>|=|≥) [0-9a-z]|`((?:sequence|maintain|export): [^`]+)`|SCF_Message:\"([^\"]+)\"")
	named := 0
	for _, m := range word.FindAllStringSubmatch(page, -1) {
		name := m[1] + m[2] + m[3] + m[4]
		if named++; !strings.Contains(code, `"`+name+`"`) && !strings.Contains(code, name+`"`) {
			t.Errorf("an alarm is to be set on %q, which no line has", name)
		}
	}
	if named < 15 {
		t.Errorf("only %d alarms were found", named)
	}
}

// The table of what a line holds has every field that the code writes, and no other. Whether
// what is logged is in it too, tests/api sees.
func TestTheManualHasEveryFieldOfTheLog(t *testing.T) {
	t.Parallel()
	code := sources(t)
	written := map[string]bool{"time": true, "level": true, "msg": true} // slog's own
	for _, m := range regexp.MustCompile(`slog\.(?:String|Int|Int64|Bool)\("([a-z_]+)"|\.With\("([a-z_]+)"`).FindAllStringSubmatch(code, -1) {
		written[m[1]+m[2]] = true
	}
	for _, m := range regexp.MustCompile(`(?:slog\.Error\(|\.ErrorContext\(ctx, )"[^"]+"(.*)`).FindAllStringSubmatch(code, -1) {
		for _, name := range regexp.MustCompile(`, "([a-z_]+)", `).FindAllStringSubmatch(m[1], -1) {
			written[name[1]] = true
		}
	}
	_, table, found := strings.Cut(operate(t), "| field | in the lines | what it is |")
	if table, _, _ = strings.Cut(table, "\n\n"); !found {
		t.Fatal("there is no table of fields")
	}
	told := map[string]bool{}
	for line := range strings.Lines(table) {
		first, _, _ := strings.Cut(strings.TrimPrefix(line, "|"), "|")
		for _, m := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(first, -1) {
			told[m[1]] = true
		}
	}
	if !maps.Equal(told, written) {
		t.Errorf("docs/operate.md has the fields %v\nand the code %v", slices.Sorted(maps.Keys(told)), slices.Sorted(maps.Keys(written)))
	}
}

// A counter is of fields that there are, and both clouds' spellings are of the same ones.
func TestCountersAreOfFieldsThatThereAre(t *testing.T) {
	t.Parallel()
	code := sources(t)
	_, table, found := strings.Cut(operate(t), "| counter | AWS")
	if table, _, _ = strings.Cut(table, "\n\n"); !found {
		t.Fatal("there are no counters")
	}
	fields := regexp.MustCompile(`\$\.([a-z_]+)`).FindAllStringSubmatch(table, -1)
	for _, m := range fields {
		if m[1] != "msg" && !strings.Contains(code, `("`+m[1]+`"`) {
			t.Errorf("no line has the field %s", m[1])
		}
	}
	values := regexp.MustCompile(`\$\.(?:msg|reason|result) = "([a-z-]+)"`).FindAllStringSubmatch(table, -1)
	for _, m := range values {
		if !strings.Contains(code, `"`+m[1]+`"`) {
			t.Errorf("no line says %s", m[1])
		}
	}
	if len(fields) < 20 || len(values) < 8 {
		t.Errorf("only %d fields and %d values were found", len(fields), len(values))
	}
}

// Nor does a span tell what the manual does not name.
func TestTheManualHasEveryFieldOfATrace(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "shared", "trace", "span.go"))
	if err != nil {
		t.Fatal(err)
	}
	_, page, _ := strings.Cut(operate(t), "A span has these fields and no others: ")
	page, _, _ = strings.Cut(page, ". Like the log")
	var told, there []string
	for _, m := range regexp.MustCompile("`([a-z_.]+)`").FindAllStringSubmatch(page, -1) {
		told = append(told, m[1])
	}
	for _, m := range regexp.MustCompile(`Field = "([a-z_.]+)"`).FindAllStringSubmatch(string(text), -1) {
		there = append(there, m[1])
	}
	if slices.Sort(told); len(there) == 0 || !slices.Equal(told, slices.Sorted(slices.Values(there))) {
		t.Errorf("docs/operate.md has %v, and the code %v", told, there)
	}
}

func TestTheSecretsOfTheManualAreThoseOfTheFunctions(t *testing.T) {
	t.Parallel()
	readers := map[string][]string{"db": {"all"}, "data-key": {"all"}, "index-key": {"all"}}
	for _, name := range functions(t) {
		for _, secret := range table(t)[name].Secrets {
			readers[secret] = append(readers[secret], name)
		}
	}
	told := map[string][]string{}
	_, page, _ := strings.Cut(operate(t), "| name | who reads it |")
	page, _, _ = strings.Cut(page, "\n\n")
	row := regexp.MustCompile("(?m)^\\| (`[^|]+) \\| ([a-z, ]+) \\|")
	for _, m := range row.FindAllStringSubmatch(page, -1) {
		who := strings.Split(m[2], ", ")
		slices.Sort(who)
		for name := range strings.SplitSeq(m[1], ", ") {
			told[strings.Trim(name, "`")] = who
		}
	}
	if !maps.EqualFunc(told, readers, slices.Equal) {
		t.Errorf("docs/operate.md says %v, and infra/functions.json %v", told, readers)
	}
}

// Versions that the manual names are those that are pinned.
func TestTheManualNamesTheVersionsThatArePinned(t *testing.T) {
	t.Parallel()
	page := operate(t)
	pinned := regexp.MustCompile(`(?s)source\s+= "([^"]+)"\s+version = "([^"]+)"`)
	for _, cloud := range clouds {
		text, err := os.ReadFile(filepath.Join(root, "infra", cloud, "versions.tf"))
		if err != nil {
			t.Fatal(err)
		}
		m := pinned.FindSubmatch(text)
		if m == nil || !strings.Contains(page, "`"+string(m[1])+"` "+string(m[2])) {
			t.Errorf("docs/operate.md does not name %s", m)
		}
	}
	tool, err := os.ReadFile(filepath.Join("osls", "package.json"))
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`"osls": "([^"]+)"`).FindSubmatch(tool)
	for _, used := range regexp.MustCompile(`osls@([0-9.]+[0-9])`).FindAllStringSubmatch(page, -1) {
		if used[1] != string(version[1]) {
			t.Errorf("docs/operate.md uses osls %s, and the tests %s", used[1], version[1])
		}
	}
}
