package domain_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"nod/shared/domain"
)

// Every fact of a notice, changed alone: whether it is noticed, and whether it is
// material.
var factChanges = []struct {
	name     string
	by       func(*domain.Notice)
	field    string
	material bool
}{
	{"the enterprise's name", func(n *domain.Notice) { n.Facts.EnterpriseName = both("New name") }, "enterprise_name", true},
	{"the name in one language more", func(n *domain.Notice) { delete(n.Facts.EnterpriseName, domain.English) }, "enterprise_name", true},
	{"a route more", func(n *domain.Notice) { n.Facts.Routes = append(n.Facts.Routes, domain.Hosted) }, "routes", true},
	{"a route less", func(n *domain.Notice) { n.Facts.Routes = nil }, "routes", true},
	{"liveness", func(n *domain.Notice) { n.Facts.Liveness = true }, "liveness", true},
	{"a recipient more", func(n *domain.Notice) { n.Facts.Recipients = append(n.Facts.Recipients, recipients(domain.Hosted)...) }, "recipients", true},
	{"a recipient's name", func(n *domain.Notice) { n.Facts.Recipients[0].Name = "Another" }, "recipients", true},
	{"a recipient's contact", func(n *domain.Notice) { n.Facts.Recipients[0].Contact = "another" }, "recipients", true},
	{"a recipient's route", func(n *domain.Notice) { n.Facts.Recipients[0].Route = domain.Hosted }, "recipients", true},
	{"a kind of data more", func(n *domain.Notice) { n.Facts.DataKinds = append(n.Facts.DataKinds, "name") }, "data_kinds", true},
	{"a kind of data less", func(n *domain.Notice) { n.Facts.DataKinds = n.Facts.DataKinds[1:] }, "data_kinds", true},
	{"a longer retention", func(n *domain.Notice) { n.Facts.RetentionDays++ }, "retention_days", true},
	{"a shorter retention", func(n *domain.Notice) { n.Facts.RetentionDays-- }, "retention_days", false},
	{"a longer consent", func(n *domain.Notice) { n.Facts.ConsentDays++ }, "consent_days", true},
	{"a shorter consent", func(n *domain.Notice) { n.Facts.ConsentDays-- }, "consent_days", false},
	{"the necessity", func(n *domain.Notice) { n.Facts.Necessity = both("otherwise") }, "necessity", false},
	{"the impact", func(n *domain.Notice) { n.Facts.Impact = both("otherwise") }, "impact", true},
	{"the rights", func(n *domain.Notice) { n.Facts.Rights[domain.English] = "otherwise" }, "rights", true},
	{"the contact", func(n *domain.Notice) { n.Facts.Contact = both("otherwise") }, "contact", true},
	{"a high risk found", func(n *domain.Notice) { n.Facts.HighRisk = true }, "high_risk", true},
	{"the delegation's version", func(n *domain.Notice) { n.Delegation.ID = "another" }, "delegation", false},
	{"a word of the text", func(n *domain.Notice) {
		c := n.Contents[domain.Chinese]
		c.Body += "。"
		n.Contents[domain.Chinese] = c
	}, "contents", false},
	{"a language less", func(n *domain.Notice) { delete(n.Contents, domain.English) }, "contents", false},
}

func aNotice() domain.Notice {
	f := someFacts()
	f.EnterpriseName = aProfile().Name
	return domain.Notice{ID: "n", Version: 1, Facts: f, Contents: someContents(), Delegation: domain.DelegationRef{ID: "d"}}
}

func TestD11EveryChangedFactIsNoticedAndWeighed(t *testing.T) {
	if got := domain.Compare(aNotice(), aNotice()); len(got) != 0 {
		t.Errorf("nothing changed: %v", got)
	}
	for _, c := range factChanges {
		after := aNotice()
		c.by(&after)
		got := domain.Compare(aNotice(), after)
		if want := []domain.Change{{Field: c.field, Material: c.material}}; !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", c.name, got, want)
		}
		if domain.AnyMaterial(got) != c.material {
			t.Errorf("%s: material %v", c.name, !c.material)
		}
	}
}

