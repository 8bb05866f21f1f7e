package api

import (
	"bytes"
	"slices"
	"sync"
	"testing"

	"nod/tests/postgres"
)

// However often and however fast a request comes, it is done once.
func TestTheSameRequestEightTimesAtOnce(t *testing.T) {
	t.Parallel()
	t.Run("on SQLite", func(t *testing.T) { t.Parallel(); atOnce(t, newWorld(t, setup{})) })
	t.Run("on PostgreSQL", func(t *testing.T) { t.Parallel(); atOnce(t, newWorld(t, setup{db: postgres.Database(t)})) })
}

func atOnce(t *testing.T, w *world) {
	h := w.house(t)
	opened := eight(t, h, "/v1/sessions", h.integrator, h.person().request())
	for _, r := range opened {
		if r.ok(201); !bytes.Equal(r.body, opened[0].body) {
			t.Errorf("one is answered with %s, another with %s", opened[0].body, r.body)
		}
	}
	if n := h.count("sessions"); n != 1 {
		t.Errorf("%d sessions were opened", n)
	}
	keys := h.count("keys")
	made := eight(t, h, "/v1/enterprises/"+h.id+"/keys", h.operator, object{"role": "auditor", "holder": "Li Na, audit"})
	slices.SortFunc(made, func(a, b reply) int { return a.status - b.status })
	made[0].ok(201)
	for _, r := range made[1:] {
		r.refused(409, "secret-shown-once")
	}
	if n := h.count("keys"); n != keys+1 {
		t.Errorf("%d keys were made", n-keys)
	}
	founded := eight(t, h, "/v1/enterprises", h.operator, body(t, "enterprise.json"))
	for _, r := range founded {
		if r.ok(201); !bytes.Equal(r.body, founded[0].body) {
			t.Errorf("one is answered with %s, another with %s", founded[0].body, r.body)
		}
	}
	if list := items(h.do(t, "GET", "/v1/enterprises", h.operator, nil).ok(200)); len(list) != 2 {
		t.Errorf("there are %d enterprises, want 2", len(list))
	}
}

// eight sends a request eight times at once, with the same key.
func eight(t *testing.T, h *house, path, bearer string, body any) []reply {
	t.Helper()
	list := make([]reply, 8)
	var all sync.WaitGroup
	for i := range list {
		all.Go(func() {
			list[i], _ = h.try(t.Context(), "POST", path, bearer, body, once("at once at "+path)) // a failure has status 0
			list[i].t = t
		})
	}
	all.Wait()
	return list
}
