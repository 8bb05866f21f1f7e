package scale

import (
	"flag"
	"math"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write docs/scale.md anew")

func TestTheDocumentIsUpToDate(t *testing.T) {
	f := read(t)
	want := f.document()
	path := filepath.Join("..", "..", "docs", "scale.md")
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != want {
		t.Error("docs/scale.md is not what the figures come to: go test ./tests/scale -update")
	}
	for _, list := range [][]figure{f.Measured, f.Assumed} {
		for _, one := range list {
			if !f.used[one.Name] || one.From == "" || one.What == "" {
				t.Errorf("%s is not reckoned with, or does not say what it is and where it comes from", one.Name)
			}
		}
	}
}

// Ten times the checks take ten times of everything, and the day of the busiest second is
// found again by Little's law.
func TestTheModelIsArithmetic(t *testing.T) {
	f := read(t)
	one, ten := f.reckon(1e5), f.reckon(1e6)
	for i, l := range f.limits(one) {
		if m := f.limits(ten)[i]; m.name != l.name || math.Abs(m.share-10*l.share) > 1e-9*m.share {
			t.Errorf("%s: %v becomes %s: %v", l.name, l.share, m.name, m.share)
		}
	}
	if busy := one.verifying / one.uploads; busy < f.of("face_s") || busy > f.of("face_s")+0.1 {
		t.Errorf("verify is at work for %v s with an image, and the face API for %v of it", busy, f.of("face_s"))
	}
}
