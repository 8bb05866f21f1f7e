package boot

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/runtime/gateway"
	"nod/shared/runtime/lambda"
	"nod/shared/runtime/scf"
	"nod/shared/store"
	"nod/shared/trace"
	"nod/shared/webhook"
)

// Maintenance does what is due in a store, as far as that needs no keys.
func Maintenance(st *store.Store, log *slog.Logger) app.Maintenance {
	return app.Maintenance{
		Backlog: st, Log: log, Clock: st.Clock,
		Tenant:  func(id domain.ID) app.Moments { return st.Tenant(id) },
		Archive: func(id domain.ID) app.Archive { return st.Tenant(id) },
		Charter: func(id domain.ID) app.Charters { return st.Tenant(id) },
	}
}

// Maintenance is that of a Nod with its keys: it delivers webhooks too, and makes bundles
// where it knows where to keep them.
func (n *Nod) Maintenance(log *slog.Logger) app.Maintenance {
	w := Maintenance(n.Store, log)
	w.Deliverer = &app.Deliverer{
		Outbox: n.Store, Charters: func(id domain.ID) app.Charters { return n.Store.Tenant(id) },
		Integrator: n.API.Integrator, Poster: webhook.New(webhook.Options{Loopback: n.Config.Local()}), Log: log,
	}
	if n.Outside == nil {
		return w
	}
	w.Exporter = &app.Exporter{
		Jobs: n.Store, Source: func(id domain.ID) app.ExportSource { return n.Store.Tenant(id) }, Origin: n.API.Auditor.Origin,
		Objects: n.Outside, Vault: n.API.Exports.Vault, NewID: store.NewID, Log: log,
		Timestamps: n.Timestamping.With,
	}
	return w
}

// Maintain is what a timer calls.
func (n *Nod) Maintain() gateway.Timer {
	w := n.Maintenance(n.API.Log)
	return func(ctx context.Context, _ gateway.Tick) (err error) {
		ctx, span := n.API.Trace.Start(ctx, "every minute")
		span.Word(trace.Invocation, gateway.Invocation(ctx))
		defer func() {
			span.End(err)
			n.API.Trace.Flush(ctx)
		}()
		err = n.sequence(ctx) // first, however long the rest takes
		stamped := n.timestampBeside(ctx)
		_, rest := w.Run(ctx)
		if err = errors.Join(err, rest, n.sequence(ctx), stamped()); err != nil { // and what that has written
			w.Log.ErrorContext(ctx, "maintain", "error", err.Error())
		}
		return err
	}
}

// sequenceWithin is the part of a run's time that sequencing may take, so that it and what
// somebody's privacy waits for both have their turn every minute.
const sequenceWithin = 25 * time.Second

// sequence is what a run of the timer begins and ends with.
func (n *Nod) sequence(ctx context.Context) (err error) {
	ctx, span := trace.Begin(ctx, "sequence")
	defer func() { span.End(err) }()
	ctx, cancel := context.WithTimeout(ctx, sequenceWithin)
	defer cancel()
	_, err = n.Sequencing.Run(ctx)
	return err
}

// timestampWithin is the part of a run's time in which the authority is asked.
const timestampWithin = 25 * time.Second

// timestampBeside has checkpoints timestamped while the rest of a run goes on: whoever waits
// for somebody outside keeps nobody else waiting. The function that it returns waits for it.
func (n *Nod) timestampBeside(ctx context.Context) (wait func() error) {
	ctx, cancel := context.WithTimeout(ctx, timestampWithin)
	done := make(chan error, 1)
	go func() {
		defer cancel()
		_, err := n.Timestamping.Run(ctx)
		if ctx.Err() != nil {
			err = nil // its own end is no fault
		}
		done <- err
	}()
	return func() error { return <-done }
}

// MaintainEvery is how often the timer is to call.
const MaintainEvery = time.Minute

// KeepMaintained is the timer where no platform has one. It works until ctx ends; a run
// has the time until the next one, and what it leaves is found by that.
func (n *Nod) KeepMaintained(ctx context.Context) {
	timer := n.Maintain()
	ticks := time.NewTicker(MaintainEvery)
	defer ticks.Stop()
	for {
		run, cancel := context.WithTimeout(ctx, MaintainEvery)
		_ = timer.Run(run, gateway.Tick{Name: "every-minute", Time: time.Now()}) // it is in the log
		cancel()
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
	}
}

// Timed is Function for one that a timer calls. Where there is no cloud, it is its own
// timer, and a server that tells whether it can work.
func Timed(timer func(*Nod) gateway.Timer, parts ...Part) int {
	return exit(function((*Nod).Health, runtimes{lambda: lambda.Start, scf: scf.Start, timer: timer, beside: (*Nod).KeepMaintained}, parts))
}

// Health serves nothing but the word whether the function can work.
func (n *Nod) Health() http.Handler { return n.API.Handler(n.API.HealthRoutes()) }
