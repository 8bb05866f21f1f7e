package gateway

import (
	"context"
	"time"
)

// mostReserved is the most that WithReserve keeps back.
const mostReserved = 500 * time.Millisecond

// WithReserve ends the context a little before the invocation's own deadline, when
// the platform kills the process: a handler that was told to stop can then still
// say so. A tenth of what is left is kept back, half a second at most.
func WithReserve(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, deadline.Add(-min(time.Until(deadline)/10, mostReserved)))
}
