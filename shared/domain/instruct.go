package domain

import (
	"slices"
	"strings"
	"time"
)

// This file holds the instructions of an administrator: each is checked against
// the Charter, applied to it, and leaves its Record.

// RecordDelegation puts a delegation on record. hash computes the hash of its
// canonical document once id and version are known.
func (c *Charter) RecordDelegation(id ID, t Terms, file []byte, hash func(Delegation) string, actor ID) (*Delegation, error) {
	if err := c.open(); err != nil {
		return nil, err
	}
	version := 1
	if t.Supersedes != "" {
		before := c.Delegation(t.Supersedes)
		if before == nil {
			return nil, &Refusal{Reason: InvalidValue, Fields: []FieldFault{{"supersedes", NotFound}}}
		}
		version = before.Version + 1
	}
	d := Delegation{ID: id, Version: version, Terms: t, RecordedAt: c.Now}
	d.SHA256 = hash(d)
	c.NewDelegation, c.AgreementFile = &d, file
	ref := d.Ref()
	c.record(DelegationRecorded, actor, func(r *Record) { r.Delegation = &ref })
	return &d, nil
}

// RevokeDelegation ends a delegation at once: from here on no check that a notice
// bases on it gets a Permit. Revoking it again changes nothing.
func (c *Charter) RevokeDelegation(id ID, actor ID) (*Delegation, error) {
	d := c.Delegation(id)
	if d == nil {
		return nil, Refuse(NoSuchThing)
	}
	if !d.RevokedAt.IsZero() {
		return d, nil
	}
	d.RevokedAt = c.Now
	c.Revoked = d
	ref := d.Ref()
	c.record(DelegationRevoked, actor, func(r *Record) { r.Delegation = &ref })
	c.raiseAfterGap(d.ID)
	return d, nil
}

// raiseAfterGap makes notices that were published ahead material when the
// delegation before theirs has just been revoked: until they come into force
// consents lapse for whoever is met, so that everyone has to be asked again.
func (c *Charter) raiseAfterGap(revoked ID) {
	for i := range c.Notices {
		n := &c.Notices[i]
		before := c.predecessor(*n)
		if !c.Now.Before(n.EffectiveFrom) || before == nil || before.Delegation.ID != revoked || n.Delegation.ID == revoked {
			continue
		}
		n.Changes = append(n.Changes, Change{"delegation_gap", true})
		n.Material = true
		for j := i; j >= 0; j-- { // newest first
			if later := &c.Notices[j]; c.leadsTo(*n, *later) {
				later.MaterialSince = max(later.MaterialSince, n.Version)
				c.Raised = append(c.Raised, later)
			}
		}
	}
}

// predecessor is the notice that is in force when another one comes into force, or
// nil. It is not always the version before: one that was published for later is
// replaced by a newer one that comes into force earlier, and never does itself.
func (c *Charter) predecessor(n Notice) *Notice {
	for i := range c.Notices {
		o := &c.Notices[i]
		if o.Purpose == n.Purpose && o.Audience == n.Audience && o.Version < n.Version && !n.EffectiveFrom.Before(o.EffectiveFrom) {
			return o
		}
	}
	return nil
}

// leadsTo reports whether a notice is the other one or comes before it in force.
func (c *Charter) leadsTo(earlier, later Notice) bool {
	if earlier.Purpose != later.Purpose || earlier.Audience != later.Audience {
		return false
	}
	for n := &later; n != nil && n.Version >= earlier.Version; n = c.predecessor(*n) {
		if n.Version == earlier.Version {
			return true
		}
	}
	return false
}

// Superseded reports whether a notice in force names one of the delegation's
// successors and none names it any more. A purpose whose notice has not moved on goes
// on under the delegation that people were told of.
func (c *Charter) Superseded(d Delegation) bool {
	superseded := false
	for _, p := range Purposes {
		for _, a := range []Audience{Adult, Guardian} {
			n := c.NoticeInForce(p, a)
			if n != nil && n.Delegation.ID == d.ID {
				return false
			}
			superseded = superseded || n != nil && c.succeeds(n.Delegation.ID, d.ID)
		}
	}
	return superseded
}

