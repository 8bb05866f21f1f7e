// Package face stands between a Permit and a verdict: what a score means, and which
// implementation answers. The implementations are package tencent (the vendor),
// package localapi (the vendor's protocol with an engine of our own behind it,
// reached through tencent) and package scripted (test enterprises).
package face

import (
	"context"
	"fmt"
	"log/slog"

	"nod/shared/domain"
)

// API checks one person. The Permit is spent by each call, whatever comes of it. Whatever
// goes wrong is an Outcome that is neither pass nor fail; there is no error that a caller
// could mistake for one. Nothing of the comparison is kept after the return.
type API interface {
	// Compare holds a capture, a name and number, or all of them, against what the
	// Permit's route compares with.
	Compare(ctx context.Context, p *domain.Permit, c domain.Comparison) domain.Outcome
	// Visit asks for the vendor's page (route hosted), which brings the person back to an
	// address of Nod's. The Outcome says what came instead; it is empty for a visit.
	Visit(ctx context.Context, p *domain.Permit, c domain.Comparison, back string) (domain.Visit, domain.Outcome)
	// Collect fetches what came of the Visit in the comparison's reference.
	Collect(ctx context.Context, p *domain.Permit, c domain.Comparison) domain.Outcome
}

// ByMode gives live enterprises the one and test enterprises the other.
type ByMode struct{ Live, Test API }

// Compare is API's.
func (b ByMode) Compare(ctx context.Context, p *domain.Permit, c domain.Comparison) domain.Outcome {
	return b.of(p).Compare(ctx, p, c)
}

// Visit is API's.
func (b ByMode) Visit(ctx context.Context, p *domain.Permit, c domain.Comparison, back string) (domain.Visit, domain.Outcome) {
	return b.of(p).Visit(ctx, p, c, back)
}

// Collect is API's.
func (b ByMode) Collect(ctx context.Context, p *domain.Permit, c domain.Comparison) domain.Outcome {
	return b.of(p).Collect(ctx, p, c)
}

func (b ByMode) of(p *domain.Permit) API {
	if p.Mode() == domain.Test {
		return b.Test
	}
	return b.Live
}

// thresholds are the scores of the vendor's FaceModelVersion 3.0 at which a
// stranger is taken for the person once in so many comparisons (Tencent Cloud,
// product 867, CompareFace).
var thresholds = map[domain.FalseAccept]float64{
	domain.OneIn1000:   40,
	domain.OneIn10000:  50,
	domain.OneIn100000: 60,
}

// LiveScore is the vendor's recommended threshold of DetectLiveFaceAccurate.
const LiveScore = 40

// AuthorityScore is the vendor's one threshold of ImageRecognitionV2, which stands for a
// false-accept rate of 1e-4 (Tencent Cloud, product 1007); the enterprise's setting does
// not move it.
const AuthorityScore = 70

// Judge turns a score of 0 to 100 into pass or fail. The score ends here.
func Judge(score float64, setting domain.FalseAccept) domain.Outcome {
	limit, known := thresholds[setting]
	if !known || !(score >= 0 && score <= 100) {
		return domain.Inconclusive(domain.FaceAPIGarbled)
	}
	if score >= limit {
		return domain.Outcome{Result: domain.Pass}
	}
	return domain.Outcome{Result: domain.Fail}
}

// Redacted keeps a face API's credential out of prints and logs.
type Redacted string

const redactedWord = "[redacted]"

// Format answers every verb with a fixed word; the methods below do so for logs,
// JSON and text.
func (Redacted) Format(s fmt.State, _ rune)   { fmt.Fprint(s, redactedWord) }
func (Redacted) LogValue() slog.Value         { return slog.StringValue(redactedWord) }
func (Redacted) MarshalText() ([]byte, error) { return []byte(redactedWord), nil }
