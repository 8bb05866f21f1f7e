package domain_test

import (
	"cmp"
	"errors"
	"testing"
	"time"

	"nod/shared/domain"
)

// aHostedScene is a scene in which the vendor's page is told of and agreed to, with a
// session for it.
func aHostedScene(t *testing.T) (*world, *person, domain.ID) {
	t.Helper()
	w, p := aScene()
	routes := []domain.Route{domain.Photo, domain.Hosted}
	d := w.mint()
	must(t, w.instruct(func(c *domain.Charter) error {
		terms := someTerms()
		terms.Routes, terms.Subprocessors, terms.DataKinds = routes, recipients(routes...), domain.DataKinds
		_, err := c.RecordDelegation(d, terms, nil, func(d domain.Delegation) string { return hexOf(string(d.ID)) }, "key")
		return err
	}))
	draft := aDraft(d)
	draft.Facts.Routes, draft.Facts.Recipients, draft.Facts.DataKinds = routes, recipients(routes...), domain.DataKinds
	must(t, w.publish(draft))
	r := aRequest()
	r.Route, r.Reference = domain.Hosted, nil
	id, err := w.open(p, r)
	must(t, err)
	must(t, w.decide(p, id, domain.Granted))
	return w, p, id
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) leave(p *person, id domain.ID) (permit *domain.Permit, again bool, err error) {
	err = w.update(p, id, "", func(m *domain.Moment) (err error) {
		permit, again, err = m.Leave(domain.Check{Took: callTime, Since: time.Now()})
		return err
	})
	return permit, again, err
}

// away sends the person to the vendor's page.
func (w *world) away(t *testing.T, p *person, id domain.ID) (attempt string) {
	t.Helper()
	permit, again, err := w.leave(p, id)
	if err != nil || again {
		t.Fatalf("%v, again %v", err, again)
	}
	must(t, w.update(p, id, "", func(m *domain.Moment) error { return m.Left(permit.Attempt(), []byte("sealed visit")) }))
	return permit.Attempt()
}

func (w *world) comeBack(p *person, id domain.ID) (permit *domain.Permit, earlier *domain.Attempt, err error) {
	err = w.update(p, id, "", func(m *domain.Moment) (err error) {
		permit, earlier, err = m.Return(domain.Check{Took: callTime, Since: time.Now()})
		return err
	})
	return permit, earlier, err
}

func (w *world) types(p *person) (list []domain.RecordType) {
	for _, r := range p.chain {
		list = append(list, r.Type)
	}
	return list
}

func last[T any](list []T) T { return list[len(list)-1] }

func TestAVisitIsFetchedOnce(t *testing.T) {
	w, p, id := aHostedScene(t)
	if _, _, err := w.comeBack(p, id); reason(t, err) != domain.NotAway {
		t.Fatalf("before there was a visit: %v", err)
	}
	attempt := w.away(t, p, id)
	if _, again, err := w.leave(p, id); err != nil || !again {
		t.Fatalf("on the way for the second time: %v, again %v", err, again)
	}
	permit, _, err := w.comeBack(p, id)
	if err != nil || permit.Attempt() != attempt {
		t.Fatal(err)
	}
	if _, _, err := w.comeBack(p, id); reason(t, err) != domain.CheckInProgress {
		t.Fatalf("while it is being fetched: %v", err)
	}
	must(t, w.conclude(p, id, attempt, domain.Outcome{Result: domain.Pass, Liveness: true}))
	permit, earlier, err := w.comeBack(p, id)
	if permit != nil || err != nil || earlier.Result != domain.Pass {
		t.Fatalf("asked again: %v, %v, %v", permit, earlier, err)
	}
	s := p.sessions[id].session
	if s.State != domain.Passed || !s.Evidence.Liveness || s.Evidence.Capture != "" || s.Secret != nil {
		t.Errorf("%+v", s)
	}
	started := 0
	for _, kind := range w.types(p) {
		if kind == domain.CheckStarted {
			started++
		}
	}
	if r := last(p.chain); started != 1 || r.Type != domain.CheckPassed || r.Capture != "" || r.Route != domain.Hosted {
		t.Errorf("%d checks started, then %+v", started, r)
	}
}

