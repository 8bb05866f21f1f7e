package web

import (
	"context"
	_ "embed"
	"encoding/json"
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

// errNotReady tells a caller that Nod is busy and leaves the cause to the log.
func errNotReady(cause error) error {
	return &notReady{Refusal: domain.Refuse(domain.Busy), cause: cause}
}

type notReady struct {
	*domain.Refusal
	cause error
}

func (n *notReady) Error() string { return "not ready: " + n.cause.Error() }
func (n *notReady) Unwrap() error { return n.Refusal }

func (a API) keySet(context.Context, *call) (answer, error) {
	return ok(a.Integrator.Signer.KeySet(), nil)
}
