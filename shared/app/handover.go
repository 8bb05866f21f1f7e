package app

import (
	"context"
	"time"

	"nod/shared/domain"
	"nod/shared/vault"
)

// Handover is the address that another device of the person's goes on at. It can be
// opened once, until ExpiresAt.
type Handover struct {
	PageURL   string    `json:"page_url"`
	ExpiresAt time.Time `json:"expires_at"`
}

// HandOver makes the address. Once it is opened, the token that asked only reads.
func (l Learner) HandOver(ctx context.Context, token *Credential) (h Handover, err error) {
	secret := vault.NewSecret()
	_, err = l.asLearner(ctx, token, By{}, nil, func(m *domain.Moment) error {
		if err := m.HandOver(vault.Hash(secret)); err != nil {
			return err
		}
		_, h.PageURL = pageURL(l.PublicURL, m, secret)
		h.ExpiresAt = m.Session.HandoverUntil
		return nil
	})
	return h, err
}

// Extended is how much time the session has now.
type Extended struct {
	ExpiresAt time.Time `json:"expires_at"`
}

// Extend gives the person more time.
func (l Learner) Extend(ctx context.Context, token *Credential) (v Extended, err error) {
	_, err = l.asLearner(ctx, token, By{}, nil, func(m *domain.Moment) error {
		err := m.Extend()
		v.ExpiresAt = m.Session.ExpiresAt
		return err
	})
	return v, err
}

// pageURL is where a code opens its session, with the code itself. It stands in the
// fragment, which browsers send to nobody.
func pageURL(public string, m *domain.Moment, secret string) (code, url string) {
	b := domain.Bearer{Kind: domain.SessionCode, Enterprise: m.Enterprise.ID, Thing: m.Session.ID, Secret: secret}
	return b.String(), public + "/s/" + string(m.Enterprise.ID) + "#t=" + b.String()
}
