// Package promise signs what a person is told before the log has their word in it: that
// this very line will have its place there by a certain time. Whoever holds a promise
// whose time is over, and finds no proof of inclusion, holds evidence against the log.
package promise

import (
	"time"

	"nod/shared/domain"
	"nod/shared/jws"
	"nod/shared/ledger"
)

// Type is the JWS header typ; a verifier accepts no other.
const Type = "nod-promise+jwt"

// Claims of a promise: the Record and the leaf hash of its line, the log by its origin,
// and until when it will be in a checkpoint of that.
type Claims struct {
	Issuer   string    `json:"iss"`
	Origin   string    `json:"origin"`
	Record   domain.ID `json:"record"`
	LeafHash string    `json:"leaf_hash"`
	IssuedAt int64     `json:"iat"`
	PlacedBy int64     `json:"placed_by"`
}

// Signer signs promises. It is safe for concurrent use.
type Signer struct {
	*jws.Signer
	publicURL string
}

// New reads keys; see jws.New.
func New(keys, publicURL string) (*Signer, error) {
	s, err := jws.New(keys, "a promise key", Type)
	return &Signer{s, publicURL}, err
}

// Sign promises the place of an entry that is durable.
func (s *Signer) Sign(e ledger.Entry) (string, error) {
	r := e.Record
	return s.Signer.Sign(Claims{
		Issuer: s.publicURL, Origin: ledger.Origin(s.publicURL, string(r.Enterprise)), Record: r.ID, LeafHash: e.Leaf,
		IssuedAt: r.At.Unix(), PlacedBy: r.At.Add(domain.PlacedWithin).Add(time.Second - 1).Unix(),
	})
}
