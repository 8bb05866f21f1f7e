package domain

import (
	"math"
	"testing"
)

func TestWilsonsBounds(t *testing.T) {
	for _, tt := range []struct {
		o         Outcomes
		low, high float64
	}{ // worked out by hand from (p + z²/2n ± z·sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n), z = 3
		{Outcomes{0, 0}, 0, 1},
		{Outcomes{Passed: 100}, 0, 9.0 / 109},
		{Outcomes{Failed: 100}, 100.0 / 109, 1},
		{Outcomes{50, 50}, 0.5 - 3*math.Sqrt(0.0025+0.000225)/1.09, 0.5 + 3*math.Sqrt(0.0025+0.000225)/1.09},
	} {
		low, high := tt.o.FailRateBounds()
		if math.Abs(low-tt.low) > 1e-12 || math.Abs(high-tt.high) > 1e-12 {
			t.Errorf("%+v: %v to %v, want %v to %v", tt.o, low, high, tt.low, tt.high)
		}
	}
}

func TestADriftTakesManyChecksAndADifferenceThatMatters(t *testing.T) {
	for name, tt := range map[string]struct {
		now, before Outcomes
		want        Drift
	}{
		"nothing":                      {Outcomes{}, Outcomes{}, ""},
		"no time before":               {Outcomes{0, 500}, Outcomes{}, ""},
		"one too few":                  {Outcomes{0, 49}, Outcomes{500, 0}, ""},
		"just enough":                  {Outcomes{0, 50}, Outcomes{500, 0}, Higher},
		"the same":                     {Outcomes{950, 50}, Outcomes{950, 50}, ""},
		"chance":                       {Outcomes{93, 7}, Outcomes{97, 3}, ""},
		"a fault in the photos":        {Outcomes{700, 300}, Outcomes{960, 40}, Higher},
		"better":                       {Outcomes{960, 40}, Outcomes{700, 300}, Lower},
		"significant and of no matter": {Outcomes{970_000, 30_000}, Outcomes{980_000, 20_000}, ""},
		"significant":                  {Outcomes{950_000, 50_000}, Outcomes{980_000, 20_000}, Higher},
	} {
		if got := tt.now.DriftFrom(tt.before); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
