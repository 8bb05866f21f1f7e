package store

import (
	"context"

	"nod/shared/domain"
)

const operatorRealm = "operator"

func insertKey(t *tx, k domain.Key, hash string) {
	t.exec(`INSERT INTO keys (enterprise, id, role, holder, secret_hash, created_at) VALUES (?, ?, ?, ?, ?, ?)`,
		k.Enterprise, k.ID, k.Role, k.Holder, hash, k.CreatedAt)
}

const keyColumns = `enterprise, id, role, holder, created_at, revoked_at`

func scanKey(scan func(...any) error) (k domain.Key, err error) {
	var created, revoked int64
	err = scan(&k.Enterprise, &k.ID, &k.Role, &k.Holder, &created, &revoked)
	k.CreatedAt, k.RevokedAt = instant(created), instant(revoked)
	return k, err
}

func (n *Tenant) readKeys(t *tx, list *[]domain.Key) {
	t.query(each(func(scan func(...any) error) error {
		k, err := scanKey(scan)
		*list = append(*list, k)
		return err
	}), `SELECT `+keyColumns+` FROM keys WHERE enterprise = ? ORDER BY id`, n.id)
}

// KeyBySecret finds a live key by the hash of its secret; enterprise is empty for
// an operator's. ErrNotFound if there is none or it was revoked.
func (s *Store) KeyBySecret(ctx context.Context, enterprise domain.ID, hash string) (domain.Key, error) {
	return s.oneKey(ctx, `enterprise = ? AND secret_hash = ? AND revoked_at = 0`, enterprise, hash)
}

// KeyOwner finds a key by its id alone: the operator revokes by that.
func (s *Store) KeyOwner(ctx context.Context, id domain.ID) (domain.Key, error) {
	return s.oneKey(ctx, `id = ?`, id)
}

func (s *Store) oneKey(ctx context.Context, where string, args ...any) (k domain.Key, err error) {
	found := false
	err = s.transact(ctx, reading, func(t *tx) error {
		found = false
		t.query(each(func(scan func(...any) error) (err error) {
			k, err = scanKey(scan)
			found = true
			return err
		}), `SELECT `+keyColumns+` FROM keys WHERE `+where, args...)
		return t.flush(ctx)
	})
	if err == nil && !found {
		err = ErrNotFound
	}
	return k, err
}
