package app

import (
	"context"
	"time"

	"nod/shared/domain"
)

// FailRates is how often checks ended in a fail in [From,To), beside the time before.
type FailRates struct {
	From     time.Time      `json:"from"`
	To       time.Time      `json:"to"`
	Before   time.Time      `json:"before"` // when the time before began; it ends with From
	Items    []FailRateView `json:"items"`
	LeastN   int            `json:"least_checks"`
	LeastGap float64        `json:"least_difference"`
}

// FailRateView is that of a purpose on a route.
type FailRateView struct {
	Purpose domain.Purpose `json:"purpose"`
	Route   domain.Route   `json:"route"`
	Now     RateView       `json:"now"`
	Before  RateView       `json:"before"`
	Drift   domain.Drift   `json:"drift,omitempty"` // absent: nothing to look into
}

// RateView is a share of fails, and between which bounds it would lie in the long run.
type RateView struct {
	domain.Outcomes
	FailRate float64 `json:"fail_rate"`
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
}

func viewRate(o domain.Outcomes) RateView {
	v := RateView{Outcomes: o, FailRate: o.FailRate()}
	v.Low, v.High = o.FailRateBounds()
	return v
}

// LongestFailRate is what one may ask of at a time: twice that is looked at.
const LongestFailRate = 100 * 24 * time.Hour

// FailRates compares a time with the one before it, as long.
func (o Oversight) FailRates(ctx context.Context, call Call, from, to time.Time) (v FailRates, err error) {
	if to.Sub(from) > LongestFailRate {
		return v, invalid("to", domain.OutOfRange)
	}
	list, err := o.Tenant(call.Key.Enterprise).Outcomes(ctx, from, to)
	v = FailRates{From: from, To: to, Before: from.Add(from.Sub(to)), Items: []FailRateView{}, LeastN: domain.LeastOutcomes, LeastGap: domain.LeastDrift}
	for _, x := range list {
		v.Items = append(v.Items, FailRateView{x.Purpose, x.Route, viewRate(x.Now), viewRate(x.Before), x.Now.DriftFrom(x.Before)})
	}
	return v, err
}

// WaitingView is how many people have to be asked again for a purpose, and why.
type WaitingView struct {
	Purpose  domain.Purpose    `json:"purpose"`
	Audience domain.Audience   `json:"audience"`
	Cause    domain.LapseCause `json:"cause"`
	People   int               `json:"people"`
	More     bool              `json:"more"` // there are more than were counted
}

// mostCounted is how many consents are looked at for each number, so that the answer comes
// at once however many people there are.
const mostCounted = 100_000

// Waiting counts those whose consent has ended by itself and who have not decided since.
func (o Oversight) Waiting(ctx context.Context, call Call) (v List[WaitingView], err error) {
	list, err := o.Tenant(call.Key.Enterprise).Waiting(ctx, mostCounted)
	v.Items = []WaitingView{}
	for _, w := range list {
		if w.People > 0 || w.More {
			v.Items = append(v.Items, WaitingView(w))
		}
	}
	return v, err
}

// Caller is what a key is told about itself.
type Caller struct {
	ID         domain.ID    `json:"id"`
	Role       domain.Role  `json:"role"`
	Holder     string       `json:"holder"`
	Enterprise CallersHouse `json:"enterprise"`
}

// CallersHouse is the enterprise that a key is of.
type CallersHouse struct {
	ID       domain.ID    `json:"id"`
	Name     domain.Texts `json:"name"`
	Mode     domain.Mode  `json:"mode"`
	TimeZone string       `json:"time_zone"`
	ClosedAt time.Time    `json:"closed_at,omitzero"`
}

// Caller tells whose key it is that calls.
func (o Oversight) Caller(ctx context.Context, call Call) (v Caller, err error) {
	e, err := o.Tenant(call.Key.Enterprise).Enterprise(ctx)
	return Caller{call.Key.ID, call.Key.Role, call.Key.Holder,
		CallersHouse{e.ID, e.Profile.Name, e.Profile.Mode, e.Profile.TimeZone, e.ClosedAt}}, err
}
