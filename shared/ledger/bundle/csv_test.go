package bundle_test

import (
	"bytes"
	"os"
	"testing"

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
		`=HYPERLINK("a,b")`: `"'=HYPERLINK(""a,b"")"`, `plain`: `plain`, `1-1`: `1-1`, ``: ``, `张三`: `张三`,
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
