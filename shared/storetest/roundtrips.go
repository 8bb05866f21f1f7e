package storetest

import (
	"database/sql"
	"fmt"
	"testing"
	"time"

	"nod/shared/domain"
	"nod/shared/ledger"
	"nod/shared/store"
)

// What is written is what is read. This file has what an enterprise lays down; the
// rows about people are in roundtrips_person.go.
var roundTrips = map[string]func(*testing.T, opener){
	"an enterprise is read as written":          enterpriseRoundTrip,
	"keys are read as written":                  keyRoundTrip,
	"operators' keys are read as written":       operatorRoundTrip,
	"a delegation is read as written":           delegationRoundTrip,
	"notices are read as written":               noticeRoundTrip,
	"settings are read as written":              settingsRoundTrip,
	"a session is read as written":              sessionRoundTrip,
	"a session without anything optional, too":  bareSessionRoundTrip,
	"consents are read as written":              consentRoundTrip,
	"a grant's notice is read after others":     agreedRoundTrip,
	"attempts are read as written":              attemptRoundTrip,
	"sessions are listed by person and by page": sessionList,
}

func enterpriseRoundTrip(t *testing.T, open opener) {
	h := aHouse(t, open)
	var written domain.Enterprise
	h.must(h.instruct(func(c *domain.Charter) error {
		p := aProfile()
		p.Logo, p.Accent = "data:image/svg+xml,"+"标志 '; -- ?", ""
		err := c.Reprofile(p, ledger.DocumentHash(p), actor)
		written = c.Enterprise
		return err
	}))
	same(t, "enterprise", h.charter().Enterprise, written)
	h.must(h.instruct(func(c *domain.Charter) error {
		c.Close(actor)
		written = c.Enterprise
		return nil
	}))
	same(t, "closed enterprise", h.charter().Enterprise, written)

	second := h.another()
	list, err := h.store.Enterprises(t.Context(), "", 10)
	h.must(err)
	same(t, "list", list, []domain.Enterprise{written, second.charter().Enterprise})
	rest, err := h.store.Enterprises(t.Context(), written.ID, 1)
	h.must(err)
	same(t, "rest of the list", rest, list[1:])
}

func keyRoundTrip(t *testing.T, open opener) {
	h := aHouse(t, open)
	first, err := h.addKey("教务系统 '?", "secret-1")
	h.must(err)
	second, err := h.addKey("教务系统 '?", "secret-2")
	h.must(err)
	_, err = h.addKey("教务系统 '?", "secret-3")
	h.refused(err, domain.TooManyKeys)
	same(t, "keys", h.charter().Keys, []domain.Key{first, second})

	found, err := h.store.KeyBySecret(t.Context(), h.id, hashOf("secret-2"))
	h.must(err)
	same(t, "by secret", found, second)
	found, err = h.store.KeyOwner(t.Context(), second.ID)
	h.must(err)
	same(t, "by id", found, second)

	h.must(h.instruct(func(c *domain.Charter) error {
		k, err := c.RevokeKey(first.ID, actor)
		first = *k
		return err
	}))
	same(t, "keys after a revocation", h.charter().Keys, []domain.Key{first, second})
	_, err = h.store.KeyBySecret(t.Context(), h.id, hashOf("secret-1"))
	h.refused(err, domain.NoSuchThing)
	_, err = h.store.KeyOwner(t.Context(), store.NewID())
	h.refused(err, domain.NoSuchThing)
}

func operatorRoundTrip(t *testing.T, open opener) {
	h := aHouse(t, open)
	var made domain.Key
	k := domain.Key{ID: store.NewID(), Role: domain.Operator, Holder: "值班工程师"}
	h.must(h.store.AddOperator(t.Context(), k, hashOf("op"), nil, func(k domain.Key) { made = k }))
	list, err := h.store.Operators(t.Context())
	h.must(err)
	same(t, "operators", list, []domain.Key{made})
	found, err := h.store.KeyBySecret(t.Context(), "", hashOf("op"))
	h.must(err)
	same(t, "by secret", found, made)

	h.refused(h.store.RevokeOperator(t.Context(), store.NewID(), nil, func(domain.Key) {}), domain.NoSuchThing)
	h.must(h.store.RevokeOperator(t.Context(), k.ID, nil, func(k domain.Key) { made = k }))
	if made.RevokedAt.IsZero() {
		t.Error("the revoked key has no time of revocation")
	}
	list, err = h.store.Operators(t.Context())
	h.must(err)
	same(t, "operators after a revocation", list, []domain.Key{made})
	if keys := h.charter().Keys; len(keys) != 0 {
		t.Errorf("an enterprise has the operator's keys: %v", keys)
	}
}

