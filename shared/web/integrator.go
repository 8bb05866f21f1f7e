package web

import (
	"context"
	"net/http"

	"nod/shared/domain"
)

// IntegratorRoutes are the calls of the LMS's server.
func (a API) IntegratorRoutes() []Route {
	lms := []domain.Role{domain.Integrator}
	return []Route{
		{Method: http.MethodPost, Path: "/v1/sessions", Who: lms, serve: a.openSession},
		{Method: http.MethodGet, Path: "/v1/sessions", Who: lms, serve: a.listSessions},
		{Method: http.MethodGet, Path: "/v1/sessions/{id}", Who: lms, serve: a.getSession},
		{Method: http.MethodPost, Path: "/v1/sessions/{id}/cancel", Who: lms, serve: a.cancelSession},
		{Method: http.MethodPost, Path: "/v1/sessions/{id}/code", Who: lms, serve: a.newCode},
		{Method: http.MethodPost, Path: "/v1/sessions/{id}/alternative", Who: lms, serve: a.alternative},
	}
}

func (a API) openSession(ctx context.Context, c *call) (answer, error) {
	var r domain.SessionRequest
	defer func() { // it may name somebody
		r.Reference.Wipe()
		clear(c.body)
	}()
	if err := c.bind(&r); err != nil {
		return answer{}, err
	}
	return created(a.Integrator.OpenSession(ctx, c.asCall(), r))
}

func (a API) listSessions(ctx context.Context, c *call) (answer, error) {
	page, err := c.page()
	if err != nil {
		return answer{}, err
	}
	q := c.r.URL.Query()
	return ok(a.Integrator.Sessions(ctx, c.asCall(), q.Get("subject"), q.Get("resource"), page))
}

func (a API) getSession(ctx context.Context, c *call) (answer, error) {
	id, err := c.pathID("id")
	if err != nil {
		return answer{}, err
	}
	return ok(a.Integrator.Session(ctx, c.asCall(), id))
}

func (a API) cancelSession(ctx context.Context, c *call) (answer, error) {
	return c.onThing(func(id domain.ID) (any, error) { return a.Integrator.Cancel(ctx, c.asCall(), id) })
}

func (a API) newCode(ctx context.Context, c *call) (answer, error) {
	id, err := c.pathID("id")
	if err != nil {
		return answer{}, err
	}
	b := struct {
		For domain.Giver `json:"for"`
	}{domain.Self}
	if err := c.bindOptional(&b); err != nil {
		return answer{}, err
	}
	if !b.For.Valid() {
		return answer{}, fault(domain.InvalidValue, "for", domain.NotAllowed)
	}
	return ok(a.Integrator.NewCode(ctx, c.asCall(), id, b.For))
}

func (a API) alternative(ctx context.Context, c *call) (answer, error) {
	id, err := c.pathID("id")
	if err != nil {
		return answer{}, err
	}
	var report domain.AlternativeReport
	if err := c.bind(&report); err != nil {
		return answer{}, err
	}
	return ok(a.Integrator.Alternative(ctx, c.asCall(), id, report))
}
