package api

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"nod/shared/domain"
	"nod/shared/vault"
)

// standing is what a caller's bearer is worth.
type standing int

const (
	own     standing = iota // good, and of the enterprise that the call is about
	other                   // good, and of another enterprise
	void                    // once good, or never
	overdue                 // good until its session was over
)

// caller is somebody who calls, of each kind that there is.
type caller struct {
	name   string
	role   domain.Role // as which the bearer is spelled; empty if it is spelled as none
	bearer string
	standing
}

// guest is a value that is no role's, and of no use but in the one call that takes it.
const guest domain.Role = "guest"

// want is what a caller must get at a call that the rule is for; 0 means that the call is
// reached. What a bearer is spelled as is told first, by its spelling alone.
func (r rule) want(c caller) (status int, slug string) {
	roles := r.roles()
	forLearners := slices.Contains(roles, domain.LearnerToken)
	switch {
	case c.role == "":
		return 401, "unauthenticated"
	case c.role == guest || forLearners != (c.role == domain.LearnerToken):
		return 403, "wrong-role"
	case c.standing == void:
		return 401, "unauthenticated"
	case c.standing == overdue:
		return 401, "token-expired"
	case !slices.Contains(roles, c.role):
		return 403, "wrong-role"
	case c.standing == other && r.thing != nil:
		return 404, "not-found"
	}
	return 0, ""
}

// TestTheMatrix makes every call of the description as every kind of caller, in an
// enterprise of the caller's own and in another one. Who is turned away leaves nothing, and
// learns nothing but that.
func TestTheMatrix(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	owner, stranger := w.house(t), w.house(t)
	callers := w.callers(t, owner, stranger)
	p, theirs := owner.agreed(), stranger.agreed()
	w.tick(t)
	everyOperation(t, func(t *testing.T, op operation) {
		r, path := rules[op.String()], op.path("")
		if r.thing != nil {
			path = op.path(r.thing(p))
		}
		if r.who == anyone {
			nobody := w.do(t, op.Method, path, "", op.example(), bad)
			for _, c := range callers {
				if got := w.do(t, op.Method, path, c.bearer, op.example(), bad); got.status != nobody.status {
					t.Errorf("open to everyone, but %s gets %d and nobody in particular %d", c.name, got.status, nobody.status)
				}
			}
			return
		}
		enterprises, operators := w.count(t, "/v1/enterprises"), w.count(t, "/v1/operators")
		owner.writesNothing(func() {
			for _, c := range callers {
				status, slug := r.want(c)
				if status == 0 && c.standing == own {
					continue
				}
				t.Run(c.name, func(t *testing.T) {
					got := w.do(t, op.Method, path, c.bearer, op.example(), bad)
					if status != 0 {
						got.refused(status, slug)
					}
					if r.why != forAll {
						p.toldNothing(t, got)
					}
				})
			}
		})
		if w.count(t, "/v1/operators") != operators || r.why != forAll && w.count(t, "/v1/enterprises") != enterprises {
			t.Error("somebody who may not has made an enterprise or an operator")
		}
		r.reached(t, op, theirs)
	})
}

// reached makes the call as those who may, with a thing of their own: it is not in
// question then whether they may.
func (r rule) reached(t *testing.T, op operation, p *person) {
	path, learner := op.path(""), p
	if r.thing != nil {
		path = op.path(r.thing(p))
	}
	if slices.Contains(r.roles(), domain.LearnerToken) {
		learner = p.house.agreed()
	}
	for _, role := range r.roles() {
		got := p.do(t, op.Method, path, bearers(learner)[role], op.example(), bad)
		if got.status == 401 || got.status == 403 || got.status == 404 {
			t.Errorf("%s gets %d: %s", role, got.status, got.body)
		}
	}
}

// toldNothing holds that an answer to a stranger has nothing of the person's enterprise.
func (p *person) toldNothing(t *testing.T, r reply) {
	t.Helper()
	for _, secret := range []string{p.house.id, p.session, p.subject, p.delegation, p.notice} {
		if strings.Contains(string(r.body), secret) {
			t.Errorf("it tells of another enterprise: %.300s", r.body)
		}
	}
}

