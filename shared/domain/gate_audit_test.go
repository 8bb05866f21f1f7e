package domain_test

import (
	"fmt"
	"slices"
	"testing"

	"nod/shared/domain"
)

// audit reads a person's chain of Records as a compliance officer would, knowing
// nothing but the Records and which notice was in force when.
type audit struct {
	t        testing.TB
	model    *model
	started  int
	notices  map[domain.ID]*modelNotice
	people   map[*person]*audited
	outcomes map[domain.RecordType]int
}

type audited struct {
	last     *domain.Record
	current  map[vow]*decided
	sessions map[domain.ID]*checks
}

type decided struct {
	vow
	record *domain.Record
	ended  bool
}

type checks struct {
	running        *domain.Record
	ids            []string
	fails, uploads int
}

func newAudit(t testing.TB, m *model) *audit {
	return &audit{
		t: t, model: m, notices: map[domain.ID]*modelNotice{}, people: map[*person]*audited{},
		outcomes: map[domain.RecordType]int{},
	}
}

// read looks at the next Record of a person's chain.
func (a *audit) read(p *person, r *domain.Record) {
	of := a.people[p]
	if of == nil {
		of = &audited{current: map[vow]*decided{}, sessions: map[domain.ID]*checks{}}
		a.people[p] = of
	}
	if r.Subject != p.subject.Pseudonym || r.ID == "" || r.Enterprise == "" || r.Mode == "" {
		a.fault(r, "does not say whom it is about")
	}
	if of.last != nil && r.At.Before(of.last.At) {
		a.fault(r, "is older than the one before it")
	}
	of.last = r
	a.outcomes[r.Type]++
	switch r.Type {
	case domain.ConsentGrantedType, domain.ConsentRefusedType:
		a.inForce(r, r.Notice)
		if r.By == "" || r.SubjectCommitment == "" || len(r.Routes) == 0 || r.Notice.Locale == "" {
			a.fault(r, "lacks what every consent Record has")
		}
		if told := r.Relation != "" && r.ReachedBy != ""; told != (r.By == domain.ByGuardian) {
			a.fault(r, "says of a guardian what it must not, or does not")
		}
		v := vow{a.topic(r, r.Notice), r.By}
		of.current[v] = &decided{v, r, r.Type == domain.ConsentRefusedType}
	case domain.ConsentWithdrawnType, domain.ConsentLapsedType:
		c := of.relied(a, r, r.Consent)
		if *r.Notice != *c.record.Notice || *r.Delegation != *c.record.Delegation || !slices.Equal(r.Routes, c.record.Routes) {
			a.fault(r, "names another notice or delegation than the grant it ends")
		}
		c.ended = true
	case domain.CheckStarted:
		a.start(of, r)
	case domain.CheckPassed, domain.CheckFailed, domain.CheckNotPerformed, domain.CheckUnknown:
		a.end(of, r)
	case domain.CheckAlternative:
		if c := of.sessions[r.Session]; c != nil && c.running != nil {
			a.fault(r, "comes while a check runs")
		}
	}
}

// relied returns the grant that a Record names, which must be a current one and must
// not have ended.
func (of *audited) relied(a *audit, r *domain.Record, id domain.ID) *decided {
	for v, c := range of.current {
		if c.record.ID == id && v.purpose == r.Purpose && !c.ended {
			return c
		}
	}
	a.fault(r, "does not rest on a grant that stands")
	return nil
}

func (a *audit) start(of *audited, r *domain.Record) {
	relied := of.relied(a, r, r.Consent)
	grant := relied.record
	if grant.Type != domain.ConsentGrantedType || *r.Notice != *grant.Notice || !slices.Contains(grant.Routes, r.Route) {
		a.fault(r, "names a notice or a route that was not agreed to")
	}
	a.inForce(r, r.NoticeInForce)
	if a.topic(r, r.NoticeInForce) != relied.topic {
		a.fault(r, "rests on what was agreed to for another audience")
	}
	if r.GuardianConsent != "" {
		second := of.relied(a, r, r.GuardianConsent)
		if second.topic != relied.topic || second.by != domain.ByGuardian || relied.by != domain.Self || !slices.Contains(second.record.Routes, r.Route) {
			a.fault(r, "rests on a guardian's grant that is none, or not for this")
		}
	}
	if (relied.audience == domain.Guardian) != (relied.by == domain.ByGuardian || r.GuardianConsent != "") {
		a.fault(r, "is under age without a guardian's grant, or of age with one")
	}
	s := of.sessions[r.Session]
	if s == nil {
		s = &checks{}
		of.sessions[r.Session] = s
	}
	s.uploads++
	switch {
	case s.running != nil:
		a.fault(r, "is the second check at a time in its session")
	case s.fails >= 3:
		a.fault(r, "follows a third fail")
	case s.uploads > 10:
		a.fault(r, "is the eleventh upload, those not counted that a busy face API turned back")
	case slices.Contains(s.ids, r.Attempt):
		a.fault(r, "repeats an attempt")
	}
	s.running, s.ids = r, append(s.ids, r.Attempt)
	a.started++
}

func (a *audit) end(of *audited, r *domain.Record) {
	s := of.sessions[r.Session]
	if s == nil || s.running == nil || s.running.Attempt != r.Attempt {
		a.fault(r, "has no check.started before it")
		return
	}
	if r.Type == domain.CheckNotPerformed && r.Reason == domain.FaceAPIBusy {
		s.uploads--
	}
	b := s.running
	if r.Consent != b.Consent || r.GuardianConsent != b.GuardianConsent || *r.Notice != *b.Notice || *r.NoticeInForce != *b.NoticeInForce || *r.Delegation != *b.Delegation ||
		r.Route != b.Route || r.Purpose != b.Purpose || r.Capture != b.Capture {
		a.fault(r, "says otherwise than its check.started")
	}
	s.running = nil
	if r.Type == domain.CheckFailed {
		s.fails++
	}
}

// inForce checks that a Record names the notice that was in force at its time, and
// the delegation which that one names.
func (a *audit) inForce(r *domain.Record, named *domain.NoticeRef) {
	n := a.model.inForce(a.topic(r, named), r.At)
	switch {
	case n == nil || named == nil || named.ID != n.id || named.Version != n.version || named.SHA256 == "":
		a.fault(r, "names another notice than the one in force")
	case r.Delegation == nil || r.Delegation.ID != n.delegation || r.Delegation.SHA256 == "":
		a.fault(r, "names another delegation than the notice does")
	}
}

// topic is what the notice that a Record names was published about.
func (a *audit) topic(r *domain.Record, named *domain.NoticeRef) topic {
	for t, all := range a.model.notices {
		if named != nil && t.purpose == r.Purpose && slices.ContainsFunc(all, func(n *modelNotice) bool { return n.id == named.ID }) {
			return t
		}
	}
	a.fault(r, "names a notice that was never published")
	return topic{}
}

func (a *audit) fault(r *domain.Record, what string) {
	a.t.Helper()
	panic(broken(fmt.Sprintf("%s of %s %s: %+v", r.Type, r.At.Format("2006-01-02T15:04:05.000"), what, *r)))
}

// broken is what a step that breaks a rule panics with; the walk adds how it came there.
type broken string
