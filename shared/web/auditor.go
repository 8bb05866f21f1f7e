package web

import (
	"context"
	"net/http"

	"nod/shared/domain"
)

// AuditorRoutes are what proves an enterprise's log, and bundles of it.
func (a API) AuditorRoutes() []Route {
	auditor := []domain.Role{domain.Auditor}
	return []Route{
		{Method: http.MethodGet, Path: "/v1/log/checkpoint", Who: auditor, serve: a.checkpoint},
		{Method: http.MethodGet, Path: "/v1/log/keys", Who: auditor, serve: a.logKeys},
		{Method: http.MethodGet, Path: "/v1/log/tile/{path...}", Who: auditor, serve: a.tile},
		{Method: http.MethodGet, Path: "/v1/log/records/{id}/proof", Who: auditor, serve: a.proof},
		{Method: http.MethodPost, Path: "/v1/exports", Who: auditor, serve: a.makeExport},
		{Method: http.MethodGet, Path: "/v1/exports", Who: auditor, serve: a.listExports},
		{Method: http.MethodGet, Path: "/v1/exports/{id}", Who: auditor, serve: a.getExport},
		{Method: http.MethodGet, Path: "/v1/exports/{id}/bundle", Who: auditor, serve: a.fetchExport},
	}
}

func (a API) checkpoint(ctx context.Context, c *call) (answer, error) {
	text, err := a.Auditor.Checkpoint(ctx, c.asCall())
	if err != nil {
		return answer{}, err
	}
	header := map[string]string{"Cache-Control": "no-store"}
	return answer{status: http.StatusOK, body: content{kind: "text/plain; charset=utf-8", header: header, body: []byte(text)}}, nil
}

func (a API) logKeys(ctx context.Context, c *call) (answer, error) {
	return ok(a.Auditor.Keys(ctx, c.asCall()))
}

func (a API) tile(ctx context.Context, c *call) (answer, error) {
	tile, err := a.Auditor.Tile(ctx, c.asCall(), c.r.PathValue("path"))
	if err != nil {
		return answer{}, err
	}
	header := map[string]string{"Cache-Control": "no-store"}
	return answer{status: http.StatusOK, body: content{kind: "application/octet-stream", header: header, body: tile}}, nil
}

func (a API) proof(ctx context.Context, c *call) (answer, error) {
	id, err := c.pathID("id")
	if err != nil {
		return answer{}, err
	}
	return ok(a.Auditor.Proof(ctx, c.asCall(), id))
}
