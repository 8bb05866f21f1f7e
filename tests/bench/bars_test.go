package bench

import "testing"

// atMost reports a figure, and fails the benchmark if it is more than Nod promises.
func atMost(b *testing.B, limit, value float64, unit string) {
	b.Helper()
	b.ReportMetric(value, unit)
	if !(value <= limit) {
		b.Errorf("%s is %.2f; at most %g is promised", unit, value, limit)
	}
}

// atLeast does so if it is less.
func atLeast(b *testing.B, limit, value float64, unit string) {
	b.Helper()
	b.ReportMetric(value, unit)
	if !(value >= limit) {
		b.Errorf("%s is %.2f; at least %g is promised", unit, value, limit)
	}
}
