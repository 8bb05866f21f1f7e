package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"nod/shared/domain"
	"nod/shared/ledger"
)

// Tenant is the handle for one enterprise. It is safe for concurrent use.
type Tenant struct {
	store *Store
	id    domain.ID
}

// Tenant makes the handle for an enterprise; it does not ask whether that exists.
func (s *Store) Tenant(id domain.ID) *Tenant { return &Tenant{store: s, id: id} }

// ErrNotFound is returned when the thing a call names is not there, or is another
// enterprise's, which is the same to the caller.
var ErrNotFound = domain.Refuse(domain.NoSuchThing)

// split parts what a rule of the domain said: a Refusal is an answer, and what
// was settled before it is written; anything else undoes the transaction.
func split(err error) (refusal, fault error) {
	var r *domain.Refusal
	if errors.As(err, &r) {
		return err, nil
	}
	return nil, err
}

// append seals the Records and queues them. Those about a subject follow each
// other from head on.
func (t *tx) append(records []*domain.Record, sub *domain.Subject) ([]ledger.Entry, error) {
	entries := make([]ledger.Entry, 0, len(records))
	for _, r := range records {
		prev, seq := "", 0
		if r.Subject != "" {
			prev = sub.Head
			sub.Records++
			seq = sub.Records
		}
		e, err := ledger.Seal(r, prev)
		if err != nil {
			return nil, err
		}
		if r.Subject != "" {
			sub.Head, sub.HeadAt = e.Leaf, r.At
		}
		t.exec(`INSERT INTO records (enterprise, id, type, at, purpose, route, subject, subject_seq, leaf, line)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			r.Enterprise, r.ID, r.Type, r.At, r.Purpose, r.Route, r.Subject, seq, e.Leaf, string(e.Line))
		entries = append(entries, e)
	}
	return entries, nil
}

// doc marshals a value for a JSON column. The types stored so cannot fail.
func doc(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Errorf("store: %T: %w", v, err))
	}
	return string(b)
}

// fill reads a JSON column; an empty one leaves v as it is.
func fill(text string, v any) error {
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), v)
}

// fillAll does so for several columns.
func fillAll(texts []string, into ...any) error {
	for i, text := range texts {
		if err := fill(text, into[i]); err != nil {
			return err
		}
	}
	return nil
}

// Records returns lines of the log in the order of their ids, after a cursor, for
// one subject if given. It is a plain read, for the command and for tests.
func (n *Tenant) Records(ctx context.Context, subject string, after domain.ID, limit int) (lines []string, err error) {
	err = n.store.transact(ctx, reading, func(t *tx) error {
		lines = nil
		t.query(each(func(scan func(...any) error) error {
			var line string
			if err := scan(&line); err != nil {
				return err
			}
			lines = append(lines, line)
			return nil
		}), `SELECT line FROM records WHERE enterprise = ? AND id > ? AND (? = '' OR subject = ?) ORDER BY id LIMIT ?`,
			n.id, after, subject, subject, limit)
		return t.flush(ctx)
	})
	return lines, err
}
