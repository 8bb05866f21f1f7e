package domain_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"nod/shared/domain"
)

const hook = "https://lms.example.com/hook"

// aToldScene is aScene for a platform that wants to be told.
func aToldScene(t *testing.T) (*world, *person) {
	t.Helper()
	w, p := aScene()
	s := someSettings()
	s.Webhook = hook
	err := w.instruct(func(c *domain.Charter) error { return c.SetPurpose(domain.Exam, s, nil, hexOf("settings"), "key") })
	if err != nil {
		t.Fatal(err)
	}
	return w, p
}

// steps are the types and steps of what was told, in order.
func (w *world) steps() (list []string) {
	for _, e := range w.told {
		step := e.Step
		if e.Type == domain.TellCompleted {
			step = domain.StateOf(step)
		}
		list = append(list, string(e.Type)+" "+step)
	}
	return list
}

func TestThePlatformIsToldHowASessionEnds(t *testing.T) {
	ask := aRequest()
	ask.Kind, ask.Route, ask.Resource, ask.Reference = domain.ConsentKind, "", "", nil
	me := aRequest()
	me.Kind, me.Route, me.Resource, me.Reference, me.Purpose = domain.MeKind, "", "", nil, ""
	type does = func(w *world, p *person, id domain.ID) error
	agree := func(w *world, p *person, id domain.ID) error { return w.decide(p, id, domain.Granted) }
	refuse := func(w *world, p *person, id domain.ID) error { return w.decide(p, id, domain.Declined) }
	ends := func(o domain.Outcome, attempts ...string) does {
		return func(w *world, p *person, id domain.ID) error {
			for _, a := range attempts {
				if err := w.check(p, id, a, o); err != nil {
					return err
				}
			}
			return nil
		}
	}
	rule := func(rule func(*domain.Moment) error) does {
		return func(w *world, p *person, id domain.ID) error { return w.update(p, id, "", rule) }
	}
	later := func(d time.Duration) does {
		return func(w *world, p *person, id domain.ID) error {
			w.clock = w.clock.Add(d)
			return w.update(p, id, "", func(m *domain.Moment) error { m.Settle(); return nil })
		}
	}
	withdraw := rule(func(m *domain.Moment) error { return m.Withdraw("session") })
	elsewhere := rule(func(m *domain.Moment) error {
		return m.TakeAlternative(domain.AlternativeReport{Method: "desk", Result: domain.Pass}, "key")
	})
	for name, tt := range map[string]struct {
		request domain.SessionRequest
		does    []does
		want    string
	}{
		"nothing yet":               {aRequest(), []does{agree}, ""},
		"a refusal, which may turn": {aRequest(), []does{refuse}, ""},
		"a pass":                    {aRequest(), []does{agree, ends(passed, "a")}, "session.completed passed"},
		"no outcome":                {aRequest(), []does{agree, ends(noFace, "a")}, ""},
		"two fails":                 {aRequest(), []does{agree, ends(failed, "a", "b")}, ""},
		"three fails, then the desk": {aRequest(), []does{agree, ends(failed, "a", "b", "c"), elsewhere},
			"session.completed failed, session.completed alternative"},
		"a withdrawal": {aRequest(), []does{agree, withdraw}, "consent.withdrawn withdrawn, session.completed withdrawn"},
		"asked ahead, no, yes and no": {ask, []does{refuse, agree, refuse},
			"session.completed refused, session.completed consented, session.completed refused"},
		"its time":                    {aRequest(), []does{later(domain.DefaultTTL)}, "session.completed expired"},
		"a cancellation":              {aRequest(), []does{rule((*domain.Moment).Cancel)}, "session.completed cancelled"},
		"asked ahead":                 {ask, []does{agree}, "session.completed consented"},
		"asked ahead, with a no":      {ask, []does{refuse}, "session.completed refused"},
		"asked ahead, then withdrawn": {ask, []does{agree, withdraw}, "session.completed consented, consent.withdrawn withdrawn, session.completed withdrawn"},
		"a consent that lapses":       {ask, []does{agree, later(366 * 24 * time.Hour)}, "session.completed consented, consent.lapsed lapsed"},
		"a page of one's own":         {me, []does{later(domain.DefaultTTL)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w, p := aToldScene(t)
			id, err := w.open(p, tt.request)
			for _, do := range tt.does {
				if err == nil {
					err = do(w, p, id)
				}
			}
			if got := strings.Join(w.steps(), ", "); err != nil || got != tt.want {
				t.Errorf("told %q, want %q (%v)", got, tt.want, err)
			}
			seen := map[domain.ID]bool{}
			for _, e := range w.told {
				once := domain.ID(fmt.Sprint(e.EventKey))
				if e.Purpose != domain.Exam || e.At.IsZero() || e.Thing == "" || seen[e.ID] || seen[once] {
					t.Errorf("told %+v", e)
				}
				seen[e.ID], seen[once] = true, true
			}
		})
	}
}

