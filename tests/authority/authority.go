// Package authority gives tests an RFC 3161 authority: one of its own making, that also does
// what none should do, and one that is OpenSSL's.
package authority

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	rfc3161 "github.com/digitorus/timestamp"
)

// Begin and End are between when its certificates are good.
var (
	Begin = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	End   = time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)
)

// Authority has a root of its own, and a certificate for timestamps under that.
type Authority struct {
	Root, Cert *x509.Certificate
	Key        *ecdsa.PrivateKey
	rootKey    ed25519.PrivateKey
}

// Forge changes what a token is about to say.
type Forge func(*rfc3161.Timestamp)

// New makes one; edit changes the certificate that it signs with, before that is made.
func New(edit ...func(*x509.Certificate)) *Authority {
	_, rootKey, err := ed25519.GenerateKey(rand.Reader)
	must(err)
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "A root of a test"}, NotBefore: Begin, NotAfter: End,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	a := &Authority{rootKey: rootKey}
	a.Root = made(root, root, rootKey.Public(), rootKey)
	a.Key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	a.Cert = a.Certificate(edit...)
	return a
}

// Certificate makes another certificate for the same key, under the same serial number.
func (a *Authority) Certificate(edit ...func(*x509.Certificate)) *x509.Certificate {
	c := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "Test Time 测试"}, NotBefore: Begin, NotAfter: End,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtraExtensions: []pkix.Extension{Usage(true, timeStamping)},
	}
	for _, e := range edit {
		e(c)
	}
	return made(c, a.Root, &a.Key.PublicKey, a.rootKey)
}

var timeStamping = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 8}

// TimeStamping is the purpose of the certificates.
func TimeStamping() asn1.ObjectIdentifier { return timeStamping }

// Usage is the extension that says what a key is for.
func Usage(critical bool, purposes ...asn1.ObjectIdentifier) pkix.Extension {
	value, err := asn1.Marshal(purposes)
	must(err)
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: critical, Value: value}
}

func made(c, parent *x509.Certificate, key crypto.PublicKey, by crypto.Signer) *x509.Certificate {
	raw, err := x509.CreateCertificate(rand.Reader, c, parent, key, by)
	must(err)
	out, err := x509.ParseCertificate(raw)
	must(err)
	return out
}

// RootPEM is what somebody is given who is to trust it.
func (a *Authority) RootPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.Root.Raw})
}

// Roots are those of an authority alone.
func (a *Authority) Roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.Root)
	return pool
}

// Stamp is a TimeStampResp for bytes at a time.
func (a *Authority) Stamp(message []byte, at time.Time, forge ...Forge) []byte {
	sum := sha256.Sum256(message)
	return a.respond(&rfc3161.Timestamp{HashAlgorithm: crypto.SHA256, HashedMessage: sum[:], Time: at.UTC().Truncate(time.Second)}, forge)
}

// Answer is the one to a request, now.
func (a *Authority) Answer(request []byte, forge ...Forge) []byte {
	q, err := rfc3161.ParseRequest(request)
	must(err)
	return a.respond(&rfc3161.Timestamp{
		HashAlgorithm: q.HashAlgorithm, HashedMessage: q.HashedMessage, Nonce: q.Nonce, Time: time.Now().UTC().Truncate(time.Second),
	}, forge)
}

func (a *Authority) respond(t *rfc3161.Timestamp, forge []Forge) []byte {
	t.Policy, t.AddTSACertificate, t.Accuracy = asn1.ObjectIdentifier{1, 2, 3, 4}, true, time.Second
	for _, f := range forge {
		f(t)
	}
	answer, err := t.CreateResponseWithOpts(a.Cert, a.Key, crypto.SHA256)
	must(err)
	return answer
}

// ContentType and ReplyType are those of RFC 3161, section 3.4.
const (
	ContentType = "application/timestamp-query"
	ReplyType   = "application/timestamp-reply"
)

// Serve answers requests over HTTP with what answer makes of them.
func Serve(answer func(request []byte) []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		request, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != ContentType {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", ReplyType)
		_, _ = w.Write(answer(request))
	})
}

const openSSL = `
[tsa]
default_tsa = here
[here]
serial = %SERIAL%
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ordering = no
tsa_name = yes
ess_cert_id_chain = no
`

// OpenSSL has `openssl ts` answer requests, with the certificate and the key of a.
func OpenSSL(t testing.TB, a *Authority) func(request []byte) []byte {
	t.Helper()
	folder := t.TempDir()
	write := func(name string, content []byte) string {
		path := filepath.Join(folder, name)
		must(os.WriteFile(path, content, 0o600))
		return path
	}
	key, err := x509.MarshalPKCS8PrivateKey(a.Key)
	must(err)
	config := write("tsa.cnf", bytes.ReplaceAll([]byte(openSSL), []byte("%SERIAL%"), []byte(filepath.Join(folder, "serial"))))
	signer := write("signer.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.Cert.Raw}))
	private := write("key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
	write("serial", []byte("01\n"))
	return func(request []byte) []byte {
		query, reply := write("query", request), filepath.Join(folder, "reply")
		Run(t, "ts", "-reply", "-config", config, "-queryfile", query, "-signer", signer, "-inkey", private, "-out", reply)
		answer, err := os.ReadFile(reply)
		must(err)
		return answer
	}
}

// Run runs openssl, which must be there.
func Run(t testing.TB, args ...string) string {
	t.Helper()
	out, err := exec.Command("openssl", args...).CombinedOutput()
	if err != nil {
		t.Errorf("openssl %q: %v: %s (is it installed? make setup)", args, err, out)
	}
	return string(out)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
