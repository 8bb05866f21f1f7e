package load

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrBroken is returned by Run's caller when a promise was not kept.
var ErrBroken = errors.New("a promise was broken")

// Promise is one that Nod makes for an exam morning, and what became of it.
type Promise struct {
	Name, Found string
	Kept        bool
}

const (
	leastUsed      = 0.90 // of the vendor's allowance, while people wait
	mostTurnedBack = 0.10 // of the calls to the vendor
	slack          = 30 * time.Second
)

// Promises holds what was found against each promise.
func (r *Result) Promises() []Promise {
	o := r.Options
	ideal := r.ideal()
	worst := ideal*3/2 + slack
	waits, small := r.Large.wait, r.Small.wait
	used, measured := r.used()
	usedFound := fmt.Sprintf("%.1f %% of %d a second, while more than a second's worth of people waited", 100*used, o.Rate)
	if !measured {
		usedFound = "nobody had to queue: there was nothing to use up"
	}
	total := r.Accepted + r.Refused
	turned := 0.0
	if total > 0 {
		turned = float64(r.Refused) / float64(total)
	}
	failed := r.failed()
	return []Promise{
		{"nobody is failed by load", fmt.Sprintf("%d of %d people passed%s", r.passed(), o.People+o.Small, failed), r.passed() == o.People+o.Small},
		{"nobody starves", fmt.Sprintf("the longest wait was %s; a queue in order of arrival would make it %s, and up to %s is allowed",
			ms(waits.Max()), ideal.Round(time.Second), worst.Round(time.Second)), time.Duration(waits.Max())*time.Millisecond <= worst},
		{"no session expires in the queue", fmt.Sprintf("%d expired", r.expired()), r.expired() == 0},
		{"other enterprises get their share", fmt.Sprintf("the smaller one's longest wait was %s, the larger one's %s", ms(small.Max()), ms(waits.Max())),
			small.Max() <= waits.Max()+slack.Milliseconds()},
		{"the allowance is used", usedFound, !measured || used >= leastUsed},
		{"few calls are turned back by the vendor", fmt.Sprintf("%d of %d (%.1f %%)", r.Refused, total, 100*turned), turned <= mostTurnedBack},
	}
}

// Broken names the promises that were not kept.
func (r *Result) Broken() error {
	var names []string
	for _, p := range r.Promises() {
		if !p.Kept {
			names = append(names, p.Name+": "+p.Found)
		}
	}
	if names == nil {
		return nil
	}
	return fmt.Errorf("%w:\n  %s", ErrBroken, strings.Join(names, "\n  "))
}

// ideal is the longest wait if all were served in order of arrival at the full allowance.
func (r *Result) ideal() time.Duration {
	var free, longest time.Duration
	each := time.Second / time.Duration(r.Options.Rate)
	for _, a := range r.arrivals {
		free = max(free, a.at) + each
		longest = max(longest, free-a.at)
	}
	return longest + r.Options.Answer
}

// used is the part of the allowance that was used while there was a queue; not measured
// if there was none for as long as three seconds.
func (r *Result) used() (part float64, measured bool) {
	var calls int64
	var took time.Duration
	for n := 1; n < len(r.Samples); n++ {
		a, b := r.Samples[n-1], r.Samples[n]
		if a.Waiting > r.Options.Rate && b.Waiting > r.Options.Rate {
			calls += b.Accepted - a.Accepted
			took += b.At - a.At
		}
	}
	if took < 3*time.Second {
		return 0, false
	}
	return float64(calls) / took.Seconds() / float64(r.Options.Rate), true
}

func ms(v int64) time.Duration { return time.Duration(v) * time.Millisecond }
