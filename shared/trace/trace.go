// Package trace tells where the time of a call went, to a collector that speaks
// OpenTelemetry's protocol (OTLP). It is the only one that knows OpenTelemetry.
//
// A span has a name that is written in the code, and fields of which there are a few: a
// number, an id that Nod or a platform gave, or a word from a list. Nothing that a caller, a
// person or a vendor chose gets into one, and neither does the text of an error. Where no
// collector is named there is no Tracer, and all of this does nothing.
package trace

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	otel "go.opentelemetry.io/otel/trace"
)

// Options of a Tracer.
type Options struct {
	Endpoint string      // of the collector; /v1/traces is put behind it
	Header   http.Header // that lets us in there
	Function string
	Region   string
	// Frozen: the process stands still between calls, so spans are sent when Flush is
	// called, and never by themselves.
	Frozen bool
	Log    *slog.Logger // for what the collector did not take
}

// The bounds of what tracing may cost. A call waits for its spans to be sent where the
// process is frozen after it; a collector that is not there is left alone for a while.
const (
	flushWithin = 200 * time.Millisecond
	sendWithin  = 5 * time.Second
	sendEvery   = 5 * time.Second
	never       = 24 * time.Hour // longer than any process is kept
)

const scope = "nod"

// Tracer begins the spans of calls. A nil one begins none. It is safe for concurrent use.
type Tracer struct {
	provider *sdk.TracerProvider
	exporter *exporter
	calls    otel.Tracer
}

// New makes a Tracer. It connects to nothing yet.
func New(o Options) *Tracer {
	every := sendEvery
	if o.Frozen {
		every = never
	}
	t := &Tracer{exporter: newExporter(o)}
	t.provider = sdk.NewTracerProvider(
		sdk.WithResource(resource.NewSchemaless(
			attribute.String("service.name", "nod-"+o.Function), attribute.String("service.namespace", "nod"),
			attribute.String("cloud.region", o.Region))),
		sdk.WithBatcher(t.exporter, sdk.WithBatchTimeout(every), sdk.WithExportTimeout(sendWithin)),
		sdk.WithSampler(sdk.AlwaysSample()),
	)
	t.calls = t.provider.Tracer(scope)
	return t
}

// Start begins the span of a call that somebody made. A trace that the caller names is not
// gone on with: what they write there is theirs, and may be anything. Their side finds ours
// by the request's id.
func (t *Tracer) Start(ctx context.Context, name string) (context.Context, Span) {
	if t == nil {
		return ctx, Span{}
	}
	ctx, span := t.calls.Start(ctx, name, otel.WithNewRoot(), otel.WithSpanKind(otel.SpanKindServer))
	return ctx, Span{span}
}

// Begin begins a part of what the context's span is about. Without a span in the context
// there is none here.
func Begin(ctx context.Context, name string) (context.Context, Span) {
	return begin(ctx, name, otel.SpanKindInternal)
}

// Call begins the span of a call that we make, and wait for.
func Call(ctx context.Context, name string) (context.Context, Span) {
	return begin(ctx, name, otel.SpanKindClient)
}

func begin(ctx context.Context, name string, kind otel.SpanKind) (context.Context, Span) {
	parent := otel.SpanFromContext(ctx)
	if !parent.IsRecording() {
		return ctx, Span{}
	}
	ctx, span := parent.TracerProvider().Tracer(scope).Start(ctx, name, otel.WithSpanKind(kind))
	return ctx, Span{span}
}

// ID is the trace's that the context is in, for the log; empty if it is in none.
func ID(ctx context.Context) string {
	if c := otel.SpanContextFromContext(ctx); c.HasTraceID() {
		return c.TraceID().String()
	}
	return ""
}

// Flush sends what has ended, and waits for that, within bounds.
func (t *Tracer) Flush(ctx context.Context) {
	if t == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushWithin)
	defer cancel()
	_ = t.provider.ForceFlush(ctx) // the exporter says what it could not send
}

// Close sends what has ended, and ends tracing.
func (t *Tracer) Close() {
	if t == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), sendWithin)
	defer cancel()
	_ = t.provider.Shutdown(ctx)
}
