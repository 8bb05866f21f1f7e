package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"nod/shared/domain"
)

// This file reads what an enterprise laid down, for Moments, Charters and lists.

func (n *Tenant) readEnterprise(t *tx, e *domain.Enterprise) {
	t.query(each(func(scan func(...any) error) error { return scanEnterprise(scan, e) }),
		`SELECT `+enterpriseColumns+` FROM enterprises WHERE id = ?`, n.id)
}

// Enterprise reads the enterprise itself; ErrNotFound if there is none.
func (n *Tenant) Enterprise(ctx context.Context) (e domain.Enterprise, err error) {
	err = n.store.transact(ctx, reading, func(t *tx) error {
		e = domain.Enterprise{}
		n.readEnterprise(t, &e)
		return t.flush(ctx)
	})
	if err == nil && e.ID == "" {
		err = ErrNotFound
	}
	return e, err
}

const enterpriseColumns = "id, profile, version, created_at, closed_at, acknowledged_at, erased_at"

func scanEnterprise(scan func(...any) error, e *domain.Enterprise) error {
	var profile string
	var created, closed, acknowledged, erased int64
	if err := scan(&e.ID, &profile, &e.Version, &created, &closed, &acknowledged, &erased); err != nil {
		return err
	}
	e.CreatedAt, e.ClosedAt = instant(created), instant(closed)
	e.AcknowledgedAt, e.ErasedAt = instant(acknowledged), instant(erased)
	return fill(profile, &e.Profile)
}

func (n *Tenant) readSettings(t *tx, s *domain.Settings) {
	s.Purposes = map[domain.Purpose]domain.PurposeSettings{}
	t.query(each(func(scan func(...any) error) error {
		var purpose domain.Purpose
		var version int
		var text string
		if err := scan(&purpose, &version, &text); err != nil {
			return err
		}
		if purpose == "" {
			var f faceSwitch
			err := fill(text, &f)
			s.FaceService, s.Version = f.FaceService, version
			return err
		}
		p := domain.PurposeSettings{}
		err := fill(text, &p)
		p.Version = version
		s.Purposes[purpose] = p
		return err
	}), `SELECT purpose, version, doc FROM settings WHERE enterprise = ? AND version =
			(SELECT max(l.version) FROM settings l WHERE l.enterprise = settings.enterprise AND l.purpose = settings.purpose)`,
		n.id)
}

// PurposeVersion reads one version of a purpose's settings, and since when it was.
func (n *Tenant) PurposeVersion(ctx context.Context, p domain.Purpose, version int) (s domain.PurposeSettings, since time.Time, err error) {
	err = n.store.transact(ctx, reading, func(t *tx) error {
		s = domain.PurposeSettings{}
		t.query(each(func(scan func(...any) error) error {
			var text string
			var at int64
			if err := scan(&text, &at); err != nil {
				return err
			}
			s.Version, since = version, instant(at)
			return fill(text, &s)
		}), `SELECT doc, changed_at FROM settings WHERE enterprise = ? AND purpose = ? AND version = ?`, n.id, p, version)
		return t.flush(ctx)
	})
	if err == nil && s.Version == 0 {
		err = ErrNotFound
	}
	return s, since, err
}

func (n *Tenant) readDelegations(t *tx, list *[]domain.Delegation) {
	t.query(each(func(scan func(...any) error) error {
		d, err := scanDelegation(scan)
		*list = append(*list, d)
		return err
	}), `SELECT id, version, terms, sha256, recorded_at, revoked_at FROM delegations WHERE enterprise = ? ORDER BY id`, n.id)
}

func scanDelegation(scan func(...any) error) (d domain.Delegation, err error) {
	var terms string
	var recorded, revoked int64
	if err := scan(&d.ID, &d.Version, &terms, &d.SHA256, &recorded, &revoked); err != nil {
		return d, err
	}
	d.RecordedAt, d.RevokedAt = instant(recorded), instant(revoked)
	return d, fill(terms, &d.Terms)
}

const noticeColumns = `id, purpose, audience, version, facts, changes, hashes,
	material, material_since, effective_from, published_at`

// scanNotice scans noticeColumns and the contents, then whatever else a query asks for.
func scanNotice(scan func(...any) error, contents *string, more ...any) (*domain.Notice, error) {
	var x domain.Notice
	var facts, changes, hashes string
	var from, published int64
	err := scan(append([]any{&x.ID, &x.Purpose, &x.Audience, &x.Version, &facts, &changes, &hashes,
		&x.Material, &x.MaterialSince, &from, &published, contents}, more...)...)
	if err != nil {
		return nil, err
	}
	x.EffectiveFrom, x.PublishedAt = instant(from), instant(published)
	return &x, fillAll([]string{facts, changes, hashes, *contents}, &x.Facts, &x.Changes, &x.SHA256, &x.Contents)
}

