package deploy

import (
	"bytes"
	"encoding/json"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"nod/tests/postgres"
)

// watch holds what functions write against the secrets that they were told.
type watch struct {
	secrets []string
	logs    []func() string
}

// watched looks when the test is over, and its functions have ended.
func watched(t testing.TB) *watch {
	w := &watch{}
	t.Cleanup(func() {
		for _, log := range w.logs {
			for _, secret := range w.secrets {
				if said := log(); strings.Contains(said, secret) {
					t.Errorf("a function wrote a secret to its log:\n%s", said)
				}
			}
		}
	})
	return w
}

// add watches the values of those variables that hold a secret, and each key of a list.
func (w *watch) add(variables map[string]string) {
	for name, value := range variables {
		switch name {
		case "NOD_PUBLIC_URL", "NOD_REGION", "NOD_OBJECTS", "NOD_FACE_ENDPOINT", "NOD_OTLP_ENDPOINT":
			continue
		}
		for part := range strings.SplitSeq(value, ",") {
			if len(part) >= 8 { // the test's shorter ones could be part of any word
				w.secrets = append(w.secrets, part)
			}
		}
	}
}

// A function that was given a secret that is none does not start, says so, and does not say
// what it was given.
func TestNoFaultShowsASecret(t *testing.T) {
	dir, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	c := &cloud{t: t, secrets: &watch{}}
	sound := c.fresh(postgres.Database(t))
	const faulty = "made-up secret" // a key has no spaces, and a database an address
	for function, f := range byName(t) {
		for variable, told := range f.Environment.Variables {
			if text, _ := told.(string); !strings.HasPrefix(text, "aws-ssm:") {
				continue
			}
			value := faulty
			if variable == "NOD_DB" {
				value = "postgres://nod:" + faulty + "@10.0.0.5:port/nod"
			}
			cmd := exec.CommandContext(t.Context(), filepath.Join(dir, function, "main"))
			cmd.Env = []string{"AWS_LAMBDA_RUNTIME_API=127.0.0.1:1", "AWS_ACCESS_KEY_ID=AKIDtest", "AWS_SECRET_ACCESS_KEY=test"}
			for name := range f.Environment.Variables {
				cmd.Env = append(cmd.Env, name+"="+sound[name])
			}
			cmd.Env = append(cmd.Env, variable+"="+value)
			said, err := cmd.CombinedOutput()
			if err == nil || len(said) == 0 {
				t.Errorf("%s starts with %s, which is none: %v", function, variable, err)
			}
			for line := range bytes.Lines(said) {
				if !json.Valid(line) {
					t.Errorf("%s says in the place of a line of JSON: %s", function, line)
				}
			}
			if strings.Contains(string(said), faulty) || strings.Contains(string(said), url.QueryEscape(faulty)) {
				t.Errorf("%s shows %s: %s", function, variable, said)
			}
		}
	}
}
