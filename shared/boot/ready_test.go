package boot_test

import (
	"errors"
	"io"
	"path/filepath"
	"testing"

	"nod/shared/boot"
	"nod/shared/config"
	"nod/shared/store"
	"nod/shared/store/migrate"
	"nod/shared/vault"
)

func wired(t *testing.T, db, data, index string) *boot.Nod {
	t.Helper()
	n, err := boot.New(config.Config{
		PublicURL: "http://127.0.0.1:1", DB: config.Secret(db), Connections: 1, DataKey: config.Secret(data), IndexKey: config.Secret(index),
	}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Store.Close() })
	return n
}

func dataKey(t *testing.T) string {
	t.Helper()
	key, err := vault.NewDataKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// With other keys nobody would be recognised, and what people said would be forgotten.
func TestADatabaseIsNotUsedWithOtherKeysThanItsOwn(t *testing.T) {
	db := "sqlite:" + filepath.Join(t.TempDir(), "nod.db")
	data, index := dataKey(t), vault.RandomKey()
	first := wired(t, db, data, index)
	if err := first.API.Ready(t.Context()); !errors.Is(err, store.ErrSchema) {
		t.Errorf("without a schema it says %v", err)
	}
	if _, err := migrate.Up(t.Context(), first.Store); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := first.API.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for name, tt := range map[string]struct {
		data, index string
		want        error
	}{
		"the same keys":     {data, index, nil},
		"another index key": {data, vault.RandomKey(), boot.ErrOtherKeys},
		"another data key":  {dataKey(t), index, boot.ErrOtherKeys},
	} {
		if err := wired(t, db, tt.data, tt.index).API.Ready(t.Context()); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
