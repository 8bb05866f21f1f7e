package storetest

import (
	"fmt"
	"strings"
	"testing"

	"nod/shared/store"
	"nod/shared/store/migrate"
)

var readiness = map[string]func(*testing.T, opener){
	"ready after the migrations and not before": func(t *testing.T, open opener) {
		s := open(t, store.Options{})
		err := s.Ready(t.Context())
		if err == nil || !strings.Contains(err.Error(), "nod migrate") {
			t.Fatalf("an empty database: %v, want an error that says what to do", err)
		}
		applied, err := migrate.Up(t.Context(), s)
		newest := fmt.Sprintf("%05d_", store.SchemaVersion)
		if err != nil || len(applied) == 0 || !strings.HasPrefix(applied[len(applied)-1], newest) {
			t.Fatalf("applied %q, %v; want all up to %s", applied, err, newest)
		}
		if err := s.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		if again, err := migrate.Up(t.Context(), s); err != nil || len(again) != 0 {
			t.Fatalf("the second time applied %q, %v; want nothing", again, err)
		}
	},
}
