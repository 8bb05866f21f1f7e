package localapi

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"time"

	"github.com/emmansun/gmsm/sm2"

	"nod/shared/face/envelope"
	"nod/shared/face/localapi/engine"
	"nod/shared/face/localapi/register"
)

// modelVersion is the one that CompareFace takes.
const modelVersion = "3.0"

// Options configure a Server. They hold a secret and print as a fixed word.
type Options struct {
	SecretID  string `json:"-"`
	SecretKey string `json:"-"`
	// Token is set if the credentials are temporary; a request must then carry it, and
	// otherwise none.
	Token string `json:"-"`
	// Now is the clock against which X-TC-Timestamp is held; time.Now if nil.
	Now func() time.Time `json:"-"`
	// RuleID is the one business flow that DetectAuth knows; none if empty.
	RuleID string `json:"-"`
	// RSA and SM2 open encrypted fields; without them what is encrypted is refused.
	RSA *rsa.PrivateKey `json:"-"`
	SM2 *sm2.PrivateKey `json:"-"`
	// Register returns the people whom the authority knows on a day; register.At if nil.
	Register func(today time.Time) []register.Entry `json:"-"`
	// StandIn answers in place of the engine, which is then not unpacked; nil if none does.
	StandIn *StandIn `json:"-"`
}

// Format keeps the secret out of every print.
func (Options) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[localapi options]") }

// Server is the face API as an http.Handler, safe for concurrent use. It compares as
// many pairs at once as there are processors; others wait. Timeouts for slow senders
// are up to the http.Server that it is given to.
type Server struct {
	secretID, secretKey, token string
	now                        func() time.Time
	ruleID                     string
	opener                     envelope.Opener
	register                   func(today time.Time) []register.Entry
	limits                     *limits
	visits                     *visits
	engine                     *engine.Engine
	standIn                    *StandIn
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
	var e *engine.Engine
	if o.StandIn == nil {
		var err error
		if e, err = engine.Load(); err != nil {
			return nil, fmt.Errorf("localapi: %w", err)
		}
	}
	now, people := o.Now, o.Register
	if now == nil {
		now = time.Now
	}
	if people == nil {
		people = register.At
	}
	return &Server{
		secretID: o.SecretID, secretKey: o.SecretKey, token: o.Token,
		now: now, engine: e, standIn: o.StandIn, download: newDownloader(),
		ruleID: o.RuleID, opener: envelope.Opener{RSA: o.RSA, SM2: o.SM2},
		register: people, limits: newLimits(), visits: newVisits(now),
		slots: make(chan struct{}, runtime.GOMAXPROCS(0)),
	}, nil
}

// ServeHTTP answers POST / in the vendor's form, the hosted page and anything else in
// plain HTTP.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == hostedPath || r.URL.Path == stylePath {
		s.serveHosted(w, r)
		return
	}
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
