package store

import (
	"context"
	"strings"

	"nod/shared/app"
	"nod/shared/domain"
)

// Scope reads whose data there was between two instants, and what. With a list of people
// in it that goes on record; numbers alone are about nobody.
func (n *Tenant) Scope(ctx context.Context, f app.ScopeFilter, onRecord func(*domain.Charter, domain.Scope)) (s domain.Scope, err error) {
	read := func(t *tx, c *domain.Charter) error {
		s = domain.Scope{Now: c.Now, From: f.From, To: f.To, Enterprise: c.Enterprise}
		var notices []domain.Notice
		n.readNotices(t, &notices, `notices.effective_from < ? ORDER BY notices.purpose, notices.audience, notices.version`, f.To)
		n.countActive(t, &s, f)
		n.countInUse(t, &s, f)
		n.countAtRest(t, &s.AtRest, f)
		if f.Listed != "" {
			n.listPeople(t, &s, f)
		}
		if err := t.flush(ctx); err != nil {
			return err
		}
		s.Held, s.Notices = s.AtRest.Subjects, domain.InForceBetween(notices, f.From, f.To)
		return n.readPeoplesUse(ctx, t, &s, f)
	}
	if f.Listed == "" {
		err = n.consult(ctx, read, nil)
	} else {
		err = n.consult(ctx, read, func(c *domain.Charter) { onRecord(c, s) })
	}
	return s, err
}

// active selects whose data was in use: those with a Record between the two instants, or
// with a session whose time was then.
const active = `SELECT subject AS id FROM records WHERE enterprise = ? AND at >= ? AND at < ? AND subject <> ''
	UNION SELECT subject FROM sessions WHERE enterprise = ? AND expires_at > ? AND created_at < ?`

func (n *Tenant) activeArgs(f app.ScopeFilter) []any {
	return []any{n.id, f.From, f.To, n.id, f.From, f.To}
}

func (n *Tenant) countActive(t *tx, s *domain.Scope, f app.ScopeFilter) {
	t.query(one(&s.Active), `SELECT count(*) FROM (`+active+`) people`, n.activeArgs(f)...)
}

func one(into *int) func(rows) error {
	return each(func(scan func(...any) error) error { return scan(into) })
}

func (n *Tenant) countInUse(t *tx, s *domain.Scope, f app.ScopeFilter) {
	t.query(each(func(scan func(...any) error) error {
		var u domain.InUse
		err := scan(&u.Purpose, &u.Route, &u.Sessions, &u.People)
		s.InUse = append(s.InUse, u)
		return err
	}), `SELECT purpose, route, count(*), count(DISTINCT subject) FROM sessions
		WHERE enterprise = ? AND expires_at > ? AND created_at < ? AND kind = ? GROUP BY purpose, route ORDER BY purpose, route`,
		n.id, f.From, f.To, domain.CheckKind)
}

// countAtRest counts rows that were there by the second instant. Those that have been
// deleted since are not counted: nobody can tell any more.
func (n *Tenant) countAtRest(t *tx, r *domain.AtRest, f app.ScopeFilter) {
	until := []any{n.id, f.To}
	within := []any{n.id, f.From, f.To, domain.CheckKind}
	for _, q := range []struct {
		into  *int
		query string
		args  []any
	}{
		{&r.Subjects, `subjects WHERE enterprise = ? AND created_at < ?`, until},
		{&r.Consents, `consents WHERE enterprise = ? AND given_at < ?`, until},
		{&r.Records, `records WHERE enterprise = ? AND at < ?`, until},
		{&r.Sessions, `sessions WHERE enterprise = ? AND created_at < ?`, until},
		{&r.References, `sessions WHERE enterprise = ? AND expires_at > ? AND created_at < ? AND kind = ?`, within},
		{&r.ReferencesLeft, `sessions WHERE enterprise = ? AND expires_at > ? AND created_at < ? AND kind = ?
			AND (length(secret) > 0 OR length(secret_key) > 0)`, within},
		{&r.Requests, `requests WHERE enterprise = ? AND opened_at < ?`, until},
		{&r.Proofs, `requests WHERE enterprise = ? AND opened_at < ? AND has_proof`, until},
		{&r.Answers, `answers WHERE realm = ? AND created_at < ?`, until},
	} {
		t.query(one(q.into), `SELECT count(*) FROM `+q.query, q.args...)
	}
}

// listPeople lists pseudonyms in their order, after a cursor.
func (n *Tenant) listPeople(t *tx, s *domain.Scope, f app.ScopeFilter) {
	query, args := active, n.activeArgs(f)
	if f.Listed == domain.HeldPeople {
		query, args = `SELECT id FROM subjects WHERE enterprise = ? AND created_at < ?`, []any{n.id, f.To}
	}
	t.query(each(func(scan func(...any) error) error {
		var p domain.Affected
		err := scan(&p.Subject)
		s.People = append(s.People, p)
		return err
	}), `SELECT id FROM (`+query+`) people WHERE id > ? ORDER BY id LIMIT ?`, append(args, f.After, f.Limit)...)
}

// readPeoplesUse reads what the data of those on the list was in use for.
func (n *Tenant) readPeoplesUse(ctx context.Context, t *tx, s *domain.Scope, f app.ScopeFilter) error {
	if len(s.People) == 0 {
		return nil
	}
	at := map[string]*domain.Affected{}
	args := []any{n.id}
	for i := range s.People {
		at[s.People[i].Subject] = &s.People[i]
		args = append(args, s.People[i].Subject)
	}
	t.query(each(func(scan func(...any) error) error {
		var subject string
		u := domain.InUse{People: 1}
		if err := scan(&subject, &u.Purpose, &u.Route, &u.Sessions); err != nil {
			return err
		}
		at[subject].InUse = append(at[subject].InUse, u)
		return nil
	}), `SELECT subject, purpose, route, count(*) FROM sessions WHERE enterprise = ? AND subject IN (?`+strings.Repeat(", ?", len(s.People)-1)+`)
		AND expires_at > ? AND created_at < ? AND kind = ? GROUP BY subject, purpose, route ORDER BY subject, purpose, route`,
		append(args, f.From, f.To, domain.CheckKind)...)
	return t.flush(ctx)
}
