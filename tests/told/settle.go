package told

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"testing"
	"time"

	"nod/shared/boot"
	"nod/shared/domain"
	"nod/shared/store"
	"nod/shared/store/migrate"
)

// Migrate lays the schema.
func Migrate(t testing.TB, dsn string) {
	t.Helper()
	st, err := store.Open(dsn, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if _, err := migrate.Up(context.Background(), st); err != nil {
		t.Fatal(err)
	}
}

// later is after every reservation of a face API's call has run out, and before any
// session has.
const later = 2 * time.Minute

// Log has what ran out meanwhile settled, as the timer does it, and reads an enterprise's
// log. Nobody may be at work any more.
func Log(ctx context.Context, dsn, enterprise string) (lines []string, err error) {
	return LogAt(ctx, dsn, enterprise, 0)
}

// LogAt is Log where clocks were ahead by so much at most.
func LogAt(ctx context.Context, dsn, enterprise string, ahead time.Duration) (lines []string, err error) {
	st, err := store.Open(dsn, store.Options{ClockOffset: func() time.Duration { return ahead + later }})
	if err != nil {
		return nil, err
	}
	defer st.Close()
	if _, err := boot.Maintenance(st, slog.New(slog.NewTextHandler(io.Discard, nil))).Run(ctx); err != nil {
		return nil, fmt.Errorf("told: what ran out is not settled: %w", err)
	}
	tenant := st.Tenant(domain.ID(enterprise))
	for after := domain.ID(""); ; {
		page, err := tenant.Records(ctx, "", after, 5000)
		if err != nil {
			return nil, err
		}
		if len(page) == 0 {
			return lines, nil
		}
		lines = append(lines, page...)
		after = domain.ID(idOf(page[len(page)-1]))
	}
}

// MustHold ends the fleet, reads the log and fails the test for each breach.
func (c *Crowd) MustHold(t testing.TB, dsn string) (lines []string) {
	t.Helper()
	lines, err := Log(context.Background(), dsn, c.Tenant.Enterprise)
	if err != nil {
		t.Fatal(err)
	}
	calls := c.Faces.Calls()
	found := Hold(c.Book, calls, lines)
	for _, b := range found {
		t.Errorf("%s: %s", b.Kind, b.Text)
	}
	t.Log(Summary(c.Book, calls, lines, found))
	t.Logf("answers that were none: %v", c.Book.Tries())
	return lines
}
