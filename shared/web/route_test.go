package web

import (
	"log/slog"
	"net/http/httptest"
	"testing"
)

// A path is what it says: it is neither cleaned nor redirected to what was meant.
func TestPathsAreNotCleaned(t *testing.T) {
	a := API{Log: slog.New(slog.DiscardHandler)}
	nod := a.Handler(a.HealthRoutes())
	for path, want := range map[string]int{
		"/healthz": 200, "//healthz": 404, "/./healthz": 404, "/x/../healthz": 404, "/healthz/": 404, "/healthz/..": 404,
		"//elsewhere.example/healthz": 404, "/%2e/healthz": 404, "/x/%2e%2e/healthz": 404, "//": 404,
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
		if err := r.URL.UnmarshalBinary([]byte("http://nod.example" + path)); err != nil {
			t.Fatal(err)
		}
		nod.ServeHTTP(w, r)
		if w.Code != want || w.Header().Get("X-Request-Id") == "" || w.Header().Get("Location") != "" {
			t.Errorf("%s: %d, want %d: %v", path, w.Code, want, w.Header())
		}
	}
}
