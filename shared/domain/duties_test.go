package domain_test

import (
	"slices"
	"testing"
	"time"

	"nod/shared/domain"
)

func TestD01NothingHappensUntilAnAdministratorTurnedThePurposeOn(t *testing.T) {
	w, p := aScene()
	r := aRequest()
	r.Purpose = domain.Training
	if _, err := w.open(p, r); reason(t, err) != domain.PurposeOff {
		t.Error(err)
	}
}

func TestD04WithinFortyEightHoursOfANoOnlyThePersonAsksAgain(t *testing.T) {
	for name, no := range map[string]func(*world, *person, domain.ID) error{
		"refusal": func(w *world, p *person, id domain.ID) error { return w.decide(p, id, domain.Declined) },
		"withdrawal": func(w *world, p *person, id domain.ID) error {
			if err := w.decide(p, id, domain.Granted); err != nil {
				return err
			}
			return w.update(p, id, "", func(m *domain.Moment) error { return m.Withdraw("session") })
		},
	} {
		for _, c := range []struct {
			after time.Duration
			want  domain.State
		}{
			{0, domain.Refused}, {48*time.Hour - time.Millisecond, domain.Refused}, {48 * time.Hour, domain.Open},
		} {
			w, p, id := inState(t, domain.Open)
			if err := no(w, p, id); err != nil {
				t.Fatal(err)
			}
			w.clock = w.clock.Add(c.after)
			next, err := w.open(p, aRequest())
			if err != nil {
				t.Fatal(err)
			}
			if got := p.sessions[next].session.State; got != c.want {
				t.Errorf("%v after a %s a session starts %s, want %s", c.after, name, got, c.want)
			}
			m := w.moment(p, next, "")
			if waits := !m.AskAgainAt().IsZero(); waits != (c.want == domain.Refused) {
				t.Errorf("%v after a %s: ask again at %v", c.after, name, m.AskAgainAt())
			}
			// The person may ask again at any time.
			if err := w.decide(p, next, domain.Granted); err != nil {
				t.Errorf("%v after a %s: %v", c.after, name, err)
			}
		}
	}
}

func TestD04ARefusalBlocksNoOtherPurpose(t *testing.T) {
	w, p, _ := inState(t, domain.Refused)
	d := aDraft(w.delegations[0].ID)
	d.Purpose = domain.Training
	if err := w.publish(d); err != nil {
		t.Fatal(err)
	}
	if err := w.instruct(func(c *domain.Charter) error {
		return c.SetPurpose(domain.Training, someSettings(), nil, hexOf("s"), "key")
	}); err != nil {
		t.Fatal(err)
	}
	r := aRequest()
	r.Purpose = domain.Training
	id, err := w.open(p, r)
	if err != nil || p.sessions[id].session.State != domain.Open {
		t.Errorf("%v, %+v", err, p.sessions[id])
	}
}

func TestD05ANoticeWithoutAnAlternativeIsRefusedAndWithoutANoticeNothingIsTurnedOn(t *testing.T) {
	w, _ := aScene()
	d := aDraft(w.delegations[0].ID)
	c := d.Contents[domain.English]
	c.Alternative = " "
	d.Contents[domain.English] = c
	if got := faultsOf(d.Validate()); !slices.Equal(got, []string{"contents.en.alternative=missing"}) {
		t.Errorf("%v", got)
	}
	err := w.instruct(func(c *domain.Charter) error {
		return c.SetPurpose(domain.Training, someSettings(), nil, hexOf("s"), "key")
	})
	if reason(t, err) != domain.NoNotice {
		t.Error(err)
	}
}

func TestD05TheAlternativeIsOpenFromEveryStateButPassedAndServiceDown(t *testing.T) {
	for _, s := range states {
		w, p, id := inState(t, s)
		// Whatever is off, the alternative stays.
		_ = w.instruct(func(c *domain.Charter) error { return c.SwitchFaceService(false, nil, "key") })
		_ = revokeAll(w)
		_ = w.instruct(func(c *domain.Charter) error { c.Close("key"); return nil })
		err := w.update(p, id, "", func(m *domain.Moment) error {
			return m.TakeAlternative(domain.AlternativeReport{Method: "id_card_at_desk", Result: domain.Fail}, "key-1")
		})
		if (err == nil) != (s != domain.Passed && s != domain.Alternative) {
			t.Errorf("%s: %v", s, err)
		}
		if err != nil {
			continue
		}
		r := p.chain[len(p.chain)-1]
		if r.Type != domain.CheckAlternative || r.Method != "id_card_at_desk" || r.Result != domain.Fail || r.Actor != "key-1" ||
			r.Session != id || r.NoticeInForce == nil || r.Delegation == nil {
			t.Errorf("%s: %+v", s, r)
		}
	}
}

