package app

import (
	"context"
	"time"

	"nod/shared/domain"
	"nod/shared/ledger"
	"nod/shared/vault"
)

// Operator is what the operator does: enterprises and keys.
type Operator struct {
	Register Register
	Tenant   func(domain.ID) Founding
	Answers  Answers
	NewID    func() domain.ID
}

// EnterpriseView is an enterprise as the interface shows it.
type EnterpriseView struct {
	ID     domain.ID `json:"id"`
	Status string    `json:"status"`
	domain.Profile
	CreatedAt time.Time `json:"created_at"`
	ClosingView
}

// ClosingView is how far the end of an enterprise's service is; absent while it is served.
type ClosingView struct {
	ClosedAt       time.Time `json:"closed_at,omitzero"`
	AcknowledgedAt time.Time `json:"acknowledged_at,omitzero"`
	ErasedAt       time.Time `json:"erased_at,omitzero"`
}

func viewClosing(e domain.Enterprise) ClosingView {
	return ClosingView{e.ClosedAt, e.AcknowledgedAt, e.ErasedAt}
}

func viewEnterprise(e domain.Enterprise) EnterpriseView {
	return EnterpriseView{ID: e.ID, Status: e.Status(), Profile: e.Profile, CreatedAt: e.CreatedAt, ClosingView: viewClosing(e)}
}

// CreateEnterprise enters a tenant.
func (o Operator) CreateEnterprise(ctx context.Context, call Call, p domain.Profile) (v EnterpriseView, err error) {
	if err := p.Validate(); err != nil {
		return v, err
	}
	id := o.NewID()
	_, err = once(call, o.Answers, &v, func(once *Once) error {
		return o.Tenant(id).Found(ctx, once, func(c *domain.Charter) error {
			c.Found(id, p, ledger.DocumentHash(p), call.Key.ID)
			v = viewEnterprise(c.Enterprise)
			return nil
		})
	})
	return v, err
}

// UpdateEnterprise changes a tenant's profile.
func (o Operator) UpdateEnterprise(ctx context.Context, call Call, id domain.ID, p domain.Profile) (v EnterpriseView, err error) {
	if err := p.Validate(); err != nil {
		return v, err
	}
	err = o.Tenant(id).Instruct(ctx, nil, func(c *domain.Charter) error {
		err := c.Reprofile(p, ledger.DocumentHash(p), call.Key.ID)
		v = viewEnterprise(c.Enterprise)
		return err
	})
	return v, err
}

// CloseEnterprise ends a tenant's service.
func (o Operator) CloseEnterprise(ctx context.Context, call Call, id domain.ID) (v EnterpriseView, err error) {
	_, err = once(call, o.Answers, &v, func(once *Once) error {
		return o.Tenant(id).Instruct(ctx, once, func(c *domain.Charter) error {
			c.Close(call.Key.ID)
			v = viewEnterprise(c.Enterprise)
			return nil
		})
	})
	return v, err
}

// Enterprises lists tenants, oldest first.
func (o Operator) Enterprises(ctx context.Context, page Page) (List[EnterpriseView], error) {
	list, err := o.Register.Enterprises(ctx, page.After, page.fetch())
	if err != nil {
		return List[EnterpriseView]{}, err
	}
	return paged(list, page, func(e domain.Enterprise) domain.ID { return e.ID }, viewEnterprise), nil
}

// KeyView is a key as the interface shows it; Key is there once, when it was made.
type KeyView struct {
	ID        domain.ID   `json:"id"`
	Role      domain.Role `json:"role"`
	Holder    string      `json:"holder"`
	Key       string      `json:"key,omitempty"`
	CreatedAt time.Time   `json:"created_at"`
	RevokedAt time.Time   `json:"revoked_at,omitzero"`
}

func viewKey(k domain.Key) KeyView {
	return KeyView{ID: k.ID, Role: k.Role, Holder: k.Holder, CreatedAt: k.CreatedAt, RevokedAt: k.RevokedAt}
}

// NewKey is what a key is asked for with.
type NewKey struct {
	Role   domain.Role `json:"role"`
	Holder string      `json:"holder"`
}

// CreateKey makes a key of an enterprise. A repeat with the same Idempotency-Key is
// told that the secret is shown once.
func (o Operator) CreateKey(ctx context.Context, call Call, enterprise domain.ID, n NewKey) (v KeyView, err error) {
	if err := domain.ValidateNewKey(n.Role, n.Holder, false); err != nil {
		return v, err
	}
	secret := vault.NewSecret()
	k := domain.Key{ID: o.NewID(), Role: n.Role, Holder: n.Holder}
	again, err := once(call, o.Answers, &v, func(once *Once) error {
		return o.Tenant(enterprise).Instruct(ctx, once, func(c *domain.Charter) error {
			if err := c.AddKey(k, vault.Hash(secret), call.Key.ID); err != nil {
				return err
			}
			v = viewKey(*c.NewKey)
			return nil
		})
	})
	return withSecret(v, again, err, domain.Bearer{Kind: string(n.Role), Enterprise: enterprise, Secret: secret})
}

// withSecret adds the secret to what was stored without it.
func withSecret(v KeyView, again bool, err error, b domain.Bearer) (KeyView, error) {
	if err == nil && again {
		err = domain.Refuse(domain.SecretShownOnce)
	}
	if err != nil {
		return KeyView{}, err
	}
	v.Key = b.String()
	return v, nil
}

// Keys lists an enterprise's keys, oldest first, without secrets.
func (o Operator) Keys(ctx context.Context, enterprise domain.ID, page Page) (List[KeyView], error) {
	c, err := o.Tenant(enterprise).Charter(ctx)
	if err != nil {
		return List[KeyView]{}, err
	}
	return pagedKeys(c.Keys, page), nil
}

// CreateOperator makes a named operator key.
func (o Operator) CreateOperator(ctx context.Context, call Call, holder string) (v KeyView, err error) {
	if err := domain.ValidateNewKey(domain.Operator, holder, true); err != nil {
		return v, err
	}
	secret := vault.NewSecret()
	k := domain.Key{ID: o.NewID(), Role: domain.Operator, Holder: holder}
	again, err := once(call, o.Answers, &v, func(once *Once) error {
		return o.Register.AddOperator(ctx, k, vault.Hash(secret), once, func(k domain.Key) { v = viewKey(k) })
	})
	return withSecret(v, again, err, domain.Bearer{Kind: string(domain.Operator), Secret: secret})
}

// Operators lists the named operator keys, oldest first, without secrets.
func (o Operator) Operators(ctx context.Context, page Page) (List[KeyView], error) {
	keys, err := o.Register.Operators(ctx)
	return pagedKeys(keys, page), err
}

func pagedKeys(keys []domain.Key, page Page) List[KeyView] {
	id := func(k domain.Key) domain.ID { return k.ID }
	return paged(behind(keys, page, id), page, id, viewKey)
}

// RevokeKey ends a key at once, whichever it is.
func (o Operator) RevokeKey(ctx context.Context, call Call, id domain.ID) (v KeyView, err error) {
	owner, err := o.Register.KeyOwner(ctx, id)
	if err != nil {
		return v, err
	}
	_, err = once(call, o.Answers, &v, func(once *Once) error {
		if owner.Enterprise == "" {
			return o.Register.RevokeOperator(ctx, id, once, func(k domain.Key) { v = viewKey(k) })
		}
		return o.Tenant(owner.Enterprise).Instruct(ctx, once, func(c *domain.Charter) error {
			k, err := c.RevokeKey(id, call.Key.ID)
			if err == nil {
				v = viewKey(*k)
			}
			return err
		})
	})
	return v, err
}
