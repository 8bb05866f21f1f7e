package deploy

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

const root = "../.."

// functions are the folders of functions.
func functions(t *testing.T) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(root, "functions"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// template is the part of a CloudFormation template that the tests look at.
type template struct {
	Parameters map[string]struct{ Default string }
	Resources  map[string]resource
}

type resource struct {
	Type       string
	Properties json.RawMessage
}

// function is a Lambda function as the template has it.
type function struct {
	Name        string `json:"FunctionName"`
	Role        map[string][]string
	Runtime     string
	Timeout     int
	MemorySize  int
	Environment struct{ Variables map[string]any }
}

// packaged is the template that the tool makes of serverless.yml, without any network. It
// is given empty packages: what is in them is package build's to test.
var packaged = sync.OnceValues(func() (t template, err error) {
	tool, err := osls()
	if err != nil {
		return t, err
	}
	dir, err := os.MkdirTemp("", "nod-deploy-")
	if err != nil {
		return t, err
	}
	defer os.RemoveAll(dir)
	for _, name := range []string{"serverless.yml", "infra/functions.json", "infra/aws/role.js", "infra/aws/routes.js"} {
		if err := copied(filepath.Join(root, name), filepath.Join(dir, name)); err != nil {
			return t, err
		}
	}
	mains, err := filepath.Glob(filepath.Join(root, "functions", "*", "main.go"))
	if err != nil {
		return t, err
	}
	for _, main := range mains {
		name := filepath.Base(filepath.Dir(main))
		if err := copied(main, filepath.Join(dir, "dist", "lambda-arm64", name+".zip")); err != nil {
			return t, err
		}
	}
	cmd := exec.Command(tool, "package", "--stage", "prod")
	cmd.Dir = dir
	// Nothing is asked of anybody, whoever runs the tests and whatever they are signed in to.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "http_proxy=http://127.0.0.1:1", "https_proxy=http://127.0.0.1:1",
		"SLS_TELEMETRY_DISABLED=1", "SLS_NOTIFICATIONS_MODE=off", "AWS_EC2_METADATA_DISABLED=true"}
	if out, err := cmd.CombinedOutput(); err != nil {
		return t, &toolError{err, string(out)}
	}
	text, err := os.ReadFile(filepath.Join(dir, ".serverless", "cloudformation-template-update-stack.json"))
	if err != nil {
		return t, err
	}
	return t, json.Unmarshal(text, &t)
})

type toolError struct {
	err error
	out string
}

func (e *toolError) Error() string { return e.err.Error() + "\n" + e.out }

func copied(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o644)
}

// osls installs the tool, as the lock file pins it and all that it needs, into the user's
// cache: once, for as long as that file is the same.
func osls() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	lock, err := os.ReadFile(filepath.Join("osls", "package-lock.json"))
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(lock)
	target := filepath.Join(cache, "nod-test", "osls-"+hex.EncodeToString(sum[:8]))
	program := filepath.Join(target, "node_modules", ".bin", "osls")
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return "", err
	}
	work, err := os.MkdirTemp(filepath.Dir(target), "osls-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	for _, name := range []string{"package.json", "package-lock.json"} {
		if err := copied(filepath.Join("osls", name), filepath.Join(work, name)); err != nil {
			return "", err
		}
	}
	cmd := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = work
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", &toolError{err, string(out)}
	}
	if err := os.Rename(work, target); err != nil {
		if _, there := os.Stat(program); there == nil {
			return program, nil // somebody else was quicker
		}
		return "", err
	}
	return program, nil
}

func theTemplate(t testing.TB) template {
	t.Helper()
	made, err := packaged()
	if err != nil {
		t.Fatalf("serverless.yml is not packaged (make setup installs npm): %v", err)
	}
	return made
}

// each decodes the properties of every resource of a type, by its logical id.
func each[T any](t testing.TB, from template, kind string) map[string]T {
	t.Helper()
	found := map[string]T{}
	for id, r := range from.Resources {
		if r.Type != kind {
			continue
		}
		var v T
		if err := json.Unmarshal(r.Properties, &v); err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		found[id] = v
	}
	if len(found) == 0 {
		t.Fatalf("the template has no %s", kind)
	}
	return found
}

// byName is the template's functions by the name of their folder.
func byName(t testing.TB) map[string]function {
	t.Helper()
	named := map[string]function{}
	for _, f := range each[function](t, theTemplate(t), "AWS::Lambda::Function") {
		named[strings.TrimPrefix(f.Name, "nod-prod-")] = f
	}
	return named
}

func TestEveryFunctionIsDeployed(t *testing.T) {
	t.Parallel()
	deployed := byName(t)
	for _, name := range functions(t) {
		f, found := deployed[name]
		if !found || f.Runtime != "provided.al2023" || f.Timeout < 10 {
			t.Errorf("%s is deployed as %+v", name, f)
		}
	}
	if want := functions(t); len(deployed) != len(want) || slices.Contains(want, "") {
		t.Errorf("%d functions are deployed, there are %d", len(deployed), len(want))
	}
}
