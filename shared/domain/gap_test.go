package domain_test

import (
	"testing"
	"time"

	"nod/shared/domain"
)

// Consents lapse while no delegation is in force, for whoever is met in that time.
// So that nobody else's survives by chance, the notice after the gap asks everyone.
func TestANoticePublishedAheadBecomesMaterialWhenTheDelegationBeforeItIsRevoked(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	notice := func(version int, p domain.Purpose, d domain.ID, from time.Time) domain.Notice {
		return domain.Notice{Version: version, Purpose: p, Audience: domain.Adult, MaterialSince: 1,
			Delegation: domain.DelegationRef{ID: d}, EffectiveFrom: from}
	}
	c := domain.Charter{
		Now: now, Mint: func() domain.ID { return "id" },
		Delegations: []domain.Delegation{{ID: "old"}, {ID: "new"}},
		Notices: []domain.Notice{
			notice(3, domain.Exam, "new", now.AddDate(0, 0, 9)),
			notice(2, domain.Exam, "new", now.AddDate(0, 0, 7)),
			notice(1, domain.Exam, "old", now.AddDate(0, 0, -7)),
			notice(1, domain.Training, "new", now.AddDate(0, 0, -7)),
		},
	}
	if _, err := c.RevokeDelegation("old", "admin"); err != nil {
		t.Fatal(err)
	}
	if n := c.Notices; !n[1].Material || n[1].MaterialSince != 2 || n[0].Material || n[0].MaterialSince != 2 ||
		n[2].MaterialSince != 1 || n[3].MaterialSince != 1 || len(c.Raised) != 2 {
		t.Errorf("raised %d of %+v", len(c.Raised), n)
	}
	if len(c.Notices[1].Changes) != 1 || c.Notices[1].Changes[0].Field != "delegation_gap" {
		t.Errorf("the person is not told: %+v", c.Notices[1].Changes)
	}
}
