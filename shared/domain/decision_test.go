package domain_test

import (
	"testing"
	"time"

	"nod/shared/domain"
)

func TestADecisionIsForExactlyWhatWasShown(t *testing.T) {
	for name, c := range map[string]struct {
		by   func(*domain.Moment, *domain.Decision)
		want domain.Reason
	}{
		"another notice":                  {func(_ *domain.Moment, d *domain.Decision) { d.NoticeID = anID }, domain.NoticeChanged},
		"another text":                    {func(_ *domain.Moment, d *domain.Decision) { d.NoticeSHA256 = hexOf("other") }, domain.NoticeChanged},
		"the text of another language":    {func(m *domain.Moment, d *domain.Decision) { d.NoticeSHA256 = m.Notice.SHA256[domain.English] }, domain.NoticeChanged},
		"a language it is not written in": {func(m *domain.Moment, d *domain.Decision) { delete(m.Notice.SHA256, domain.Chinese) }, domain.NoticeChanged},
		"an empty hash for such a language": {func(m *domain.Moment, d *domain.Decision) {
			delete(m.Notice.SHA256, domain.Chinese)
			d.NoticeSHA256 = ""
		}, domain.NoticeChanged},
		"a guardian's":                   {func(_ *domain.Moment, d *domain.Decision) { d.By = "guardian" }, domain.WrongAudience},
		"no notice":                      {func(m *domain.Moment, _ *domain.Decision) { m.Notice = nil }, domain.NoNotice},
		"a grant that is of no use":      {func(m *domain.Moment, _ *domain.Decision) { m.Settings.FaceService = false }, domain.FaceServiceOff},
		"a grant to a closed enterprise": {func(m *domain.Moment, _ *domain.Decision) { m.Enterprise.ClosedAt = m.Now }, domain.EnterpriseClosed},
		"a grant without a delegation":   {func(m *domain.Moment, _ *domain.Decision) { m.Delegation.RevokedAt = m.Now }, domain.DelegationEnded},
	} {
		w, p, id := inState(t, domain.Open)
		m := w.moment(p, id, "")
		d := answerTo(m.Notice, domain.Granted)
		c.by(m, &d)
		if got := reason(t, m.Decide(d, aProof)); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		if m.NewConsent != nil || m.Session.State != domain.Open {
			t.Errorf("%s: it was taken", name)
		}
	}
}

