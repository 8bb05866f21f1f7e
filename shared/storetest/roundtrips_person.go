package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/store"
)

func sessionRoundTrip(t *testing.T, open opener) {
	h := aHouse(t, open)
	p := &person{house: h, name: "工号-1029", session: store.NewID()}
	var written domain.Session
	var subject domain.Subject
	keep := func(m *domain.Moment) error {
		written, subject = *m.Session, m.Subject
		return nil
	}
	by := p.opening()
	_, err := h.tenant.Update(t.Context(), by, nil, func(m *domain.Moment) error {
		if err := p.newSession(m, aRequest(), p.session); err != nil {
			return err
		}
		return keep(m)
	})
	h.must(err)
	m := p.now()
	same(t, "session", *m.Session, written)
	same(t, "subject", m.Subject, subject)
	if m.Subject.Pseudonym != by.Opening.Pseudonym {
		t.Errorf("pseudonym %q, want %q", m.Subject.Pseudonym, by.Opening.Pseudonym)
	}
	same(t, "sealed id", m.Subject.SealedID, by.Opening.SealedID)
	aMillisecond(t, "created_at", m.Session.CreatedAt)

	steps := []struct {
		name string
		rule func(*domain.Moment) error
	}{
		{"exchanged", func(m *domain.Moment) error {
			return m.Exchange(hashOf("code "+string(p.session)), hashOf("token"))
		}},
		{"handed over", func(m *domain.Moment) error { return m.HandOver(hashOf("phone's code")) }},
		{"taken", func(m *domain.Moment) error { return m.Exchange(hashOf("phone's code"), hashOf("phone's token")) }},
		{"extended", (*domain.Moment).Extend},
		{"shown", func(m *domain.Moment) error { m.Show(domain.English); return nil }},
		{"consented", func(m *domain.Moment) error { return m.Decide(answerTo(m, domain.Granted), p.proof()) }},
		{"reserved", func(m *domain.Moment) error { _, _, err := m.Reserve(aCheck("a")); return err }},
		{"no face", func(m *domain.Moment) error { return m.Conclude("a", noFace) }},
		{"reserved again", func(m *domain.Moment) error { _, _, err := m.Reserve(aCheck("b")); return err }},
		{"passed", func(m *domain.Moment) error { return m.Conclude("b", passed) }},
	}
	for _, step := range steps {
		_, err := p.update(func(m *domain.Moment) error {
			if err := step.rule(m); err != nil {
				return err
			}
			written = *m.Session
			return nil
		})
		h.must(err)
		same(t, step.name, *p.now().Session, written)
	}
	if written.State != domain.Passed || len(written.Secret) != 0 {
		t.Errorf("the session ends %s with a secret of %d bytes", written.State, len(written.Secret))
	}
	p.chain()
}

func bareSessionRoundTrip(t *testing.T, open opener) {
	h := aHouse(t, open)
	p := &person{house: h, name: "b", session: store.NewID()}
	by := p.opening()
	by.Opening.SealedID = nil
	var written domain.Session
	_, err := h.tenant.Update(t.Context(), by, nil, func(m *domain.Moment) error {
		r := domain.SessionRequest{Kind: domain.ConsentKind, Purpose: domain.Exam, AgeGroup: domain.GrownUp}
		err := m.NewSession(r, p.session, "")
		written = *m.Session
		return err
	})
	h.must(err)
	m := p.now()
	same(t, "session", *m.Session, written)
	same(t, "sealed id", m.Subject.SealedID, []byte{})
	if m.Consent != nil || len(m.Attempts) != 0 || m.Subject.Records != 0 || !m.Subject.HeadAt.IsZero() {
		t.Errorf("somebody new has a past: %+v", m)
	}
}

func consentRoundTrip(t *testing.T, open opener) {
	h := aHouse(t, open)
	p := h.person("工号-1")
	var written domain.Consent
	step := func(what string, rule func(*domain.Moment) error) {
		t.Helper()
		_, err := p.update(func(m *domain.Moment) error {
			err := rule(m)
			written = *m.Consent
			return err
		})
		h.must(err)
		read := p.now().Consent
		same(t, what, *read, written)
		named := h.moment(app.By{Consent: written.ID})
		same(t, what+", by its id", *named.Named, written)
		same(t, what+", current", *named.Consent, written)
		if named.Session != nil {
			t.Error("a consent brought a session along")
		}
	}
	decide := func(d domain.ConsentState, proof domain.Proof) func(*domain.Moment) error {
		return func(m *domain.Moment) error { return m.Decide(answerTo(m, d), proof) }
	}
	step("refused", decide(domain.Declined, domain.Proof{}))
	step("granted", decide(domain.Granted, p.proof()))
	aMillisecond(t, "at", written.At)
	step("withdrawn", func(m *domain.Moment) error { return m.Withdraw("session") })

	h.must(p.openSession(store.NewID(), aRequest()))
	step("granted again", decide(domain.Granted, p.proof()))
	h.clock.turn(366 * 24 * time.Hour)
	step("lapsed", func(m *domain.Moment) error { m.Settle(); return nil })
	if written.State != domain.Lapsed || written.Cause != domain.TermOver {
		t.Errorf("after its term the consent is %s (%s)", written.State, written.Cause)
	}
	p.chain()
}

