package api

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"nod/shared/domain"
)

// What a client says of the way that its request came, or of what it really means, is not
// believed: addresses are those of the configuration, and a call is its method and path.
func TestADisguiseChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	for name, value := range map[string]string{
		"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "ftp", "X-Forwarded-Prefix": "//evil.example",
		"Forwarded": "host=evil.example;proto=http", "X-Forwarded-For": "127.0.0.1, evil.example", "X-Real-Ip": "127.0.0.1",
		"X-Original-Url": "/v1/enterprises?evil.example", "X-Rewrite-Url": "/v1/enterprises?evil.example", "X-Http-Method-Override": "DELETE",
		"X-Http-Method": "GET", "X-Enterprise": nobodys, "Referer": "https://evil.example/", "Origin": "https://evil.example",
		"X-Request-Id": "evil.example\tx", "Traceparent": "evil.example", "Cookie": "token=evil.example", "Via": "1.1 evil.example",
	} {
		t.Run(name, func(t *testing.T) {
			disguised := func(r *http.Request) *http.Request {
				if r.Header.Set(name, value); name == "Host" {
					r.Header.Del(name)
					r.Host = value
				}
				return r
			}
			p := h.person()
			r := h.do(t, "POST", "/v1/sessions", h.integrator, p.request(), disguised)
			if url := text(r.ok(201), "page_url"); !strings.HasPrefix(url, w.base+"/s/"+h.id+"#") {
				t.Errorf("the page is at %s", url)
			}
			refused := h.do(t, "POST", "/v1/enterprises", h.integrator, object{}, bad, disguised)
			refused.refused(403, "wrong-role")
			page := h.do(t, "GET", "/v1/settings", h.admin, nil, disguised)
			page.ok(200)
			for _, r := range []reply{r, refused, page} {
				if said := fmt.Sprint(r.header) + string(r.body); strings.Contains(said, "evil") {
					t.Errorf("it is told again: %.400s", said)
				}
			}
		})
	}
	if log := w.log.all(); bytes.Contains(log, []byte("evil")) {
		t.Error("the log has what a client said of itself")
	}
}

// A target in absolute form names a host, which is not believed either.
func TestATargetOfAnotherHost(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	for target, status := range map[string]string{
		"http://evil.example/healthz": "200", "http://evil.example/v1/enterprises": "401", "https://evil.example:1/../healthz": "404",
		"//evil.example/healthz": "404", "http://evil.example": "400", "/healthz#/v1/enterprises": "404", "*": "400",
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(w.base, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: other.example\r\nConnection: close\r\n\r\n", target)
		answer, err := io.ReadAll(conn)
		if !strings.HasPrefix(string(answer), "HTTP/1.1 "+status) || strings.Contains(string(answer), ".example") {
			t.Errorf("%s: %v, %.300s", target, err, answer)
		}
	}
}

// A path is what it is, however it is written; nothing is cleaned, decoded twice or left out.
func TestPathsThatMeanAnother(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	for _, path := range []string{
		"/v1/sessions/../enterprises", "/v1/%2e%2e/v1/enterprises", "/v1/%252e%252e/v1/enterprises", "/v1//enterprises", "/v1/./enterprises",
		"//v1/enterprises", "/v1/enterprises;x=1", "/v1/enterprises/", "/v1/enterprises%00", "/v1/enterprises%2f", "/v1%2fenterprises",
		"/v1/%65nterprises%20", "/v1/enterprises%0d%0aX:%20y", "/v1\\enterprises", "/v1/settings/exam%2f..", "/v1/settings/..%2fkeys",
		"/page/x/..%2f..%2fpage.go", "/page/x/%2e%2e%2fpage.html", "/console/x/..%5cconsole.html", "/s/%2e%2e", "/w/..%2f..%2fetc%2fpasswd",
		"/v1/log/tile/..%2fcheckpoint", "/v1/log/tile/%2e%2e/keys", "/.git/config", "/nod.js/..",
	} {
		for _, key := range []string{h.operator, h.admin, h.auditor, ""} {
			r, err := h.world.plain(t, path, key)
			if err != nil || r.StatusCode != 404 {
				t.Errorf("%s: %v, %v", path, r, err)
			}
		}
	}
	if r, err := h.world.plain(t, "/v1/%65nterprises", h.operator); err != nil || r.StatusCode != 200 {
		t.Errorf("a letter that is encoded is another: %v, %v", r, err)
	}
}

// plain makes a call that the description knows nothing of.
func (w *world) plain(t *testing.T, path, key string) (*http.Response, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", w.base+"/", nil)
	if err != nil {
		return nil, err
	}
	r.URL.Opaque = path // as it is, and nothing made of it
	if strings.HasPrefix(path, "//") {
		r.URL.Opaque = "//" + strings.TrimPrefix(w.base, "http://") + path
	}
	r.Header.Set("Authorization", "Bearer "+key)
	resp, err := w.client.Transport.(checker).next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	return resp, resp.Body.Close()
}

// What is packed is not unpacked: a few bytes cannot become gigabytes.
func TestNothingIsUnpacked(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.agreed()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte(`{"attempt_id":"a1","image":"` + smallPicture() + `"}`)) // into memory: it cannot fail
	_ = z.Close()
	for _, encoding := range []string{"gzip", "deflate", "br", "zstd", "gzip, identity", "x"} {
		h.writesNothing(func() {
			p.do(t, "POST", "/v1/verify", p.token, packed.Bytes(), bad, with("Content-Encoding", encoding)).refused(415, "unsupported-media-type")
		})
	}
	p.asked(0)
}

// The number of a tile that is too large for its places is none, and not another.
func TestATileBehindTheEndOfNumbers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	h.agreed()
	w.tick(t)
	h.do(t, "GET", "/v1/log/tile/entries/000.p/1", h.auditor, nil)
	for _, n := range []string{"x072/x057/x594/x037/x927/936", "x036/x028/x797/x018/x963/968", "x009/x223/x372/x036/x854/x775/807"} { // 2^56, 2^55, 2^63-1
		for _, tile := range []string{"entries/" + n + ".p/1", "entries/" + n, "0/" + n + ".p/1"} {
			h.do(t, "GET", "/v1/log/tile/"+tile, h.auditor, nil).refused(404, string(domain.NoSuchThing))
		}
	}
}
