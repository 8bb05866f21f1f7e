package deploy

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nod/shared/face/localapi/portraits"
	"nod/shared/runtime/lambda/runtimeapi"
)

// BenchmarkColdStart tells how much longer verify takes from the start of its process to its
// first answer, for a check that is refused at the gate, than a function that does nothing:
// the difference of the medians of thirty, which take turns. It is 20 ms at most.
func BenchmarkColdStart(b *testing.B) {
	c := newCloud(b, "lambda")
	v := c.visit(c.enterprise(), "emp-1-pass")
	v.decides("refused")
	empty := filepath.Join(b.TempDir(), "empty")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", empty, "./testdata/empty")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	body := `{"attempt_id":"a1","image":"` + base64.StdEncoding.EncodeToString(portraits.Hopper) + `","capture":"stream"}`
	request := httptest.NewRequest(http.MethodPost, "/v1/verify", strings.NewReader(body))
	event, err := json.Marshal(c.event(request, map[string]string{"host": "nod.example.com", "content-type": "application/json",
		"authorization": "Bearer " + v.token}, body))
	if err != nil {
		b.Fatal(err)
	}
	const runs = 30
	for b.Loop() {
		var verify, nothing []time.Duration
		for range runs {
			nothing = append(nothing, cold(b, exec.Command(empty), event, `"statusCode":200`))
			verify = append(verify, cold(b, c.command("verify"), event, "consent-refused"))
		}
		slices.Sort(verify)
		slices.Sort(nothing)
		b.ReportMetric(ms(nothing[runs/2]), "empty-ms")
		b.ReportMetric(ms(verify[runs/2]), "verify-ms")
		above := ms(verify[runs/2] - nothing[runs/2])
		b.ReportMetric(above, "ms-above")
		if above > 20 {
			b.Errorf("verify begins %.1f ms later than a function that does nothing", above)
		}
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// cold starts a function, and ends it after its first answer.
func cold(b *testing.B, cmd *exec.Cmd, event []byte, want string) time.Duration {
	b.Helper()
	begin := time.Now()
	f, err := runtimeapi.Launch(cmd)
	if err != nil {
		b.Fatal(err)
	}
	defer f.End()
	r, err := f.Invoke(event, patience)
	took := time.Since(begin)
	if err != nil || r.Failed || !strings.Contains(string(r.Payload), want) {
		b.Fatalf("it answers %s, %v\n%s", r.Payload, err, f.Log())
	}
	return took
}
