package boot

import (
	"context"
	"io"
	"log/slog"
	"path"
	"runtime/debug"

	"nod/shared/runtime/gateway"
	"nod/shared/trace"
)

// logTo makes the log: lines of JSON, each with the function that wrote it. No line names a
// person; what one may hold is up to whoever writes it, and docs/operate.md lists it.
func logTo(w io.Writer) *slog.Logger {
	return slog.New(invoked{slog.NewJSONHandler(w, nil)}).With("function", program())
}

// program is the name of the function that this is, as it was built: on a cloud the file
// itself is called like every other's.
func program() string {
	built, _ := debug.ReadBuildInfo()
	if built == nil || built.Path == "" {
		return "nod"
	}
	return path.Base(built.Path)
}

// invoked adds the platform's own id of the call, by which it is found among the lines that
// the platform writes, and the trace's.
type invoked struct{ slog.Handler }

// Handle is slog.Handler's.
func (h invoked) Handle(ctx context.Context, r slog.Record) error {
	if id := gateway.Invocation(ctx); id != "" {
		r.AddAttrs(slog.String("platform_request_id", id))
	}
	if id := trace.ID(ctx); id != "" {
		r.AddAttrs(slog.String("trace_id", id))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs is slog.Handler's.
func (h invoked) WithAttrs(attrs []slog.Attr) slog.Handler {
	return invoked{h.Handler.WithAttrs(attrs)}
}

// WithGroup is slog.Handler's.
func (h invoked) WithGroup(name string) slog.Handler { return invoked{h.Handler.WithGroup(name)} }
