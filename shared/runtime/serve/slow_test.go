package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener whose connections are in memory, so that hours pass in no time.
type pipes struct {
	conns chan net.Conn
	ended chan struct{}
	once  sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.ended:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.ended) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// Nobody holds a connection by being slow: to send a head, to send a body, to read an
// answer, or to ask again. The handler is rid of them, too.
func TestWhoeverIsSlowIsLeft(t *testing.T) {
	for name, tt := range map[string]struct {
		sends  string
		every  time.Duration // a byte more; never, if zero
		reads  bool
		longer time.Duration // than which nobody may stay
		reach  bool          // whether the handler is called at all
	}{
		"half a head":                 {"GET / HTTP/1.1\r\nHost: a\r\n", 0, true, headerTime + time.Second, false},
		"a head, letter by letter":    {"GET / HTTP/1.1\r\nX: ", time.Second, true, headerTime + 2*time.Second, false},
		"nothing at all":              {"", 0, true, headerTime + time.Second, false},
		"half a body":                 {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{", 0, true, headerTime + bodyTime + time.Second, true},
		"a body, letter by letter":    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{", time.Second, true, headerTime + bodyTime + 2*time.Second, true},
		"a large one":                 {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6000000\r\n\r\n{", time.Second, true, headerTime + bodyTime + hearingTime + 2*time.Second, true},
		"one of unknown length":       {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{", 0, true, headerTime + bodyTime + hearingTime + 2*time.Second, true},
		"nearly all of a large one":   {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n" + strings.Repeat("x", 299_000), 0, true, headerTime + bodyTime + hearingTime + time.Second, true},
		"an answer that nobody reads": {"GET /large HTTP/1.1\r\nHost: a\r\n\r\n", 0, false, headerTime + bodyTime + defaultTimeout + bodyTime + time.Second, true},
		"a connection that is idle":   {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", 0, true, idleTime + time.Second, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				called := false
				handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					called = true
					if _, err := io.ReadAll(r.Body); err != nil {
						w.WriteHeader(http.StatusBadRequest)
						return
					}
					_, _ = io.WriteString(w, strings.Repeat("x", 1<<20))
				})
				ctx, stop := context.WithCancel(t.Context())
				listener, ended := &pipes{conns: make(chan net.Conn), ended: make(chan struct{})}, make(chan error)
				go func() { ended <- Run(ctx, handler, Options{Listener: listener}) }()
				here, there := net.Pipe()
				listener.conns <- there
				began := time.Now()
				left := make(chan time.Duration, 1)
				var sender sync.WaitGroup
				sender.Go(func() {
					if _, err := io.WriteString(here, tt.sends); err == nil && tt.every > 0 {
						for err == nil {
							time.Sleep(tt.every)
							_, err = io.WriteString(here, "x")
						}
					}
				})
				go func() {
					if tt.reads {
						got, _ := io.ReadAll(here) // until the other side has left
						if answered := strings.HasPrefix(string(got), "HTTP/1.1 "); answered != tt.reach || strings.Count(string(got), "HTTP/1.1") > 1 {
							t.Errorf("answered %.200q", got)
						}
					} else {
						time.Sleep(tt.longer) // and then there is nobody
						if n, err := io.Copy(io.Discard, here); n > 1<<19 || err != nil && !errors.Is(err, io.EOF) {
							left <- time.Hour
							return
						}
					}
					left <- time.Since(began)
				}()
				if took := <-left; took > tt.longer {
					t.Errorf("it took %v, want %v at most", took, tt.longer)
				}
				if called != tt.reach {
					t.Errorf("the handler was called: %v", called)
				}
				here.Close()
				sender.Wait()
				stop()
				if err := <-ended; err != nil {
					t.Error(fmt.Errorf("the server ended with %w", err))
				}
			})
		})
	}
}
