package app

import (
	"context"
	"time"

	"nod/shared/assertion"
	"nod/shared/domain"
	"nod/shared/vault"
)

// Integrator is what the LMS's server does: it opens, reads and ends sessions of
// its own enterprise.
type Integrator struct {
	Tenant    func(domain.ID) Sessions
	Vault     Vault
	Signer    *assertion.Signer
	NewID     func() domain.ID
	PublicURL string
	Loopback  bool // Nod runs on this machine: plain http to it is allowed
}

// SessionOpened is the answer to opening a session or asking for a new code. The
// code is single-use; the page URL carries it in its fragment.
type SessionOpened struct {
	ID        domain.ID    `json:"id"`
	State     domain.State `json:"state"`
	PageURL   string       `json:"page_url"`
	Code      string       `json:"code"`
	ExpiresAt time.Time    `json:"expires_at"`
}

// OpenSession opens a session for a subject.
func (i Integrator) OpenSession(ctx context.Context, call Call, r domain.SessionRequest) (v SessionOpened, err error) {
	enterprise := call.Key.Enterprise
	opening, err := i.opening(enterprise, r)
	if err != nil {
		return v, err
	}
	id, code := i.NewID(), vault.NewSecret()
	defer r.Reference.Wipe()
	if r.Reference != nil {
		r.Reference.Identity.Normalise()
	}
	secret, key, err := i.sealed(id, r)
	if err != nil {
		return v, err
	}
	_, err = once(call, i.Vault, &v, func(once *Once) error {
		_, err := i.Tenant(enterprise).Update(ctx, By{Opening: opening}, once, func(m *domain.Moment) error {
			if err := r.Validate(m.Enterprise.Profile, i.Loopback); err != nil {
				return err
			}
			if err := m.NewSession(r, id, vault.Hash(code)); err != nil {
				return err
			}
			m.Session.Secret, m.Session.SecretKey = secret, key
			v = i.opened(m, code)
			return nil
		})
		return err
	})
	return v, err
}

// sealed encrypts what the person is compared with. On the route hosted there may be
// nothing yet, and what comes later needs the session's key too.
func (i Integrator) sealed(id domain.ID, r domain.SessionRequest) (secret, key []byte, err error) {
	switch {
	case r.Reference != nil:
		return i.Vault.SealReference(id, *r.Reference)
	case r.Kind == domain.CheckKind && r.Route == domain.Hosted:
		return i.Vault.SealReference(id, domain.Reference{})
	}
	return nil, nil, nil
}

func (i Integrator) opening(enterprise domain.ID, r domain.SessionRequest) (*Opening, error) {
	sealed, err := i.Vault.SealSubject(enterprise, r.Subject)
	return &Opening{
		Lookup: i.Vault.Lookup(enterprise, r.Subject), Pseudonym: vault.NewPseudonym(), SealedID: sealed,
		Purpose: r.Purpose, AgeGroup: r.AgeGroup,
	}, err
}

func (i Integrator) opened(m *domain.Moment, secret string) SessionOpened {
	code, url := pageURL(i.PublicURL, m, secret)
	return SessionOpened{ID: m.Session.ID, State: m.Session.State, Code: code, PageURL: url, ExpiresAt: m.Session.ExpiresAt}
}

// NewCode gives the person of a session a new code, or their guardian one for a device
// of their own; the tokens that were out for the same one end.
func (i Integrator) NewCode(ctx context.Context, call Call, id domain.ID, whom domain.Giver) (v SessionOpened, err error) {
	recode := (*domain.Moment).Recode
	if whom == domain.ByGuardian {
		recode = (*domain.Moment).RecodeGuardian
	}
	code := vault.NewSecret()
	_, err = once(call, i.Vault, &v, func(once *Once) error {
		return i.update(ctx, call, id, once, func(m *domain.Moment) error {
			err := recode(m, vault.Hash(code))
			v = i.opened(m, code)
			return err
		})
	})
	return v, err
}

