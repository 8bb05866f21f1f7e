package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"nod/shared/app"
	"nod/shared/domain"
)

// This file writes and sends on what platforms are told, in all enterprises at once.

const insertEvent = `INSERT INTO webhooks (enterprise, id, type, purpose, thing, step, at, data, state, tries, lease,
	next_at, until, ended_at, fault, status) `

// tell queues events. One that was told before is left as it is.
func (t *tx) tell(enterprise domain.ID, events []*domain.Event) {
	for _, e := range events {
		t.exec(insertEvent+`VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'waiting', 0, '', ?, ?, 0, '', 0) ON CONFLICT DO NOTHING`,
			enterprise, e.ID, e.Type, e.Purpose, e.Thing, e.Step, e.At, known(e), e.At, e.At.Add(domain.DeliverWithin))
	}
}

// known is what an event says by itself; a session is looked up when it is told of.
func known(e *domain.Event) string {
	if e.Type == domain.TellCompleted {
		return ""
	}
	return doc(e.Data)
}

// tellEnded queues the events of sessions of a purpose that end without anybody reading
// them: those for which where holds. Their ids are one new id with each session's own end.
func (n *Tenant) tellEnded(t *tx, m *domain.Moment, p domain.Purpose, as domain.State, where string, args ...any) {
	if m.Settings.Purposes[p].Webhook == "" {
		return
	}
	t.exec(insertEvent+`SELECT enterprise, ? || substr(id, 25), ?, purpose, id, ?, ?, '', 'waiting', 0, '', ?, ?, 0, '', 0
		FROM sessions WHERE `+where+` ON CONFLICT DO NOTHING`, append([]any{string(NewID())[:24], domain.TellCompleted,
		as, m.Now, m.Now, m.Now.Add(domain.DeliverWithin)}, args...)...)
}

// Lanes lists the lanes in which something is due. It hops along the index from one
// enterprise to the next, however much waits in each.
func (s *Store) Lanes(ctx context.Context) (list []app.Lane, err error) {
	err = s.transact(ctx, reading, func(t *tx) error {
		list = nil
		t.query(each(func(scan func(...any) error) error {
			var l app.Lane
			err := scan(&l.Enterprise, &l.Purpose, &l.Tries)
			list = append(list, l)
			return err
		}), dueLanes(t.now))
		return t.flush(ctx)
	})
	return list, err
}

func dueLanes(now string) string {
	var purposes []string
	for _, p := range domain.Purposes {
		purposes = append(purposes, "SELECT '"+string(p)+"' AS purpose")
	}
	return `WITH RECURSIVE e(id) AS (
			SELECT min(enterprise) FROM webhooks WHERE state = 'waiting'
			UNION ALL
			SELECT (SELECT min(w.enterprise) FROM webhooks w WHERE w.state = 'waiting' AND w.enterprise > e.id) FROM e WHERE e.id IS NOT NULL),
		lanes AS (
			SELECT e.id, p.purpose, COALESCE((SELECT w.tries FROM webhooks w WHERE w.state = 'waiting' AND w.enterprise = e.id
				AND w.purpose = p.purpose AND w.next_at <= ` + now + ` ORDER BY w.next_at, w.id LIMIT 1), -1) AS tries
			FROM e CROSS JOIN (` + strings.Join(purposes, " UNION ALL ") + `) p WHERE e.id IS NOT NULL)
		SELECT id, purpose, tries FROM lanes WHERE tries >= 0 ORDER BY id, purpose`
}

const deliveryColumns = `id, type, purpose, thing, step, at, data, state, tries, next_at, ended_at, fault, status`

func scanDelivery(scan func(...any) error) (d domain.Delivery, err error) {
	var at, next, ended int64
	var data string
	if err := scan(&d.ID, &d.Type, &d.Purpose, &d.Thing, &d.Step, &at, &data, &d.State, &d.Tries, &next, &ended, &d.Fault, &d.Status); err != nil {
		return d, err
	}
	d.At, d.NextAt, d.EndedAt = instant(at), instant(next), instant(ended)
	return d, fill(data, &d.Data)
}

func readDeliveries(t *tx, list *[]domain.Delivery, query string, args ...any) {
	t.query(each(func(scan func(...any) error) error {
		d, err := scanDelivery(scan)
		*list = append(*list, d)
		return err
	}), query, args...)
}

// Claim takes messages by moving their time to the end of the lease: whoever comes
// meanwhile finds nothing due, or loses the race for it and looks again.
func (s *Store) Claim(ctx context.Context, l app.Lane, lease domain.ID, held time.Duration, limit int) (c app.Claimed, err error) {
	n := s.Tenant(l.Enterprise)
	err = s.transact(ctx, writing, func(t *tx) error {
		c = app.Claimed{}
		var e domain.Enterprise
		t.query(scanNow(&c.Now), "SELECT "+t.now)
		readDeliveries(t, &c.List, `UPDATE webhooks SET lease = ?, tries = tries + 1, next_at = `+t.now+` + ?
			WHERE enterprise = ? AND state = 'waiting' AND next_at <= `+t.now+` AND id IN (`+dueInLane(t.now)+`) RETURNING `+deliveryColumns,
			lease, held.Milliseconds(), l.Enterprise, l.Enterprise, l.Purpose, limit)
		n.readEnterprise(t, &e)
		n.readSettings(t, &c.Settings)
		n.readWebhookSecret(t, &c.Secret)
		n.readCheckpoint(t, &c.Checkpoint)
		err := t.flush(ctx)
		c.Mode = e.Profile.Mode
		slices.SortFunc(c.List, func(a, b domain.Delivery) int { return a.At.Compare(b.At) })
		return err
	})
	return c, err
}

