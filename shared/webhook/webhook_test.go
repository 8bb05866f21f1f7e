package webhook

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/vault"
)

var aSecret, another = app.SecretPrefix + vault.RandomKey(), app.SecretPrefix + vault.RandomKey()

func aMessage() app.Message {
	return app.Message{ID: "0192f0c1-2a00-7b10-8c11-5d3e9a1b0060", Body: []byte(`{"type":"session.completed","x":"中文"}`), Secrets: []string{aSecret}}
}

// endpoint is a server that counts who gets through to it.
type endpoint struct {
	*httptest.Server
	met atomic.Int64
}

func serving(t *testing.T, serve http.HandlerFunc) *endpoint {
	t.Helper()
	e := &endpoint{}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.met.Add(1)
		serve(w, r)
	}))
	t.Cleanup(e.Close)
	return e
}

func taken(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }

// posted holds what a message came to.
func posted(t *testing.T, s *Sender, url string, fault domain.DeliveryFault, status int) {
	t.Helper()
	if f, n := s.Post(t.Context(), url, aMessage()); f != fault || n != status {
		t.Errorf("%s: %q %d, want %q %d", url, f, n, fault, status)
	}
}

// A receiver that uses the specification's library can tell Nod's messages from others',
// with the new secret and with the one before.
func TestAReceiverVerifiesWithTheSpecificationsLibrary(t *testing.T) {
	t.Parallel()
	errs := make(chan error, 10)
	e := serving(t, func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Header.Get("Content-Type") != "application/json" || r.Method != http.MethodPost {
			errs <- fmt.Errorf("%s %v, %w", r.Method, r.Header, err)
		}
		for secret, good := range map[string]bool{aSecret: true, another: true, app.SecretPrefix + vault.RandomKey(): false} {
			v, err := standardwebhooks.NewWebhook(secret)
			if err != nil {
				errs <- err
				continue
			}
			if err := v.Verify(body, r.Header); (err == nil) != good {
				errs <- fmt.Errorf("good %v: %w", good, err)
			}
			if err := v.Verify(append(body, ' '), r.Header); err == nil {
				errs <- fmt.Errorf("a changed body verifies")
			}
		}
	})
	s := New(Options{Loopback: true})
	m := aMessage()
	m.Secrets = append(m.Secrets, another)
	if f, n := s.Post(t.Context(), e.URL, m); f != "" || n != 200 || e.met.Load() != 1 {
		t.Errorf("%q %d", f, n)
	}
	close(errs)
	for err := range errs {
		t.Error(err)
	}
}

func TestASecretThatIsNoneSignsNothing(t *testing.T) {
	t.Parallel()
	e := serving(t, taken)
	m := aMessage()
	m.Secrets = []string{"whsec_!"}
	if f, _ := New(Options{Loopback: true}).Post(t.Context(), e.URL, m); f != domain.NotMade || e.met.Load() != 0 {
		t.Errorf("%q", f)
	}
}

func TestOnlyATwoHundredIsTaken(t *testing.T) {
	t.Parallel()
	s := New(Options{Loopback: true})
	for status, fault := range map[int]domain.DeliveryFault{
		200: "", 202: "", 204: "", 299: "", 300: domain.Redirected, 304: domain.Redirected, 400: domain.NotTaken, 401: domain.NotTaken,
		404: domain.NotTaken, 410: domain.NotTaken, 429: domain.NotTaken, 500: domain.NotTaken, 503: domain.NotTaken,
	} {
		posted(t, s, serving(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }).URL, fault, status)
	}
}

// A redirect would lead Nod anywhere, after the address was looked at.
func TestARedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	s := New(Options{Loopback: true})
	inner := serving(t, taken)
	for _, status := range []int{301, 302, 303, 307, 308} {
		e := serving(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, inner.URL, status) })
		posted(t, s, e.URL, domain.Redirected, status)
		if e.met.Load() != 1 {
			t.Errorf("%d: met %d times", status, e.met.Load())
		}
	}
	if n := inner.met.Load(); n != 0 {
		t.Errorf("where the redirect leads was met %d times", n)
	}
}

// What a name is resolved to is what counts: localhost stands for every name whose owner
// points it at a machine that only Nod can reach.
func TestANameThatResolvesToAForbiddenAddressIsNotDialled(t *testing.T) {
	t.Parallel()
	e := &endpoint{}
	e.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { e.met.Add(1) }))
	t.Cleanup(e.Close)
	u, err := url.Parse(e.URL)
	if err != nil {
		t.Fatal(err)
	}
	s := New(Options{})
	s.client.Transport.(*http.Transport).TLSClientConfig = e.Client().Transport.(*http.Transport).TLSClientConfig
	for _, host := range []string{"localhost", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "0.0.0.0"} {
		f, n := s.Post(t.Context(), "https://"+host+":"+u.Port(), aMessage())
		if f != domain.ForbiddenAddress || n != 0 {
			t.Errorf("%s: %q %d", host, f, n)
		}
	}
	if n := e.met.Load(); n != 0 {
		t.Errorf("it was met %d times", n)
	}
	// The same server is met where Nod itself runs on this machine.
	s.loopback = true
	posted(t, s, "https://127.0.0.1:"+u.Port(), "", 200)
}

