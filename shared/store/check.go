package store

import "nod/shared/domain"

func (n *Tenant) readAttempts(t *tx, m *domain.Moment, session domain.ID) {
	t.query(each(func(scan func(...any) error) error {
		var a domain.Attempt
		var started, deadline, ended int64
		var notice, inForce, delegation string
		err := scan(&a.ID, &a.Started, &a.Result, &a.Reason, &a.Capture, &started, &deadline, &ended,
			&a.Consent, &notice, &inForce, &delegation, &a.GuardianConsent)
		if err != nil {
			return err
		}
		a.StartedAt, a.DeadlineAt, a.EndedAt = instant(started), instant(deadline), instant(ended)
		if err := fillAll([]string{notice, inForce, delegation}, &a.Notice, &a.NoticeInForce, &a.Delegation); err != nil {
			return err
		}
		m.Attempts = append(m.Attempts, a)
		return nil
	}), `SELECT attempt, started, result, reason, capture, started_at, deadline_at, ended_at,
			consent, notice, notice_in_force, delegation, guardian_consent
		FROM checks WHERE enterprise = ? AND session = ? ORDER BY started_at, attempt`, n.id, session)
}

func (n *Tenant) saveAttempt(t *tx, session domain.ID, a *domain.Attempt) {
	t.exec(`INSERT INTO checks (enterprise, session, attempt, started, result, reason, capture, started_at,
			deadline_at, ended_at, consent, notice, notice_in_force, delegation, guardian_consent)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (enterprise, session, attempt) DO UPDATE SET
			result = excluded.result, reason = excluded.reason, ended_at = excluded.ended_at`,
		n.id, session, a.ID, a.Started, a.Result, a.Reason, a.Capture, a.StartedAt,
		a.DeadlineAt, a.EndedAt, a.Consent, doc(a.Notice), doc(a.NoticeInForce), doc(a.Delegation), a.GuardianConsent)
}
