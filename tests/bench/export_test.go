package bench

import (
	"bytes"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// BenchmarkExportBesidePsql holds the export of a million Records, by the nod command,
// against psql that copies the same lines out and gzip -6 that packs them; and the most
// memory that it takes against that for a hundred thousand.
func BenchmarkExportBesidePsql(b *testing.B) {
	nod := filepath.Join(b.TempDir(), "nod")
	if out, err := exec.Command("go", "build", "-o", nod, "nod/cmd/nod").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	small, large := newWorld(b), newWorld(b)
	small.add(100_000, true, true)
	large.add(1_000_000, true, true)
	small.sequence()
	large.sequence()
	for b.Loop() {
		_, less := small.export(nod)
		before := large.psql()
		took, most := large.export(nod)
		plain := (before + large.psql()) / 2
		b.ReportMetric(took.Seconds()/plain.Seconds(), "x-psql")
		b.ReportMetric(took.Seconds(), "s/export")
		b.ReportMetric(float64(most)/1024, "peak-MB")
		b.ReportMetric(float64(most)/float64(less), "x-peak-of-a-tenth")
	}
}

// export asks for everything, and works until the bundle is there. It returns how long
// that took, and the most memory that it had resident, in KiB.
func (w *world) export(nod string) (took time.Duration, peak int64) {
	w.tb.Helper()
	now := time.Now()
	made := w.call("POST", "/v1/exports", w.tenant.Auditor, object{"from": now.Add(-240 * time.Hour).UTC().Format(time.RFC3339),
		"to": now.Add(time.Hour).UTC().Format(time.RFC3339), "identifiers": "pseudonyms"})
	for begin := time.Now(); ; {
		cmd := exec.Command(nod, "maintain")
		cmd.Env = w.environment()
		peak = max(peak, w.run(cmd))
		switch e := w.call("GET", fmt.Sprint("/v1/exports/", made["id"]), w.tenant.Auditor, nil); e["state"] {
		case "ready":
			return time.Since(begin), peak
		case "failed":
			w.tb.Fatalf("the export is %v", e)
		}
	}
}

// run runs a command and returns the most memory that it had resident, in KiB. It looks
// while that runs, since what the kernel tells afterwards begins with what we have.
func (w *world) run(cmd *exec.Cmd) (peak int64) {
	w.tb.Helper()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	w.must(cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for look := time.NewTicker(5 * time.Millisecond); ; {
		select {
		case err := <-ended:
			look.Stop()
			if err != nil {
				w.tb.Fatalf("%v\n%s", err, &out)
			}
			return peak
		case <-look.C:
			status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid)) // gone when it has ended
			if _, rest, found := strings.Cut(string(status), "VmHWM:"); found {
				kib, _, _ := strings.Cut(rest, "kB")
				n, err := strconv.ParseInt(strings.TrimSpace(kib), 10, 64)
				w.must(err)
				peak = max(peak, n)
			}
		}
	}
}

// psql copies the same lines out, and packs them.
func (w *world) psql() time.Duration {
	w.tb.Helper()
	dsn, err := url.Parse(w.dsn)
	w.must(err)
	script := fmt.Sprintf(`psql -X -q -v ON_ERROR_STOP=1 "$DSN" -c "\copy (SELECT line FROM records WHERE enterprise = '%s' ORDER BY place) TO STDOUT" | gzip -6 > "$OUT"`,
		w.tenant.Enterprise)
	cmd := exec.Command("bash", "-o", "pipefail", "-c", script)
	cmd.Env = append(os.Environ(), "DSN="+dsn.String(), "OUT="+filepath.Join(w.tb.TempDir(), "lines.gz"))
	begin := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		w.tb.Fatalf("%v\n%s", err, out)
	}
	return time.Since(begin)
}
