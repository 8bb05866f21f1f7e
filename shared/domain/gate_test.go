package domain_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"nod/shared/domain"
)

// ready is a scene in which the gate gives a permit.
func ready(t *testing.T) (*world, *person, domain.ID) {
	t.Helper()
	return inState(t, domain.Consented)
}

func TestTheGateRefusesWhatIsMissingAndSaysSo(t *testing.T) {
	bad := domain.Refuse(domain.ImageUnreadable)
	for _, c := range []struct {
		name string
		omit func(*domain.Moment, *domain.Check)
		want domain.Reason
	}{
		{"the enterprise is closed", func(m *domain.Moment, _ *domain.Check) { m.Enterprise.ClosedAt = m.Now }, domain.EnterpriseClosed},
		{"the face service is off", func(m *domain.Moment, _ *domain.Check) { m.Settings.FaceService = false }, domain.FaceServiceOff},
		{"the purpose is off", func(m *domain.Moment, _ *domain.Check) {
			alter(m, func(s *domain.PurposeSettings) { s.Enabled = false })
		}, domain.PurposeOff},
		{"the purpose was never set", func(m *domain.Moment, _ *domain.Check) { m.Settings.Purposes = nil }, domain.PurposeOff},
		{"the assessment is rejected", func(m *domain.Moment, _ *domain.Check) {
			alter(m, func(s *domain.PurposeSettings) { s.ImpactAssessment.Outcome = "rejected" })
		}, domain.AssessmentMissing},
		{"the assessment is over", func(m *domain.Moment, _ *domain.Check) {
			alter(m, func(s *domain.PurposeSettings) { s.ImpactAssessment.ValidUntil = "2026-11-22" })
		}, domain.AssessmentMissing},
		{"no notice is in force", func(m *domain.Moment, _ *domain.Check) { m.Notice, m.Delegation = nil, nil }, domain.NoNotice},
		{"the delegation is not there", func(m *domain.Moment, _ *domain.Check) { m.Delegation = nil }, domain.DelegationEnded},
		{"the delegation is not yet in force", func(m *domain.Moment, _ *domain.Check) {
			m.Delegation.Terms.ValidFrom = m.Now.Add(time.Millisecond)
		}, domain.DelegationEnded},
		{"the delegation is over, and with it the consent", func(m *domain.Moment, _ *domain.Check) { m.Delegation.Terms.ValidUntil = m.Now }, domain.DelegationEnded},
		{"the delegation was revoked", func(m *domain.Moment, _ *domain.Check) { m.Delegation.RevokedAt = m.Now }, domain.DelegationEnded},
		{"the delegation does not reach the route", func(m *domain.Moment, _ *domain.Check) {
			m.Delegation.Terms.Routes = []domain.Route{domain.Hosted}
		}, domain.RouteNotCovered},
		{"the delegation does not reach the purpose", func(m *domain.Moment, _ *domain.Check) {
			m.Delegation.Terms.Purposes = []domain.Purpose{domain.Training}
		}, domain.RouteNotCovered},
		{"the notice does not name the route", func(m *domain.Moment, _ *domain.Check) {
			m.Notice.Facts.Routes = []domain.Route{domain.Hosted}
		}, domain.RouteNotCovered},
		{"the notice is for guardians", func(m *domain.Moment, _ *domain.Check) { m.Notice.Audience = domain.Guardian }, domain.WrongAudience},
		{"nobody was asked", func(m *domain.Moment, _ *domain.Check) { m.Consent = nil }, domain.ConsentRequired},
		{"the person refused", func(m *domain.Moment, _ *domain.Check) { m.Consent.State = domain.Declined }, domain.ConsentRefused},
		{"the person withdrew, and the session with them", func(m *domain.Moment, _ *domain.Check) { m.Consent.State = domain.TakenBack }, domain.ConsentWithdrawn},
		{"the consent's own term is over", func(m *domain.Moment, _ *domain.Check) { m.Consent.Until = m.Now }, domain.ConsentEnded},
		{"the notice changed materially", func(m *domain.Moment, _ *domain.Check) { m.Notice.MaterialSince = 2 }, domain.ConsentStale},
		{"the consent is for another route", func(m *domain.Moment, _ *domain.Check) { m.Consent.Routes = []domain.Route{domain.Hosted} }, domain.ConsentStale},
		{"the session did not take the consent up", func(m *domain.Moment, _ *domain.Check) { m.Session.State = domain.Open }, domain.ConsentRequired},
		{"the session's time is over", func(m *domain.Moment, _ *domain.Check) { m.Session.ExpiresAt = m.Now }, domain.SessionExpired},
		{"the session asks for consent only", func(m *domain.Moment, _ *domain.Check) { m.Session.Kind = domain.ConsentKind }, domain.NotACheck},
		{"a check runs", func(m *domain.Moment, _ *domain.Check) {
			m.Attempts = []domain.Attempt{{ID: "a0", DeadlineAt: m.Now}}
		}, domain.CheckInProgress},
		{"three checks failed", func(m *domain.Moment, _ *domain.Check) { m.Session.Fails = 3 }, domain.AttemptsUsedUp},
		{"ten images were sent", func(m *domain.Moment, _ *domain.Check) { m.Session.Uploads = 10 }, domain.UploadsUsedUp},
		{"a photo was chosen where the camera is wanted", func(_ *domain.Moment, c *domain.Check) { c.Capture = domain.FromPhoto }, domain.PhotoInputOff},
		{"others wait", func(m *domain.Moment, _ *domain.Check) { m.Queue = domain.Queue{Open: true} }, domain.FaceAPIBusy},
		{"others wait, and the image is unfit", func(m *domain.Moment, c *domain.Check) {
			m.Queue, c.Inspect = domain.Queue{Open: true}, func() error { return bad }
		}, domain.ImageUnreadable},
		{"the image is unfit", func(_ *domain.Moment, c *domain.Check) { c.Inspect = func() error { return bad } }, domain.ImageUnreadable},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, p, id := ready(t)
			m, check := w.moment(p, id, ""), aCheck("a1")
			c.omit(m, &check)
			permit, earlier, err := m.Reserve(check)
			if permit != nil || earlier != nil {
				t.Fatalf("permit %v, earlier %v", permit, earlier)
			}
			if got := reason(t, err); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
			if m.AttemptChanged != nil || slices.ContainsFunc(m.Records, func(r *domain.Record) bool { return r.Type == domain.CheckStarted }) {
				t.Error("something was reserved all the same")
			}
			if m.Session.Uploads > 10 {
				t.Error("an upload was counted")
			}
		})
	}
}

