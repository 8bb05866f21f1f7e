// Package permits makes Permits for tests the only way there is: by asking the gate
// about a moment in which everything is in place.
package permits

import (
	"cmp"
	"time"

	"nod/shared/domain"
)

// Want is what a test cares about; its zero value is a live check by photo with the
// default settings and ten seconds of time.
type Want struct {
	Session     domain.ID
	Route       domain.Route
	Mode        domain.Mode
	FalseAccept domain.FalseAccept
	Liveness    bool
	Took        time.Duration
}

// For returns a Permit.
func For(w Want) *domain.Permit {
	m := moment(w)
	took := w.Took
	if took == 0 {
		took = 10 * time.Second
	}
	c := domain.Check{
		Attempt: "a1", Capture: domain.FromStream, Took: took, Since: time.Now(), Inspect: func() error { return nil },
	}
	ask := m.Reserve
	if m.Session.Route == domain.Hosted {
		ask = func(c domain.Check) (p *domain.Permit, _ *domain.Attempt, err error) {
			p, _, err = m.Leave(c)
			return p, nil, err
		}
	}
	p, _, err := ask(c)
	if err != nil {
		panic(err)
	}
	return p
}

func moment(w Want) *domain.Moment {
	now := time.Date(2026, 11, 23, 1, 2, 3, 0, time.UTC)
	route := cmp.Or(w.Route, domain.Photo)
	routes := []domain.Route{route}
	return &domain.Moment{
		Now:        now,
		Enterprise: domain.Enterprise{ID: "enterprise", Profile: domain.Profile{Mode: cmp.Or(w.Mode, domain.Live)}},
		Settings: domain.Settings{FaceService: true, Purposes: map[domain.Purpose]domain.PurposeSettings{domain.Exam: {
			Enabled: true, FalseAccept: cmp.Or(w.FalseAccept, domain.OneIn10000),
			ImpactAssessment: domain.Assessment{Outcome: "acceptable", ValidUntil: "2027-01-01"},
		}}},
		Notice: &domain.Notice{
			Version: 1, MaterialSince: 1, Purpose: domain.Exam, Audience: domain.Adult,
			Facts: domain.Facts{Routes: routes, Liveness: w.Liveness},
		},
		Delegation: &domain.Delegation{Terms: domain.Terms{
			Purposes: []domain.Purpose{domain.Exam}, Routes: routes, ValidFrom: now.Add(-time.Hour), ValidUntil: now.Add(time.Hour),
		}},
		Session: &domain.Session{
			ID: cmp.Or(w.Session, "session"), Kind: domain.CheckKind, Purpose: domain.Exam, Route: route,
			AgeGroup: domain.GrownUp, State: domain.Consented, ExpiresAt: now.Add(time.Hour),
			NamedBy: domain.FromPlatform,
		},
		Consent: &domain.Consent{
			Purpose: domain.Exam, Audience: domain.Adult, By: domain.Self, State: domain.Granted, Routes: routes, Until: now.Add(time.Hour),
			Notice: domain.NoticeRef{Version: 1},
		},
		Mint: func() domain.ID { return "record" },
	}
}
