// Package boot turns a configuration into the handler of a function, and starts the
// runtime that is there: SCF, Lambda, or a plain HTTP server, which is only in builds that
// are for no cloud. It only wires.
package boot

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"time"

	"nod/shared/app"
	"nod/shared/config"
	"nod/shared/domain"
	"nod/shared/ledger"
	"nod/shared/runtime/gateway"
	"nod/shared/runtime/lambda"
	"nod/shared/runtime/notrace"
	"nod/shared/runtime/scf"
	"nod/shared/store"
	"nod/shared/vault"
	"nod/shared/web"
)

// Nod is everything wired together.
type Nod struct {
	Config config.Config
	Store  *store.Store
	API    web.API

	// Where the parts are there, see package outside.
	Sequencing   app.Sequencing
	Timestamping app.Timestamping
	Outside      Outside
}

// Outside keeps what must not share the fate of the database, or is too large for it; see
// package objects.
type Outside interface {
	app.Checkpoints
	app.Objects
	Ready(context.Context) error
}

// New wires what the parts need. Nothing is connected to yet.
func New(c config.Config, log io.Writer, parts ...Part) (*Nod, error) {
	return NewWith(Options{}, c, log, parts...)
}

// Options are for tests; production has the zero value.
type Options struct {
	// ClockOffset is added to the database's clock, so that a test can make time
	// pass: see store.Options.
	ClockOffset func() time.Duration
}

// NewWith is New with options.
func NewWith(o Options, c config.Config, log io.Writer, parts ...Part) (*Nod, error) {
	collectLater()
	st, err := store.Open(string(c.DB), store.Options{Connections: int(c.Connections), ClockOffset: o.ClockOffset})
	if err != nil {
		return nil, err
	}
	safe, err := vault.New(string(c.DataKey), string(c.IndexKey))
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	n := &Nod{Config: c, Store: st}
	moments := func(id domain.ID) app.Moments { return st.Tenant(id) }
	charters := func(id domain.ID) app.Charters { return st.Tenant(id) }
	logs := func(id domain.ID) app.LogReader { return st.Tenant(id) }
	origin := func(id domain.ID) string { return ledger.Origin(c.PublicURL, string(id)) }
	learner := app.Learner{Tenant: moments, Vault: safe, PublicURL: c.PublicURL}
	lines := logTo(log)
	looks := &ready{store: st, vault: safe}
	n.API = web.API{
		Log: lines, Trace: tracer(c, lines),
		Ready: looks.check,
		Auth:  app.Auth{Keys: st},
		Admin: app.Admin{Tenant: charters, Answers: safe, NewID: store.NewID, Loopback: c.Local()},
		Oversight: app.Oversight{
			Tenant: func(id domain.ID) app.Overseen { return st.Tenant(id) }, Register: st, Vault: safe,
		},
		Learner: learner,
		Me: app.Me{
			Learner: learner, People: func(id domain.ID) app.People { return st.Tenant(id) },
			Log: logs, Origin: origin, NewID: store.NewID,
		},
		Auditor: app.Auditor{Log: logs, Origin: origin},
		Exports: app.Exports{
			Tenant: func(id domain.ID) app.ExportDesk { return st.Tenant(id) }, Vault: safe, NewID: store.NewID,
		},
		Requests: app.Requests{Tenant: func(id domain.ID) app.Desk { return st.Tenant(id) }, Vault: safe},
		Webhooks: app.Webhooks{Tenant: func(id domain.ID) app.Hooks { return st.Tenant(id) }, Vault: safe},
		Pages: web.Pages{
			Enterprise: func(ctx context.Context, id domain.ID) (domain.Enterprise, error) {
				return st.Tenant(id).Enterprise(ctx)
			},
			DomainFiles: c.DomainFiles,
		},
		Operator: app.Operator{
			Register: st, Tenant: func(id domain.ID) app.Founding { return st.Tenant(id) },
			Answers: safe, NewID: store.NewID,
		},
		Integrator: app.Integrator{
			Tenant: func(id domain.ID) app.Sessions { return st.Tenant(id) },
			Vault:  safe, NewID: store.NewID, PublicURL: c.PublicURL, Loopback: c.Local(),
		},
		Checks: app.Checks{
			Learner: learner, Timeout: time.Duration(c.FaceTimeout),
			Turns: func(id domain.ID) app.Turns { return st.Tenant(id) }, Rate: int(c.FaceRate),
		},
	}
	for _, part := range parts {
		if err := part.wire(n); err != nil {
			return nil, err
		}
	}
	if n.Outside != nil {
		looks.outside = n.Outside.Ready
	}
	return n, nil
}

