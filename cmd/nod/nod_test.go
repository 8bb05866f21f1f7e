package main

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"nod/cmd/nod/demo"
	"nod/shared/domain"
	"nod/shared/runtime/serve"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"nod": main})
}

func TestCommands(t *testing.T) {
	bundles, err := filepath.Abs("../../tests/verify/testdata")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{Dir: "testdata", Setup: func(env *testscript.Env) error {
		env.Setenv("BUNDLES", bundles)
		return nil
	}})
}

// TestIntegrationExample runs the program of docs/integration.md against a local
// Nod, as its reader would, and holds the document's copy against the file.
func TestIntegrationExample(t *testing.T) {
	const example = "../../docs/examples/first-check.mjs"
	program, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	document, err := os.ReadFile("../../docs/integration.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(document, program) {
		t.Errorf("docs/integration.md does not hold %s as it is", example)
	}
	base, photos, tenant := startWithDemo(t)
	for _, try := range []struct{ subject, photo, want string }{
		{"emp-1029", "collins.png", "the check came out: pass"},
		{"emp-2", "hopper.jpg", "the check came out: fail"},
	} {
		node := exec.CommandContext(t.Context(), "node", example, filepath.Join("../../shared/face/localapi/portraits", try.photo))
		node.Env = append(os.Environ(), "NOD="+base, "KEY="+tenant.Integrator, "PHOTO_URL="+photos+"/collins.png", "SUBJECT="+try.subject)
		out, err := node.CombinedOutput()
		if err != nil || !strings.Contains(string(out), try.want) {
			t.Errorf("%s: %v\n%s", try.photo, err, out)
		}
		if try.want == "the check came out: pass" && !strings.Contains(string(out), "assertion: genuine, result pass") {
			t.Errorf("the assertion was not found genuine:\n%s", out)
		}
	}
}

// TestTheCurlCommandsOfTheGuide pastes those of docs/integration.md into a shell.
func TestTheCurlCommandsOfTheGuide(t *testing.T) {
	document, err := os.ReadFile("../../docs/integration.md")
	if err != nil {
		t.Fatal(err)
	}
	_, commands, _ := strings.Cut(string(document), "```\nfield() ")
	commands, rest, _ := strings.Cut(commands, "```")
	_, withdrawal, _ := strings.Cut(rest, "```\n")
	withdrawal, _, _ = strings.Cut(withdrawal, "```")
	base, photos, tenant := startWithDemo(t)
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	faces := filepath.Join(root, "shared/face/localapi/portraits/")
	script := strings.ReplaceAll("field() "+commands+withdrawal, "shared/face/localapi/portraits", faces)
	shell := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", script)
	shell.Dir = t.TempDir()
	shell.Env = append(os.Environ(), "NOD="+base, "KEY="+tenant.Integrator, "PHOTO_URL="+photos+"/collins.png")
	out, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{`"state":"open"`, "/w/" + tenant.Enterprise + "#w=nod_withdraw_", `{"result":"pass"}`, `"state":"passed"`,
		`"assertion":"`, `"state":"withdrawn"`, "/problems/no-consent-to-withdraw"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%s was not said:\n%s", want, out)
		}
	}
}

// People may reach it at another address than it listens at, behind a proxy; the demo
// enterprise is entered all the same.
func TestPeopleMayReachItElsewhere(t *testing.T) {
	l, home := start(t, "https://nod.example.com")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	if err := l.welcome(ctx, home, true, ""); err != nil {
		t.Fatal(err)
	}
	if !home.has(demoFile) || !home.has(testFile) {
		t.Error("the demo enterprises were not entered")
	}
}

// startWithDemo starts a local Nod on a free port with the demo enterprise in it.
func startWithDemo(t *testing.T) (base, photos string, tenant demo.Tenant) {
	t.Helper()
	l, _ := start(t, "")
	photos, err := demo.ServePhotos(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	tenant, err = demo.Enter(t.Context(), demo.Client{Base: l.base}, string(l.Config.OperatorKey), photos, domain.Live)
	if err != nil {
		t.Fatal(err)
	}
	return l.base, photos, tenant
}

func start(t *testing.T, publicURL string) (*local, *folder) {
	t.Helper()
	emptyEnvironment(t, publicURL)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	home, err := openFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	l, err := startLocal(t.Context(), home, listener.Addr().String(), &bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- l.Nod.Serve(ctx, l.All(), serve.Options{Listener: listener}) }()
	t.Cleanup(func() {
		stop()
		<-ended
		l.Close()
		home.Close()
	})
	return l, home
}

// emptyEnvironment takes the configuration away for the time of the test.
func emptyEnvironment(t *testing.T, publicURL string) {
	t.Helper()
	for _, name := range []string{"NOD_ADDR", "NOD_DB", "NOD_DB_CONNECTIONS", "NOD_FACE_ENDPOINT",
		"NOD_FACE_SECRET_ID", "NOD_FACE_SECRET_KEY", "NOD_OPERATOR_KEY", "NOD_ASSERTION_KEY", "NOD_INDEX_KEY", "NOD_DATA_KEY"} {
		t.Setenv(name, "") // restored after the test; startLocal fills in what is empty
	}
	t.Setenv("NOD_PUBLIC_URL", publicURL)
}
