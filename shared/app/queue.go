package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"nod/shared/domain"
)

// inTurn asks the gate, and once more for somebody who is called from the queue. Everybody
// else who waits learns when to come again. since is when the gate was asked.
func (c Checks) inTurn(ctx context.Context, token *Credential, gate func(m *domain.Moment, since time.Time) error) error {
	for called := false; ; called = true {
		var m *domain.Moment
		since := time.Now()
		_, err := c.asLearner(ctx, token, By{Check: true}, nil, func(now *domain.Moment) error {
			m = now
			m.Queue.Called = called
			return gate(m, since)
		})
		wait, err := c.queued(ctx, m, err, false)
		if !wait.Called {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait.For):
		}
	}
}

// queued says in the refusal of somebody for whom the face API has no room how long they
// wait. Any other error stays as it is. If nobody can tell in time, they come back a little
// later: what they were refused for holds all the same.
func (c Checks) queued(ctx context.Context, m *domain.Moment, err error, turnedBack bool) (Wait, error) {
	refusal, refused := errors.AsType[*domain.Refusal](err)
	if !refused || refusal.Reason != domain.FaceAPIBusy || m.Enterprise.Profile.Mode == domain.Test {
		return Wait{}, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), turnWithin)
	defer cancel()
	told := *refusal
	wait, fault := c.Turns(m.Enterprise.ID).Turn(ctx, m.Session.ID, m.Session.Route, c.Rate, turnedBack)
	if fault != nil {
		told.RetryAfter = turnLater
		return Wait{}, fmt.Errorf("%w: no turn: %w", &told, fault)
	}
	told.RetryAfter = min(max(wait.For, domain.ShortestWait), domain.LongestWait)
	return wait, &told
}

const (
	turnWithin = 2 * time.Second
	turnLater  = 5 * time.Second // when a database is slow, not everybody at once
)
