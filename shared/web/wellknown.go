package web

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"net/http"

	"nod/shared/domain"
	"nod/shared/receipt"
)

// OpenAPI is the description of the interface (OpenAPI 3.1). A test holds every
// request and answer of the suite against it.
//
//go:embed openapi.json
var OpenAPI []byte

// WellKnownRoutes are public documents.
func (a API) WellKnownRoutes() []Route {
	return []Route{
		{Method: http.MethodGet, Path: "/.well-known/jwks.json", serve: a.keySet},
		{Method: http.MethodGet, Path: "/openapi.json", serve: func(context.Context, *call) (answer, error) {
			return ok(json.RawMessage(OpenAPI), nil)
		}},
		{Method: http.MethodGet, Path: receipt.SchemaPath, serve: func(context.Context, *call) (answer, error) {
			return ok(json.RawMessage(receipt.Schema), nil)
		}},
	}
}

// PromiseRoutes publish what the promises of the log verify with, beside who makes them.
func (a API) PromiseRoutes() []Route {
	return []Route{{Method: http.MethodGet, Path: "/.well-known/promise-jwks.json", serve: func(context.Context, *call) (answer, error) {
		return ok(a.PromiseKeys, nil)
	}}}
}

// HealthRoutes tell whether this process lives, and whether it can work.
func (a API) HealthRoutes() []Route {
	status := func(s string) any { return map[string]string{"status": s} }
	return []Route{
		{Method: http.MethodGet, Path: "/healthz", serve: func(context.Context, *call) (answer, error) {
			return ok(status("alive"), nil)
		}},
		{Method: http.MethodGet, Path: "/readyz", serve: func(ctx context.Context, _ *call) (answer, error) {
			if err := a.Ready(ctx); err != nil {
				return answer{}, errNotReady(err)
			}
			return ok(status("ready"), nil)
		}},
	}
}

// NotReady says that a part of what Nod works with cannot be worked with, and why; nil
// without a cause. The caller learns which part, the log why.
func NotReady(part string, cause error) error {
	if cause == nil {
		return nil
	}
	return &unready{part, cause}
}

type unready struct {
	part  string
	cause error
}

func (u *unready) Error() string { return u.part + ": " + u.cause.Error() }
func (u *unready) Unwrap() error { return u.cause }

// notReady is the refusal that a monitor gets.
type notReady struct {
	*domain.Refusal
	cause error
	parts []string
}

func errNotReady(cause error) error {
	n := &notReady{Refusal: domain.Refuse(domain.Busy), cause: cause}
	several, ok := cause.(interface{ Unwrap() []error })
	if !ok {
		return n
	}
	for _, err := range several.Unwrap() {
		if u, ok := errors.AsType[*unready](err); ok {
			n.parts = append(n.parts, u.part)
		}
	}
	return n
}

func (n *notReady) Error() string { return "not ready: " + n.cause.Error() }
func (n *notReady) Unwrap() error { return n.Refusal }

func (a API) keySet(context.Context, *call) (answer, error) {
	return ok(a.Integrator.Signer.KeySet(), nil)
}
