package contract

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"nod/shared/runtime/gateway"
)

// secret is in everything that must not get out of a function.
const secret = "made-up-secret-of-a-person"

// echo is what the echoing handler saw.
type echo struct {
	Method, Path, Escaped, Host string
	Query                       map[string][]string
	Header                      map[string][]string
	Connection                  []string // fields that should not be there
	Length                      int64
	Body                        []byte
	Deadline                    bool
}

// echoed are the fields that the echo shows: those that a client of ours sends and
// no platform adds.
var echoed = []string{"Accept", "Authorization", "Content-Type", "Cookie", "Idempotency-Key", "X-Echo-List", "X-Echo-Text"}

// clientHeader carries the client's address, the one thing that differs by runtime.
const clientHeader = "X-Echo-Client"

func saw(r *http.Request) (echo, error) {
	body, err := io.ReadAll(r.Body)
	_, deadline := r.Context().Deadline()
	e := echo{
		Method: r.Method, Path: r.URL.Path, Escaped: r.URL.EscapedPath(), Host: r.Host,
		Query: r.URL.Query(), Header: map[string][]string{},
		Length: r.ContentLength, Body: body, Deadline: deadline,
	}
	for _, name := range echoed {
		if values, ok := r.Header[name]; ok {
			e.Header[name] = values
		}
	}
	for _, name := range []string{"Connection", "Content-Length", "Host", "Transfer-Encoding", "X-Scf-Remote-Addr"} {
		if _, ok := r.Header[name]; ok {
			e.Connection = append(e.Connection, name)
		}
	}
	return e, err
}

// broken answers a body that could not be read to its end.
func broken(w http.ResponseWriter, err error) bool {
	var above *http.MaxBytesError
	switch {
	case errors.As(err, &above):
		w.WriteHeader(http.StatusRequestEntityTooLarge)
	case err != nil:
		w.WriteHeader(http.StatusBadRequest)
	}
	return err != nil
}

func nameClient(w http.ResponseWriter, r *http.Request) {
	client, _, _ := net.SplitHostPort(r.RemoteAddr)
	w.Header().Set(clientHeader, client)
}

// handler does the things that a runtime may get wrong.
func handler(log *ticks) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		e, err := saw(r)
		if broken(w, err) {
			return
		}
		nameClient(w, r)
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(e)
	})
	mux.HandleFunc("/status/{code}", func(w http.ResponseWriter, r *http.Request) {
		code, _ := strconv.Atoi(r.PathValue("code"))
		w.Header().Set("Content-Type", "application/problem+json")
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(code)
		w.WriteHeader(http.StatusTeapot) // too late, on every runtime
		fmt.Fprintf(w, `{"type":"/problems/example","status":%d}`, code)
	})
	mux.HandleFunc("/length", func(w http.ResponseWriter, r *http.Request) {
		sum := sha256.New()
		n, err := io.Copy(sum, r.Body)
		if !broken(w, err) {
			nameClient(w, r)
			fmt.Fprintf(w, "%d %d %x", r.ContentLength, n, sum.Sum(nil))
		}
	})
	mux.HandleFunc("/panic", func(http.ResponseWriter, *http.Request) { panic(secret) })
	mux.HandleFunc("/panic/error", func(http.ResponseWriter, *http.Request) { panic(errors.New(secret)) })
	mux.HandleFunc("/panic/abort", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	mux.HandleFunc("/panic/late", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Half", "done")
		io.WriteString(w, strings.Repeat("half an answer ", 1000))
		panic(secret)
	})
	mux.HandleFunc("/wait", func(w http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		w.WriteHeader(http.StatusGatewayTimeout)
		fmt.Fprint(w, context.Cause(r.Context()))
	})
	mux.HandleFunc("/ticks", log.show)
	answers(mux)
	return mux
}

// answers are answers of all shapes.
func answers(mux *http.ServeMux) {
	handle := func(path string, f http.HandlerFunc) { mux.HandleFunc("/answer/"+path, f) }
	handle("cookies", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Set-Cookie", "a=1; Path=/; Secure")
		w.Header().Add("Set-Cookie", "b=2; Expires=Mon, 23 Nov 2026 01:02:03 GMT")
		w.Header().Add("Set-Cookie", "c=3")
		w.Header().Add("Vary", "Accept")
		w.Header().Add("Vary", "Accept-Language")
		io.WriteString(w, "三块饼干")
	})
	handle("binary", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Write([]byte{0xff, 0xd8, 0x00, 0x80, 'N', 'o', 'd'})
	})
	handle("compressed", func(w http.ResponseWriter, r *http.Request) {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		io.WriteString(z, "压缩过的文字")
		z.Close()
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(b.Bytes())
	})
	handle("untyped", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "<!doctype html><title>页面 & more</title>")
	})
	handle("typeless", func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Content-Type"] = nil
		io.WriteString(w, "no type, on purpose")
	})
	handle("nothing", func(http.ResponseWriter, *http.Request) {})
	handle("no-content", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusNoContent)
		if _, err := io.WriteString(w, "not to be sent"); !errors.Is(err, http.ErrBodyNotAllowed) {
			panic("a body was taken")
		}
	})
	handle("not-modified", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Etag", `"7"`)
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(http.StatusNotModified)
	})
	handle("connection", func(w http.ResponseWriter, r *http.Request) {
		for _, name := range []string{"Connection", "Keep-Alive", "Trailer", "Upgrade", "Proxy-Authenticate", "X-Hop"} {
			w.Header().Set(name, "x")
		}
		w.Header().Set("Connection", "x-hop")
		w.Header().Set("Content-Length", "3")
		w.WriteHeader(http.StatusEarlyHints)
		io.WriteString(w, "longer than it said")
	})
	handle("injected", func(w http.ResponseWriter, r *http.Request) {
		w.Header()["X-Injected"] = []string{"a\r\nSet-Cookie: stolen=1"}
		w.Header()["Bad Name"] = []string{"x"}
		w.Header().Set("X-Text", "中文")
		io.WriteString(w, "clean")
	})
	handle("late-header", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusCreated)
		w.Header().Set("X-Late", "too late")
		io.WriteString(w, "made")
	})
	handle("bad-status", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(7) })
	handle("large", func(w http.ResponseWriter, r *http.Request) {
		chunk := bytes.Repeat([]byte("0123456789abcdef"), 4096)
		for range gateway.MaxPayload/len(chunk) + 1 {
			w.Write(chunk)
		}
	})
}

// ticks is what the timer was called with.
type ticks struct {
	mu   sync.Mutex
	seen []gateway.Tick
}

func (l *ticks) timer(ctx context.Context, tick gateway.Tick) error {
	switch tick.Name {
	case "fails":
		return errors.New(secret)
	case "panics":
		panic(secret)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen = append(l.seen, tick)
	return nil
}

func (l *ticks) show(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	json.NewEncoder(w).Encode(l.seen)
}
