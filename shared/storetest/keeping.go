package storetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/store"
)

// keeping is what goes when its time is over, and what stays.
var keeping = map[string]func(*testing.T, opener){
	"D14 a session from which nothing came goes after a month":       sessionsGo,
	"D14 what proves a consent goes with its retention":              consentsGo,
	"D14 a check keeps the consent that it rests on":                 checksKeep,
	"D14 a clock that was ahead makes nothing late":                  clockAhead,
	"D14 a clock that nobody shares deletes nothing":                 clockAlone,
	"D14 a person with something under way is left alone":            nobodyIsDisturbed,
	"D14 a person who comes back while they are erased is new":       erasedWhileTheyComeBack,
	"D21 a deletion that is granted ends everything but keeping":     restricted,
	"D21 a deletion ends a check that is under way, with its Record": restrictedDuringACheck,
	"D21 what comes after a deletion is kept and shown as ever":      afterRestriction,
	"D15 of a closed enterprise with its records nobody is left":     emptied,
	"D15 a check of a closed enterprise has its outcome before":      emptiedAfterChecks,
}

const day = 24 * time.Hour

// pseudonym is whom the log knows them by.
func (p *person) pseudonym() string {
	p.t.Helper()
	return p.now().Subject.Pseudonym
}

// gone holds that nothing leads to the person any more, and that what the log has of
// them is the chain that it was, with its end.
func (p *person) gone(pseudonym string) {
	p.t.Helper()
	_, err := p.tenant.Moment(p.t.Context(), app.By{Session: p.session})
	p.refused(err, domain.NoSuchThing)
	err = p.tenant.Keep(p.t.Context(), pseudonym, func(*domain.Keeping) error { return errors.New("somebody is there") })
	p.refused(err, domain.NoSuchThing)
	log, head := p.log(pseudonym), ""
	next := map[string]logged{}
	for _, r := range log {
		next[r.Prev] = r
	}
	for range log {
		r, ok := next[head]
		if !ok {
			p.t.Fatalf("%s: the chain breaks behind %q", p.name, head)
		}
		head = r.leaf
		if _, more := next[head]; !more && r.Type != domain.SubjectErased {
			p.t.Errorf("%s: the chain ends with %s", p.name, r.Type)
		}
	}
}

func sessionsGo(t *testing.T, open opener) {
	h := aHouse(t, open)
	p := h.person("工号-1")
	known := p.pseudonym()
	h.clock.turn(past + time.Minute)
	h.tick(app.Done{Secrets: 1, Expired: 1})
	h.clock.turn(29 * day)
	h.tick(app.Done{})
	p.isNow(domain.Expired)
	h.clock.turn(32 * day)
	h.tick(app.Done{Released: 1, Erased: 1})
	p.gone(known)
	h.must(p.openSession(store.NewID(), aRequest()))
	if p.pseudonym() == known {
		t.Error("somebody who was erased is known again")
	}
}

func consentsGo(t *testing.T, open opener) {
	h := aHouse(t, open)
	other := h.another()
	p, q := h.consenting("工号-1"), other.consenting("工号-1")
	asked := p.ask(aRequestOf(domain.AskExplain))
	h.must(h.answer(asked.ID, domain.Resolution{Outcome: domain.RequestDone}))
	h.must(p.check("a", passed))
	known := p.pseudonym()
	h.must(p.withdraw()) // the other one's grant ends with its term, a year later
	h.clock.turn(past + time.Minute)
	h.tick(app.Done{Secrets: 1, Expired: 1})
	h.clock.turn(366 * day)
	h.tick(app.Done{Lapsed: 1})
	h.clock.turn(domain.LeastRetentionDays*day - time.Hour)
	h.tick(app.Done{})
	if len(p.held().Consents) != 1 {
		t.Fatal("the consent went before its time")
	}
	h.clock.turn(domain.LeastRetentionDays*day + past + 2*domain.ReviewAfter)
	h.tick(app.Done{Released: 3, Erased: 1}) // consent, session and request
	p.gone(known)
	log := h.log(known)
	if n := count(log, domain.RetentionApplied); n != 2 {
		t.Errorf("%d Records of retention, want one each of the consent and the request", n)
	}
	if n := count(log, domain.ConsentGrantedType) + count(log, domain.CheckPassed); n != 2 {
		t.Errorf("the log has %d of the two lines that it had", n)
	}
	if len(q.held().Consents) != 1 {
		t.Error("another enterprise's went with it")
	}
	h.clock.turn((domain.LeastRetentionDays + 366 + 62) * day)
	h.tick(app.Done{Released: 2, Erased: 1})
	q.gone(other.log("")[len(other.log(""))-1].Subject)
}

