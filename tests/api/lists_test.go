package api

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// pages reads a list page by page and returns the ids on them.
func (w *world) pages(t *testing.T, path, bearer string, limit int) (list []string) {
	t.Helper()
	for cursor := ""; ; {
		query := "?limit=" + strconv.Itoa(limit)
		if cursor != "" {
			query += "&cursor=" + cursor
		}
		v := w.do(t, "GET", path+query, bearer, nil).ok(200)
		page := items(v)
		if len(page) > limit || (len(page) < limit && v["cursor"] != nil) {
			t.Fatalf("a page of %d holds %d, and the cursor is %v", limit, len(page), v["cursor"])
		}
		for _, item := range page {
			list = append(list, text(item, "id"))
		}
		if cursor = text(v, "cursor"); cursor == "" {
			return list
		}
	}
}

func TestSessionsAreListedPageByPage(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	var want []string
	for range 5 {
		want = append(want, h.visitor().session)
	}
	for _, limit := range []int{1, 2, 5, 200} {
		if got := h.pages(t, "/v1/sessions", h.integrator, limit); !slices.Equal(got, want) {
			t.Errorf("by %d: %v, want %v", limit, got, want)
		}
	}
	if whole := h.do(t, "GET", "/v1/sessions", h.integrator, nil).ok(200); len(items(whole)) != 5 || whole["cursor"] != nil {
		t.Errorf("without a limit: %v", whole)
	}
	rest := h.do(t, "GET", "/v1/sessions?cursor="+want[4], h.integrator, nil).ok(200)
	if list, isList := rest["items"].([]any); !isList || len(list) != 0 {
		t.Errorf("behind the last one: %v", rest)
	}
}

func TestEnterprisesAreListedPageByPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	var want []string
	for range 3 {
		want = append(want, w.bare(t, "test").id)
	}
	for _, limit := range []int{1, 2, 3} {
		if got := w.pages(t, "/v1/enterprises", w.operator, limit); !slices.Equal(got, want) {
			t.Errorf("by %d: %v, want %v", limit, got, want)
		}
	}
}

func TestWhatAnEnterpriseLaidDownIsListedPageByPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	keys := h.pages(t, "/v1/enterprises/"+h.id+"/keys", w.operator, 200) // three were made with it
	delegations, notices := []string{h.delegation}, []string{h.notice}
	var operators []string
	for i := range 4 {
		holder := object{"holder": fmt.Sprint("engineer ", i)}
		operators = append(operators, text(h.do(t, "POST", "/v1/operators", w.operator, holder).ok(201), "id"))
		delegations = append(delegations, text(h.do(t, "POST", "/v1/delegations", h.admin, h.terms()).ok(201), "id"))
		notices = append([]string{text(h.moreMaterial(), "id")}, notices...) // newest first
	}
	for path, list := range map[string]struct {
		bearer string
		want   []string
	}{
		"/v1/enterprises/" + h.id + "/keys": {w.operator, keys},
		"/v1/operators":                     {w.operator, operators},
		"/v1/delegations":                   {h.admin, delegations},
		"/v1/notices":                       {h.admin, notices},
	} {
		for _, limit := range []int{1, 2, len(list.want), 200} {
			if got := h.pages(t, path, list.bearer, limit); len(got) < 3 || !slices.Equal(got, list.want) {
				t.Errorf("%s by %d: %v, want %v", path, limit, got, list.want)
			}
		}
	}
}

// A function's answer is bounded, and so is a page, whatever its things weigh.
func TestAHeavyListIsCutIntoMorePages(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	terms := h.terms()
	for _, field := range []string{"safeguards", "duties", "supervision", "return_and_deletion"} {
		terms[field] = strings.Repeat("长", 20_000) // 240 KB in all
	}
	const many = 30
	for range many {
		h.do(t, "POST", "/v1/delegations", h.admin, terms).ok(201)
	}
	seen, cursor := 0, ""
	for {
		r := h.do(t, "GET", "/v1/delegations?limit=200"+cursor, h.admin, nil)
		page := r.ok(200)
		if seen += len(items(page)); len(r.body) > 3<<20 {
			t.Errorf("a page weighs %d bytes", len(r.body))
		}
		if page["cursor"] == nil {
			break
		}
		cursor = "&cursor=" + text(page, "cursor")
	}
	if seen != many+1 {
		t.Errorf("%d delegations are listed, want %d", seen, many+1)
	}
}

