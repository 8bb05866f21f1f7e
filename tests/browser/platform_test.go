package browser

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"nod/cmd/nod/demo/lms"
)

// The platform's integration, which others copy, believes an assertion about this very
// check alone.
func TestThePlatformBelievesOnlyWhatIsAboutItsCheck(t *testing.T) {
	t.Parallel()
	w := shared()
	v := w.visitor(t, func(r object) { r["nonce"] = "n-1" })
	b := newTab(t, collins, "en")
	b.open(v.url)
	nod := lms.Nod{URL: w.base, Key: w.tenant.Integrator, Enterprise: w.tenant.Enterprise, Mode: "live"}
	check := lms.Check{Subject: v.subject, Purpose: "exam", Resource: "exam/1", Nonce: "n-1"}
	if granted, err := nod.Granted(t.Context(), check, v.id); granted || err != nil {
		t.Errorf("before the check: %v, %v", granted, err)
	}
	b.agrees(inEnglish).shoots(inEnglish).at("passed")
	if granted, err := nod.Granted(t.Context(), check, v.id); !granted || err != nil {
		t.Errorf("after it: %v, %v", granted, err)
	}
	for name, other := range map[string]func(*lms.Nod, *lms.Check){
		"somebody else":      func(_ *lms.Nod, c *lms.Check) { c.Subject = "emp-1" },
		"another exam":       func(_ *lms.Nod, c *lms.Check) { c.Resource = "exam/2" },
		"another purpose":    func(_ *lms.Nod, c *lms.Check) { c.Purpose = "training" },
		"another nonce":      func(_ *lms.Nod, c *lms.Check) { c.Nonce = "n-2" },
		"no nonce":           func(_ *lms.Nod, c *lms.Check) { c.Nonce = "" },
		"another enterprise": func(n *lms.Nod, _ *lms.Check) { n.Enterprise = "other" },
		"a test enterprise":  func(n *lms.Nod, _ *lms.Check) { n.Mode = "test" },
	} {
		n, c := nod, check
		other(&n, &c)
		if granted, _ := n.Granted(t.Context(), c, v.id); granted {
			t.Errorf("it is believed for %s", name)
		}
	}

	// Whoever stands in between can hand on Nod's answers, but sign nothing.
	foreign := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "jwks.json") {
			_, _ = rw.Write([]byte(`{"keys":[]}`))
			return
		}
		r.RequestURI, r.URL.Scheme, r.URL.Host = "", "http", strings.TrimPrefix(w.base, "http://")
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Error(err)
			return
		}
		defer resp.Body.Close()
		var body bytes.Buffer
		_, _ = body.ReadFrom(resp.Body)
		_, _ = rw.Write(body.Bytes())
	}))
	defer foreign.Close()
	nod.URL = foreign.URL
	if granted, err := nod.Granted(t.Context(), check, v.id); granted || err == nil {
		t.Errorf("it is believed by another key: %v", err)
	}
}

// What the guide shows is what runs, and it is short.
func TestTheGuideShowsThePlatformsIntegration(t *testing.T) {
	const most = 80
	guide, err := os.ReadFile("../../docs/integration.md")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../cmd/nod/demo/lms/page.html")
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for _, name := range []string{"integration.go", "integration.js"} {
		text, err := os.ReadFile("../../cmd/nod/demo/lms/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(guide, text) {
			t.Errorf("docs/integration.md does not hold %s as it is", name)
		}
		for line := range bytes.Lines(text) {
			if len(bytes.TrimSpace(line)) > 0 {
				lines++
			}
		}
	}
	for line := range bytes.Lines(page) {
		if bytes.Contains(line, []byte("nod.js")) {
			lines++
		}
	}
	if lines >= most {
		t.Errorf("a platform has to write %d lines", lines)
	}
}
