package store

import (
	"context"
	"errors"

	"nod/shared/app"
	"nod/shared/domain"
)

// This file is what an enterprise's administrators see of its webhooks.

func (n *Tenant) readWebhookSecret(t *tx, s *domain.WebhookSecret) {
	t.query(each(func(scan func(...any) error) error {
		var made, until int64
		err := scan(&s.Sealed, &made, &s.Before, &until)
		s.MadeAt, s.BeforeUntil = instant(made), instant(until)
		return err
	}), `SELECT secret, made_at, former, former_until FROM webhook_secrets WHERE enterprise = ?`, n.id)
}

func (n *Tenant) saveWebhookSecret(t *tx, c *domain.Charter) {
	if s := c.WebhookSecret; c.WebhookSecretSet {
		t.exec(`INSERT INTO webhook_secrets (enterprise, secret, made_at, former, former_until) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (enterprise) DO UPDATE SET secret = excluded.secret, made_at = excluded.made_at,
				former = excluded.former, former_until = excluded.former_until`,
			n.id, s.Sealed, s.MadeAt, s.Before, s.BeforeUntil)
	}
}

// Deliveries lists what the enterprise's platforms were or are to be told, oldest first.
func (n *Tenant) Deliveries(ctx context.Context, f app.DeliveryFilter) (list []domain.Delivery, err error) {
	err = n.store.transact(ctx, reading, func(t *tx) error {
		list = nil
		where, args := "enterprise = ? AND id > ?", []any{n.id, f.After}
		if f.State != "" {
			where, args = where+" AND state = ?", append(args, f.State)
		}
		readDeliveries(t, &list, `SELECT `+deliveryColumns+` FROM webhooks WHERE `+where+` ORDER BY id LIMIT ?`, append(args, f.Limit)...)
		return t.flush(ctx)
	})
	return list, err
}

// Resend makes a message due now, for a whole day.
func (n *Tenant) Resend(ctx context.Context, id domain.ID, once *app.Once, done func(domain.Delivery)) error {
	err := n.store.transact(ctx, writing, func(t *tx) error {
		var list []domain.Delivery
		look(t, once, string(n.id))
		readDeliveries(t, &list, `UPDATE webhooks SET state = 'waiting', tries = 0, lease = '', next_at = `+t.now+`, until = `+t.now+` + ?,
				ended_at = 0, fault = '', status = 0 WHERE enterprise = ? AND id = ? RETURNING `+deliveryColumns,
			domain.DeliverWithin.Milliseconds(), n.id, id)
		if err := t.flush(ctx); err != nil {
			return err
		}
		switch {
		case once.Found():
			return errAnswered
		case len(list) == 0:
			return ErrNotFound
		}
		done(list[0])
		return keep(t, once, string(n.id), nil)
	})
	if errors.Is(err, errAnswered) {
		return nil
	}
	return err
}
