// Package jws signs what Nod hands out for others to verify: a JWS in its compact form,
// EdDSA, with one type in its header (RFC 7515, RFC 8037; RFC 8725 section 3.11).
package jws

import (
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// Signer signs with its first key and publishes all of them. It is safe for concurrent
// use.
type Signer struct {
	signer jose.Signer
	public jose.JSONWebKeySet
}

// New reads keys: one or more Ed25519 seeds of 32 bytes in base64, separated by commas.
// The first signs; the others are published, so that what a key has signed that was just
// replaced still verifies. what names the keys where one is faulty.
func New(keys, what, kind string) (*Signer, error) {
	s := &Signer{}
	for i, text := range strings.Split(keys, ",") {
		seed, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
		if err != nil || len(seed) != ed25519.SeedSize {
			return nil, fmt.Errorf("%s is not 32 bytes in base64", what)
		}
		private := ed25519.NewKeyFromSeed(seed)
		jwk, err := published(private.Public())
		if err != nil {
			return nil, err
		}
		s.public.Keys = append(s.public.Keys, jwk)
		if i > 0 {
			continue
		}
		s.signer, err = jose.NewSigner(
			jose.SigningKey{Algorithm: jose.EdDSA, Key: jose.JSONWebKey{Key: private, KeyID: jwk.KeyID}},
			(&jose.SignerOptions{}).WithType(jose.ContentType(kind)))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", what, err)
		}
	}
	return s, nil
}

// published gives a key its id: the RFC 7638 thumbprint, so that it need not be chosen.
func published(key crypto.PublicKey) (jose.JSONWebKey, error) {
	jwk := jose.JSONWebKey{Key: key, Algorithm: string(jose.EdDSA), Use: "sig"}
	thumb, err := jwk.Thumbprint(crypto.SHA256)
	jwk.KeyID = base64.RawURLEncoding.EncodeToString(thumb)
	return jwk, err
}

// Sign returns the compact serialization of claims.
func (s *Signer) Sign(claims any) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	signed, err := s.signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("jws: %w", err)
	}
	return signed.CompactSerialize()
}

// KeySet is the public half (RFC 7517).
func (s *Signer) KeySet() jose.JSONWebKeySet { return s.public }
