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
	Turns   func(domain.ID) Turns
	Rate    int // how many calls of the face API the vendor allows in a second
}

// Verification is what a page sends to have somebody checked: a capture, an identity, or
// both, as the route needs it. What is not needed is empty, or nil.
type Verification struct {
	Attempt  string
	Capture  *domain.Capture
	Identity *domain.Identity
}

func (v Verification) wipe() {
	v.Capture.Wipe()
	v.Identity.Wipe()
}

// Verdict is the whole answer: pass or fail.
type Verdict struct {
	Result domain.Result `json:"result"`
}

// Verify reserves an attempt, has the person checked and concludes it. What was sent
// is wiped before Verify returns, whatever comes of it. An answer without
// a verdict is a Refusal that uses no attempt; the same attempt again is answered
// the same without another call.
func (c Checks) Verify(ctx context.Context, token *Credential, v Verification) (Verdict, error) {
	v.Identity.Normalise()
	// The image is looked at while the database is asked.
	inspect := sync.OnceValue(v.Capture.Inspect)
	wipe := func() {
		defer v.wipe()
		_ = inspect() // nobody looks any more when it is wiped
	}
	defer wipe()
	go func() {
		defer func() { _ = recover() }() // whoever asks for the outcome meets the panic too
		_ = inspect()
	}()
	var m *domain.Moment
	var permit *domain.Permit
	var earlier *domain.Attempt
	err := c.inTurn(ctx, token, func(now *domain.Moment, since time.Time) (err error) {
		m = now
		permit, earlier, err = m.Reserve(domain.Check{
			Attempt: v.Attempt, Capture: v.Capture.Kind(), Image: len(v.Capture.Base64()), Identity: v.Identity,
			Took: c.Timeout, Since: since, Inspect: inspect,
		})
		return err
	})
	switch {
	case err != nil:
		return Verdict{}, err
	case earlier != nil:
		return verdict(earlier.Result, domain.Refusal{Reason: earlier.Reason, State: m.Session.State})
	}
	outcome := c.perform(ctx, m, permit, v)
	wipe()
	verdict, err := c.conclude(ctx, m, v.Attempt, outcome)
	_, err = c.queued(ctx, m, err, true)
	return verdict, err
}

// perform makes the one call that the Permit is for.
func (c Checks) perform(ctx context.Context, m *domain.Moment, permit *domain.Permit, v Verification) domain.Outcome {
	comparison, refused := c.comparison(m, permit)
	if refused != nil {
		return *refused
	}
	defer comparison.Reference.Wipe()
	comparison.Capture = v.Capture
	if comparison.Reference.Identity == nil {
		comparison.Reference.Identity = v.Identity
	}
	return c.Face.Compare(ctx, permit, comparison)
}

// comparison opens what the person is compared with.
func (c Checks) comparison(m *domain.Moment, permit *domain.Permit) (v domain.Comparison, refused *domain.Outcome) {
	var err error
	if len(m.Session.Secret) > 0 {
		if v.Reference, err = c.Vault.OpenReference(permit, m.Session); err != nil {
			return v, new(domain.Inconclusive(domain.ReferenceBad))
		}
	}
	if permit.Mode() == domain.Test {
		if v.Script, err = c.Vault.OpenSubject(m.Enterprise.ID, m.Subject.SealedID); err != nil {
			v.Reference.Wipe()
			return v, new(domain.Inconclusive(domain.Internal))
		}
	}
	return v, nil
}

// conclude writes the outcome down, also for a client that has gone meanwhile, and
// answers only when that is durable. It tries until the grace is over: by then whoever
// meets the reservation writes that nothing is known of it.
func (c Checks) conclude(ctx context.Context, m *domain.Moment, attempt string, o domain.Outcome) (Verdict, error) {
	err := c.durably(ctx, m, func(now *domain.Moment) error {
		m = now
		return now.Conclude(attempt, o)
	})
	if err != nil {
		return Verdict{}, err
	}
	a := m.Attempt(attempt) // what was written down
	if a.Result == "" {
		a.Reason = o.Reason // it is not over
	}
	return verdict(a.Result, domain.Refusal{
		Reason: a.Reason, RetryAfter: o.RetryAfter, State: m.Session.State, Upstream: o.Upstream,
	})
}

// durably writes down what came of a call that was permitted.
func (c Checks) durably(ctx context.Context, m *domain.Moment, apply func(*domain.Moment) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), domain.Grace)
	defer cancel()
	for {
		_, err := c.Tenant(m.Enterprise.ID).Update(ctx, By{Session: m.Session.ID}, nil, apply)
		refusal, refused := errors.AsType[*domain.Refusal](err)
		if err == nil || refused && refusal.Reason != domain.Busy {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", domain.Refuse(domain.OutcomeUnknown), err)
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