func dueInLane(now string) string {
	return `SELECT id FROM webhooks WHERE enterprise = ? AND purpose = ? AND state = 'waiting' AND next_at <= ` + now + `
		ORDER BY next_at, id LIMIT ?`
}

// Report writes what became of claimed messages.
func (s *Store) Report(ctx context.Context, l app.Lane, lease domain.ID, tries []app.Tried) (failed int, err error) {
	err = s.transact(ctx, writing, func(t *tx) error {
		failed = 0
		for _, r := range tries {
			if r.Fault == "" {
				t.exec(`UPDATE webhooks SET state = 'delivered', ended_at = `+t.now+`, lease = '', fault = '', status = ?
					WHERE enterprise = ? AND id = ? AND state <> 'delivered'`, r.Status, l.Enterprise, r.ID)
				continue
			}
			wait := r.Wait.Milliseconds()
			t.query(each(func(scan func(...any) error) error {
				var state domain.DeliveryState
				err := scan(&state)
				if state == domain.DeliveryFailed {
					failed++
				}
				return err
			}), strings.ReplaceAll(`UPDATE webhooks SET state = CASE WHEN NEXT > until THEN 'failed' ELSE 'waiting' END,
					ended_at = CASE WHEN NEXT > until THEN `+t.now+` ELSE 0 END, next_at = NEXT, lease = '', fault = ?, status = ?
				WHERE enterprise = ? AND id = ? AND lease = ? AND state = 'waiting' RETURNING state`,
				"NEXT", "("+t.now+" + ?)"), wait, wait, wait, r.Fault, r.Status, l.Enterprise, r.ID, lease)
		}
		return t.flush(ctx)
	})
	return failed, err
}

// GiveUp ends what has waited long enough where nothing gets through.
func (s *Store) GiveUp(ctx context.Context, l app.Lane, f domain.DeliveryFault) (n int, err error) {
	return s.count(ctx, func(t *tx) (string, []any) {
		return `UPDATE webhooks SET state = 'failed', ended_at = ` + t.now + `, lease = '', fault = CASE fault WHEN '' THEN ? ELSE fault END
			WHERE enterprise = ? AND purpose = ? AND state = 'waiting' AND next_at <= ` + t.now + ` AND until <= ` + t.now + ` RETURNING 1`,
			[]any{f, l.Enterprise, l.Purpose}
	})
}

// ForgetDeliveries deletes what ended long ago, warnings excepted.
func (s *Store) ForgetDeliveries(ctx context.Context, limit int) (int, error) {
	return s.count(ctx, func(t *tx) (string, []any) {
		return `DELETE FROM webhooks WHERE state <> 'waiting' AND (enterprise, id) IN (` + forgettable(t.now) + `) RETURNING 1`, []any{limit}
	})
}

func forgettable(now string) string {
	return fmt.Sprintf(`SELECT enterprise, id FROM webhooks WHERE state <> 'waiting' AND ended_at <= %s - %d
		AND type IN ('%s', '%s', '%s', '%s') ORDER BY ended_at LIMIT ?`, now, domain.KeepDeliveries.Milliseconds(),
		domain.TellCompleted, domain.TellWithdrawn, domain.TellLapsed, domain.TellExport)
}

// count runs one statement that returns a row for each that it changes.
func (s *Store) count(ctx context.Context, statement func(*tx) (string, []any)) (n int, err error) {
	err = s.transact(ctx, writing, func(t *tx) error {
		n = 0
		query, args := statement(t)
		t.query(counting(&n), query, args...)
		return t.flush(ctx)
	})
	return n, err
}

func counting(n *int) func(rows) error {
	return each(func(scan func(...any) error) error {
		*n++
		var one int
		return scan(&one)
	})
}

// Tell writes events that were not told yet.
func (s *Store) Tell(ctx context.Context, enterprise domain.ID, events []*domain.Event) (n int, err error) {
	err = s.transact(ctx, writing, func(t *tx) error {
		n = 0
		for _, e := range events {
			t.query(counting(&n), insertEvent+`VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'waiting', 0, '', ?, ?, 0, '', 0) ON CONFLICT DO NOTHING RETURNING 1`,
				enterprise, e.ID, e.Type, e.Purpose, e.Thing, e.Step, e.At, known(e), e.At, e.At.Add(domain.DeliverWithin))
		}
		return t.flush(ctx)
	})
	return n, err
}
