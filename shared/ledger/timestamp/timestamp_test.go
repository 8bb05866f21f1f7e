package timestamp_test

import (
	"bytes"
	"crypto"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	rfc3161 "github.com/digitorus/timestamp"

	"nod/shared/ledger/timestamp"
	"nod/tests/authority"
)

var message = []byte("nod.example.com/e\n13\nroot\n\n\u2014 nod.example.com/e signature\n")

// kept is a timestamp as it is kept, by an authority that forges.
func kept(t testing.TB, a *authority.Authority, at time.Time, forge ...authority.Forge) []byte {
	t.Helper()
	answer := a.Stamp(message, at, forge...)
	if !bytes.Equal(answer[4:9], []byte{0x30, 3, 2, 1, 0}) { // the library writes it as we do
		t.Fatalf("%x", answer[:16])
	}
	return answer
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestATimestampSaysWhoHadTheBytesWhen(t *testing.T) {
	a := authority.New()
	tsr := kept(t, a, noon)
	s, err := timestamp.Verify(tsr, message, a.Roots())
	if err != nil || !s.Time.Equal(noon) || s.Authority != "Test Time 测试" || s.Accuracy != time.Second {
		t.Errorf("%+v, %v", s, err)
	}
	s, err = timestamp.Read(tsr, message)
	if err != nil || !s.Time.Equal(noon) || s.Authority != "" {
		t.Errorf("without a root: %+v, %v", s, err)
	}
}

// What OpenSSL says, and what it says of what is kept, is the same.
func TestOpenSSLAgrees(t *testing.T) {
	a := authority.New()
	request, nonce, err := timestamp.Request(message)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(request, message[:16]) || len(request) > 80 {
		t.Errorf("more than a hash is asked with: %x", request)
	}
	folder := t.TempDir()
	file := func(name string, content []byte) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	query := file("query", request)
	said := authority.Run(t, "ts", "-query", "-in", query, "-text")
	if !strings.Contains(said, "Hash Algorithm: sha256") || !strings.Contains(said, "Certificate required: yes") || !strings.Contains(said, "Nonce: 0x") {
		t.Errorf("OpenSSL reads the request as %s", said)
	}
	tsr, s, err := timestamp.Accept(authority.OpenSSL(t, a)(request), message, nonce, a.Roots())
	if err != nil || time.Since(s.Time).Abs() > time.Minute || s.Authority != "Test Time 测试" || s.Accuracy != time.Second {
		t.Fatalf("%+v, %v", s, err)
	}
	root, data := file("root.pem", a.RootPEM()), file("checkpoint", message)
	for _, kept := range [][]byte{tsr, kept(t, a, noon)} {
		said = authority.Run(t, "ts", "-verify", "-in", file("kept.tsr", kept), "-data", data, "-CAfile", root)
		if !strings.Contains(said, "Verification: OK") {
			t.Errorf("OpenSSL says of what is kept: %s", said)
		}
	}
}

func edited(edit func(*x509.Certificate)) *authority.Authority { return authority.New(edit) }

func TestNoForgedTimestampIsTaken(t *testing.T) {
	good := authority.New()
	serverAuth := asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 1}
	usage := func(extensions ...pkix.Extension) *authority.Authority {
		return edited(func(c *x509.Certificate) { c.ExtraExtensions = extensions })
	}
	for name, f := range map[string]struct {
		by    *authority.Authority
		roots *x509.CertPool // of the authority itself if nil
		at    time.Time
		forge authority.Forge
		why   string
	}{
		"under another root":               {good, authority.New().Roots(), noon, nil, "under none of the roots"},
		"under no root":                    {good, x509.NewCertPool(), noon, nil, "under none of the roots"},
		"before the certificate":           {good, nil, authority.Begin.Add(-time.Hour), nil, "under none of the roots"},
		"after the certificate":            {good, nil, authority.End.Add(time.Hour), nil, "under none of the roots"},
		"by a certificate for servers":     {usage(authority.Usage(true, serverAuth)), nil, noon, nil, "timestamps alone"},
		"by one for servers, too":          {usage(authority.Usage(true, authority.TimeStamping(), serverAuth)), nil, noon, nil, "timestamps alone"},
		"by one that may be passed over":   {usage(authority.Usage(false, authority.TimeStamping())), nil, noon, nil, "timestamps alone"},
		"by one for anything":              {usage(), nil, noon, nil, "timestamps alone"},
		"by a key that signs certificates": {edited(func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCertSign }), nil, noon, nil, "none that signs"},
		"of other bytes":                   {good, nil, noon, func(t *rfc3161.Timestamp) { t.HashedMessage = make([]byte, 32) }, "other bytes"},
		"by another hash": {good, nil, noon, func(t *rfc3161.Timestamp) {
			h := sha512.Sum512(message)
			t.HashAlgorithm, t.HashedMessage = crypto.SHA512, h[:]
		}, "with SHA-256"},
		"without the certificate": {good, nil, noon, func(t *rfc3161.Timestamp) { t.AddTSACertificate = false }, "nothing is signed"},
	} {
		t.Run(name, func(t *testing.T) {
			forge := f.forge
			if forge == nil {
				forge = func(*rfc3161.Timestamp) {}
			}
			roots := f.roots
			if roots == nil {
				roots = f.by.Roots()
			}
			_, err := timestamp.Verify(kept(t, f.by, f.at, forge), message, roots)
			if !errors.Is(err, timestamp.ErrNone) || !strings.Contains(err.Error(), f.why) {
				t.Errorf("%v, want %q", err, f.why)
			}
		})
	}
}

