package timestamp

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"

	rfc3161 "github.com/digitorus/timestamp"
)

// Request asks for a timestamp of bytes, of which it holds the SHA-256 and nothing else. The
// nonce is what the answer must repeat, so that it is an answer to this.
func Request(message []byte) (request []byte, nonce *big.Int, err error) {
	nonce, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 64)) // some take no longer ones
	if err != nil {
		return nil, nil, fmt.Errorf("timestamp: %w", err)
	}
	request, err = (&rfc3161.Request{
		HashAlgorithm: crypto.SHA256, HashedMessage: sum(message), Certificates: true, Nonce: nonce,
	}).Marshal()
	if err != nil {
		return nil, nil, fmt.Errorf("timestamp: %w", err)
	}
	return request, nonce, nil
}

// Accept takes an authority's answer to a request, or says why it is none to be kept. What
// comes of it is what Verify verifies.
func Accept(answer, message []byte, nonce *big.Int, roots *x509.CertPool) (tsr []byte, s Stamp, err error) {
	if len(answer) > Most {
		return nil, s, none("it is larger than %d bytes", Most)
	}
	var t *rfc3161.Timestamp
	err = guarded(func() (err error) {
		if t, err = rfc3161.ParseResponse(answer); err != nil {
			err = none("%.300s", err) // a refusal, with the authority's words, or nonsense
		}
		return err
	})
	if err != nil {
		return nil, s, err
	}
	if tsr, err = asn1.Marshal(struct{ Status, Token asn1.RawValue }{
		asn1.RawValue{FullBytes: granted}, asn1.RawValue{FullBytes: t.RawToken},
	}); err != nil {
		return nil, s, none("%v", err)
	}
	if s, err = Verify(tsr, message, roots); err != nil {
		return nil, s, err
	}
	if t.Nonce == nil || t.Nonce.Cmp(nonce) != 0 {
		return nil, s, none("it is not an answer to this request: its nonce is another one")
	}
	return tsr, s, nil
}

// Roots reads certificates, in PEM or in DER one behind the other.
func Roots(data []byte) (*x509.CertPool, error) {
	var list []*x509.Certificate
	if block, _ := pem.Decode(data); block == nil {
		found, err := x509.ParseCertificates(data)
		if err != nil {
			return nil, fmt.Errorf("timestamp: %w", err)
		}
		list = found
	}
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("timestamp: %w", err)
		}
		list = append(list, c)
	}
	if len(list) == 0 {
		return nil, errors.New("timestamp: there is no certificate")
	}
	pool := x509.NewCertPool()
	for _, c := range list {
		pool.AddCert(c)
	}
	return pool, nil
}
