package engine

import (
	"testing"

	"nod/shared/face/localapi/portraits"
)

// BenchmarkComparison is one whole comparison: two pictures searched, two faces
// described. Run with -cpu 1 for the figure of one core.
func BenchmarkComparison(b *testing.B) {
	e := loaded(b)
	one, two := decode(b, portraits.Collins), decode(b, portraits.Hopper)
	for b.Loop() {
		_, p := read(b, e, one, Leveled)
		_, q := read(b, e, two, Leveled)
		if Distance(&p.Descriptor, &q.Descriptor) < 0.55 {
			b.Fatal("two people taken for one")
		}
	}
}

func BenchmarkDetector(b *testing.B) {
	e := loaded(b)
	p := decode(b, portraits.Collins)
	for b.Loop() {
		if len(e.detector.find(p, detectorSizes[0])) != 1 {
			b.Fatal("not one face")
		}
	}
}

func BenchmarkDescribe(b *testing.B) {
	e := loaded(b)
	p := decode(b, portraits.Collins)
	face, _ := read(b, e, p, Leveled)
	for b.Loop() {
		if _, err := e.Describe(b.Context(), p, face, Leveled); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkUnpacking is what the first Load costs.
func BenchmarkUnpacking(b *testing.B) {
	for b.Loop() {
		if _, err := loadDetector(); err != nil {
			b.Fatal(err)
		}
		if _, err := loadLandmarker(); err != nil {
			b.Fatal(err)
		}
		if _, err := loadDescriber(); err != nil {
			b.Fatal(err)
		}
	}
}
