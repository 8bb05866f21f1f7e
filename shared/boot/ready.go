package boot

import (
	"context"
	"errors"
	"sync/atomic"

	"nod/shared/store"
	"nod/shared/vault"
)

// ErrOtherKeys says that the database was begun with other keys than these. With them
// nobody would be recognised: consents and refusals would seem never to have been
// given, and what is encrypted could not be read.
var ErrOtherKeys = errors.New("these keys do not belong to this database: NOD_INDEX_KEY and NOD_DATA_KEY must be those it was begun with")

// ready reports whether Nod can work: the database answers and has the schema, and the
// keys are its own. The keys are asked about until they were found right, once.
type ready struct {
	store *store.Store
	vault *vault.Vault
	known atomic.Bool
}

func (r *ready) check(ctx context.Context) error {
	if err := r.store.Ready(ctx); err != nil || r.known.Load() {
		return err
	}
	index, data, err := r.vault.Marks()
	if err != nil {
		return err
	}
	if index, err = r.store.Remember(ctx, "index_key", index); err == nil {
		data, err = r.store.Remember(ctx, "data_key", data)
	}
	if err != nil {
		return err
	}
	if !r.vault.Knows(index, data) {
		return ErrOtherKeys
	}
	r.known.Store(true)
	return nil
}
