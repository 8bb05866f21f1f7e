package store

import (
	"context"

	"nod/shared/domain"
)

// Keep reads all that is held about one person, in a transaction that takes the lock that
// everything about them takes, has a rule decide what goes, and takes that away, with the
// Records that say so. domain.NoSuchThing if there is no such person any more.
func (n *Tenant) Keep(ctx context.Context, subject string, apply func(*domain.Keeping) error) error {
	return n.store.transact(ctx, writing, func(t *tx) error {
		k := &domain.Keeping{Mint: NewID, Holdings: domain.Holdings{Charter: &domain.Charter{}, Notices: map[domain.ID]domain.Notice{}}}
		var m domain.Moment
		t.query(scanSubject(&m), `SELECT `+subjectColumns+`, `+t.now+` FROM subjects WHERE enterprise = ? AND id = ?`+
			t.store.engine.lock(), n.id, subject)
		n.readEnterprise(t, &k.Charter.Enterprise)
		k.Subject.Pseudonym = subject
		if err := n.readHeld(ctx, t, &k.Holdings, everything); err != nil {
			return err
		}
		if m.Subject.Pseudonym == "" {
			return ErrNotFound
		}
		k.Subject, k.Charter.Now = m.Subject, m.Now
		k.Closed = !k.Charter.Enterprise.AcknowledgedAt.IsZero()
		if err := apply(k); err != nil {
			return err
		}
		return n.release(t, k)
	})
}

// everything is more of a person's things than there are.
const everything = 1 << 30

// release queues what the rule let go of.
func (n *Tenant) release(t *tx, k *domain.Keeping) error {
	if _, err := t.append(k.Records, &k.Subject); err != nil {
		return err
	}
	for _, id := range k.Consents {
		t.exec(`DELETE FROM consents WHERE enterprise = ? AND id = ?`, n.id, id)
	}
	for _, id := range k.Sessions {
		t.exec(`DELETE FROM checks WHERE enterprise = ? AND session = ?`, n.id, id)
		t.exec(`DELETE FROM turns WHERE enterprise = ? AND session = ?`, n.id, id)
		t.exec(`DELETE FROM sessions WHERE enterprise = ? AND id = ?`, n.id, id)
	}
	for _, id := range k.Requests {
		t.exec(`DELETE FROM request_proofs WHERE enterprise = ? AND request = ?`, n.id, id)
		t.exec(`DELETE FROM requests WHERE enterprise = ? AND id = ?`, n.id, id)
		t.exec(`DELETE FROM webhooks WHERE enterprise = ? AND type = ? AND thing = ?`, n.id, domain.TellRequest, id)
	}
	s := k.Subject
	if k.Erased {
		t.exec(`DELETE FROM subjects WHERE enterprise = ? AND id = ?`, n.id, s.Pseudonym)
		return nil
	}
	t.exec(`UPDATE subjects SET records = ?, head = ?, head_at = ?, review_at = ? WHERE enterprise = ? AND id = ?`,
		s.Records, s.Head, s.HeadAt, k.ReviewAt, n.id, s.Pseudonym)
	return nil
}