func TestAVisitThatIsNotFinishedGoesOn(t *testing.T) {
	w, p, id := aHostedScene(t)
	attempt := w.away(t, p, id)
	before := len(p.chain)
	unfinished := domain.Outcome{Result: domain.NotPerformed, Reason: domain.HostedUnfinished, Again: true}
	for range 30 { // a page that is loaded again and again uses nothing up
		permit, _, err := w.comeBack(p, id)
		must(t, err)
		unfinished.Asked = permit.Asked()
		must(t, w.conclude(p, id, attempt, unfinished))
		var r *domain.Refusal
		if _, _, err := w.comeBack(p, id); !errors.As(err, &r) || r.Reason != domain.CheckInProgress || r.RetryAfter != domain.LookAgain {
			t.Fatalf("asked again at once: %v", err)
		}
		w.clock = w.clock.Add(domain.LookAgain)
	}
	if len(p.chain) != before || p.sessions[id].session.Uploads != 1 {
		t.Errorf("%v, %d uploads", w.types(p), p.sessions[id].session.Uploads)
	}
	if _, _, err := w.comeBack(p, id); err != nil {
		t.Fatal(err)
	}
	// A word about the fetching before this one, which came late, changes nothing.
	must(t, w.conclude(p, id, attempt, unfinished))
	if _, _, err := w.comeBack(p, id); reason(t, err) != domain.CheckInProgress {
		t.Fatalf("while it is being fetched: %v", err)
	}
	// The function dies while it fetches: the result is still at the vendor's.
	w.clock = w.clock.Add(callTime + domain.Grace)
	if _, _, err := w.comeBack(p, id); err != nil {
		t.Fatal(err)
	}
	must(t, w.conclude(p, id, attempt, failed))
	if s := p.sessions[id].session; s.State != domain.Consented || s.Fails != 1 {
		t.Errorf("%s, %d fails", s.State, s.Fails)
	}
	if w.away(t, p, id) == attempt {
		t.Error("the second visit is the first one")
	}
}

// What changes while somebody is at the vendor's page counts when they come back: the
// gate is passed again, and nothing is fetched that they no longer want.
func TestTheGateIsPassedAgainBeforeAResultIsFetched(t *testing.T) {
	for name, c := range map[string]struct {
		meanwhile func(*testing.T, *world, *person, domain.ID)
		want      domain.Reason
		record    domain.RecordType // of the check; empty if it still waits
	}{
		"withdrawn": {func(t *testing.T, w *world, p *person, id domain.ID) {
			must(t, w.update(p, id, "", func(m *domain.Moment) error { return m.Withdraw("session") }))
		}, domain.ConsentWithdrawn, domain.CheckNotPerformed},
		"withdrawn by a receipt": {func(t *testing.T, w *world, p *person, id domain.ID) {
			must(t, w.update(p, "", domain.Exam, func(m *domain.Moment) error { return m.Withdraw("receipt") }))
		}, domain.ConsentWithdrawn, domain.CheckNotPerformed},
		"refused": {func(t *testing.T, w *world, p *person, id domain.ID) {
			must(t, w.decide(p, id, domain.Declined))
		}, domain.ConsentRefused, domain.CheckNotPerformed},
		"face service off": {func(t *testing.T, w *world, _ *person, _ domain.ID) {
			must(t, w.instruct(func(c *domain.Charter) error { return c.SwitchFaceService(false, nil, "key") }))
		}, domain.FaceServiceOff, ""},
		"cancelled": {func(t *testing.T, w *world, p *person, id domain.ID) {
			must(t, w.update(p, id, "", (*domain.Moment).Cancel))
		}, domain.SessionEnded, domain.CheckNotPerformed},
		"the alternative": {func(t *testing.T, w *world, p *person, id domain.ID) {
			must(t, w.update(p, id, "", func(m *domain.Moment) error {
				return m.TakeAlternative(domain.AlternativeReport{Method: "desk", Result: domain.Pass}, "key")
			}))
		}, domain.SessionEnded, domain.CheckNotPerformed},
		"too late": {func(_ *testing.T, w *world, _ *person, _ domain.ID) { w.clock = w.clock.Add(2 * time.Hour) },
			domain.SessionExpired, domain.CheckUnknown},
		"the term is over": {func(_ *testing.T, w *world, p *person, id domain.ID) {
			for i := range p.consents[domain.Exam] {
				p.consents[domain.Exam][i].Until = w.clock
			}
		}, domain.ConsentEnded, domain.CheckNotPerformed},
	} {
		t.Run(name, func(t *testing.T) {
			w, p, id := aHostedScene(t)
			w.away(t, p, id)
			w.clock = w.clock.Add(time.Minute)
			c.meanwhile(t, w, p, id)
			permit, earlier, err := w.comeBack(p, id)
			if earlier != nil && earlier.Reason != "" {
				err = domain.Refuse(earlier.Reason)
				if earlier.Result == domain.Unknown {
					err = domain.Refuse(domain.SessionExpired)
				}
			}
			if permit != nil || reason(t, err) != c.want {
				t.Errorf("permit %v, %v", permit != nil, err)
			}
			var ended domain.RecordType
			for _, r := range p.chain {
				if r.Type == domain.CheckNotPerformed || r.Type == domain.CheckUnknown {
					ended = r.Type
				}
				if r.Type == domain.CheckPassed || r.Type == domain.CheckFailed {
					t.Errorf("%s without a fetch", r.Type)
				}
			}
			if ended != c.record {
				t.Errorf("the log says %q, want %q: %v", ended, c.record, w.types(p))
			}
		})
	}
}

