package serve_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"nod/shared/runtime/gateway"
	"nod/shared/runtime/serve"
)

// endless is a file that is nowhere in memory.
type endless struct {
	left   int64
	closed *atomic.Int32
}

func (e *endless) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), e.left)
	e.left -= n
	return int(n), nil
}

func (e *endless) Close() error { e.closed.Add(1); return nil }

// A file that is larger than any answer is sent as it is read, and closed whatever becomes
// of it. A cloud refuses it.
func TestAFileIsSentAsItIsRead(t *testing.T) {
	const size = 4 * gateway.MaxPayload
	var closed atomic.Int32
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/zip")
		w.(interface{ SendFile(io.ReadCloser, int64) }).SendFile(&endless{size, &closed}, size)
		if strings.HasSuffix(r.URL.Path, "panic") {
			panic("midway")
		}
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- serve.Run(ctx, h, serve.Options{Listener: listener}) }()
	transport := &http.Transport{}
	get := func(method, path string) (int, int64) {
		request, _ := http.NewRequestWithContext(t.Context(), method, "http://"+listener.Addr().String()+path, nil)
		answer, err := transport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		n, err := io.Copy(io.Discard, answer.Body)
		if err != nil {
			t.Error(err)
		}
		return answer.StatusCode, n
	}
	if status, n := get("GET", "/"); status != 200 || n != size {
		t.Errorf("%d, %d bytes", status, n)
	}
	if status, n := get("HEAD", "/"); status != 200 || n != 0 {
		t.Errorf("HEAD: %d, %d bytes", status, n)
	}
	if status, _ := get("GET", "/panic"); status != 500 {
		t.Errorf("after a panic: %d", status)
	}
	transport.CloseIdleConnections()
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	request, _ := http.NewRequestWithContext(t.Context(), "GET", "/", nil)
	if a := gateway.Respond(h, request); a.Status != 500 || a.File != nil {
		t.Errorf("a cloud answers %d", a.Status)
	}
	if closed.Load() != 4 {
		t.Errorf("of four files %d were closed", closed.Load())
	}
}
