package residue

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"nod/shared/app"
	"nod/shared/boot"
	"nod/shared/domain"
	"nod/shared/runtime/gateway"
	"nod/shared/vault"
	"nod/tests/postgres"
)

// variant makes this binary a verify function that goes wrong in the way it names.
const variant = "RESIDUE_VARIANT"

func TestMain(m *testing.M) {
	switch name := os.Getenv(variant); name {
	case "":
	case plain:
		fmt.Fprintln(os.Stderr, plainFunction())
		os.Exit(1)
	default:
		os.Exit(boot.Traceless(variants[name], boot.Face))
	}
	postgres.Main(m)
}

// kept is what a leak keeps, for the life of the process.
var (
	kept     []byte
	keptFile *os.File
	keptName string
)

var variants = map[string]func(*boot.Nod) http.Handler{
	"keeps 16 bytes of the image": leaking(func(image []byte) {
		raw := make([]byte, 24)
		_, _ = base64.StdEncoding.Decode(raw, image[4000:4032])
		kept = raw[:16:16]
		clear(raw[16:])
	}),
	"keeps 16 letters of the base64": leaking(func(image []byte) { kept = bytes.Clone(image[4001 : 4001+16]) }),
	"keeps the image":                leaking(func(image []byte) { kept = bytes.Clone(image) }),
	"writes a temporary file": leaking(func(image []byte) {
		_ = os.WriteFile(filepath.Join(os.TempDir(), "upload"), image[1000:2000], 0o600)
	}),
	"has a file without a name open": leaking(func(image []byte) {
		keptFile, _ = os.CreateTemp("", "upload")
		_ = os.Remove(keptFile.Name())
		_, _ = keptFile.Write(image[1000:2000])
	}),
	"logs a part of the image": leaking(func(image []byte) { _, _ = os.Stderr.Write(append(image[1000:1020:1020], '\n')) }),
	"keeps a name": func(n *boot.Nod) http.Handler {
		return leakingName(n.Verify())
	},
	"panics": func(n *boot.Nod) http.Handler {
		n.API.Checks.Face = panicking{}
		return n.Verify()
	},
	traceless: func(n *boot.Nod) http.Handler { return counting(n.Verify()) },
}

// leaks are the variants that keep something of an image.
var leaks = []string{
	"keeps 16 bytes of the image", "keeps 16 letters of the base64", "keeps the image",
	"writes a temporary file", "has a file without a name open", "logs a part of the image",
}

// leaking is verify with something that gets hold of the image.
func leaking(leak func(image []byte)) func(*boot.Nod) http.Handler {
	return func(n *boot.Nod) http.Handler {
		verify := n.Verify()
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, rest, _ := bytes.Cut(r.Body.(gateway.Lent).Lend(), []byte(`"image":"`))
			image, _, _ := bytes.Cut(rest, []byte(`"`))
			leak(image)
			verify.ServeHTTP(w, r)
		})
	}
}

// leakingName is verify with something that keeps a name as a string.
func leakingName(verify http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, rest, _ := bytes.Cut(r.Body.(gateway.Lent).Lend(), []byte(`"name":"`))
		name, _, _ := bytes.Cut(rest, []byte(`"`))
		keptName = string(name)
		verify.ServeHTTP(w, r)
	})
}

// panicking is a face API that has the image in its hands when it panics.
type panicking struct{ app.FaceAPI }

func (panicking) Compare(_ context.Context, _ *domain.Permit, c domain.Comparison) domain.Outcome {
	panic(string(c.Capture.Base64()[:8]))
}

// raceDetector tells that it is linked in. It keeps a shadow of all memory, several
// times as large, and no function is built with it; so the search is tested without.
var raceDetector bool

