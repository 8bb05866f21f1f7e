package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"nod/shared/domain"
)

// BreachScope is what to tell people and the authority after an incident (duty D18; PIPL
// art. 57): whose data there was between two instants, what of it, what harm that may do,
// and what can be done. What happened, only the enterprise can say.
type BreachScope struct {
	From        time.Time      `json:"from"`
	To          time.Time      `json:"to"`
	ServerTime  time.Time      `json:"server_time"`
	Enterprises []BreachReport `json:"enterprises"`
	Cursor      domain.ID      `json:"cursor,omitempty"` // more enterprises, for an operator
}

// BreachReport is about one enterprise.
type BreachReport struct {
	Enterprise domain.ID      `json:"enterprise"`
	Name       domain.Texts   `json:"name"`
	Contact    domain.Contact `json:"contact"`
	Mode       domain.Mode    `json:"mode"`
	Summary    domain.Texts   `json:"summary"`
	People     PeopleAffected `json:"people"`
	InUse      []RouteInUse   `json:"in_use"`
	AtRest     []KeptAtRest   `json:"at_rest"`
	Never      []NeverKept    `json:"never_kept"`
	DataKinds  []KindAtRisk   `json:"data_kinds"`
	Notices    []NoticeThen   `json:"notices"`
}

// PeopleAffected counts and lists. Active are those whose data was in use; held are all of
// whom there was anything, which is who is affected where the database itself got out.
type PeopleAffected struct {
	Active int              `json:"active"`
	Held   int              `json:"held"`
	Listed domain.Listed    `json:"listed,omitempty"`
	Items  []PersonAffected `json:"items,omitempty"`
	Cursor string           `json:"cursor,omitempty"`
}

// PersonAffected is one of them. Subject is the id by which the platform knows them, where
// an administrator gave a reason.
type PersonAffected struct {
	Pseudonym string       `json:"pseudonym"`
	Subject   string       `json:"subject,omitempty"`
	InUse     []RouteInUse `json:"in_use"`
}

// RouteInUse is a way of checking, with the kinds of data that people were told of for it.
type RouteInUse struct {
	Purpose    domain.Purpose        `json:"purpose"`
	Route      domain.Route          `json:"route"`
	Sessions   int                   `json:"sessions"`
	People     int                   `json:"people,omitempty"`
	DataKinds  []string              `json:"data_kinds"`
	Recipients []domain.Subprocessor `json:"recipients"`
}

// NoticeThen is a notice that was in force at some time between the two instants.
type NoticeThen struct {
	domain.NoticeRef
	Purpose       domain.Purpose  `json:"purpose"`
	Audience      domain.Audience `json:"audience"`
	EffectiveFrom time.Time       `json:"effective_from"`
}

// BreachQuery is what is asked.
type BreachQuery struct {
	From, To   time.Time
	Enterprise domain.ID // an operator's choice; empty: all
	Listed     domain.Listed
	Subjects   bool // platform's ids in place of pseudonyms alone
	Reason     domain.AccessReason
	After      string // a pseudonym, or an enterprise's id where all are asked about
	Limit      int
}

// validate refuses what does not go together. Operators never see who somebody is.
func (q BreachQuery) validate(role domain.Role) error {
	switch {
	case q.Subjects && role == domain.Operator:
		return domain.Refuse(domain.WrongRole)
	case q.Subjects && q.Reason == "":
		return invalid("reason", domain.Missing)
	case q.Reason != "" && (!q.Subjects || !q.Reason.Valid()):
		return invalid("reason", domain.NotAllowed)
	case role == domain.Operator && q.Enterprise == "" && q.Listed != "":
		return invalid("enterprise", domain.Missing) // people are listed for one at a time
	}
	return nil
}

// BreachScope tells the scope of a breach: to an administrator for their own enterprise, to
// an operator for one or, without lists of people, for all.
func (o Oversight) BreachScope(ctx context.Context, call Call, q BreachQuery) (v BreachScope, err error) {
	if err := q.validate(call.Key.Role); err != nil {
		return v, err
	}
	v = BreachScope{From: q.From, To: q.To, Enterprises: []BreachReport{}}
	switch {
	case call.Key.Role != domain.Operator:
		if q.Enterprise != "" && q.Enterprise != call.Key.Enterprise {
			return v, domain.Refuse(domain.NoSuchThing)
		}
		q.Enterprise = call.Key.Enterprise
	case q.Enterprise == "":
		return v, o.scopeAll(ctx, &v, q)
	}
	if q.Listed == "" {
		q.Listed = domain.ActivePeople
	}
	r, now, err := o.scopeOf(ctx, call, q)
	if err == nil {
		v.ServerTime, v.Enterprises = now, append(v.Enterprises, r)
	}
	return v, err
}

