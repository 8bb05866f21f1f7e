package domain_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"nod/shared/domain"
)

func aCharter(t *testing.T) (*world, func(func(*domain.Charter) error) (*domain.Charter, error)) {
	t.Helper()
	w, _ := aScene()
	return w, func(rule func(*domain.Charter) error) (after *domain.Charter, err error) {
		err = w.instruct(func(c *domain.Charter) error { after = c; return rule(c) })
		return after, err
	}
}

func TestEveryInstructionLeavesItsRecord(t *testing.T) {
	w, instruct := aCharter(t)
	key := domain.Key{ID: "k2", Role: domain.Auditor, Holder: "Wang"}
	for _, c := range []struct {
		name string
		rule func(*domain.Charter) error
		want func(*domain.Record) bool
	}{
		{"reprofile", func(c *domain.Charter) error { return c.Reprofile(aProfile(), "sum", "actor") },
			func(r *domain.Record) bool { return r.Type == domain.EnterpriseUpdated && r.SHA256 == "sum" }},
		{"add key", func(c *domain.Charter) error { return c.AddKey(key, "hash", "actor") },
			func(r *domain.Record) bool {
				return r.Type == domain.KeyCreated && r.Key == "k2" && r.Role == domain.Auditor
			}},
		{"revoke key", func(c *domain.Charter) error {
			c.Keys = []domain.Key{key}
			_, err := c.RevokeKey("k2", "actor")
			return err
		}, func(r *domain.Record) bool {
			return r.Type == domain.KeyRevoked && r.Key == "k2" && r.Role == domain.Auditor
		}},
		{"record delegation", func(c *domain.Charter) error {
			_, err := c.RecordDelegation("d9", someTerms(), []byte("file"), func(d domain.Delegation) string { return "hash of " + string(d.ID) }, "actor")
			return err
		}, func(r *domain.Record) bool {
			return r.Type == domain.DelegationRecorded && *r.Delegation == domain.DelegationRef{ID: "d9", Version: 1, SHA256: "hash of d9"}
		}},
		{"publish", func(c *domain.Charter) error {
			n, err := c.DraftNotice("n9", aDraft(w.delegations[0].ID), hashesOf)
			if err == nil {
				c.PublishNotice(n, "actor")
			}
			return err
		}, func(r *domain.Record) bool {
			return r.Type == domain.NoticePublished && r.Notice.ID == "n9" && r.Notice.Locale == "" && r.Delegation.ID == w.delegations[0].ID &&
				len(r.Hashes) == 2 && r.Hashes[domain.Chinese] == r.Notice.SHA256 && *r.Material == false && r.EffectiveFrom.Equal(t0) &&
				r.Audience == domain.Adult && r.Purpose == domain.Exam && slices.Equal(r.Routes, []domain.Route{domain.Photo})
		}},
		{"face service", func(c *domain.Charter) error { return c.SwitchFaceService(false, nil, "actor") },
			func(r *domain.Record) bool {
				return r.Type == domain.SettingsChanged && r.Purpose == "" && *r.Enabled == false
			}},
		{"purpose", func(c *domain.Charter) error { return c.SetPurpose(domain.Exam, someSettings(), nil, "sum", "actor") },
			func(r *domain.Record) bool {
				return r.Type == domain.SettingsChanged && r.Purpose == domain.Exam && *r.Enabled && r.SHA256 == "sum"
			}},
		{"revoke delegation", func(c *domain.Charter) error {
			_, err := c.RevokeDelegation(w.delegations[0].ID, "actor")
			return err
		}, func(r *domain.Record) bool {
			return r.Type == domain.DelegationRevoked && *r.Delegation == w.delegations[0].Ref()
		}},
		{"close", func(c *domain.Charter) error { c.Close("actor"); return nil },
			func(r *domain.Record) bool { return r.Type == domain.EnterpriseClosedType }},
	} {
		after, err := instruct(c.rule)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if len(after.Records) != 1 || !after.Dirty() {
			t.Fatalf("%s: %d records", c.name, len(after.Records))
		}
		r := after.Records[0]
		if r.Enterprise != w.enterprise.ID || r.Mode != domain.Live || r.Actor != "actor" || !r.At.Equal(t0) || r.ID == "" || r.Subject != "" || !c.want(r) {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
}

func TestAnEnterpriseIsFoundedOnce(t *testing.T) {
	c := &domain.Charter{Now: t0, Mint: func() domain.ID { return "r" }}
	c.Found("e", aProfile(), "sum", "actor")
	r := c.Records[0]
	if !c.NewEnterprise || c.Enterprise.Version != 1 || !c.Enterprise.Open() || c.Enterprise.Status() != "active" ||
		r.Type != domain.EnterpriseCreated || r.Enterprise != "e" || r.SHA256 != "sum" || r.Mode != domain.Live {
		t.Errorf("%+v %+v", c.Enterprise, r)
	}
}

func TestAClosedEnterpriseTakesOnlyWhatEndsThings(t *testing.T) {
	w, instruct := aCharter(t)
	if _, err := instruct(func(c *domain.Charter) error { c.Close("actor"); return nil }); err != nil {
		t.Fatal(err)
	}
	if w.enterprise.Open() || w.enterprise.Status() != "closed" {
		t.Error("it is open")
	}
	off := someSettings()
	off.Enabled = false
	for name, c := range map[string]struct {
		rule  func(*domain.Charter) error
		taken bool
	}{
		"close again":       {func(c *domain.Charter) error { c.Close("actor"); return nil }, true},
		"reprofile":         {func(c *domain.Charter) error { return c.Reprofile(aProfile(), "", "") }, false},
		"add key":           {func(c *domain.Charter) error { return c.AddKey(domain.Key{}, "", "") }, false},
		"record delegation": {func(c *domain.Charter) error { _, err := c.RecordDelegation("", someTerms(), nil, nil, ""); return err }, false},
		"revoke delegation": {func(c *domain.Charter) error { _, err := c.RevokeDelegation(w.delegations[0].ID, ""); return err }, true},
		"draft notice":      {func(c *domain.Charter) error { _, err := c.DraftNotice("", aDraft(""), hashesOf); return err }, false},
		"face service on":   {func(c *domain.Charter) error { return c.SwitchFaceService(true, nil, "") }, false},
		"face service off":  {func(c *domain.Charter) error { return c.SwitchFaceService(false, nil, "") }, true},
		"purpose on":        {func(c *domain.Charter) error { return c.SetPurpose(domain.Exam, someSettings(), nil, "", "") }, false},
		"purpose off":       {func(c *domain.Charter) error { return c.SetPurpose(domain.Exam, off, nil, "", "") }, true},
	} {
		after, err := instruct(c.rule)
		if (err == nil) != c.taken || err != nil && reason(t, err) != domain.EnterpriseClosed {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && after.Dirty() {
			t.Errorf("%s left something to write", name)
		}
		if name == "close again" && after.Dirty() {
			t.Error("it is closed twice")
		}
	}
}

func TestTheModeOfAnEnterpriseStays(t *testing.T) {
	_, instruct := aCharter(t)
	p := aProfile()
	p.Mode = domain.Test
	_, err := instruct(func(c *domain.Charter) error { return c.Reprofile(p, "", "") })
	if got := faultsOf(err); !slices.Equal(got, []string{"mode=not_allowed"}) {
		t.Errorf("%v", got)
	}
}

func TestAHolderHasTwoLiveKeysAtMost(t *testing.T) {
	live := domain.Key{ID: "1", Role: domain.Admin, Holder: "Li"}
	revoked := live
	revoked.RevokedAt = t0
	other, otherRole := live, live
	other.Holder, otherRole.Role = "Wang", domain.Auditor
	for _, c := range []struct {
		have  []domain.Key
		taken bool
	}{
		{nil, true}, {[]domain.Key{live}, true}, {[]domain.Key{live, live}, false}, {[]domain.Key{live, revoked, revoked}, true},
		{[]domain.Key{live, other, otherRole}, true},
	} {
		_, instruct := aCharter(t)
		after, err := instruct(func(ch *domain.Charter) error {
			ch.Keys = c.have
			return ch.AddKey(domain.Key{ID: "new", Role: domain.Admin, Holder: "Li"}, "hash", "actor")
		})
		if (err == nil) != c.taken {
			t.Errorf("%v: %v", c.have, err)
		}
		if err == nil && (after.NewKey.Enterprise != after.Enterprise.ID || !after.NewKey.CreatedAt.Equal(t0) || after.NewKeyHash != "hash") {
			t.Errorf("%+v", after.NewKey)
		}
		if err != nil && reason(t, err) != domain.TooManyKeys {
			t.Error(err)
		}
	}
}

func TestEndingSomethingTwiceChangesNothing(t *testing.T) {
	w, instruct := aCharter(t)
	id := w.delegations[0].ID
	for i := range 2 {
		after, err := instruct(func(c *domain.Charter) error { _, err := c.RevokeDelegation(id, "actor"); return err })
		if err != nil || after.Dirty() != (i == 0) || !w.delegations[0].RevokedAt.Equal(t0) {
			t.Errorf("%d: %v %+v", i, err, w.delegations[0])
		}
		w.clock = w.clock.Add(time.Hour)
	}
	after, err := instruct(func(c *domain.Charter) error {
		c.Keys = []domain.Key{{ID: "k", RevokedAt: t0}}
		_, err := c.RevokeKey("k", "actor")
		return err
	})
	if err != nil || after.Dirty() {
		t.Errorf("%v", err)
	}
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	_, instruct := aCharter(t)
	terms := someTerms()
	terms.Supersedes = "x"
	for name, c := range map[string]struct {
		rule func(*domain.Charter) error
		want string
	}{
		"a delegation to revoke":    {func(c *domain.Charter) error { _, err := c.RevokeDelegation("x", ""); return err }, "refused: not-found"},
		"a key":                     {func(c *domain.Charter) error { _, err := c.RevokeKey("x", ""); return err }, "refused: not-found"},
		"a delegation to base on":   {func(c *domain.Charter) error { _, err := c.DraftNotice("", aDraft("x"), hashesOf); return err }, "delegation_id=not_found"},
		"a delegation to supersede": {func(c *domain.Charter) error { _, err := c.RecordDelegation("", terms, nil, nil, ""); return err }, "supersedes=not_found"},
	} {
		_, err := instruct(c.rule)
		if got := strings.Join(faultsOf(err), " "); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestAStaleVersionOfSettingsIsRefused(t *testing.T) {
	w, instruct := aCharter(t)
	at := func(v int) *int { return &v }
	for _, c := range []struct {
		rule  func(*domain.Charter) error
		taken bool
	}{
		{func(c *domain.Charter) error { return c.SwitchFaceService(false, at(0), "") }, false},
		{func(c *domain.Charter) error { return c.SwitchFaceService(false, at(1), "") }, true},
		{func(c *domain.Charter) error { return c.SwitchFaceService(true, at(1), "") }, false},
		{func(c *domain.Charter) error { return c.SetPurpose(domain.Exam, someSettings(), at(2), "", "") }, false},
		{func(c *domain.Charter) error { return c.SetPurpose(domain.Exam, someSettings(), at(1), "", "") }, true},
		{func(c *domain.Charter) error { return c.SetPurpose(domain.Exam, someSettings(), at(2), "", "") }, true},
		{func(c *domain.Charter) error {
			s := someSettings()
			s.Enabled = false
			c.Settings.Purposes = nil
			return c.SetPurpose(domain.Training, s, at(0), "", "")
		}, true},
	} {
		_, err := instruct(c.rule)
		if (err == nil) != c.taken || err != nil && reason(t, err) != domain.VersionChanged {
			t.Errorf("%v, taken %v", err, c.taken)
		}
	}
	if w.settings.Version != 2 {
		t.Errorf("version %d", w.settings.Version)
	}
}

func TestD06ANoticeLiesWithinWhatWasDelegated(t *testing.T) {
	w, _ := aScene()
	id := w.delegations[0].ID
	for name, c := range map[string]struct {
		by   func(*domain.NoticeDraft)
		want string
	}{
		"another purpose": {func(d *domain.NoticeDraft) { d.Purpose = domain.RealName }, "purpose=not_covered_by_delegation"},
		"another route": {func(d *domain.NoticeDraft) { d.Facts.Routes = append(d.Facts.Routes, domain.Hosted) },
			"facts.routes[1]=not_covered_by_delegation"},
		"another kind of data": {func(d *domain.NoticeDraft) { d.Facts.DataKinds = append(d.Facts.DataKinds, "name") },
			"facts.data_kinds[3]=not_covered_by_delegation"},
		"another recipient": {func(d *domain.NoticeDraft) { d.Facts.Recipients[0].Name = "Someone" },
			"facts.recipients[0]=not_covered_by_delegation"},
		"a recipient by another route": {func(d *domain.NoticeDraft) { d.Facts.Recipients[0].Route = domain.Hosted },
			"facts.recipients[0]=not_covered_by_delegation"},
		"from a time when it is over": {func(d *domain.NoticeDraft) { d.EffectiveFrom = t0.AddDate(1, 0, 0) }, "refused: delegation-not-in-force"},
		"from the past":               {func(d *domain.NoticeDraft) { d.EffectiveFrom = t0.AddDate(-1, 0, 0) }, ""},
	} {
		d := aDraft(id)
		c.by(&d)
		if got := strings.Join(faultsOf(w.publish(d)), " "); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if n := w.notices[0]; !n.EffectiveFrom.Equal(t0) {
		t.Errorf("it reaches back to %v", n.EffectiveFrom)
	}
}

func TestNodAddsTheNameAndTheRiskToTheFactsWhateverTheDraftSays(t *testing.T) {
	w, _ := aScene()
	d := aDraft(w.delegations[0].ID)
	d.Facts.EnterpriseName, d.Facts.HighRisk = both("Impostor"), true
	if err := w.publish(d); err != nil {
		t.Fatal(err)
	}
	if f := w.notices[0].Facts; f.HighRisk || f.EnterpriseName[domain.English] != "Example Learning" {
		t.Errorf("%+v", f)
	}
}

func TestDelegationsAreInForceFromTheLaterOfTheirStartAndTheirRecording(t *testing.T) {
	d := domain.Delegation{Terms: someTerms(), RecordedAt: t0}
	for _, c := range []struct {
		name string
		by   func(*domain.Delegation)
		at   time.Time
		want string
	}{
		{"before it was recorded", func(*domain.Delegation) {}, t0.Add(-time.Millisecond), "pending"},
		{"from its recording", func(*domain.Delegation) {}, t0, "in_force"},
		{"before its start", func(d *domain.Delegation) { d.Terms.ValidFrom = t0.Add(time.Hour) }, t0, "pending"},
		{"from its start", func(d *domain.Delegation) { d.Terms.ValidFrom = t0.Add(time.Hour) }, t0.Add(time.Hour), "in_force"},
		{"to its last instant", func(*domain.Delegation) {}, d.Terms.ValidUntil.Add(-time.Nanosecond), "in_force"},
		{"at its end", func(*domain.Delegation) {}, d.Terms.ValidUntil, "expired"},
		{"revoked", func(d *domain.Delegation) { d.RevokedAt = t0 }, t0, "revoked"},
		{"revoked, after its end", func(d *domain.Delegation) { d.RevokedAt = t0 }, d.Terms.ValidUntil, "revoked"},
	} {
		d := d
		c.by(&d)
		if got := d.Status(c.at); got != c.want || d.InForce(c.at) != (c.want == "in_force") ||
			d.EndedBefore(c.at) != (c.want == "expired" || c.want == "revoked") {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestADelegationIsSupersededWhenANoticeNamesItsSuccessor(t *testing.T) {
	w, instruct := aCharter(t)
	next := w.mint()
	terms := someTerms()
	terms.Supersedes = w.delegations[0].ID
	_, err := instruct(func(c *domain.Charter) error {
		_, err := c.RecordDelegation(next, terms, nil, func(domain.Delegation) string { return hexOf("d2") }, "key")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	superseded := func() (yes bool) {
		_, _ = instruct(func(c *domain.Charter) error { yes = c.Superseded(w.delegations[0]); return nil })
		return yes
	}
	if superseded() {
		t.Error("by its mere recording")
	}
	d := aDraft(next)
	d.EffectiveFrom = t0.Add(time.Hour)
	if err := w.publish(d); err != nil {
		t.Fatal(err)
	}
	if superseded() {
		t.Error("by a notice that is not yet in force")
	}
	w.clock = t0.Add(time.Hour)
	if !superseded() {
		t.Error("not by a notice in force")
	}
	if err := w.publish(aDraft(w.delegations[0].ID)); !slices.Equal(faultsOf(err), []string{"delegation_id=superseded"}) {
		t.Errorf("a notice that goes back to it: %v", err)
	}
}

// A purpose that has not moved on keeps the delegation that its people were told of.
func TestADelegationThatANoticeStillNamesIsNotSuperseded(t *testing.T) {
	w, instruct := aCharter(t)
	training := aDraft(w.delegations[0].ID)
	training.Purpose = domain.Training
	if err := w.publish(training); err != nil {
		t.Fatal(err)
	}
	first, last := w.delegations[0].ID, w.delegations[0].ID
	for range 2 { // its successor, and that one's
		terms := someTerms()
		terms.Supersedes = last
		last = w.mint()
		if _, err := instruct(func(c *domain.Charter) error {
			_, err := c.RecordDelegation(last, terms, nil, func(domain.Delegation) string { return hexOf(string(last)) }, "key")
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	superseded := func() (yes bool) {
		_, _ = instruct(func(c *domain.Charter) error { yes = c.Superseded(*c.Delegation(first)); return nil })
		return yes
	}
	if err := w.publish(aDraft(last)); err != nil {
		t.Fatal(err)
	}
	if superseded() {
		t.Error("while the notice for training names it")
	}
	training.DelegationID = last
	if err := w.publish(training); err != nil {
		t.Fatal(err)
	}
	if !superseded() {
		t.Error("not by its successor's successor")
	}
}
