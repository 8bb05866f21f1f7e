package trace_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"

	"nod/shared/trace"
)

// collector is a peer that reads what it is sent by the protocol's own schema.
type collector struct {
	*httptest.Server
	got    chan *otlp.TracesData
	calls  atomic.Int32
	status atomic.Int32
}

func newCollector(t *testing.T) *collector {
	c := &collector{got: make(chan *otlp.TracesData, 16)}
	c.status.Store(http.StatusOK)
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.calls.Add(1)
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/json" || r.Header.Get("X-Team") != "a b" {
			t.Errorf("%s %s %v, %v", r.Method, r.URL, r.Header, err)
		}
		var data otlp.TracesData
		if err := protojson.Unmarshal(inBase64(body), &data); err != nil { // it refuses fields that it does not know
			t.Errorf("it is no message of the protocol: %v\n%s", err, body)
		}
		w.WriteHeader(int(c.status.Load()))
		c.got <- &data
	}))
	t.Cleanup(c.Close)
	return c
}

// inBase64 writes ids as protobuf's JSON has bytes; OTLP's has them in hexadecimal.
func inBase64(body []byte) []byte {
	ids := regexp.MustCompile(`("(?:traceId|spanId|parentSpanId)":")([0-9a-f]+)"`)
	return ids.ReplaceAllFunc(body, func(m []byte) []byte {
		parts := ids.FindSubmatch(m)
		raw, _ := hex.DecodeString(string(parts[2]))
		return []byte(string(parts[1]) + base64.StdEncoding.EncodeToString(raw) + `"`)
	})
}

func (c *collector) tracer(t *testing.T, frozen bool, log io.Writer) *trace.Tracer {
	tracer := trace.New(trace.Options{
		Endpoint: c.URL + "/", Header: http.Header{"X-Team": {"a b"}}, Function: "verify", Region: "ap-guangzhou",
		Frozen: frozen, Log: slog.New(slog.NewJSONHandler(log, nil)),
	})
	t.Cleanup(tracer.Close)
	return tracer
}

func TestSpansAreWhatTheProtocolHas(t *testing.T) {
	t.Parallel()
	c := newCollector(t)
	tracer := c.tracer(t, true, io.Discard)
	ctx, call := tracer.Start(t.Context(), "POST /v1/verify")
	inner, part := trace.Begin(ctx, "store")
	part.Number(trace.Tries, 2)
	_, other := trace.Call(inner, "CompareFace")
	other.Word(trace.Upstream, "FailedOperation.ServerError")
	other.Word(trace.Reason, "")
	other.End(errors.New("a text that goes nowhere"))
	part.End(nil)
	call.Word(trace.Route, "/v1/verify")
	id := trace.ID(ctx)
	call.End(nil)
	call.End(errors.New("again"))
	call.Word(trace.Result, "late")
	tracer.Flush(t.Context())

	data := <-c.got
	resource := data.ResourceSpans[0].Resource.Attributes
	if len(data.ResourceSpans) != 1 || resource[0].Key != "service.name" || resource[0].Value.GetStringValue() != "nod-verify" {
		t.Errorf("it is from %v", resource)
	}
	spans := data.ResourceSpans[0].ScopeSpans[0].Spans
	if len(spans) != 3 {
		t.Fatalf("%d spans", len(spans))
	}
	asked, stored, called := spans[0], spans[1], spans[2] // as they ended
	if hex.EncodeToString(called.TraceId) != id || len(called.TraceId) != 16 || len(called.SpanId) != 8 || len(called.ParentSpanId) != 0 ||
		!bytes.Equal(stored.ParentSpanId, called.SpanId) || !bytes.Equal(asked.ParentSpanId, stored.SpanId) || !bytes.Equal(asked.TraceId, called.TraceId) {
		t.Errorf("they do not hang together: %v", spans)
	}
	if called.Name != "POST /v1/verify" || called.Kind != otlp.Span_SPAN_KIND_SERVER || stored.Kind != otlp.Span_SPAN_KIND_INTERNAL || asked.Kind != otlp.Span_SPAN_KIND_CLIENT {
		t.Errorf("their kinds are %v", spans)
	}
	if called.Status.GetCode() != otlp.Status_STATUS_CODE_UNSET || asked.Status.GetCode() != otlp.Status_STATUS_CODE_ERROR || asked.Status.GetMessage() != "" {
		t.Errorf("they ended as %v and %v", called.Status, asked.Status)
	}
	if len(asked.Attributes) != 1 || asked.Attributes[0].Value.GetStringValue() != "FailedOperation.ServerError" ||
		stored.Attributes[0].Key != "nod.tries" || stored.Attributes[0].Value.GetIntValue() != 2 || len(called.Attributes) != 1 {
		t.Errorf("they tell %v, %v, %v", asked.Attributes, stored.Attributes, called.Attributes)
	}
	if now := uint64(time.Now().UnixNano()); called.StartTimeUnixNano > called.EndTimeUnixNano || called.EndTimeUnixNano > now || now-called.StartTimeUnixNano > uint64(time.Minute) {
		t.Errorf("it took from %d to %d", called.StartTimeUnixNano, called.EndTimeUnixNano)
	}
	tracer.Flush(t.Context()) // of nothing
	if c.calls.Load() != 1 {
		t.Error("nothing was sent")
	}
}

