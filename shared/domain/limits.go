package domain

import "time"

// limit is how often somebody may be asked about within a time.
type limit struct {
	times  int
	within time.Duration
}

// personLimits are the vendor's, per ID number or name (Tencent Cloud, product 1007).
// Nod keeps no ID numbers that it could count by, so it counts by the person; above a
// limit the vendor would turn the call away, for everybody who is called the same.
var personLimits = map[Route][]limit{
	Authority: {{15, time.Minute}, {30, LimitsLookBack}},
	TwoFactor: {{500, LimitsLookBack}},
}

// typedLimits hold where the person types name and number: nobody can use up what the
// vendor allows for somebody else.
var typedLimits = map[Route][]limit{
	Authority: {{5, time.Minute}, {10, LimitsLookBack}},
	TwoFactor: {{5, time.Minute}, {20, LimitsLookBack}},
}

// LimitsLookBack is how far back Moment.Asked reaches.
const LimitsLookBack = 24 * time.Hour

// withinLimit refuses a check that the vendor would turn away, and says from when on it
// would not.
func (m *Moment) withinLimit() error {
	limits := personLimits
	if m.Session.NamedBy == FromPerson {
		limits = typedLimits
	}
	for _, l := range limits[m.Session.Route] {
		recent := 0
		oldest := m.Now
		for _, at := range m.Asked {
			if at.Add(l.within).After(m.Now) {
				recent++
				oldest = earlier(oldest, at)
			}
		}
		if recent >= l.times {
			return &Refusal{Reason: PersonLimit, State: m.Session.State, RetryAfter: oldest.Add(l.within).Sub(m.Now)}
		}
	}
	return nil
}