// succeeds reports whether one delegation takes the place of another, directly or
// through those between.
func (c *Charter) succeeds(later, earlier ID) bool {
	for d := c.Delegation(later); d != nil; d = c.Delegation(d.Terms.Supersedes) { // a successor is recorded later: no circle
		if d.Terms.Supersedes == earlier {
			return true
		}
	}
	return false
}

// DraftNotice makes the notice that a draft would become: its version, what
// changed, whether that is material. hashes computes the hash of each locale.
func (c *Charter) DraftNotice(id ID, d NoticeDraft, hashes func(Notice) map[Locale]string) (*Notice, error) {
	if err := c.open(); err != nil {
		return nil, err
	}
	from := d.EffectiveFrom.UTC().Truncate(time.Millisecond) // as it is stored
	if from.Before(c.Now) {
		from = c.Now
	}
	basis := c.Delegation(d.DelegationID)
	if basis == nil {
		return nil, &Refusal{Reason: InvalidValue, Fields: []FieldFault{{"delegation_id", NotFound}}}
	}
	if !basis.InForce(from) {
		return nil, Refuse(DelegationEnded)
	}
	facts := d.Facts
	facts.EnterpriseName = c.Enterprise.Profile.Name
	facts.HighRisk = c.Settings.Purposes[d.Purpose].ImpactAssessment.HighRisk
	if over := basis.Covers(d.Purpose, facts); len(over) > 0 {
		return nil, &Refusal{Reason: InvalidValue, Fields: over}
	}
	n := Notice{
		ID: id, Version: 1, Purpose: d.Purpose, Audience: d.Audience, Delegation: basis.Ref(),
		Facts: facts, Contents: d.Contents, EffectiveFrom: from, PublishedAt: c.Now,
	}
	if newest := c.newest(d.Purpose, d.Audience); newest != nil {
		n.Version = newest.Version + 1
	}
	before := c.predecessor(n)
	if before != nil && c.succeeds(before.Delegation.ID, basis.ID) {
		return nil, &Refusal{Reason: InvalidValue, Fields: []FieldFault{{"delegation_id", Replaced}}}
	}
	c.succeed(&n, before, d.Material)
	n.SHA256 = hashes(n)
	return &n, nil
}

// succeed sets what follows from the notice before. Where its delegation is over by
// now, or some time before this one comes into force, its consents lapse in between:
// the change is material.
func (c *Charter) succeed(n, before *Notice, raised bool) {
	n.Changes = []Change{}
	n.Material, n.MaterialSince = true, n.Version
	if before == nil {
		return
	}
	n.Changes = Compare(*before, *n)
	was, is := c.Delegation(before.Delegation.ID), c.Delegation(n.Delegation.ID)
	if was == nil || was.EndedBefore(c.Now) || was.Terms.ValidUntil.Before(n.EffectiveFrom) {
		n.Changes = append(n.Changes, Change{"delegation_gap", true})
	}
	if was != nil && is != nil && was.Terms.Handler != is.Terms.Handler { // who answers to the person
		n.Changes = append(n.Changes, Change{"handler", true})
	}
	if n.Material = raised || AnyMaterial(n.Changes); !n.Material {
		n.MaterialSince = before.MaterialSince
	}
}

func (c *Charter) newest(p Purpose, a Audience) *Notice {
	for i := range c.Notices {
		if n := &c.Notices[i]; n.Purpose == p && n.Audience == a {
			return n
		}
	}
	return nil
}