func checksKeep(t *testing.T, open opener) {
	h := aHouse(t, open)
	p := h.consenting("工号-1")
	first := p.now().Consent.ID
	h.clock.turn(300 * day)
	h.must(p.openSession(store.NewID(), aRequest()))
	h.must(p.check("a", passed))
	h.must(p.withdraw())
	h.clock.turn((domain.LeastRetentionDays + 299) * day)
	w, _ := h.timer()
	if _, err := w.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if held := p.held(); len(held.Consents) != 1 || held.Consents[0].ID != first || len(held.Checks) != 1 {
		t.Errorf("a day before its time it holds %+v", held)
	}
	known := p.pseudonym()
	h.clock.turn((domain.LeastRetentionDays + 300 + 63) * day)
	if _, err := w.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.gone(known)
}

func nobodyIsDisturbed(t *testing.T, open opener) {
	h := aHouse(t, open)
	p, running := h.person("工号-1"), h.consenting("工号-2")
	h.clock.turn(40 * day)
	h.tick(app.Done{Secrets: 2, Expired: 2, Released: 1, Erased: 1})
	h.must(p.openSession(store.NewID(), aRequest()))
	h.must(running.openSession(store.NewID(), aRequest()))
	_, _, err := running.reserve("a")
	h.must(err)
	for _, p := range []*person{p, running} {
		h.must(h.tenant.Keep(t.Context(), p.pseudonym(), func(k *domain.Keeping) error {
			k.Charter.Now = k.Charter.Now.Add(time.Minute)
			k.Release()
			if len(k.Consents)+len(k.Sessions)+len(k.Requests) > 0 || k.Erased || !k.ReviewAt.After(k.Charter.Now) {
				t.Errorf("%s is let go of: %+v", p.name, k)
			}
			return nil
		}))
	}
	h.must(running.conclude("a", passed))
	running.chain()
	p.isNow(domain.Open)
}

// erasedWhileTheyComeBack has the platform open a session for somebody in the moment in
// which they go: they are the same person still, or a new one, and never half of each.
func erasedWhileTheyComeBack(t *testing.T, open opener) {
	h := aHouse(t, open)
	other := h.elsewhere()
	for i := range h.rounds() {
		h.clock.turn(0)
		p := h.person(fmt.Sprintf("工号-%d", i))
		known := p.pseudonym()
		h.must(p.cancel())
		h.clock.turn(40 * day)
		again := p.elsewhere(other)
		for _, err := range race(
			func() error {
				err := h.tenant.Keep(t.Context(), known, func(k *domain.Keeping) error { k.Release(); return nil })
				return err
			},
			func() error { return again.openSession(store.NewID(), aRequest()) },
		) {
			h.must(err)
		}
		now := again.now()
		if erased := count(h.log(known), domain.SubjectErased) == 1; erased == (now.Subject.Pseudonym == known) {
			t.Errorf("erased %v, and known as before %v", erased, now.Subject.Pseudonym == known)
		}
		h.must(again.decide(domain.Granted))
		again.chain()
	}
}

// delete has a person ask to be deleted, and the enterprise do it.
func (p *person) delete() {
	p.t.Helper()
	asked := p.ask(aRequestOf(domain.AskDelete))
	p.clock.turn(time.Duration(p.clock.offset.Load()) + time.Second)
	p.must(p.answer(asked.ID, domain.Resolution{Outcome: domain.RequestDone}))
}