// scopeAll reports on all enterprises, page by page. Numbers are about nobody, so nothing
// goes on record.
func (o Oversight) scopeAll(ctx context.Context, v *BreachScope, q BreachQuery) error {
	page := Page{After: domain.ID(q.After), Limit: q.Limit}
	list, err := o.Register.Enterprises(ctx, page.After, page.fetch())
	if err != nil {
		return err
	}
	id := func(e domain.Enterprise) domain.ID { return e.ID }
	cut := paged(list, page, id, id)
	v.Cursor = cut.Cursor
	for _, e := range cut.Items {
		s, err := o.Tenant(e).Scope(ctx, ScopeFilter{From: q.From, To: q.To}, nil)
		if err != nil {
			return err
		}
		v.ServerTime, v.Enterprises = s.Now, append(v.Enterprises, reportOf(s))
	}
	return nil
}

// scopeOf reports on one enterprise, with a part of the list of people.
func (o Oversight) scopeOf(ctx context.Context, call Call, q BreachQuery) (r BreachReport, now time.Time, err error) {
	page := Page{Limit: q.Limit}
	f := ScopeFilter{From: q.From, To: q.To, Listed: q.Listed, After: q.After, Limit: page.fetch()}
	more := false
	s, err := o.Tenant(q.Enterprise).Scope(ctx, f, func(c *domain.Charter, s domain.Scope) {
		shown := s.People[:min(len(s.People), page.limit())]
		more = len(shown) < len(s.People)
		pseudonyms := make([]string, 0, len(shown))
		for _, p := range shown {
			pseudonyms = append(pseudonyms, p.Subject)
		}
		c.ReadScope(q.From, q.To, q.Listed, pseudonyms, call.Key.ID)
	})
	if err != nil {
		return r, now, err
	}
	r = reportOf(s)
	r.People.Listed, r.People.Items = q.Listed, []PersonAffected{}
	for _, p := range s.People[:min(len(s.People), page.limit())] {
		shown := PersonAffected{Pseudonym: p.Subject, InUse: inUse(s, p.InUse)}
		for i := range shown.InUse {
			shown.InUse[i].People = 0 // it is one
		}
		if q.Subjects {
			if shown.Subject, err = o.identified(ctx, call, p.Subject, q.Reason); err != nil {
				return r, now, err
			}
		}
		r.People.Items = append(r.People.Items, shown)
		if more {
			r.People.Cursor = p.Subject
		}
	}
	return r, s.Now, nil
}

// identified turns a pseudonym back into the platform's id. The person's own chain says who
// asked and why (duties D16, D17). Whose link was cut at the end of retention stays a
// pseudonym.
func (o Oversight) identified(ctx context.Context, call Call, pseudonym string, why domain.AccessReason) (subject string, err error) {
	_, err = o.Tenant(call.Key.Enterprise).Update(ctx, By{Subject: pseudonym}, nil, func(m *domain.Moment) error {
		m.ReadSubject(why, call.Key.ID)
		subject, err = o.Vault.OpenSubject(m.Enterprise.ID, m.Subject.SealedID)
		return err
	})
	if errors.Is(err, domain.Refuse(domain.NoSuchThing)) {
		return "", nil
	}
	return subject, err
}

func reportOf(s domain.Scope) BreachReport {
	p := s.Enterprise.Profile
	r := BreachReport{
		Enterprise: s.Enterprise.ID, Name: p.Name, Contact: p.Contact, Mode: p.Mode, Summary: summaryOf(s),
		People: PeopleAffected{Active: s.Active, Held: s.Held}, InUse: inUse(s, s.InUse), AtRest: atRest(s.AtRest), Never: neverKept,
		Notices: []NoticeThen{},
	}
	for _, n := range s.Notices {
		r.Notices = append(r.Notices, NoticeThen{NoticeRef: n.RefAny(), Purpose: n.Purpose, Audience: n.Audience, EffectiveFrom: n.EffectiveFrom})
	}
	r.DataKinds = atRisk(r.InUse)
	return r
}

// inUse adds the kinds of data and the recipients that people were told of for each way: by
// whichever notice was in force at some time between the two instants.
func inUse(s domain.Scope, list []domain.InUse) []RouteInUse {
	out := make([]RouteInUse, 0, len(list))
	for _, u := range list {
		v := RouteInUse{Purpose: u.Purpose, Route: u.Route, Sessions: u.Sessions, People: u.People,
			DataKinds: []string{}, Recipients: []domain.Subprocessor{}}
		for _, n := range s.Notices {
			if n.Purpose == u.Purpose && slices.Contains(n.Facts.Routes, u.Route) {
				v.DataKinds = withEach(v.DataKinds, n.Facts.KindsOn(u.Route))
				v.Recipients = withEach(v.Recipients, slices.DeleteFunc(slices.Clone(n.Facts.Recipients),
					func(r domain.Subprocessor) bool { return r.Route != u.Route }))
			}
		}
		out = append(out, v)
	}
	return out
}

// withEach adds what is not there yet.
func withEach[T comparable](list, more []T) []T {
	for _, x := range more {
		if !slices.Contains(list, x) {
			list = append(list, x)
		}
	}
	return list
}
