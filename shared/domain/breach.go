package domain

import "time"

// Scope is whose data a breach between two instants can have touched, and what of it
// there was (duty D18; PIPL art. 57). It is read, never written.
type Scope struct {
	Now        time.Time
	From, To   time.Time
	Enterprise Enterprise
	Notices    []Notice // those in force at some time between the two instants
	Held       int      // people of whom anything was held by the second instant
	Active     int      // people whose data was in use between the two
	InUse      []InUse
	AtRest     AtRest
	People     []Affected // part of those who were asked for
}

// InUse is one way in which data was in use between the two instants.
type InUse struct {
	Purpose  Purpose
	Route    Route
	Sessions int
	People   int
}

// AtRest counts what was kept by the second instant. Of references it counts the sessions
// that may have held one between the two, and those of them that hold it still.
type AtRest struct {
	Subjects, Consents, Records, Sessions int
	References, ReferencesLeft            int
	Requests, Proofs                      int
	Answers                               int // that are given again for a day
}

// Affected is one person, by their pseudonym, with what their data was in use for.
type Affected struct {
	Subject string
	InUse   []InUse
}

// InForceBetween are the notices that were in force at some time in a range. Later ones
// stand behind earlier ones; one that was overtaken before its time never was in force.
func InForceBetween(list []Notice, from, to time.Time) (out []Notice) {
	for _, n := range list {
		end := to
		for _, later := range list {
			same := later.Purpose == n.Purpose && later.Audience == n.Audience
			if same && later.Version > n.Version && later.EffectiveFrom.Before(end) {
				end = later.EffectiveFrom
			}
		}
		if n.EffectiveFrom.Before(end) && end.After(from) {
			out = append(out, n)
		}
	}
	return out
}
