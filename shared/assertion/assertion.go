// Package assertion signs what an LMS trusts: a JWS (EdDSA, typ nod-assertion+jwt)
// about how a session came out. Everything that a page or a redirect tells is a
// hint; this is not.
package assertion

import (
	"time"

	"nod/shared/domain"
	"nod/shared/jws"
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
	// Checkpoint is the last that was published of the enterprise's log, as it is signed: what
	// the log says later must contain it.
	Checkpoint string `json:"checkpoint,omitempty"`
	// Alternative is how the person was recognised otherwise, where the state says so.
	Alternative *domain.AlternativeReport `json:"alternative,omitempty"`
}

// Signer signs assertions with its first key and publishes all of them, for
// /.well-known/jwks.json. It is safe for concurrent use.
type Signer struct{ *jws.Signer }

// New reads keys; see jws.New.
func New(keys string) (*Signer, error) {
	s, err := jws.New(keys, "an assertion key", Type)
	return &Signer{s}, err
}

// Sign returns the compact serialization.
func (s *Signer) Sign(c Claims) (string, error) { return s.Signer.Sign(c) }
