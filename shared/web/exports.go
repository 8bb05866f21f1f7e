package web

import (
	"context"
	"net/http"

	"nod/shared/app"
	"nod/shared/domain"
)

func (a API) makeExport(ctx context.Context, c *call) (answer, error) {
	var w app.ExportWish
	if err := c.bind(&w); err != nil {
		return answer{}, err
	}
	return created(a.Exports.Make(ctx, c.asCall(), w))
}

func (a API) listExports(ctx context.Context, c *call) (answer, error) {
	page, err := c.page()
	if err != nil {
		return answer{}, err
	}
	return ok(a.Exports.List(ctx, c.asCall(), page))
}

func (a API) getExport(ctx context.Context, c *call) (answer, error) {
	id, err := c.pathID("id")
	if err != nil {
		return answer{}, err
	}
	return ok(a.Exports.Get(ctx, c.asCall(), id))
}

// bundleLink is where a bundle is, for a page: it may not follow a redirection to another
// origin, and can let its reader do so.
type bundleLink struct {
	URL  string `json:"url"`
	Name string `json:"name"`
}

// fetchExport answers with the bundle, which may be larger than an answer: by a link to
// where it lies, or by the file itself, which is sent as it is read.
func (a API) fetchExport(ctx context.Context, c *call) (answer, error) {
	id, err := c.pathID("id")
	if err != nil {
		return answer{}, err
	}
	as := c.r.URL.Query().Get("as")
	if as != "" && as != "link" {
		return answer{}, fault(domain.InvalidValue, "as", domain.NotAllowed)
	}
	wantsLink := as == "link"
	b, err := a.Exports.Bundle(ctx, c.asCall(), id)
	if err != nil {
		return answer{}, err
	}
	header := map[string]string{"Cache-Control": "no-store"}
	if b.Link != "" && wantsLink {
		return answer{status: http.StatusOK, body: bundleLink{b.Link, b.Name}}, nil
	}
	if b.Link != "" {
		header["Location"] = b.Link
		return answer{status: http.StatusFound, body: content{kind: "text/plain; charset=utf-8", header: header}}, nil
	}
	header["Content-Disposition"] = `attachment; filename="` + b.Name + `"`
	return answer{status: http.StatusOK, body: content{kind: "application/zip", header: header, file: b.Content, size: b.Size}}, nil
}
