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

// API compares one capture with one reference. The Permit is spent by the call,
// whatever comes of it. Whatever goes wrong is an Outcome that is neither pass nor
// fail; there is no error that a caller could mistake for one. The capture is not
// kept after the return.
type API interface {
	Compare(ctx context.Context, p *domain.Permit, c domain.Comparison) domain.Outcome
}

// ByMode gives live enterprises the one and test enterprises the other.
type ByMode struct{ Live, Test API }

// Compare is API's.
func (b ByMode) Compare(ctx context.Context, p *domain.Permit, c domain.Comparison) domain.Outcome {
	if p.Mode() == domain.Test {
		return b.Test.Compare(ctx, p, c)
	}
	return b.Live.Compare(ctx, p, c)
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
