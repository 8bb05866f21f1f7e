package storetest

import (
	"testing"
	"time"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/store"
)

var rights = map[string]func(*testing.T, opener){
	"a request is read as it was opened, and as it was answered": requestAsWritten,
	"requests are counted and listed for their own people":       requestsApart,
	"a request's chain is its person's, also when it is read":    requestsInChain,
	"two answers to one request are one":                         answeredOnce,
	"everything held about a person is read, and nobody else's":  heldOfOne,
	"the chain of a person comes in parts":                       chainInParts,
}

func aRequestOf(kind domain.RequestKind) domain.Request {
	return domain.Request{ID: store.NewID(), Kind: kind, Text: []byte("\x00sealed text\xff")}
}

// ask opens a request and returns it as it was opened.
func (p *person) ask(r domain.Request) (asked domain.Request) {
	p.t.Helper()
	_, err := p.tenant.Update(p.t.Context(), app.By{Session: p.session, Requests: true}, nil, func(m *domain.Moment) error {
		opened, err := m.Ask(r)
		if err == nil {
			asked = *opened
		}
		return err
	})
	p.must(err)
	return asked
}

func (h *house) answer(request domain.ID, a domain.Resolution) error {
	_, err := h.tenant.Update(h.t.Context(), app.By{Request: request}, nil, func(m *domain.Moment) error {
		return m.Answer(a, []byte("\x00sealed answer\xff"), actor)
	})
	return err
}

func (h *house) requests(f app.RequestFilter) []domain.Request {
	h.t.Helper()
	f.Limit = 100
	found, err := h.tenant.Requests(h.t.Context(), f)
	if h.must(err); found.Now.IsZero() {
		h.t.Error("the list has no present")
	}
	return found.List
}

func (p *person) held() domain.Holdings {
	p.t.Helper()
	h, err := p.tenant.Held(p.t.Context(), p.session)
	p.must(err)
	return h
}

func requestAsWritten(t *testing.T, open opener) {
	h := aHouse(t, open)
	p := h.person("工号-41")
	r := aRequestOf(domain.AskRelative)
	r.Relation, r.HasProof, r.Proof = "spouse", true, []byte("\x00sealed proof\xff")
	asked := p.ask(r)
	if !asked.DueAt.Equal(asked.OpenedAt.Add(domain.AnswerWithin)) || asked.By != "" {
		t.Errorf("it was opened as %+v", asked)
	}
	same(t, "with its file", *h.moment(app.By{Request: asked.ID, Text: true}).Request, asked)
	asked.Proof = nil
	same(t, "without", *h.moment(app.By{Request: asked.ID}).Request, asked)
	h.must(h.answer(asked.ID, domain.Resolution{Outcome: domain.RequestRefused, Reason: domain.StandingUnclear}))
	now := h.requests(app.RequestFilter{})[0]
	asked.Outcome, asked.Ground, asked.Answer = domain.RequestRefused, domain.StandingUnclear, []byte("\x00sealed answer\xff")
	asked.ResolvedAt, asked.ResolvedBy = now.ResolvedAt, actor
	if same(t, "answered", now, asked); now.ResolvedAt.Before(asked.OpenedAt) {
		t.Errorf("it was answered at %v", now.ResolvedAt)
	}
	same(t, "held", p.held().Requests[0], asked)
}

func requestsApart(t *testing.T, open opener) {
	mine := aHouse(t, open)
	theirs := mine.another()
	p, q := mine.person("工号-42"), mine.person("工号-43")
	first := p.ask(aRequestOf(domain.AskCopy))
	second := q.ask(aRequestOf(domain.AskDelete))
	third := p.ask(aRequestOf(domain.AskExplain))
	mine.must(mine.answer(first.ID, domain.Resolution{Outcome: domain.RequestDone}))
	count := func(p *person) int { return p.moment(app.By{Session: p.session, Requests: true}).OpenRequests }
	if count(p) != 1 || count(q) != 1 {
		t.Errorf("%d and %d wait", count(p), count(q))
	}
	ids := func(list []domain.Request) (out []domain.ID) {
		for _, r := range list {
			out = append(out, r.ID)
		}
		return out
	}
	same(t, "all", ids(mine.requests(app.RequestFilter{})), []domain.ID{first.ID, second.ID, third.ID})
	same(t, "those that wait", ids(mine.requests(app.RequestFilter{Open: true})), []domain.ID{second.ID, third.ID})
	same(t, "behind the cursor", ids(mine.requests(app.RequestFilter{After: first.ID})), []domain.ID{second.ID, third.ID})
	same(t, "the person's", ids(p.held().Requests), []domain.ID{third.ID, first.ID})

	if list := theirs.requests(app.RequestFilter{}); len(list) != 0 {
		t.Errorf("another enterprise lists %v", list)
	}
	theirs.refused(theirs.answer(second.ID, domain.Resolution{Outcome: domain.RequestDone}), domain.NoSuchThing)
	_, err := theirs.tenant.Moment(t.Context(), app.By{Request: second.ID, Text: true})
	theirs.refused(err, domain.NoSuchThing)
}

