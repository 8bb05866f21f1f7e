package storetest

import (
	"testing"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/ledger"
	"nod/shared/store"
)

var tenants = map[string]func(*testing.T, opener){
	"nothing of another enterprise is found by its ids":             foreignIDs,
	"what one enterprise does leaves its twin with equal ids alone": twins,
}

// foreignIDs asks the handle of one enterprise for everything of another.
func foreignIDs(t *testing.T, open opener) {
	theirs := aHouse(t, open)
	mine := theirs.another()
	victim := theirs.consenting("工号-6")
	consent := victim.now().Consent.ID
	key, err := theirs.addKey("李明", "their secret")
	theirs.must(err)
	subject := victim.now().Subject.Pseudonym
	before := theirs.log("")

	nothing := func(*domain.Moment) error { t.Error("a rule was run on what is not there"); return nil }
	for name, by := range map[string]app.By{
		"session": {Session: victim.session}, "consent": {Consent: consent},
		"session and text": {Session: victim.session, Text: true, Purpose: domain.Exam},
	} {
		_, err := mine.tenant.Moment(t.Context(), by)
		mine.refused(err, domain.NoSuchThing)
		_, err = mine.tenant.Update(t.Context(), by, nil, nothing)
		if mine.refused(err, domain.NoSuchThing); t.Failed() {
			t.Error(name)
		}
	}
	if lines := mine.log(subject); len(lines) != 0 {
		t.Errorf("their Records: %v", lines)
	}
	ids, err := mine.tenant.Sessions(t.Context(), app.SessionFilter{Limit: 10, Lookup: victim.lookup()})
	if mine.must(err); len(ids) != 0 {
		t.Errorf("their sessions: %v", ids)
	}
	ids, err = mine.tenant.Sessions(t.Context(), app.SessionFilter{Limit: 10})
	if mine.must(err); len(ids) != 0 {
		t.Errorf("their sessions: %v", ids)
	}
	_, err = mine.store.KeyBySecret(t.Context(), mine.id, hashOf("their secret"))
	mine.refused(err, domain.NoSuchThing)
	_, err = mine.store.KeyBySecret(t.Context(), "", hashOf("their secret"))
	mine.refused(err, domain.NoSuchThing)

	c := mine.charter()
	if c.Delegation(theirs.delegation) != nil || len(c.Delegations) != 1 || len(c.Notices) != 1 || len(c.Keys) != 0 {
		t.Errorf("my charter has theirs: %+v", c)
	}
	all, err := mine.tenant.Notices(t.Context(), "", 10)
	if mine.must(err); len(all) != 1 || all[0].ID != c.Notices[0].ID {
		t.Errorf("my notices have theirs: %v", all)
	}
	mine.refused(mine.revokeDelegation(theirs.delegation), domain.NoSuchThing)
	mine.refused(mine.instruct(func(c *domain.Charter) error {
		_, err := c.RevokeKey(key.ID, actor)
		return err
	}), domain.NoSuchThing)

	missing := theirs.store.Tenant(store.NewID())
	_, err = missing.Charter(t.Context())
	mine.refused(err, domain.NoSuchThing)
	mine.refused(missing.Instruct(t.Context(), nil, func(*domain.Charter) error { return nil }), domain.NoSuchThing)
	_, err = missing.Update(t.Context(), victim.opening(), nil, nothing)
	mine.refused(err, domain.NoSuchThing)

	if after := theirs.log(""); len(after) != len(before) {
		t.Errorf("their log grew from %d to %d Records", len(before), len(after))
	}
	victim.chain()
}

// twins are two enterprises in which every id that can be chosen is the same: of
// delegation, notice, key, person, session and attempt.
func twins(t *testing.T, open opener) {
	c := &clock{}
	s := migrated(t, open, c.options())
	delegation, notice, key, session, pseudonym := store.NewID(), store.NewID(), store.NewID(), store.NewID(), store.NewID()
	build := func() *person {
		h := bareHouse(t, s, store.NewID())
		h.open, h.clock, h.delegation = open, c, delegation
		h.must(h.recordDelegation(delegation, someTerms()))
		h.must(h.publish(notice, aDraft(delegation)))
		h.must(h.setPurpose(someSettings(), nil))
		h.must(h.switchFace(true, nil))
		h.must(h.instruct(func(c *domain.Charter) error {
			return c.AddKey(domain.Key{ID: key, Role: domain.Admin, Holder: "李明"}, hashOf("secret"), actor)
		}))
		p := &person{house: h, name: "工号-7", session: session}
		by := p.opening()
		by.Opening.Pseudonym = string(pseudonym)
		_, err := h.tenant.Update(t.Context(), by, nil, func(m *domain.Moment) error { return p.newSession(m, aRequest(), session) })
		h.must(err)
		h.must(p.decide(domain.Granted))
		h.must(p.check("a", failed))
		return p
	}
	mine, theirs := build(), build()
	charter, moment, log := theirs.charter(), theirs.now(), theirs.log("")

	mine.must(mine.check("b", noFace))
	mine.must(mine.withdraw())
	mine.must(mine.revokeDelegation(delegation))
	mine.must(mine.switchFace(false, nil))
	mine.must(mine.setPurpose(domain.PurposeSettings{}, nil))
	mine.must(mine.instruct(func(c *domain.Charter) error {
		if _, err := c.RevokeKey(key, actor); err != nil {
			return err
		}
		return c.Reprofile(aProfile(), ledger.DocumentHash(aProfile()), actor)
	}))
	mine.must(mine.instruct(func(c *domain.Charter) error { c.Close(actor); return nil }))

	now := theirs.charter()
	same(t, "enterprise", now.Enterprise, charter.Enterprise)
	same(t, "settings", now.Settings, charter.Settings)
	same(t, "delegations", now.Delegations, charter.Delegations)
	same(t, "notices", now.Notices, charter.Notices)
	same(t, "keys", now.Keys, charter.Keys)
	if _, err := theirs.store.KeyBySecret(t.Context(), theirs.id, hashOf("secret")); err != nil {
		t.Error(err)
	}
	m := theirs.now()
	same(t, "session", *m.Session, *moment.Session)
	same(t, "subject", m.Subject, moment.Subject)
	same(t, "consent", *m.Consent, *moment.Consent)
	same(t, "attempts", m.Attempts, moment.Attempts)
	if after := theirs.log(""); len(after) != len(log) {
		t.Errorf("the twin's log grew from %d to %d Records", len(log), len(after))
	}
	theirs.must(theirs.check("b", passed))
	theirs.chain()
	mine.chain()
}
