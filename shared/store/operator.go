package store

import (
	"context"

	"nod/shared/app"
	"nod/shared/domain"
)

// Enterprises lists tenants, oldest first, after a cursor.
func (s *Store) Enterprises(ctx context.Context, after domain.ID, limit int) (list []domain.Enterprise, err error) {
	err = s.transact(ctx, reading, func(t *tx) error {
		list = nil
		t.query(each(func(scan func(...any) error) error {
			var e domain.Enterprise
			err := scanEnterprise(scan, &e)
			list = append(list, e)
			return err
		}), `SELECT `+enterpriseColumns+` FROM enterprises WHERE id > ? ORDER BY id LIMIT ?`,
			after, limit)
		return t.flush(ctx)
	})
	return list, err
}

// Operators lists the operator's named keys.
func (s *Store) Operators(ctx context.Context) (list []domain.Key, err error) {
	err = s.transact(ctx, reading, func(t *tx) error {
		list = nil
		s.Tenant("").readKeys(t, &list)
		return t.flush(ctx)
	})
	return list, err
}

// AddOperator makes a named operator key; at most two live ones a holder.
func (s *Store) AddOperator(ctx context.Context, k domain.Key, hash string, once *app.Once, done func(domain.Key)) error {
	return s.operators(ctx, once, func(t *tx, book *domain.Charter) error {
		if err := book.AddKey(k, hash, ""); err != nil {
			return err
		}
		insertKey(t, *book.NewKey, hash)
		done(*book.NewKey)
		return nil
	})
}

// RevokeOperator ends a named operator key at once.
func (s *Store) RevokeOperator(ctx context.Context, id domain.ID, once *app.Once, done func(domain.Key)) error {
	return s.operators(ctx, once, func(t *tx, book *domain.Charter) error {
		k, err := book.RevokeKey(id, "")
		if err != nil {
			return err
		}
		t.exec(`UPDATE keys SET revoked_at = ? WHERE enterprise = '' AND id = ?`, k.RevokedAt, id)
		done(*k)
		return nil
	})
}

// operators runs do on the operator's keys. They belong to no enterprise, so that
// nothing of it goes into a log, and no row stands for them that could be locked.
func (s *Store) operators(ctx context.Context, once *app.Once, do func(*tx, *domain.Charter) error) error {
	return s.transact(ctx, alone, func(t *tx) error {
		look(t, once, operatorRealm)
		book := &domain.Charter{Mint: NewID}
		t.query(scanNow(&book.Now), "SELECT "+t.now)
		s.Tenant("").readKeys(t, &book.Keys)
		if err := t.flush(ctx); err != nil || once.Found() {
			return err
		}
		if err := do(t, book); err != nil {
			return err
		}
		return keep(t, once, operatorRealm, nil)
	})
}
