package web

import (
	"cmp"
	"context"
	"net/http"
	"regexp"
	"time"

	"nod/shared/app"
	"nod/shared/domain"
)

// overseers are those of an enterprise who may see what it laid down, and numbers: an
// auditor changes nothing of it.
var overseers = []domain.Role{domain.Admin, domain.Auditor}

// oversightRoutes are the calls of those who answer for an enterprise: an administrator, an
// auditor, an operator.
func (a API) oversightRoutes() []Route {
	return []Route{
		{Method: http.MethodGet, Path: "/v1/key", Who: overseers, serve: a.caller},
		{Method: http.MethodGet, Path: "/v1/stats", Who: overseers, serve: a.statistics},
		{Method: http.MethodGet, Path: "/v1/stats/fail-rates", Who: overseers, serve: a.failRates},
		{Method: http.MethodGet, Path: "/v1/stats/waiting", Who: overseers, serve: a.waiting},
		{Method: http.MethodGet, Path: "/v1/breach-scope", Who: []domain.Role{domain.Admin, domain.Operator}, serve: a.breachScope},
		{Method: http.MethodGet, Path: "/v1/access", Who: overseers, serve: a.listAccesses},
		{Method: http.MethodGet, Path: "/v1/delegations/{id}/agreement", Who: overseers, serve: a.agreement},
	}
}

func (a API) statistics(ctx context.Context, c *call) (answer, error) {
	from, to, err := c.span()
	if err != nil {
		return answer{}, err
	}
	return ok(a.Oversight.Statistics(ctx, c.asCall(), from, to))
}

func (a API) failRates(ctx context.Context, c *call) (answer, error) {
	from, to, err := c.span()
	if err != nil {
		return answer{}, err
	}
	return ok(a.Oversight.FailRates(ctx, c.asCall(), from, to))
}

func (a API) waiting(ctx context.Context, c *call) (answer, error) {
	return ok(a.Oversight.Waiting(ctx, c.asCall()))
}

func (a API) caller(ctx context.Context, c *call) (answer, error) {
	return ok(a.Oversight.Caller(ctx, c.asCall()))
}

func (a API) listAccesses(ctx context.Context, c *call) (answer, error) {
	from, to, err := c.span()
	if err != nil {
		return answer{}, err
	}
	page, err := c.page()
	if err != nil {
		return answer{}, err
	}
	return ok(a.Oversight.Accesses(ctx, c.asCall(), from, to, page))
}

func (a API) breachScope(ctx context.Context, c *call) (answer, error) {
	q, err := c.breachQuery()
	if err != nil {
		return answer{}, err
	}
	v, err := a.Oversight.BreachScope(ctx, c.asCall(), q)
	return answer{status: http.StatusOK, body: v, file: "nod-breach-scope.json"}, err
}

func (a API) agreement(ctx context.Context, c *call) (answer, error) {
	id, err := c.pathID("id")
	if err != nil {
		return answer{}, err
	}
	v, err := a.Oversight.Agreement(ctx, c.asCall(), id)
	return answer{status: http.StatusOK, body: v, file: "nod-agreement.json"}, err
}

// span reads the range [from,to), and names both ends if both are at fault.
func (c *call) span() (from, to time.Time, err error) {
	var faults []domain.FieldFault
	read := func(name string) (at time.Time) {
		text := c.r.URL.Query().Get(name)
		at, err := time.Parse(time.RFC3339, text)
		switch {
		case text == "":
			faults = append(faults, domain.FieldFault{Field: name, Code: domain.Missing})
		case err != nil:
			faults = append(faults, domain.FieldFault{Field: name, Code: domain.BadFormat})
		case at.Year() < 2000 || at.Year() > 9000:
			faults = append(faults, domain.FieldFault{Field: name, Code: domain.OutOfRange})
		}
		return at.UTC().Truncate(time.Millisecond) // as times are stored
	}
	from, to = read("from"), read("to")
	if len(faults) == 0 && !from.Before(to) {
		faults = append(faults, domain.FieldFault{Field: "to", Code: domain.OutOfRange})
	}
	if len(faults) > 0 {
		err = &domain.Refusal{Reason: domain.InvalidValue, Fields: faults}
	}
	return from, to, err
}

// A pseudonym, or an id.
var cursorForm = regexp.MustCompile(`^[0-9a-f-]{32,36}$`)

func (c *call) breachQuery() (q app.BreachQuery, err error) {
	if q.From, q.To, err = c.span(); err != nil {
		return q, err
	}
	ask := c.r.URL.Query()
	if id := ask.Get("enterprise"); id != "" {
		var isID bool
		if q.Enterprise, isID = domain.ParseID(id); !isID {
			return q, domain.Refuse(domain.NoSuchThing)
		}
	}
	q.Listed, q.Reason = domain.Listed(ask.Get("people")), domain.AccessReason(ask.Get("reason"))
	if q.Listed != "" && !q.Listed.Valid() {
		return q, fault(domain.InvalidValue, "people", domain.NotAllowed)
	}
	switch cmp.Or(ask.Get("identifiers"), "pseudonyms") {
	case "pseudonyms":
	case "subjects":
		q.Subjects = true
	default:
		return q, fault(domain.InvalidValue, "identifiers", domain.NotAllowed)
	}
	if q.After = ask.Get("cursor"); q.After != "" && !cursorForm.MatchString(q.After) {
		return q, fault(domain.InvalidValue, "cursor", domain.BadFormat)
	}
	q.Limit, err = c.pageLimit()
	return q, err
}
