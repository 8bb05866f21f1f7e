package web

import (
	"context"

	"nod/shared/domain"
)

func (a API) listWebhooks(ctx context.Context, c *call) (answer, error) {
	page, err := c.page()
	if err != nil {
		return answer{}, err
	}
	state := domain.DeliveryState(c.r.URL.Query().Get("state"))
	if state != "" && !state.Valid() {
		return answer{}, fault(domain.InvalidValue, "state", domain.NotAllowed)
	}
	return ok(a.Webhooks.List(ctx, c.asCall(), state, page))
}

func (a API) resendWebhook(ctx context.Context, c *call) (answer, error) {
	return c.onThing(func(id domain.ID) (any, error) { return a.Webhooks.Resend(ctx, c.asCall(), id) })
}

func (a API) webhookSecret(ctx context.Context, c *call) (answer, error) {
	return ok(a.Webhooks.Secret(ctx, c.asCall()))
}

func (a API) rotateWebhookSecret(ctx context.Context, c *call) (answer, error) {
	if err := c.bindOptional(&struct{}{}); err != nil {
		return answer{}, err
	}
	return ok(a.Webhooks.Rotate(ctx, c.asCall()))
}
