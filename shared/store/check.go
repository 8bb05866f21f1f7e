package store

import "nod/shared/domain"

func (n *Tenant) readAttempts(t *tx, m *domain.Moment, session domain.ID) {
	t.query(each(func(scan func(...any) error) error {
		var a domain.Attempt
		var started, deadline, ended int64
		var notice, inForce, delegation string
		err := scan(&a.ID, &a.Started, &a.Result, &a.Reason, &a.Capture, &started, &deadline, &ended, &a.Away,
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
	}), `SELECT attempt, started, result, reason, capture, started_at, deadline_at, ended_at, away,
			consent, notice, notice_in_force, delegation, guardian_consent
		FROM checks WHERE enterprise = ? AND session = ? ORDER BY started_at, attempt`, n.id, session)
}

func (n *Tenant) saveAttempt(t *tx, session domain.ID, a *domain.Attempt) {
	t.exec(`INSERT INTO checks (enterprise, session, attempt, started, result, reason, capture, started_at,
			deadline_at, ended_at, away, consent, notice, notice_in_force, delegation, guardian_consent)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (enterprise, session, attempt) DO UPDATE SET
			result = excluded.result, reason = excluded.reason, deadline_at = excluded.deadline_at,
			ended_at = excluded.ended_at, away = excluded.away`,
		n.id, session, a.ID, a.Started, a.Result, a.Reason, a.Capture, a.StartedAt,
		a.DeadlineAt, a.EndedAt, a.Away, a.Consent, doc(a.Notice), doc(a.NoticeInForce), doc(a.Delegation), a.GuardianConsent)
}

// readAsked reads when the authority was asked about the person on the session's route,
// as far back as a limit reaches.
func (n *Tenant) readAsked(t *tx, m *domain.Moment, session domain.ID) {
	t.query(each(func(scan func(...any) error) error {
		var at int64
		err := scan(&at)
		m.Asked = append(m.Asked, instant(at))
		return err
	}), `SELECT c.started_at FROM sessions mine
		JOIN sessions s ON s.enterprise = mine.enterprise AND s.subject = mine.subject AND s.route = mine.route
		JOIN checks c ON c.enterprise = s.enterprise AND c.session = s.id
		WHERE mine.enterprise = ? AND mine.id = ? AND mine.route IN (?, ?) AND c.started_at > `+t.now+` - ?`,
		n.id, session, domain.Authority, domain.TwoFactor, domain.LimitsLookBack.Milliseconds())
}
