package api

import (
	"slices"
	"strings"
	"testing"

	"nod/shared/domain"
)

// rule says who may make a call, and what keeps them to their own. It is written down here
// once more, beside the code and openapi.json, so that a slip in one of the three shows. A
// call of the description without a rule fails the tests, and so does a rule without a call.
type rule struct {
	who   string                 // the roles, with spaces between, or anyone
	thing func(p *person) string // it names a thing by its id: makes one that is of the person's enterprise
	why   string                 // or why it can touch nobody else's, which is tried too
}

const (
	anyone  = ""
	onesOwn = "it is about the enterprise of the key"
	byToken = "it is about the session of the token"
	byCode  = "it is about what the code names"
	forAll  = "it is the same for everybody"
)

var rules = map[string]rule{
	"POST /v1/delegations":               {who: "admin", why: onesOwn},
	"GET /v1/delegations":                {who: "admin auditor", why: onesOwn},
	"POST /v1/delegations/{id}/revoke":   {who: "admin", thing: aDelegation},
	"GET /v1/delegations/{id}/agreement": {who: "admin auditor", thing: aDelegation},
	"GET /v1/key":                        {who: "admin auditor", why: onesOwn},
	"GET /v1/stats":                      {who: "admin auditor", why: onesOwn},
	"GET /v1/stats/fail-rates":           {who: "admin auditor", why: onesOwn},
	"GET /v1/stats/waiting":              {who: "admin auditor", why: onesOwn},
	"GET /v1/breach-scope":               {who: "admin operator", why: onesOwn},
	"GET /v1/access":                     {who: "admin auditor", why: onesOwn},
	"POST /v1/notices":                   {who: "admin", why: onesOwn},
	"GET /v1/notices":                    {who: "admin auditor", why: onesOwn},
	"POST /v1/notices/preview":           {who: "admin", why: onesOwn},
	"GET /v1/settings":                   {who: "admin auditor", why: onesOwn},
	"PUT /v1/settings":                   {who: "admin", why: onesOwn},
	"GET /v1/settings/{purpose}":         {who: "admin auditor", why: onesOwn},
	"PUT /v1/settings/{purpose}":         {who: "admin", why: onesOwn},
	"GET /v1/requests":                   {who: "admin auditor", why: onesOwn},
	"GET /v1/requests/{id}":              {who: "admin", thing: aRequest},
	"POST /v1/requests/{id}/resolve":     {who: "admin", thing: aRequest},
	"POST /v1/closing/acknowledge":       {who: "admin", why: onesOwn},
	"GET /v1/webhooks":                   {who: "admin", why: onesOwn},
	"POST /v1/webhooks/{id}/resend":      {who: "admin", thing: aMessage},
	"GET /v1/webhooks/secret":            {who: "admin", why: onesOwn},
	"POST /v1/webhooks/secret/rotate":    {who: "admin", why: onesOwn},

	"POST /v1/sessions":                  {who: "integrator", why: onesOwn},
	"GET /v1/sessions":                   {who: "integrator", why: onesOwn},
	"GET /v1/sessions/{id}":              {who: "integrator", thing: aSession},
	"POST /v1/sessions/{id}/cancel":      {who: "integrator", thing: aSession},
	"POST /v1/sessions/{id}/code":        {who: "integrator", thing: aSession},
	"POST /v1/sessions/{id}/alternative": {who: "integrator", thing: aSession},

	"GET /v1/log/checkpoint":         {who: "auditor", why: onesOwn},
	"GET /v1/log/keys":               {who: "auditor", why: onesOwn},
	"GET /v1/log/tile/{path}":        {who: "auditor", why: onesOwn},
	"GET /v1/log/records/{id}/proof": {who: "auditor", thing: aRecord},
	"POST /v1/exports":               {who: "auditor", why: onesOwn},
	"GET /v1/exports":                {who: "auditor", why: onesOwn},
	"GET /v1/exports/{id}":           {who: "auditor", thing: anExport},
	"GET /v1/exports/{id}/bundle":    {who: "auditor", thing: anExport},

	"GET /v1/session":           {who: "learner", why: byToken},
	"POST /v1/session/handover": {who: "learner", why: byToken},
	"POST /v1/session/extend":   {who: "learner", why: byToken},
	"POST /v1/consent":          {who: "learner", why: byToken},
	"POST /v1/hosted":           {who: "learner", why: byToken},
	"POST /v1/hosted/result":    {who: "learner", why: byToken},
	"POST /v1/verify":           {who: "learner", why: byToken},
	"POST /v1/me/withdraw":      {who: "learner", why: byToken},
	"GET /v1/me":                {who: "learner", why: byToken},
	"GET /v1/me/copy":           {who: "learner", why: byToken},
	"POST /v1/me/requests":      {who: "learner", why: byToken},
	"GET /v1/me/requests":       {who: "learner", why: byToken},

	// The operator serves every enterprise: what is nobody's is not found.
	"POST /v1/enterprises":            {who: "operator", why: forAll},
	"GET /v1/enterprises":             {who: "operator", why: forAll},
	"PUT /v1/enterprises/{id}":        {who: "operator", thing: anEnterprise},
	"POST /v1/enterprises/{id}/close": {who: "operator", thing: anEnterprise},
	"GET /v1/enterprises/{id}/keys":   {who: "operator", thing: anEnterprise},
	"POST /v1/enterprises/{id}/keys":  {who: "operator", thing: anEnterprise},
	"POST /v1/operators":              {who: "operator", why: forAll},
	"GET /v1/operators":               {who: "operator", why: forAll},
	"POST /v1/keys/{id}/revoke":       {who: "operator", thing: aKey},

	"POST /v1/session/open":              {who: anyone, why: byCode},
	"POST /v1/withdraw":                  {who: anyone, why: byCode},
	"GET /.well-known/jwks.json":         {who: anyone, why: forAll},
	"GET /.well-known/promise-jwks.json": {who: anyone, why: forAll},
	"GET /openapi.json":                  {who: anyone, why: forAll},
	"GET /schemas/consent-receipt.json":  {who: anyone, why: forAll},
	"GET /healthz":                       {who: anyone, why: forAll},
	"GET /readyz":                        {who: anyone, why: forAll},
}