func restricted(t *testing.T, open opener) {
	h := aHouse(t, open)
	p := h.consenting("工号-1")
	h.must(p.check("a", passed))
	earlier := p.session
	waiting := p.elsewhere(h)
	h.must(waiting.openSession(store.NewID(), aRequest())) // starts consented
	h.must(p.openMe())
	p.delete()
	for _, s := range []struct {
		id   domain.ID
		want domain.State
	}{{earlier, domain.Passed}, {waiting.session, domain.Withdrawn}, {p.session, domain.Open}} {
		m := h.moment(app.By{Session: s.id})
		if m.Session.State != s.want || m.Session.State.Terminal() && m.Session.HoldsSecret() {
			t.Errorf("a session is %s, want %s (%q)", m.Session.State, s.want, m.Session.Secret)
		}
		if m.Concealed() != (s.id != p.session) {
			t.Errorf("a session that is %s: concealed %v", m.Session.State, m.Concealed())
		}
	}
	if _, _, err := waiting.reserve("b"); !errors.Is(err, domain.Refuse(domain.ConsentWithdrawn)) {
		t.Errorf("a check after it: %v", err)
	}
	shown := p.held().Shown()
	if len(shown.Consents)+len(shown.Checks) > 0 || shown.Evidence != 2 || len(shown.Requests) != 1 || len(shown.Sessions) != 1 {
		t.Errorf("shown is %+v", shown)
	}
	if ids, err := h.tenant.Sessions(t.Context(), app.SessionFilter{Lookup: p.lookup(), Limit: 10}); err != nil || len(ids) != 1 || ids[0] != p.session {
		t.Errorf("listed are %v, %v", ids, err)
	}
	if lines, _, err := h.tenant.Chain(t.Context(), p.pseudonym(), 0, 100); err != nil || len(lines) != 3 {
		t.Errorf("of the log, they are shown %d lines, %v; want three: answer, withdrawal, restriction", len(lines), err)
	}
	chain := p.chain()
	if count(chain, domain.SubjectRestricted) != 1 || count(chain, domain.ConsentWithdrawnType) != 1 {
		t.Error("the log does not say so")
	}
	known := p.pseudonym()
	h.clock.turn((domain.LeastRetentionDays + 63) * day)
	w, _ := h.timer()
	_, err := w.Run(t.Context())
	h.must(err)
	p.gone(known)
}

// openMe opens the person's own page.
func (p *person) openMe() error {
	r := aRequest()
	r.Kind, r.Purpose, r.Route, r.Resource, r.Reference = domain.MeKind, "", "", "", nil
	return p.openSession(store.NewID(), r)
}

func (p *person) cancel() error {
	_, err := p.update(func(m *domain.Moment) error { return m.Cancel() })
	return err
}

func restrictedDuringACheck(t *testing.T, open opener) {
	h := aHouse(t, open)
	p := h.consenting("工号-1")
	_, _, err := p.reserve("a")
	h.must(err)
	p.delete()
	h.refused(p.conclude("a", passed), domain.ConsentWithdrawn)
	chain := p.chain()
	if position(chain, domain.CheckNotPerformed) < position(chain, domain.SubjectRestricted) {
		t.Error("the outcome is not behind the restriction, or is none")
	}
	p.isNow(domain.Withdrawn)
}

func afterRestriction(t *testing.T, open opener) {
	h := aHouse(t, open)
	p, open1 := h.consenting("工号-1"), h.person("工号-2")
	for _, p := range []*person{p, open1} {
		p.delete()
	}
	open1.isNow(domain.Cancelled)
	h.clock.turn(time.Hour)
	h.must(p.openSession(store.NewID(), aRequest()))
	if m := p.now(); m.Session.State != domain.Refused { // duty D04: nobody is asked again within 48 hours
		t.Errorf("an hour later a session starts %s", m.Session.State)
	}
	h.clock.turn(49 * time.Hour)
	h.must(p.openSession(store.NewID(), aRequest()))
	h.must(p.decide(domain.Granted))
	h.must(p.check("b", failed))
	if shown := p.held().Shown(); len(shown.Consents) != 1 || len(shown.Checks) != 1 || shown.Evidence != 1 {
		t.Errorf("shown is %+v", shown)
	}
	if p.now().Concealed() {
		t.Error("a later session is concealed")
	}
	p.chain()
}

func (h *house) shut() {
	h.t.Helper()
	h.must(h.instruct(func(c *domain.Charter) error { c.Close(actor); return nil }))
}

func (h *house) acknowledge() error {
	return h.instruct(func(c *domain.Charter) error { return c.Acknowledge("", actor) })
}

// takesAlong has the last export of a closed enterprise ready, whoever made it.
func (h *house) takesAlong() domain.ID {
	h.t.Helper()
	h.must(h.instruct(func(c *domain.Charter) error { c.HandOver(); return nil }))
	job, found, err := h.store.ClaimExport(h.t.Context(), store.NewID(), time.Minute)
	if h.must(err); !found || !job.Export.Last || job.Enterprise != h.id {
		h.t.Fatalf("of a last export there is %+v, %v", job, found)
	}
	e := &job.Export
	e.State, e.ReadyAt, e.ExpiresAt = domain.ExportReady, job.Now, job.Now.Add(domain.ExportKeptFor)
	e.Bundle = domain.ExportedBundle{Object: "o", Bytes: 1, SHA256: "s", Records: 1}
	saved, err := h.store.SaveExport(h.t.Context(), job, app.ExportNext{At: e.ExpiresAt})
	if h.must(err); !saved {
		h.t.Fatal("it was not saved")
	}
	return e.ID
}