func TestD06NoCheckWithoutADelegationInForce(t *testing.T) {
	w, p, id := ready(t)
	if err := revokeAll(w); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.reserve(p, id, aCheck("a1")); reason(t, err) != domain.DelegationEnded {
		t.Error(err)
	}
	if _, err := w.open(p, aRequest()); reason(t, err) != domain.DelegationEnded {
		t.Error(err)
	}
	if err := w.decide(p, id, domain.Granted); reason(t, err) != domain.DelegationEnded {
		t.Error(err)
	}
}

func TestD06ARevokedDelegationStaysRevokedWhenTheClockIsSetBack(t *testing.T) {
	w, p, id := ready(t)
	w.clock = w.clock.Add(time.Minute)
	_ = revokeAll(w)
	w.clock = w.clock.Add(-30 * time.Second)
	if permit, _, err := w.reserve(p, id, aCheck("a1")); permit != nil {
		t.Errorf("a permit: %v", err)
	}
}

// All that a person's chain holds names what they were told and under which
// delegation.
func TestD07EveryConsentAndEveryCheckNamesItsNoticeAndItsDelegation(t *testing.T) {
	w, p, id := inState(t, domain.Open)
	for i, o := range []domain.Outcome{noFace, failed} {
		if i == 0 {
			if err := w.decide(p, id, domain.Declined); err != nil {
				t.Fatal(err)
			}
			if err := w.decide(p, id, domain.Granted); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.check(p, id, string(rune('a'+i)), o); err != nil {
			t.Fatal(err)
		}
	}
	told := w.notices[0] // and then it changes, not materially: what was consented to is no longer what is in force
	d := aDraft(w.delegations[0].ID)
	d.Facts.ConsentDays = 30
	if err := w.publish(d); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.reserve(p, id, aCheck("dies")); err != nil {
		t.Fatal(err)
	}
	w.clock = w.clock.Add(time.Minute)
	if err := w.check(p, id, "passes", passed); err != nil {
		t.Fatal(err)
	}
	if err := w.update(p, "", domain.Exam, func(m *domain.Moment) error { return m.Withdraw("receipt") }); err != nil {
		t.Fatal(err)
	}
	now := w.notices[0]
	seen := map[domain.RecordType]bool{}
	var consent domain.ID
	for _, r := range p.chain {
		seen[r.Type] = true
		if r.Notice == nil || *r.Notice != told.Ref(domain.Chinese) || r.Delegation == nil || *r.Delegation != w.delegations[0].Ref() {
			t.Errorf("%s: notice %v, delegation %v", r.Type, r.Notice, r.Delegation)
		}
		if r.Type == domain.ConsentGrantedType {
			consent = r.ID
		}
		inForce := told
		if r.Attempt == "dies" || r.Attempt == "passes" {
			inForce = now
		}
		if r.Attempt != "" && (r.Consent != consent || *r.NoticeInForce != inForce.RefAny()) {
			t.Errorf("%s of %s: consent %s, in force %v", r.Type, r.Attempt, r.Consent, r.NoticeInForce)
		}
	}
	for _, want := range []domain.RecordType{
		domain.NoticeShown, domain.ConsentRefusedType, domain.ConsentGrantedType, domain.CheckStarted, domain.CheckNotPerformed,
		domain.CheckFailed, domain.CheckUnknown, domain.CheckPassed, domain.ConsentWithdrawnType,
	} {
		if !seen[want] {
			t.Errorf("no %s", want)
		}
	}
}

func TestD07ALapseNamesTheNoticeConsentedToAndTheOneInForce(t *testing.T) {
	w, p, id := ready(t)
	told := w.notices[0].Ref(domain.Chinese)
	if err := materialNotice(w); err != nil {
		t.Fatal(err)
	}
	_ = settle(w, p, id)
	r := p.chain[len(p.chain)-1]
	if r.Type != domain.ConsentLapsedType || r.Cause != string(domain.NoticeMoved) || *r.Notice != told ||
		*r.NoticeInForce != w.notices[0].RefAny() || r.Consent != p.consents[domain.Exam][0].ID || r.By != "self" {
		t.Errorf("%+v", r)
	}
}

func TestD07WhatWasShownIsRecordedOncePerSessionVersionAndLanguage(t *testing.T) {
	w, p, id := inState(t, domain.Open)
	show := func(l domain.Locale) int {
		before := len(p.chain)
		_ = w.update(p, id, "", func(m *domain.Moment) error { m.Show(l); return nil })
		return len(p.chain) - before
	}
	if n := show(domain.Chinese); n != 1 {
		t.Errorf("the first time: %d records", n)
	}
	r := p.chain[0]
	if r.Type != domain.NoticeShown || *r.Notice != w.notices[0].Ref(domain.Chinese) || *r.Delegation != w.delegations[0].Ref() || r.Session != id {
		t.Errorf("%+v", r)
	}
	if n := show(domain.Chinese); n != 0 {
		t.Errorf("again: %d records", n)
	}
	if n := show(domain.English); n != 1 {
		t.Errorf("in another language: %d records", n)
	}
	if n := show(domain.Chinese) + show("fr"); n != 0 { // what it is not written in is shown in Chinese
		t.Errorf("in the first language again: %d records", n)
	}
	if err := materialNotice(w); err != nil {
		t.Fatal(err)
	}
	if n := show(domain.Chinese); n != 1 {
		t.Errorf("a new version: %d records", n)
	}
	for _, s := range []domain.State{domain.Consented, domain.Passed, domain.Cancelled, domain.Expired} {
		p.sessions[id].session.State, p.sessions[id].session.Shown = s, domain.Shown{}
		if n := show(domain.English); n != 0 {
			t.Errorf("when %s: %d records", s, n)
		}
	}
}

func TestD11AMaterialChangeMakesAnEarlierConsentStaleAndAnotherDoesNot(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*domain.NoticeDraft)
		stale  bool
	}{
		"contact":        {func(d *domain.NoticeDraft) { d.Facts.Contact = both("another") }, true},
		"a shorter term": {func(d *domain.NoticeDraft) { d.Facts.ConsentDays = 30 }, false},
		"raised":         {func(d *domain.NoticeDraft) { d.Material = true }, true},
	} {
		w, p, id := ready(t)
		d := aDraft(w.delegations[0].ID)
		c.change(&d)
		if err := w.publish(d); err != nil {
			t.Fatal(err)
		}
		permit, _, err := w.reserve(p, id, aCheck("a1"))
		if c.stale {
			if permit != nil || reason(t, err) != domain.ConsentStale || p.sessions[id].session.State != domain.Open {
				t.Errorf("%s: %v, %v", name, permit, err)
			}
			if err := w.decide(p, id, domain.Granted); err != nil {
				t.Errorf("%s: asked again: %v", name, err)
			}
		} else if permit == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestD11AnAdministratorRaisesAChangeAndNeverLowersIt(t *testing.T) {
	w, _ := aScene()
	d := aDraft(w.delegations[0].ID)
	d.Facts.Rights, d.Material = both("other rights"), false
	if err := w.publish(d); err != nil || !w.notices[0].Material {
		t.Errorf("lowered: %v %v", err, w.notices[0].Changes)
	}
	d.Material = true
	if err := w.publish(d); err != nil || !w.notices[0].Material || w.notices[0].MaterialSince != 3 {
		t.Errorf("raised: %v %+v", err, w.notices[0])
	}
}

func TestD12AWithdrawalWorksWhateverElseIsOff(t *testing.T) {
	w, p, id := ready(t)
	_ = w.instruct(func(c *domain.Charter) error { return c.SwitchFaceService(false, nil, "key") })
	_ = w.instruct(func(c *domain.Charter) error { c.Close("key"); return nil })
	w.clock = w.clock.Add(time.Hour)
	err := w.update(p, "", domain.Exam, func(m *domain.Moment) error { return m.Withdraw("receipt") })
	if err != nil {
		t.Fatal(err)
	}
	r := p.chain[len(p.chain)-1]
	if r.Type != domain.ConsentWithdrawnType || r.Via != "receipt" || r.SubjectCommitment != aProof.Commitment || r.Session != "" {
		t.Errorf("%+v", r)
	}
	_ = settle(w, p, id)
	if p.sessions[id].session.State != domain.Expired { // it had been over for long
		t.Errorf("%s", p.sessions[id].session.State)
	}
}

func TestD20TheFaceServiceIsSwitchedOffAtOnce(t *testing.T) {
	w, p, id := ready(t)
	if err := w.instruct(func(c *domain.Charter) error { return c.SwitchFaceService(false, nil, "key") }); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.reserve(p, id, aCheck("a1")); reason(t, err) != domain.FaceServiceOff {
		t.Error(err)
	}
	if err := w.instruct(func(c *domain.Charter) error { return c.SwitchFaceService(true, nil, "key") }); err != nil {
		t.Fatal(err)
	}
	if permit, _, err := w.reserve(p, id, aCheck("a1")); permit == nil {
		t.Errorf("on again: %v", err)
	}
}

func TestD25NoPurposeIsOnWithoutAnAcceptableAssessment(t *testing.T) {
	for name, c := range map[string]struct {
		break_ func(*domain.Assessment)
		want   domain.Reason
	}{
		"rejected": {func(a *domain.Assessment) { a.Outcome = "rejected" }, domain.AssessmentMissing},
		"over":     {func(a *domain.Assessment) { a.ValidUntil = "2026-11-22" }, domain.AssessmentMissing},
		"none":     {func(a *domain.Assessment) { *a = domain.Assessment{} }, domain.AssessmentMissing},
		"a high risk that the notice does not tell": {func(a *domain.Assessment) { a.HighRisk = true }, domain.InvalidValue},
	} {
		w, _ := aScene()
		s := someSettings()
		c.break_(&s.ImpactAssessment)
		err := w.instruct(func(ch *domain.Charter) error { return ch.SetPurpose(domain.Exam, s, nil, hexOf("s"), "key") })
		if reason(t, err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
		s.Enabled = false
		if err := w.instruct(func(ch *domain.Charter) error { return ch.SetPurpose(domain.Exam, s, nil, hexOf("s"), "key") }); err != nil {
			t.Errorf("%s, turning off: %v", name, err)
		}
	}
}

func TestD25AHighRiskThatWasFoundIsToldBeforeThePurposeIsOn(t *testing.T) {
	w, p, id := ready(t)
	s := someSettings()
	s.Enabled, s.ImpactAssessment.HighRisk = false, true
	set := func() error {
		return w.instruct(func(c *domain.Charter) error { return c.SetPurpose(domain.Exam, s, nil, hexOf("s"), "key") })
	}
	if err := set(); err != nil {
		t.Fatal(err)
	}
	if err := w.publish(aDraft(w.delegations[0].ID)); err != nil {
		t.Fatal(err)
	}
	n := w.notices[0]
	if !n.Facts.HighRisk || !n.Material || !slices.Contains(n.Changes, domain.Change{Field: "high_risk", Material: true}) {
		t.Errorf("%+v", n)
	}
	s.Enabled = true
	if err := set(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.reserve(p, id, aCheck("a1")); reason(t, err) != domain.ConsentStale {
		t.Errorf("the person is asked again: %v", err)
	}
}

func TestD25TheLastDayOfAnAssessmentCountsWholeInMainlandTime(t *testing.T) {
	a := someSettings().ImpactAssessment
	a.ValidUntil = "2026-11-23"
	end := time.Date(2026, 11, 23, 16, 0, 0, 0, time.UTC)
	if !a.Acceptable(end.Add(-time.Millisecond)) || a.Acceptable(end) {
		t.Error("it does not end with the day in Beijing")
	}
}

func TestD28NoPurposeIsOnWithoutTheDeclarationThatNobodyIsCoerced(t *testing.T) {
	s := someSettings()
	s.NoCoercionDeclared = false
	if got := faultsOf(s.Validate(t0, false)); !slices.Equal(got, []string{"no_coercion_declared=missing"}) {
		t.Errorf("%v", got)
	}
	s.Enabled = false
	if err := s.Validate(t0, false); err != nil {
		t.Errorf("off: %v", err)
	}
	d := aDraft("d")
	d.Facts.Necessity = nil
	if got := faultsOf(d.Validate()); !slices.Equal(got, []string{"facts.necessity.en=missing", "facts.necessity.zh-CN=missing"}) {
		t.Errorf("the necessity: %v", got)
	}
}
