package boot

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"nod/shared/store"
	"nod/shared/vault"
	"nod/shared/web"
)

// ErrOtherKeys says that the database was begun with other keys than these. With them
// nobody would be recognised: consents and refusals would seem never to have been
// given, and what is encrypted could not be read.
var ErrOtherKeys = errors.New("these keys do not belong to this database: NOD_INDEX_KEY and NOD_DATA_KEY must be those it was begun with")

// ready reports whether Nod can work: the database answers and has the schema, the keys are
// its own, and what is kept outside can be reached, where this function works with it.
type ready struct {
	store   *store.Store
	vault   *vault.Vault
	outside func(context.Context) error // nil without
	known   atomic.Bool                 // the keys were found right, once
}

// readyWithin is how long looking may take: whoever asks is a monitor that does not wait
// for long, and a part that takes longer is not ready.
const readyWithin = 3 * time.Second

// check looks at all parts at once, and names all that are not ready.
func (r *ready) check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	objects := make(chan error, 1)
	go func() { objects <- r.objects(ctx) }()
	return errors.Join(r.inside(ctx), <-objects)
}

func (r *ready) objects(ctx context.Context) error {
	if r.outside == nil {
		return nil
	}
	return web.NotReady("objects", r.outside(ctx))
}

func (r *ready) inside(ctx context.Context) error {
	if err := r.store.Ready(ctx); err != nil {
		if errors.Is(err, store.ErrSchema) {
			return web.NotReady("schema", err)
		}
		return web.NotReady("database", err)
	}
	if r.known.Load() {
		return nil
	}
	index, data, err := r.vault.Marks()
	if err != nil {
		return web.NotReady("keys", err)
	}
	if index, err = r.store.Remember(ctx, "index_key", index); err == nil {
		data, err = r.store.Remember(ctx, "data_key", data)
	}
	if err != nil {
		return web.NotReady("database", err)
	}
	if !r.vault.Knows(index, data) {
		return web.NotReady("keys", ErrOtherKeys)
	}
	r.known.Store(true)
	return nil
}
