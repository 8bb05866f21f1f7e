package scripted_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"nod/shared/domain"
	"nod/shared/face/scripted"
	"nod/tests/permits"
)

func compare(a scripted.API, script string, took time.Duration) domain.Outcome {
	p := permits.For(permits.Want{Mode: domain.Test, Took: took})
	return a.Compare(context.Background(), p, domain.Comparison{Script: script})
}

func TestTheEndOfTheSubjectsIDChoosesTheOutcome(t *testing.T) {
	pass, fail := domain.Outcome{Result: domain.Pass}, domain.Outcome{Result: domain.Fail}
	for script, want := range map[string]domain.Outcome{
		"emp-1-pass": pass, "emp-1-fail": fail, "emp-1-noface": domain.Inconclusive(domain.NoFace),
		"emp-1-down": domain.Inconclusive(domain.FaceAPIDown), "-fail": fail, "a-pass-fail": fail, "a-fail-pass": pass,
		"emp-1029": pass, "fail": pass, "xfail": pass, "": pass, "emp-failing": pass, "emp-FAIL": pass, "emp-fail-": pass,
	} {
		if got := compare(scripted.API{}, script, 0); got != want {
			t.Errorf("%q: %+v, want %+v", script, got, want)
		}
	}
}

func TestTheSlowOnePassesLateAndNotAfterItsDeadline(t *testing.T) {
	for delay, want := range map[time.Duration]domain.Outcome{
		4 * time.Second: {Result: domain.Pass}, 6 * time.Second: domain.Inconclusive(domain.FaceAPISlow),
	} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			got := compare(scripted.API{Delay: delay}, "emp-slow", 5*time.Second)
			if got != want || time.Since(start) != min(delay, 5*time.Second) {
				t.Errorf("%v: %+v after %v", delay, got, time.Since(start))
			}
		})
	}
}

func TestAPermitIsSpent(t *testing.T) {
	p := permits.For(permits.Want{Mode: domain.Test})
	a := scripted.API{}
	if got := a.Compare(t.Context(), p, domain.Comparison{}); got.Result != domain.Pass {
		t.Errorf("%+v", got)
	}
	for name, p := range map[string]*domain.Permit{"used": p, "not made by the gate": {}} {
		if got := a.Compare(t.Context(), p, domain.Comparison{}); got != domain.Inconclusive(domain.PermitForbidden) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