func delegationRoundTrip(t *testing.T, open opener) {
	h := aHouse(t, open)
	file := make([]byte, 1024)
	for i := range file {
		file[i] = byte(i)
	}
	terms := someTerms()
	terms.Supersedes, terms.Safeguards = h.delegation, "'; DROP TABLE delegations; -- ? $1 \\ \x01"
	var written domain.Delegation
	h.must(h.instruct(func(c *domain.Charter) error {
		d, err := c.RecordDelegation(store.NewID(), terms, file, h.delegationHash, actor)
		written = *d
		return err
	}))
	read := h.charter().Delegation(written.ID)
	same(t, "delegation", *read, written)
	if h.delegationHash(*read) != written.SHA256 {
		t.Error("the hash of what was read is not the hash of what was recorded")
	}
	var stored []byte
	h.must(h.store.Admin(func(db *sql.DB) error {
		return db.QueryRowContext(t.Context(), "SELECT content FROM agreement_files").Scan(&stored)
	}))
	same(t, "agreement file", stored, file)

	h.must(h.instruct(func(c *domain.Charter) error {
		d, err := c.RevokeDelegation(written.ID, actor)
		written = *d
		return err
	}))
	same(t, "revoked delegation", *h.charter().Delegation(written.ID), written)
}

func noticeRoundTrip(t *testing.T, open opener) {
	h := aHouse(t, open)
	var second domain.Notice
	h.must(h.instruct(func(c *domain.Charter) error {
		d := aDraft(h.delegation)
		d.Facts.Impact = both("影响有变", "it changed")
		d.Contents[domain.Chinese] = domain.Contents{Title: "第二版"}
		n, err := c.DraftNotice(store.NewID(), d, h.noticeHashes)
		if err == nil {
			c.PublishNotice(n, actor)
			second = *n
		}
		return err
	}))
	all, err := h.tenant.Notices(t.Context(), "", 10)
	h.must(err)
	if len(all) != 2 || all[0].Version != 2 || all[1].Version != 1 {
		t.Fatalf("notices: %v, want the second version and the first", all)
	}
	same(t, "notice", all[0], second)
	rest, err := h.tenant.Notices(t.Context(), second.ID, 1)
	h.must(err)
	same(t, "notices before the second", rest, all[1:])
	for l, sum := range h.noticeHashes(all[0]) {
		if second.SHA256[l] != sum {
			t.Errorf("%s: the hash of what was read is not the hash of what was published", l)
		}
	}
	same(t, "charter's notices", h.charter().Notices, all[:1])

	p := h.person("学员")
	by := p.opening()
	by.Opening, by.Session, by.Text = nil, p.session, true
	m := h.moment(by)
	same(t, "notice in force", *m.Notice, second)
	same(t, "its delegation", *m.Delegation, *h.charter().Delegation(h.delegation))
	same(t, "history", m.History, map[int][]domain.Change{1: nil, 2: second.Changes})

	by.Text = false
	m = h.moment(by)
	if len(m.Notice.Contents) != 0 || m.History != nil {
		t.Error("the texts were read though nobody asked for them")
	}
	second.Contents = nil
	same(t, "notice in force without its text", *m.Notice, second)
}

func settingsRoundTrip(t *testing.T, open opener) {
	h := aHouse(t, open)
	want := h.charter().Settings
	s := someSettings()
	s.Version = 1
	same(t, "settings", want, domain.Settings{
		FaceService: true, Version: 1, Purposes: map[domain.Purpose]domain.PurposeSettings{domain.Exam: s},
	})
	h.must(h.switchFace(false, nil))
	for i := range 10 { // versions are numbers: 10 comes after 9
		s.Enabled, s.StoredFacesDeclared, s.Version = i%2 == 0, new(i), i+2
		h.must(h.setPurpose(s, nil))
	}
	same(t, "settings", h.charter().Settings, domain.Settings{
		FaceService: false, Version: 2, Purposes: map[domain.Purpose]domain.PurposeSettings{domain.Exam: s},
	})
	same(t, "settings of a person's moment", h.purposes(h.firstMoment()), s)
	var versions int
	h.must(h.store.Admin(func(db *sql.DB) error {
		return db.QueryRowContext(t.Context(), "SELECT count(*) FROM settings WHERE purpose = 'exam'").Scan(&versions)
	}))
	if versions != 11 {
		t.Errorf("%d versions are kept, want 11", versions)
	}
	for version := 2; version <= 11; version++ { // duty D25: with their assessments
		kept, since, err := h.tenant.PurposeVersion(t.Context(), domain.Exam, version)
		h.must(err)
		s.Enabled, s.StoredFacesDeclared, s.Version = version%2 == 0, new(version-2), version
		if same(t, "a kept version", kept, s); since.IsZero() {
			t.Errorf("version %d is of no time", version)
		}
	}
	for _, version := range []int{0, 12} {
		_, _, err := h.tenant.PurposeVersion(t.Context(), domain.Exam, version)
		h.refused(err, domain.NoSuchThing)
	}
}

// firstMoment is what opening a session meets, whatever comes of it.
func (h *house) firstMoment() (m *domain.Moment) {
	h.t.Helper()
	p := &person{house: h, name: "某人"}
	_, err := p.tenant.Update(h.t.Context(), p.opening(), nil, func(now *domain.Moment) error {
		m = now
		return nil
	})
	h.must(err)
	return m
}

func (h *house) purposes(m *domain.Moment) domain.PurposeSettings {
	return m.Settings.Purposes[domain.Exam]
}

// aMillisecond checks that a time has no more and no less than what is stored.
func aMillisecond(t *testing.T, what string, at time.Time) {
	t.Helper()
	if !at.Equal(at.Truncate(time.Millisecond)) || at.Location() != time.UTC {
		t.Error(fmt.Sprintf("%s is not a UTC time in milliseconds:", what), at)
	}
}
