package domain

import (
	"slices"
	"time"
)

// Charter is what an enterprise has laid down: who it is, its delegations, its
// notices and its settings, read in one transaction in which the enterprise's row
// is locked. It is to administrators what Moment is to learners.
type Charter struct {
	Now         time.Time
	Enterprise  Enterprise
	Settings    Settings
	Delegations []Delegation
	Notices     []Notice // newest first within purpose and audience
	Keys        []Key
	LogSize     int64    // how many Records have their place in the log
	OpenExports int      // that are still being made
	LastExports []Export // newest first, see HandOver

	WebhookSecret WebhookSecret

	Mint func() ID

	// What has to be written.
	Records           []*Record
	Events            []*Event
	NewEnterprise     bool
	EnterpriseChanged bool
	NewKey            *Key
	NewKeyHash        string
	RevokedKey        *Key
	NewDelegation     *Delegation
	AgreementFile     []byte
	FilesGone         bool // those of all agreements, and what was told by webhook
	Revoked           *Delegation
	NewNotice         *Notice
	Raised            []*Notice // published ahead, and material only now
	FaceServiceSet    bool
	PurposeSet        Purpose
	WebhookSecretSet  bool
	NewExport         *Export
}

func (c *Charter) record(t RecordType, actor ID, fill func(*Record)) {
	r := &Record{
		ID: c.Mint(), Type: t, Enterprise: c.Enterprise.ID,
		Mode: c.Enterprise.Profile.Mode, At: c.Now, Actor: actor,
	}
	fill(r)
	c.Records = append(c.Records, r)
}

// Dirty reports whether anything has to be written.
func (c *Charter) Dirty() bool { return len(c.Records) > 0 || c.WebhookSecretSet }

// Found enters a new enterprise.
func (c *Charter) Found(id ID, p Profile, sum string, actor ID) {
	c.Enterprise = Enterprise{ID: id, Profile: p, CreatedAt: c.Now, Version: 1}
	c.NewEnterprise = true
	c.record(EnterpriseCreated, actor, func(r *Record) { r.SHA256 = sum })
}

// Reprofile changes what the operator entered. The mode stays: a test enterprise
// never turns into a live one with its log.
func (c *Charter) Reprofile(p Profile, sum string, actor ID) error {
	if err := c.open(); err != nil {
		return err
	}
	if p.Mode != c.Enterprise.Profile.Mode {
		return &Refusal{Reason: InvalidValue, Fields: []FieldFault{{"mode", NotAllowed}}}
	}
	c.Enterprise.Profile = p
	c.Enterprise.Version++
	c.EnterpriseChanged = true
	c.record(EnterpriseUpdated, actor, func(r *Record) { r.SHA256 = sum })
	return nil
}

// Close ends the service: no session, grant or check from this moment on. A
// closed enterprise's people can still read and withdraw.
func (c *Charter) Close(actor ID) {
	if !c.Enterprise.Open() {
		return
	}
	c.Enterprise.ClosedAt = c.Now
	c.EnterpriseChanged = true
	c.record(EnterpriseClosedType, actor, func(*Record) {})
	c.tellAll(TellClosing, string(c.Enterprise.ID), "", EventData{ClosedAt: c.Now})
}

// Acknowledge is a closed enterprise's word that it has its records, as they are in a last
// export: the one that is named, or one that can be fetched. From that moment on everything
// that leads from the log to a person goes. Saying it again changes nothing.
func (c *Charter) Acknowledge(export, actor ID) error {
	if c.Enterprise.Open() {
		return Refuse(NotClosed)
	}
	if !c.Enterprise.AcknowledgedAt.IsZero() {
		return nil
	}
	taken, err := c.handedOver(export)
	if err != nil {
		return err
	}
	c.Enterprise.AcknowledgedAt = c.Now
	c.EnterpriseChanged = true
	c.record(RecordsAcknowledged, actor, func(r *Record) { r.Export = taken.ID })
	return nil
}

// Erase records that nobody is left of an enterprise that has its records. The files of
// its agreements go with the last of them.
func (c *Charter) Erase() {
	e := &c.Enterprise
	if e.AcknowledgedAt.IsZero() || !e.ErasedAt.IsZero() {
		return
	}
	e.ErasedAt = c.Now
	c.EnterpriseChanged, c.FilesGone = true, true
	c.record(EnterpriseErased, "", func(*Record) {})
}

func (c *Charter) open() error {
	if !c.Enterprise.Open() {
		return Refuse(EnterpriseClosed)
	}
	return nil
}

// AddKey makes a key for a holder, who may have two live ones at a time. A closed enterprise
// gets only what takes its records along, until it has them.
func (c *Charter) AddKey(k Key, hash string, actor ID) error {
	if err := c.open(); err != nil && (k.Role != Auditor || !c.Enterprise.AcknowledgedAt.IsZero()) {
		return err
	}
	live := 0
	for _, have := range c.Keys {
		if have.Role == k.Role && have.Holder == k.Holder && have.RevokedAt.IsZero() {
			live++
		}
	}
	if live >= LiveKeysPerHolder {
		return Refuse(TooManyKeys)
	}
	k.Enterprise, k.CreatedAt = c.Enterprise.ID, c.Now
	c.NewKey, c.NewKeyHash = &k, hash
	c.record(KeyCreated, actor, func(r *Record) { r.Key, r.Role = k.ID, k.Role })
	return nil
}

// RevokeKey ends a key at once. Revoking it again changes nothing.
func (c *Charter) RevokeKey(id ID, actor ID) (*Key, error) {
	i := slices.IndexFunc(c.Keys, func(k Key) bool { return k.ID == id })
	if i < 0 {
		return nil, Refuse(NoSuchThing)
	}
	k := &c.Keys[i]
	if !k.RevokedAt.IsZero() {
		return k, nil
	}
	k.RevokedAt = c.Now
	c.RevokedKey = k
	c.record(KeyRevoked, actor, func(r *Record) { r.Key, r.Role = k.ID, k.Role })
	return k, nil
}

// NoticeInForce returns the notice that is shown at this moment, or nil.
func (c *Charter) NoticeInForce(p Purpose, a Audience) *Notice {
	for i := range c.Notices {
		n := &c.Notices[i]
		if n.Purpose == p && n.Audience == a && !c.Now.Before(n.EffectiveFrom) {
			return n
		}
	}
	return nil
}

// Delegation finds one by its id, or nil.
func (c *Charter) Delegation(id ID) *Delegation {
	for i := range c.Delegations {
		if c.Delegations[i].ID == id {
			return &c.Delegations[i]
		}
	}
	return nil
}
