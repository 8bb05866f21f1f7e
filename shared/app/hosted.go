package app

import (
	"context"
	"time"

	"nod/shared/domain"
)

// Departure is where the person goes: the vendor's own page.
type Departure struct {
	URL string `json:"url"`
}

// Leave sends the person to the vendor's page, which brings them back to Nod's. The same
// address is given again while the visit lasts.
func (c Checks) Leave(ctx context.Context, token *Credential) (d Departure, err error) {
	var m *domain.Moment
	var permit *domain.Permit
	var again bool
	err = c.inTurn(ctx, token, func(now *domain.Moment, since time.Time) (err error) {
		m = now
		permit, again, err = m.Leave(domain.Check{Took: c.Timeout, Since: since})
		return err
	})
	if err != nil {
		return d, err
	}
	comparison, refused := c.comparison(m, permit)
	if refused != nil {
		_, err := c.conclude(ctx, m, permit.Attempt(), *refused)
		return d, err
	}
	defer comparison.Reference.Wipe()
	if again {
		return Departure{comparison.Reference.Visit.URL}, nil
	}
	visit, outcome := c.Face.Visit(ctx, permit, comparison, c.PublicURL+"/s/"+string(m.Enterprise.ID))
	if outcome.Result != "" {
		_, err := c.conclude(ctx, m, permit.Attempt(), outcome)
		_, err = c.queued(ctx, m, err, true)
		return d, err
	}
	comparison.Reference.Visit = &visit
	secret, err := c.Vault.SealAgain(permit, m.Session, comparison.Reference)
	if err != nil {
		_, err := c.conclude(ctx, m, permit.Attempt(), domain.Inconclusive(domain.Internal))
		return d, err
	}
	err = c.durably(ctx, m, func(now *domain.Moment) error { return now.Left(permit.Attempt(), secret) })
	return Departure{visit.URL}, err
}

// Return fetches what came of the visit, once, if the person may still be checked. The
// same question again gets the same answer.
func (c Checks) Return(ctx context.Context, token *Credential) (Verdict, error) {
	var m *domain.Moment
	var permit *domain.Permit
	var earlier *domain.Attempt
	since := time.Now()
	_, err := c.asLearner(ctx, token, By{Check: true}, nil, func(now *domain.Moment) (err error) {
		m = now
		permit, earlier, err = m.Return(domain.Check{Took: c.Timeout, Since: since})
		return err
	})
	switch {
	case err != nil:
		return Verdict{}, err
	case earlier != nil:
		return verdict(earlier.Result, domain.Refusal{Reason: earlier.Reason, State: m.Session.State})
	}
	comparison, refused := c.comparison(m, permit)
	if refused != nil {
		return c.conclude(ctx, m, permit.Attempt(), *refused)
	}
	defer comparison.Reference.Wipe()
	outcome := c.Face.Collect(ctx, permit, comparison)
	outcome.Asked = permit.Asked()
	return c.conclude(ctx, m, permit.Attempt(), outcome)
}
