package main

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nod/cmd/nod/demo"
	"nod/shared/domain"
	"nod/shared/runtime/gateway"
)

func TestAnAuditorExportsFromTheCommandLine(t *testing.T) {
	l, _ := start(t, "")
	tenant, err := demo.Enter(t.Context(), demo.Client{Base: l.base}, string(l.Config.OperatorKey), "http://127.0.0.1:1", domain.Live)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	timer := l.Maintain()
	told := &timed{tick: func() { done <- timer.Run(t.Context(), gateway.Tick{Name: "every-minute"}) }}
	x := exporting{l.base, tenant.Auditor, told, time.Millisecond}
	file := filepath.Join(t.TempDir(), "bundle.zip")
	wish := map[string]any{"from": instantOf("2020-01-01"), "to": instantOf("2100-01-01"), "identifiers": "pseudonyms"}
	if name, err := x.run(t.Context(), wish, file); err != nil || name != file {
		t.Fatalf("%s, %v, told %s", name, err, told.text.String())
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if !strings.Contains(told.text.String(), "waiting: 0 of 0 records") || !strings.Contains(told.text.String(), "ready: ") {
		t.Errorf("told %q", told.text.String())
	}
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	z.Close()
	if left, _ := os.ReadDir(filepath.Dir(file)); len(left) != 1 {
		t.Errorf("%v are left", left)
	}
	wish["identifiers"] = "subjects"
	if _, err := x.run(t.Context(), wish, file); err == nil || !strings.Contains(err.Error(), "reason") {
		t.Errorf("without a reason: %v", err)
	}
}

// What is missing is said in the command's words, before anything is ordered.
func TestAnExportNeedsAWindow(t *testing.T) {
	t.Parallel()
	for args, want := range map[[3]string]string{
		{"", "", ""}: "-from is missing", {"2026-11-01", "", ""}: "-to is missing", {"", "2026-11-01", "emp-1"}: "",
		{"yesterday", "2026-11-01", ""}: "-from is no day", {"2026-11-01", "2026-11-01", ""}: "-to must be after -from",
		{"2026-11-02T00:00:00+08:00", "2026-11-01", ""}: "-to must be after -from",
		{"2026-11-01", "2026-11-02", ""}:                "", {"", "", "emp-1"}: "", {"2026-11-01T00:00:00+08:00", "2026-11-01", ""}: "",
	} {
		if err := window(args[0], args[1], args[2]); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", args, err, want)
		}
	}
}

// timed runs the timer once, when the first progress was told.
type timed struct {
	text bytes.Buffer
	tick func()
}

func (w *timed) Write(p []byte) (int, error) {
	if w.tick != nil {
		go w.tick()
		w.tick = nil
	}
	return w.text.Write(p)
}

// An order is on record for good, so what would keep its bundle from being written is said
// before; and what was fetched earlier is not written over.
func TestAnExportIsNotOrderedForAFileThatCannotBe(t *testing.T) {
	there := filepath.Join(t.TempDir(), "dossier.zip")
	if err := os.WriteFile(there, []byte("evidence"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{
		"": true, filepath.Join(filepath.Dir(there), "other.zip"): true, there: false,
		filepath.Join(filepath.Dir(there), "no", "such.zip"): false, filepath.Join(there, "a.zip"): false,
	} {
		if err := canBeMade(name); (err == nil) != want {
			t.Errorf("%q: %v", name, err)
		}
	}
}