// searched runs a verify function and searches it.
func searched(t *testing.T, verify string, p plan, runs int) Report {
	t.Helper()
	if raceDetector {
		t.Skip("scripts/test.sh runs this without the race detector")
	}
	r, err := run(t.Context(), Options{Verify: verify, DB: postgres.Database(t), Keys: newKeys(t), Runs: runs, Progress: io.Discard}, p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func newKeys(t testing.TB) map[string]string {
	data, err := vault.NewDataKey()
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"NOD_OPERATOR_KEY":  domain.Bearer{Kind: string(domain.Operator), Secret: vault.NewSecret()}.String(),
		"NOD_ASSERTION_KEY": vault.RandomKey(), "NOD_INDEX_KEY": vault.RandomKey(), "NOD_DATA_KEY": data,
	}
}

// ofVariant searches this binary as a variant of verify.
func ofVariant(t *testing.T, name string, p plan) Report {
	t.Helper()
	script := filepath.Join(t.TempDir(), "verify") // for the function is given no other environment
	text := "#!/bin/sh\n" + variant + "='" + name + "' exec '" + os.Args[0] + "'\n"
	if err := os.WriteFile(script, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	return searched(t, script, p, 1)
}

// A search that cannot fail is worth nothing: each of these must be found, however
// little it is.
func TestALeakIsFound(t *testing.T) {
	pass := plan{scenarios[:1], []int{24 << 10}}
	for _, name := range leaks {
		t.Run(name, func(t *testing.T) {
			r := ofVariant(t, name, pass)
			if r.Left() < window {
				t.Errorf("%d bytes are found", r.Left())
			}
			var text strings.Builder
			if err := r.Markdown(&text, Setting{}); err != nil || !strings.Contains(text.String(), "What was found") {
				t.Errorf("the report does not tell it: %v", err)
			}
			if name == "keeps 16 bytes of the image" {
				for _, c := range r.Calls {
					if c.Left != 16 || c.Runs != 1 || c.Clean != 0 {
						t.Errorf("%+v", c)
					}
				}
			}
		})
	}
}

func TestANameThatIsKeptIsFound(t *testing.T) {
	if r := ofVariant(t, "keeps a name", plan{realName[:1], []int{24 << 10}}); r.Left() != len(clouds)*18 {
		t.Errorf("%d bytes are found: %+v", r.Left(), r.Worst)
	}
}

func TestNothingIsLeftAfterAPanic(t *testing.T) {
	panicked := scenario{name: "a panic with the image in hand", vendor: hangsUp, status: 500, says: "/problems/internal"}
	r := ofVariant(t, "panics", plan{[]scenario{panicked}, []int{24 << 10}})
	if r.Left() > 0 || len(r.Calls) != len(clouds) {
		t.Errorf("%d bytes are left: %+v", r.Left(), r.Worst)
	}
}

// The whole search, as make residue makes it, but for its length.
func TestNothingIsLeftOfAnImage(t *testing.T) {
	nothingIsLeft(t, plan{withPhoto, []int{24 << 10, 400 << 10}}, 1)
}

// Each of the three processes encrypts names in another way, or not at all.
func TestNothingIsLeftOfANameOrAnIDNumber(t *testing.T) {
	nothingIsLeft(t, plan{realName, []int{24 << 10}}, 3)
}

func nothingIsLeft(t *testing.T, p plan, runs int) {
	if raceDetector {
		t.Skip("scripts/test.sh runs this without the race detector")
	}
	verify := filepath.Join(t.TempDir(), "verify")
	build := exec.Command("go", "build", "-o", verify, "nod/functions/verify")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	r := searched(t, verify, p, runs)
	for _, run := range r.Worst {
		t.Errorf("%+v", run)
	}
	calls, want := 0, 0
	for _, k := range p.scenarios {
		if want += runs * len(clouds); k.only != "" {
			want -= runs
		}
	}
	for _, c := range r.Calls {
		calls += c.Clean
	}
	if r.Left() > 0 || calls != want {
		t.Errorf("%d bytes are left, nothing after %d of %d calls", r.Left(), calls, want)
	}
}
