package serve

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// running is a server under test.
type running struct {
	url  string
	stop context.CancelFunc
	end  chan error // what Run returned
}

func start(t *testing.T, h http.HandlerFunc, o Options) running {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	r := running{stop: stop, end: make(chan error, 1)}
	started := make(chan net.Addr, 1)
	o.Addr, o.Started = "127.0.0.1:0", func(a net.Addr) { started <- a }
	go func() { r.end <- Run(ctx, h, o) }()
	t.Cleanup(stop)
	select {
	case a := <-started:
		r.url = "http://" + a.String()
	case err := <-r.end:
		t.Fatal(err)
	}
	return r
}

func get(ctx context.Context, url string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		return "", err
	}
	r.Close = true // no connection is kept, so nothing idles when the server ends
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return string(body), err
}

func TestAddressThatIsTakenIsReported(t *testing.T) {
	t.Parallel()
	first := start(t, func(http.ResponseWriter, *http.Request) {}, Options{})
	err := Run(t.Context(), nil, Options{Addr: strings.TrimPrefix(first.url, "http://"), Started: func(net.Addr) { t.Error("started") }})
	if err == nil {
		t.Error("two servers at one address")
	}
}

func TestCallUnderWayIsFinishedAtTheEnd(t *testing.T) {
	t.Parallel()
	began, finish := make(chan struct{}), make(chan struct{})
	s := start(t, func(w http.ResponseWriter, r *http.Request) {
		close(began)
		<-finish
		io.WriteString(w, "finished")
	}, Options{})
	answered := make(chan string, 1)
	go func() {
		body, err := get(context.Background(), s.url)
		answered <- body + errorText(err)
	}()
	<-began
	s.stop()
	select {
	case err := <-s.end:
		t.Fatalf("ended with a call under way: %v", err)
	default:
	}
	close(finish)
	if got := <-answered; got != "finished" {
		t.Errorf("answered %q", got)
	}
	if err := <-s.end; err != nil {
		t.Errorf("ended with %v", err)
	}
	if _, err := get(t.Context(), s.url); err == nil {
		t.Error("still listening")
	}
}

func TestCallThatOutlivesTheGraceIsCutOff(t *testing.T) {
	t.Parallel()
	began, told := make(chan struct{}), make(chan error, 1)
	s := start(t, func(w http.ResponseWriter, r *http.Request) {
		close(began)
		<-r.Context().Done()
		told <- r.Context().Err()
	}, Options{Timeout: 20 * time.Second, Grace: time.Millisecond})
	left := make(chan struct{})
	go func() {
		get(context.Background(), s.url)
		close(left)
	}()
	<-began
	s.stop()
	if err := <-s.end; !errors.Is(err, ErrCutOff) {
		t.Errorf("ended with %v", err)
	}
	if err := <-told; !errors.Is(err, context.Canceled) {
		t.Errorf("the handler was told %v", err)
	}
	<-left
}

// In a function nobody hears that the client is gone; here it must not matter either.
func TestClientThatHangsUpDoesNotEndTheCall(t *testing.T) {
	t.Parallel()
	hungUp, hangUp := context.WithCancel(t.Context())
	hangUp()
	var heard error
	var deadline bool
	a := adapter{life: t.Context(), timeout: time.Hour, handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		heard = r.Context().Err()
		_, deadline = r.Context().Deadline()
	})}
	a.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/", nil).WithContext(hungUp))
	if heard != nil || !deadline {
		t.Errorf("the handler heard %v, deadline: %v", heard, deadline)
	}
}

func TestHandlerHasAsLongAsItIsGiven(t *testing.T) {
	t.Parallel()
	s := start(t, func(w http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		io.WriteString(w, r.Context().Err().Error())
	}, Options{Timeout: time.Millisecond})
	if body, err := get(t.Context(), s.url); err != nil || body != context.DeadlineExceeded.Error() {
		t.Errorf("%q, %v", body, err)
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// A client that writes a large body to its end before it reads sees the answer all
// the same, whether the handler read the body or not.
func TestClientThatReadsLateSeesTheAnswer(t *testing.T) {
	t.Parallel()
	s := start(t, func(w http.ResponseWriter, r *http.Request) { http.Error(w, "no key", http.StatusUnauthorized) }, Options{
		TooLarge: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			http.Error(w, "too large, "+string(body), http.StatusRequestEntityTooLarge)
		}),
	})
	for name, tt := range map[string]struct {
		header string
		size   int
		status string
	}{
		"not read by the handler": {"Content-Length: 6000000", 6_000_000, "401"},
		"above the limit":         {"Content-Length: 20000000", 20_000_000, "413"},
		"small":                   {"Content-Length: 100000", 100_000, "401"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			request := "POST / HTTP/1.1\r\nHost: a\r\n" + tt.header + "\r\n\r\n" + strings.Repeat("x", tt.size)
			if _, err := io.WriteString(conn, request); err != nil {
				t.Fatalf("sending: %v", err)
			}
			answer := make([]byte, len("HTTP/1.1 200"))
			if _, err := io.ReadFull(conn, answer); err != nil || !strings.HasSuffix(string(answer), tt.status) {
				t.Errorf("%q, %v; want %s", answer, err, tt.status)
			}
		})
	}
}