func TestNobodyIsSentAwayWhoSaidNoMeanwhile(t *testing.T) {
	w, p, id := aHostedScene(t)
	permit, _, err := w.leave(p, id)
	must(t, err)
	must(t, w.update(p, id, "", func(m *domain.Moment) error { return m.Withdraw("session") }))
	err = w.update(p, id, "", func(m *domain.Moment) error { return m.Left(permit.Attempt(), []byte("sealed visit")) })
	if reason(t, err) != domain.ConsentWithdrawn || p.sessions[id].session.Secret != nil {
		t.Errorf("%v", err)
	}
}

func TestEachRouteHasItsOwnWayIn(t *testing.T) {
	w, p, id := aHostedScene(t)
	if _, _, err := w.reserve(p, id, aCheck("a1")); reason(t, err) != domain.OtherRoute {
		t.Errorf("a photo on the route hosted: %v", err)
	}
	photo, err := w.open(p, aRequest())
	must(t, err)
	if _, _, err := w.leave(p, photo); reason(t, err) != domain.OtherRoute {
		t.Errorf("a visit on the route photo: %v", err)
	}
	if _, _, err := w.comeBack(p, photo); reason(t, err) != domain.OtherRoute {
		t.Errorf("a result on the route photo: %v", err)
	}
}

func TestAVisitThatNobodyCameBackFromIsUnknownInTheEnd(t *testing.T) {
	w, p, id := aHostedScene(t)
	w.away(t, p, id)
	w.clock = w.clock.Add(domain.AwayFor)
	must(t, w.update(p, id, "", func(m *domain.Moment) error { m.Settle(); return nil }))
	if r := last(p.chain); r.Type != domain.CheckUnknown || p.sessions[id].session.State != domain.Expired {
		t.Errorf("%v, %s", w.types(p), p.sessions[id].session.State)
	}
}

func TestAWithdrawalForAnotherPurposeLeavesAVisitAlone(t *testing.T) {
	w, p, id := aHostedScene(t)
	w.away(t, p, id)
	before := len(p.chain)
	err := w.update(p, id, domain.Training, func(m *domain.Moment) error { return m.Withdraw("session") })
	if reason(t, err) != domain.NothingToEnd || len(p.chain) != before {
		t.Fatalf("%v, %v", err, w.types(p))
	}
	if _, _, err := w.comeBack(p, id); err != nil {
		t.Fatal(err)
	}
}

