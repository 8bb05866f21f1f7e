package bundle_test

import (
	"testing"

	"nod/shared/ledger/bundle"
)

func BenchmarkVerifyASmallBundle(b *testing.B) {
	w := small()
	p := w.bundle(cut{})
	raw := zipped(p.entries())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := verify(raw, bundle.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