func TestWithoutATracerThereAreNoSpans(t *testing.T) {
	t.Parallel()
	var none *trace.Tracer
	ctx, span := none.Start(t.Context(), "x")
	inner, part := trace.Begin(ctx, "y")
	part.Word(trace.Route, "/")
	part.Number(trace.Status, 1)
	part.Fail()
	part.End(nil)
	span.End(nil)
	none.Flush(ctx)
	none.Close()
	if inner != t.Context() || span.Recording() || trace.ID(ctx) != "" {
		t.Error("there is one")
	}
}

// A process that is not frozen sends by itself, and at its end what is left.
func TestTheEndSendsWhatIsLeft(t *testing.T) {
	t.Parallel()
	c := newCollector(t)
	tracer := c.tracer(t, false, io.Discard)
	_, span := tracer.Start(t.Context(), "x")
	span.End(nil)
	tracer.Close()
	if data := <-c.got; data.ResourceSpans[0].ScopeSpans[0].Spans[0].Name != "x" {
		t.Errorf("%v", data)
	}
}

// A collector that refuses is left alone after the second time, and the log says so once,
// without the header that lets us in.
func TestACollectorThatFailsIsLeftAlone(t *testing.T) {
	t.Parallel()
	c := newCollector(t)
	c.status.Store(http.StatusServiceUnavailable)
	var log bytes.Buffer
	tracer := c.tracer(t, true, &log)
	for range 5 {
		_, span := tracer.Start(t.Context(), "x")
		span.End(nil)
		tracer.Flush(t.Context())
	}
	if n := c.calls.Load(); n != 2 {
		t.Errorf("it was called %d times", n)
	}
	if text := log.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "503") || strings.Contains(text, "a b") {
		t.Errorf("the log says %q", text)
	}
}

// A collector that hangs costs a call a moment, twice, and then nothing.
func TestACollectorThatHangsHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	silent := make(chan struct{})
	hanging := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-silent }))
	defer hanging.Close()
	defer close(silent)
	tracer := trace.New(trace.Options{Endpoint: hanging.URL, Frozen: true, Log: slog.New(slog.DiscardHandler)})
	defer tracer.Close()
	began := time.Now()
	for range 50 {
		_, span := tracer.Start(t.Context(), "x")
		span.End(nil)
		gone, leave := context.WithCancel(t.Context())
		leave() // whoever called has gone: it is sent all the same
		tracer.Flush(gone)
	}
	if took := time.Since(began); took > 5*time.Second { // 2 times 0.2 s, on a busy machine
		t.Errorf("fifty calls took %s longer", took)
	}
}

// What does not fit is lost, and takes no memory.
func TestSpansThatWaitAreBounded(t *testing.T) {
	t.Parallel()
	c := newCollector(t)
	tracer := c.tracer(t, true, io.Discard)
	for range 5000 {
		_, span := tracer.Start(t.Context(), "x")
		span.End(nil)
	}
	tracer.Flush(t.Context())
	if n := len((<-c.got).ResourceSpans[0].ScopeSpans[0].Spans); n != 2048 {
		t.Errorf("%d spans waited", n)
	}
}
