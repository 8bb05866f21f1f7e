package app

import (
	"context"
	"errors"
	"time"

	"nod/shared/domain"
	"nod/shared/vault"
)

// Webhooks is what an enterprise's administrator does about its webhooks: the secret that
// messages are signed with, and those that did not arrive.
type Webhooks struct {
	Tenant func(domain.ID) Hooks
	Vault  Vault
}

// SecretView is the signing secret. FormerUntil is until when the one before signs too.
type SecretView struct {
	Secret      string    `json:"secret,omitempty"`
	CreatedAt   time.Time `json:"created_at"`
	FormerUntil time.Time `json:"former_until,omitzero"`
}

// DeliveryView is a message as the interface shows it. About is the id of what it tells of.
type DeliveryView struct {
	ID      domain.ID            `json:"id"`
	Type    domain.EventType     `json:"type"`
	At      time.Time            `json:"at"`
	Purpose domain.Purpose       `json:"purpose"` // whose settings say where it goes
	About   string               `json:"about"`
	State   domain.DeliveryState `json:"state"`
	Tries   int                  `json:"tries"`
	NextAt  time.Time            `json:"next_at,omitzero"`
	EndedAt time.Time            `json:"ended_at,omitzero"`
	Fault   domain.DeliveryFault `json:"fault,omitempty"`
	Status  int                  `json:"status,omitempty"`
}

func viewDelivery(d domain.Delivery) DeliveryView {
	v := DeliveryView{ID: d.ID, Type: d.Type, At: d.At, Purpose: d.Purpose, About: d.Thing, State: d.State,
		Tries: d.Tries, NextAt: d.NextAt, EndedAt: d.EndedAt, Fault: d.Fault, Status: d.Status}
	if v.State != domain.DeliveryWaiting {
		v.NextAt = time.Time{}
	}
	return v
}

// Secret shows the secret that the enterprise's messages are signed with; the first time,
// it is made.
func (w Webhooks) Secret(ctx context.Context, call Call) (v SecretView, err error) {
	n := w.Tenant(call.Key.Enterprise)
	c, err := n.Charter(ctx)
	if err != nil {
		return v, err
	}
	s := c.WebhookSecret
	if len(s.Sealed) == 0 {
		if s, err = firstSecret(ctx, n, w.Vault, c.Enterprise.ID); err != nil {
			return v, err
		}
	}
	v = viewSecret(s, c.Now)
	v.Secret, err = openSecret(w.Vault, c.Enterprise.ID, s.Sealed)
	return v, err
}

func viewSecret(s domain.WebhookSecret, now time.Time) SecretView {
	v := SecretView{CreatedAt: s.MadeAt}
	if now.Before(s.BeforeUntil) {
		v.FormerUntil = s.BeforeUntil
	}
	return v
}

// Rotate makes another secret; for a day both sign. A repeat with the same Idempotency-Key
// is told that the secret is shown once, although an administrator may read it.
func (w Webhooks) Rotate(ctx context.Context, call Call) (v SecretView, err error) {
	secret, sealed, err := newSecret(w.Vault, call.Key.Enterprise)
	if err != nil {
		return v, err
	}
	again, err := once(call, w.Vault, &v, func(once *Once) error {
		return w.Tenant(call.Key.Enterprise).Instruct(ctx, once, func(c *domain.Charter) error {
			c.NewWebhookSecret(sealed)
			v = viewSecret(c.WebhookSecret, c.Now)
			return nil
		})
	})
	if err == nil && again {
		err = domain.Refuse(domain.SecretShownOnce)
	}
	if err != nil {
		return SecretView{}, err
	}
	v.Secret = secret
	return v, nil
}

// List lists messages, oldest first.
func (w Webhooks) List(ctx context.Context, call Call, state domain.DeliveryState, page Page) (List[DeliveryView], error) {
	list, err := w.Tenant(call.Key.Enterprise).Deliveries(ctx, DeliveryFilter{State: state, After: page.After, Limit: page.fetch()})
	return paged(list, page, func(d domain.Delivery) domain.ID { return d.ID }, viewDelivery), err
}

// Resend has a message sent again, whatever became of it.
func (w Webhooks) Resend(ctx context.Context, call Call, id domain.ID) (v DeliveryView, err error) {
	_, err = once(call, w.Vault, &v, func(once *Once) error {
		return w.Tenant(call.Key.Enterprise).Resend(ctx, id, once, func(d domain.Delivery) { v = viewDelivery(d) })
	})
	return v, err
}

// SecretPrefix is how the specification marks a secret (Standard Webhooks).
const SecretPrefix = "whsec_"

func secretPlace(enterprise domain.ID) string { return placeOf("webhook secret", enterprise) }

func newSecret(box Words, enterprise domain.ID) (secret string, sealed []byte, err error) {
	secret = SecretPrefix + vault.RandomKey()
	sealed, err = box.SealWords(secretPlace(enterprise), []byte(secret))
	return secret, sealed, err
}

func openSecret(box Words, enterprise domain.ID, sealed []byte) (string, error) {
	words, err := box.OpenWords(secretPlace(enterprise), sealed)
	if err == nil && len(words) == 0 {
		err = errNoSecret
	}
	return string(words), err
}

var errNoSecret = errors.New("app: the enterprise has no webhook secret")

// firstSecret makes an enterprise's first secret, or finds that somebody just did.
func firstSecret(ctx context.Context, n Charters, box Words, enterprise domain.ID) (s domain.WebhookSecret, err error) {
	_, sealed, err := newSecret(box, enterprise)
	if err != nil {
		return s, err
	}
	err = n.Instruct(ctx, nil, func(c *domain.Charter) error {
		if len(c.WebhookSecret.Sealed) == 0 {
			c.NewWebhookSecret(sealed)
		}
		s = c.WebhookSecret
		return nil
	})
	return s, err
}
