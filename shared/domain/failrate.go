package domain

import "math"

// Outcomes is how many checks ended with an outcome: those without one say nothing about
// who was in front of the camera.
type Outcomes struct {
	Passed int `json:"passed"`
	Failed int `json:"failed"`
}

// Checks is how many there were.
func (o Outcomes) Checks() int { return o.Passed + o.Failed }

// FailRate is what share of them failed; 0 if there were none.
func (o Outcomes) FailRate() float64 {
	if o.Checks() == 0 {
		return 0
	}
	return float64(o.Failed) / float64(o.Checks())
}

// FailRateBounds are the ends of Wilson's score interval for the fail rate: where it
// would lie if the same went on for long. The interval holds it 99.7 times in a hundred, so
// that the dozen rates of an enterprise seldom cry out for nothing.
func (o Outcomes) FailRateBounds() (low, high float64) {
	n := float64(o.Checks())
	if n == 0 {
		return 0, 1
	}
	const z = 3
	p := o.FailRate()
	centre, spread := p+z*z/(2*n), z*math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	scale := 1 + z*z/n
	return max(0, (centre-spread)/scale), min(1, (centre+spread)/scale)
}

// Drift says that the fail rate of a time is another than that of the time before.
type Drift string

const (
	Higher Drift = "higher"
	Lower  Drift = "lower"
)

// What a Drift takes besides: enough checks in either time, and a difference that matters.
const (
	LeastOutcomes = 50
	LeastDrift    = 0.02
)

// DriftFrom compares with the time before; empty if there is nothing to look into. The
// bounds of the two do not touch, which chance alone hardly does.
func (o Outcomes) DriftFrom(before Outcomes) Drift {
	if min(o.Checks(), before.Checks()) < LeastOutcomes || math.Abs(o.FailRate()-before.FailRate()) < LeastDrift {
		return ""
	}
	low, high := o.FailRateBounds()
	lowBefore, highBefore := before.FailRateBounds()
	switch {
	case low > highBefore:
		return Higher
	case high < lowBefore:
		return Lower
	}
	return ""
}

// OutcomesOf are the outcomes for a purpose on a route, in a time and in the one before.
type OutcomesOf struct {
	Purpose     Purpose
	Route       Route
	Now, Before Outcomes
}

// Waiting is how many people have to be asked again for a purpose: their consent ended by
// itself, and they have not decided since. More says that there are more of them than were
// counted.
type Waiting struct {
	Purpose  Purpose
	Audience Audience
	Cause    LapseCause
	People   int
	More     bool
}
