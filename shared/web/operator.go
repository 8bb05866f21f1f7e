package web

import (
	"context"
	"net/http"

	"nod/shared/app"
	"nod/shared/domain"
)

// OperatorRoutes are the calls of whoever runs Nod.
func (a API) OperatorRoutes() []Route {
	operator := []domain.Role{domain.Operator}
	return []Route{
		{Method: http.MethodPost, Path: "/v1/enterprises", Who: operator, serve: a.createEnterprise},
		{Method: http.MethodGet, Path: "/v1/enterprises", Who: operator, serve: a.listEnterprises},
		{Method: http.MethodPut, Path: "/v1/enterprises/{id}", Who: operator, serve: a.updateEnterprise},
		{Method: http.MethodPost, Path: "/v1/enterprises/{id}/close", Who: operator, serve: a.closeEnterprise},
		{Method: http.MethodPost, Path: "/v1/enterprises/{id}/keys", Who: operator, serve: a.createKey},
		{Method: http.MethodGet, Path: "/v1/enterprises/{id}/keys", Who: operator, serve: a.listKeys},
		{Method: http.MethodPost, Path: "/v1/operators", Who: operator, serve: a.createOperator},
		{Method: http.MethodGet, Path: "/v1/operators", Who: operator, serve: a.listOperators},
		{Method: http.MethodPost, Path: "/v1/keys/{id}/revoke", Who: operator, serve: a.revokeKey},
	}
}

func (a API) createEnterprise(ctx context.Context, c *call) (answer, error) {
	var p domain.Profile
	if err := c.bind(&p); err != nil {
		return answer{}, err
	}
	return created(a.Operator.CreateEnterprise(ctx, c.asCall(), p))
}

func (a API) listEnterprises(ctx context.Context, c *call) (answer, error) {
	page, err := c.page()
	if err != nil {
		return answer{}, err
	}
	return ok(a.Operator.Enterprises(ctx, page))
}

func (a API) updateEnterprise(ctx context.Context, c *call) (answer, error) {
	id, err := c.pathID("id")
	if err != nil {
		return answer{}, err
	}
	var p domain.Profile
	if err := c.bind(&p); err != nil {
		return answer{}, err
	}
	return ok(a.Operator.UpdateEnterprise(ctx, c.asCall(), id, p))
}

func (a API) closeEnterprise(ctx context.Context, c *call) (answer, error) {
	return c.onThing(func(id domain.ID) (any, error) { return a.Operator.CloseEnterprise(ctx, c.asCall(), id) })
}

func (a API) createKey(ctx context.Context, c *call) (answer, error) {
	id, err := c.pathID("id")
	if err != nil {
		return answer{}, err
	}
	var n app.NewKey
	if err := c.bind(&n); err != nil {
		return answer{}, err
	}
	return created(a.Operator.CreateKey(ctx, c.asCall(), id, n))
}

func (a API) listKeys(ctx context.Context, c *call) (answer, error) {
	id, err := c.pathID("id")
	if err != nil {
		return answer{}, err
	}
	page, err := c.page()
	if err != nil {
		return answer{}, err
	}
	return ok(a.Operator.Keys(ctx, id, page))
}

func (a API) createOperator(ctx context.Context, c *call) (answer, error) {
	var n struct {
		Holder string `json:"holder"`
	}
	if err := c.bind(&n); err != nil {
		return answer{}, err
	}
	return created(a.Operator.CreateOperator(ctx, c.asCall(), n.Holder))
}

func (a API) listOperators(ctx context.Context, c *call) (answer, error) {
	page, err := c.page()
	if err != nil {
		return answer{}, err
	}
	return ok(a.Operator.Operators(ctx, page))
}

func (a API) revokeKey(ctx context.Context, c *call) (answer, error) {
	return c.onThing(func(id domain.ID) (any, error) { return a.Operator.RevokeKey(ctx, c.asCall(), id) })
}

// onThing serves a call without a body on the thing that the path names. An empty
// object is taken for no body.
func (c *call) onThing(do func(domain.ID) (any, error)) (answer, error) {
	id, err := c.pathID("id")
	if err != nil {
		return answer{}, err
	}
	if err := c.bindOptional(&struct{}{}); err != nil {
		return answer{}, err
	}
	return ok(do(id))
}
