package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/runtime/lent"
)

// bodies are what calls take, but for the check itself: what is read, and held against the
// rules.
var bodies = []func() (into any, validate func() error){
	body(func(p *domain.Profile) error { return p.Validate() }),
	body(func(n *app.NewKey) error { return domain.ValidateNewKey(n.Role, n.Holder, false) }),
	body(func(n *app.NewDelegation) error { return n.Validate(someTime) }),
	body(func(d *domain.NoticeDraft) error { return d.Validate() }),
	body(func(s *domain.PurposeSettings) error { return s.Validate(someTime, false) }),
	body(func(r *domain.SessionRequest) error { return r.Validate(somebodys, false) }),
	body(func(d *domain.Decision) error { return d.Validate() }),
	body(func(a *domain.AlternativeReport) error { return a.Validate() }),
	body(func(w *domain.Wish) error { return w.Validate() }),
	body(func(r *domain.Resolution) error { return r.Validate() }),
	body(func(*app.ExportWish) error { return nil }),
	body(func(*app.What) error { return nil }),
	body(func(*app.Acknowledgement) error { return nil }),
	body(func(*codeBody) error { return nil }),
}

func body[T any](validate func(*T) error) func() (any, func() error) {
	return func() (any, func() error) {
		v := new(T)
		return v, func() error { return validate(v) }
	}
}

var (
	someTime  = time.Date(2026, 11, 23, 1, 2, 3, 0, time.UTC)
	somebodys = domain.Profile{ReturnOrigins: []string{"https://lms.example.com"}}
)

// Whatever is sent in a body is refused as what it is, or it is understood as every reader
// of JSON understands it, and then the rules can tell what is wrong with it.
func FuzzBodies(f *testing.F) {
	for i, example := range examples(f) {
		f.Add(i%len(bodies), example)
	}
	for i := range bodies {
		for _, example := range examples(f) {
			if into, _ := bodies[i](); strict(lent.Whole([]byte(example)), into) == nil {
				f.Add(i, example)
			}
		}
	}
	f.Fuzz(func(t *testing.T, which int, sent string) {
		if which < 0 || which >= len(bodies) {
			return
		}
		into, validate := bodies[which]()
		err := strict(lent.Whole([]byte(sent)), into)
		if refused(t, err); err != nil {
			return
		}
		other, _ := bodies[which]()
		if err := json.Unmarshal([]byte(sent), other); err != nil || !reflect.DeepEqual(into, other) {
			t.Fatalf("%q is read as %#v, by others as %#v (%v)", sent, into, other, err)
		}
		refused(t, validate())
	})
}

// examples are the bodies that the description shows.
func examples(f *testing.F) (list []string) {
	var d struct {
		Paths map[string]map[string]struct {
			RequestBody struct {
				Content map[string]struct {
					Examples map[string]struct{ Value json.RawMessage }
				}
			}
		}
	}
	if err := json.Unmarshal(OpenAPI, &d); err != nil {
		f.Fatal(err)
	}
	for _, methods := range d.Paths {
		for _, op := range methods {
			for _, e := range op.RequestBody.Content["application/json"].Examples {
				if len(e.Value) < 10_000 { // pictures teach it nothing
					list = append(list, string(e.Value))
				}
			}
		}
	}
	return list
}

// refused holds that an error is one that the caller is told.
func refused(t *testing.T, err error) {
	t.Helper()
	if refusal, ok := errors.AsType[*domain.Refusal](err); err != nil && (!ok || refusal.Reason == domain.Internal) {
		t.Fatalf("%v", err)
	}
}

// Whatever stands in a query or a header is refused, or within bounds.
func FuzzQueriesAndHeaders(f *testing.F) {
	f.Add("cursor=0192f0c1-2a00-7b10-8c11-5d3e9a1bffff&limit=200", "", "zh-CN,zh;q=0.9,en;q=0.8")
	f.Add("from=2026-11-01T00:00:00%2B08:00&to=2026-12-01T00:00:00Z&after=3&as=link", `"7"`, "*")
	f.Add("limit=-1&limit=9999999999999999999&after=+1&cursor=..%2F", "W/\"x\"", strings.Repeat("a-", 900))
	f.Add("from=0000-01-01T00:00:00Z&to=9999-12-31T23:59:59Z&people=all&identifiers=subjects&enterprise=x&%zz;&a;b", "*", "en;q=")
	f.Fuzz(func(t *testing.T, query, match, languages string) {
		r := httptest.NewRequest(http.MethodGet, "/v1/x", nil)
		r.URL.RawQuery = query
		r.Header = http.Header{"If-Match": {match}, "Accept-Language": {languages}, "Authorization": {"Bearer " + match}}
		c := &call{r: r}
		page, err := c.page()
		if refused(t, err); err == nil && (page.Limit < 0 || page.Limit > app.LargestPage) {
			t.Errorf("a page of %d", page.Limit)
		}
		from, to, err := c.span()
		if refused(t, err); err == nil && (!from.Before(to) || from.Year() < 1999 || to.Year() > 9001) {
			t.Errorf("from %v to %v", from, to)
		}
		q, err := c.breachQuery()
		if refused(t, err); err == nil && strings.ContainsAny(q.After, "%'\" ;") {
			t.Errorf("%+v", q)
		}
		after, err := c.after()
		if refused(t, err); err == nil && after < 0 {
			t.Errorf("after %d", after)
		}
		_, err = c.ifMatch()
		refused(t, err)
		if l := localeOf(r); !l.Valid() {
			t.Errorf("%q is answered in %q", languages, l)
		}
		c.credential = app.Handed(match)
		if e := c.enterprise(Route{}, http.StatusUnauthorized, domain.Refuse(domain.Unauthenticated)); e != "" {
			t.Errorf("the log would have %q of somebody unknown", e)
		}
	})
}
