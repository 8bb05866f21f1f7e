package envelope

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"
)

// Sealer encrypts fields for the holder of one key. It is safe for concurrent use.
type Sealer struct {
	algorithm string
	scheme    scheme
	wrap      func(key []byte) ([]byte, error)
}

// New makes a Sealer. The public key is the vendor's, in PEM: for AES-256-CBC an RSA key
// (RSA PUBLIC KEY or PUBLIC KEY), for SM4-GCM an SM2 key (PUBLIC KEY).
func New(algorithm string, publicKeyPEM []byte) (*Sealer, error) {
	s := &Sealer{algorithm: algorithm}
	var known bool
	if s.scheme, known = schemes[algorithm]; !known {
		return nil, fmt.Errorf("envelope: the algorithm must be %s or %s", AES256CBC, SM4GCM)
	}
	block, rest := pem.Decode(publicKeyPEM)
	if block == nil || len(block.Headers) != 0 || len(slices.DeleteFunc(slices.Clone(rest), isSpace)) != 0 {
		return nil, errors.New("envelope: the public key is not one block of PEM")
	}
	switch algorithm {
	case AES256CBC:
		key, err := parseRSA(block)
		if err != nil {
			return nil, err
		}
		//lint:ignore SA1019 the padding is the vendor's
		s.wrap = func(secret []byte) ([]byte, error) { return rsa.EncryptPKCS1v15(rand.Reader, key, secret) }
	case SM4GCM:
		key, err := parseSM2(block)
		if err != nil {
			return nil, err
		}
		form := sm2.NewPlainEncrypterOpts(sm2.MarshalUncompressed, sm2.C1C3C2)
		s.wrap = func(secret []byte) ([]byte, error) { return sm2.Encrypt(rand.Reader, key, secret, form) }
	}
	// A key that is too short shows now, and not at the first person's check.
	if _, err := s.wrap(make([]byte, s.scheme.keySize)); err != nil {
		return nil, fmt.Errorf("envelope: the public key cannot be used: %w", err)
	}
	return s, nil
}

func isSpace(b byte) bool { return b == ' ' || b == '\t' || b == '\r' || b == '\n' }

func parseRSA(block *pem.Block) (*rsa.PublicKey, error) {
	if block.Type == "RSA PUBLIC KEY" {
		key, err := x509.ParsePKCS1PublicKey(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("envelope: reading the RSA key: %w", err)
		}
		return key, nil
	}
	if block.Type == "PUBLIC KEY" {
		if parsed, err := x509.ParsePKIXPublicKey(block.Bytes); err == nil {
			if key, ok := parsed.(*rsa.PublicKey); ok {
				return key, nil
			}
		}
	}
	return nil, fmt.Errorf("envelope: %s needs a public key of RSA", AES256CBC)
}

func parseSM2(block *pem.Block) (*ecdsa.PublicKey, error) {
	if block.Type == "PUBLIC KEY" {
		if parsed, err := smx509.ParsePKIXPublicKey(block.Bytes); err == nil && sm2.IsSM2PublicKey(parsed) {
			return parsed.(*ecdsa.PublicKey), nil
		}
	}
	return nil, fmt.Errorf("envelope: %s needs a public key of SM2", SM4GCM)
}

// Seal encrypts the values under a new key and returns their ciphertexts in base64, in
// the same order, with what travels beside them. The names are those of the fields.
func (s *Sealer) Seal(names []string, values [][]byte) (Encryption, [][]byte, error) {
	if len(names) == 0 || len(names) != len(values) {
		return Encryption{}, nil, errors.New("envelope: a value for each name, and one at least")
	}
	key := make([]byte, s.scheme.keySize)
	defer clear(key)
	iv := make([]byte, s.scheme.ivSize)
	_, _ = rand.Read(key) // never fails: the process ends before it would
	_, _ = rand.Read(iv)
	blob, err := s.wrap(key)
	if err != nil {
		return Encryption{}, nil, fmt.Errorf("envelope: encrypting the key: %w", err)
	}
	e := Encryption{
		EncryptList:    slices.Clone(names),
		CiphertextBlob: encoding.EncodeToString(blob),
		Iv:             encoding.EncodeToString(iv),
		Algorithm:      s.algorithm,
	}
	sealed := make([][]byte, len(values))
	for i, value := range values {
		ciphertext, tag, err := s.scheme.encrypt(key, iv, value)
		if err != nil {
			return Encryption{}, nil, fmt.Errorf("envelope: encrypting a field: %w", err)
		}
		sealed[i] = encoding.AppendEncode(nil, ciphertext)
		if s.scheme.tagSize > 0 {
			e.TagList = append(e.TagList, encoding.EncodeToString(tag))
		}
	}
	return e, sealed, nil
}
