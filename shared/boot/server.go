//go:build !cloud

package boot

import (
	"context"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"nod/shared/runtime/serve"
)

// Serve runs a handler as a plain HTTP server until ctx ends.
func (n *Nod) Serve(ctx context.Context, h http.Handler, o serve.Options) error {
	o.TooLarge = n.API.TooLarge()
	return serve.Run(ctx, h, o)
}

// outsideClouds runs a function where there is no cloud, as a server, until it is told to
// stop. beside is done meanwhile, if there is anything.
func (n *Nod) outsideClouds(h http.Handler, beside func(*Nod, context.Context)) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if beside != nil {
		var done sync.WaitGroup
		defer done.Wait()
		done.Go(func() { beside(n, ctx) })
	}
	return n.Serve(ctx, h, serve.Options{Addr: n.Config.Addr})
}
