package store

import (
	"context"
	"strings"
	"time"

	"nod/shared/domain"
)

// Outlooks reads what enterprises with a webhook may have to be warned of: one round trip
// finds them, one more reads all of what concerns them.
func (s *Store) Outlooks(ctx context.Context, after domain.ID, limit int) (list []domain.Outlook, next domain.ID, err error) {
	err = s.transact(ctx, reading, func(t *tx) error {
		list, next = nil, ""
		var now time.Time
		var ids []domain.ID
		t.query(scanNow(&now), "SELECT "+t.now)
		t.query(each(func(scan func(...any) error) error {
			var id domain.ID
			err := scan(&id)
			ids = append(ids, id)
			return err
		}), withWebhook, after, limit)
		if err := t.flush(ctx); err != nil {
			return err
		}
		list = make([]domain.Outlook, len(ids))
		for i, id := range ids {
			list[i].Now, list[i].Mint = now, NewID
			s.Tenant(id).readOutlook(t, &list[i])
		}
		if len(ids) == limit {
			next = ids[limit-1]
		}
		return t.flush(ctx)
	})
	return list, next, err
}

// A document of settings has the name only where there is an address; an earlier one that
// had it costs no more than a look.
const withWebhook = `SELECT e.id FROM enterprises e WHERE e.id > ? AND EXISTS (SELECT 1 FROM settings s
	WHERE s.enterprise = e.id AND s.doc LIKE '%"webhook":"_%') ORDER BY e.id LIMIT ?`

func (n *Tenant) readOutlook(t *tx, o *domain.Outlook) {
	n.readEnterprise(t, &o.Enterprise)
	n.readSettings(t, &o.Settings)
	t.query(each(func(scan func(...any) error) error {
		var d domain.Delegation
		var until string
		if err := scan(&d.ID, &until); err != nil {
			return err
		}
		var err error
		d.Terms.ValidUntil, err = time.Parse(time.RFC3339, until)
		o.Delegations = append(o.Delegations, d)
		return err
	}), `SELECT d.id, `+t.store.engine.member("d.terms", "valid_until")+` FROM delegations d
		WHERE d.enterprise = ? AND d.revoked_at = 0 AND EXISTS (SELECT 1 FROM notices n
			WHERE n.enterprise = d.enterprise AND n.delegation = d.id AND n.effective_from <= `+t.now+`
				AND NOT EXISTS (SELECT 1 FROM notices o WHERE o.enterprise = n.enterprise AND o.purpose = n.purpose
					AND o.audience = n.audience AND o.version > n.version AND o.effective_from <= `+t.now+`))
		ORDER BY d.id`, n.id)
	t.query(each(func(scan func(...any) error) error {
		var r domain.Request
		var due int64
		err := scan(&r.ID, &r.Kind, &due)
		r.DueAt = instant(due)
		o.Requests = append(o.Requests, r)
		return err
	}), `SELECT id, kind, due_at FROM requests WHERE enterprise = ? AND outcome = '' AND due_at <= `+t.now+` + ? ORDER BY id`,
		n.id, domain.RequestWarning.Milliseconds())
	o.Told = map[domain.EventKey]bool{}
	t.query(each(func(scan func(...any) error) error {
		var k domain.EventKey
		err := scan(&k.Type, &k.Purpose, &k.Thing, &k.Step)
		o.Told[k] = true
		return err
	}), `SELECT type, purpose, thing, step FROM webhooks WHERE enterprise = ? AND type IN (`+warnings+`)`, n.id)
}

var warnings = func() string {
	var quoted []string
	for _, t := range []domain.EventType{domain.TellDelegation, domain.TellAssessment, domain.TellRequest, domain.TellFaces} {
		quoted = append(quoted, "'"+string(t)+"'")
	}
	return strings.Join(quoted, ", ")
}()