func alter(m *domain.Moment, by func(*domain.PurposeSettings)) {
	s := m.Settings.Purposes[domain.Exam]
	by(&s)
	m.Settings.Purposes[domain.Exam] = s
}

func TestAnImageIsLookedAtOnlyWhenItMayBeChecked(t *testing.T) {
	w, p, id := inState(t, domain.Refused)
	c := aCheck("a1")
	c.Inspect = func() error { t.Error("the image was looked at"); return nil }
	if _, _, err := w.reserve(p, id, c); reason(t, err) != domain.ConsentRefused {
		t.Error(err)
	}
}

func TestAPermitIsForOneCallOnOneRouteAndDiesWithItsDeadline(t *testing.T) {
	w, p, id := ready(t)
	permit, _, err := w.reserve(p, id, aCheck("a1"))
	if err != nil {
		t.Fatal(err)
	}
	if permit.Enterprise() != w.enterprise.ID || permit.Session() != id || permit.Route() != domain.Photo ||
		permit.Mode() != domain.Live || permit.FalseAccept() != domain.OneIn10000 || permit.Liveness() {
		t.Errorf("%+v", permit)
	}
	if _, _, err := permit.Spend(context.Background(), domain.Hosted); reason(t, err) != domain.PermitForbidden {
		t.Errorf("on another route: %v", err)
	}
	before := time.Now()
	ctx, cancel, err := permit.Spend(context.Background(), domain.Photo)
	if err != nil {
		t.Fatal(err)
	}
	if end, ok := ctx.Deadline(); !ok || end.After(time.Now().Add(callTime)) || end.Before(before) {
		t.Errorf("deadline %v %v", end, ok)
	}
	cancel()
	if ctx.Err() == nil {
		t.Error("cancel does not end the call")
	}
	if _, _, err := permit.Spend(context.Background(), domain.Photo); reason(t, err) != domain.PermitForbidden {
		t.Errorf("a second time: %v", err)
	}
}

func TestAPermitThatTheGateDidNotMakePermitsNothing(t *testing.T) {
	for name, p := range map[string]*domain.Permit{"nil": nil, "zero": {}} {
		for _, r := range []domain.Route{"", domain.Photo, domain.Authority, domain.Hosted, domain.TwoFactor} {
			if _, _, err := p.Spend(context.Background(), r); !errors.Is(err, domain.Refuse(domain.PermitForbidden)) {
				t.Errorf("%s, %q: %v", name, r, err)
			}
		}
	}
}