func emptied(t *testing.T, open opener) {
	h := aHouse(t, open)
	other := h.another()
	h.refused(h.acknowledge(), domain.NotClosed)
	people := []*person{h.consenting("工号-1"), h.person("工号-2"), h.consenting("工号-3")}
	h.must(people[2].check("a", passed))
	people[2].ask(aRequestOf(domain.Complaint)) // not even one that waits
	bystander := other.consenting("工号-1")
	var known []string
	for _, p := range people {
		known = append(known, p.pseudonym())
	}
	h.shut()
	h.refused(h.acknowledge(), domain.LastExportNotReady)
	h.tick(app.Done{HandOver: 1}) // until the enterprise has its records, nothing goes
	h.refused(h.acknowledge(), domain.LastExportNotReady)
	h.takesAlong()
	h.tick(app.Done{})
	h.must(h.acknowledge())
	h.must(h.acknowledge())
	h.tick(app.Done{Released: 6, Erased: 3, Emptied: 1})
	for i, p := range people {
		p.gone(known[i])
	}
	if e := h.charter().Enterprise; e.AcknowledgedAt.IsZero() || e.ErasedAt.Before(e.AcknowledgedAt) {
		t.Errorf("the enterprise is %+v", e)
	}
	log := h.log("")
	if count(log, domain.RecordsAcknowledged) != 1 || count(log, domain.EnterpriseErased) != 1 || count(log, domain.SubjectErased) != 3 {
		t.Error("the log does not say so once")
	}
	bystander.isNow(domain.Consented)
}

func emptiedAfterChecks(t *testing.T, open opener) {
	h := aHouse(t, open)
	p := h.consenting("工号-1")
	known := p.pseudonym()
	_, _, err := p.reserve("a")
	h.must(err)
	h.shut()
	w, _ := h.timer()
	if done, err := w.Run(t.Context()); err != nil || done != (app.Done{}) { // the last export has its outcome too
		t.Fatalf("done %+v, %v", done, err)
	}
	h.takesAlong()
	h.must(h.acknowledge())
	if done, err := w.Run(t.Context()); err != nil || done.Erased+done.Emptied > 0 {
		t.Fatalf("done %+v, %v", done, err)
	}
	h.must(p.conclude("a", passed))
	h.tick(app.Done{Released: 2, Erased: 1, Emptied: 1})
	p.gone(known)
	if count(h.log(known), domain.CheckPassed) != 1 {
		t.Error("the outcome is not in the log")
	}
}

// clockAhead has one Record written while the database's clock was years ahead. When that
// is right again, nothing goes before its time.
func clockAhead(t *testing.T, open opener) {
	h := aHouse(t, open)
	p := h.consenting("工号-1")
	h.must(p.check("a", passed))
	h.must(p.withdraw())
	h.clock.turn(5 * 365 * day)
	p.ask(aRequestOf(domain.AskExplain))
	known := p.pseudonym()
	h.clock.turn(40 * day)
	h.tick(app.Done{})
	if held := p.held(); len(held.Consents) != 1 || len(held.Checks) != 1 {
		t.Errorf("of the evidence there is %+v", held)
	}
	h.clock.turn((domain.LeastRetentionDays + 62) * day)
	w, _ := h.timer()
	_, err := w.Run(t.Context())
	h.must(err)
	if count(h.log(known), domain.RetentionApplied) != 1 {
		t.Error("the consent did not go at its time")
	}
	h.must(h.tenant.Keep(t.Context(), known, func(k *domain.Keeping) error { // their request still waits
		if len(k.Holdings.Requests) != 1 || len(k.Holdings.Consents) != 0 {
			t.Errorf("kept is %+v", k.Holdings)
		}
		return nil
	}))
}

// clockAlone has the database's clock say something else than this process's.
func clockAlone(t *testing.T, open opener) {
	h := aHouse(t, open)
	p := h.consenting("工号-1")
	h.must(p.withdraw())
	h.clock.turn(5 * 365 * day)
	w, log := h.timer()
	w.Clock = time.Now
	done, err := w.Run(t.Context())
	if h.must(err); done.Released+done.Erased > 0 || done.Faults == 0 || !strings.Contains(log.String(), "nothing is deleted") {
		t.Errorf("done %+v\n%s", done, log)
	}
	p.chain()
}
