package api

import (
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"
)

func TestWhatIsNearIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h, c := w.house(t), newConsumer(t, w)
	secret := h.hears(c)
	exam := func(edit func(object)) {
		h.set(func(s object) { s["webhook"] = c.URL; edit(s) })
	}
	expect := func(what string, types ...string) map[string]object {
		t.Helper()
		got, data := h.told(c, secret)
		if !slices.Equal(got, types) {
			t.Errorf("%s: told %v, want %v", what, got, types)
		}
		if again, _ := h.told(c, secret); len(again) != 0 {
			t.Errorf("%s: told again %v", what, again)
		}
		return data
	}
	own := func(more object) object {
		maps.Copy(more, object{"enterprise": h.id, "mode": "live"})
		return more
	}
	expect("nothing")
	exam(func(s object) { s["stored_faces_declared"] = 95_000 })
	only(t, expect("faces", "stored_faces.near_limit")["stored_faces.near_limit"],
		own(object{"declared": 95_000, "limit": 100_000, "file_within_working_days": 30}))

	exam(func(s object) {
		s["impact_assessment"].(object)["valid_until"] = w.now().AddDate(0, 0, 5).Format(time.DateOnly)
	})
	data := expect("assessment", "assessment.expiring")["assessment.expiring"]
	if data["days"] != 7.0 || data["purpose"] != "exam" || text(data, "valid_until") == "" {
		t.Errorf("told %v", data)
	}
	exam(func(object) {})

	p := h.visitor()
	id := p.ask(object{"kind": "copy"})
	expect("a request that was just opened")
	w.pass(12*24*time.Hour + time.Minute)
	data = expect("three days", "request.due", "session.completed")["request.due"]
	if data["request"] != id || data["kind"] != "copy" || data["days"] != 3.0 || data["overdue"] != nil {
		t.Errorf("told %v", data)
	}
	w.pass(2 * 24 * time.Hour)
	expect("a day", "request.due")
	w.pass(24 * time.Hour)
	if data := expect("overdue", "request.due")["request.due"]; data["overdue"] != true {
		t.Errorf("told %v", data)
	}

	end, err := time.Parse(time.RFC3339, text(items(h.do(t, "GET", "/v1/delegations", h.admin, nil).ok(200))[0], "valid_until"))
	if err != nil {
		t.Fatal(err)
	}
	exam(func(s object) {
		s["impact_assessment"].(object)["valid_until"] = end.AddDate(1, 0, 0).Format(time.DateOnly)
	})
	w.pass(end.Sub(w.now()) - 20*24*time.Hour)
	data = expect("delegation", "delegation.expiring")["delegation.expiring"]
	only(t, data, own(object{"delegation": h.delegation, "days": 30, "valid_until": end.Format(time.RFC3339)}))

	h.do(t, "POST", "/v1/enterprises/"+h.id+"/close", h.operator, nil).ok(200)
	if data := expect("closing", "enterprise.closing")["enterprise.closing"]; text(data, "closed_at") == "" {
		t.Errorf("told %v", data)
	}
}

// Nod calls no address that only Nod can reach, and follows no answer to one.
func TestAWebhookGoesToNoForbiddenAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h, c := w.house(t), newConsumer(t, w)
	for name, tt := range map[string]struct {
		webhook, fault string
		answer         http.HandlerFunc
		met            int
	}{
		"a private address":  {"https://10.0.0.1/hook", "forbidden_address", nil, 0},
		"a cloud's metadata": {"https://169.254.169.254/latest/meta-data", "forbidden_address", nil, 0},
		"IPv4 in IPv6":       {"https://[::ffff:192.168.0.1]/hook", "forbidden_address", nil, 0},
		"a redirect to metadata": {c.URL, "redirected", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://169.254.169.254/", http.StatusTemporaryRedirect)
		}, 1},
		"a redirect to itself": {c.URL, "redirected", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/again", http.StatusFound) }, 1},
	} {
		h := w.house(t)
		h.set(func(s object) { s["webhook"] = tt.webhook })
		c.answers(tt.answer)
		h.visitor().end("cancel", nil).ok(200)
		w.tick(t)
		list := items(h.do(t, "GET", "/v1/webhooks?state=waiting", h.admin, nil).ok(200))
		if len(list) != 1 || list[0]["fault"] != tt.fault || len(c.take()) != tt.met {
			t.Errorf("%s: listed are %v", name, list)
		}
	}
	h.set(func(s object) { s["webhook"] = c.URL })
	h.visitor().end("cancel", nil).ok(200)
	h.set(func(s object) { delete(s, "webhook") })
	w.tick(t)
	if list := items(h.do(t, "GET", "/v1/webhooks", h.admin, nil).ok(200)); len(list) != 1 || list[0]["fault"] != "no_webhook" {
		t.Errorf("without an address: %v", list)
	}
}
