package deploy

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nod/shared/boot"
	"nod/shared/boot/outside"
	"nod/shared/config"
	"nod/shared/store/migrate"
	"nod/shared/vault"
)

// route is a route of the HTTP API.
type route struct {
	RouteKey string
	Target   map[string][]any
}

// gateway tells which function a call reaches: the most specific route has it, as AWS
// documents it for HTTP APIs: a whole path before a greedy one, and $default for the rest.
func gateway(t testing.TB) func(path string) (function string) {
	t.Helper()
	targets := map[string]string{}
	for _, r := range each[route](t, theTemplate(t), "AWS::ApiGatewayV2::Route") {
		parts := r.Target["Fn::Join"][1].([]any)
		id := parts[1].(map[string]any)["Ref"].(string)
		targets[strings.TrimPrefix(r.RouteKey, "ANY ")] = strings.ToLower(strings.TrimPrefix(id, "HttpApiIntegration"))
	}
	return func(path string) string {
		if f, found := targets[path]; found {
			return f
		}
		for at := strings.LastIndex(path, "/"); at >= 0; at = strings.LastIndex(path[:at], "/") {
			if f, found := targets[path[:at]+"/{proxy+}"]; found {
				return f
			}
		}
		return targets["$default"]
	}
}

// served is what each function serves, by asking it.
func served(t *testing.T) map[string]http.Handler {
	t.Helper()
	dataKey, err := vault.NewDataKey()
	if err != nil {
		t.Fatal(err)
	}
	n, err := boot.New(config.Config{
		PublicURL: "http://127.0.0.1:8080", DB: config.Secret("sqlite:" + filepath.Join(t.TempDir(), "nod.db")), Connections: 1,
		DataKey: config.Secret(dataKey), IndexKey: config.Secret(vault.RandomKey()), AssertionKey: config.Secret(vault.RandomKey()),
		PromiseKey: config.Secret(vault.RandomKey()), Objects: "file:" + t.TempDir(),
	}, io.Discard, boot.Signing, boot.Promising, outside.Exporting)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.Store.Close() })
	if _, err := migrate.Up(t.Context(), n.Store); err != nil {
		t.Fatal(err)
	}
	return map[string]http.Handler{
		"session": n.Session(), "consent": n.Consent(), "verify": n.Verify(), "admin": n.Admin(), "export": n.Export(), "page": n.Page(),
	}
}

// serves reports whether a function knows a call: whoever does not answers that there is
// nothing of that name, or not by that method.
func serves(h http.Handler, method, path string) bool {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w.Code != http.StatusNotFound && w.Code != http.StatusMethodNotAllowed
}

// looksEverywhere is the function whose word on being ready is about the objects, too: the
// others cannot reach them.
const looksEverywhere = "export"

const anID = "01920000-0000-7000-8000-000000000001"

// calls are those of the OpenAPI document.
func calls(t *testing.T) (list [][2]string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "shared", "web", "openapi.json"))
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Paths map[string]map[string]any
	}
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	fill := strings.NewReplacer("{id}", anID, "{purpose}", "exam", "{path}", "0/000")
	for path, methods := range document.Paths {
		for method := range methods {
			list = append(list, [2]string{strings.ToUpper(method), fill.Replace(path)})
		}
	}
	return list
}

func TestEveryCallReachesTheFunctionThatServesIt(t *testing.T) {
	t.Parallel()
	reached, functions := gateway(t), served(t)
	for _, call := range calls(t) {
		method, path := call[0], call[1]
		to := reached(path)
		if !serves(functions[to], method, path) {
			t.Errorf("%s %s reaches %q, which does not know it", method, path, to)
		}
		for name, h := range functions {
			everywhere := path == "/healthz" || path == "/readyz"
			if name != to && !everywhere && serves(h, method, path) {
				t.Errorf("%s %s reaches %q, and is served by %q", method, path, to, name)
			}
		}
	}
	if to := reached("/readyz"); to != looksEverywhere {
		t.Errorf("/readyz reaches %q", to)
	}
	for _, path := range []string{"/s/" + anID, "/w/" + anID, "/nod.js", "/page/1/main.js", "/WW_verify_abc.txt", "/nothing/of/this/name", "/"} {
		if to := reached(path); to != "page" {
			t.Errorf("%s reaches %q", path, to)
		}
	}
}

// A call that is added is not forgotten here: what no route names reaches the pages, which
// know no call of the interface.
func TestAForgottenRouteIsFound(t *testing.T) {
	t.Parallel()
	if reached := gateway(t)("/v1/a-new-call"); reached != "page" || serves(served(t)["page"], "POST", "/v1/a-new-call") {
		t.Errorf("a call without a route reaches %q", reached)
	}
}
