package store

import (
	"context"
	"errors"
	"time"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/ledger"
)

// term is a piece of SQL with its arguments.
type term struct {
	sql  string
	args []any
}

// terms are the SQL for the subject, purpose and audience that By means.
func (n *Tenant) terms(by app.By) (subject, purpose, audience term) {
	from := func(column, table string, id domain.ID) term {
		return term{"(SELECT " + column + " FROM " + table + " WHERE enterprise = ? AND id = ?)", []any{n.id, id}}
	}
	switch {
	case by.Opening != nil:
		o := by.Opening
		// Who comes back in the moment in which they are erased may be there twice, for this
		// transaction: it takes the one that goes, cannot lock that, and is run again.
		subject = term{"(SELECT id FROM subjects WHERE enterprise = ? AND lookup = ? ORDER BY created_at, id LIMIT 1)", []any{n.id, o.Lookup}}
		purpose, audience = term{"?", []any{o.Purpose}}, term{"?", []any{o.AgeGroup.Audience()}}
	case by.Subject != "":
		return term{"?", []any{by.Subject}}, term{"?", []any{""}}, term{"?", []any{""}}
	case by.Request != "":
		return from("subject", "requests", by.Request), term{"?", []any{""}}, term{"?", []any{""}}
	case by.Consent != "":
		subject, purpose = from("subject", "consents", by.Consent), from("purpose", "consents", by.Consent)
		audience = from("audience", "consents", by.Consent)
	default:
		subject, purpose = from("subject", "sessions", by.Session), from("purpose", "sessions", by.Session)
		audience = from("CASE age_group WHEN 'adult' THEN 'adult' ELSE 'guardian' END", "sessions", by.Session)
	}
	if by.Purpose != "" {
		purpose = term{"?", []any{by.Purpose}}
	}
	return subject, purpose, audience
}

// Moment reads what decides about a session, without locking it.
func (n *Tenant) Moment(ctx context.Context, by app.By) (m *domain.Moment, err error) {
	err = n.store.transact(ctx, reading, func(t *tx) error {
		m, err = n.load(ctx, t, by)
		return err
	})
	return m, err
}

// Update reads the Moment, applies a rule to it and writes what the rule
// collected. A Refusal of the rule is returned after what was settled before it
// is written. once, if not nil, makes the call idempotent: see Once.
func (n *Tenant) Update(ctx context.Context, by app.By, once *app.Once, apply func(*domain.Moment) error) (entries []ledger.Entry, err error) {
	var refusal error
	err = n.store.transact(ctx, writing, func(t *tx) error {
		look(t, once, string(n.id))
		m, err := n.load(ctx, t, by)
		if entries, refusal = nil, nil; err != nil {
			return err
		}
		if once.Found() {
			return errAnswered
		}
		var fault error
		if refusal, fault = split(apply(m)); fault != nil {
			return fault
		}
		if refusal != nil && !m.Dirty() {
			return refusal // nothing to keep, not even the row of a subject whose session was refused
		}
		if entries, err = n.save(t, m); err != nil {
			return err
		}
		if refusal != nil {
			return nil
		}
		return keep(t, once, string(n.id), entries)
	})
	switch {
	case errors.Is(err, errAnswered):
		return nil, nil
	case err == nil:
		err = refusal
	}
	return entries, err
}

// errAnswered rolls a repeated call back: all it may do is to get the answer again.
var errAnswered = errors.New("store: answered before")