// SessionView is a session as the LMS sees it.
type SessionView struct {
	ID        domain.ID       `json:"id"`
	Kind      domain.Kind     `json:"kind"`
	State     domain.State    `json:"state"`
	Result    domain.Result   `json:"result,omitempty"`
	Subject   string          `json:"subject"`
	Purpose   domain.Purpose  `json:"purpose,omitempty"`
	Route     domain.Route    `json:"route,omitempty"`
	Resource  string          `json:"resource,omitempty"`
	ClientRef string          `json:"client_ref"`
	Mode      domain.Mode     `json:"mode"`
	AgeGroup  domain.AgeGroup `json:"age_group"`
	Consent   domain.ID       `json:"consent,omitempty"`
	// GuardianConsent is the guardian's of a minor; a child's is Consent.
	GuardianConsent domain.ID `json:"guardian_consent,omitempty"`
	// Awaiting is whose grant the session still waits for.
	Awaiting   []domain.Giver        `json:"awaiting"`
	Notice     *domain.NoticeRef     `json:"notice,omitempty"`
	Delegation *domain.DelegationRef `json:"delegation,omitempty"`
	Assertion  string                `json:"assertion,omitempty"`
	// Alternative is how the LMS reported that the person was recognised otherwise.
	Alternative *domain.AlternativeReport `json:"alternative,omitempty"`

	CreatedAt time.Time `json:"created_at"`
	ExpiresAt time.Time `json:"expires_at"`
}

// Session reads one session; what the clock did to it meanwhile is written down.
func (i Integrator) Session(ctx context.Context, call Call, id domain.ID) (v SessionView, err error) {
	m, err := i.settled(ctx, call.Key.Enterprise, id)
	if err != nil {
		return v, err
	}
	return i.view(m)
}

func (i Integrator) settled(ctx context.Context, enterprise, id domain.ID) (*domain.Moment, error) {
	m, err := i.Tenant(enterprise).Moment(ctx, By{Session: id, Log: true})
	if err != nil {
		return nil, err
	}
	if m.Concealed() {
		return nil, domain.Refuse(domain.NoSuchThing)
	}
	if m.Settle(); !m.Dirty() {
		return m, nil
	}
	_, err = i.Tenant(enterprise).Update(ctx, By{Session: id, Log: true}, nil, func(now *domain.Moment) error {
		now.Settle()
		m = now
		return nil
	})
	return m, err
}

// Sessions lists sessions, oldest first, of a subject or a resource if given.
func (i Integrator) Sessions(ctx context.Context, call Call, subject, resource string, page Page) (List[SessionView], error) {
	f := SessionFilter{Resource: resource, After: page.After, Limit: page.fetch()}
	if subject != "" {
		f.Lookup = i.Vault.Lookup(call.Key.Enterprise, subject)
	}
	ids, err := i.Tenant(call.Key.Enterprise).Sessions(ctx, f)
	if err != nil {
		return List[SessionView]{}, err
	}
	same := func(id domain.ID) domain.ID { return id }
	cut := paged(ids, page, same, same)
	out := List[SessionView]{Cursor: cut.Cursor, Items: make([]SessionView, 0, len(cut.Items))}
	for _, id := range cut.Items {
		v, err := i.Session(ctx, call, id)
		if err != nil {
			return out, err
		}
		out.Items = append(out.Items, v)
	}
	return out, nil
}

// Cancel ends a session.
func (i Integrator) Cancel(ctx context.Context, call Call, id domain.ID) (SessionView, error) {
	return i.change(ctx, call, id, (*domain.Moment).Cancel)
}

// Alternative records that the person was recognised by other means.
func (i Integrator) Alternative(ctx context.Context, call Call, id domain.ID, a domain.AlternativeReport) (SessionView, error) {
	if err := a.Validate(); err != nil {
		return SessionView{}, err
	}
	return i.change(ctx, call, id, func(m *domain.Moment) error { return m.TakeAlternative(a, call.Key.ID) })
}

// change applies a rule to a session and answers with the session as it is then.
func (i Integrator) change(ctx context.Context, call Call, id domain.ID, rule func(*domain.Moment) error) (v SessionView, err error) {
	_, err = once(call, i.Vault, &v, func(once *Once) error {
		return i.update(ctx, call, id, once, func(m *domain.Moment) error {
			if err := rule(m); err != nil {
				return err
			}
			v, err = i.view(m)
			return err
		})
	})
	return v, err
}

func (i Integrator) update(ctx context.Context, call Call, id domain.ID, once *Once, apply func(*domain.Moment) error) error {
	_, err := i.Tenant(call.Key.Enterprise).Update(ctx, By{Session: id, Log: true}, once, func(m *domain.Moment) error {
		if m.Concealed() {
			return domain.Refuse(domain.NoSuchThing)
		}
		return apply(m)
	})
	return err
}
