package timestamp

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // by which older tokens name the certificate, beside the signature that counts
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/digitorus/pkcs7"
	rfc3161 "github.com/digitorus/timestamp"
)

// Verify reads a timestamp and verifies that an authority under one of the roots has signed
// it: its certificate was valid at the time that it tells. Whether the certificate was
// revoked is not looked at; nothing is asked.
func Verify(tsr, message []byte, roots *x509.CertPool) (s Stamp, err error) {
	if s, err = Read(tsr, message); err != nil {
		return s, err
	}
	token, err := tokenOf(tsr)
	if err != nil {
		return s, err
	}
	t, p7, err := parse(token)
	if err != nil {
		return s, err
	}
	signer, err := signedBy(p7)
	if err != nil {
		return s, err
	}
	if err := authority(signer); err != nil {
		return s, err
	}
	if err := chained(signer, p7, t, roots); err != nil {
		return s, err
	}
	if t.Time.Unix() != s.Time.Unix() || !bytes.Equal(t.HashedMessage, sum(message)) {
		return s, none("what is signed is not what it says")
	}
	if t.Accuracy < 0 {
		return s, none("its accuracy is none")
	}
	s.Authority, s.Accuracy = nameOf(signer), t.Accuracy
	return s, nil
}

func sum(message []byte) []byte { h := sha256.Sum256(message); return h[:] }

// one has the library work for one caller at a time: it counts how deep it is in a variable
// that all of its calls share.
var one sync.Mutex

// guarded calls the library, which may panic on what it does not expect.
func guarded(call func() error) (err error) {
	one.Lock()
	defer one.Unlock()
	defer func() {
		if p := recover(); p != nil {
			err = none("it cannot be read: %v", p)
		}
	}()
	return call()
}

// parse has the library read a token. Where a certificate is in it, it verifies the
// signatures, too.
func parse(token []byte) (t *rfc3161.Timestamp, p7 *pkcs7.PKCS7, err error) {
	err = guarded(func() (err error) {
		if p7, err = pkcs7.Parse(token); err == nil {
			t, err = rfc3161.Parse(token)
		}
		if err != nil {
			err = none("%v", err)
		}
		return err
	})
	if err == nil && len(p7.Certificates) == 0 {
		err = none("it has no certificate, so nothing is signed")
	}
	return t, p7, err
}

// Attributes that are signed.
var (
	contentType          = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	signingCertificate   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 12} // RFC 2634
	signingCertificateV2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47} // RFC 5035
)

// signedBy finds the certificate of the one signer, and holds that what it signed are
// attributes that say that it is a timestamp, and name that certificate: another one for the
// same key cannot be put in its place.
func signedBy(p7 *pkcs7.PKCS7) (*x509.Certificate, error) {
	signer := p7.GetOnlySigner()
	if signer == nil {
		return nil, none("it has no signer, or several")
	}
	digest, signature := p7.Signers[0].DigestAlgorithm.Algorithm, p7.Signers[0].DigestEncryptionAlgorithm.Algorithm
	strong := []asn1.ObjectIdentifier{pkcs7.OIDDigestAlgorithmSHA256, pkcs7.OIDDigestAlgorithmSHA384, pkcs7.OIDDigestAlgorithmSHA512}
	broken := []asn1.ObjectIdentifier{
		pkcs7.OIDDigestAlgorithmECDSASHA1, pkcs7.OIDDigestAlgorithmDSA, pkcs7.OIDDigestAlgorithmDSASHA1,
	}
	if !slices.ContainsFunc(strong, digest.Equal) || slices.ContainsFunc(broken, signature.Equal) {
		return nil, none("it is signed with an algorithm that counts no more")
	}
	var is asn1.ObjectIdentifier
	if err := p7.UnmarshalSignedAttribute(pkcs7.OIDAttributeContentType, &is); err != nil || !is.Equal(contentType) {
		return nil, none("what is signed is no timestamp")
	}
	if !names(p7, signer) {
		return nil, none("what is signed does not name the certificate")
	}
	return signer, nil
}

// names reports whether the signed attributes name a certificate, by its hash.
func names(p7 *pkcs7.PKCS7, c *x509.Certificate) bool {
	var v2 struct {
		Certs []struct {
			Algorithm pkix.AlgorithmIdentifier `asn1:"optional"`
			Hash      []byte
			Serial    asn1.RawValue `asn1:"optional"`
		}
		Policies asn1.RawValue `asn1:"optional"`
	}
	if err := p7.UnmarshalSignedAttribute(signingCertificateV2, &v2); err == nil {
		return len(v2.Certs) > 0 && bytes.Equal(v2.Certs[0].Hash, hashBy(v2.Certs[0].Algorithm.Algorithm, c.Raw))
	}
	var v1 struct {
		Certs []struct {
			Hash   []byte
			Serial asn1.RawValue `asn1:"optional"`
		}
		Policies asn1.RawValue `asn1:"optional"`
	}
	if err := p7.UnmarshalSignedAttribute(signingCertificate, &v1); err != nil {
		return false
	}
	h := sha1.Sum(c.Raw) //nolint:gosec
	return len(v1.Certs) > 0 && bytes.Equal(v1.Certs[0].Hash, h[:])
}

// hashBy is SHA-256 where nothing else is named; nil for what is not known.
func hashBy(algorithm asn1.ObjectIdentifier, b []byte) []byte {
	switch {
	case len(algorithm) == 0, algorithm.Equal(pkcs7.OIDDigestAlgorithmSHA256):
		return sum(b)
	case algorithm.Equal(pkcs7.OIDDigestAlgorithmSHA384):
		h := sha512.Sum384(b)
		return h[:]
	case algorithm.Equal(pkcs7.OIDDigestAlgorithmSHA512):
		h := sha512.Sum512(b)
		return h[:]
	}
	return nil
}

var extendedKeyUsage = asn1.ObjectIdentifier{2, 5, 29, 37}

// authority holds that a certificate is one for timestamps, and for nothing else (RFC 3161,
// section 2.3).
func authority(c *x509.Certificate) error {
	only := len(c.ExtKeyUsage) == 1 && c.ExtKeyUsage[0] == x509.ExtKeyUsageTimeStamping && len(c.UnknownExtKeyUsage) == 0
	critical := slices.ContainsFunc(c.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(extendedKeyUsage) && e.Critical })
	if !only || !critical {
		return none("the certificate is not one for timestamps alone")
	}
	if c.KeyUsage != 0 && c.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0 {
		return none("the key of the certificate is none that signs")
	}
	return nil
}

// chained holds that the certificate was under a root at the time of the token.
func chained(signer *x509.Certificate, p7 *pkcs7.PKCS7, t *rfc3161.Timestamp, roots *x509.CertPool) error {
	between := x509.NewCertPool()
	for _, c := range p7.Certificates {
		between.AddCert(c)
	}
	_, err := signer.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: t.Time, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping},
	})
	if err != nil {
		return none("its authority is under none of the roots at that time: %v", err)
	}
	return nil
}

// nameOf is what a person reads: nothing in it moves a terminal's cursor.
func nameOf(c *x509.Certificate) string {
	name := c.Subject.CommonName
	if name == "" {
		name = c.Subject.String()
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, fmt.Sprintf("%.200s", name))
}
