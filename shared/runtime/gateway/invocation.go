package gateway

import "context"

type invocationKey struct{}

// WithInvocation says by which id the platform itself knows this call: it writes it into its
// own lines of the log, and into its bills.
func WithInvocation(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, invocationKey{}, id)
}

// Invocation is that id; empty where there is no platform.
func Invocation(ctx context.Context) string {
	id, _ := ctx.Value(invocationKey{}).(string)
	return id
}
