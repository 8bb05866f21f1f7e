package app

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"nod/shared/domain"
)

// Checks performs checks. It is the only part of Nod that reaches the face API.
type Checks struct {
	Learner
	Face    FaceAPI
	Timeout time.Duration // of one call of the face API
}

// Verification is what a page sends to have one capture checked.
type Verification struct {
	Attempt string
	Capture *domain.Capture
}

// Verdict is the whole answer: pass or fail.
type Verdict struct {
	Result domain.Result `json:"result"`
}

// Verify reserves an attempt, has the capture compared and concludes it. The
// capture is wiped before Verify returns, whatever comes of it. An answer without
// a verdict is a Refusal that uses no attempt; the same attempt again is answered
// the same without another call.
func (c Checks) Verify(ctx context.Context, token string, v Verification) (Verdict, error) {
	// The image is looked at while the database is asked.
	inspect := sync.OnceValue(v.Capture.Inspect)
	defer v.Capture.Wipe()
	defer func() { _ = inspect() }() // nobody looks any more when it is wiped
	go func() {
		defer func() { _ = recover() }() // whoever asks for the outcome meets the panic too
		_ = inspect()
	}()
	since := time.Now()
	var m *domain.Moment
	var permit *domain.Permit
	var earlier *domain.Attempt
	_, err := c.asLearner(ctx, token, By{}, nil, func(now *domain.Moment) (err error) {
		m = now
		permit, earlier, err = m.Reserve(domain.Check{
			Attempt: v.Attempt, Capture: v.Capture.Kind(), Took: c.Timeout, Since: since,
			Inspect: inspect,
		})
		return err
	})
	switch {
	case err != nil:
		return Verdict{}, err
	case earlier != nil:
		return verdict(earlier.Result, domain.Refusal{Reason: earlier.Reason, State: m.Session.State})
	}
	outcome := c.perform(ctx, m, permit, v.Capture)
	v.Capture.Wipe()
	return c.conclude(ctx, m, v.Attempt, outcome)
}

// perform makes the one call that the Permit is for.
func (c Checks) perform(ctx context.Context, m *domain.Moment, permit *domain.Permit, capture *domain.Capture) domain.Outcome {
	reference, err := c.Vault.OpenReference(permit, m.Session)
	if err != nil {
		return domain.Inconclusive(domain.ReferenceBad)
	}
	comparison := domain.Comparison{Capture: capture, Reference: reference}
	if permit.Mode() == domain.Test {
		if comparison.Script, err = c.Vault.OpenSubject(m.Enterprise.ID, m.Subject.SealedID); err != nil {
			return domain.Inconclusive(domain.Internal)
		}
	}
	return c.Face.Compare(ctx, permit, comparison)
}

// conclude writes the outcome down, also for a client that has gone meanwhile, and
// answers only when that is durable. It tries until the grace is over: by then whoever
// meets the reservation writes that nothing is known of it.
func (c Checks) conclude(ctx context.Context, m *domain.Moment, attempt string, o domain.Outcome) (Verdict, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), domain.Grace)
	defer cancel()
	for {
		_, err := c.Tenant(m.Enterprise.ID).Update(ctx, By{Session: m.Session.ID}, nil, func(now *domain.Moment) error {
			m = now
			return now.Conclude(attempt, o)
		})
		var refusal *domain.Refusal
		switch errors.As(err, &refusal); {
		case err == nil:
			a := m.Attempt(attempt) // what was written down
			return verdict(a.Result, domain.Refusal{
				Reason: a.Reason, RetryAfter: o.RetryAfter, State: m.Session.State, Upstream: o.Upstream,
			})
		case refusal != nil && refusal.Reason != domain.Busy:
			return Verdict{}, err
		}
		select {
		case <-ctx.Done():
			return Verdict{}, fmt.Errorf("%w: %w", domain.Refuse(domain.OutcomeUnknown), err)
		case <-time.After(concludeAgain):
		}
	}
}

// concludeAgain is how long to wait for a database that was away.
const concludeAgain = 200 * time.Millisecond

func verdict(r domain.Result, otherwise domain.Refusal) (Verdict, error) {
	if r == domain.Pass || r == domain.Fail {
		return Verdict{r}, nil
	}
	return Verdict{}, &otherwise
}