// count is how many a list has.
func (w *world) count(t *testing.T, path string) int {
	t.Helper()
	return len(items(w.do(t, "GET", path+"?limit=200", w.operator, nil).ok(200)))
}

// callers are all the kinds of them. It lets time pass, so it comes before anything that
// is to last.
func (w *world) callers(t *testing.T, owner, stranger *house) (list []caller) {
	t.Helper()
	late := owner.visitor()
	w.pass(16 * time.Minute)
	late.is("expired") // whoever looks first writes it down
	add := func(name string, role domain.Role, bearer string, s standing) {
		list = append(list, caller{name, role, bearer, s})
	}
	add("nobody", "", "", void)
	add("somebody with a word", "", "hello", void)

	named := w.do(t, "POST", "/v1/operators", w.operator, object{"holder": "Li Na"}).ok(201)
	gone := w.do(t, "POST", "/v1/operators", w.operator, object{"holder": "Wang Wei"}).ok(201)
	w.revoke(t, gone)
	add("the first operator", domain.Operator, w.operator, own)
	add("a named operator", domain.Operator, text(named, "key"), own)
	add("a revoked operator", domain.Operator, text(gone, "key"), void)

	for _, role := range []domain.Role{domain.Admin, domain.Integrator, domain.Auditor} {
		mine, theirs := owner.keys()[role], stranger.keys()[role]
		former := w.do(t, "POST", "/v1/enterprises/"+owner.id+"/keys", w.operator, object{"role": role, "holder": "who left"}).ok(201)
		w.revoke(t, former)
		forged := domain.Bearer{Kind: string(role), Enterprise: domain.ID(owner.id), Secret: vault.NewSecret()}
		add(fmt.Sprint("the ", role), role, mine, own)
		add(fmt.Sprint("another enterprise's ", role), role, theirs, other)
		add(fmt.Sprint("a revoked ", role), role, text(former, "key"), void)
		add(fmt.Sprint("a made-up ", role), role, forged.String(), void)
		add(fmt.Sprint("another enterprise's ", role, " under this one's name"), role, strings.Replace(theirs, stranger.id, owner.id, 1), void)
		as := map[domain.Role]domain.Role{domain.Admin: domain.Operator, domain.Integrator: domain.Admin, domain.Auditor: domain.Integrator}[role]
		add(fmt.Sprint("the ", role, " in the name of ", as), as, spelled(as, mine), void)
	}

	in, ended := owner.visitor(), owner.visitor()
	ended.newCode()
	add("a learner", domain.LearnerToken, in.token, own)
	add("another enterprise's learner", domain.LearnerToken, stranger.visitor().token, other)
	add("a learner too late", domain.LearnerToken, late.token, overdue)
	add("a learner whose token was replaced", domain.LearnerToken, ended.token, void)
	add("a learner with a neighbour's session", domain.LearnerToken, strings.Replace(in.token, in.session, ended.session, 1), void)
	grant := owner.visitor().decide("granted").ok(201)["receipt"].(object)
	add("a code of a session", guest, in.code, void)
	add("a receipt's code", guest, code(grant), void)
	return list
}

func (w *world) revoke(t *testing.T, key object) {
	t.Helper()
	w.do(t, "POST", "/v1/keys/"+text(key, "id")+"/revoke", w.operator, nil).ok(200)
}

// keys are the enterprise's, by their roles.
func (h *house) keys() map[domain.Role]string {
	return map[domain.Role]string{domain.Admin: h.admin, domain.Integrator: h.integrator, domain.Auditor: h.auditor}
}

// spelled gives a key the name of another role.
func spelled(as domain.Role, key string) string {
	b, _ := domain.ParseBearer(key)
	if b.Kind = string(as); as == domain.Operator {
		b.Enterprise = ""
	}
	return b.String()
}
