package domain

import (
	"context"
	"sync/atomic"
	"time"
)

// Permit is the right to call the face API once, on one route, for one attempt.
// Only the gate makes one (Moment.Reserve); its zero value permits nothing.
// Every function that sends a face, or opens the reference it is compared with,
// takes a Permit, so that a call without one cannot be written.
type Permit struct {
	enterprise, session ID
	attempt             string
	route               Route
	mode                Mode
	falseAccept         FalseAccept
	liveness            bool
	asked               time.Time // when a visit's result was asked for, if that is the call
	until               time.Time // by the wall: a process can be frozen, and its own clock with it
	spent               atomic.Bool
}

// Spend uses the Permit up and returns a context that ends with it. It refuses
// a Permit that the gate did not make, that was used before, or whose time is over:
// by then somebody may have written that nothing is known of the check. The returned
// cancel function must be called when the call is over.
func (p *Permit) Spend(ctx context.Context, route Route) (context.Context, context.CancelFunc, error) {
	if p == nil || p.attempt == "" || p.route != route || p.spent.Swap(true) || !time.Now().Round(0).Before(p.until) {
		return nil, nil, Refuse(PermitForbidden)
	}
	ctx, cancel := context.WithDeadline(ctx, p.until)
	return ctx, cancel, nil
}

// Session is the session that the Permit was given in.
func (p *Permit) Session() ID { return p.session }

// Asked tells one fetching of a visit's result from the next; zero for any other call.
func (p *Permit) Asked() time.Time { return p.asked }

// Attempt is the attempt that the Permit was given for.
func (p *Permit) Attempt() string { return p.attempt }

// Enterprise is the tenant that the Permit was given to.
func (p *Permit) Enterprise() ID { return p.enterprise }

// Route is the only route that the Permit is good for; none if there is no Permit.
func (p *Permit) Route() Route {
	if p == nil {
		return ""
	}
	return p.route
}

// Mode tells a real check from a scripted one.
func (p *Permit) Mode() Mode { return p.mode }

// FalseAccept is the enterprise's setting at the moment of the reservation.
func (p *Permit) FalseAccept() FalseAccept { return p.falseAccept }

// Liveness reports whether the notice in force says that liveness is checked.
func (p *Permit) Liveness() bool { return p.liveness }
