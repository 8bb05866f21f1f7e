package domain

import (
	"slices"
	"time"
)

// Keeping is all that is held about one person, read in a transaction in which the
// subject's row is locked, so that Release can let go of what need not be kept any more
// (duty D14). The store takes away what it lists in the same transaction. The Records
// stay, and with them the log: what goes is everything that leads from them to the person.
type Keeping struct {
	Holdings // without bound
	// Closed says that the enterprise is closed and has its records: nothing is kept.
	Closed bool
	Mint   func() ID

	// What has to be written.
	Records  []*Record
	Consents []ID
	Sessions []ID // with their checks
	Requests []ID // with their files
	Erased   bool // the person: the row that knows them, and all that is theirs
	ReviewAt time.Time
}

// LookAgain bounds of Release: how soon a person is looked at again after something
// happened, and after something could not be let go of yet.
const (
	ReviewAfter   = 31 * 24 * time.Hour
	ReviewWaiting = 24 * time.Hour
)

// Release lets go of each thing whose time is over, and of the person when nothing of
// theirs is left. Whatever is not over is looked at again when it may be. What decides is
// the clock as it is now: a Record that was written while it was ahead makes nothing late.
func (k *Keeping) Release() {
	now, until := k.Charter.Now, k.Kept()
	if k.underWay(now) {
		k.ReviewAt = now.Add(ReviewWaiting)
		return
	}
	over := func(until map[ID]time.Time, id ID) bool {
		end, known := until[id]
		if !k.Closed && (!known || now.Before(end)) {
			if known && (k.ReviewAt.IsZero() || end.Before(k.ReviewAt)) {
				k.ReviewAt = end
			}
			return false
		}
		return true
	}
	for _, c := range k.Holdings.Consents {
		if over(until.Consents, c.ID) {
			k.Consents = append(k.Consents, c.ID)
			k.record(RetentionApplied, func(r *Record) { r.Purpose, r.Consent = c.Purpose, c.ID })
		}
	}
	for _, s := range k.Holdings.Sessions {
		if over(until.Sessions, s.ID) {
			k.Sessions = append(k.Sessions, s.ID)
		}
	}
	for _, q := range k.Holdings.Requests {
		if over(until.Requests, q.ID) {
			k.Requests = append(k.Requests, q.ID)
			k.record(RetentionApplied, func(r *Record) { r.Request, r.Kind = q.ID, q.Kind })
		}
	}
	left := len(k.Holdings.Consents) + len(k.Holdings.Sessions) + len(k.Holdings.Requests) -
		len(k.Consents) - len(k.Sessions) - len(k.Requests)
	if left == 0 {
		k.Erased = true
		k.record(SubjectErased, func(*Record) {})
		return
	}
	k.ReviewAt = latest(k.ReviewAt, now.Add(ReviewWaiting))
}

// underWay reports whether somebody waits for something: a session that is not over, or a
// check without its outcome, which whoever meets it next writes down.
func (k *Keeping) underWay(now time.Time) bool {
	for _, s := range k.Holdings.Sessions {
		if !k.Closed && now.Before(s.ExpiresAt) {
			return true
		}
	}
	return slices.ContainsFunc(k.Checks, func(c CheckHeld) bool { return c.Result == "" })
}

func (k *Keeping) record(t RecordType, fill func(*Record)) {
	e := k.Charter.Enterprise
	at := latest(k.Charter.Now, k.Subject.HeadAt) // a chain's times never go back
	r := &Record{ID: k.Mint(), Type: t, Enterprise: e.ID, Mode: e.Profile.Mode, At: at, Subject: k.Subject.Pseudonym}
	fill(r)
	k.Records = append(k.Records, r)
}