func TestD04ARefusalIsAlwaysTaken(t *testing.T) {
	for name, by := range map[string]func(*domain.Moment){
		"the face service off":  func(m *domain.Moment) { m.Settings.FaceService = false },
		"the purpose off":       func(m *domain.Moment) { m.Settings.Purposes = nil },
		"the enterprise closed": func(m *domain.Moment) { m.Enterprise.ClosedAt = m.Now },
		"the delegation over":   func(m *domain.Moment) { m.Delegation.RevokedAt = m.Now },
	} {
		w, p, id := inState(t, domain.Open)
		m := w.moment(p, id, "")
		by(m)
		if err := m.Decide(answerTo(m.Notice, domain.Declined), aProof); err != nil || m.Session.State != domain.Refused {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAGrantHoldsWhatItProves(t *testing.T) {
	w, p, id := inState(t, domain.Open)
	if err := w.decide(p, id, domain.Granted); err != nil {
		t.Fatal(err)
	}
	c, s, r := p.consents[domain.Exam][0], p.sessions[id].session, p.chain[len(p.chain)-1]
	n := w.notices[0]
	until := t0.AddDate(0, 0, 365).Truncate(time.Second)
	if c.ID != r.ID || c.State != domain.Granted || c.Notice != n.Ref(domain.Chinese) || c.Delegation != n.Delegation || c.Session != id ||
		!c.At.Equal(t0) || !c.Until.Equal(until) || string(c.Salt) != "salt" || c.WithdrawHash != aProof.WithdrawHash || c.By != "self" {
		t.Errorf("%+v", c)
	}
	if r.Type != domain.ConsentGrantedType || r.SubjectCommitment != aProof.Commitment || !r.Until.Equal(until) || r.By != "self" ||
		len(r.Routes) != 1 || r.Session != id || r.Consent != "" {
		t.Errorf("%+v", r)
	}
	if s.Evidence.Consent != c.ID || s.Evidence.Notice != c.Notice || s.Evidence.Delegation != c.Delegation {
		t.Errorf("%+v", s.Evidence)
	}
	if !c.Covers(domain.Photo) || c.Covers(domain.Hosted) || !c.Covers("") || (*domain.Consent)(nil).Covers("") {
		t.Error("it covers the wrong routes")
	}
}

func TestARefusalHasNoTermAndNothingToWithdraw(t *testing.T) {
	w, p, id := inState(t, domain.Open)
	if err := w.decide(p, id, domain.Declined); err != nil {
		t.Fatal(err)
	}
	c, r := p.consents[domain.Exam][0], p.chain[len(p.chain)-1]
	if c.State != domain.Declined || !c.Until.IsZero() || c.WithdrawHash != "" || !r.Until.IsZero() || r.Type != domain.ConsentRefusedType || r.SubjectCommitment == "" {
		t.Errorf("%+v %+v", c, r)
	}
	err := w.update(p, id, "", func(m *domain.Moment) error { return m.Withdraw("session") })
	if reason(t, err) != domain.NothingToEnd {
		t.Error(err)
	}
}

// A consent may lapse and be given anew in one transaction; both are written.
func TestALapseAndANewGrantInOneMoment(t *testing.T) {
	w, p, id := ready(t)
	if err := materialNotice(w); err != nil {
		t.Fatal(err)
	}
	if err := w.decide(p, id, domain.Granted); err != nil {
		t.Fatal(err)
	}
	all := p.consents[domain.Exam]
	if len(all) != 2 || all[0].State != domain.Lapsed || all[0].Cause != domain.NoticeMoved || !all[0].EndedAt.Equal(t0) || all[1].State != domain.Granted {
		t.Errorf("%+v", all)
	}
	if permit, _, err := w.reserve(p, id, aCheck("a1")); permit == nil {
		t.Error(err)
	}
}

func TestTheTermOfAConsentEndsToTheInstant(t *testing.T) {
	w, p, _ := ready(t)
	s := w.settings.Purposes[domain.Exam]
	s.ImpactAssessment.ValidUntil = "2028-01-01"
	w.settings.Purposes[domain.Exam] = s
	w.delegations[0].Terms.ValidUntil = t0.AddDate(3, 0, 0)
	until := p.consents[domain.Exam][0].Until
	for _, c := range []struct {
		at   time.Time
		want domain.State
	}{{until.Add(-time.Millisecond), domain.Consented}, {until, domain.Open}} {
		w.clock = c.at
		next, err := w.open(p, aRequest())
		if err != nil || p.sessions[next].session.State != c.want {
			t.Errorf("%v: %v, %s", c.at, err, p.sessions[next].session.State)
		}
	}
	if c := p.consents[domain.Exam][0]; c.State != domain.Lapsed || c.Cause != domain.TermOver {
		t.Errorf("%+v", c)
	}
}

func TestASessionStartsWithWhatTheLMSAskedFor(t *testing.T) {
	w, p := aScene()
	r := aRequest()
	r.TTL, r.Locale = 60, ""
	id, err := w.open(p, r)
	if err != nil {
		t.Fatal(err)
	}
	s := p.sessions[id].session
	if s.Kind != r.Kind || s.Purpose != r.Purpose || s.Route != r.Route || s.AgeGroup != r.AgeGroup || s.Subject != p.subject.Pseudonym ||
		s.Resource != r.Resource || s.Nonce != r.Nonce || s.ClientRef != r.ClientRef || s.ReturnURL != r.ReturnURL || s.Locale != domain.Chinese ||
		s.State != domain.Open || !s.CreatedAt.Equal(t0) || !s.ExpiresAt.Equal(t0.Add(time.Minute)) || s.CodeHash == "" || s.TokenHash != "" ||
		s.AttemptsLeft() != 3 || s.Audience() != domain.Adult {
		t.Errorf("%+v", s)
	}
	if len(p.chain) != 0 {
		t.Errorf("%d records", len(p.chain))
	}
}

func TestASessionThatCannotBeUsedIsNotOpened(t *testing.T) {
	w, p := aScene()
	_ = w.instruct(func(c *domain.Charter) error { return c.SwitchFaceService(false, nil, "key") })
	if _, err := w.open(p, aRequest()); reason(t, err) != domain.FaceServiceOff || len(p.sessions) != 0 {
		t.Errorf("%v, %d sessions", err, len(p.sessions))
	}
}

func TestACoveringConsentLetsASessionStartConsented(t *testing.T) {
	w, p, _ := ready(t)
	id, err := w.open(p, aRequest())
	s := p.sessions[id].session
	if err != nil || s.State != domain.Consented || s.Evidence.Consent != p.consents[domain.Exam][0].ID {
		t.Errorf("%v %+v", err, s)
	}
	p.consents[domain.Exam][0].Routes = []domain.Route{domain.Hosted}
	id, err = w.open(p, aRequest())
	if s = p.sessions[id].session; err != nil || s.State != domain.Open {
		t.Errorf("for another route: %v %s", err, s.State)
	}
}

func TestAMomentIsDirtyOnlyWhenSomethingIsToBeWritten(t *testing.T) {
	w, p, id := ready(t)
	m := w.moment(p, id, "")
	if m.Settle(); m.Dirty() {
		t.Error("after nothing")
	}
	w.clock = w.clock.Add(time.Hour)
	m = w.moment(p, id, "")
	if m.Settle(); !m.Dirty() {
		t.Error("not after the session expired")
	}
}

// Agreeing is bounded in a session, so that nobody fills the log; a no never is.
func TestAPersonAgreesTenTimesInASessionAtMost(t *testing.T) {
	w, p, id := inState(t, domain.Open)
	for range domain.MaxGrants {
		for _, d := range []domain.ConsentState{domain.Granted, domain.Declined} {
			if err := w.decide(p, id, d); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.decide(p, id, domain.Granted); reason(t, err) != domain.DecidedTooOften {
		t.Error(err)
	}
	next, err := w.open(p, aRequest())
	if err == nil {
		err = w.decide(p, next, domain.Granted)
	}
	if err != nil {
		t.Errorf("in another session: %v", err)
	}
}
