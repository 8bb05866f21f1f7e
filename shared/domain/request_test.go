package domain_test

import (
	"testing"
	"time"

	"nod/shared/domain"
)

func TestD24_ARequestIsOverdueAfterFifteenDays(t *testing.T) {
	at := time.Date(2026, 11, 23, 1, 2, 3, 0, time.UTC)
	due := at.Add(domain.AnswerWithin)
	if due != at.AddDate(0, 0, 15) {
		t.Errorf("the answer is due at %v", due)
	}
	r := domain.Request{OpenedAt: at, DueAt: due}
	for _, c := range []struct {
		now  time.Time
		late bool
	}{{at, false}, {due, false}, {due.Add(time.Millisecond), true}} {
		if r.Overdue(c.now) != c.late {
			t.Errorf("at %v: overdue %v", c.now, !c.late)
		}
	}
	r.Outcome, r.ResolvedAt = domain.RequestDone, due
	if r.Overdue(due.AddDate(1, 0, 0)) {
		t.Error("an answer in time became late")
	}
	r.ResolvedAt = due.Add(time.Second)
	if !r.Overdue(due) {
		t.Error("an answer that was late is not told as such")
	}
}

func TestD12_WhoMayTakeBackWhoseConsent(t *testing.T) {
	for _, c := range []struct {
		by, speaker domain.Giver
		group       domain.AgeGroup
		may         bool
	}{
		{domain.Self, domain.Self, domain.GrownUp, true},
		{domain.ByGuardian, domain.Self, domain.GrownUp, true}, // given when they were young
		{domain.Self, domain.Self, domain.Minor, true},
		{domain.ByGuardian, domain.Self, domain.Minor, false}, // their own suffices
		{domain.ByGuardian, domain.ByGuardian, domain.Minor, true},
		{domain.Self, domain.ByGuardian, domain.Minor, false},
		{domain.ByGuardian, domain.Self, domain.Child, true},
		{domain.ByGuardian, domain.ByGuardian, domain.Child, true},
	} {
		if got := domain.MayTakeBack(domain.Consent{By: c.by}, c.speaker, c.group); got != c.may {
			t.Errorf("%s of a %s, about what %s gave: %v", c.speaker, c.group, c.by, got)
		}
	}
}

func TestD21_WhatIsHeldIsKeptAsLongAsItsNoticeSays(t *testing.T) {
	at := time.Date(2026, 11, 23, 1, 2, 3, 0, time.UTC)
	day := 24 * time.Hour
	consent := domain.Consent{ID: "c", At: at, Until: at.Add(365 * day), State: domain.Granted, Notice: domain.NoticeRef{ID: "n"}}
	h := domain.Holdings{
		Charter: &domain.Charter{Now: at},
		Notices: map[domain.ID]domain.Notice{"n": {Facts: domain.Facts{RetentionDays: 2000}}},
	}
	of := func(c domain.Consent) time.Time {
		h.Consents = []domain.Consent{c}
		return h.Kept().Consents[c.ID]
	}
	if got := of(consent); got != at.Add(2365*day) {
		t.Errorf("while it stands, until %v", got)
	}
	ended := consent
	ended.State, ended.EndedAt = domain.TakenBack, at.Add(10*day)
	if got := of(ended); got != at.Add(2010*day) {
		t.Errorf("withdrawn, until %v", got)
	}
	h.Checks = []domain.CheckHeld{{Session: "s", Attempt: domain.Attempt{Consent: "c", Notice: consent.Notice, EndedAt: at.Add(11 * day)}}}
	if got := of(ended); got != at.Add(2011*day) {
		t.Errorf("with a check after it, until %v", got)
	}
	if got := h.Kept().Sessions["s"]; got != at.Add(2011*day) {
		t.Errorf("its session, until %v", got)
	}
	unknown := domain.Consent{ID: "u", At: at, State: domain.Declined}
	if got := of(unknown); got != at.Add(domain.LeastRetentionDays*day) {
		t.Errorf("without its notice, until %v", got)
	}
}

func TestACheckIsToldByItsOutcome(t *testing.T) {
	now := time.Date(2026, 11, 23, 1, 2, 3, 0, time.UTC)
	for _, c := range []struct {
		a    domain.Attempt
		want domain.Result
	}{
		{domain.Attempt{Result: domain.Pass}, domain.Pass},
		{domain.Attempt{Result: domain.Fail}, domain.Fail},
		{domain.Attempt{Result: domain.NotPerformed}, domain.NotPerformed},
		{domain.Attempt{Result: domain.Unknown}, domain.NotPerformed},
		{domain.Attempt{DeadlineAt: now}, ""},
		{domain.Attempt{Away: true}, ""},
		{domain.Attempt{DeadlineAt: now.Add(-domain.Grace)}, domain.NotPerformed},
	} {
		if got := (domain.CheckHeld{Attempt: c.a}).Outcome(now); got != c.want {
			t.Errorf("%+v is told as %q", c.a, got)
		}
	}
}
