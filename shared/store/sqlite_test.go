package store_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nod/shared/store"
	"nod/shared/store/migrate"
)

func TestSQLitePathIsTakenAsItStands(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"nod.db", "a folder/nod.db", "100% sure?/#1&mode=memory.db", "数据/库.db"} {
		path := filepath.Join(t.TempDir(), name)
		s := open(t, "sqlite:"+path, store.Options{})
		if _, err := migrate.Up(t.Context(), s); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
}

func TestOpenRefusesWhatItDoesNotKnow(t *testing.T) {
	for _, dsn := range []string{"", "nod.db", "mysql://localhost/nod", "postgres://user:hunter2@[/nod"} {
		if _, err := store.Open(dsn, store.Options{}); err == nil {
			t.Errorf("%q was opened", dsn)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error shows the password: %v", err)
		}
	}
}