func TestD11AHighRiskThatIsGoneTakesNothingFromAnyone(t *testing.T) {
	before := aNotice()
	before.Facts.HighRisk = true
	if got := domain.Compare(before, aNotice()); !slices.Equal(got, []domain.Change{{Field: "high_risk"}}) {
		t.Errorf("%v", got)
	}
}

func TestTheOrderOfAListIsNoChange(t *testing.T) {
	after := aNotice()
	slices.Reverse(after.Facts.DataKinds)
	if got := domain.Compare(aNotice(), after); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

// A fact added to the type must be weighed too.
func TestD11NoFactEscapesTheComparison(t *testing.T) {
	covered := map[string]bool{}
	for _, c := range factChanges {
		covered[c.field] = true
	}
	facts := reflect.TypeFor[domain.Facts]()
	for i := range facts.NumField() {
		name, _, _ := strings.Cut(facts.Field(i).Tag.Get("json"), ",")
		if !covered[name] {
			t.Errorf("nothing compares %s", name)
		}
	}
}

func TestD11ChangesSinceConsentAreShownWhetherMaterialOrNot(t *testing.T) {
	history := map[int][]domain.Change{
		1: {},
		2: {{Field: "contents"}, {Field: "contact", Material: true}},
		3: {{Field: "contents"}, {Field: "retention_days"}},
		4: {{Field: "retention_days", Material: true}, {Field: "rights", Material: true}},
	}
	for _, c := range []struct {
		decidedOn, inForce int
		want               string
	}{
		{1, 1, "[]"},
		{1, 2, "[{contents false} {contact true}]"},
		{1, 3, "[{contents false} {contact true} {retention_days false}]"},
		{2, 3, "[{contents false} {retention_days false}]"},
		{1, 4, "[{contents false} {contact true} {retention_days true} {rights true}]"},
		{3, 4, "[{retention_days true} {rights true}]"},
		{4, 4, "[]"},
		{4, 3, "[]"},
		{0, 4, "[]"},
	} {
		m := &domain.Moment{Notice: &domain.Notice{Version: c.inForce}, History: history}
		if c.decidedOn > 0 {
			m.Consent = &domain.Consent{Notice: domain.NoticeRef{Version: c.decidedOn}}
		}
		if got := fmt.Sprint(m.ChangesSinceConsent()); got != c.want {
			t.Errorf("decided on %d, in force %d: %s, want %s", c.decidedOn, c.inForce, got, c.want)
		}
	}
	m := &domain.Moment{Consent: &domain.Consent{}}
	if m.ChangesSinceConsent() == nil {
		t.Error("an empty list is written as null")
	}
}

func TestVersionsCountPerPurposeAndAudienceAndRememberTheLastMaterialChange(t *testing.T) {
	w, _ := aScene()
	draft := func(by func(*domain.NoticeDraft)) domain.NoticeDraft {
		d := aDraft(w.delegations[0].ID)
		d.Facts.ConsentDays = w.notices[0].Facts.ConsentDays
		d.Facts.Contact = w.notices[0].Facts.Contact
		by(&d)
		return d
	}
	for i, c := range []struct {
		by             func(*domain.NoticeDraft)
		version, since int
		material       bool
	}{
		{func(d *domain.NoticeDraft) {}, 2, 1, false},
		{func(d *domain.NoticeDraft) { d.Facts.ConsentDays-- }, 3, 1, false},
		{func(d *domain.NoticeDraft) { d.Facts.Contact = both("new") }, 4, 4, true},
		{func(d *domain.NoticeDraft) { d.Facts.ConsentDays-- }, 5, 4, false},
		{func(d *domain.NoticeDraft) { d.Material = true }, 6, 6, true},
	} {
		if err := w.publish(draft(c.by)); err != nil {
			t.Fatal(err)
		}
		if n := w.notices[0]; n.Version != c.version || n.MaterialSince != c.since || n.Material != c.material {
			t.Errorf("step %d: version %d, material %v, since %d: %v", i, n.Version, n.Material, n.MaterialSince, n.Changes)
		}
	}
	for _, by := range []func(*domain.NoticeDraft){
		func(d *domain.NoticeDraft) { d.Purpose = domain.Training }, func(d *domain.NoticeDraft) { d.Audience = domain.Guardian },
	} {
		if err := w.publish(draft(by)); err != nil {
			t.Fatal(err)
		}
		if n := w.notices[0]; n.Version != 1 || n.MaterialSince != 1 || !n.Material || n.Changes == nil || len(n.Changes) != 0 {
			t.Errorf("the first for %s to %s: %+v", n.Purpose, n.Audience, n)
		}
	}
}

func TestANoticeDatedAheadComesIntoForceByTheClock(t *testing.T) {
	w, p, id := ready(t)
	d := aDraft(w.delegations[0].ID)
	d.Facts.Contact, d.EffectiveFrom = both("from tomorrow"), t0.Add(10*time.Minute)
	if err := w.publish(d); err != nil {
		t.Fatal(err)
	}
	if err := w.check(p, id, "a1", failed); err != nil {
		t.Errorf("before: %v", err)
	}
	w.clock = t0.Add(10 * time.Minute)
	if _, _, err := w.reserve(p, id, aCheck("a2")); reason(t, err) != domain.ConsentStale {
		t.Errorf("from then on: %v", err)
	}
}

// A notice that was dated too far ahead is mended by publishing another one: it then
// never comes into force, and nobody is told of its changes.
func TestANoticeDatedAheadIsReplacedByOneThatComesEarlier(t *testing.T) {
	w, p, id := ready(t)
	ahead := aDraft(w.delegations[0].ID)
	ahead.Facts.Contact, ahead.EffectiveFrom = both("from a year that was mistyped"), t0.Add(24*time.Hour)
	mended := aDraft(w.delegations[0].ID)
	mended.Facts.Necessity = both("said better")
	for _, d := range []domain.NoticeDraft{ahead, mended} {
		if err := w.publish(d); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.notices[0]; n.Version != 3 || n.Material || n.MaterialSince != 1 || !slices.Equal(n.Changes, []domain.Change{{Field: "necessity"}}) {
		t.Errorf("version %d, material %v since %d, %v", n.Version, n.Material, n.MaterialSince, n.Changes)
	}
	if err := w.check(p, id, "a1", failed); err != nil {
		t.Errorf("on the consent given before: %v", err)
	}
	w.clock = t0.Add(25 * time.Hour)
	if id, err := w.open(p, aRequest()); err != nil || w.moment(p, id, "").Notice.Version != 3 {
		t.Errorf("%v, version %d is in force", err, w.moment(p, id, "").Notice.Version)
	}
}

func TestD06ANewDelegationIsMaterialOnlyWhereTheOldOneHasEnded(t *testing.T) {
	for name, c := range map[string]struct {
		meanwhile func(*world) error
		material  bool
	}{
		"in time": {func(*world) error { return nil }, false},
		"after a gap": {func(w *world) error {
			return w.instruct(func(c *domain.Charter) error { _, err := c.RevokeDelegation(w.delegations[0].ID, "key"); return err })
		}, true},
		"from its very end": {func(w *world) error {
			w.clock = w.delegations[0].Terms.ValidUntil.Add(-time.Millisecond)
			return nil
		}, false},
		"after its end": {func(w *world) error { w.clock = w.delegations[0].Terms.ValidUntil; return nil }, true},
	} {
		w, _ := aScene()
		id := w.mint()
		terms := someTerms()
		terms.Supersedes, terms.ValidUntil = w.delegations[0].ID, t0.AddDate(3, 0, 0)
		err := w.instruct(func(c *domain.Charter) error {
			_, err := c.RecordDelegation(id, terms, nil, func(domain.Delegation) string { return hexOf("d2") }, "key")
			return err
		})
		if err != nil || w.delegations[1].Version != 2 {
			t.Fatalf("%v, %+v", err, w.delegations)
		}
		if err := c.meanwhile(w); err != nil {
			t.Fatal(err)
		}
		d := aDraft(id)
		if name == "from its very end" {
			d.EffectiveFrom = w.delegations[0].Terms.ValidUntil
		}
		if err := w.publish(d); err != nil {
			t.Fatal(err)
		}
		n := w.notices[0]
		if n.Material != c.material || !slices.Contains(n.Changes, domain.Change{Field: "delegation"}) {
			t.Errorf("%s: material %v, %v", name, n.Material, n.Changes)
		}
	}
}