// A certificate for the same key, which its root has signed as well, cannot take the place of
// the one that was signed with.
func TestTheSignatureNamesItsCertificate(t *testing.T) {
	a := authority.New()
	tsr := kept(t, a, noon)
	other := a.Certificate(func(c *x509.Certificate) { c.Subject.CommonName = "Test Time 不是" })
	swapped := bytes.Replace(tsr, a.Cert.Raw, other.Raw, 1)
	if len(other.Raw) != len(a.Cert.Raw) || bytes.Equal(swapped, tsr) {
		t.Fatal("nothing was put in its place")
	}
	if _, err := timestamp.Verify(swapped, message, a.Roots()); !errors.Is(err, timestamp.ErrNone) || !strings.Contains(err.Error(), "name the certificate") {
		t.Error(err)
	}
}

// Whatever bit is changed, a timestamp is none any more, or says the same: what nobody signs
// of it, such as the certificates beside the signer's, says nothing.
func TestEveryBitOfATimestampCounts(t *testing.T) {
	a := authority.New()
	tsr := kept(t, a, noon)
	was, err := timestamp.Verify(tsr, message, a.Roots())
	if err != nil {
		t.Fatal(err)
	}
	harmless := 0
	for i := range tsr {
		for bit := range 8 {
			changed := bytes.Clone(tsr)
			changed[i] ^= 1 << bit
			s, err := timestamp.Verify(changed, message, a.Roots())
			switch {
			case err == nil && s != was:
				t.Errorf("byte %d, bit %d: %+v", i, bit, s)
			case err == nil:
				harmless++
			case !errors.Is(err, timestamp.ErrNone):
				t.Errorf("byte %d, bit %d: %v", i, bit, err)
			}
		}
	}
	t.Logf("%d of %d bits can be changed and say nothing else", harmless, 8*len(tsr))
	if harmless > 8*64 {
		t.Errorf("%d bits are not looked at", harmless)
	}
	for n := range len(tsr) {
		if _, err := timestamp.Verify(tsr[:n], message, a.Roots()); err == nil {
			t.Errorf("the first %d bytes were taken", n)
		}
	}
	if _, err := timestamp.Verify(append(bytes.Clone(tsr), 0), message, a.Roots()); err == nil {
		t.Error("a byte more was taken")
	}
}

func TestAnAnswerIsToTheRequestOrNotKept(t *testing.T) {
	a := authority.New()
	request, nonce, err := timestamp.Request(message)
	if err != nil {
		t.Fatal(err)
	}
	refused, err := rfc3161.CreateErrorResponse(rfc3161.Rejection, rfc3161.BadAlgorithm)
	if err != nil {
		t.Fatal(err)
	}
	for name, answer := range map[string][]byte{
		"another nonce":   a.Answer(request, func(t *rfc3161.Timestamp) { t.Nonce = big.NewInt(7) }),
		"no nonce":        a.Answer(request, func(t *rfc3161.Timestamp) { t.Nonce = nil }),
		"another imprint": a.Answer(request, func(t *rfc3161.Timestamp) { t.HashedMessage = make([]byte, 32) }),
		"a refusal":       refused,
		"nothing":         nil,
		"garbage":         []byte("<html>welcome to the portal</html>"),
		"too much":        make([]byte, timestamp.Most+1),
		"a deep hole":     bytes.Repeat([]byte{0x30, 0x80}, 30_000),
	} {
		if tsr, _, err := timestamp.Accept(answer, message, nonce, a.Roots()); !errors.Is(err, timestamp.ErrNone) || tsr != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := timestamp.Accept(a.Answer(request), message, nonce, a.Roots()); err != nil {
		t.Error(err)
	}
}

// The library's parser shares a variable among its calls.
func TestTimestampsAreVerifiedAtOnce(t *testing.T) {
	a := authority.New()
	tsr := kept(t, a, noon)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := timestamp.Verify(tsr, message, a.Roots()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func TestRootsAreReadInBothForms(t *testing.T) {
	a, b := authority.New(), authority.New()
	both := append(a.RootPEM(), b.RootPEM()...)
	first, _ := pem.Decode(both)
	for name, data := range map[string][]byte{
		"PEM": both, "DER": append(bytes.Clone(a.Root.Raw), b.Root.Raw...), "one": pem.EncodeToMemory(first),
	} {
		roots, err := timestamp.Roots(data)
		if err != nil {
			t.Fatal(name, err)
		}
		if _, err := timestamp.Verify(kept(t, a, noon), message, roots); err != nil {
			t.Error(name, err)
		}
	}
	for _, data := range [][]byte{nil, []byte("x"), []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")} {
		if _, err := timestamp.Roots(data); err == nil {
			t.Errorf("%q was taken", data)
		}
	}
}

func FuzzVerify(f *testing.F) {
	a := authority.New()
	tsr := kept(f, a, noon)
	was, err := timestamp.Verify(tsr, message, a.Roots())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(tsr)
	f.Fuzz(func(t *testing.T, data []byte) {
		if s, err := timestamp.Verify(data, message, a.Roots()); err == nil && s != was {
			t.Errorf("%+v", s)
		} else if err != nil && !errors.Is(err, timestamp.ErrNone) {
			t.Error(err)
		}
	})
}
