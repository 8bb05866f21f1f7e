package store

import (
	"context"

	"nod/shared/app"
	"nod/shared/domain"
)

const requestColumns = `id, subject, kind, given_by, relation, session, opened_at, due_at, wish, has_proof,
	outcome, ground, answer, resolved_at, resolved_by`

func scanRequest(scan func(...any) error) (r domain.Request, err error) {
	var opened, due, resolved int64
	err = scan(&r.ID, &r.Subject, &r.Kind, &r.By, &r.Relation, &r.Session, &opened, &due, &r.Text, &r.HasProof,
		&r.Outcome, &r.Ground, &r.Answer, &resolved, &r.ResolvedBy)
	r.OpenedAt, r.DueAt, r.ResolvedAt = instant(opened), instant(due), instant(resolved)
	return r, err
}

func (n *Tenant) readRequests(t *tx, list *[]domain.Request, rest string, args ...any) {
	t.query(each(func(scan func(...any) error) error {
		r, err := scanRequest(scan)
		*list = append(*list, r)
		return err
	}), `SELECT `+requestColumns+` FROM requests WHERE enterprise = ? AND `+rest, append([]any{n.id}, args...)...)
}

// readRequest reads one request, with its file if texts are asked for.
func (n *Tenant) readRequest(t *tx, m *domain.Moment, by app.By) {
	t.query(each(func(scan func(...any) error) error {
		r, err := scanRequest(scan)
		m.Request = &r
		return err
	}), `SELECT `+requestColumns+` FROM requests WHERE enterprise = ? AND id = ?`, n.id, by.Request)
	if !by.Text {
		return
	}
	t.query(each(func(scan func(...any) error) error { return scan(&m.Request.Proof) }),
		`SELECT content FROM request_proofs WHERE enterprise = ? AND request = ?
			AND EXISTS (SELECT 1 FROM requests r WHERE r.enterprise = request_proofs.enterprise AND r.id = request_proofs.request)`,
		n.id, by.Request)
}

// readOpenRequests counts those of a session's person that wait for their answer.
func (n *Tenant) readOpenRequests(t *tx, m *domain.Moment, session domain.ID) {
	t.query(each(func(scan func(...any) error) error { return scan(&m.OpenRequests) }),
		`SELECT count(*) FROM requests r JOIN sessions s ON s.enterprise = r.enterprise AND s.subject = r.subject
			WHERE s.enterprise = ? AND s.id = ? AND r.outcome = ''`, n.id, session)
}

func (n *Tenant) saveRequest(t *tx, r *domain.Request) {
	t.exec(`INSERT INTO requests (enterprise, `+requestColumns+`)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (enterprise, id) DO UPDATE SET outcome = excluded.outcome, ground = excluded.ground,
			answer = excluded.answer, resolved_at = excluded.resolved_at, resolved_by = excluded.resolved_by`,
		n.id, r.ID, r.Subject, r.Kind, r.By, r.Relation, r.Session, r.OpenedAt, r.DueAt, r.Text, r.HasProof,
		r.Outcome, r.Ground, r.Answer, r.ResolvedAt, r.ResolvedBy)
	if r.Open() && r.HasProof {
		t.exec(`INSERT INTO request_proofs (enterprise, request, content) VALUES (?, ?, ?)`, n.id, r.ID, r.Proof)
	}
}

// Requests lists the enterprise's requests, oldest first, after a cursor; only those that
// wait for their answer if so asked. now is the database's present.
func (n *Tenant) Requests(ctx context.Context, f app.RequestFilter) (found app.RequestsFound, err error) {
	err = n.store.transact(ctx, reading, func(t *tx) error {
		found = app.RequestsFound{}
		t.query(scanNow(&found.Now), "SELECT "+t.now)
		n.readRequests(t, &found.List, `id > ? AND (? = 0 OR outcome = '') ORDER BY id LIMIT ?`, f.After, flag(f.Open), f.Limit)
		return t.flush(ctx)
	})
	return found, err
}

// flag is a truth value that both engines compare with a number.
func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}