func TestSessionsAreFilteredBySubjectAndResource(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	chen, wang := h.person(), h.person()
	const first, second = "exam/一 & 1?", "exam/2"
	byName := map[string]string{}
	for who, p := range map[string]*person{"chen": chen, "wang": wang} {
		for _, resource := range []string{first, second} {
			byName[who+" "+resource] = p.another(func(r object) { r["resource"] = resource }).session
		}
	}
	subject, resource := func(p *person) string { return "subject=" + escape(p.subject) }, func(s string) string { return "resource=" + escape(s) }
	for query, want := range map[string][]string{
		subject(chen):                                    {"chen " + first, "chen " + second},
		resource(first):                                  {"chen " + first, "wang " + first},
		subject(wang) + "&" + resource(second):           {"wang " + second},
		subject(wang) + "&resource=exam":                 nil, // not a prefix
		"subject=nobody":                                 nil,
		"subject=" + escape(chen.subject+" ' OR 1=1 --"): nil,
		"subject=&resource=":                             {"chen " + first, "chen " + second, "wang " + first, "wang " + second},
	} {
		t.Run(query, func(t *testing.T) {
			var got, ids []string
			for _, s := range items(h.do(t, "GET", "/v1/sessions?"+query, h.integrator, nil).ok(200)) {
				got = append(got, text(s, "id"))
			}
			for _, name := range want {
				ids = append(ids, byName[name])
			}
			slices.Sort(ids) // ids are in the order of their time
			if !slices.Equal(got, ids) {
				t.Errorf("%v, want %v", got, ids)
			}
		})
	}
}

// A list shows each session as GET on it does, brought up to date.
func TestAListShowsWhatASessionShows(t *testing.T) {
	t.Parallel()
	everyState(t, newWorld(t, setup{}), func(t *testing.T, w *world, state string, e ending) {
		p := w.house(t).visitor()
		e.arrange(p)
		list := items(p.do(t, "GET", "/v1/sessions", p.integrator, nil).ok(200))
		if len(list) != 1 {
			t.Fatalf("%d sessions are listed", len(list))
		}
		one := p.is(state)
		delete(one, "assertion") // signed anew for each
		delete(list[0], "assertion")
		if fmt.Sprint(list[0]) != fmt.Sprint(one) {
			t.Errorf("the list shows\n%v, the session\n%v", list[0], one)
		}
	})
}

func TestFaultyPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.bare(t, "live")
	for path, bearer := range map[string]string{
		"/v1/sessions": h.integrator, "/v1/delegations": h.admin, "/v1/notices": h.admin,
		"/v1/enterprises": w.operator, "/v1/enterprises/" + h.id + "/keys": w.operator, "/v1/operators": w.operator,
	} {
		for query, want := range map[string]string{
			"limit=0": "limit=out_of_range", "limit=201": "limit=out_of_range", "limit=-1": "limit=out_of_range",
			"limit=ten": "limit=out_of_range", "limit=1e2": "limit=out_of_range", "limit=99999999999999999999": "limit=out_of_range",
			"cursor=1": "cursor=bad_format", "cursor=%27%20OR%201=1": "cursor=bad_format",
		} {
			t.Run(path+"?"+query, func(t *testing.T) {
				problem := w.do(t, "GET", path+"?"+query, bearer, nil, bad).refused(422, "invalid-value")
				if got := faults(problem); !slices.Equal(got, []string{want}) {
					t.Errorf("the faults are %v, want %s", got, want)
				}
			})
		}
	}
}