func TestAPermitCarriesWhatTheNoticeAndTheSettingsSay(t *testing.T) {
	w, p, id := ready(t)
	m := w.moment(p, id, "")
	m.Notice.Facts.Liveness, m.Enterprise.Profile.Mode = true, domain.Test
	alter(m, func(s *domain.PurposeSettings) { s.FalseAccept = domain.OneIn100000; s.PhotoInput = true })
	c := aCheck("a1")
	c.Capture = domain.FromPhoto
	permit, _, err := m.Reserve(c)
	if err != nil || !permit.Liveness() || permit.Mode() != domain.Test || permit.FalseAccept() != domain.OneIn100000 {
		t.Errorf("%+v, %v", permit, err)
	}
	if r := m.Records[0]; r.Capture != domain.FromPhoto || r.Mode != domain.Test {
		t.Errorf("%+v", r)
	}
}

func TestTheSameAttemptAgainGetsItsAnswerAndNoPermit(t *testing.T) {
	for _, o := range []domain.Outcome{passed, failed, noFace} {
		w, p, id := ready(t)
		if err := w.check(p, id, "a1", o); err != nil {
			t.Fatal(err)
		}
		records := len(p.chain)
		_ = w.update(p, id, "", func(m *domain.Moment) error { _ = m.Withdraw("session"); return nil })
		records = len(p.chain) - records
		permit, earlier, err := w.reserve(p, id, aCheck("a1"))
		if permit != nil || earlier == nil || err != nil || earlier.Result != o.Result || earlier.Reason != o.Reason {
			t.Errorf("%s: permit %v, %+v, %v", o.Result, permit, earlier, err)
		}
		if records != 1 {
			t.Errorf("%d records", records)
		}
	}
	w, p, id := ready(t)
	if _, _, err := w.reserve(p, id, aCheck("a1")); err != nil {
		t.Fatal(err)
	}
	if permit, _, err := w.reserve(p, id, aCheck("a1")); permit != nil || reason(t, err) != domain.CheckInProgress {
		t.Errorf("while it runs: %v, %v", permit, err)
	}
}

func TestD27ARetakeUsesNoAttemptAndTheThirdFailEndsTheSession(t *testing.T) {
	w, p, id := ready(t)
	left := func() int { return p.sessions[id].session.AttemptsLeft() }
	for i, step := range []struct {
		outcome domain.Outcome
		left    int
		state   domain.State
	}{
		{noFace, 3, domain.Consented}, {failed, 2, domain.Consented}, {domain.Inconclusive(domain.FaceAPIDown), 2, domain.Consented},
		{failed, 1, domain.Consented}, {noFace, 1, domain.Consented}, {failed, 0, domain.Failed},
	} {
		if err := w.check(p, id, string(rune('a'+i)), step.outcome); err != nil {
			t.Fatal(err)
		}
		if s := p.sessions[id].session; left() != step.left || s.State != step.state || s.LastResult != step.outcome.Result || s.LastReason != step.outcome.Reason {
			t.Fatalf("step %d: %d left, %+v", i, left(), s)
		}
	}
	// It is not final: the alternative is open.
	if err := w.update(p, id, "", func(m *domain.Moment) error {
		return m.TakeAlternative(domain.AlternativeReport{Method: "id_card", Result: domain.Pass}, "key")
	}); err != nil || p.sessions[id].session.State != domain.Alternative {
		t.Errorf("%v", err)
	}
}

func TestD27ThereIsNoFieldForAScore(t *testing.T) {
	w, p, id := ready(t)
	if err := w.check(p, id, "a1", domain.Outcome{Result: domain.Pass, Liveness: true}); err != nil {
		t.Fatal(err)
	}
	r := p.chain[len(p.chain)-1]
	if r.Type != domain.CheckPassed || r.Liveness == nil || !*r.Liveness || r.Reason != "" {
		t.Errorf("%+v", r)
	}
	if s := p.sessions[id].session.Evidence; s.Outcome != r.ID || !s.OutcomeAt.Equal(r.At) || s.Consent != r.Consent || !s.Liveness || s.Capture != "stream" {
		t.Errorf("%+v", s)
	}
}

func TestTheEleventhUploadIsRefusedAndTheTenthIsNot(t *testing.T) {
	w, p, id := ready(t)
	for i := range 10 {
		if err := w.check(p, id, string(rune('a'+i)), noFace); err != nil {
			t.Fatalf("upload %d: %v", i+1, err)
		}
	}
	if _, _, err := w.reserve(p, id, aCheck("k")); reason(t, err) != domain.UploadsUsedUp {
		t.Error(err)
	}
	if s := p.sessions[id].session; s.State != domain.Consented || s.Fails != 0 {
		t.Errorf("%+v", s)
	}
}