// readNotices reads notices with the delegation of each; rest is the condition and
// what follows it.
func (n *Tenant) readNotices(t *tx, list *[]domain.Notice, rest string, args ...any) {
	t.query(each(func(scan func(...any) error) error {
		var contents string
		var d domain.DelegationRef
		x, err := scanNotice(scan, &contents, &d.ID, &d.Version, &d.SHA256)
		if err != nil {
			return err
		}
		x.Delegation = d
		*list = append(*list, *x)
		return nil
	}), `SELECT `+qualified("notices", noticeColumns)+`, notices.contents, d.id, d.version, d.sha256
		FROM notices JOIN delegations d ON d.enterprise = notices.enterprise AND d.id = notices.delegation
		WHERE notices.enterprise = ? AND `+rest, append([]any{n.id}, args...)...)
}

func qualified(table, columns string) string {
	names := strings.Split(columns, ",")
	for i, c := range names {
		names[i] = table + "." + strings.TrimSpace(c)
	}
	return strings.Join(names, ", ")
}

// readNoticeInForce reads the notice that is in force and the delegation it names.
// After the clock was set back, that is the notice of the subject's last Record.
func (n *Tenant) readNoticeInForce(t *tx, m *domain.Moment, subject, purpose, audience term, text bool) {
	contents := "''"
	if text {
		contents = "n.contents"
	}
	args := append(append([]any{n.id}, purpose.args...), audience.args...)
	args = append(append(args, n.id), subject.args...)
	t.query(each(func(scan func(...any) error) error {
		var d domain.Delegation
		var contents, terms string
		var recorded, revoked int64
		x, err := scanNotice(scan, &contents, &d.ID, &d.Version, &terms, &d.SHA256, &recorded, &revoked)
		if err != nil {
			return err
		}
		d.RecordedAt, d.RevokedAt = instant(recorded), instant(revoked)
		m.Notice, m.Delegation = x, &d
		if err := fill(terms, &d.Terms); err != nil {
			return err
		}
		x.Delegation = d.Ref()
		return nil
	}), `SELECT `+qualified("n", noticeColumns)+`, `+contents+`,
			d.id, d.version, d.terms, d.sha256, d.recorded_at, d.revoked_at
		FROM notices n JOIN delegations d ON d.enterprise = n.enterprise AND d.id = n.delegation
		WHERE n.enterprise = ? AND n.purpose = `+purpose.sql+` AND n.audience = `+audience.sql+`
			AND (n.effective_from <= `+t.now+` OR n.effective_from <=
				(SELECT head_at FROM subjects WHERE enterprise = ? AND id = `+subject.sql+`))
		ORDER BY n.version DESC LIMIT 1`, args...)
}

// readAgreed reads the notices that the subject's grants were given on. A consent names
// its notice in a document, whose first field is the id.
func (n *Tenant) readAgreed(t *tx, m *domain.Moment, subject, purpose, audience term) {
	n.readNotices(t, &m.Agreed, `notices.purpose = `+purpose.sql+` AND notices.audience = `+audience.sql+` AND EXISTS (
			SELECT 1 FROM consents c WHERE c.enterprise = notices.enterprise AND c.subject = `+subject.sql+`
				AND c.purpose = notices.purpose AND c.audience = notices.audience
				AND c.state = '`+string(domain.Granted)+`' AND c.notice LIKE '{"id":"' || notices.id || '"%')
		ORDER BY notices.version`, slices.Concat(purpose.args, audience.args, subject.args)...)
}

// readHistory reads what each version of a notice changed that was ever in force: one
// that a newer version overtook before its time changed nothing for anybody.
func (n *Tenant) readHistory(t *tx, m *domain.Moment, purpose, audience term) {
	m.History = map[int][]domain.Change{}
	args := append(append([]any{n.id}, purpose.args...), audience.args...)
	t.query(each(func(scan func(...any) error) error {
		var version int
		var text string
		if err := scan(&version, &text); err != nil {
			return err
		}
		var changes []domain.Change
		err := fill(text, &changes)
		m.History[version] = changes
		return err
	}), `SELECT version, changes FROM notices WHERE enterprise = ? AND purpose = `+purpose.sql+` AND audience = `+audience.sql+`
			AND NOT EXISTS (SELECT 1 FROM notices o WHERE o.enterprise = notices.enterprise AND o.purpose = notices.purpose
				AND o.audience = notices.audience AND o.version > notices.version AND o.effective_from < notices.effective_from)`, args...)
}

// Notices lists all versions, newest first, before a cursor.
func (n *Tenant) Notices(ctx context.Context, before domain.ID, limit int) (list []domain.Notice, err error) {
	err = n.store.transact(ctx, reading, func(t *tx) error {
		list = nil
		n.readNotices(t, &list, `(? = '' OR notices.id < ?) ORDER BY notices.id DESC LIMIT ?`, before, before, limit)
		return t.flush(ctx)
	})
	return list, err
}