func (n *Tenant) load(ctx context.Context, t *tx, by app.By) (*domain.Moment, error) {
	m := &domain.Moment{Mint: NewID}
	subject, purpose, audience := n.terms(by)
	if o := by.Opening; o != nil && t.mode != reading {
		t.exec(`INSERT INTO subjects (enterprise, id, lookup, sealed_id, created_at, review_at)
			VALUES (?, ?, ?, ?, `+t.now+`, `+t.now+` + ?) ON CONFLICT DO NOTHING`,
			n.id, o.Pseudonym, o.Lookup, o.SealedID, domain.ReviewAfter.Milliseconds())
	}
	// First the subject's row, which everything about them waits for.
	lock := ""
	if t.mode != reading {
		lock = t.store.engine.lock()
	}
	t.query(scanSubject(m), `SELECT `+subjectColumns+`, `+t.now+` FROM subjects
		WHERE enterprise = ? AND id = `+subject.sql+lock, append([]any{n.id}, subject.args...)...)
	n.readEnterprise(t, &m.Enterprise)
	n.readSettings(t, &m.Settings)
	n.readNoticeInForce(t, m, subject, purpose, audience, by.Text)
	if by.Text {
		n.readHistory(t, m, purpose, audience)
	}
	if by.Agreed {
		n.readAgreed(t, m, subject, purpose, audience)
	}
	latest := map[domain.Giver]*domain.Consent{}
	n.readConsents(t, latest, subject, purpose, audience)
	if by.Opening != nil {
		n.readNo(t, m, subject, purpose, audience)
	}
	if by.Consent != "" {
		n.readConsent(t, &m.Named, by.Consent)
	}
	if by.Request != "" {
		n.readRequest(t, m, by)
		n.readConsentsWhere(t, func(c *domain.Consent) { m.Grants = append(m.Grants, c) },
			`subject = `+subject.sql+latestOfGiver, subject.args...)
	}
	if by.Log {
		n.readCheckpoint(t, &m.Checkpoint)
	}
	if by.Requests {
		n.readOpenRequests(t, m, by.Session)
	}
	if by.Session != "" {
		n.readSession(t, m, by.Session)
		n.readAttempts(t, m, by.Session)
		if by.Check {
			n.readAsked(t, m, by.Session)
			n.readQueue(t, m, by.Session)
		}
	}
	if err := t.flush(ctx); err != nil {
		return nil, err
	}
	if m.Subject.Pseudonym == "" || m.Enterprise.ID == "" || (by.Session != "" && m.Session == nil) {
		return nil, ErrNotFound
	}
	if m.Session != nil && m.Session.Subject != m.Subject.Pseudonym { // a consent of somebody else's
		return nil, ErrNotFound
	}
	sortOut(m, latest, by)
	m.Other = onAnother(m, by)
	// A clock that was set back does not put a subject's Records out of order; see
	// readNoticeInForce too.
	if m.Now.Before(m.Subject.HeadAt) {
		m.Now = m.Subject.HeadAt
	}
	return m, nil
}

// onAnother reports whether the decisions that were read are on another notice than the
// session's.
func onAnother(m *domain.Moment, by app.By) bool {
	s, c := m.Session, m.Named
	switch {
	case s == nil:
		return false
	case c != nil:
		return c.Purpose != s.Purpose || c.Audience != s.Audience()
	}
	return by.Purpose != "" && by.Purpose != s.Purpose
}

const subjectColumns = "id, sealed_id, records, head, head_at, restricted_at"

func scanSubject(m *domain.Moment) func(rows) error {
	return each(func(scan func(...any) error) error {
		var headAt, restrictedAt, now int64
		s := &m.Subject
		err := scan(&s.Pseudonym, &s.SealedID, &s.Records, &s.Head, &headAt, &restrictedAt, &now)
		s.HeadAt, s.RestrictedAt, m.Now = instant(headAt), instant(restrictedAt), time.UnixMilli(now).UTC()
		return err
	})
}

// save queues everything that the rule collected.
func (n *Tenant) save(t *tx, m *domain.Moment) ([]ledger.Entry, error) {
	before := m.Subject.Records
	for _, c := range m.EndedConsents {
		n.endConsent(t, m, c)
	}
	entries, err := t.append(m.Records, &m.Subject)
	if err != nil {
		return nil, err
	}
	if m.Dirty() { // without Records too: whoever waits for the lock must meet a newer version
		soon := m.Now.Add(domain.ReviewAfter)
		t.exec(`UPDATE subjects SET records = ?, head = ?, head_at = ?,
				review_at = CASE WHEN review_at > ? THEN ? ELSE review_at END WHERE enterprise = ? AND id = ?`,
			m.Subject.Records, m.Subject.Head, m.Subject.HeadAt, soon, soon, n.id, m.Subject.Pseudonym)
	}
	if m.Restricted {
		n.restrict(t, m)
	}
	t.tell(n.id, m.Events)
	if m.NewConsent != nil {
		n.insertConsent(t, m, before+place(m))
	}
	if m.RequestChanged != nil {
		n.saveRequest(t, m.RequestChanged)
	}
	if m.SessionChanged {
		n.saveSession(t, m.Session)
	}
	for _, a := range m.EndedAttempts {
		n.saveAttempt(t, m.Session.ID, a)
	}
	if m.AttemptChanged != nil {
		n.saveAttempt(t, m.Session.ID, m.AttemptChanged)
	}
	return entries, nil
}

// place is the position of the new consent's Record among those of this
// transaction, from 1.
func place(m *domain.Moment) int {
	for i, r := range m.Records {
		if r.ID == m.NewConsent.ID {
			return i + 1
		}
	}
	return 0
}