func TestADeadFunctionLeavesUnknownWhichIsNoFail(t *testing.T) {
	w, p, id := ready(t)
	if _, _, err := w.reserve(p, id, aCheck("a1")); err != nil {
		t.Fatal(err)
	}
	w.clock = w.clock.Add(callTime + domain.Grace - time.Millisecond)
	_ = settle(w, p, id)
	if k := p.sessions[id]; k.attempts[0].Result != "" {
		t.Errorf("it is given up too early: %+v", k.attempts[0])
	}
	w.clock = w.clock.Add(time.Millisecond)
	_ = settle(w, p, id)
	k, r := p.sessions[id], p.chain[len(p.chain)-1]
	if k.attempts[0].Result != domain.Unknown || k.session.Fails != 0 || k.session.State != domain.Consented ||
		k.session.LastResult != domain.NotPerformed || k.session.LastReason != domain.OutcomeUnknown {
		t.Errorf("%+v %+v", k.attempts[0], k.session)
	}
	if r.Type != domain.CheckUnknown || r.Attempt != "a1" || r.Liveness != nil {
		t.Errorf("%+v", r)
	}
	// The answer comes after all: it is not taken.
	if err := w.conclude(p, id, "a1", passed); reason(t, err) != domain.OutcomeUnknown || p.sessions[id].session.State != domain.Consented {
		t.Errorf("too late: %v", err)
	}
	if err := w.conclude(p, id, "never started", passed); reason(t, err) != domain.OutcomeUnknown {
		t.Errorf("never started: %v", err)
	}
	if permit, _, err := w.reserve(p, id, aCheck("a2")); permit == nil {
		t.Errorf("the next attempt: %v", err)
	}
}

func TestAnOutcomeThatIsNoVerdictIsNotPerformed(t *testing.T) {
	for _, o := range []domain.Outcome{{}, {Result: "PASS"}, {Result: domain.Unknown}, {Result: domain.NotPerformed}, {Result: "maybe", Reason: domain.NoFace}} {
		w, p, id := ready(t)
		if err := w.check(p, id, "a1", o); err != nil {
			t.Fatal(err)
		}
		k, r := p.sessions[id], p.chain[len(p.chain)-1]
		if r.Type != domain.CheckNotPerformed || r.Reason == "" || k.attempts[0].Result != domain.NotPerformed ||
			k.session.State != domain.Consented || k.session.Fails != 0 {
			t.Errorf("%+v: %+v %+v", o, r, k.session)
		}
	}
}

func TestACheckThatWasSentInTimeCountsAlthoughItsGroundLapsedMeanwhile(t *testing.T) {
	late := func(w *world) error { w.clock = t0.Add(domain.DefaultTTL); return nil }
	for name, event := range map[string]func(*world) error{
		"material notice": materialNotice, "revocation": revokeAll, "the session's time": late,
		"the face service off": func(w *world) error {
			return w.instruct(func(c *domain.Charter) error { return c.SwitchFaceService(false, nil, "key") })
		},
	} {
		w, p, id := ready(t)
		w.clock = t0.Add(domain.DefaultTTL - time.Second)
		other, err := w.open(p, aRequest())
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := w.reserve(p, id, aCheck("a1")); err != nil {
			t.Fatal(err)
		}
		if err := event(w); err != nil {
			t.Fatal(err)
		}
		_ = settle(w, p, id)
		_ = settle(w, p, other) // it may write the lapse, and must not take the ground away
		_ = settle(w, p, id)
		if err := w.conclude(p, id, "a1", passed); err != nil || p.sessions[id].session.State != domain.Passed {
			t.Errorf("%s: %v, %s", name, err, p.sessions[id].session.State)
		}
	}
}

