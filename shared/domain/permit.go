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
	until               deadline
	spent               atomic.Bool
}

// Spend uses the Permit up and returns a context that ends with it. It refuses
// a Permit that the gate did not make, that was used before, or whose time is over:
// by then somebody may have written that nothing is known of the check. The returned
// cancel function must be called when the call is over.
func (p *Permit) Spend(ctx context.Context, route Route) (context.Context, context.CancelFunc, error) {
	if p == nil || p.attempt == "" || p.route != route || p.spent.Swap(true) {
		return nil, nil, Refuse(PermitForbidden)
	}
	left := p.until.left(time.Now())
	if left <= 0 {
		return nil, nil, Refuse(PermitForbidden)
	}
	ctx, cancel := context.WithTimeout(ctx, left)
	return ctx, cancel, nil
}

// deadline is an instant by both of a process's clocks, and comes when one of them says so.
// A process can be frozen, and its own clock with it: the wall's goes on. That one can be
// set back, which the other cannot.
type deadline struct{ wall, own time.Time }

// within is so long after a moment that this process took from its clocks.
func within(d time.Duration, since time.Time) deadline {
	return deadline{wall: since.Round(0).Add(d), own: since.Add(d)}
}

func (d deadline) left(now time.Time) time.Duration {
	return min(d.wall.Sub(now.Round(0)), d.own.Sub(now))
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