func TestTheVendorsLimitsPerPersonAreRespected(t *testing.T) {
	for _, c := range []struct {
		route domain.Route
		asked []time.Duration // ago
		wait  time.Duration   // 0: none
		by    domain.IdentityFrom
	}{
		{domain.Authority, ago(4, time.Second), 0, domain.FromPerson}, {domain.Authority, ago(5, time.Second), 55 * time.Second, domain.FromPerson},
		{domain.TwoFactor, ago(20, time.Hour), 4 * time.Hour, domain.FromPerson}, {domain.TwoFactor, ago(19, time.Hour), 0, domain.FromPerson},
		{domain.Authority, nil, 0, ""},
		{domain.Authority, ago(14, time.Second), 0, ""},
		{domain.Authority, ago(15, time.Second), 45 * time.Second, ""},
		{domain.Authority, ago(15, 5*time.Second), 0, ""},
		{domain.Authority, ago(29, time.Minute), 0, ""},
		{domain.Authority, ago(30, time.Minute), 24*time.Hour - 30*time.Minute, ""},
		{domain.TwoFactor, ago(30, time.Second), 0, ""},
		{domain.TwoFactor, ago(500, time.Second), 24*time.Hour - 500*time.Second, ""},
	} {
		m := aConsentedMoment()
		m.Session.Route, m.Session.NamedBy = c.route, cmp.Or(c.by, domain.FromPlatform)
		m.Notice.Facts.Routes, m.Consent.Routes = []domain.Route{c.route}, []domain.Route{c.route}
		m.Delegation.Terms.Routes = []domain.Route{c.route}
		for _, d := range c.asked {
			m.Asked = append(m.Asked, m.Now.Add(-d))
		}
		check := aCheck("a1")
		if c.by == domain.FromPerson {
			check.Identity = anIdentity("王小云", "119999199001010039")
		}
		_, _, err := m.Reserve(check)
		var r *domain.Refusal
		switch refused := errors.As(err, &r); {
		case c.wait == 0 && err != nil:
			t.Errorf("%s after %d: %v", c.route, len(c.asked), err)
		case c.wait > 0 && (!refused || r.Reason != domain.PersonLimit || r.RetryAfter != c.wait):
			t.Errorf("%s after %d: %v, wait %v", c.route, len(c.asked), err, r)
		}
	}
}

func ago(times int, apart time.Duration) (list []time.Duration) {
	for i := range times {
		list = append(list, time.Duration(i+1)*apart)
	}
	return list
}

func TestD02OnlyWhatTheRouteNeedsIsTaken(t *testing.T) {
	who := anIdentity("王小云", "119999199001010039")
	for name, c := range map[string]struct {
		route    domain.Route
		given    bool
		image    int
		identity *domain.Identity
		want     string
	}{
		"a photo":                       {domain.Photo, true, 4, nil, ""},
		"a photo with a name":           {domain.Photo, true, 4, who, "id_number=not_allowed name=not_allowed"},
		"a name":                        {domain.TwoFactor, false, 0, who, ""},
		"a name that is there":          {domain.TwoFactor, true, 0, nil, ""},
		"another name":                  {domain.TwoFactor, true, 0, who, "id_number=not_allowed name=not_allowed"},
		"no name":                       {domain.TwoFactor, false, 0, nil, "id_number=missing name=missing"},
		"a name with a face":            {domain.TwoFactor, false, 4, who, "image=not_allowed"},
		"both for the authority":        {domain.Authority, false, 4, who, ""},
		"a face for the authority":      {domain.Authority, true, 4, nil, ""},
		"a face alone":                  {domain.Authority, false, 4, nil, "id_number=missing name=missing"},
		"too large a face":              {domain.Authority, true, domain.MaxAuthorityImage + 4, nil, "image-too-large"},
		"a number that is not a number": {domain.TwoFactor, false, 0, anIdentity("王小云", "1"), "id-number-invalid"},
		"a child's number":              {domain.TwoFactor, false, 0, anIdentity("王小云", idNumber(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), 1)), "age-group-mismatch"},
	} {
		m := aConsentedMoment()
		m.Session.Route = c.route
		if m.Session.NamedBy = domain.FromPerson; c.given || !c.route.TakesIdentity() {
			m.Session.NamedBy = domain.FromPlatform
		}
		m.Notice.Facts.Routes, m.Consent.Routes = []domain.Route{c.route}, []domain.Route{c.route}
		m.Delegation.Terms.Routes = []domain.Route{c.route}
		check := aCheck("a1")
		check.Image, check.Identity = c.image, c.identity
		permit, _, err := m.Reserve(check)
		got := ""
		var r *domain.Refusal
		if errors.As(err, &r) {
			if got = string(r.Reason); len(r.Fields) > 0 {
				got = ""
				for i, f := range r.Fields {
					if i > 0 {
						got += " "
					}
					got += f.Field + "=" + f.Code
				}
			}
		}
		if got != c.want || (permit != nil) != (c.want == "") {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if permit == nil {
			continue
		}
		if started := last(m.Records); (started.Capture == "") == c.route.TakesFace() {
			t.Errorf("%s: the Record says capture %q", name, started.Capture)
		}
	}
}
