package trace

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
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	spans "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
)

// peer is a collector that reads what it gets by the protocol's own schema.
type peer struct {
	*httptest.Server
	mu     sync.Mutex
	spans  []*spans.Span
	about  map[string]string
	header http.Header
	calls  int
}

func newPeer(t *testing.T, serve func(http.ResponseWriter, *http.Request)) *peer {
	p := &peer{about: map[string]string{}}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		p.mu.Lock()
		p.calls++
		p.header = r.Header
		p.mu.Unlock()
		if serve != nil {
			serve(w, r)
			return
		}
		var m collector.ExportTraceServiceRequest
		if err != nil || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/json" || protojson.Unmarshal(body, &m) != nil {
			t.Errorf("%s %s is not OTLP: %s", r.Method, r.URL, body)
			return
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, rs := range m.ResourceSpans {
			for _, a := range rs.Resource.Attributes {
				p.about[a.Key] = a.Value.GetStringValue()
			}
			for _, ss := range rs.ScopeSpans {
				p.spans = append(p.spans, ss.Spans...)
			}
		}
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *peer) called() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls
}

func TestSpansArriveAsTheProtocolHasThem(t *testing.T) {
	p := newPeer(t, nil)
	tracer := New(Options{Endpoint: p.URL, Header: http.Header{"X-Token": {"let me in"}}, Function: "verify", Region: "cn-north-1", Frozen: true, Log: slog.Default()})
	ctx, call := tracer.Start(t.Context(), "POST /v1/verify")
	call.Number(Status, 200)
	_, part := Begin(ctx, "store")
	part.Word(Transaction, "store.Update")
	part.Word(Reason, "") // is not told
	part.End(nil)
	_, out := Call(ctx, "CompareFace")
	out.End(errors.New("not told"))
	call.End(nil)
	if p.called() != 0 {
		t.Error("spans are sent before anybody waits for it")
	}
	tracer.Flush(t.Context())
	if len(p.spans) != 3 || p.about["service.name"] != "nod-verify" || p.about["cloud.region"] != "cn-north-1" || p.header.Get("X-Token") != "let me in" {
		t.Fatalf("%v %v %v", p.spans, p.about, p.header)
	}
	store, face, root := p.spans[0], p.spans[1], p.spans[2]
	switch {
	case root.Name != "POST /v1/verify" || root.Kind != spans.Span_SPAN_KIND_SERVER || len(root.ParentSpanId) != 0 || len(hexOf(t, root.TraceId)) != 16 || len(hexOf(t, root.SpanId)) != 8,
		root.Attributes[0].Key != "http.response.status_code" || root.Attributes[0].Value.GetIntValue() != 200:
		t.Errorf("the call is %v", root)
	case !bytes.Equal(store.ParentSpanId, root.SpanId) || !bytes.Equal(store.TraceId, root.TraceId) || store.Kind != spans.Span_SPAN_KIND_INTERNAL,
		len(store.Attributes) != 1 || store.Attributes[0].Value.GetStringValue() != "store.Update":
		t.Errorf("the transaction is %v", store)
	case face.Kind != spans.Span_SPAN_KIND_CLIENT || face.Status.GetCode() != spans.Status_STATUS_CODE_ERROR || strings.Contains(face.String(), "not told"):
		t.Errorf("the call of the face API is %v", face)
	case root.StartTimeUnixNano > store.StartTimeUnixNano || root.EndTimeUnixNano < store.EndTimeUnixNano:
		t.Errorf("the call took from %d to %d, its part from %d to %d", root.StartTimeUnixNano, root.EndTimeUnixNano, store.StartTimeUnixNano, store.EndTimeUnixNano)
	}
	tracer.Close()
}

// hexOf is an id: in this JSON they are in hexadecimal, where protobuf's own has base64.
func hexOf(t *testing.T, id []byte) []byte {
	t.Helper()
	raw, err := hex.DecodeString(base64.StdEncoding.EncodeToString(id))
	if err != nil {
		t.Error(err)
	}
	return raw
}

// A call that waits for its spans does not wait for long, and soon not at all.
func TestACollectorThatHangsIsLeftAlone(t *testing.T) {
	release := make(chan struct{})
	p := newPeer(t, func(http.ResponseWriter, *http.Request) { <-release })
	defer close(release)
	var log bytes.Buffer
	tracer := New(Options{Endpoint: p.URL, Frozen: true, Log: slog.New(slog.NewTextHandler(&log, nil))})
	now := time.Now()
	tracer.exporter.clock = func() time.Time { return now }
	flushed := func() {
		_, call := tracer.Start(t.Context(), "GET /healthz")
		call.End(nil)
		tracer.Flush(t.Context())
	}
	flushed()
	flushed()
	if n := p.called(); n != mostFails {
		t.Fatalf("it was tried %d times", n)
	}
	flushed()
	if n := p.called(); n != mostFails {
		t.Errorf("a collector that failed is tried again at once: %d", n)
	}
	if n := strings.Count(log.String(), "does not take them"); n != 1 {
		t.Errorf("it is said %d times: %s", n, &log)
	}
	now = now.Add(quietTime)
	flushed()
	if n := p.called(); n != mostFails+1 {
		t.Errorf("it is not tried again after a while: %d", n)
	}
}

func TestWithoutACollectorNothingIsTraced(t *testing.T) {
	var tracer *Tracer
	ctx, span := tracer.Start(context.Background(), "x")
	_, part := Begin(ctx, "y")
	if span.Recording() || part.Recording() || ID(ctx) != "" {
		t.Error("something is recorded")
	}
	part.Word(Reason, "x")
	part.End(nil)
	span.Fail()
	span.End(errors.New("x"))
	tracer.Flush(ctx)
	tracer.Close()
}
