package domain_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"nod/shared/domain"
)

const (
	walks        = 375
	stepsPerWalk = 400
	peopleInWalk = 3
)

// TestTheGateGivesAPermitExactlyWhenTheModelDoes takes 150,000 random steps of
// grants, refusals, withdrawals, notice changes, revocations, switches and clock
// jumps. After each the model must agree about every decision, every session's
// state and every permit, and the chains of Records must stand up by themselves.
func TestTheGateGivesAPermitExactlyWhenTheModelDoes(t *testing.T) {
	seen := map[string]int{}
	for seed := range uint64(walks) {
		w := newWalk(t, seed)
		w.run(stepsPerWalk)
		for k, n := range w.seen {
			seen[k] += n
		}
	}
	// A walk that meets nothing proves nothing.
	for _, what := range []string{
		"permit", "permit refused", "repeated attempt", "after a clock set back",
		"reserve: face-service-off", "reserve: purpose-off", "reserve: assessment-not-acceptable",
		"reserve: delegation-not-in-force", "reserve: route-not-covered", "reserve: enterprise-closed",
		"reserve: consent-required", "reserve: consent-refused", "reserve: consent-withdrawn", "reserve: consent-stale",
		"reserve: consent-ended", "reserve: session-expired", "reserve: session-ended", "reserve: check-in-progress",
		"reserve: attempts-used-up", "reserve: uploads-used-up", "reserve: photo-input-off", "reserve: not-a-check",
		"reserve: image-unreadable",
		"started open", "started consented", "started refused",
		"notice for guardians", "notice ahead", "permit for a minor", "permit for a child", "reserve: guardian-cannot-check",
		"minor waits for self", "minor waits for guardian", "granted by guardian", "refused by guardian", "withdrawn by guardian",
		"a child stops it", "a receipt of a guardian", "lapse of a guardian", "not this giver's to decide", "notice replaced before its time", "notice material", "notice not material", "notice after a gap",
		"check.passed", "check.failed", "check.not_performed", "check.unknown", "check.alternative",
		"consent.granted", "consent.refused", "consent.withdrawn", "consent.lapsed",
		"lapse notice_changed", "lapse delegation_ended", "lapse term_over", "outcome too late", "outcome not used",
		"extended", "told to wait", "in the queue", "called",
	} {
		if seen[what] < 20 {
			t.Errorf("the walks met %q only %d times", what, seen[what])
		}
	}
	if t.Failed() || testing.Verbose() {
		for _, k := range slices.Sorted(maps.Keys(seen)) {
			t.Logf("%7d  %s", seen[k], k)
		}
	}
}

// walk is one random history: the world, the model and the audit side by side.
type walk struct {
	t       *testing.T
	seed    uint64
	rand    *rand.Rand
	world   *world
	model   *model
	audit   *audit
	facts   map[topic]domain.Facts // of the newest notice
	pending []pending
	permits int
	calls   int
	seen    map[string]int
	steps   []string
}

// pending is a call of the face API under way; some never come back.
type pending struct {
	who     int
	session domain.ID
	attempt string
}

func newWalk(t *testing.T, seed uint64) *walk {
	w := &walk{
		t: t, seed: seed, rand: rand.New(rand.NewPCG(seed, 20261123)),
		world: newWorld(t0, peopleInWalk), model: newModel(peopleInWalk),
		facts: map[topic]domain.Facts{}, seen: map[string]int{},
	}
	w.audit = newAudit(t, w.model)
	w.world.chained = func(p *person, r *domain.Record) {
		w.audit.read(p, r)
		w.seen[string(r.Type)]++
		if r.Cause != "" {
			w.seen["lapse "+r.Cause]++
			if r.By == domain.ByGuardian {
				w.seen["lapse of a guardian"]++
			}
		}
	}
	return w
}

func (w *walk) run(steps int) {
	defer func() {
		if r := recover(); r != nil {
			last := w.steps[max(0, len(w.steps)-30):]
			w.t.Fatalf("seed %d, step %d: %v\nlast steps:\n%s", w.seed, len(w.steps), r, strings.Join(last, "\n"))
		}
	}()
	for len(w.steps) < steps { // what did nothing is no step
		w.step()
		w.agree()
	}
}

