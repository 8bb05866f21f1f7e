package domain

import (
	"strconv"
	"time"
)

const day = 24 * time.Hour

// How many days ahead, the nearest first.
var (
	ExpiryWarnings  = []int{1, 7, 30}
	RequestWarnings = []int{1, 3}
)

// RequestWarning is the longest time before its due date that a request is warned of.
const RequestWarning = 3 * day

// Outlook is what an enterprise may have to be warned of at one moment of the database's
// own clock.
type Outlook struct {
	Now         time.Time
	Enterprise  Enterprise
	Settings    Settings
	Delegations []Delegation // those that notices in force name: id and term
	Requests    []Request    // those that wait and are due soon, or were
	Told        map[EventKey]bool
	Mint        func() ID

	events []*Event
}

// Warnings are the events that are near and were not told yet: of each thing the nearest
// step alone, so that who was away for long is told once. A closed enterprise still
// answers requests; nothing else ends any more.
func (o Outlook) Warnings() []*Event {
	if o.Enterprise.Open() {
		o.delegations()
		o.assessments()
		o.faces()
	}
	o.requests()
	return o.events
}

// warn tells a step at the given addresses.
func (o *Outlook) warn(k EventKey, d EventData, hooks ...Purpose) {
	d.Enterprise, d.Mode = o.Enterprise.ID, o.Enterprise.Profile.Mode
	for _, k.Purpose = range hooks {
		if !o.Told[k] {
			o.events = append(o.events, &Event{EventKey: k, ID: o.Mint(), At: o.Now, Data: d})
		}
	}
}

// nearest is the fewest of some days within which an instant lies ahead; 0 if it is
// further away, or behind.
func nearest(days []int, now, at time.Time) int {
	left := at.Sub(now)
	for _, n := range days {
		if left >= 0 && left <= time.Duration(n)*day {
			return n
		}
	}
	return 0
}

func (o *Outlook) delegations() {
	for _, d := range o.Delegations {
		days := nearest(ExpiryWarnings, o.Now, d.Terms.ValidUntil)
		if days == 0 || d.EndedBefore(o.Now) {
			continue
		}
		o.warn(EventKey{Type: TellDelegation, Thing: string(d.ID), Step: strconv.Itoa(days)},
			EventData{Delegation: d.ID, ValidUntil: d.Terms.ValidUntil.UTC(), Days: days}, o.Settings.Hooks()...)
	}
}

// assessments warns at the address of their own purpose. A renewed assessment is another
// one, told by its last day.
func (o *Outlook) assessments() {
	for _, p := range Purposes {
		s := o.Settings.Purposes[p]
		if s.Webhook == "" {
			continue
		}
		a := s.ImpactAssessment
		if days := nearest(ExpiryWarnings, o.Now, a.Ends()); days > 0 && s.Enabled && a.Acceptable(o.Now) {
			o.warn(EventKey{Type: TellAssessment, Thing: a.ValidUntil, Step: strconv.Itoa(days)},
				EventData{Purpose: p, ValidUntil: a.Ends().UTC(), Days: days}, p)
		}
	}
}

// faces warns of the filing that a large library needs, over all purposes together (duty
// D26): before it is due, and when it is.
func (o *Outlook) faces() {
	n := o.Settings.StoredFaces()
	if n < FacesWarnFrom {
		return
	}
	reached := FacesWarnFrom
	if n >= FacesLimit {
		reached = FacesLimit
	}
	o.warn(EventKey{Type: TellFaces, Thing: "declared", Step: strconv.Itoa(reached)},
		EventData{Declared: n, Limit: FacesLimit, FileWithin: FileWithin}, o.Settings.Hooks()...)
}

func (o *Outlook) requests() {
	for _, r := range o.Requests {
		d := EventData{Request: r.ID, Kind: string(r.Kind), DueAt: r.DueAt, Overdue: r.Overdue(o.Now)}
		step := "overdue"
		if !d.Overdue {
			d.Days = nearest(RequestWarnings, o.Now, r.DueAt)
			step = strconv.Itoa(d.Days)
		}
		if r.Open() && (d.Overdue || d.Days > 0) {
			o.warn(EventKey{Type: TellRequest, Thing: string(r.ID), Step: step}, d, o.Settings.Hooks()...)
		}
	}
}
