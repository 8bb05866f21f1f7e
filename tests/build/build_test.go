package build

import (
	"bytes"
	"debug/buildinfo"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// Whoever has the source can prove that a function was built from it, so two builds in
// different folders come to the same bytes.
func TestABuildCanBeRepeated(t *testing.T) {
	t.Parallel()
	here, packed := built(t, root, "verify")
	there, again := built(t, copied(t), "verify")
	if !bytes.Equal(here, there) || !bytes.Equal(packed, again) {
		t.Errorf("two builds of verify differ: %d and %d bytes, %d and %d packed", len(here), len(there), len(packed), len(again))
	}
	info, err := buildinfo.Read(bytes.NewReader(here))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range info.Deps {
		if m.Path == "modernc.org/sqlite" {
			t.Error("a function has SQLite, which it has no disk for")
		}
	}
	for _, s := range info.Settings {
		if strings.HasPrefix(s.Key, "vcs") {
			t.Errorf("a build tells %s=%s, and so differs from the same one elsewhere", s.Key, s.Value)
		}
	}
}

// built builds a function for SCF, with the project's script: the program, and its zip.
func built(t *testing.T, root, function string) (program, packed []byte) {
	t.Helper()
	dist := t.TempDir()
	script, err := filepath.Abs(filepath.Join(root, "scripts", "build.sh"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(script, dist, function)
	cmd.Env = append(os.Environ(), "CLOUDS=scf")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	program, err = os.ReadFile(filepath.Join(dist, "scf", function, "main"))
	if err != nil {
		t.Fatal(err)
	}
	if packed, err = os.ReadFile(filepath.Join(dist, "scf", function+".zip")); err != nil {
		t.Fatal(err)
	}
	return program, packed
}

// copied is the source in another folder, with nothing that is built or kept beside it.
func copied(t *testing.T) string {
	t.Helper()
	to := t.TempDir()
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if slices.Contains([]string{".git", "bin", "dist", "var", "screens", "tests", "docs"}, e.Name()) {
			continue
		}
		from := filepath.Join(root, e.Name())
		if !e.IsDir() {
			data, err := os.ReadFile(from)
			if err == nil {
				err = os.WriteFile(filepath.Join(to, e.Name()), data, 0o644)
			}
			if err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.CopyFS(filepath.Join(to, e.Name()), os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	return to
}
