package api

import (
	"slices"
	"strings"
	"testing"
)

// A decision is on exactly what was shown, by whom it was shown to.
func TestDecisionsThatAreNotTaken(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.visitor()
	english := text(p.look(), "notice", "sha256", "en")
	for name, tt := range map[string]struct {
		edit func(object)
		slug string
	}{
		"another notice":               {func(d object) { d["notice_id"] = nobodys }, "notice-changed"},
		"another text":                 {func(d object) { d["notice_sha256"] = nobodysHash }, "notice-changed"},
		"the English text as Chinese":  {func(d object) { d["notice_sha256"] = english }, "notice-changed"},
		"the Chinese text as English":  {func(d object) { d["locale"] = "en" }, "notice-changed"},
		"the delegation as the notice": {func(d object) { d["notice_id"] = h.delegation }, "notice-changed"},
		"by somebody else":             {func(d object) { d["by"], d["guardian"] = "guardian", aMother() }, "wrong-audience"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, what := range []string{"granted", "refused"} {
				d := p.decision(what)
				tt.edit(d)
				h.writesNothing(func() {
					if problem := p.do(t, "POST", "/v1/consent", p.token, d).refused(409, tt.slug); problem["state"] != "open" {
						t.Errorf("%s: the problem names the state %v", what, problem["state"])
					}
				})
			}
		})
	}
	p.is("open")
}

func TestFaultyDecisions(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.visitor()
	for name, tt := range map[string]struct {
		edit func(object)
		want string
	}{
		"no decision":                    {func(d object) { delete(d, "decision") }, "decision=missing"},
		"a withdrawal":                   {func(d object) { d["decision"] = "withdrawn" }, "decision=not_allowed"},
		"a yes":                          {func(d object) { d["decision"] = "yes" }, "decision=not_allowed"},
		"no notice":                      {func(d object) { delete(d, "notice_id") }, "notice_id=missing"},
		"a version for a notice":         {func(d object) { d["notice_id"] = "1" }, "notice_id=bad_format"},
		"no hash":                        {func(d object) { delete(d, "notice_sha256") }, "notice_sha256=missing"},
		"an empty hash":                  {func(d object) { d["notice_sha256"] = "" }, "notice_sha256=missing"},
		"a hash in capitals":             {func(d object) { d["notice_sha256"] = strings.ToUpper(text(d, "notice_sha256")) }, "notice_sha256=bad_format"},
		"half a hash":                    {func(d object) { d["notice_sha256"] = text(d, "notice_sha256")[:32] }, "notice_sha256=bad_format"},
		"no language":                    {func(d object) { delete(d, "locale") }, "locale=missing"},
		"a language not written":         {func(d object) { d["locale"] = "fr" }, "locale=not_allowed"},
		"by nobody":                      {func(d object) { delete(d, "by") }, "by=missing"},
		"by a guardian who says nothing": {func(d object) { d["by"] = "guardian" }, "guardian=missing"},
		"by a guardian who is a neighbour": {func(d object) {
			d["by"], d["guardian"] = "guardian", object{"relation": "neighbour", "reached_by": "sms"}
		}, "guardian.relation=not_allowed"},
		"by a guardian reached by telepathy": {func(d object) {
			d["by"], d["guardian"] = "guardian", object{"relation": "father", "reached_by": "telepathy"}
		}, "guardian.reached_by=not_allowed"},
		"by oneself, with a guardian": {func(d object) { d["guardian"] = aMother() }, "guardian=not_allowed"},
		"by the person's teacher":     {func(d object) { d["by"] = "teacher" }, "by=not_allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			d := p.decision("granted")
			tt.edit(d)
			h.writesNothing(func() {
				problem := p.do(t, "POST", "/v1/consent", p.token, d, bad).refused(422, "invalid-value")
				if got := faults(problem); !slices.Equal(got, []string{tt.want}) {
					t.Errorf("the faults are %v, want %s", got, tt.want)
				}
			})
		})
	}
}

