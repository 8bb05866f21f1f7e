package domain

import "time"

// Kept is until when the things that are held about a person are kept (duty D14), each by
// its id. The person is told, and what is told is what Release goes by.
type Kept struct {
	Consents, Sessions, Requests map[ID]time.Time
}

// SessionsKept is how long a session is kept from which nothing came: as long as the
// learning platform may still ask for it.
const SessionsKept = 30 * 24 * time.Hour

// Kept tells until when. What proves a consent is kept for the retention that its notice
// tells of, from its end, or from the last check that relied on it; a session as long as
// what came of it; a request as long as the law has its answer kept, from that on. A
// request that waits has no end.
func (h Holdings) Kept() Kept {
	k := Kept{Consents: map[ID]time.Time{}, Sessions: map[ID]time.Time{}, Requests: map[ID]time.Time{}}
	last := map[ID]time.Time{}
	for _, c := range h.Checks {
		for _, consent := range []ID{c.Consent, c.GuardianConsent} {
			last[consent] = latest(last[consent], c.EndedAt)
		}
		k.Sessions[c.Session] = latest(k.Sessions[c.Session], h.CheckKeptUntil(c))
	}
	for _, c := range h.Consents {
		end := latest(c.At, c.Until)
		if !c.EndedAt.IsZero() {
			end = c.EndedAt
		}
		until := latest(end, last[c.ID]).Add(h.retention(c.Notice.ID))
		k.Consents[c.ID] = until
		k.Sessions[c.Session] = latest(k.Sessions[c.Session], until)
	}
	for _, s := range h.Sessions {
		linger := SessionsKept
		if s.CreatedAt.Before(h.Subject.RestrictedAt) {
			linger = 0
		}
		k.Sessions[s.ID] = latest(k.Sessions[s.ID], s.ExpiresAt.Add(linger))
	}
	for _, r := range h.Requests {
		if !r.Open() {
			k.Requests[r.ID] = r.ResolvedAt.Add(days(LeastRetentionDays))
		}
	}
	return k
}

// CheckKeptUntil is when a check may go: after the retention of its notice.
func (h Holdings) CheckKeptUntil(c CheckHeld) time.Time {
	return latest(c.StartedAt, c.EndedAt).Add(h.retention(c.Notice.ID))
}

func (h Holdings) retention(notice ID) time.Duration {
	if n, known := h.Notices[notice]; known {
		return days(max(LeastRetentionDays, n.Facts.RetentionDays))
	}
	return days(LeastRetentionDays)
}

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
