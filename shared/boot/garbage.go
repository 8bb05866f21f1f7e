package boot

import "runtime/debug"

// collectLater has garbage collected when there is twice as much of it as of what is alive.
// Little of a function is alive, so that collecting at once as much costs a tenth of its time
// (BenchmarkDecisionsBesidePgbench with GOGC=100 beside GOGC=200); this costs some megabytes.
// What GOGC says goes first. No image waits for it: those are wiped.
func collectLater() {
	const usual, later = 100, 200
	if before := debug.SetGCPercent(later); before != usual {
		debug.SetGCPercent(before)
	}
}
