package storetest

import (
	"testing"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/store"
)

// Stage is an enterprise that is ready for checks, for tests of one engine: how
// many round trips a step takes, or what a lost connection does to it.
type Stage struct {
	Enterprise domain.ID
	house      *house
}

// NewStage migrates the store's database and founds an enterprise in it.
func NewStage(t *testing.T, s *store.Store) *Stage {
	t.Helper()
	h := aHouse(t, func(*testing.T, store.Options) *store.Store { return s })
	return &Stage{h.id, h}
}

// Job does one of each thing for a new person. Each step is handed over to be
// called, and fails the test if it does not succeed.
func (s *Stage) Job(t *testing.T, name string, step func(name string, call func())) {
	t.Helper()
	h := s.house
	p := &person{house: h, name: name}
	must := func(name string, call func() error) {
		t.Helper()
		step(name, func() {
			t.Helper()
			if err := call(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
	must("charter", func() error { _, err := h.tenant.Charter(t.Context()); return err })
	must("open a session", func() error { return p.openSession(store.NewID(), aRequest()) })
	must("read a session", func() error {
		_, err := h.tenant.Moment(t.Context(), app.By{Session: p.session, Text: true})
		return err
	})
	must("decide", func() error { return p.decide(domain.Granted) })
	must("reserve", func() error { _, _, err := p.reserve("a"); return err })
	must("conclude", func() error { return p.conclude("a", noFace) })
	must("withdraw", func() error { return p.withdraw() })
	var key domain.Key
	must("instruct", func() (err error) { key, err = h.addKey(name, "secret of "+name); return err })
	must("find a key", func() error {
		found, err := h.store.KeyBySecret(t.Context(), h.id, hashOf("secret of "+name))
		same(t, "key", found, key)
		return err
	})
	p.chain()
}

// Consenting opens a session in which a new person agrees.
func (s *Stage) Consenting(name string) (session domain.ID) {
	s.house.t.Helper()
	return s.house.consenting(name).session
}

// Withdraw takes the consent of a session back.
func (s *Stage) Withdraw(session domain.ID) {
	s.house.t.Helper()
	p := &person{house: s.house, session: session}
	s.house.must(p.withdraw())
}

// Audit reads the log about the person of a session as an auditor would.
func (s *Stage) Audit(session domain.ID) {
	s.house.t.Helper()
	p := &person{house: s.house, session: session}
	p.chain()
}

// Holding opens a session in which a new person agrees, and which holds a secret.
func (s *Stage) Holding(name string, secret []byte) (session domain.ID) {
	s.house.t.Helper()
	p := s.house.consenting(name)
	_, err := p.update(func(m *domain.Moment) error {
		m.Session.Secret = secret
		m.SessionChanged = true
		return nil
	})
	s.house.must(err)
	return p.session
}