// agreedRoundTrip: the notice that somebody agreed to is found whatever is in force by
// now, and nobody else's is.
func agreedRoundTrip(t *testing.T, open opener) {
	h := aHouse(t, open)
	first := h.charter().Notices[0]
	p, other := h.consenting("工号-3"), h.person("工号-4")
	h.must(other.decide(domain.Declined))
	again := aDraft(h.delegation)
	again.Facts.Necessity = both("改了", "changed")
	h.must(h.publish(store.NewID(), again))
	later := h.consenting("工号-5")

	agreed := func(by app.By) []domain.Notice {
		by.Agreed = true
		return h.moment(by).Agreed
	}
	same(t, "by the session", agreed(app.By{Session: p.session}), []domain.Notice{first})
	same(t, "by the receipt", agreed(app.By{Consent: p.now().Consent.ID}), []domain.Notice{first})
	m := h.moment(app.By{Session: p.session, Agreed: true})
	same(t, "of the consent", *m.NoticeOf(m.Consent), first)
	same(t, "of one who refused", agreed(app.By{Session: other.session}), []domain.Notice(nil))
	if list := agreed(app.By{Session: later.session}); len(list) != 1 || list[0].Version != 2 {
		t.Errorf("who agreed later agreed to %v", list)
	}
	same(t, "unasked", p.now().Agreed, []domain.Notice(nil))
}

func attemptRoundTrip(t *testing.T, open opener) {
	h := aHouse(t, open)
	p := h.consenting("工号-2")
	var written []domain.Attempt
	update := func(rule func(*domain.Moment) error) {
		t.Helper()
		_, err := p.update(func(m *domain.Moment) error {
			err := rule(m)
			written = slices.Clone(m.Attempts)
			return err
		})
		h.must(err)
		same(t, "attempts", p.now().Attempts, written)
	}
	for i, o := range []domain.Outcome{failed, noFace, failed, domain.Inconclusive(domain.FaceAPIDown)} {
		name := fmt.Sprintf("%s-%d", []string{"z", "y", "x", "w"}[i], i) // not in the order of their names
		update(func(m *domain.Moment) error {
			c := aCheck(name)
			c.Capture = []domain.CaptureKind{domain.FromStream, domain.FromPhoto}[i%2]
			_, _, err := m.Reserve(c)
			return err
		})
		update(func(m *domain.Moment) error { return m.Conclude(name, o) })
	}
	update(func(m *domain.Moment) error { _, _, err := m.Reserve(aCheck("dies")); return err })
	aMillisecond(t, "deadline", written[4].DeadlineAt)
	h.clock.turn(time.Minute)
	update(func(m *domain.Moment) error { m.Settle(); return nil })
	if died := written[4]; died.Result != domain.Unknown {
		t.Errorf("after its time a reservation is %q", died.Result)
	}
	p.chain()
}

func sessionList(t *testing.T, open opener) {
	h := aHouse(t, open)
	var mine, theirs, everyone []domain.ID
	me, other := &person{house: h, name: "me"}, &person{house: h, name: "other"}
	for i := range 6 {
		r := aRequest()
		r.Resource = []string{"考试/一", "考试/二"}[i/3]
		p := []*person{me, other}[i%2]
		h.must(p.openSession(store.NewID(), r))
		everyone = append(everyone, p.session)
		if p == me {
			mine = append(mine, p.session)
		} else {
			theirs = append(theirs, p.session)
		}
	}
	for _, tt := range []struct {
		name   string
		filter app.SessionFilter
		want   []domain.ID
	}{
		{"all", app.SessionFilter{Limit: 10}, everyone},
		{"a page", app.SessionFilter{Limit: 2}, everyone[:2]},
		{"the next page", app.SessionFilter{Limit: 2, After: everyone[1]}, everyone[2:4]},
		{"mine", app.SessionFilter{Limit: 10, Lookup: me.lookup()}, mine},
		{"theirs, a page", app.SessionFilter{Limit: 1, Lookup: other.lookup(), After: theirs[0]}, theirs[1:2]},
		{"of a resource", app.SessionFilter{Limit: 10, Resource: "考试/二"}, everyone[3:]},
		{"mine of a resource", app.SessionFilter{Limit: 10, Lookup: me.lookup(), Resource: "考试/一"}, mine[:2]},
		{"nobody's", app.SessionFilter{Limit: 10, Lookup: "nobody"}, nil},
	} {
		got, err := h.tenant.Sessions(t.Context(), tt.filter)
		h.must(err)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
