package linear

import (
	"context"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/ledger"
	"nod/tests/postgres"
)

// tampered is an enterprise whose gate is broken: what it reads about a check is changed
// before the rules see it.
type tampered struct {
	app.Moments
	before func(ctx context.Context, from app.Moments, by app.By) // the transaction
	gate   func(*domain.Moment)                                   // when a check is to begin
	end    func(*domain.Moment)                                   // when it is to be concluded
}

// Update is app.Moments'.
func (b tampered) Update(ctx context.Context, by app.By, once *app.Once, apply func(*domain.Moment) error) ([]ledger.Entry, error) {
	change := b.end
	if by.Check {
		change = b.gate
		if b.before != nil {
			b.before(ctx, b.Moments, by)
		}
	}
	return b.Moments.Update(ctx, by, once, func(m *domain.Moment) error {
		if change != nil {
			change(m)
		}
		return apply(m)
	})
}

// always breaks whatever tenant is asked for.
func (b tampered) always() tampering {
	return func(tenant func(domain.ID) app.Moments) func(domain.ID) app.Moments {
		return func(id domain.ID) app.Moments {
			broken := b
			broken.Moments = tenant(id)
			return broken
		}
	}
}

// believe has the gate think that the person agreed and took nothing back.
func believe(m *domain.Moment) {
	m.Consent.State, m.Session.State = domain.Granted, domain.Consented
}

// The check of the order would be worth nothing if it could not fail. Each of these gates
// breaks one rule, and the few calls that meet it have no order any more.
func TestABrokenGateIsCaught(t *testing.T) {
	t.Parallel()
	dsn := postgres.Database(t) // one for all of them, with an enterprise each
	var remembered *domain.Consent
	var settings *domain.Settings
	var read *domain.Moment
	var meanwhile func()
	for name, tt := range map[string]struct {
		gate tampered
		play func(c *client, p *page)
	}{
		"it ignores a withdrawal": {tampered{gate: believe}, func(c *client, p *page) {
			c.withdraw(p)
			c.check(p, "pass", nil)
		}},
		"it ignores a refusal": {tampered{gate: believe}, func(c *client, p *page) {
			c.decide(p, "refuse")
			c.check(p, "no-face", nil)
		}},
		"it keeps the consent in memory": {tampered{gate: func(m *domain.Moment) {
			if remembered == nil {
				kept := *m.Consent
				remembered = &kept
			}
			m.Consent, m.Session.State = remembered, domain.Consented
		}}, func(c *client, p *page) {
			c.check(p, "fail", nil)
			c.withdraw(p)
			c.check(p, "pass", nil)
		}},
		"it reads the consent before its transaction": {tampered{
			before: func(ctx context.Context, from app.Moments, by app.By) {
				read, _ = from.Moment(ctx, by)
				meanwhile()
			},
			gate: func(m *domain.Moment) { m.Consent, m.Session.State = read.Consent, read.Session.State },
		}, func(c *client, p *page) {
			meanwhile = func() { c.client(1).withdraw(p) }
			c.check(p, "pass", nil)
		}},
		"it keeps the settings in memory": {tampered{gate: func(m *domain.Moment) {
			if settings == nil {
				kept := m.Settings
				settings = &kept
			}
			m.Settings = *settings
		}}, func(c *client, p *page) {
			c.check(p, "fail", nil)
			c.turnPurpose(false)
			c.check(p, "fail", nil)
		}},
		"it ignores that the face service is off": {tampered{gate: func(m *domain.Moment) { m.Settings.FaceService = true }}, func(c *client, p *page) {
			c.turnFace(false)
			c.check(p, "fail", nil)
		}},
		"it ignores that a delegation was revoked": {tampered{gate: func(m *domain.Moment) { m.Delegation.RevokedAt = time.Time{} }}, func(c *client, p *page) {
			c.revoke(0)
			c.check(p, "fail", nil)
		}},
		"it ignores that a change is material": {tampered{gate: func(m *domain.Moment) { m.Notice.MaterialSince = 0 }}, func(c *client, p *page) {
			c.publish(1, 0, false)
			c.check(p, "fail", nil)
		}},
		"it lets two check at once": {tampered{gate: func(m *domain.Moment) { m.Attempts = nil }}, func(c *client, p *page) {
			c.check(p, "fail", func() { c.client(1).check(p, "fail", nil) })
		}},
		"it forgets the fails": {tampered{gate: func(m *domain.Moment) { m.Session.Fails = 0 }}, func(c *client, p *page) {
			c.check(p, "fail", nil)
			c.look(p)
			c.check(p, "fail", nil)
			c.look(p)
		}},
		"it forgets the uploads": {tampered{gate: func(m *domain.Moment) { m.Session.Uploads = 0 }}, func(c *client, p *page) {
			c.check(p, "no-face", nil)
			c.check(p, "no-face", nil)
			c.look(p)
		}},
		"a verdict counts after a withdrawal": {tampered{end: believe}, func(c *client, p *page) {
			c.check(p, "pass", func() { c.client(1).withdraw(p) })
		}},
		"a verdict counts after a refusal": {tampered{end: believe}, func(c *client, p *page) {
			c.check(p, "fail", func() { c.client(1).decide(p, "refuse") })
		}},
	} {
		t.Run(name, func(t *testing.T) { // one after the other: what the gates keep is shared
			meanwhile = func() {}
			for want, gate := range map[porcupine.CheckResult]tampering{porcupine.Ok: nil, porcupine.Illegal: tt.gate.always()} {
				w := newWorld(t, dsn, 1, 1, gate)
				c := w.client(0)
				p := c.open(0)
				c.decide(p, "grant")
				tt.play(c, p)
				w.history.settle(t, w.chains())
				if _, got, _ := w.history.lawful(true); got != want {
					for _, call := range w.history.calls {
						t.Log(describe(call.in, call.out))
					}
					t.Errorf("with a broken gate %t, the history is %s, want %s", gate != nil, got, want)
				}
			}
		})
	}
}
