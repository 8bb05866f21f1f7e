package api

import (
	"bytes"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nod/shared/ledger/bundle"
	"nod/tests/authority"
	"nod/tests/postgres"
)

// stamps are what a bundle's verifier finds, of whom a's root is trusted.
func (b *bundled) stamps(a *authority.Authority) []bundle.Timestamp {
	b.t.Helper()
	r, err := bundle.Verify(bytes.NewReader(b.raw), int64(len(b.raw)), bundle.Options{Keys: b.lines("proof/keys"), TSARoots: a.Roots()})
	if err != nil {
		b.t.Fatalf("it does not verify: %v\n%+v", err, r)
	}
	return r.Timestamps
}

// From the checkpoint to the auditor's machine, by OpenSSL's authority; and when that is
// gone, nothing else is.
func TestABundleProvesWhoOutsideSawTheLog(t *testing.T) {
	t.Parallel()
	a := authority.New()
	server := httptest.NewServer(authority.Serve(authority.OpenSSL(t, a)))
	defer server.Close()
	w := newWorld(t, setup{db: postgres.Database(t), tsa: server.URL, roots: a.RootPEM()})
	h := w.house(t)
	h.agreed().verify("a1").verdict("pass")
	first := h.export(nil)
	// The timer asks the authority beside packing: a bundle does not wait for it.
	if _, err := w.nod.Sequencing.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if done, err := w.nod.Timestamping.Run(t.Context()); err != nil || done.Made != 1 {
		t.Fatalf("%+v, %v", done, err)
	}
	w.tick(t)
	b := h.fetched(first)
	b.holdsTogether(h)
	found := b.stamps(a)
	if len(found) != 1 || float64(found[0].Size) != b.manifest["size"] || found[0].Authority != "Test Time 测试" || time.Since(found[0].Time).Abs() > time.Minute {
		t.Fatalf("found %+v", found)
	}
	folder := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name := range b.files {
		if of, is := strings.CutSuffix(name, ".tsr"); is {
			said := authority.Run(t, "ts", "-verify", "-in", file("tsr", b.files[name]), "-data", file("data", b.files[of+".checkpoint"]), "-CAfile", file("root", string(a.RootPEM())))
			if !strings.Contains(said, "Verification: OK") {
				t.Errorf("OpenSSL says %s", said)
			}
		}
	}

	server.Close()
	h.agreed()
	second := h.export(nil)
	w.tick(t) // nothing of it fails
	b = h.fetched(second)
	b.holdsTogether(h)
	if again := b.stamps(a); len(again) != 1 || again[0] != found[0] || float64(again[0].Size) >= b.manifest["size"].(float64) {
		t.Errorf("without the authority the bundle has %+v", again)
	}
	if !bytes.Contains(w.log.all(), []byte("timestamp: a checkpoint has none yet")) {
		t.Error("the operator's log does not say so")
	}
}

// Whoever has a copy of the log's head holds the log to it: people with their receipts, the
// platform with what it is told.
func TestTheLastCheckpointTravelsWithReceiptsAndMessages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h, c := w.house(t), newConsumer(t, w)
	secret := h.hears(c)
	p := h.inSession()
	checkpointOf := func(receipt object) string {
		document := receipt["document"].(object)
		if document["dct:references"] == nil {
			return ""
		}
		return text(document["dct:references"].(object), "schema:text")
	}
	granted := p.decide("granted").ok(201)
	if got := checkpointOf(granted["receipt"].(object)); got != "" {
		t.Errorf("before the first there is %q", got)
	}
	w.tick(t)
	early := string(h.do(t, "GET", "/v1/log/checkpoint", h.auditor, nil).body)
	withdrawn := p.do(t, "POST", "/v1/me/withdraw", p.token, object{"purpose": "exam"}).ok(200)
	if got := checkpointOf(withdrawn["receipt"].(object)); got != early || early == "" {
		t.Errorf("the receipt carries %q, the last was %q", got, early)
	}
	again := h.inSession().decide("granted").ok(201)
	code := strings.Split(text(again, "withdraw_url"), "#w=")[1]
	byReceipt := h.do(t, "POST", "/v1/withdraw", "", object{"code": code}).ok(200)
	if checkpointOf(again["receipt"].(object)) != early || checkpointOf(byReceipt["receipt"].(object)) != early {
		t.Error("other receipts carry none, or another one")
	}
	w.tick(t)
	h.told(c, secret) // which looks at the messages
}
