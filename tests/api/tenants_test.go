package api

import (
	"strings"
	"testing"

	"nod/shared/domain"
)

// example is the body of the description's example.
func (o operation) example() any {
	if o.RequestBody == nil {
		return nil
	}
	for _, e := range o.RequestBody.Content["application/json"].Examples {
		return []byte(e.Value)
	}
	return "{}"
}

func TestAnotherEnterprisesThingsDoNotExist(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	owner, stranger := w.house(t), w.house(t)
	p, mine := owner.agreed(), stranger.agreed()
	everyOperation(t, func(t *testing.T, op operation) {
		rule := rules[op.String()]
		owner.writesNothing(func() {
			if rule.thing != nil {
				stranger.namesIDs(t, op)
				return
			}
			stranger.touchesOwn(t, op, rule.why, p, mine)
		})
	})
	for _, purpose := range []string{"exams", "Exam", nobodys, "%20exam"} {
		w.do(t, "GET", "/v1/settings/"+purpose, stranger.admin, nil, bad).refused(404, "not-found")
	}
	// Neither is a thing of one's own that is of another kind.
	w.do(t, "GET", "/v1/sessions/"+stranger.delegation, stranger.integrator, nil).refused(404, "not-found")
	w.do(t, "POST", "/v1/delegations/"+mine.session+"/revoke", stranger.admin, nil).refused(404, "not-found")
	p.is("consented")
}

// keyFor is a good key of the enterprise for a call.
func (h *house) keyFor(op operation) string {
	if len(*op.Who) == 0 {
		return ""
	}
	return map[domain.Role]string{domain.Operator: h.operator, domain.Admin: h.admin, domain.Integrator: h.integrator, domain.Auditor: h.auditor}[(*op.Who)[0]]
}

// namesIDs tries a call with what is nobody's id, or no id at all. What is another
// enterprise's the matrix tries.
func (h *house) namesIDs(t *testing.T, op operation) {
	for _, id := range []string{nobodys, "x", strings.ToUpper(nobodys), nobodys + "0", "..%2F" + nobodys, "%27%20OR%201=1"} {
		h.do(t, op.Method, op.path(id), h.keyFor(op), op.example(), bad).refused(404, "not-found")
	}
}

// touchesOwn makes a call as it may be made: whatever comes of it, nothing of the other
// enterprise's is told (and nothing changed, which the caller sees to).
func (h *house) touchesOwn(t *testing.T, op operation, why string, theirs, mine *person) {
	swap := strings.NewReplacer(h.id, theirs.house.id, mine.session, theirs.session)
	bearer, body := h.keyFor(op), op.example()
	switch why {
	case byToken:
		bearer = swap.Replace(mine.token)
	case byCode:
		body = object{"code": swap.Replace(mine.code)}
	}
	r := h.do(t, op.Method, op.path(""), bearer, body, bad)
	if why == byToken || why == byCode {
		r.refused(401, "unauthenticated")
	}
	if why == forAll {
		return
	}
	for _, secret := range []string{theirs.house.id, theirs.session, theirs.subject, theirs.delegation, theirs.notice} {
		if strings.Contains(string(r.body), secret) {
			t.Errorf("it tells of another enterprise: %.300s", r.body)
		}
	}
}

// Ids in bodies are no way in either.
func TestAnotherEnterprisesThingsAreNoUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	owner, stranger := w.house(t), w.house(t)
	p, own := owner.agreed(), stranger.visitor()

	terms := stranger.terms()
	terms["supersedes"] = owner.delegation
	draft := stranger.draft()
	draft["delegation_id"] = owner.delegation
	decision := p.decision("granted")
	for name, tt := range map[string]struct {
		call   func() reply
		status int
		slug   string
		fault  string
	}{
		"a delegation that supersedes theirs": {func() reply { return w.do(t, "POST", "/v1/delegations", stranger.admin, terms) },
			422, "invalid-value", "supersedes=not_found"},
		"a notice on their delegation": {func() reply { return w.do(t, "POST", "/v1/notices", stranger.admin, draft) },
			422, "invalid-value", "delegation_id=not_found"},
		"a preview on their delegation": {func() reply { return w.do(t, "POST", "/v1/notices/preview", stranger.admin, draft) },
			422, "invalid-value", "delegation_id=not_found"},
		"a decision on their notice": {func() reply { return w.do(t, "POST", "/v1/consent", own.token, decision) },
			409, "notice-changed", ""},
	} {
		t.Run(name, func(t *testing.T) {
			stranger.writesNothing(func() {
				if got := strings.Join(faults(tt.call().refused(tt.status, tt.slug)), " "); got != tt.fault {
					t.Errorf("the faults are %q, want %q", got, tt.fault)
				}
			})
		})
	}
}

