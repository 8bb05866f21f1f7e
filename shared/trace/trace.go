// Package trace tells where the time of a call went, to a collector that speaks
// OpenTelemetry's protocol (OTLP).
//
// A span has a name that is written in the code, and fields of which there are a few: a
// number, an id that Nod or a platform gave, or a word from a list. Nothing that a caller, a
// person or a vendor chose gets into one, and neither does the text of an error. Where no
// collector is named there is no Tracer, and all of this does nothing.
package trace

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"net/http"
	"sync"
	"time"
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
	mostKept    = 2048 // spans that wait; more of them are lost
)

// Tracer begins the spans of calls. A nil one begins none. It is safe for concurrent use.
type Tracer struct {
	exporter *exporter
	resource []keyValue
	end      context.CancelFunc
	sending  sync.WaitGroup

	mu    sync.Mutex
	ended []span
}

// New makes a Tracer. It connects to nothing yet.
func New(o Options) *Tracer {
	ctx, end := context.WithCancel(context.Background())
	t := &Tracer{exporter: newExporter(o), end: end, resource: []keyValue{
		text("service.name", "nod-"+o.Function), text("service.namespace", "nod"), text("cloud.region", o.Region),
	}}
	if !o.Frozen {
		t.sending.Go(func() { t.keepSending(ctx) }) // ends with Close
	}
	return t
}

// Start begins the span of a call that somebody made. A trace that the caller names is not
// gone on with: what they write there is theirs, and may be anything. Their side finds ours
// by the request's id.
func (t *Tracer) Start(ctx context.Context, name string) (context.Context, Span) {
	if t == nil {
		return ctx, Span{}
	}
	return t.start(ctx, span{TraceID: id(16), Name: name, Kind: server})
}

// Begin begins a part of what the context's span is about. Without a span in the context
// there is none here.
func Begin(ctx context.Context, name string) (context.Context, Span) {
	return begin(ctx, name, internal)
}

// Call begins the span of a call that we make, and wait for.
func Call(ctx context.Context, name string) (context.Context, Span) {
	return begin(ctx, name, client)
}

func begin(ctx context.Context, name string, k kind) (context.Context, Span) {
	parent := of(ctx)
	if parent == nil {
		return ctx, Span{}
	}
	return parent.tracer.start(ctx, span{TraceID: parent.span.TraceID, ParentID: parent.span.SpanID, Name: name, Kind: k})
}

func (t *Tracer) start(ctx context.Context, s span) (context.Context, Span) {
	s.SpanID, s.Flags = id(8), sampled
	r := &recording{tracer: t, began: time.Now(), span: s}
	return context.WithValue(ctx, key{}, r), Span{r}
}

func id(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // it never fails
	return hex.EncodeToString(b)
}

type key struct{}

func of(ctx context.Context) *recording {
	r, _ := ctx.Value(key{}).(*recording)
	return r
}

// ID is the trace's that the context is in, for the log; empty if it is in none.
func ID(ctx context.Context) string {
	if r := of(ctx); r != nil {
		return r.span.TraceID
	}
	return ""
}

// Flush sends what has ended, and waits for that, within bounds.
func (t *Tracer) Flush(ctx context.Context) {
	if t != nil {
		t.send(context.WithoutCancel(ctx), flushWithin)
	}
}

// Close sends what has ended, and ends tracing.
func (t *Tracer) Close() {
	if t == nil {
		return
	}
	t.end()
	t.sending.Wait()
	t.send(context.Background(), sendWithin)
	t.exporter.client.CloseIdleConnections()
}

func (t *Tracer) keepSending(ctx context.Context) {
	ticks := time.NewTicker(sendEvery)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
			t.send(ctx, sendWithin)
		}
	}
}

func (t *Tracer) send(ctx context.Context, within time.Duration) {
	t.mu.Lock()
	spans := t.ended
	t.ended = nil
	t.mu.Unlock()
	if len(spans) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	t.exporter.export(ctx, message(t.resource, spans), len(spans))
}

func (t *Tracer) keep(s span) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.ended) < mostKept {
		t.ended = append(t.ended, s)
	}
}
