// Package assertion signs what an LMS trusts: a JWS (EdDSA, typ nod-assertion+jwt)
// about how a session came out. Everything that a page or a redirect tells is a
// hint; this is not.
package assertion

import (
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"nod/shared/domain"
)

// Type is the JWS header typ; a verifier accepts no other (RFC 8725 section 3.11).
const Type = "nod-assertion+jwt"

// Lifetime is how long an assertion may be presented. It is signed anew whenever
// it is fetched; checked_at says when the check was.
const Lifetime = 10 * time.Minute

// Claims of an assertion. Audience is the enterprise, Subject the LMS's own id.
type Claims struct {
	Issuer     string                `json:"iss"`
	Audience   domain.ID             `json:"aud"`
	Subject    string                `json:"sub"`
	ID         domain.ID             `json:"jti"`
	IssuedAt   int64                 `json:"iat"`
	Expires    int64                 `json:"exp"`
	Session    domain.ID             `json:"session"`
	State      domain.State          `json:"state"`
	Resource   string                `json:"resource,omitempty"`
	Purpose    domain.Purpose        `json:"purpose"`
	Route      domain.Route          `json:"route,omitempty"`
	Capture    string                `json:"capture,omitempty"`
	Liveness   bool                  `json:"liveness"`
	Identity   domain.IdentityFrom   `json:"identity_from,omitempty"` // who said which name and number were checked
	Mode       domain.Mode           `json:"mode"`
	Result     domain.Result         `json:"result"`
	CheckedAt  string                `json:"checked_at,omitempty"`
	Nonce      string                `json:"nonce,omitempty"`
	Notice     *domain.NoticeRef     `json:"notice,omitempty"`
	Delegation *domain.DelegationRef `json:"delegation,omitempty"`
	Consent    domain.ID             `json:"consent,omitempty"`
	// Alternative is how the person was recognised otherwise, where the state says so.
	Alternative *domain.AlternativeReport `json:"alternative,omitempty"`
}

// Signer signs with its first key and publishes all of them. It is safe for
// concurrent use.
type Signer struct {
	signer jose.Signer
	public jose.JSONWebKeySet
}

// New reads keys: one or more Ed25519 seeds of 32 bytes in base64, separated by
// commas. The first signs; the others are published, so that assertions of a key
// that was just replaced still verify.
func New(keys string) (*Signer, error) {
	s := &Signer{}
	for i, text := range strings.Split(keys, ",") {
		seed, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
		if err != nil || len(seed) != ed25519.SeedSize {
			return nil, errors.New("an assertion key is not 32 bytes in base64")
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
			(&jose.SignerOptions{}).WithType(Type))
		if err != nil {
			return nil, fmt.Errorf("assertion: %w", err)
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

// Sign returns the compact serialization.
func (s *Signer) Sign(c Claims) (string, error) {
	payload, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	jws, err := s.signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("assertion: %w", err)
	}
	return jws.CompactSerialize()
}

// KeySet is the public half, for /.well-known/jwks.json.
func (s *Signer) KeySet() jose.JSONWebKeySet { return s.public }