// What a person holds works for their own enterprise's thing only.
func TestForgedTokensAndCodes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	owner, stranger := w.house(t), w.house(t)
	p, other := owner.visitor(), stranger.visitor()
	neighbour := owner.visitor()
	_, receipt, _ := strings.Cut(text(p.decide("granted").ok(201), "withdraw_url"), "#w=")
	fresh := owner.person()
	fresh.opened = w.do(t, "POST", "/v1/sessions", owner.integrator, fresh.request()).ok(201)
	code := text(fresh.opened, "code")

	swap := strings.NewReplacer(owner.id, stranger.id)
	forgeries := map[string]reply{}
	for name, token := range map[string]string{
		"another enterprise":             swap.Replace(p.token),
		"another enterprise's session":   strings.NewReplacer(owner.id, stranger.id, p.session, other.session).Replace(p.token),
		"a neighbour's session":          strings.Replace(p.token, p.session, neighbour.session, 1),
		"a session of nobody":            strings.Replace(p.token, p.session, nobodys, 1),
		"a code in the place of a token": strings.Replace(code, "nod_code_", "nod_learner_", 1),
	} {
		forgeries["a token: "+name] = w.do(t, "GET", "/v1/session", token, nil)
		forgeries["a token that decides: "+name] = w.do(t, "POST", "/v1/consent", token, p.decision("refused"))
		forgeries["a token that checks: "+name] = w.do(t, "POST", "/v1/verify", token, picture("a1"))
		forgeries["a token that withdraws: "+name] = w.do(t, "POST", "/v1/me/withdraw", token, nil)
	}
	for name, code := range map[string]string{
		"another enterprise":    swap.Replace(code),
		"a neighbour's session": strings.Replace(code, text(fresh.opened, "id"), neighbour.session, 1),
		"a session of nobody":   strings.Replace(code, text(fresh.opened, "id"), nobodys, 1),
		"another secret":        code[:len(code)-4] + "AAAA",
		"a token":               p.token, "a receipt's code": receipt, "a key": owner.integrator, "nothing": "", "a word": "hello",
	} {
		if name != "a neighbour's session" { // that one was opened
			forgeries["a code: "+name] = w.do(t, "POST", "/v1/session/open", "", object{"code": code})
		}
	}
	for name, code := range map[string]string{
		"another enterprise":   swap.Replace(receipt),
		"a consent of nobody":  strings.Replace(receipt, text(p.look(), "consent", "id"), nobodys, 1),
		"another secret":       receipt[:len(receipt)-4] + "AAAA",
		"a token":              p.token,
		"a code of a session":  code,
		"nothing but the form": "nod_withdraw_" + owner.id + "_" + nobodys + "_AAAAAAAAAAAAAAAAAAAAAAAAAA",
	} {
		forgeries["a receipt's code: "+name] = w.do(t, "POST", "/v1/withdraw", "", object{"code": code})
	}
	for name, r := range forgeries {
		t.Run(name, func(t *testing.T) {
			r.t = t
			r.refused(401, "unauthenticated")
		})
	}
	p.is("consented")
	p.asked(0)
	w.do(t, "POST", "/v1/session/open", "", object{"code": code}).ok(200) // the forgeries did not use it up
}

func TestListsAreOnesOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	owner, stranger := w.house(t), w.bare(t, domain.Live)
	p := owner.visitor()
	for _, path := range []string{"/v1/sessions", "/v1/sessions?subject=" + escape(p.subject), "/v1/sessions?resource=exam%2F2026-q4-safety",
		"/v1/sessions?cursor=" + nobodys} {
		if list := items(w.do(t, "GET", path, stranger.integrator, nil).ok(200)); len(list) != 0 {
			t.Errorf("%s lists another enterprise's %v", path, list)
		}
	}
	for _, path := range []string{"/v1/delegations", "/v1/notices"} {
		if list := items(w.do(t, "GET", path, stranger.admin, nil).ok(200)); len(list) != 0 {
			t.Errorf("%s lists another enterprise's %v", path, list)
		}
		if list := items(w.do(t, "GET", path, owner.admin, nil).ok(200)); len(list) != 1 {
			t.Errorf("%s lists %d of one's own, want 1", path, len(list))
		}
	}
	if v := w.do(t, "GET", "/v1/settings", stranger.admin, nil).ok(200); v["face_service"] != false {
		t.Errorf("the settings are another enterprise's: %v", v)
	}
}

// The same person at two enterprises is two people to Nod.
func TestOnePersonAtTwoEnterprises(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	here, there := w.house(t), w.house(t)
	p := here.agreed()
	again := there.person()
	again.subject = p.subject
	again.open()
	again.is("open") // the other enterprise's consent covers nothing here
	again.decide("granted").ok(201)
	mine, theirs := here.recordsOf("consent.granted")[0], there.recordsOf("consent.granted")[0]
	for _, field := range []string{"subject", "subject_commitment"} {
		if mine[field] == theirs[field] {
			t.Errorf("%s is the same at both", field)
		}
	}
	p.do(t, "POST", "/v1/me/withdraw", p.token, nil).ok(200)
	again.is("consented")
}
