// Package scripted answers for test enterprises, so that an LMS developer can meet
// every outcome without a face: the end of the subject's id chooses it.
package scripted

import (
	"context"
	"strings"
	"time"

	"nod/shared/domain"
)

// API is the scripted face API. Delay is how long a subject ending in -slow waits.
type API struct{ Delay time.Duration }

// Compare answers pass unless the subject's id ends in -fail, -noface, -down or
// -slow (which passes, late). Where no face is used, -noface means that the authority
// cannot answer; on the vendor's page, that it saw no living one.
func (a API) Compare(ctx context.Context, p *domain.Permit, c domain.Comparison) domain.Outcome {
	ctx, cancel, err := p.Spend(ctx, p.Route())
	if err != nil {
		return domain.Inconclusive(domain.PermitForbidden)
	}
	defer cancel()
	return a.play(ctx, p.Route(), c.Script)
}

// Visit leads nowhere but back: there is no page to go to.
func (a API) Visit(ctx context.Context, p *domain.Permit, c domain.Comparison, back string) (v domain.Visit, o domain.Outcome) {
	_, cancel, err := p.Spend(ctx, domain.Hosted)
	if err != nil {
		return v, domain.Inconclusive(domain.PermitForbidden)
	}
	defer cancel()
	if strings.HasSuffix(c.Script, "-down") {
		return v, domain.Inconclusive(domain.FaceAPIDown)
	}
	return domain.Visit{URL: back, Token: "scripted"}, domain.Outcome{}
}

// Collect answers as Compare does.
func (a API) Collect(ctx context.Context, p *domain.Permit, c domain.Comparison) domain.Outcome {
	return a.Compare(ctx, p, c)
}

func (a API) play(ctx context.Context, route domain.Route, script string) domain.Outcome {
	switch ends := func(word string) bool { return strings.HasSuffix(script, word) }; {
	case ends("-fail"):
		return domain.Outcome{Result: domain.Fail}
	case ends("-noface") && route == domain.TwoFactor:
		return domain.Inconclusive(domain.CannotAnswer)
	case ends("-noface") && route == domain.Hosted:
		return domain.Inconclusive(domain.NotLive)
	case ends("-noface"):
		return domain.Inconclusive(domain.NoFace)
	case ends("-down"):
		return domain.Inconclusive(domain.FaceAPIDown)
	case ends("-slow"):
		select {
		case <-time.After(a.Delay):
		case <-ctx.Done():
			return domain.Inconclusive(domain.FaceAPISlow)
		}
	}
	return domain.Outcome{Result: domain.Pass, Liveness: route == domain.Hosted}
}
