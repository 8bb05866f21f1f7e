package api

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"nod/shared/domain"
)

// nobodys is the id of nothing.
const nobodys = "0192f0c1-2a00-7b10-8c11-5d3e9a1bffff"

// everyOperation runs a test for each call of the description.
func everyOperation(t *testing.T, test func(t *testing.T, op operation)) {
	all := theDescription().operations
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t.Run(name, func(t *testing.T) {
			test(t, all[name])
		})
	}
}

// path is the operation's path with an id in it.
func (o operation) path(id string) string {
	return strings.NewReplacer("{id}", id, "{purpose}", "exam", "{path}", "entries/000.p/1").Replace(o.Path)
}

// empty is a body that changes nothing, where the operation takes one at all.
func (o operation) empty() any {
	if o.RequestBody == nil {
		return nil
	}
	return "{}"
}

// bearers are good keys of every role, and a learner's token.
func bearers(p *person) map[domain.Role]string {
	return map[domain.Role]string{
		domain.Operator: p.operator, domain.Admin: p.admin, domain.Integrator: p.integrator, domain.Auditor: p.auditor,
		domain.LearnerToken: p.token,
	}
}

func TestNoCallTakesAWrongKey(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.visitor()
	other := h.bare(t, domain.Live)
	everyOperation(t, func(t *testing.T, op operation) {
		if len(*op.Who) == 0 {
			return
		}
		right := bearers(p)[(*op.Who)[0]]
		secret := right[strings.LastIndex(right, "_")+1:]
		h.writesNothing(func() {
			for name, header := range map[string]string{
				"none":                     "",
				"no scheme":                right,
				"another scheme":           "Basic " + right,
				"only the scheme":          "Bearer ",
				"a word":                   "Bearer hello",
				"only the secret":          "Bearer " + secret,
				"one letter less":          "Bearer " + right[:len(right)-1],
				"one letter more":          "Bearer " + right + "A",
				"another secret":           "Bearer " + strings.Replace(right, secret, strings.Repeat("A", len(secret)), 1),
				"two keys":                 "Bearer " + right + " " + right,
				"in capitals":              "Bearer " + strings.ToUpper(right),
				"another enterprise's id":  "Bearer " + strings.Replace(right, "_"+h.id+"_", "_"+other.id+"_", 1),
				"an enterprise of nobody":  "Bearer " + strings.Replace(right, "_"+h.id+"_", "_"+nobodys+"_", 1),
				"a key that is a question": "Bearer nod_admin_' OR 1=1 --_" + secret,
			} {
				if header == "Bearer "+right {
					continue // an operator's key names no enterprise
				}
				r := h.do(t, op.Method, op.path(nobodys), "", op.empty(), bad, with("Authorization", header))
				if r.refused(401, "unauthenticated"); r.header.Get("WWW-Authenticate") != "Bearer" {
					t.Errorf("%s: WWW-Authenticate is %q", name, r.header.Get("WWW-Authenticate"))
				}
			}
		})
		r := h.do(t, op.Method, op.path(nobodys), "", op.empty(), bad, with("Authorization", "bearer  "+right))
		if r.status == 401 {
			t.Error("the scheme's letters matter, or the spaces after it (RFC 9110, section 11.1)")
		}
	})
}

func TestARevokedKeyEndsAtOnce(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).bare(t, domain.Live)
	keys := items(h.do(t, "GET", "/v1/enterprises/"+h.id+"/keys", h.operator, nil).ok(200))
	if len(keys) != 3 {
		t.Fatalf("%d keys are listed, want 3", len(keys))
	}
	for _, k := range keys {
		if k["key"] != nil || k["revoked_at"] != nil {
			t.Errorf("a key is listed as %v", k)
		}
		if k["role"] == "admin" {
			gone := h.do(t, "POST", "/v1/keys/"+text(k, "id")+"/revoke", h.operator, nil).ok(200)
			if gone["revoked_at"] == nil {
				t.Errorf("the revoked key is %v", gone)
			}
			again := h.do(t, "POST", "/v1/keys/"+text(k, "id")+"/revoke", h.operator, nil).ok(200)
			if again["revoked_at"] != gone["revoked_at"] {
				t.Error("revoking a key again changes it")
			}
		}
	}
	h.do(t, "GET", "/v1/delegations", h.admin, nil).refused(401, "unauthenticated")
	h.do(t, "GET", "/v1/sessions", h.integrator, nil).ok(200)
}

func TestAHolderHasTwoLiveKeysAtMost(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).bare(t, domain.Live)
	wish := object{"role": "integrator", "holder": "LMS backend"}
	path := "/v1/enterprises/" + h.id + "/keys"
	first := h.do(t, "POST", path, h.operator, wish).ok(201)
	h.do(t, "POST", path, h.operator, wish).ok(201)
	h.writesNothing(func() { h.do(t, "POST", path, h.operator, wish).refused(409, "too-many-keys") })
	h.do(t, "POST", "/v1/keys/"+text(first, "id")+"/revoke", h.operator, nil).ok(200)
	h.do(t, "POST", path, h.operator, wish).ok(201)
	h.do(t, "POST", path, h.operator, object{"role": "operator", "holder": "x"}, bad).refused(422, "invalid-value")
}

func TestNamedOperators(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	made := w.do(t, "POST", "/v1/operators", w.operator, object{"holder": "Li Na"}).ok(201)
	w.do(t, "GET", "/v1/enterprises", text(made, "key"), nil).ok(200)
	list := items(w.do(t, "GET", "/v1/operators", text(made, "key"), nil).ok(200))
	if len(list) != 1 || list[0]["holder"] != "Li Na" || list[0]["key"] != nil {
		t.Errorf("the operators are %v", list)
	}
	w.do(t, "POST", "/v1/keys/"+text(made, "id")+"/revoke", w.operator, nil).ok(200)
	w.do(t, "GET", "/v1/enterprises", text(made, "key"), nil).refused(401, "unauthenticated")
}
