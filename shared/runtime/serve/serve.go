package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"nod/shared/runtime/gateway"
)

// Options of a server; the zero value is what production needs, but for Addr.
type Options struct {
	Addr     string         // host:port; port 0 takes a free one
	Listener net.Listener   // in the place of Addr, for who has to know the address before
	Started  func(net.Addr) // called once it listens, with the actual address
	Timeout  time.Duration  // for one call of the handler; 30 seconds if zero
	Grace    time.Duration  // for calls under way when the server is to end; Timeout if zero
	// TooLarge answers a request whose body is above what a function takes; the body
	// is not there to be read. A plain problem if nil.
	TooLarge http.Handler
}

const (
	defaultTimeout = 30 * time.Second

	// A client may take this long to send a request, and after the handler's time
	// to read the answer: 6 MB over a slow phone connection.
	headerTime = 10 * time.Second
	bodyTime   = 60 * time.Second
	idleTime   = 2 * time.Minute

	largestHeader = 64 << 10 // what comes through the clouds' gateways is smaller
)

// ErrCutOff says that calls were still under way after the grace and were ended.
var ErrCutOff = errors.New("serve: calls under way were cut off")

// Run serves until ctx ends, then lets the calls under way finish and returns. A
// fault in listening is returned at once.
func Run(ctx context.Context, h http.Handler, o Options) error {
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.Grace <= 0 {
		o.Grace = o.Timeout
	}
	listener := o.Listener
	if listener == nil {
		var err error
		if listener, err = new(net.ListenConfig).Listen(ctx, "tcp", o.Addr); err != nil {
			return fmt.Errorf("serve: listening: %w", err)
		}
	}
	life, end := context.WithCancel(context.Background())
	defer end()
	server := newServer(life, h, o)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	if o.Started != nil {
		o.Started(listener.Addr())
	}
	select {
	case err := <-served:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	return shutDown(server, o.Grace, served)
}

// newServer makes a server whose calls end with life at the latest.
func newServer(life context.Context, h http.Handler, o Options) *http.Server {
	return &http.Server{
		Handler:           adapter{handler: h, tooLarge: o.TooLarge, timeout: o.Timeout, life: life},
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       headerTime + bodyTime,
		WriteTimeout:      headerTime + bodyTime + o.Timeout + bodyTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    largestHeader,
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn),
	}
}

func shutDown(server *http.Server, grace time.Duration, served <-chan error) error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	err := server.Shutdown(ctx)
	<-served
	if err == nil {
		return nil
	}
	server.Close()
	if errors.Is(err, context.DeadlineExceeded) {
		return ErrCutOff
	}
	return fmt.Errorf("serve: shutting down: %w", err)
}

// adapter puts net/http's side of a call into the shape of a function's.
type adapter struct {
	handler  http.Handler
	tooLarge http.Handler
	timeout  time.Duration
	life     context.Context // ends when the server gives up on calls under way
}

func (a adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	hear := listening(w, r)
	write(w, a.answer(r))
	hear()
}

func (a adapter) answer(r *http.Request) gateway.Answer {
	request, err := gateway.Arrived(r)
	if err != nil {
		return a.refusal(r, err)
	}
	return a.call(a.handler, request)
}

func (a adapter) call(h http.Handler, r *http.Request) gateway.Answer {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), a.timeout)
	defer cancel()
	defer context.AfterFunc(a.life, cancel)()
	return gateway.Stream(h, r.WithContext(ctx))
}

func (a adapter) refusal(r *http.Request, err error) gateway.Answer {
	switch {
	case !errors.Is(err, gateway.ErrTooLarge):
		return gateway.Problem(http.StatusBadRequest)
	case a.tooLarge == nil:
		return gateway.Problem(http.StatusRequestEntityTooLarge)
	}
	bodiless := *r
	bodiless.Body = http.NoBody
	return a.call(a.tooLarge, &bodiless)
}

// write sends an answer as it is: with its length, and with no Content-Type if it
// has none (net/http would guess one).
func write(w http.ResponseWriter, a gateway.Answer) {
	header := w.Header()
	for name, values := range a.Header {
		header[name] = values
	}
	if _, typed := header["Content-Type"]; !typed {
		header["Content-Type"] = nil
	}
	if len(a.Body) > 0 {
		header.Set("Content-Length", strconv.Itoa(len(a.Body)))
	}
	if a.File != nil {
		header.Set("Content-Length", strconv.FormatInt(a.Size, 10))
	}
	w.WriteHeader(a.Status)
	w.Write(a.Body) // the client may be gone; there is nobody to tell
	if a.File != nil {
		defer a.File.Close()
		send(w, a.File, a.Size)
	}
}

// pieceTime is how long a client may take to read a piece of a file.
const (
	piece     = 1 << 20
	pieceTime = bodyTime
)

// send sends a file piece by piece. It may take as long as the client goes on reading.
func send(w http.ResponseWriter, file io.Reader, size int64) {
	control := http.NewResponseController(w)
	for left := size; left > 0; left -= piece {
		if err := control.SetWriteDeadline(time.Now().Add(pieceTime)); err != nil {
			return
		}
		if _, err := io.CopyN(w, file, min(left, piece)); err != nil {
			return // the client sees that it is short
		}
	}
}