func (w *walk) note(format string, args ...any) {
	w.steps = append(w.steps, w.world.clock.Format("2006-01-02T15:04:05.000 ")+fmt.Sprintf(format, args...))
}

func (w *walk) fault(format string, args ...any) { panic(broken(fmt.Sprintf(format, args...))) }

func (w *walk) chance(percent int) bool { return w.rand.IntN(100) < percent }

func pick[T any](w *walk, from ...T) T { return from[w.rand.IntN(len(from))] }

func (w *walk) purpose() domain.Purpose {
	if w.chance(75) {
		return domain.Exam
	}
	return domain.Training
}

// topic is mostly one that the walk's people are in the age for.
func (w *walk) topic() topic {
	return topic{w.purpose(), pick(w, domain.Adult, domain.Guardian)}
}

// group is how old an LMS says somebody is. People of a walk grow up, and LMSs err.
func (w *walk) group(who int) domain.AgeGroup {
	if w.chance(10) {
		return pick(w, domain.GrownUp, domain.Minor, domain.Child)
	}
	return []domain.AgeGroup{domain.GrownUp, domain.Minor, domain.Child}[(who+len(w.steps)/200)%3]
}

// step takes one random step, and mends the enterprise now and then so that
// permits stay possible.
func (w *walk) step() {
	if w.chance(6) {
		w.mend()
		return
	}
	switch n := w.rand.IntN(1000); {
	case n < 130:
		w.tick()
	case n < 136:
		w.delegate()
	case n < 150:
		w.publish(w.topic())
	case n < 153:
		w.revoke()
	case n < 158:
		w.switchFace(w.chance(30))
	case n < 168:
		w.setPurpose(w.purpose(), w.chance(70), !w.chance(20))
	case n < 169 && w.chance(30):
		w.close()
	case n < 280:
		w.openSession()
	case n < 284:
		w.cancel()
	case n < 288:
		w.alternative()
	case n < 296:
		w.read()
	case n < 300:
		w.extend()
	case n < 500:
		w.decide()
	case n < 515:
		w.withdraw()
	case n < 880:
		w.verify()
	default:
		w.finish()
	}
}

// patient walks keep to short times and unfit pictures, so that sessions get to the
// end of their uploads.
func (w *walk) patient() bool { return w.seed%3 == 0 }

func (w *walk) tick() {
	by := pick(w, time.Millisecond, time.Second, 4*time.Second, 16*time.Second, 2*time.Minute)
	switch {
	case w.chance(5):
		by = pick(w, -2*time.Second, -time.Minute)
	case w.chance(5): // to the last seconds of a day, on which an assessment may end
		day := 24 * time.Hour
		ends := w.world.clock.Add(8 * time.Hour).Truncate(day).Add(day - 8*time.Hour)
		by = ends.Add(-30 * time.Second).Sub(w.world.clock)
	case w.chance(10) && !w.patient():
		by = pick(w, 10*time.Minute, time.Hour)
	case w.chance(10) && (!w.patient() || w.chance(20)):
		by = pick(w, 6*time.Hour, 25*time.Hour, 49*time.Hour, 10*24*time.Hour)
	}
	w.world.clock = w.world.clock.Add(by)
	w.note("the clock moves by %v", by)
	if by < 0 {
		w.seen["after a clock set back"]++
	}
}

// mend puts the enterprise in order again.
func (w *walk) mend() {
	w.note("mend")
	if w.model.closed {
		return
	}
	if !w.model.face {
		w.switchFace(true)
	}
	for _, p := range []topic{
		{domain.Exam, domain.Adult}, {domain.Exam, domain.Guardian}, {domain.Training, domain.Adult}, {domain.Training, domain.Guardian},
	} {
		n := w.model.inForce(p, w.world.clock)
		if n == nil || w.model.delegations[n.delegation].over(w.world.clock) || w.world.clock.Before(w.model.delegations[n.delegation].from) {
			w.delegateAs([]domain.Purpose{domain.Exam, domain.Training}, []domain.Route{domain.Photo, domain.Authority},
				-time.Hour, 40*24*time.Hour)
			w.publishAs(p, w.newestDelegation(), w.change(), 0, false)
		}
		if s := w.model.purposes[p.purpose]; (!s.enabled || !w.world.clock.Before(s.assessedUntil)) && w.chance(70) {
			w.setPurpose(p.purpose, true, true)
		}
	}
}