// PublishNotice puts a drafted notice into the book.
func (c *Charter) PublishNotice(n *Notice, actor ID) {
	c.NewNotice = n
	ref := n.RefAny()
	c.record(NoticePublished, actor, func(r *Record) {
		r.Purpose, r.Routes, r.Notice, r.Delegation = n.Purpose, n.Facts.Routes, &ref, &n.Delegation
		r.Hashes, r.Material, r.EffectiveFrom, r.Audience = n.SHA256, &n.Material, n.EffectiveFrom, n.Audience
	})
}

// SwitchFaceService turns the third party on or off (duty D20).
func (c *Charter) SwitchFaceService(on bool, version *int, actor ID) error {
	if version != nil && *version != c.Settings.Version {
		return Refuse(VersionChanged)
	}
	if err := c.open(); on && err != nil {
		return err
	}
	c.Settings.FaceService = on
	c.Settings.Version++
	c.FaceServiceSet = true
	c.record(SettingsChanged, actor, func(r *Record) { r.Enabled = &on })
	return nil
}

// SetPurpose changes a purpose's settings. Turning it on needs what the law wants to exist
// before the first check: an acceptable assessment (D25) whose high risk, if any, people
// are told of, a notice in force (D09), which names the alternative (D05), and what the
// enterprise has to declare (D26, D28). Turning it off needs nothing.
func (c *Charter) SetPurpose(p Purpose, s PurposeSettings, version *int, sum string, actor ID) error {
	now := c.Settings.Purposes[p]
	if version != nil && *version != now.Version {
		return Refuse(VersionChanged)
	}
	var f faults
	f.declarations(s)
	if err := c.mayEnable(p, s, f); err != nil {
		return err
	}
	s.Version = now.Version + 1
	if c.Settings.Purposes == nil {
		c.Settings.Purposes = map[Purpose]PurposeSettings{}
	}
	c.Settings.Purposes[p] = s
	c.PurposeSet = p
	c.record(SettingsChanged, actor, func(r *Record) { r.Purpose, r.Enabled, r.SHA256 = p, &s.Enabled, sum })
	return nil
}

// CheckPurpose refuses settings that are faulty, or that would turn on what may not be
// yet, and names everything at once, so that nobody has to find it out one by one.
func (c *Charter) CheckPurpose(p Purpose, s PurposeSettings, loopbackToo bool) error {
	return c.mayEnable(p, s, s.faults(c.Now, loopbackToo))
}

// mayEnable adds what is missing to the faults that were found. The refusal's reason is
// that of a faulty body if there is one; else what has to be laid down first.
func (c *Charter) mayEnable(p Purpose, s PurposeSettings, f faults) error {
	if !s.Enabled {
		return f.refusal()
	}
	if err := c.open(); err != nil {
		return err
	}
	told := false
	for _, a := range []Audience{Adult, Guardian} { // where all are under age, one for adults would speak to nobody
		n := c.NoticeInForce(p, a)
		if n != nil && s.ImpactAssessment.HighRisk && !n.Facts.HighRisk {
			f.add("impact_assessment.high_risk", NotTold)
			told = true
			break
		}
		told = told || n != nil
	}
	reason := NoNotice
	if len(f) > 0 {
		reason = InvalidValue
	}
	if !told {
		f.add("notice", Missing)
	}
	if a := s.ImpactAssessment; !a.Acceptable(c.Now) {
		if reason == NoNotice {
			reason = AssessmentMissing
		}
		f.unacceptable(a)
	}
	if err := f.refusal(); err != nil {
		return &Refusal{Reason: reason, Fields: err.(*Refusal).Fields}
	}
	return nil
}

// unacceptable says why a purpose may not rest on the assessment, unless its form does.
func (f *faults) unacceptable(a Assessment) {
	if slices.ContainsFunc(*f, func(x FieldFault) bool { return strings.HasPrefix(x.Field, "impact_assessment") }) {
		return
	}
	switch a.Outcome {
	case "":
		f.add("impact_assessment", Missing)
	case "acceptable":
		f.add("impact_assessment.valid_until", OutOfRange)
	default:
		f.add("impact_assessment.outcome", NotAllowed)
	}
}
