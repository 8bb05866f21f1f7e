package store

import (
	"context"
	"time"

	"nod/shared/app"
	"nod/shared/domain"
)

// This file keeps the timestamps of checkpoints, of all logs.

// ClaimUnstamped takes the log that waits longest for a timestamp by moving its time to the
// end of the claim: whoever comes meanwhile finds another one.
func (s *Store) ClaimUnstamped(ctx context.Context, held time.Duration) (u app.Unstamped, found bool, err error) {
	err = s.transact(ctx, writing, func(t *tx) error {
		u, found = app.Unstamped{}, false
		t.query(each(func(scan func(...any) error) error {
			found = true
			return scan(&u.Enterprise, &u.Size, &u.Checkpoint)
		}), `UPDATE logs SET stamp_due_at = `+t.now+` + ?,
				stamp_missed_at = CASE WHEN stamp_missed_at > 0 THEN stamp_missed_at ELSE `+t.now+` END
			WHERE stamped < published AND stamp_due_at <= `+t.now+` AND enterprise IN (
				SELECT enterprise FROM logs WHERE stamped < published AND stamp_due_at <= `+t.now+` ORDER BY stamp_due_at, enterprise LIMIT 1)
			RETURNING enterprise, published, checkpoint`, held.Milliseconds())
		return t.flush(ctx)
	})
	return u, found && err == nil, err
}

// KeepTimestamp writes one down. The first of a size stays, whoever else comes with one.
func (s *Store) KeepTimestamp(ctx context.Context, enterprise domain.ID, p app.Timestamp, every time.Duration) error {
	return s.transact(ctx, writing, func(t *tx) error {
		t.exec(`INSERT INTO timestamps (enterprise, size, checkpoint, tsr, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			enterprise, p.Size, p.Checkpoint, p.TSR, p.At)
		t.exec(`UPDATE logs SET stamped = ?, stamp_missed_at = 0, stamp_due_at = `+t.now+` + ? WHERE enterprise = ? AND stamped < ? AND published >= ?`,
			p.Size, every.Milliseconds(), enterprise, p.Size, p.Size)
		return t.flush(ctx)
	})
}

// Unstamped counts the logs for which a timestamp was asked in vain for a time.
func (s *Store) Unstamped(ctx context.Context, late time.Duration) (n int, err error) {
	err = s.transact(ctx, reading, func(t *tx) error {
		t.query(each(func(scan func(...any) error) error { return scan(&n) }),
			`SELECT count(*) FROM logs WHERE stamped < published AND stamp_missed_at > 0 AND stamp_missed_at < `+t.now+` - ?`, late.Milliseconds())
		return t.flush(ctx)
	})
	return n, err
}

// Timestamps finds the first over a size or more, if that is not 0, and the last; none is
// over more than most.
func (s *Store) Timestamps(ctx context.Context, enterprise domain.ID, size, most int64) (list []app.Timestamp, err error) {
	const columns = `SELECT size, checkpoint, tsr, at FROM timestamps WHERE enterprise = ? AND size <= ? `
	err = s.transact(ctx, reading, func(t *tx) error {
		list = nil
		take := each(func(scan func(...any) error) error {
			var p app.Timestamp
			var at int64
			err := scan(&p.Size, &p.Checkpoint, &p.TSR, &at)
			if p.At = instant(at); len(list) == 0 || list[0].Size != p.Size {
				list = append(list, p)
			}
			return err
		})
		if size > 0 {
			t.query(take, columns+`AND size >= ? ORDER BY size LIMIT 1`, enterprise, most, size)
		}
		t.query(take, columns+`ORDER BY size DESC LIMIT 1`, enterprise, most)
		return t.flush(ctx)
	})
	return list, err
}