func TestWhatIsToldOfAConsentNamesNobody(t *testing.T) {
	w, p := aToldScene(t)
	id, err := w.open(p, aRequest())
	if err != nil {
		t.Fatal(err)
	}
	for _, do := range []func() error{
		func() error { return w.decide(p, id, domain.Granted) },
		func() error {
			w.clock = w.clock.Add(366 * 24 * time.Hour)
			return w.update(p, id, "", func(m *domain.Moment) error { m.Settle(); return nil })
		},
	} {
		if err := do(); err != nil {
			t.Fatal(err)
		}
	}
	i := slices.IndexFunc(w.told, func(e *domain.Event) bool { return e.Type == domain.TellLapsed })
	text, err := json.Marshal(w.told[i].Data)
	if err != nil {
		t.Fatal(err)
	}
	c := p.latest(domain.Exam, domain.Adult, domain.Self)
	want := `{"enterprise":"` + string(w.enterprise.ID) + `","mode":"live","purpose":"exam","session":"` + string(id) +
		`","consent":"` + string(c.ID) + `","state":"lapsed","cause":"term_over"}`
	if string(text) != want {
		t.Errorf("told %s, want %s", text, want)
	}
}

func TestWhoNamesNoAddressIsToldNothing(t *testing.T) {
	w, p := aScene()
	id, err := w.open(p, aRequest())
	if err == nil {
		err = w.update(p, id, "", (*domain.Moment).Cancel)
	}
	if err == nil {
		err = w.instruct(func(c *domain.Charter) error { c.Close("key"); return nil })
	}
	if err != nil || len(w.told) != 0 {
		t.Errorf("told %v, %v", w.steps(), err)
	}
}

func TestWhatConcernsNoPurposeGoesToEachAddressOnce(t *testing.T) {
	with := func(training, exam, realname string) domain.Settings {
		return domain.Settings{Purposes: map[domain.Purpose]domain.PurposeSettings{
			domain.Training: {Webhook: training}, domain.Exam: {Webhook: exam}, domain.RealName: {Webhook: realname},
		}}
	}
	for name, tt := range map[string]struct {
		settings domain.Settings
		want     []domain.Purpose
	}{
		"none":               {domain.Settings{}, nil},
		"none at any":        {with("", "", ""), nil},
		"one":                {with("", hook, ""), []domain.Purpose{domain.Exam}},
		"the same for all":   {with(hook, hook, hook), []domain.Purpose{domain.Training}},
		"one twice":          {with(hook, "https://b.example.com", hook), []domain.Purpose{domain.Training, domain.Exam}},
		"one for each":       {with(hook, hook+"/2", hook+"/3"), domain.Purposes},
		"two, one of it off": {with("", hook, hook+"/3"), []domain.Purpose{domain.Exam, domain.RealName}},
	} {
		if got := tt.settings.Hooks(); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
	w, _ := aToldScene(t)
	for range 2 {
		if err := w.instruct(func(c *domain.Charter) error { c.Close("key"); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.steps(); len(got) != 1 || w.told[0].Type != domain.TellClosing || !w.told[0].Data.ClosedAt.Equal(w.clock) {
		t.Errorf("of the closing was told %v", got)
	}
}