func TestOnlyHTTPSIsSpokenButToThisMachine(t *testing.T) {
	t.Parallel()
	e := serving(t, taken)
	local, remote := New(Options{Loopback: true}), New(Options{})
	posted(t, local, e.URL, "", 204)
	posted(t, remote, e.URL, domain.ForbiddenAddress, 0)
	for _, address := range []string{"http://lms.example.com", "ftp://lms.example.com", "https://user:word@lms.example.com", "//lms.example.com", "", "https://", "http://10.0.0.1"} {
		posted(t, local, address, domain.ForbiddenAddress, 0)
		posted(t, remote, address, domain.ForbiddenAddress, 0)
	}
	if n := e.met.Load(); n != 1 {
		t.Errorf("it was met %d times", n)
	}
}

func TestNoProxyIsAsked(t *testing.T) {
	proxy := serving(t, taken)
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"} {
		t.Setenv(name, proxy.URL)
	}
	t.Setenv("NO_PROXY", "")
	if s := New(Options{}); s.client.Transport.(*http.Transport).Proxy != nil {
		t.Error("a proxy is asked for")
	}
	posted(t, New(Options{}), "https://169.254.169.254/", domain.ForbiddenAddress, 0)
	if n := proxy.met.Load(); n != 0 {
		t.Errorf("the proxy was met %d times", n)
	}
}

func TestAnEndpointThatHangsIsLeft(t *testing.T) {
	t.Parallel()
	over := make(chan struct{})
	slow := serving(t, func(http.ResponseWriter, *http.Request) { <-over })
	drips := serving(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
		w.(http.Flusher).Flush()
		<-over
	})
	t.Cleanup(func() { close(over) }) // before the servers are closed
	s := New(Options{Loopback: true, Timeout: 50 * time.Millisecond})
	posted(t, s, slow.URL, domain.TimedOut, 0)
	posted(t, s, drips.URL, "", 200) // the status has said all
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if f, _ := s.Post(ctx, slow.URL, aMessage()); f != domain.Unreachable {
		t.Errorf("broken off: %q", f)
	}
}

// An endless answer costs no more than its beginning.
func TestAnAnswerIsNotReadToItsEnd(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{})
	e := serving(t, func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		for {
			if _, err := io.WriteString(w, strings.Repeat("x", 4096)); err != nil {
				return // whoever reads has left
			}
		}
	})
	posted(t, New(Options{Loopback: true}), e.URL, "", 200)
	<-ended
	big := serving(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 1<<20)) })
	posted(t, New(Options{Loopback: true}), big.URL, domain.Unreachable, 0)
}

func TestWhoIsNotThereIsUnreachable(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.HandlerFunc(taken))
	gone.Close()
	posted(t, New(Options{Loopback: true}), gone.URL, domain.Unreachable, 0)
	stranger := httptest.NewTLSServer(http.HandlerFunc(taken)) // a certificate that nobody trusts
	stranger.Config.ErrorLog = nil
	t.Cleanup(stranger.Close)
	posted(t, New(Options{Loopback: true}), stranger.URL, domain.Unreachable, 0)
}

func TestPublicAddressesAreToldFromOthers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		public bool
		list   string
	}{
		{true, "1.1.1.1 8.8.8.8 101.6.6.6 172.15.255.255 172.32.0.1 100.63.255.255 100.128.0.1 223.255.255.255 2606:4700::1111 2400:3200::1 ::ffff:1.1.1.1"},
		{false, "0.0.0.0 0.1.2.3 127.0.0.1 127.255.255.254 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1"}, // this machine, private
		{false, "169.254.169.254 169.254.0.23 100.100.100.200 100.64.0.1 192.0.0.192 fd00:ec2::254"},        // metadata of clouds
		{false, "224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 192.88.99.1"},
		{false, ":: ::1 fe80::1 fec0::1 fc00::1 fdff::1 ff02::1 2001:db8::1 2001::1 2001:10::1 3fff::1 100::1 4000::1"},
		{false, "::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:0.0.0.0 ::127.0.0.1 ::10.0.0.1"},    // IPv4 in IPv6
		{false, "64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b::101:101 64:ff9b:1::1 2002:7f00:1:: 2002:a9fe:a9fe::1"}, // NAT64, 6to4
	} {
		for text := range strings.FieldsSeq(tt.list) {
			a := netip.MustParseAddr(text)
			if got := New(Options{}).allowed(a); got != tt.public {
				t.Errorf("%s: public %v", text, got)
			}
			if local := New(Options{Loopback: true}).allowed(a); local != (tt.public || a.Unmap().IsLoopback()) {
				t.Errorf("%s: allowed %v where Nod runs on this machine alone", text, local)
			}
		}
	}
	if New(Options{}).allowed(netip.MustParseAddr("fe80::1%eth0")) {
		t.Error("an address with a zone is allowed")
	}
}
