package domain_test

import (
	"errors"
	"strings"
	"testing"

	"nod/shared/domain"
)

// named are the things that a refusal names, whatever its reason.
func named(err error) string {
	refusal, list := new(domain.Refusal), []string{}
	errors.As(err, &refusal)
	for _, f := range refusal.Fields {
		list = append(list, f.Field+"="+f.Code)
	}
	return strings.Join(list, " ")
}

// Whoever turns a purpose on learns at once everything that is missing.
func TestD05_D25_D26_D28_EverythingThatIsMissingIsNamedAtOnce(t *testing.T) {
	const nothing = "impact_assessment.date=missing impact_assessment.outcome=missing impact_assessment.ref=missing " +
		"impact_assessment.sha256=missing impact_assessment.valid_until=missing no_coercion_declared=missing " +
		"notice=missing stored_faces_declared=missing"
	for name, c := range map[string]struct {
		purpose domain.Purpose // for exams there is a notice in force
		by      func(*domain.PurposeSettings)
		reason  domain.Reason
		want    string
	}{
		"nothing but the wish": {domain.Training, func(s *domain.PurposeSettings) {
			*s = domain.PurposeSettings{Enabled: true, FalseAccept: domain.OneIn10000}
		}, domain.InvalidValue, nothing},
		"no notice":                    {domain.Training, func(*domain.PurposeSettings) {}, domain.NoNotice, "notice=missing"},
		"no declaration on coercion":   {domain.Exam, func(s *domain.PurposeSettings) { s.NoCoercionDeclared = false }, domain.InvalidValue, "no_coercion_declared=missing"},
		"no declaration on faces":      {domain.Exam, func(s *domain.PurposeSettings) { s.StoredFacesDeclared = nil }, domain.InvalidValue, "stored_faces_declared=missing"},
		"no stored faces, as declared": {domain.Exam, func(s *domain.PurposeSettings) { s.StoredFacesDeclared = new(0) }, "", ""},
		"a rejected assessment": {domain.Exam, func(s *domain.PurposeSettings) { s.ImpactAssessment.Outcome = "rejected" },
			domain.AssessmentMissing, "impact_assessment.outcome=not_allowed"},
		"one that is over, and no notice": {domain.Training, func(s *domain.PurposeSettings) { s.ImpactAssessment.ValidUntil = "2026-11-22" },
			domain.AssessmentMissing, "impact_assessment.valid_until=out_of_range notice=missing"},
		"all but the form": {domain.Training, func(s *domain.PurposeSettings) {
			s.ImpactAssessment.Outcome, s.NoCoercionDeclared, s.StoredFacesDeclared = "rejected", false, nil
		}, domain.InvalidValue, "impact_assessment.outcome=not_allowed no_coercion_declared=missing notice=missing stored_faces_declared=missing"},
		"a high risk that nobody was told of, and no declaration": {domain.Exam, func(s *domain.PurposeSettings) {
			s.ImpactAssessment.HighRisk, s.NoCoercionDeclared = true, false
		}, domain.InvalidValue, "impact_assessment.high_risk=not_in_notice no_coercion_declared=missing"},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := aScene()
			s := someSettings()
			c.by(&s)
			check := func(rule func(*domain.Charter) error) error { return w.instruct(rule) }
			err := check(func(ch *domain.Charter) error { return ch.CheckPurpose(c.purpose, s, false) })
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if got := named(err); got != c.want || reason(t, err) != c.reason {
				t.Errorf("%s: %s, want %s: %s", reason(t, err), got, c.reason, c.want)
			}
			// Nobody gets round it: the instruction refuses too, whatever was checked before.
			if err := check(func(ch *domain.Charter) error { return ch.SetPurpose(c.purpose, s, nil, hexOf("s"), "key") }); err == nil {
				t.Error("the purpose was turned on")
			}
			s.Enabled = false
			if err := check(func(ch *domain.Charter) error { return ch.SetPurpose(c.purpose, s, nil, hexOf("s"), "key") }); err != nil {
				t.Errorf("turning off: %v", err)
			}
		})
	}
}

// The audience counts too: a notice that is not in force yet, or not for this purpose,
// turns nothing on.
func TestD09_OnlyANoticeInForceTurnsAPurposeOn(t *testing.T) {
	w, _ := aScene()
	d := aDraft(w.delegations[0].ID)
	d.Purpose, d.EffectiveFrom = domain.Training, t0.AddDate(0, 0, 1)
	if err := w.publish(d); err != nil {
		t.Fatal(err)
	}
	on := func() error {
		return w.instruct(func(c *domain.Charter) error {
			return c.SetPurpose(domain.Training, someSettings(), nil, hexOf("s"), "key")
		})
	}
	if err := on(); reason(t, err) != domain.NoNotice || named(err) != "notice=missing" {
		t.Errorf("a day early: %v", err)
	}
	w.clock = t0.AddDate(0, 0, 1)
	if err := on(); err != nil {
		t.Errorf("in force: %v", err)
	}
}

func TestD26_StoredFacesAreAddedUp(t *testing.T) {
	s := domain.Settings{Purposes: map[domain.Purpose]domain.PurposeSettings{
		domain.Exam: {StoredFacesDeclared: new(60_000)}, domain.Training: {StoredFacesDeclared: new(39_999)}, domain.RealName: {},
	}}
	if got := s.StoredFaces(); got != 99_999 {
		t.Error(got)
	}
}
