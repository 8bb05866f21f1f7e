package trace

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"
)

// exporter sends spans by OTLP over HTTP, in the JSON that the protocol has beside its
// protobuf.
//
// A collector that is away costs nothing but its spans: what could not be sent is not tried
// again, and after the second failure in a row nobody waits for it for a while.
type exporter struct {
	url    string
	header http.Header
	client *http.Client
	log    *slog.Logger
	clock  func() time.Time

	mu    sync.Mutex
	fails int // in a row
	quiet time.Time
}

const (
	mostFails = 2 // the first may be a connection that ended while the process was frozen
	quietTime = 30 * time.Second
)

func newExporter(o Options) *exporter {
	return &exporter{
		url: strings.TrimRight(o.Endpoint, "/") + "/v1/traces", header: o.Header, log: o.Log, clock: time.Now,
		client: &http.Client{
			Transport: &http.Transport{
				Proxy:               nil, // one from the environment would get to see them
				TLSHandshakeTimeout: sendWithin,
				IdleConnTimeout:     30 * time.Second,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

func (e *exporter) export(ctx context.Context, m request, spans int) {
	if !e.mayTry() {
		return
	}
	err := e.post(ctx, m)
	if e.note(err != nil) {
		e.log.LogAttrs(ctx, slog.LevelWarn, "traces: the collector does not take them", slog.Int("spans", spans), slog.String("error", err.Error()))
	}
}

func (e *exporter) mayTry() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return !e.clock().Before(e.quiet)
}

// note remembers how a try went, and reports whether to say so: once for each time that the
// collector is left alone.
func (e *exporter) note(bad bool) (tell bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !bad {
		e.fails = 0
		return false
	}
	e.client.CloseIdleConnections()
	if e.fails++; e.fails < mostFails {
		return false
	}
	e.quiet = e.clock().Add(quietTime)
	return true
}

func (e *exporter) post(ctx context.Context, m request) error {
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	for name, values := range e.header {
		r.Header[name] = values
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := e.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, _ = io.CopyN(io.Discard, answer.Body, 64<<10) // so that the connection can be used again
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("the collector answers %d", answer.StatusCode)
	}
	return nil
}
