package api

import (
	"slices"
	"testing"
	"time"
)

// changes are the fields that a notice is said to have changed in, those that are
// material with an exclamation mark.
func changes(list any) (fields []string) {
	all, _ := list.([]any)
	for _, c := range all {
		field := text(c.(object), "field")
		if c.(object)["material"] == true {
			field += "!"
		}
		fields = append(fields, field)
	}
	slices.Sort(fields)
	return fields
}

// since is what the page says has changed since the person decided.
func (p *person) since() []string {
	p.t.Helper()
	return changes(at(p.look(), "notice", "changes_since_consent"))
}

func (p *person) wantSince(want ...string) {
	p.t.Helper()
	if got := p.since(); !slices.Equal(got, want) {
		p.t.Errorf("the page says that %v changed, want %v", got, want)
	}
}

// A change that is not material is shown, and the consent stays.
func TestAChangeThatIsNotMaterialKeepsTheConsent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	for name, tt := range map[string]struct {
		edit func(draft, facts object)
		want []string
	}{
		"a shorter term":       {func(_, facts object) { facts["consent_days"] = 300 }, []string{"consent_days"}},
		"another reason":       {func(_, facts object) { facts["necessity"] = object{"zh-CN": "改了", "en": "changed"} }, []string{"necessity"}},
		"another text":         {func(draft, _ object) { textsOf(draft)["summary"] = "改了" }, []string{"contents"}},
		"nothing at all":       {func(object, object) {}, nil},
		"a way to lower it":    {func(draft, _ object) { draft["material"] = false; textsOf(draft)["title"] = "改了" }, []string{"contents"}},
		"two things":           {func(draft, facts object) { textsOf(draft)["body"] = "改了"; facts["consent_days"] = 1 }, []string{"consent_days", "contents"}},
		"an order of the same": {func(_, facts object) { kinds := facts["data_kinds"].([]any); slices.Reverse(kinds) }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := w.house(t)
			p := h.visitor()
			granted := p.decide("granted").ok(201)
			made := h.publish(tt.edit)
			if made["version"] != 2.0 || made["material"] != false || !slices.Equal(changes(made["changes"]), tt.want) {
				t.Errorf("the notice is version %v, material %v, changes %v", made["version"], made["material"], made["changes"])
			}
			p.wantSince(tt.want...)
			p.is("consented")
			p.another().is("consented")
			p.verify("a1").verdict("pass")
			passed := lastOf(h.recordsOf("check.passed"))
			if passed["consent"] != granted["consent"] || at(passed, "notice", "version") != 1.0 || at(passed, "notice_in_force", "version") != 2.0 {
				t.Errorf("the check rests on %v", passed)
			}
			if lapsed := h.recordsOf("consent.lapsed"); len(lapsed) != 0 {
				t.Errorf("the log has %v", lapsed)
			}
		})
	}
}

func textsOf(draft object) object { return draft["contents"].(object)["zh-CN"].(object) }

// A material change ends the consent: the person is asked again, and is told what is
// different.
func TestAMaterialChangeAsksAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	both := object{"zh-CN": "改了", "en": "changed"}
	for name, tt := range map[string]struct {
		edit func(draft, facts object)
		want []string
	}{
		"whom to turn to":  {func(_, facts object) { facts["contact"] = both }, []string{"contact!"}},
		"one's rights":     {func(_, facts object) { facts["rights"] = both }, []string{"rights!"}},
		"what it means":    {func(_, facts object) { facts["impact"] = both }, []string{"impact!"}},
		"a longer term":    {func(_, facts object) { facts["consent_days"] = 366 }, []string{"consent_days!"}},
		"a longer keeping": {func(_, facts object) { facts["retention_days"] = 1200 }, []string{"retention_days!"}},
		"a test for life":  {func(_, facts object) { facts["liveness"] = true }, []string{"liveness!"}},
		"both kinds": {func(draft, facts object) { facts["rights"] = both; textsOf(draft)["title"] = "改了" },
			[]string{"contents", "rights!"}},
		"the administrator's word": {func(draft, _ object) { draft["material"] = true; textsOf(draft)["title"] = "改了" }, []string{"contents"}},
		"and it cannot be lowered": {func(draft, facts object) { draft["material"] = false; facts["contact"] = both }, []string{"contact!"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := w.house(t)
			p := h.visitor()
			first := p.decide("granted").ok(201)
			made := h.publish(tt.edit)
			if made["material"] != true || !slices.Equal(changes(made["changes"]), tt.want) {
				t.Errorf("the notice is material %v, changes %v", made["material"], made["changes"])
			}
			p.is("open")
			p.wantSince(tt.want...)
			if shown := p.look(); shown["state"] != "open" || text(shown, "consent", "state") != "lapsed" || at(shown, "consent", "id") != first["consent"] ||
				at(shown, "notice", "id") != made["id"] || shown["ask_again_at"] != nil {
				t.Errorf("the page is shown %v, %v", shown["state"], shown["consent"])
			}
			p.verify("a1").notCounted(409, "consent-stale")
			p.another().is("open")
			p.decide("granted").ok(201)
			p.wantSince()
			p.verify("a2").verdict("pass")
			if list := h.recordsOf("consent.lapsed"); len(list) != 1 || list[0]["cause"] != "notice_changed" {
				t.Errorf("the log has %v", list)
			}
		})
	}
}

