package residue

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// mostResident is the most memory that verify may have: that of the smallest function that
// Tencent Cloud sells.
const mostResident = 64 << 20

// BenchmarkMemory tells the resident memory of verify, as it is built and deployed, after
// checks with the largest image that passes a cloud's gateway, and the highest that it was.
func BenchmarkMemory(b *testing.B) {
	dist := b.TempDir()
	build := exec.Command("../../../scripts/build.sh", dist, "verify")
	build.Env = append(os.Environ(), "CLOUDS=scf") // whose file runs on both
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	for _, on := range clouds {
		b.Run(strings.Fields(on.name)[1], func(b *testing.B) {
			t := staged(b)
			t.Verify = filepath.Join(dist, "scf", "verify", "main")
			f, err := on.launch(t.command(0))
			if err != nil {
				b.Fatal(err)
			}
			defer f.End()
			t.vendor.expect(swallows, "", nil)
			const checks = 10
			for b.Loop() {
				for range checks {
					token, err := t.world.person(b.Context(), withPhoto[0], t.person)
					if err != nil {
						b.Fatal(err)
					}
					answer, err := f.invoke(withPhoto[0].event(on, token, sent{"a1", t.images[large], t.person}), usual)
					if err != nil || !strings.Contains(string(answer), "pass") {
						b.Fatalf("%v %s\n%s", err, answer, f.Log())
					}
				}
			}
			after, err := usedNow(f.Pid(), "VmRSS")
			if err != nil {
				b.Fatal(err)
			}
			peak, err := peakResident(f.Pid())
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(after.all)/1e6, "resident-MB")
			b.ReportMetric(float64(peak.all)/1e6, "peak-resident-MB")
			if after.all >= mostResident {
				b.Errorf("verify has %d MB after checks of the largest image", after.all/1e6)
			}
		})
	}
}
