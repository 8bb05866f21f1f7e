package store

import (
	"context"

	"nod/shared/app"
	"nod/shared/domain"
)

// consult reads what concerns people for somebody of the enterprise, or for an operator,
// and writes the Records that say so in the same transaction (duty D17); a nil onRecord is
// for what is about nobody. It locks nothing: it adds Records without a subject, and
// changes nothing.
func (n *Tenant) consult(ctx context.Context, read func(*tx, *domain.Charter) error, onRecord func(*domain.Charter)) error {
	mode := writing
	if onRecord == nil {
		mode = reading
	}
	return n.store.transact(ctx, mode, func(t *tx) error {
		c := &domain.Charter{Mint: NewID}
		t.query(scanNow(&c.Now), "SELECT "+t.now)
		n.readEnterprise(t, &c.Enterprise)
		if err := t.flush(ctx); err != nil {
			return err
		}
		if c.Enterprise.ID == "" {
			return ErrNotFound
		}
		if err := read(t, c); err != nil || onRecord == nil {
			return err
		}
		onRecord(c)
		_, err := t.append(c.Records, nil)
		return err
	})
}

// accesses are the lines of the log that say who read what, as the index records_of_access
// has them. An engine uses that only where it sees the same condition.
const accesses = `SELECT line FROM records WHERE enterprise = ? AND substr(type, 1, 7) IN ('access.', 'export.')
	AND at >= ? AND at < ? AND (at > ? OR (at = ? AND id > ?)) ORDER BY at, id LIMIT ?`

// Accesses lists lines about accesses, oldest first, after a cursor, with the keys that
// they can name: the enterprise's own and the operators'.
func (n *Tenant) Accesses(ctx context.Context, f app.AccessFilter, onRecord func(*domain.Charter)) (lines []string, keys []domain.Key, err error) {
	err = n.consult(ctx, func(t *tx, c *domain.Charter) error {
		lines, keys = nil, nil
		var after int64
		if f.After != "" {
			t.query(each(func(scan func(...any) error) error { return scan(&after) }),
				`SELECT at FROM records WHERE enterprise = ? AND id = ?`, n.id, f.After)
			if err := t.flush(ctx); err != nil {
				return err
			}
		}
		t.query(each(func(scan func(...any) error) error {
			var line string
			err := scan(&line)
			lines = append(lines, line)
			return err
		}), accesses, n.id, f.From, f.To, after, after, f.After, f.Limit)
		n.readKeys(t, &keys)
		n.store.Tenant("").readKeys(t, &keys)
		return t.flush(ctx)
	}, onRecord)
	return lines, keys, err
}

// Agreement reads a delegation and the agreement's file, empty if none came with it.
func (n *Tenant) Agreement(ctx context.Context, delegation domain.ID) (d domain.Delegation, file []byte, err error) {
	err = n.store.transact(ctx, reading, func(t *tx) error {
		d, file = domain.Delegation{}, nil
		t.query(each(func(scan func(...any) error) (err error) {
			d, err = scanDelegation(scan)
			return err
		}), `SELECT id, version, terms, sha256, recorded_at, revoked_at FROM delegations WHERE enterprise = ? AND id = ?`, n.id, delegation)
		t.query(each(func(scan func(...any) error) error { return scan(&file) }),
			`SELECT content FROM agreement_files WHERE enterprise = ? AND delegation = ?`, n.id, delegation)
		return t.flush(ctx)
	})
	if err == nil && d.ID == "" {
		err = ErrNotFound
	}
	return d, file, err
}
