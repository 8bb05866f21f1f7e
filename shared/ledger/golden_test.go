package ledger_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"nod/shared/ledger"
)

var update = flag.Bool("update", false, "write the golden lines anew")

// recordTypes reads the constants of type RecordType from the source, so that a new
// one cannot be forgotten here or in the documents.
func recordTypes(t *testing.T) (types []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), filepath.FromSlash("../domain/record.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		if id, ok := spec.Type.(*ast.Ident); ok && id.Name == "RecordType" {
			s, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			types = append(types, s)
		}
		return true
	})
	if len(types) == 0 {
		t.Fatal("no record types found")
	}
	return types
}

func TestLinesAndLeavesAreTheOnesThatWerePromised(t *testing.T) {
	var lines, leaves bytes.Buffer
	for _, e := range newHistory().entries {
		lines.Write(append(e.Line, '\n'))
		leaves.WriteString(e.Leaf + "\n")
	}
	for name, got := range map[string][]byte{"records.ndjson": lines.Bytes(), "records.leaves": leaves.Bytes()} {
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		was, is := strings.Split(string(want), "\n"), strings.Split(string(got), "\n")
		for i := range max(len(was), len(is)) {
			if i >= len(was) || i >= len(is) || was[i] != is[i] {
				t.Errorf("%s differs from line %d on. This is a break of the promise: see testdata/README.md.\nwas %s\nis  %s",
					path, i+1, at(was, i), at(is, i))
				break
			}
		}
	}
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(nothing)"
}

func TestEveryTypeOfRecordHasAGoldenLine(t *testing.T) {
	have := map[string]bool{}
	for _, e := range newHistory().entries {
		have[string(e.Record.Type)] = true
	}
	for _, want := range recordTypes(t) {
		if !have[want] {
			t.Errorf("no %s", want)
		}
	}
}

// The promise is checked here with nothing of Nod but the two files: each leaf is
// the hash of its line, and each person's line names the leaf before it.
func TestAStrangerCanVerifyTheGoldenLines(t *testing.T) {
	raw, err := os.ReadFile("testdata/records.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	leaves, err := os.ReadFile("testdata/records.leaves")
	if err != nil {
		t.Fatal(err)
	}
	lines, hashes := strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n"), strings.Fields(string(leaves))
	if len(lines) != len(hashes) {
		t.Fatalf("%d lines, %d leaves", len(lines), len(hashes))
	}
	last := map[string]string{}
	for i, line := range lines {
		sum := sha256.Sum256(append([]byte{0}, line...))
		if hex.EncodeToString(sum[:]) != hashes[i] {
			t.Errorf("line %d: its leaf is %x", i+1, sum)
		}
		var r struct{ Subject, Prev string }
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		if r.Prev != last[r.Subject] {
			t.Errorf("line %d: prev %q, want %q", i+1, r.Prev, last[r.Subject])
		}
		if r.Subject != "" {
			last[r.Subject] = hashes[i]
		}
	}
}

func TestTheLeafHashIsThatOfRFC6962(t *testing.T) {
	// The empty leaf of RFC 6962's own test vectors.
	if got := ledger.LeafHash(nil); got != "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d" {
		t.Error(got)
	}
	line := []byte("{\"v\":1}")
	sum := sha256.Sum256([]byte("\x00{\"v\":1}"))
	if got := ledger.LeafHash(line); got != hex.EncodeToString(sum[:]) {
		t.Error(got)
	}
}

// The two lines that the walkthrough shows, as it shows them.
const (
	exampleGrant = `{"v":1,"id":"0192...","type":"consent.granted","enterprise":"0192...","mode":"live","at":"2026-11-23T01:02:03.456Z","subject":"7d1e...","prev":"...","purpose":"exam","routes":["photo"],"session":"0192...","notice":{"id":"0192...","version":1,"sha256":"...","locale":"zh-CN"},"delegation":{"id":"0192...","version":1,"sha256":"..."},"by":"self","subject_commitment":"...","until":"2027-11-23T01:02:03Z"}`
	examplePass  = `{"v":1,"id":"0192...","type":"check.passed","enterprise":"0192...","mode":"live","at":"2026-11-23T01:02:09.001Z","subject":"7d1e...","prev":"...","purpose":"exam","route":"photo","session":"0192...","consent":"0192...","notice":{"id":"0192...","version":1,"sha256":"...","locale":"zh-CN"},"notice_in_force":{"id":"0192...","version":1,"sha256":"..."},"delegation":{"id":"0192...","version":1,"sha256":"..."},"attempt":"a1","capture":"stream","liveness":false}`
)

func TestLinesHaveTheFieldsOfTheWalkthroughInItsOrder(t *testing.T) {
	found := map[string]string{}
	for _, e := range newHistory().entries {
		if kind := string(e.Record.Type); found[kind] == "" { // an adult's, who comes first
			found[kind] = string(e.Line)
		}
	}
	for kind, example := range map[string]string{"consent.granted": exampleGrant, "check.passed": examplePass} {
		got, want := keys(t, found[kind]), keys(t, example)
		if !slices.Equal(got, want) {
			t.Errorf("%s:\n%v\n%v", kind, got, want)
		}
	}
	// Times look as they do there.
	for _, e := range newHistory().entries {
		var r struct{ At, Until string }
		if err := json.Unmarshal(e.Line, &r); err != nil {
			t.Fatal(err)
		}
		if len(r.At) != len("2026-11-23T01:02:03.456Z") || r.Until != "" && len(r.Until) != len("2027-11-23T01:02:03Z") {
			t.Errorf("%s", e.Line)
		}
	}
}

// keys lists the keys of a JSON object in the order they stand in, those of inner
// objects with their path.
func keys(t *testing.T, object string) (list []string) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(object))
	var path []string
	var walk func()
	walk = func() {
		tok, err := d.Token()
		if err != nil {
			t.Fatalf("%v in %s", err, object)
		}
		switch tok {
		case json.Delim('{'):
			for d.More() {
				key, _ := d.Token()
				path = append(path, key.(string))
				list = append(list, strings.Join(path, "."))
				walk()
				path = path[:len(path)-1]
			}
			_, _ = d.Token()
		case json.Delim('['):
			for d.More() {
				walk()
			}
			_, _ = d.Token()
		}
	}
	walk()
	return list
}
