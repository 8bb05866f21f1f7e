package store

import (
	"context"
	"time"

	"nod/shared/app"
	"nod/shared/domain"
)

// This file keeps exports, and the work on them.

const exportColumns = `id, asked, actor, made_at, state, done, total, started_at, ready_at, object, bytes, sha256, expires_at,
	records, last`

func scanExport(scan func(...any) error, more ...any) (e domain.Export, err error) {
	var asked string
	var made, started, ready, expires int64
	if err := scan(append([]any{&e.ID, &asked, &e.Actor, &made, &e.State, &e.Done, &e.Of, &started, &ready,
		&e.Bundle.Object, &e.Bundle.Bytes, &e.Bundle.SHA256, &expires, &e.Bundle.Records, &e.Last}, more...)...); err != nil {
		return e, err
	}
	e.MadeAt, e.StartedAt, e.ReadyAt, e.ExpiresAt = instant(made), instant(started), instant(ready), instant(expires)
	return e, fill(asked, &e.Asked)
}

func (n *Tenant) saveExport(t *tx, e *domain.Export) {
	if e == nil {
		return
	}
	t.exec(`INSERT INTO exports (enterprise, id, asked, actor, made_at, state, done, total, work, lease, due_at, tries,
			started_at, ready_at, object, bytes, sha256, expires_at, last)
		VALUES (?, ?, ?, ?, ?, ?, 0, 0, '', '', ?, 0, 0, 0, '', 0, '', 0, ?)`,
		n.id, e.ID, doc(e.Asked), e.Actor, e.MadeAt, e.State, e.MadeAt, e.Last)
}

// Exports lists an enterprise's, oldest first, after a cursor, at a moment of the
// database's clock.
func (n *Tenant) Exports(ctx context.Context, after domain.ID, limit int) (list []domain.Export, now time.Time, err error) {
	err = n.store.transact(ctx, reading, func(t *tx) error {
		list = nil
		t.query(scanNow(&now), "SELECT "+t.now)
		t.query(each(func(scan func(...any) error) error {
			e, err := scanExport(scan)
			list = append(list, e)
			return err
		}), `SELECT `+exportColumns+` FROM exports WHERE enterprise = ? AND id > ? ORDER BY id LIMIT ?`, n.id, after, limit)
		return t.flush(ctx)
	})
	return list, now, err
}

// Export reads one; domain.NoSuchThing if there is none.
func (n *Tenant) Export(ctx context.Context, id domain.ID) (e domain.Export, now time.Time, err error) {
	err = n.store.transact(ctx, reading, func(t *tx) error {
		e = domain.Export{}
		t.query(scanNow(&now), "SELECT "+t.now)
		t.query(each(func(scan func(...any) error) (err error) {
			e, err = scanExport(scan)
			return err
		}), `SELECT `+exportColumns+` FROM exports WHERE enterprise = ? AND id = ?`, n.id, id)
		return t.flush(ctx)
	})
	if err == nil && e.ID == "" {
		err = ErrNotFound
	}
	return e, now, err
}

// PseudonymOf is the name by which the log knows whoever is found by a lookup; empty if
// nobody is.
func (n *Tenant) PseudonymOf(ctx context.Context, lookup string) (pseudonym string, err error) {
	err = n.store.transact(ctx, reading, func(t *tx) error {
		pseudonym = ""
		t.query(each(func(scan func(...any) error) error { return scan(&pseudonym) }),
			`SELECT id FROM subjects WHERE enterprise = ? AND lookup = ?`, n.id, lookup)
		return t.flush(ctx)
	})
	return pseudonym, err
}

// ClaimExport takes the export that is due longest, for a lease; false if none is.
func (s *Store) ClaimExport(ctx context.Context, lease domain.ID, held time.Duration) (job app.ExportJob, found bool, err error) {
	err = s.transact(ctx, writing, func(t *tx) error {
		job, found = app.ExportJob{}, false
		t.query(scanNow(&job.Now), "SELECT "+t.now)
		t.query(each(func(scan func(...any) error) (err error) {
			found = true
			job.Export, err = scanExport(scan, &job.Enterprise, &job.Work, &job.Tries)
			return err
		}), `UPDATE exports SET lease = ?, due_at = `+t.now+` + ? WHERE due_at > 0 AND due_at <= `+t.now+` AND (enterprise, id) IN (
				SELECT enterprise, id FROM exports WHERE due_at > 0 AND due_at <= `+t.now+` ORDER BY due_at, enterprise, id LIMIT 1)
			RETURNING `+exportColumns+`, enterprise, work, tries`, lease, held.Milliseconds())
		return t.flush(ctx)
	})
	job.Lease = lease
	return job, found && err == nil, err
}

// SaveExport writes how far a job is and holds it on, or lets go of it until something is
// due again; false if the lease is somebody else's by now, and nothing was written.
func (s *Store) SaveExport(ctx context.Context, job app.ExportJob, next app.ExportNext) (saved bool, err error) {
	err = s.transact(ctx, writing, func(t *tx) error {
		saved = false
		due, args := t.now+` + ?`, []any{next.Wait.Milliseconds()}
		lease := job.Lease
		switch {
		case next.Over:
			due, args, lease = "0", nil, ""
		case !next.At.IsZero():
			due, args, lease = "?", []any{next.At}, ""
		case !next.Hold:
			lease = ""
		}
		e := job.Export
		args = append([]any{e.State, e.Done, e.Of, job.Work, job.Tries, e.StartedAt, e.ReadyAt, e.Bundle.Object, e.Bundle.Bytes,
			e.Bundle.SHA256, e.Bundle.Records, e.ExpiresAt, lease}, args...)
		t.query(each(func(scan func(...any) error) error { saved = true; var one int; return scan(&one) }),
			`UPDATE exports SET state = ?, done = ?, total = ?, work = ?, tries = ?, started_at = ?, ready_at = ?, object = ?, bytes = ?,
				sha256 = ?, records = ?, expires_at = ?, lease = ?, due_at = `+due+` WHERE enterprise = ? AND id = ? AND lease = ? RETURNING 1`,
			append(args, job.Enterprise, e.ID, job.Lease)...)
		if err := t.flush(ctx); err != nil || !saved || !next.Tell {
			return err
		}
		return s.Tenant(job.Enterprise).tellReady(ctx, t, e)
	})
	return saved && err == nil, err
}

// tellReady queues what platforms are told of a bundle, at the addresses of this moment.
func (n *Tenant) tellReady(ctx context.Context, t *tx, e domain.Export) error {
	c, err := n.loadCharter(ctx, t)
	if err != nil {
		return err
	}
	c.TellReady(e)
	t.tell(n.id, c.Events)
	return t.flush(ctx)
}
