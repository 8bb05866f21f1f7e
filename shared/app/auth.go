package app

import (
	"context"
	"crypto/subtle"
	"errors"

	"nod/shared/domain"
	"nod/shared/vault"
)

// Auth tells who a bearer is.
type Auth struct {
	Keys Keys
	// FirstOperator is the operator's key from the environment; it can do what a
	// named one can, and its use shows in the log as domain.EnvironmentKey.
	FirstOperator string
}

// Key finds the key behind an Authorization value. Unauthenticated for whatever
// Nod did not make, or made and revoked; which of these it was is not told.
func (a Auth) Key(ctx context.Context, bearer string) (domain.Key, error) {
	if a.FirstOperator != "" && equal(vault.Hash(bearer), vault.Hash(a.FirstOperator)) {
		return environmentKey, nil
	}
	b, ok := domain.ParseBearer(bearer)
	if !ok {
		return domain.Key{}, domain.Refuse(domain.Unauthenticated)
	}
	switch domain.Role(b.Kind) {
	case domain.Operator, domain.Admin, domain.Integrator, domain.Auditor:
	default:
		return domain.Key{}, domain.Refuse(domain.WrongRole) // a learner's value
	}
	k, err := a.Keys.KeyBySecret(ctx, b.Enterprise, vault.Hash(b.Secret))
	switch {
	case errors.Is(err, domain.Refuse(domain.NoSuchThing)):
		return domain.Key{}, domain.Refuse(domain.Unauthenticated)
	case err != nil:
		return domain.Key{}, err
	case string(k.Role) != b.Kind:
		return domain.Key{}, domain.Refuse(domain.Unauthenticated)
	}
	return k, nil
}

// environmentKey is the operator's first key, which has no row.
var environmentKey = domain.Key{ID: domain.EnvironmentKey, Role: domain.Operator, Holder: "environment"}

// equal compares secrets' hashes in constant time.
func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
