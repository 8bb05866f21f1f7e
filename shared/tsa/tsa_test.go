package tsa_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	rfc3161 "github.com/digitorus/timestamp"

	"nod/shared/ledger/timestamp"
	"nod/shared/tsa"
	"nod/tests/authority"
)

var checkpoint = []byte("nod.example.com/e\n13\nroot\n\n\u2014 nod.example.com/e signature\n")

func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// The real one: what OpenSSL's authority answers is taken, and OpenSSL's is what was asked.
func TestACheckpointIsTimestampedByOpenSSL(t *testing.T) {
	a := authority.New()
	at := serve(t, authority.Serve(authority.OpenSSL(t, a)))
	tsr, when, err := tsa.New(tsa.Options{URL: at, Roots: a.Roots()}).Timestamp(t.Context(), checkpoint)
	if err != nil || time.Since(when).Abs() > time.Minute {
		t.Fatal(when, err)
	}
	if s, err := timestamp.Verify(tsr, checkpoint, a.Roots()); err != nil || !s.Time.Equal(when) {
		t.Errorf("%+v, %v", s, err)
	}
}

// A hash leaves, and nothing else: not even the log's name.
func TestD13_ATimestampAuthorityLearnsAHashAlone(t *testing.T) {
	a := authority.New()
	var sent []byte
	var header http.Header
	at := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header = r.Header.Clone()
		sent, _ = io.ReadAll(r.Body)
		w.Header().Set("Content-Type", authority.ReplyType+"; x=y")
		_, _ = w.Write(a.Answer(sent))
	}))
	if _, _, err := tsa.New(tsa.Options{URL: at, Roots: a.Roots()}).Timestamp(t.Context(), checkpoint); err != nil {
		t.Fatal(err)
	}
	q, err := rfc3161.ParseRequest(sent)
	if err != nil || len(q.HashedMessage) != 32 || len(q.Extensions) > 0 || len(sent) > 80 || bytes.Contains(sent, []byte("nod.example")) {
		t.Errorf("sent %x, %v", sent, err)
	}
	for name := range header {
		switch name {
		case "Content-Type", "Accept", "User-Agent", "Content-Length", "Connection":
		default:
			t.Errorf("it learns %s: %s", name, header.Get(name))
		}
	}
}

func TestNothingElseIsTakenForAnAnswer(t *testing.T) {
	a, other := authority.New(), authority.New()
	forged := func(forge authority.Forge) http.Handler {
		return authority.Serve(func(q []byte) []byte { return a.Answer(q, forge) })
	}
	typed := func(kind string, status int) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			q, _ := io.ReadAll(r.Body)
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			_, _ = w.Write(a.Answer(q))
		})
	}
	elsewhere := serve(t, authority.Serve(func(q []byte) []byte { return a.Answer(q) }))
	for name, f := range map[string]struct {
		by  http.Handler
		why string
	}{
		"another nonce":       {forged(func(t *rfc3161.Timestamp) { t.Nonce = big.NewInt(3) }), "nonce"},
		"another imprint":     {forged(func(t *rfc3161.Timestamp) { t.HashedMessage = make([]byte, 32) }), "other bytes"},
		"another authority":   {authority.Serve(func(q []byte) []byte { return other.Answer(q) }), "none of the roots"},
		"a clock that is off": {forged(func(t *rfc3161.Timestamp) { t.Time = t.Time.Add(-time.Hour) }), "apart"},
		"a rough clock":       {forged(func(t *rfc3161.Timestamp) { t.Accuracy = time.Hour }), "only"},
		"an answer of before": {authority.Serve(func([]byte) []byte { return a.Stamp(checkpoint, time.Now()) }), "nonce"},
		"garbage":             {authority.Serve(func([]byte) []byte { return []byte("no") }), "none of this"},
		"nothing":             {authority.Serve(func([]byte) []byte { return nil }), "none of this"},
		"a huge answer":       {authority.Serve(func([]byte) []byte { return make([]byte, 8<<20) }), "larger"},
		"a web page":          {typed("text/html", 200), "timestamp-reply"},
		"no type":             {typed("", 200), "timestamp-reply"},
		"an error":            {typed(authority.ReplyType, 503), "503"},
		"a redirection":       {http.RedirectHandler(elsewhere, http.StatusTemporaryRedirect), "307"},
	} {
		t.Run(name, func(t *testing.T) {
			tsr, _, err := tsa.New(tsa.Options{URL: serve(t, f.by), Roots: a.Roots()}).Timestamp(t.Context(), checkpoint)
			if tsr != nil || err == nil || !strings.Contains(err.Error(), f.why) {
				t.Errorf("%v, want %q", err, f.why)
			}
		})
	}
}

func TestAnAuthorityThatIsDownOrSlowIsNotWaitedFor(t *testing.T) {
	down := httptest.NewServer(http.NotFoundHandler())
	down.Close()
	u := strings.Replace(down.URL, "://", "://user:secret@", 1)
	if _, _, err := tsa.New(tsa.Options{URL: u}).Timestamp(t.Context(), checkpoint); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("down: %v", err)
	}
	var asked atomic.Int32
	slow := serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		_, _ = io.Copy(io.Discard, r.Body) // so that the server sees who goes
		<-r.Context().Done()
	}))
	if _, _, err := tsa.New(tsa.Options{URL: slow, Timeout: 50 * time.Millisecond}).Timestamp(t.Context(), checkpoint); err == nil {
		t.Error("it answered")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := tsa.New(tsa.Options{URL: slow}).Timestamp(ctx, checkpoint); !errors.Is(err, context.Canceled) {
		t.Errorf("ended: %v", err)
	}
	if asked.Load() != 1 {
		t.Errorf("asked %d times", asked.Load())
	}
}
