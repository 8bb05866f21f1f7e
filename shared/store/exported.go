package store

import (
	"context"
	"strings"
	"time"

	"nod/shared/app"
	"nod/shared/domain"
)

// This file reads what goes into a bundle, a part at a time and each part in a transaction
// of its own: what has its place in the log never changes.

// Range finds the places of the first Record of [from,to) and behind the last, in a log of
// a size; both 0 if there is none. A zero to bounds nothing, and neither does a zero from.
func (n *Tenant) Range(ctx context.Context, from, to time.Time, size int64) (first, end int64, err error) {
	where, args := "at >= ?", []any{n.id, from}
	if !to.IsZero() {
		where, args = where+" AND at < ?", append(args, to)
	}
	err = n.store.transact(ctx, reading, func(t *tx) error {
		t.query(each(func(scan func(...any) error) error { return scan(&first, &end) }),
			`SELECT COALESCE(min(place), 0), COALESCE(max(place) + 1, 0) FROM records
				WHERE enterprise = ? AND `+where+` AND place >= 0 AND place < ?`, append(args, size)...)
		return t.flush(ctx)
	})
	return first, end, err
}

// Unplaced reports whether a Record of an instant, or of before, waits for its place in a
// log of a size.
func (n *Tenant) Unplaced(ctx context.Context, until time.Time, size int64) (waits bool, err error) {
	err = n.store.transact(ctx, reading, func(t *tx) error {
		t.query(each(func(scan func(...any) error) error { return scan(&waits) }),
			`SELECT EXISTS (SELECT 1 FROM records WHERE enterprise = ? AND place = -1 AND at <= ?)
				OR EXISTS (SELECT 1 FROM records WHERE enterprise = ? AND place >= 0 AND place >= ? AND at <= ?)`,
			n.id, until, n.id, size, until)
		return t.flush(ctx)
	})
	return waits, err
}

// Exported reads lines at places in [from,before), in order; of one person if one is
// named. With the ids, each has that of its person, encrypted, as long as it is kept.
func (n *Tenant) Exported(ctx context.Context, from, before int64, subject string, ids bool, limit int) (list []app.ExportedLine, err error) {
	sealed, join := "''", ""
	if ids {
		sealed, join = "COALESCE(s.sealed_id, '')", " LEFT JOIN subjects s ON s.enterprise = r.enterprise AND s.id = r.subject AND r.subject <> ''"
	}
	where, args := "", []any{n.id, from, before}
	if subject != "" {
		where, args = " AND r.subject = ?", append(args, subject)
	}
	err = n.store.transact(ctx, reading, func(t *tx) error {
		list = nil
		t.query(scanExported(&list), `SELECT r.place, r.line, `+sealed+` FROM records r`+join+
			` WHERE r.enterprise = ? AND r.place >= ? AND r.place < ? AND r.place >= 0`+where+` ORDER BY r.place LIMIT ?`, append(args, limit)...)
		return t.flush(ctx)
	})
	return list, err
}

func scanExported(list *[]app.ExportedLine) func(rows) error {
	return each(func(scan func(...any) error) error {
		var l app.ExportedLine
		err := scan(&l.Place, &l.Line, &l.SealedID)
		*list = append(*list, l)
		return err
	})
}

// At reads the lines at some places, in order.
func (n *Tenant) At(ctx context.Context, places []int64) (list []app.ExportedLine, err error) {
	if len(places) == 0 {
		return nil, nil
	}
	err = n.store.transact(ctx, reading, func(t *tx) error {
		list = nil
		args := []any{n.id}
		for _, p := range places {
			args = append(args, p)
		}
		t.query(scanExported(&list), `SELECT place, line, '' FROM records WHERE enterprise = ? AND place >= 0 AND place IN (`+
			marks(len(places))+`) ORDER BY place`, args...)
		return t.flush(ctx)
	})
	return list, err
}

// Places finds where Records are, those that have a place.
func (n *Tenant) Places(ctx context.Context, records []domain.ID) (places []int64, err error) {
	if len(records) == 0 {
		return nil, nil
	}
	args := []any{n.id}
	for _, id := range records {
		args = append(args, id)
	}
	return n.places(ctx, `SELECT place FROM records WHERE enterprise = ? AND id IN (`+marks(len(records))+`) AND place >= 0`, args...)
}

// LaidDown finds the places of what the enterprise has laid down in a log of a size: its
// delegations, notices and settings.
func (n *Tenant) LaidDown(ctx context.Context, size int64) (places []int64, err error) {
	return n.places(ctx, `SELECT place FROM records WHERE enterprise = ? AND type IN (?, ?, ?, ?) AND place >= 0 AND place < ? ORDER BY place`,
		n.id, domain.DelegationRecorded, domain.DelegationRevoked, domain.NoticePublished, domain.SettingsChanged, size)
}

func (n *Tenant) places(ctx context.Context, query string, args ...any) (places []int64, err error) {
	err = n.store.transact(ctx, reading, func(t *tx) error {
		places = nil
		t.query(each(func(scan func(...any) error) error {
			var place int64
			err := scan(&place)
			places = append(places, place)
			return err
		}), query, args...)
		return t.flush(ctx)
	})
	return places, err
}

// Notice reads one version of a notice by its id; domain.NoSuchThing if there is none.
func (n *Tenant) Notice(ctx context.Context, id domain.ID) (domain.Notice, error) {
	var list []domain.Notice
	err := n.store.transact(ctx, reading, func(t *tx) error {
		list = nil
		n.readNotices(t, &list, `notices.id = ?`, id)
		return t.flush(ctx)
	})
	if err == nil && len(list) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return domain.Notice{}, err
	}
	return list[0], nil
}

func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }
