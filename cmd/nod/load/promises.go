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
	ideal, share := r.ideal(), r.share()
	longest, small := ms(r.Large.wait.Max()), ms(r.Small.queued.Max())
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
			longest, ideal.Round(time.Second), atMost(ideal).Round(time.Second)), longest <= atMost(ideal)},
		{"no session expires in the queue", fmt.Sprintf("%d expired", r.expired()), r.expired() == 0},
		{"other enterprises get their share", fmt.Sprintf("nobody of the smaller one waited longer than %s for a check, and of the larger one %s; with half of the allowance to itself it would be %s, and up to %s is allowed",
			small, ms(r.Large.queued.Max()), share.Round(time.Second), atMost(share).Round(time.Second)), small <= atMost(share)},
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

// atMost is what a wait may be that would be so long if nothing came in between.
func atMost(ideal time.Duration) time.Duration { return ideal*5/4 + slack }

// ideal is the longest wait if all were served in order of arrival at the full allowance.
func (r *Result) ideal() time.Duration {
	return r.inOrder(r.Options.Rate, func(arrival) bool { return true })
}

// share is the longest wait of the smaller enterprise if half of the allowance were its own,
// which is what two get that both have people waiting.
func (r *Result) share() time.Duration {
	return r.inOrder(max(1, r.Options.Rate/2), func(a arrival) bool { return a.small })
}

func (r *Result) inOrder(rate int, served func(arrival) bool) time.Duration {
	var free, longest time.Duration
	for _, a := range r.arrivals {
		if served(a) {
			free = max(free, a.at) + time.Second/time.Duration(rate)
			longest = max(longest, free-a.at)
		}
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
