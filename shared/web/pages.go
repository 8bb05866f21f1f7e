package web

import (
	"context"
	"errors"
	"net/http"

	"nod/shared/console"
	"nod/shared/domain"
	"nod/shared/page"
)

// Pages is what the pages need besides themselves.
type Pages struct {
	// Enterprise finds an enterprise; domain.NoSuchThing if there is none.
	Enterprise func(context.Context, domain.ID) (domain.Enterprise, error)
	// DomainFiles are served at the root by their names, for platforms that want to see
	// that a domain is somebody's (WeCom's and WeChat's *_verify_*.txt).
	DomainFiles map[string]string
}

// PageRoutes are the pages that people meet, what they load, and what a learning
// platform embeds.
func (a API) PageRoutes() []Route {
	routes := []Route{
		{Method: http.MethodGet, Path: "/s/{enterprise}", serve: a.page},
		{Method: http.MethodGet, Path: "/w/{enterprise}", serve: a.page},
		{Method: http.MethodGet, Path: "/page/{build}/{file}", serve: a.pageFile},
		{Method: http.MethodGet, Path: "/console", serve: a.console},
		{Method: http.MethodGet, Path: "/console/{build}/{file}", serve: a.consoleFile},
		{Method: http.MethodGet, Path: "/nod.js", serve: lasting(page.EmbedScript)},
		{Method: http.MethodGet, Path: "/nod.d.ts", serve: lasting(page.EmbedTypes)},
	}
	for name, text := range a.Pages.DomainFiles {
		routes = append(routes, Route{Method: http.MethodGet, Path: "/" + name, serve: lasting(func() page.File {
			return page.File{Kind: "text/plain; charset=utf-8", Body: []byte(text)}
		})})
	}
	return routes
}

const html = "text/html; charset=utf-8"

// page answers with the page of an enterprise. A person has followed a link: whatever is
// wrong is told on a page, too.
func (a API) page(ctx context.Context, c *call) (answer, error) {
	id, isID := domain.ParseID(c.r.PathValue("enterprise"))
	e, err := domain.Enterprise{}, error(domain.Refuse(domain.NoSuchThing))
	if isID {
		e, err = a.Pages.Enterprise(ctx, id)
	}
	switch {
	case err == nil:
		return answer{status: http.StatusOK, body: content{kind: html, header: page.Headers(e.Profile.FrameOrigins), body: page.Of(e)}}, nil
	case errors.Is(err, domain.Refuse(domain.NoSuchThing)):
		return answer{status: http.StatusNotFound, body: content{kind: html, header: page.Headers(nil), body: page.With(page.NotFound)}}, nil
	}
	return answer{status: http.StatusServiceUnavailable, body: content{kind: html, header: page.Headers(nil), body: page.With(page.Down)}}, err
}

// pageFile answers with what a page loads. The address names the build, so that browsers
// keep it; one of another build (a page that was open during a release) gets what there
// is now, and keeps nothing.
func (a API) pageFile(_ context.Context, c *call) (answer, error) {
	return c.fileOf(page.Files(), "/page/", page.Base())
}

// console answers with the console, which is nobody's in particular: whose it is, the key
// says that is entered there.
func (a API) console(context.Context, *call) (answer, error) {
	return answer{status: http.StatusOK, body: content{kind: html, header: console.Headers(), body: console.Page()}}, nil
}

func (a API) consoleFile(_ context.Context, c *call) (answer, error) {
	return c.fileOf(console.Files(), "/console/", console.Base())
}

func (c *call) fileOf(files map[string]page.File, under, base string) (answer, error) {
	f, known := files[c.r.PathValue("file")]
	if !known {
		return answer{}, domain.Refuse(domain.NoSuchThing)
	}
	keep := "no-store"
	if under+c.r.PathValue("build")+"/" == base {
		keep = "public, max-age=31536000, immutable"
	}
	return answer{status: http.StatusOK, body: content{kind: f.Kind, header: map[string]string{"Cache-Control": keep}, body: f.Body}}, nil
}

// lasting answers with a file whose address never changes.
func lasting(file func() page.File) func(context.Context, *call) (answer, error) {
	header := map[string]string{"Cache-Control": "public, max-age=3600", "Cross-Origin-Resource-Policy": "cross-origin"}
	return func(context.Context, *call) (answer, error) {
		f := file()
		return answer{status: http.StatusOK, body: content{kind: f.Kind, header: header, body: f.Body}}, nil
	}
}
