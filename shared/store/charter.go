package store

import (
	"context"
	"time"

	"nod/shared/app"
	"nod/shared/domain"
)

// Charter reads what the enterprise laid down, without locking it.
func (n *Tenant) Charter(ctx context.Context) (c *domain.Charter, err error) {
	err = n.store.transact(ctx, reading, func(t *tx) error {
		c, err = n.loadCharter(ctx, t)
		return err
	})
	return c, err
}

// Instruct reads the Charter, applies a rule to it and writes what the rule
// collected; nothing is written when the rule refuses.
func (n *Tenant) Instruct(ctx context.Context, once *app.Once, apply func(*domain.Charter) error) error {
	return n.store.transact(ctx, writing, func(t *tx) error {
		look(t, once, realm(once, n.id))
		c, err := n.loadCharter(ctx, t)
		if err != nil || once.Found() {
			return err
		}
		return n.instructed(t, c, once, realm(once, n.id), apply)
	})
}

// Found enters a new enterprise under the handle's id. The call is the operator's.
func (n *Tenant) Found(ctx context.Context, once *app.Once, apply func(*domain.Charter) error) error {
	return n.store.transact(ctx, writing, func(t *tx) error {
		look(t, once, operatorRealm)
		c := &domain.Charter{Mint: NewID}
		t.query(scanNow(&c.Now), "SELECT "+t.now)
		if err := t.flush(ctx); err != nil || once.Found() {
			return err
		}
		return n.instructed(t, c, once, operatorRealm, apply)
	})
}

func (n *Tenant) instructed(t *tx, c *domain.Charter, once *app.Once, realm string, apply func(*domain.Charter) error) error {
	if err := apply(c); err != nil {
		return err
	}
	if _, err := t.append(c.Records, nil); err != nil {
		return err
	}
	n.saveCharter(t, c)
	t.tell(n.id, c.Events)
	return keep(t, once, realm, nil)
}

func scanNow(now *time.Time) func(rows) error {
	return each(func(scan func(...any) error) error {
		var ms int64
		err := scan(&ms)
		*now = time.UnixMilli(ms).UTC()
		return err
	})
}

func (n *Tenant) loadCharter(ctx context.Context, t *tx) (*domain.Charter, error) {
	c := &domain.Charter{Mint: NewID}
	if t.mode != reading {
		t.query(each(func(scan func(...any) error) error { var id string; return scan(&id) }),
			`SELECT id FROM enterprises WHERE id = ?`+t.store.engine.lock(), n.id)
	}
	t.query(scanNow(&c.Now), "SELECT "+t.now)
	n.readEnterprise(t, &c.Enterprise)
	n.readSettings(t, &c.Settings)
	n.readDelegations(t, &c.Delegations)
	n.readKeys(t, &c.Keys)
	n.readWebhookSecret(t, &c.WebhookSecret)
	t.query(each(func(scan func(...any) error) error { return scan(&c.LogSize, &c.OpenExports) }),
		`SELECT COALESCE((SELECT size FROM logs WHERE enterprise = ?), 0),
			(SELECT count(*) FROM exports WHERE enterprise = ? AND state IN ('waiting', 'running'))`, n.id, n.id)
	t.query(each(func(scan func(...any) error) error {
		e, err := scanExport(scan)
		c.LastExports = append(c.LastExports, e)
		return err
	}), `SELECT `+exportColumns+` FROM exports WHERE enterprise = ? AND last ORDER BY id DESC LIMIT ?`, n.id, domain.LastExportsKnown)
	n.readNotices(t, &c.Notices, `notices.version >= COALESCE((SELECT max(f.version) FROM notices f
		WHERE f.enterprise = notices.enterprise AND f.purpose = notices.purpose AND f.audience = notices.audience
		AND f.effective_from <= `+t.now+`), 1)
		ORDER BY notices.purpose, notices.audience, notices.version DESC`)
	if err := t.flush(ctx); err != nil {
		return nil, err
	}
	if c.Enterprise.ID == "" {
		return nil, ErrNotFound
	}
	return c, nil
}

