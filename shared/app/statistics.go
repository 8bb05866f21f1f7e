package app

import (
	"context"
	"slices"
	"time"

	"nod/shared/domain"
)

// Oversight is what those ask who answer for an enterprise, or for all of them: numbers,
// who has read what, and whose data a breach can have touched.
type Oversight struct {
	Tenant   func(domain.ID) Overseen
	Register Register
	Vault    Vault
}

// Statistics are the numbers of one enterprise (duty D19). A bucket in which nothing
// happened is left out.
type Statistics struct {
	Enterprise domain.ID           `json:"enterprise"`
	Mode       domain.Mode         `json:"mode"`
	From       time.Time           `json:"from"`
	To         time.Time           `json:"to"`
	TimeZone   string              `json:"time_zone"`
	Bucket     domain.Unit         `json:"bucket"`
	ServerTime time.Time           `json:"server_time"`
	Purposes   []PurposeStatistics `json:"purposes"`
	// PeopleChecked counts somebody once who was checked for several purposes.
	PeopleChecked int               `json:"people_checked"`
	Requests      RequestStatistics `json:"requests"`
	StoredFaces   StoredFaces       `json:"stored_faces"`
}

// PurposeStatistics are those of one purpose. PeopleChecked of the total is not the sum of
// its buckets: somebody who was checked on two days is one person.
type PurposeStatistics struct {
	Purpose domain.Purpose  `json:"purpose"`
	Total   domain.Tally    `json:"total"`
	Buckets []PurposeBucket `json:"buckets"`
}

// PurposeBucket is a day or an hour of a purpose.
type PurposeBucket struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	domain.Tally
}

// RequestStatistics are about what people asked for, which belongs to no purpose.
type RequestStatistics struct {
	Total   domain.RequestTally `json:"total"`
	Buckets []RequestBucket     `json:"buckets"`
}

// RequestBucket is a day or an hour of requests.
type RequestBucket struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	domain.RequestTally
}

// StoredFaces is about faces that are kept (duty D26; FR art. 15).
type StoredFaces struct {
	// ByNod is zero, always. Nothing counts it, because there is nothing to count: no column
	// of the database can hold a face (a test lists all that can hold more than text and
	// numbers, with what is in each), and `make residue` searches what is left of an image.
	ByNod    int `json:"by_nod"`
	Declared int `json:"declared"` // by the enterprise, of its own library
	// DeclaredFor is what Declared is the sum of.
	DeclaredFor map[domain.Purpose]int `json:"declared_for"`
	WarnFrom    int                    `json:"warn_from"`
	Limit       int                    `json:"limit"`
	NearLimit   bool                   `json:"near_limit"`
	FilingDue   bool                   `json:"filing_due"`
}

func storedFaces(s domain.Settings) StoredFaces {
	declared := s.StoredFaces()
	v := StoredFaces{Declared: declared, DeclaredFor: map[domain.Purpose]int{}, WarnFrom: domain.FacesWarnFrom, Limit: domain.FacesLimit,
		NearLimit: declared >= domain.FacesWarnFrom, FilingDue: declared >= domain.FacesLimit}
	for _, p := range domain.Purposes {
		v.DeclaredFor[p] = s.Purposes[p].FacesDeclared()
	}
	return v
}

// Statistics counts what happened in [from,to).
func (o Oversight) Statistics(ctx context.Context, call Call, from, to time.Time) (v Statistics, err error) {
	if to.Sub(from) > domain.LongestStatistic {
		return v, invalid("to", domain.OutOfRange)
	}
	c, err := o.Tenant(call.Key.Enterprise).Counted(ctx, from, to)
	if err != nil {
		return v, err
	}
	v = Statistics{
		Enterprise: c.Enterprise.ID, Mode: c.Enterprise.Profile.Mode, From: from, To: to, ServerTime: c.Now,
		TimeZone: c.Enterprise.Profile.TimeZone, Bucket: c.Calendar.Unit, PeopleChecked: c.Checked[""],
		Requests: RequestStatistics{Buckets: []RequestBucket{}}, StoredFaces: storedFaces(c.Settings),
	}
	cut := func(start time.Time) (time.Time, time.Time) { // the first and the last are parts of a day
		end := c.Calendar.Next(start)
		if start.Before(from) {
			start = from
		}
		if end.After(to) {
			end = to
		}
		return start, end
	}
	for _, p := range domain.Purposes {
		v.Purposes = append(v.Purposes, tallied(c, p, cut))
	}
	v.Requests = requestsTallied(c, cut)
	return v, nil
}

func tallied(c domain.Counts, p domain.Purpose, cut func(time.Time) (time.Time, time.Time)) PurposeStatistics {
	out := PurposeStatistics{Purpose: p, Buckets: []PurposeBucket{}}
	for _, x := range c.List { // in the order of time
		if x.Purpose != p {
			continue
		}
		start, end := cut(x.Start)
		if n := len(out.Buckets); n == 0 || !out.Buckets[n-1].From.Equal(start) {
			out.Buckets = append(out.Buckets, PurposeBucket{From: start, To: end})
		}
		out.Buckets[len(out.Buckets)-1].Add(x)
		out.Total.Add(x)
	}
	out.Total.PeopleChecked = c.Checked[p]
	return out
}

func requestsTallied(c domain.Counts, cut func(time.Time) (time.Time, time.Time)) RequestStatistics {
	out := RequestStatistics{Buckets: []RequestBucket{}}
	at := func(start time.Time) *domain.RequestTally {
		start, end := cut(start)
		i, found := slices.BinarySearchFunc(out.Buckets, start, func(b RequestBucket, t time.Time) int { return b.From.Compare(t) })
		if !found {
			out.Buckets = slices.Insert(out.Buckets, i, RequestBucket{From: start, To: end})
		}
		return &out.Buckets[i].RequestTally
	}
	for _, x := range c.List {
		if x.Type == domain.RequestOpened || x.Type == domain.RequestResolved {
			at(x.Start).Add(x)
			out.Total.Add(x)
		}
	}
	for _, due := range c.BecameOverdue {
		at(c.Calendar.Start(due)).Overdue++
		out.Total.Overdue++
	}
	return out
}

// invalid refuses one value of a query.
func invalid(field, code string) error {
	return &domain.Refusal{Reason: domain.InvalidValue, Fields: []domain.FieldFault{{Field: field, Code: code}}}
}
