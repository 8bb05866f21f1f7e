package bundle_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"nod/shared/ledger/bundle"
)

// The columns are filled for every type of Record that there is.
func TestEveryLineHasItsRow(t *testing.T) {
	lines, err := os.ReadFile("../testdata/records.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]int{}
	for line := range bytes.Lines(lines) {
		l, err := bundle.ParseLine(line)
		if err != nil {
			t.Fatal(err)
		}
		file := bundle.FileOf(l.Type)
		row := bundle.Row(l, 7)
		if rows[file]++; file != "" && len(row) != len(bundle.Header(file)) {
			t.Errorf("%s: %q", l.Type, row)
		}
	}
	for _, file := range bundle.Files {
		if rows[file] == 0 {
			t.Errorf("%s has no row", file)
		}
	}
}

// What a platform or a page chose must not be run by a spreadsheet.
func TestNoCellIsAFormula(t *testing.T) {
	for cell, want := range map[string]string{
		`=1+1`: `'=1+1`, `+1`: `'+1`, `-1`: `'-1`, `@x`: `'@x`, "\tx": "'\tx", "\rx": `"'x"`,
		`=HYPERLINK("a,b")`: `"'=HYPERLINK(""a,b"")"`, `＝1+1`: `'＝1+1`, `＋1`: `'＋1`, `－1`: `'－1`, `＠x`: `'＠x`, "\nx": "\"'\r\nx\"", `plain`: `plain`, `1-1`: `1-1`, ``: ``, `张三`: `张三`,
		`a;=1`: `a;'=1`, `a;;＝1;-`: `a;;'＝1;'-`, `a;"=1`: `"a;'""=1"`, `=a;=1`: `'=a;'=1`, `a;'=1`: `a;'=1`, `a;b=1`: `a;b=1`, "a\n+1": "\"a\r\n'+1\"",
	} {
		if got := string(bundle.AppendRow(nil, []string{"a", cell, "b"})); got != "a,"+want+",b\r\n" {
			t.Errorf("%q is written %q", cell, got)
		}
	}
}

func TestATableBeginsWithItsHeader(t *testing.T) {
	got := string(bundle.AppendHeader(nil, bundle.AccessFile, true))
	if got != "\ufeffat,type,record,place,actor,subject,reason\r\n" {
		t.Errorf("%q", got)
	}
	with, without := bundle.AppendHeader(nil, bundle.ChecksFile, true), bundle.AppendHeader(nil, bundle.ChecksFile, false)
	if want := string(without[:len(without)-2]) + ",subject_id\r\n"; string(with) != want {
		t.Errorf("%q", with)
	}
}

// Whatever stands in a cell, it is one cell, and none that a spreadsheet runs.
func FuzzCell(f *testing.F) {
	for _, cell := range []string{"=1+1", "＝cmd|' /C calc'!A0", "\n=1", "\r\n", `a"b`, "a,b", "\xff=", "'=1", `\.`, " =1", "\ufeff=1", "a;=1", `a;"=1`, "a\n@x", "a;\t-1"} {
		f.Add(cell)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		written := bundle.AppendRow(nil, []string{"before", cell, "behind"})
		r := csv.NewReader(bytes.NewReader(written))
		rows, err := r.ReadAll()
		if err != nil || len(rows) != 1 || len(rows[0]) != 3 || rows[0][0] != "before" || rows[0][2] != "behind" {
			t.Fatalf("%q is written as %q (%v)", cell, rows, err)
		}
		if begins, _ := utf8.DecodeRuneInString(rows[0][1]); rows[0][1] != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", begins) {
			t.Errorf("%q begins as a formula", rows[0][1])
		}
		// Where rows are split at semicolons, a quote within a cell is one like any other.
		for _, c := range strings.FieldsFunc(string(written), func(r rune) bool { return strings.ContainsRune(";\t\r\n", r) }) {
			if begins, _ := utf8.DecodeRuneInString(strings.TrimLeft(c, `"`)); strings.ContainsRune("=+-@＝＋－＠", begins) {
				t.Errorf("%q begins as a formula", c)
			}
		}
		if again := bundle.AppendRow(nil, rows[0]); !strings.Contains(cell, "\r") && !bytes.Equal(again, written) {
			t.Errorf("%q is written as %q, and that as %q", cell, written, again)
		}
	})
}