func requestsInChain(t *testing.T, open opener) {
	h := aHouse(t, open)
	p := h.consenting("工号-44")
	asked := p.ask(aRequestOf(domain.AskReview))
	_, err := h.tenant.Update(t.Context(), app.By{Request: asked.ID, Text: true}, nil, func(m *domain.Moment) error {
		m.ReadRequest(actor)
		return nil
	})
	h.must(err)
	h.must(h.answer(asked.ID, domain.Resolution{Outcome: domain.RequestDone}))
	h.must(p.withdraw())
	chain := p.chain()
	for i, want := range []domain.RecordType{domain.NoticeShown, domain.ConsentGrantedType, domain.RequestOpened,
		domain.RequestRead, domain.RequestResolved, domain.ConsentWithdrawnType} {
		if i >= len(chain) || chain[i].Type != want {
			t.Fatalf("the chain is %v, want %s at %d", chain, want, i)
		}
	}
}

func answeredOnce(t *testing.T, open opener) {
	h := aHouse(t, open)
	asked := h.person("工号-45").ask(aRequestOf(domain.Complaint))
	answers := make(chan error, 2)
	for _, at := range []*house{h, h} {
		go func() { answers <- at.answer(asked.ID, domain.Resolution{Outcome: domain.RequestDone}) }()
	}
	a, b := <-answers, <-answers
	if a == nil {
		a, b = b, a
	}
	if h.must(b); a == nil {
		t.Error("both were taken")
	}
	h.refused(a, domain.RequestAnswered)
}

func heldOfOne(t *testing.T, open opener) {
	h := aHouse(t, open)
	p, other := h.consenting("工号-46"), h.consenting("工号-47")
	h.must(p.check("a", failed))
	h.must(other.check("a", passed))
	first := p.session
	h.must(p.openSession(store.NewID(), aRequest()))
	got := p.held()
	if len(got.Consents) != 1 || len(got.Sessions) != 2 || len(got.Checks) != 1 || got.Checks[0].Session != first {
		t.Fatalf("it holds %+v", got)
	}
	same(t, "consent", got.Consents[0], *p.now().Consent)
	same(t, "session", got.Sessions[0], *p.now().Session)
	if c := got.Checks[0]; c.Outcome(got.Charter.Now) != domain.Fail || c.Purpose != domain.Exam || c.Route != domain.Photo || c.Consent != got.Consents[0].ID {
		t.Errorf("the check is %+v", c)
	}
	notice := got.Notices[got.Consents[0].Notice.ID]
	same(t, "what was read", notice.Contents, someContents())
	if until := got.CheckKeptUntil(got.Checks[0]); until.Before(got.Charter.Now.Add(1095 * 24 * time.Hour)) {
		t.Errorf("the check is kept until %v", until)
	}
	_, err := h.another().tenant.Held(t.Context(), p.session)
	h.refused(err, domain.NoSuchThing)
	_, err = h.tenant.Held(t.Context(), store.NewID())
	h.refused(err, domain.NoSuchThing)
}

func chainInParts(t *testing.T, open opener) {
	h := aHouse(t, open)
	p := h.consenting("工号-48")
	h.must(p.check("a", failed))
	chain := p.chain()
	var lines []app.ChainLine
	for next := -1; next != 0; {
		var part []app.ChainLine
		var err error
		part, next, err = h.tenant.Chain(t.Context(), chain[0].Subject, max(next, 0), 3)
		if h.must(err); len(part) == 0 || len(part) > 3 {
			t.Fatalf("a part of %d lines", len(part))
		}
		lines = append(lines, part...)
	}
	if len(lines) != len(chain) {
		t.Fatalf("%d lines of %d", len(lines), len(chain))
	}
	for i, line := range lines {
		if line.Line != chain[i].line || line.Place != -1 {
			t.Errorf("line %d is %+v, want %s", i, line, chain[i].line)
		}
	}
	for _, nobody := range []string{"", "nobody"} {
		if part, next, err := h.tenant.Chain(t.Context(), nobody, 0, 3); err != nil || len(part) > 0 || next != 0 {
			t.Errorf("%q has %v %v %v", nobody, part, next, err)
		}
	}
}
