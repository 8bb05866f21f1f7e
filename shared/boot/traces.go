package boot

import (
	"log/slog"
	"net/http"

	"nod/shared/config"
	"nod/shared/runtime/lambda"
	"nod/shared/runtime/scf"
	"nod/shared/trace"
)

// tracer is nil without a collector: nothing is started then.
func tracer(c config.Config, log *slog.Logger) *trace.Tracer {
	if c.Traces == "" {
		return nil
	}
	header, _ := c.TraceHeader() // it was checked
	return trace.New(trace.Options{
		Endpoint: c.Traces, Header: header, Function: program(), Region: c.Region, Log: log,
		Frozen: lambda.Here() || scf.Here(),
	})
}

// flushing sends a call's spans before its answer leaves, because the platform freezes the
// process right after it.
func (n *Nod) flushing(h http.Handler) http.Handler {
	if n.API.Trace == nil {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r)
		n.API.Trace.Flush(r.Context())
	})
}