func TestD12WithdrawalDuringACheckIsProvenAndTheOutcomeDropped(t *testing.T) {
	w, p, id := ready(t)
	if _, _, err := w.reserve(p, id, aCheck("a1")); err != nil {
		t.Fatal(err)
	}
	if err := w.update(p, "", domain.Exam, func(m *domain.Moment) error { return m.Withdraw("receipt") }); err != nil {
		t.Fatal(err)
	}
	if err := w.conclude(p, id, "a1", passed); reason(t, err) != domain.ConsentWithdrawn {
		t.Error(err)
	}
	if s := p.sessions[id].session; s.State != domain.Withdrawn || s.Evidence.Outcome != "" {
		t.Errorf("%+v", s)
	}
	var types []domain.RecordType
	for _, r := range p.chain {
		types = append(types, r.Type)
	}
	want := []domain.RecordType{
		domain.NoticeShown, domain.ConsentGrantedType, domain.CheckStarted, domain.ConsentWithdrawnType, domain.CheckNotPerformed,
	}
	if !slices.Equal(types, want) || p.chain[len(p.chain)-1].Reason != domain.ConsentWithdrawn {
		t.Errorf("%v", types)
	}
	if _, again, err := w.reserve(p, id, aCheck("a1")); err != nil || again.Result != domain.NotPerformed || again.Reason != domain.ConsentWithdrawn {
		t.Errorf("the same attempt again: %+v, %v", again, err)
	}
}

// TestANoSaidElsewhereWhileACheckRunsDropsItsOutcome: the person's word counts, not
// the session that it was said in.
func TestANoSaidElsewhereWhileACheckRunsDropsItsOutcome(t *testing.T) {
	for name, tt := range map[string]struct {
		here, elsewhere []domain.ConsentState
		want            domain.Reason
		state           domain.State
	}{
		"refused elsewhere":              {nil, []domain.ConsentState{domain.Declined}, domain.ConsentRefused, domain.Refused},
		"refused here":                   {[]domain.ConsentState{domain.Declined}, nil, domain.ConsentRefused, domain.Refused},
		"refused and granted here":       {[]domain.ConsentState{domain.Declined, domain.Granted}, nil, domain.ConsentStale, domain.Consented},
		"refused and granted elsewhere":  {nil, []domain.ConsentState{domain.Declined, domain.Granted}, domain.ConsentStale, domain.Consented},
		"refused elsewhere, granted too": {[]domain.ConsentState{domain.Granted}, []domain.ConsentState{domain.Declined}, domain.ConsentStale, domain.Consented},
	} {
		for _, outcome := range []domain.Outcome{passed, failed} {
			w, p, id := ready(t)
			other, err := w.open(p, aRequest())
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := w.reserve(p, id, aCheck("a1")); err != nil {
				t.Fatal(err)
			}
			for _, d := range tt.elsewhere {
				if err := w.decide(p, other, d); err != nil {
					t.Fatal(err)
				}
			}
			for _, d := range tt.here {
				if err := w.decide(p, id, d); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.conclude(p, id, "a1", outcome); reason(t, err) != tt.want {
				t.Errorf("%s: %v", name, err)
			}
			s, r := p.sessions[id].session, p.chain[len(p.chain)-1]
			if s.State != tt.state || s.Fails != 0 || s.LastResult != domain.NotPerformed || s.Evidence.Outcome != "" {
				t.Errorf("%s: %+v", name, s)
			}
			if r.Type != domain.CheckNotPerformed || r.Reason != tt.want || r.Liveness != nil {
				t.Errorf("%s: the Record is %+v", name, r)
			}
		}
	}
}

// TestASessionThatWasOverBeforeTheNoStaysAsItEnded: what the person says later does
// not rewrite it.
func TestASessionThatWasOverBeforeTheNoStaysAsItEnded(t *testing.T) {
	for _, no := range []func(w *world, p *person, id domain.ID) error{
		func(w *world, p *person, id domain.ID) error { return w.decide(p, id, domain.Declined) },
		func(w *world, p *person, _ domain.ID) error {
			return w.update(p, "", domain.Exam, func(m *domain.Moment) error { return m.Withdraw("receipt") })
		},
	} {
		w, p, id := ready(t)
		w.clock = w.clock.Add(domain.DefaultTTL + time.Minute)
		later, err := w.open(p, aRequest())
		if err != nil {
			t.Fatal(err)
		}
		if err := no(w, p, later); err != nil {
			t.Fatal(err)
		}
		_ = settle(w, p, id)
		if s := p.sessions[id].session.State; s != domain.Expired {
			t.Errorf("it is %s", s)
		}
	}
}

func TestTheAlternativeWaitsForARunningCheck(t *testing.T) {
	w, p, id := ready(t)
	if _, _, err := w.reserve(p, id, aCheck("a1")); err != nil {
		t.Fatal(err)
	}
	err := w.update(p, id, "", func(m *domain.Moment) error {
		return m.TakeAlternative(domain.AlternativeReport{Method: "id_card", Result: domain.Pass}, "key")
	})
	var r *domain.Refusal
	if !errors.As(err, &r) || r.Reason != domain.CheckInProgress || r.RetryAfter <= 0 {
		t.Error(err)
	}
}
