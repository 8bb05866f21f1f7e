package localapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"runtime"
	"time"

	"github.com/google/uuid"

	"nod/shared/face/localapi/engine"
)

const (
	version        = "2020-03-03"
	actionCompare  = "CompareFace"
	modelVersion   = "3.0"
	maxBody        = 10 << 20 // the vendor's limit of a request signed by TC3
	compareTimeout = 30 * time.Second
)

// Options configure a Server. They hold a secret and print as a fixed word.
type Options struct {
	SecretID  string `json:"-"`
	SecretKey string `json:"-"`
	// Token is set if the credentials are temporary; a request must then carry it, and
	// otherwise none.
	Token string `json:"-"`
	// Now is the clock against which X-TC-Timestamp is held; time.Now if nil.
	Now func() time.Time `json:"-"`
}

// Format keeps the secret out of every print.
func (Options) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[localapi options]") }

// Server is the face API as an http.Handler, safe for concurrent use. It compares as
// many pairs at once as there are processors; others wait. Timeouts for slow senders
// are up to the http.Server that it is given to.
type Server struct {
	secretID, secretKey, token string
	now                        func() time.Time
	engine                     *engine.Engine
	download                   *downloader
	slots                      chan struct{}
}

// Format keeps the secret out of every print.
func (*Server) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[localapi server]") }

// New returns a Server for one pair of credentials and unpacks the face engine, which
// takes some 30 ms the first time in a process.
func New(o Options) (*Server, error) {
	if o.SecretID == "" || o.SecretKey == "" {
		return nil, errors.New("localapi: SecretID and SecretKey are required")
	}
	e, err := engine.Load()
	if err != nil {
		return nil, fmt.Errorf("localapi: %w", err)
	}
	now := o.Now
	if now == nil {
		now = time.Now
	}
	return &Server{
		secretID: o.SecretID, secretKey: o.SecretKey, token: o.Token,
		now: now, engine: e, download: newDownloader(),
		slots: make(chan struct{}, runtime.GOMAXPROCS(0)),
	}, nil
}

// ServeHTTP answers POST / in the vendor's form, anything else in plain HTTP.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/" {
		http.Error(w, "The local face API is at /.", http.StatusNotFound)
		return
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "The local face API takes POST.", http.StatusMethodNotAllowed)
		return
	}
	result, err := s.answer(r)
	// A client that is still sending would see a broken connection, not the answer.
	_, _ = io.CopyN(io.Discard, r.Body, maxBody)
	write(w, result, err)
}

// envelope is the form of every answer.
type envelope struct {
	Response struct {
		*comparison
		Error     *apiError `json:",omitempty"`
		RequestID string    `json:"RequestId"`
	}
}

func write(w http.ResponseWriter, result *comparison, err error) {
	var e envelope
	e.Response.RequestID = uuid.NewString()
	e.Response.comparison = result
	if err != nil {
		e.Response.comparison = nil
		if !errors.As(err, &e.Response.Error) {
			e.Response.Error = errInternal
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(e) // the client has gone: nobody is left to tell
}

// answer authenticates the request and runs its action.
func (s *Server) answer(r *http.Request) (_ *comparison, err error) {
	defer func() {
		if recover() != nil { // say nothing: a panic's text may hold what it met
			err = errInternal
		}
	}()
	who, err := s.identify(r)
	if err != nil {
		return nil, err
	}
	body, err := readBounded(r.Body, r.ContentLength, maxBody)
	defer clear(body)
	if errors.Is(err, errTooLong) {
		return nil, errRequestSize
	}
	if err != nil {
		return nil, errParameter
	}
	if err := s.verify(r, who, body); err != nil {
		return nil, err
	}
	if r.Header.Get("X-TC-Version") != version {
		return nil, errNoSuchVersion
	}
	if r.Header.Get("X-TC-Action") != actionCompare {
		return nil, errUnknownMethod
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, errParameter
	}
	ctx, cancel := context.WithTimeout(r.Context(), compareTimeout)
	defer cancel()
	return s.compare(ctx, body)
}
