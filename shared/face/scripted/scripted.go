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
// -slow (which passes, late).
func (a API) Compare(ctx context.Context, p *domain.Permit, c domain.Comparison) domain.Outcome {
	ctx, cancel, err := p.Spend(ctx, p.Route())
	if err != nil {
		return domain.Inconclusive(domain.PermitForbidden)
	}
	defer cancel()
	switch ends := func(word string) bool { return strings.HasSuffix(c.Script, word) }; {
	case ends("-fail"):
		return domain.Outcome{Result: domain.Fail}
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
	return domain.Outcome{Result: domain.Pass}
}