// roles are those that the rule names.
func (r rule) roles() (list []domain.Role) {
	for word := range strings.FieldsSeq(r.who) {
		list = append(list, domain.Role(word))
	}
	return list
}

func aSession(p *person) string { return p.house.visitor().session }
func aRecord(p *person) string  { return text(p.recordsOf("consent.granted")[0], "id") }

// aDelegation comes with its agreement.
func aDelegation(p *person) string {
	return text(p.do(p.t, "POST", "/v1/delegations", p.admin, p.withAgreement("theirs")).ok(201), "id")
}

func anExport(p *person) string { return p.house.export(nil) }
func aMessage(p *person) string { return p.house.message() }
func aRequest(p *person) string { return p.house.visitor().ask(object{"kind": "explain"}) }

func anEnterprise(p *person) string { return p.bare(p.t, domain.Live).id }

func aKey(p *person) string {
	made := p.do(p.t, "POST", "/v1/enterprises/"+anEnterprise(p)+"/keys", p.operator, object{"role": "admin", "holder": "somebody else"})
	return text(made.ok(201), "id")
}

// The three that say who may make a call say the same: this table, the description, and
// (package web holds the code against that) the code.
func TestEveryCallHasItsRule(t *testing.T) {
	t.Parallel()
	all := theDescription().operations
	for name, op := range all {
		r, thoughtOf := rules[name]
		switch {
		case !thoughtOf:
			t.Errorf("%s has no rule that says who may make it, and what keeps enterprises apart", name)
		case op.Who == nil:
			t.Errorf("the description does not say who may make %s (x-nod-who)", name)
		case !slices.Equal(slices.Sorted(slices.Values(*op.Who)), slices.Sorted(slices.Values(r.roles()))):
			t.Errorf("%s: the description allows %v, the rule %q", name, *op.Who, r.who)
		case (r.thing == nil) == (r.why == ""):
			t.Errorf("%s: the rule has to name a thing, or say why there is none", name)
		case strings.Contains(op.Path, "{id}") != (r.thing != nil):
			t.Errorf("%s: a path with an id is about a thing, and no other is", name)
		}
	}
	for name := range rules {
		if _, described := all[name]; !described {
			t.Errorf("there is a rule for %s, which is no call", name)
		}
	}
}