// The language is the one that was read: it stands in the Record and in the receipt.
func TestADecisionInEnglish(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.visitor()
	shown := p.look()
	d := p.decision("granted")
	d["locale"], d["notice_sha256"] = "en", text(shown, "notice", "sha256", "en")
	made := p.do(t, "POST", "/v1/consent", p.token, d).ok(201)
	if got := text(made, "receipt", "agreed"); got == "" || got != text(shown, "notice", "contents", "en", "agree") {
		t.Errorf("the receipt says %q", got)
	}
	for where, ref := range map[string]any{
		"the receipt": at(made, "receipt", "notice"), "the Record": lastOf(h.recordsOf("consent.granted"))["notice"], "the LMS": p.seen()["notice"],
	} {
		if ref := ref.(object); ref["locale"] != "en" || ref["sha256"] != d["notice_sha256"] || ref["id"] != h.notice {
			t.Errorf("%s names %v", where, ref)
		}
	}
}

func TestDecidingTheSameTwice(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	for decision, state := range map[string]string{"granted": "consented", "refused": "refused"} {
		t.Run(decision, func(t *testing.T) {
			p := h.visitor()
			p.decide(decision).ok(201)
			h.writesNothing(func() {
				for range 2 {
					if problem := p.decide(decision).refused(409, "already-decided"); problem["state"] != state {
						t.Errorf("the problem names the state %v", problem["state"])
					}
				}
			})
			p.is(state)
		})
	}
}

// A person may change their mind as often as they like; every change is in the log,
// and the last word counts.
func TestChangingOnesMind(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.visitor()
	var ids []any
	for _, tt := range []struct{ decision, state string }{
		{"granted", "consented"}, {"refused", "refused"}, {"granted", "consented"}, {"refused", "refused"}, {"granted", "consented"},
	} {
		made := p.decide(tt.decision).ok(201)
		p.is(tt.state)
		shown := p.look()
		if made["state"] != tt.state || at(shown, "consent", "id") != made["consent"] || text(shown, "consent", "state") != tt.decision {
			t.Errorf("%s: the answer is %v, the page is shown %v", tt.decision, made["state"], shown["consent"])
		}
		ids = append(ids, made["consent"])
	}
	decided := h.recordsOf("consent.")
	if len(decided) != len(ids) {
		t.Fatalf("the log has %d decisions, want %d", len(decided), len(ids))
	}
	for i, r := range decided {
		if r["id"] != ids[i] || r["session"] != p.session {
			t.Errorf("decision %d is %v", i, r)
		}
	}
	p.verify("a1").verdict("pass")
	if passed := h.recordsOf("check.passed"); passed[0]["consent"] != ids[len(ids)-1] {
		t.Errorf("the check rests on %v", passed[0]["consent"])
	}
	h.writesNothing(func() { p.decide("refused").refused(409, "session-ended") })
}

// A session that is over takes no decision, whichever.
func TestNoDecisionAfterTheEnd(t *testing.T) {
	t.Parallel()
	everyEnding(t, func(t *testing.T, p *person, state string, e ending) {
		slug := e.recode // both ask whether the session is over
		if slug == "" || state == "expired" {
			return // there, the token is over too
		}
		for _, what := range []string{"granted", "refused"} {
			p.writesNothing(func() { p.endedBy(p.decide(what), slug, state) })
		}
	})
}

// What is shown is in the log, once for each session and version, also of those who
// never answer.
func TestWhatWasShownIsInTheLog(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.visitor()
	for range 3 {
		p.look()
	}
	shown := h.recordsOf("notice.shown")
	if len(shown) != 1 || shown[0]["session"] != p.session || text(shown[0], "notice", "id") != h.notice ||
		text(shown[0], "notice", "locale") != "en" || text(shown[0], "delegation", "id") != h.delegation {
		t.Fatalf("the log has %v", shown)
	}
	h.moreMaterial()
	p.look()
	if shown = h.recordsOf("notice.shown"); len(shown) != 2 || at(shown[1], "notice", "version") != 2.0 {
		t.Errorf("the log has %v", shown)
	}
	silent := h.visitor()
	silent.do(t, "GET", "/v1/session", silent.token, nil, without("Accept-Language")).ok(200)
	if last := lastOf(h.recordsOf("notice.shown")); last["session"] != silent.session || text(last, "notice", "locale") != "zh-CN" {
		t.Errorf("to a page that names no language it was shown as %v", last)
	}
}
