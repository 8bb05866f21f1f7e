package storetest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/ledger"
	"nod/shared/store"
	"nod/shared/store/migrate"
)

// actor is the key that instructs whatever the suite lays down.
const actor domain.ID = "01920000-0000-7000-8000-00000000000a"

// house is an enterprise as one instance of Nod reaches it: its handle, and the
// instructions of its administrators.
type house struct {
	t          *testing.T
	open       opener
	clock      *clock
	store      *store.Store
	tenant     *store.Tenant
	id         domain.ID
	delegation domain.ID // the one its notice names
}

// clock is how far the database's clock is turned from the real one.
type clock struct{ offset atomic.Int64 }

func (c *clock) turn(to time.Duration) { c.offset.Store(int64(to)) }

func (c *clock) options() store.Options {
	return store.Options{Connections: 12, ClockOffset: func() time.Duration { return time.Duration(c.offset.Load()) }}
}

// migrated opens the database of the test and brings it to its schema.
func migrated(t *testing.T, open opener, o store.Options) *store.Store {
	t.Helper()
	s := open(t, o)
	if _, err := migrate.Up(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	return s
}

// aHouse founds an enterprise where everything is in place for an exam.
func aHouse(t *testing.T, open opener) *house {
	t.Helper()
	c := &clock{}
	h := bareHouse(t, migrated(t, open, c.options()), store.NewID())
	h.open, h.clock = open, c
	h.furnish()
	return h
}

// bareHouse founds an enterprise that has laid down nothing yet.
func bareHouse(t *testing.T, s *store.Store, id domain.ID) *house {
	t.Helper()
	h := &house{t: t, clock: &clock{}, store: s, tenant: s.Tenant(id), id: id}
	h.must(h.tenant.Found(t.Context(), nil, func(c *domain.Charter) error {
		c.Found(id, aProfile(), ledger.DocumentHash(aProfile()), actor)
		return nil
	}))
	return h
}

// another founds one more enterprise in the same database.
func (h *house) another() *house {
	h.t.Helper()
	o := bareHouse(h.t, h.store, store.NewID())
	o.open, o.clock = h.open, h.clock
	o.furnish()
	return o
}

// elsewhere is the same enterprise, reached by another instance.
func (h *house) elsewhere() *house {
	o := *h
	o.store = h.open(h.t, h.clock.options())
	o.tenant = o.store.Tenant(h.id)
	return &o
}

// crowded gives the handles that a crowd is served by: several instances on
// PostgreSQL. SQLite is for one process, and its waiting for others is not fair.
func (h *house) crowded() []*house {
	if h.store.Engine() == "sqlite" {
		return []*house{h}
	}
	return []*house{h, h.elsewhere(), h.elsewhere()}
}

func (h *house) furnish() {
	h.t.Helper()
	h.delegation = store.NewID()
	h.must(h.recordDelegation(h.delegation, someTerms()))
	h.must(h.publish(store.NewID(), aDraft(h.delegation)))
	h.must(h.setPurpose(someSettings(), nil))
	h.must(h.switchFace(true, nil))
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// refused fails the test unless the error is a refusal for the reason.
func (h *house) refused(err error, want domain.Reason) {
	h.t.Helper()
	if !errors.Is(err, domain.Refuse(want)) {
		h.t.Fatalf("got %v, want a refusal: %s", err, want)
	}
}

func (h *house) instruct(rule func(*domain.Charter) error) error {
	return h.tenant.Instruct(h.t.Context(), nil, rule)
}

func (h *house) charter() *domain.Charter {
	h.t.Helper()
	c, err := h.tenant.Charter(h.t.Context())
	h.must(err)
	return c
}

func (h *house) recordDelegation(id domain.ID, terms domain.Terms) error {
	return h.instruct(func(c *domain.Charter) error {
		_, err := c.RecordDelegation(id, terms, nil, h.delegationHash, actor)
		return err
	})
}

func (h *house) delegationHash(d domain.Delegation) string { return ledger.DelegationHash(h.id, d) }

func (h *house) noticeHashes(n domain.Notice) map[domain.Locale]string {
	return ledger.NoticeHashes(h.id, n)
}

func (h *house) revokeDelegation(id domain.ID) error {
	return h.instruct(func(c *domain.Charter) error {
		_, err := c.RevokeDelegation(id, actor)
		return err
	})
}

func (h *house) publish(id domain.ID, d domain.NoticeDraft) error {
	return h.instruct(func(c *domain.Charter) error {
		n, err := c.DraftNotice(id, d, h.noticeHashes)
		if err == nil {
			c.PublishNotice(n, actor)
		}
		return err
	})
}

func (h *house) setPurpose(s domain.PurposeSettings, version *int) error {
	return h.instruct(func(c *domain.Charter) error {
		return c.SetPurpose(domain.Exam, s, version, ledger.DocumentHash(s), actor)
	})
}

func (h *house) switchFace(on bool, version *int) error {
	return h.instruct(func(c *domain.Charter) error { return c.SwitchFaceService(on, version, actor) })
}

func (h *house) addKey(holder string, secret string) (k domain.Key, err error) {
	err = h.instruct(func(c *domain.Charter) error {
		err := c.AddKey(domain.Key{ID: store.NewID(), Role: domain.Admin, Holder: holder}, hashOf(secret), actor)
		if err == nil {
			k = *c.NewKey
		}
		return err
	})
	return k, err
}

func (h *house) moment(by app.By) *domain.Moment {
	h.t.Helper()
	m, err := h.tenant.Moment(h.t.Context(), by)
	h.must(err)
	return m
}

func hashOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
