//go:build race

package residue

func init() { raceDetector = true }