func (w *walk) delegate() {
	purposes := pick(w, []domain.Purpose{domain.Exam, domain.Training}, []domain.Purpose{domain.Exam})
	routes := pick(w, []domain.Route{domain.Photo, domain.Authority}, []domain.Route{domain.Photo}, []domain.Route{domain.Authority})
	w.delegateAs(purposes, routes, pick(w, -24*time.Hour, 0, 5*time.Hour, 30*time.Hour),
		pick(w, 31*time.Hour, 5*24*time.Hour, 40*24*time.Hour))
}

func (w *walk) delegateAs(purposes []domain.Purpose, routes []domain.Route, from, until time.Duration) {
	terms := someTerms()
	terms.Purposes, terms.Routes, terms.DataKinds, terms.Subprocessors = purposes, routes, domain.DataKinds, recipients(routes...)
	terms.ValidFrom, terms.ValidUntil = w.world.clock.Add(from), w.world.clock.Add(until)
	id := w.world.mint()
	err := w.world.instruct(func(c *domain.Charter) error {
		_, err := c.RecordDelegation(id, terms, nil, func(d domain.Delegation) string { return hexOf(string(d.ID)) }, "key")
		return err
	})
	w.note("delegation %s for %v by %v, from %v until %v: %v", id[30:], purposes, routes, from, until, err)
	w.expect(err, !w.model.closed)
	if err == nil {
		recorded := w.world.clock
		w.model.delegations[id] = &modelDelegation{
			from: later(terms.ValidFrom, recorded), until: terms.ValidUntil, purposes: purposes, routes: routes,
		}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (w *walk) newestDelegation() domain.ID {
	return w.world.delegations[len(w.world.delegations)-1].ID
}

// change alters one fact, or only the text, or nothing.
type change struct {
	name  string
	apply func(*domain.NoticeDraft)
}

func (w *walk) change() change {
	days := 1 + w.rand.IntN(20)
	return pick(w,
		change{"nothing", func(*domain.NoticeDraft) {}},
		change{"text", func(d *domain.NoticeDraft) {
			c := d.Contents[domain.Chinese]
			c.Body += "."
			d.Contents[domain.Chinese] = c
		}},
		change{"necessity", func(d *domain.NoticeDraft) { d.Facts.Necessity = both(fmt.Sprint("necessity ", days)) }},
		change{"consent_days", func(d *domain.NoticeDraft) { d.Facts.ConsentDays = days }},
		change{"retention_days", func(d *domain.NoticeDraft) { d.Facts.RetentionDays = 1100 + days }},
		change{"liveness", func(d *domain.NoticeDraft) { d.Facts.Liveness = !d.Facts.Liveness }},
		change{"contact", func(d *domain.NoticeDraft) { d.Facts.Contact = both(fmt.Sprint(d.Facts.Contact[domain.English], days)) }},
	)
}

// materially tells, of the facts that the walks change, whether people must be asked
// again (duty D11).
func materially(before, after domain.Facts) bool {
	return !equalSets(before.Routes, after.Routes) || before.Liveness != after.Liveness ||
		before.Contact[domain.English] != after.Contact[domain.English] ||
		after.ConsentDays > before.ConsentDays || after.RetentionDays > before.RetentionDays
}

func (w *walk) publish(p topic) {
	if len(w.world.delegations) == 0 {
		w.delegate()
		return
	}
	id := w.newestDelegation()
	if w.chance(30) {
		id = pick(w, w.world.delegations...).ID
	}
	w.publishAs(p, id, w.change(), pick(w, 0, 0, time.Minute, 5*time.Hour, 40*time.Hour), w.chance(10))
}

func (w *walk) publishAs(p topic, delegation domain.ID, by change, ahead time.Duration, raise bool) {
	before := w.facts[p]
	draft := aDraft(delegation)
	draft.Purpose, draft.Audience, draft.Material = p.purpose, p.audience, raise
	if before.ConsentDays > 0 {
		draft.Facts = before
	} else {
		draft.Facts.ConsentDays, draft.Facts.DataKinds = 10, domain.DataKinds
		draft.Facts.RetentionDays = 1110
	}
	routes := w.world.delegation(delegation).Terms.Routes
	draft.Facts.Routes, draft.Facts.Recipients = routes, recipients(routes...)
	by.apply(&draft)
	if ahead > 0 {
		draft.EffectiveFrom = w.world.clock.Add(ahead)
	}
	var made *domain.Notice
	err := w.world.instruct(func(c *domain.Charter) (err error) {
		if made, err = c.DraftNotice(w.world.mint(), draft, hashesOf); err == nil {
			c.PublishNotice(made, "key")
		}
		return err
	})
	w.note("notice for %v on %s, %s changed, ahead %v, raised %v: %v", p, delegation[30:], by.name, ahead, raise, err)
	w.published(p, delegation, draft, err, made)
}

func equalSets(a, b []domain.Route) bool {
	for _, r := range a {
		if !slices.Contains(b, r) {
			return false
		}
	}
	return len(a) == len(b)
}

func (w *walk) published(p topic, delegation domain.ID, draft domain.NoticeDraft, err error, made *domain.Notice) {
	from := later(draft.EffectiveFrom, w.world.clock)
	d := w.model.delegations[delegation]
	all := w.model.notices[p]
	n := &modelNotice{
		version: len(all) + 1, from: from, delegation: delegation, routes: draft.Facts.Routes, days: draft.Facts.ConsentDays,
		facts: draft.Facts, material: draft.Material,
	}
	allowed := !w.model.closed && !d.over(from) && !from.Before(d.from) && slices.Contains(d.purposes, p.purpose)
	before := w.model.before(p, n)
	switch {
	case before == nil:
		n.material = true
	case w.model.delegations[before.delegation].over(w.world.clock), w.model.delegations[before.delegation].until.Before(from):
		n.material = true // its consents lapse in between
		w.seen["notice after a gap"]++
	default:
		n.material = n.material || materially(before.facts, draft.Facts)
	}
	if len(all) > 0 && from.Before(all[len(all)-1].from) {
		w.seen["notice replaced before its time"]++
	}
	w.expect(err, allowed)
	if err != nil {
		return
	}
	if made.Version != n.version || made.Material != n.material {
		w.fault("published version %d, material %v (%v); the model says %d, %v", made.Version, made.Material, made.Changes, n.version, n.material)
	}
	n.id = made.ID
	w.model.notices[p] = append(all, n)
	w.facts[p] = draft.Facts
	if p.audience == domain.Guardian {
		w.seen["notice for guardians"]++
	}
	w.seen[map[bool]string{true: "notice material", false: "notice not material"}[n.material]]++
	if from.After(w.world.clock) {
		w.seen["notice ahead"]++
	}
}

func (w *walk) revoke() {
	if len(w.world.delegations) == 0 {
		return
	}
	id := w.newestDelegation()
	err := w.world.instruct(func(c *domain.Charter) error { _, err := c.RevokeDelegation(id, "key"); return err })
	w.note("revoke %s: %v", id[30:], err)
	w.expect(err, true)
	w.model.delegations[id].revoked = true
}

func (w *walk) switchFace(on bool) {
	err := w.world.instruct(func(c *domain.Charter) error { return c.SwitchFaceService(on, nil, "key") })
	w.note("face service %v: %v", on, err)
	w.expect(err, !on || !w.model.closed)
	if err == nil {
		w.model.face = on
	}
}

func (w *walk) setPurpose(p domain.Purpose, on, acceptable bool) {
	s := someSettings()
	s.Enabled, s.PhotoInput = on, w.chance(50)
	days := pick(w, 0, 1, 30, 90)
	s.ImpactAssessment.ValidUntil = w.world.clock.Add(8*time.Hour).AddDate(0, 0, days).Format(time.DateOnly)
	if !acceptable {
		s.ImpactAssessment.Outcome = "rejected"
	}
	err := w.world.instruct(func(c *domain.Charter) error { return c.SetPurpose(p, s, nil, hexOf("s"), "key") })
	w.note("settings of %s: on %v, acceptable %v for %d days, photo input %v: %v", p, on, acceptable, days, s.PhotoInput, err)
	w.expect(err, !on || !w.model.closed && acceptable && (w.model.inForce(topic{p, domain.Adult}, w.world.clock) != nil || w.model.inForce(topic{p, domain.Guardian}, w.world.clock) != nil))
	if err == nil {
		last, _ := time.ParseInLocation(time.DateOnly, s.ImpactAssessment.ValidUntil, time.FixedZone("China", 8*60*60))
		*w.model.purposes[p] = modelPurpose{
			enabled: on, acceptable: acceptable, photoInput: s.PhotoInput, assessedUntil: last.Add(24 * time.Hour),
		}
	}
}

func (w *walk) close() {
	w.note("the enterprise is closed")
	w.expect(w.world.instruct(func(c *domain.Charter) error { c.Close("key"); return nil }), true)
	w.model.closed = true
}

func (w *walk) someone() (*person, *modelPerson, int) {
	i := w.rand.IntN(peopleInWalk)
	return w.world.people[i], w.model.people[i], i
}

// session picks one of a person's sessions, mostly the latest ones.
func (w *walk) session() (p *person, mp *modelPerson, who int, id domain.ID, s *modelSession) {
	p, mp, who = w.someone()
	if len(p.order) == 0 {
		return p, mp, who, "", nil
	}
	back := 1
	if w.chance(20) {
		back = 1 + w.rand.IntN(min(4, len(p.order)))
	}
	id = p.order[len(p.order)-back]
	return p, mp, who, id, mp.sessions[id]
}

func (w *walk) openSession() {
	p, mp, who := w.someone()
	if len(p.order) > 0 && w.chance(85) {
		if s := mp.sessions[p.order[len(p.order)-1]]; !s.over(w.world.now(p)) && w.world.clock.Before(s.expires) {
			return // keep to the one that is under way
		}
	}
	r := aRequest()
	r.Purpose, r.AgeGroup, r.TTL = w.purpose(), w.group(who), pick(w, 0, 60, 600, 3600)
	if w.chance(10) {
		r.Route = domain.Authority
	}
	if w.chance(5) {
		r.Kind, r.Route = domain.ConsentKind, ""
	}
	at := w.world.now(p)
	needs := vows(r.Purpose, r.AgeGroup)
	allowed := w.model.mayProcess(needs[0].topic, r.Route, at)
	id, err := w.world.open(p, r)
	w.note("person %d, %s: session %s for %s by %q: %v", who, r.AgeGroup, id[30:], r.Purpose, r.Route, err)
	w.expect(err, allowed)
	if err != nil {
		return
	}
	ttl := time.Duration(r.TTL) * time.Second
	if ttl == 0 {
		ttl = 15 * time.Minute
	}
	w.model.met(mp, nil, needs, at)
	s := &modelSession{
		purpose: r.Purpose, group: r.AgeGroup, kind: r.Kind, route: r.Route, began: at, expires: at.Add(ttl), attempts: map[string]*modelAttempt{},
		state: w.model.stands(mp, needs, r.Route, at),
	}
	mp.sessions[id] = s
	w.seen["started "+string(s.state)]++
}

func (w *walk) cancel() {
	p, mp, who, id, s := w.session()
	if s == nil {
		return
	}
	at := w.world.now(p)
	w.model.met(mp, s, s.vows(), at)
	err := w.world.update(p, id, "", (*domain.Moment).Cancel)
	w.note("person %d: cancel %s: %v", who, id[30:], err)
	w.expect(err, !s.over(at) || s.state == domain.Cancelled)
	if err == nil {
		s.state = domain.Cancelled
	}
}

func (w *walk) extend() {
	p, mp, who, id, s := w.session()
	if s == nil {
		return
	}
	at := w.world.now(p)
	w.model.met(mp, s, s.vows(), at)
	err := w.world.update(p, id, "", (*domain.Moment).Extend)
	w.note("person %d: more time for %s: %v", who, id[30:], err)
	w.expect(err, !s.over(at))
	if err == nil {
		s.extend(at)
		w.seen["extended"]++
	}
}

func (w *walk) alternative() {
	p, mp, who, id, s := w.session()
	if s == nil {
		return
	}
	w.model.met(mp, s, s.vows(), w.world.now(p))
	err := w.world.update(p, id, "", func(m *domain.Moment) error {
		return m.TakeAlternative(domain.AlternativeReport{Method: "id_card_at_desk", Result: domain.Pass}, "key")
	})
	w.note("person %d: alternative in %s: %v", who, id[30:], err)
	w.expect(err, s.state != domain.Passed && s.state != domain.Alternative && !s.running())
	if err == nil {
		s.state = domain.Alternative
	}
}

func (w *walk) read() {
	p, mp, who, id, s := w.session()
	if s == nil {
		return
	}
	w.model.met(mp, s, s.vows(), w.world.now(p))
	as := w.speaker(s)
	w.note("person %d: %s reads %s", who, as, id[30:])
	w.expect(w.world.update(p, id, "", func(m *domain.Moment) error {
		m.Settle()
		m.As = as
		m.Show(domain.English)
		return nil
	}), true)
}

// speaker is whose device the call comes from.
func (w *walk) speaker(s *modelSession) domain.Giver {
	if s.group != domain.GrownUp && w.chance(50) {
		return domain.ByGuardian
	}
	return domain.Self
}

func (w *walk) decide() {
	p, mp, who, id, s := w.session()
	if s == nil {
		return
	}
	at := w.world.now(p)
	decision := domain.Granted
	if w.chance(12) {
		decision = domain.Declined
	}
	as := w.speaker(s)
	by := as
	if w.chance(2) {
		by = pick(w, domain.Self, domain.ByGuardian)
	}
	w.model.met(mp, s, s.vows(), at)
	allowed := w.model.mayDecide(mp, s, by, decision, at)
	wrongHash := w.chance(4)
	err := w.world.update(p, id, "", func(m *domain.Moment) error {
		m.As = as
		d := domain.Decision{Decision: decision, Locale: domain.Chinese}
		if m.Notice != nil {
			d = answerTo(m.Notice, decision)
		}
		if wrongHash {
			d.NoticeSHA256 = hexOf("another text")
		}
		if d.By = by; by == domain.ByGuardian {
			d.Guardian = aGuardian
		}
		return m.Decide(d, aProof)
	})
	w.note("person %d: %s in %s by %s as %s (wrong hash %v): %v", who, decision, id[30:], by, as, wrongHash, err)
	w.expect(err, allowed && !wrongHash && by == as)
	switch {
	case err == nil:
		w.model.decide(mp, s, by, decision, at)
		w.seen[fmt.Sprintf("%s by %s", decision, by)]++
		w.waits(mp, s)
	case errors.Is(err, domain.Refuse(domain.WrongAudience)):
		w.seen["not this giver's to decide"]++
	}
}

func (w *walk) waits(mp *modelPerson, s *modelSession) {
	if s.group != domain.Minor || s.state != domain.Open {
		return
	}
	for _, v := range s.vows() {
		if !mp.all([]vow{v}, s.route) {
			w.seen["minor waits for "+string(v.by)]++
		}
	}
}

// withdraw takes a consent back: in its session, in a session of another purpose,
// or by receipt.
func (w *walk) withdraw() {
	p, mp, who, id, s := w.session()
	if s == nil {
		return
	}
	at, purpose, as := w.world.now(p), s.purpose, w.speaker(s)
	if w.chance(30) {
		purpose = w.purpose()
	}
	v := vow{about(purpose, s.group), as}
	if w.chance(30) {
		w.withdrawByReceipt(p, mp, who, v, at)
		return
	}
	if s.group == domain.Child {
		v.by = domain.ByGuardian
	}
	w.model.met(mp, s, vows(purpose, s.group), at)
	allowed := w.model.withdraw(mp, s, v, at)
	err := w.world.update(p, id, purpose, func(m *domain.Moment) error {
		m.As = as
		return m.Withdraw("session")
	})
	w.note("person %d: %s withdraws for %s in %q: %v", who, as, purpose, id, err)
	w.expect(err, allowed)
	if err == nil {
		w.seen["withdrawn by "+string(as)]++
		if s.group == domain.Child && as == domain.Self {
			w.seen["a child stops it"]++
		}
	}
}

func (w *walk) withdrawByReceipt(p *person, mp *modelPerson, who int, v vow, at time.Time) {
	w.model.met(mp, nil, []vow{v}, at)
	allowed := w.model.withdraw(mp, nil, v, at)
	m := w.world.read(p, "", v.purpose, v.audience, []domain.Giver{v.by})
	err := m.Withdraw("receipt")
	w.world.keep(p, m)
	w.note("person %d: the receipt of %v is used: %v", who, v, err)
	w.expect(err, allowed)
	if err == nil && v.by == domain.ByGuardian {
		w.seen["a receipt of a guardian"]++
	}
}

func (w *walk) verify() {
	p, mp, who, id, s := w.session()
	if s == nil {
		return
	}
	at := w.world.now(p)
	c := aCheck(fmt.Sprintf("a%d", len(s.attempts)+1))
	if len(s.attempts) > 0 && w.chance(5) {
		c.Attempt = fmt.Sprintf("a%d", 1+w.rand.IntN(len(s.attempts)))
		w.seen["repeated attempt"]++
	}
	if w.chance(15) {
		c.Capture = domain.FromPhoto
	}
	if s.route == domain.Authority {
		c.Identity = anIdentity("王小云", idNumber(at.AddDate(-ageOf[p.sessions[id].session.AgeGroup], 0, -2), 3))
	}
	badImage := w.chance(3)
	if badImage {
		c.Inspect = func() error { return domain.Refuse(domain.ImageUnreadable) }
	}
	w.model.met(mp, s, s.vows(), at)
	allowed := w.model.mayCheck(mp, s, c.Attempt, c.Capture == domain.FromPhoto, at) && !badImage
	if s.group != domain.GrownUp && w.chance(3) {
		w.guardianVerifies(p, id, c)
		return
	}
	queue := domain.Queue{Open: w.chance(10), Called: w.chance(50)}
	if allowed && queue.Open && !queue.Called {
		allowed = false
		s.wait(at)
		w.seen["in the queue"]++
	} else if allowed && queue.Open {
		w.seen["called"]++
	}
	permit, earlier, err := w.world.inQueue(p, id, c, queue)
	w.note("person %d: verify %s %s by %s, %+v: permit %v, %v", who, id[30:], c.Attempt, c.Capture, queue, permit != nil, err)
	if (permit != nil) != allowed {
		w.fault("permit given: %v (%v, earlier %v); the model says %v", permit != nil, err, earlier != nil, allowed)
	}
	if permit == nil {
		w.refused(err, earlier)
		return
	}
	w.seen["permit"]++
	w.seen["permit for a "+string(s.group)]++
	w.permits++
	w.model.reserve(mp, s, c.Attempt, at)
	w.call(p, permit, id, s)
	w.pending = append(w.pending, pending{who, id, c.Attempt})
	if w.chance(75) {
		w.finish()
	}
}

// guardianVerifies has a guardian's token ask the gate, in whatever state.
func (w *walk) guardianVerifies(p *person, id domain.ID, c domain.Check) {
	var permit *domain.Permit
	err := w.world.update(p, id, "", func(m *domain.Moment) (err error) {
		m.As = domain.ByGuardian
		permit, _, err = m.Reserve(c)
		return err
	})
	w.note("a guardian verifies in %s: %v", id[30:], err)
	if w.refused(err, nil); permit != nil {
		w.fault("a guardian was given a permit")
	}
}

func (w *walk) refused(err error, earlier *domain.Attempt) {
	w.seen["permit refused"]++
	var r *domain.Refusal
	if errors.As(err, &r) {
		w.seen["reserve: "+string(r.Reason)]++
	} else if earlier == nil {
		w.fault("neither a permit nor an answer nor a refusal: %v", err)
	}
}

// call spends the permit; nothing else can, and nothing can twice.
func (w *walk) call(p *person, permit *domain.Permit, id domain.ID, s *modelSession) {
	if permit.Session() != id || permit.Route() != s.route || permit.Enterprise() != w.world.enterprise.ID {
		w.fault("the permit is for another call")
	}
	other := domain.Hosted
	if _, _, err := permit.Spend(context.Background(), other); err == nil {
		w.fault("the permit is good for %s", other)
	}
	_, cancel, err := permit.Spend(context.Background(), s.route)
	if err != nil {
		w.fault("the permit cannot be used: %v", err)
	}
	cancel()
	w.calls++
	if _, _, err := permit.Spend(context.Background(), s.route); err == nil {
		w.fault("the permit can be used twice")
	}
	if w.calls != w.permits || w.calls != w.audit.started {
		w.fault("%d calls, %d permits, %d Records check.started", w.calls, w.permits, w.audit.started)
	}
}

// finish brings the outcome of a call; now and then the function dies instead.
func (w *walk) finish() {
	if len(w.pending) == 0 {
		return
	}
	i := len(w.pending) - 1
	if w.chance(20) {
		i = w.rand.IntN(len(w.pending))
	}
	c := w.pending[i]
	w.pending = slices.Delete(w.pending, i, i+1)
	if w.chance(10) {
		w.note("person %d: the function of %s in %s dies", c.who, c.attempt, c.session[30:])
		return
	}
	busy := domain.Inconclusive(domain.FaceAPIBusy)
	busy.RetryAfter = pick(w, 0, 3*time.Second, time.Minute)
	o := pick(w, passed, failed, failed, failed, noFace, noFace, noFace, domain.Inconclusive(domain.FaceAPIDown), busy)
	if w.patient() && w.chance(80) {
		o = noFace
	}
	p, s := w.world.people[c.who], w.model.people[c.who].sessions[c.session]
	late := s.attempts[c.attempt].over
	counts := s.conclude(w.model.people[c.who], c.attempt, o.Result)
	if counts && o.Reason == domain.FaceAPIBusy {
		s.uploads-- // section 3: it uses nothing
		s.wait(w.world.now(p))
		w.seen["told to wait"]++
	}
	err := w.world.conclude(p, c.session, c.attempt, o)
	w.note("person %d: %s %s of %s in %s: %v", c.who, o.Result, o.Reason, c.attempt, c.session[30:], err)
	w.expect(err, counts)
	switch {
	case late:
		w.seen["outcome too late"]++
	case !counts:
		w.seen["outcome not used"]++
	}
}

// expect checks that a rule allowed what the model allows, and refused the rest
// with a Refusal.
func (w *walk) expect(err error, allowed bool) {
	var r *domain.Refusal
	if err != nil && !errors.As(err, &r) {
		w.fault("%v is no refusal", err)
	}
	if (err == nil) != allowed {
		w.fault("refused: %v; the model allows it: %v", err, allowed)
	}
}

// agree compares every session and every consent with the model's.
func (w *walk) agree() {
	for i, p := range w.world.people {
		mp := w.model.people[i]
		for _, id := range p.order[max(0, len(p.order)-6):] {
			k, s := p.sessions[id], mp.sessions[id]
			if k.session.State != s.state || k.session.Fails != s.fails || k.session.Uploads != s.uploads || !k.session.ExpiresAt.Equal(s.expires) {
				w.fault("person %d, session %s: %s, %d fails, %d uploads, until %v; the model says %s, %d, %d, %v",
					i, id[30:], k.session.State, k.session.Fails, k.session.Uploads, k.session.ExpiresAt, s.state, s.fails, s.uploads, s.expires)
			}
			if s.final() != k.session.State.Terminal() {
				w.fault("%s: terminal %v", s.state, k.session.State.Terminal())
			}
		}
		for v, c := range mp.consents {
			if have := p.latest(v.purpose, v.audience, v.by); have == nil || have.State != c.state {
				w.fault("person %d: consent for %v is %v; the model says %s", i, v, have, c.state)
			}
		}
	}
}