func (n *Tenant) saveCharter(t *tx, c *domain.Charter) {
	e := c.Enterprise
	switch {
	case c.NewEnterprise:
		t.exec(`INSERT INTO enterprises (id, profile, version, created_at) VALUES (?, ?, ?, ?)`,
			e.ID, doc(e.Profile), e.Version, e.CreatedAt)
	case c.EnterpriseChanged:
		t.exec(`UPDATE enterprises SET profile = ?, version = ?, closed_at = ?, acknowledged_at = ?, erased_at = ? WHERE id = ?`,
			doc(e.Profile), e.Version, e.ClosedAt, e.AcknowledgedAt, e.ErasedAt, e.ID)
	case c.Dirty():
		// Written though nothing in it changed: whoever waits for the lock of this row
		// read before what is being written now, and must meet a newer version of it.
		t.exec(`UPDATE enterprises SET version = ? WHERE id = ?`, e.Version, e.ID)
	}
	if k := c.NewKey; k != nil {
		insertKey(t, *k, c.NewKeyHash)
	}
	if k := c.RevokedKey; k != nil {
		t.exec(`UPDATE keys SET revoked_at = ? WHERE enterprise = ? AND id = ?`, k.RevokedAt, n.id, k.ID)
	}
	if d := c.NewDelegation; d != nil {
		t.exec(`INSERT INTO delegations (enterprise, id, version, terms, sha256, recorded_at)
			VALUES (?, ?, ?, ?, ?, ?)`, n.id, d.ID, d.Version, doc(d.Terms), d.SHA256, d.RecordedAt)
	}
	if len(c.AgreementFile) > 0 {
		t.exec(`INSERT INTO agreement_files (enterprise, delegation, content) VALUES (?, ?, ?)`,
			n.id, c.NewDelegation.ID, c.AgreementFile)
	}
	if c.FilesGone {
		for _, table := range []string{"agreement_files", "webhooks", "webhook_secrets", "lanes"} {
			t.exec(`DELETE FROM `+table+` WHERE enterprise = ?`, n.id)
		}
	}
	if d := c.Revoked; d != nil {
		t.exec(`UPDATE delegations SET revoked_at = ? WHERE enterprise = ? AND id = ?`, d.RevokedAt, n.id, d.ID)
	}
	n.saveNotice(t, c.NewNotice)
	for _, x := range c.Raised {
		t.exec(`UPDATE notices SET material = ?, material_since = ?, changes = ? WHERE enterprise = ? AND id = ?`,
			x.Material, x.MaterialSince, doc(x.Changes), n.id, x.ID)
	}
	n.saveSettings(t, c)
	n.saveWebhookSecret(t, c)
	n.saveExport(t, c.NewExport)
}

func (n *Tenant) saveNotice(t *tx, x *domain.Notice) {
	if x == nil {
		return
	}
	t.exec(`INSERT INTO notices (enterprise, purpose, audience, version, id, delegation, facts, contents, changes,
			hashes, material, material_since, effective_from, published_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		n.id, x.Purpose, x.Audience, x.Version, x.ID, x.Delegation.ID, doc(x.Facts), doc(x.Contents), doc(x.Changes),
		doc(x.SHA256), x.Material, x.MaterialSince, x.EffectiveFrom, x.PublishedAt)
}

func (n *Tenant) saveSettings(t *tx, c *domain.Charter) {
	const insert = `INSERT INTO settings (enterprise, purpose, version, doc, changed_at) VALUES (?, ?, ?, ?, ?)`
	if c.FaceServiceSet {
		t.exec(insert, n.id, "", c.Settings.Version, doc(faceSwitch{c.Settings.FaceService}), c.Now)
	}
	if p := c.PurposeSet; p != "" {
		s := c.Settings.Purposes[p]
		t.exec(insert, n.id, p, s.Version, doc(s), c.Now)
	}
}

// faceSwitch is the document of the settings row without a purpose.
type faceSwitch struct {
	FaceService bool `json:"face_service"`
}