// Whoever missed several versions is told of all their changes, each once; a late
// version that is not material does not make up for an earlier one that was.
func TestChangesAddUp(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.agreed()
	h.publish(func(draft, _ object) { textsOf(draft)["title"] = "二" })
	p.wantSince("contents")
	contact := object{"zh-CN": "新的负责人", "en": "a new officer"}
	h.publish(func(draft, facts object) { textsOf(draft)["title"] = "三"; facts["contact"] = contact })
	h.publish(func(draft, facts object) {
		textsOf(draft)["title"], facts["contact"], facts["consent_days"] = "四", contact, 100
	})
	p.wantSince("consent_days", "contact!", "contents")
	p.is("open")
	if versions := items(h.do(t, "GET", "/v1/notices", h.admin, nil).ok(200)); len(versions) != 4 || versions[0]["version"] != 4.0 || versions[3]["id"] != h.notice {
		t.Errorf("%d versions are listed", len(versions))
	}
}

// A decision on what was shown before is not taken for what is in force now.
func TestADecisionOnTheNoticeBefore(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.visitor()
	old := p.decision("granted")
	h.publish(func(_, facts object) { facts["consent_days"] = 300 })
	h.writesNothing(func() {
		p.do(t, "POST", "/v1/consent", p.token, old).refused(409, "notice-changed")
		old["decision"] = "refused"
		p.do(t, "POST", "/v1/consent", p.token, old).refused(409, "notice-changed")
	})
	p.decide("granted").ok(201)
	if shown := p.look(); at(shown, "consent", "notice", "version") != 2.0 {
		t.Errorf("the consent is to %v", at(shown, "consent", "notice"))
	}
}

// A notice that is dated ahead comes into force by itself.
func TestANoticeDatedAhead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	h := w.house(t)
	p := h.person().open(func(r object) { r["ttl_s"] = 3600 })
	p.decide("granted").ok(201)
	from := w.now().Add(30 * time.Minute)
	made := h.publish(func(draft, facts object) {
		draft["effective_from"] = from
		facts["contact"] = object{"zh-CN": "新的负责人", "en": "a new officer"}
	})
	if !instant(t, made, "effective_from").Equal(from) {
		t.Errorf("it comes into force at %v, want %v", made["effective_from"], from)
	}
	p.wantSince()
	if got := text(p.look(), "notice", "id"); got != h.notice {
		t.Errorf("the page is shown %v before its time", got)
	}
	h.visitor().decide("granted").ok(201)
	w.pass(29 * time.Minute)
	p.is("consented")
	w.pass(time.Minute + time.Second)
	p.is("open")
	p.wantSince("contact!")
	if got := at(p.look(), "notice", "id"); got != made["id"] {
		t.Errorf("the page is shown %v after its time", got)
	}
	p.verify("a1").notCounted(409, "consent-stale")
	p.decide("granted").ok(201)
	p.verify("a2").verdict("pass")
}

// A time that is over means at once, not before.
func TestANoticeDatedBack(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	made := h.publish(func(draft, _ object) { draft["effective_from"] = h.now().AddDate(-1, 0, 0) })
	if made["effective_from"] != made["published_at"] {
		t.Errorf("it is in force from %v and was published at %v", made["effective_from"], made["published_at"])
	}
}
