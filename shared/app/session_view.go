package app

import (
	"time"

	"nod/shared/assertion"
	"nod/shared/domain"
	"nod/shared/ledger"
)

// view shows a settled session to the LMS, with an assertion once it is over.
func (i Integrator) view(m *domain.Moment) (SessionView, error) {
	s := m.Session
	subject, err := i.Vault.OpenSubject(m.Enterprise.ID, m.Subject.SealedID)
	if err != nil {
		return SessionView{}, err
	}
	v := SessionView{
		ID: s.ID, Kind: s.Kind, State: s.State, Result: result(s), Subject: subject,
		Purpose: s.Purpose, Route: s.Route, Resource: s.Resource, ClientRef: s.ClientRef,
		Mode: m.Enterprise.Profile.Mode, Consent: s.Evidence.Consent,
		AgeGroup: s.AgeGroup, GuardianConsent: s.Evidence.GuardianConsent, Awaiting: m.Awaiting(),
		CreatedAt: s.CreatedAt, ExpiresAt: s.ExpiresAt, Alternative: s.Evidence.Alternative,
	}
	if s.Evidence.Notice.ID != "" {
		v.Notice, v.Delegation = &s.Evidence.Notice, &s.Evidence.Delegation
	}
	if s.Kind == domain.CheckKind && s.State.Terminal() {
		v.Assertion, err = i.assert(m, v)
	}
	return v, err
}

// result is what the LMS learns: pass, fail or not_performed, and nothing while the
// session can still come out otherwise. A person who used the alternative after
// three fails failed the check; whoever used it before did not have one.
func result(s *domain.Session) domain.Result {
	switch {
	case s.Kind != domain.CheckKind || !s.State.Terminal():
		return ""
	case s.State == domain.Passed:
		return domain.Pass
	case s.State == domain.Failed, s.State == domain.Alternative && s.Fails >= domain.MaxFails:
		return domain.Fail
	}
	return domain.NotPerformed
}

func (i Integrator) assert(m *domain.Moment, v SessionView) (string, error) {
	s, e := m.Session, m.Session.Evidence
	c := assertion.Claims{
		Issuer: i.PublicURL, Audience: m.Enterprise.ID, Subject: v.Subject, ID: i.NewID(),
		IssuedAt: m.Now.Unix(), Expires: m.Now.Add(assertion.Lifetime).Unix(),
		Session: s.ID, State: s.State, Resource: s.Resource, Purpose: s.Purpose, Route: s.Route,
		Capture: e.Capture, Liveness: e.Liveness, Identity: e.Identity, Mode: v.Mode, Result: v.Result,
		Nonce: s.Nonce, Notice: v.Notice, Delegation: v.Delegation, Consent: v.Consent, Alternative: v.Alternative,
		Checkpoint: m.Checkpoint,
	}
	if !e.OutcomeAt.IsZero() {
		c.CheckedAt = ledger.Instant(e.OutcomeAt.Truncate(time.Millisecond))
	}
	return i.Signer.Sign(c)
}
