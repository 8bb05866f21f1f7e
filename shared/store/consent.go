package store

import "nod/shared/domain"

// readConsent reads the latest decision of the subject on the purpose.
func (n *Tenant) readConsent(t *tx, into **domain.Consent, subject, purpose term) {
	n.readOneConsent(t, into, `subject = `+subject.sql+` AND purpose = `+purpose.sql+` ORDER BY seq DESC LIMIT 1`,
		append(append([]any{}, subject.args...), purpose.args...)...)
}

func (n *Tenant) readOneConsent(t *tx, into **domain.Consent, where string, args ...any) {
	t.query(each(func(scan func(...any) error) error {
		var c domain.Consent
		var routes, notice, delegation string
		var at, until, ended int64
		err := scan(&c.ID, &c.Purpose, &c.By, &c.State, &c.Cause, &routes, &notice, &delegation,
			&c.Session, &at, &until, &ended, &c.Commitment, &c.Salt, &c.WithdrawHash)
		if err != nil {
			return err
		}
		c.At, c.Until, c.EndedAt = instant(at), instant(until), instant(ended)
		*into = &c
		return fillAll([]string{routes, notice, delegation}, &c.Routes, &c.Notice, &c.Delegation)
	}), `SELECT id, purpose, given_by, state, cause, routes, notice, delegation, session,
			given_at, until, ended_at, commitment, salt, withdraw_hash
		FROM consents WHERE enterprise = ? AND `+where, append([]any{n.id}, args...)...)
}

func (n *Tenant) insertConsent(t *tx, m *domain.Moment, seq int) {
	c := m.NewConsent
	t.exec(`INSERT INTO consents (enterprise, subject, purpose, seq, id, given_by, state, cause, routes, notice,
			delegation, session, given_at, until, ended_at, commitment, salt, withdraw_hash)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		n.id, m.Subject.Pseudonym, c.Purpose, seq, c.ID, c.By, c.State, c.Cause, doc(c.Routes), doc(c.Notice),
		doc(c.Delegation), c.Session, c.At, c.Until, c.EndedAt, c.Commitment, c.Salt, c.WithdrawHash)
}

// endConsent writes that the current grant was withdrawn or has lapsed. After a
// withdrawal no running session of the same purpose stays consented, whichever session
// or receipt it came through; their secrets go with that.
func (n *Tenant) endConsent(t *tx, m *domain.Moment) {
	c := m.Consent
	if m.NewConsent != nil { // lapsed, then decided anew: m.Consent is the new one
		c = m.Superseded
	}
	t.exec(`UPDATE consents SET state = ?, cause = ?, ended_at = ? WHERE enterprise = ? AND id = ?`,
		c.State, c.Cause, c.EndedAt, n.id, c.ID)
	if c.State == domain.TakenBack {
		t.exec(`UPDATE sessions SET state = ?, secret = ?, secret_key = ?
			WHERE enterprise = ? AND subject = ? AND purpose = ? AND state = ? AND expires_at > ?`,
			domain.Withdrawn, []byte{}, []byte{}, n.id, m.Subject.Pseudonym, c.Purpose, domain.Consented, c.EndedAt)
	}
}