// The handlers, one a function.

func (n *Nod) Session() http.Handler {
	return n.API.Handler(n.API.IntegratorRoutes(), n.API.WellKnownRoutes(), n.API.HealthRoutes())
}

func (n *Nod) Consent() http.Handler {
	return n.API.Handler(n.API.LearnerRoutes(), n.API.PromiseRoutes(), n.API.HealthRoutes())
}

func (n *Nod) Verify() http.Handler {
	return n.API.Handler(n.API.CheckRoutes(), n.API.HealthRoutes())
}

func (n *Nod) Admin() http.Handler {
	return n.API.Handler(n.API.OperatorRoutes(), n.API.AdminRoutes(), n.API.HealthRoutes())
}

func (n *Nod) Page() http.Handler {
	return n.API.Handler(n.API.PageRoutes(), n.API.HealthRoutes())
}

func (n *Nod) Export() http.Handler {
	return n.API.Handler(n.API.AuditorRoutes(), n.API.HealthRoutes())
}

// All serves every call in one process.
func (n *Nod) All() http.Handler {
	return n.API.Handler(n.API.OperatorRoutes(), n.API.AdminRoutes(), n.API.AuditorRoutes(), n.API.IntegratorRoutes(),
		n.API.LearnerRoutes(), n.API.PromiseRoutes(), n.API.CheckRoutes(), n.API.WellKnownRoutes(), n.API.PageRoutes(), n.API.HealthRoutes())
}

// Function runs one function on whichever runtime is there, until it is told to
// stop, and returns the process's exit status.
func Function(handler func(*Nod) http.Handler, parts ...Part) int {
	return exit(function(handler, runtimes{lambda: lambda.Start, scf: scf.Start}, parts))
}

// Traceless is Function for the one whose events hold an image: nothing of them stays
// in the process after the answer.
func Traceless(handler func(*Nod) http.Handler, parts ...Part) int {
	if err := notrace.Harden(); err != nil {
		return exit(err)
	}
	return exit(function(handler, runtimes{lambda: lambda.StartTraceless, scf: scf.Start}, parts))
}

// exit says why a function cannot start, in a line like all others, so that an alarm finds it.
func exit(err error) int {
	if err != nil {
		logTo(os.Stderr).Error("start", slog.String("error", err.Error()))
		return 1
	}
	return 0
}

// runtimes are the loops that take a cloud's events; they do not return. timer is what
// the function does at a tick, and beside the same where no platform ticks; nil for a
// function without.
type runtimes struct {
	lambda, scf func(http.Handler, gateway.Timer)
	timer       func(*Nod) gateway.Timer
	beside      func(*Nod, context.Context)
}

func function(handler func(*Nod) http.Handler, on runtimes, parts []Part) error {
	needs := Needs(parts...)
	if lambda.Here() || scf.Here() {
		needs = append(needs, config.Cloud)
	}
	c, err := config.Load(needs...)
	if err != nil {
		return err
	}
	n, err := New(c, os.Stderr, parts...)
	if err != nil {
		return err
	}
	defer n.Store.Close()
	defer n.API.Trace.Close()
	slog.SetDefault(n.API.Log) // for the runtimes, which know nothing of Nod
	h := handler(n)
	var timer gateway.Timer
	if on.timer != nil {
		timer = on.timer(n)
	}
	switch {
	case lambda.Here():
		on.lambda(n.flushing(h), timer)
	case scf.Here():
		on.scf(n.flushing(h), timer)
	}
	return n.outsideClouds(h, on.beside)
}
