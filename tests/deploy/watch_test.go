package deploy

import (
	"strings"
	"testing"
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
		case "NOD_PUBLIC_URL", "NOD_REGION", "NOD_OBJECTS", "NOD_FACE_ENDPOINT":
			continue
		}
		for part := range strings.SplitSeq(value, ",") {
			if len(part) >= 8 { // the test's shorter ones could be part of any word
				w.secrets = append(w.secrets, part)
			}
		}
	}
}
