package store

import (
	"slices"

	"nod/shared/app"
	"nod/shared/domain"
)

// readConsents reads the latest decision of each giver on the purpose and for the
// audience.
func (n *Tenant) readConsents(t *tx, into map[domain.Giver]*domain.Consent, subject, purpose, audience term) {
	n.readConsentsWhere(t, func(c *domain.Consent) { into[c.By] = c },
		`subject = `+subject.sql+` AND purpose = `+purpose.sql+` AND audience = `+audience.sql+latestOfGiver,
		slices.Concat(subject.args, purpose.args, audience.args)...)
}

// readNo reads the last no on the notice for another audience than the session's.
func (n *Tenant) readNo(t *tx, m *domain.Moment, subject, purpose, audience term) {
	n.readConsentsWhere(t, func(c *domain.Consent) {
		at := c.At
		if c.State == domain.TakenBack {
			at = c.EndedAt
		}
		if (c.State == domain.Declined || c.State == domain.TakenBack) && at.After(m.No) {
			m.No = at
		}
	}, `subject = `+subject.sql+` AND purpose = `+purpose.sql+` AND audience <> `+audience.sql+latestOfGiver,
		slices.Concat(subject.args, purpose.args, audience.args)...)
}

// latestOfGiver narrows consents to the latest of each giver for each audience.
const latestOfGiver = `
	AND seq = (SELECT max(o.seq) FROM consents o WHERE o.enterprise = consents.enterprise AND o.subject = consents.subject
		AND o.purpose = consents.purpose AND o.audience = consents.audience AND o.given_by = consents.given_by)`

// sortOut puts the latest decisions where the Moment's age group has them. A receipt
// tells nobody's age: there, and where a consent is named, it is the decisions of its own
// giver that count.
func sortOut(m *domain.Moment, latest map[domain.Giver]*domain.Consent, by app.By) {
	var needs []domain.Giver
	switch {
	case m.Named != nil:
		needs = []domain.Giver{m.Named.By}
	case m.Session != nil:
		needs = m.Session.AgeGroup.Needs()
	case by.Opening != nil:
		needs = by.Opening.AgeGroup.Needs()
	}
	for i, place := range []**domain.Consent{&m.Consent, &m.Guardian} {
		if i < len(needs) {
			*place = latest[needs[i]]
		}
	}
}

func (n *Tenant) readConsent(t *tx, into **domain.Consent, id domain.ID) {
	n.readConsentsWhere(t, func(c *domain.Consent) { *into = c }, `id = ?`, id)
}

func (n *Tenant) readConsentsWhere(t *tx, take func(*domain.Consent), where string, args ...any) {
	t.query(each(func(scan func(...any) error) error {
		var c domain.Consent
		var routes, notice, delegation string
		var at, until, ended int64
		err := scan(&c.ID, &c.Purpose, &c.Audience, &c.By, &c.State, &c.Cause, &routes, &notice, &delegation,
			&c.Session, &at, &until, &ended, &c.Commitment, &c.Salt, &c.WithdrawHash)
		if err != nil {
			return err
		}
		c.At, c.Until, c.EndedAt = instant(at), instant(until), instant(ended)
		take(&c)
		return fillAll([]string{routes, notice, delegation}, &c.Routes, &c.Notice, &c.Delegation)
	}), `SELECT id, purpose, audience, given_by, state, cause, routes, notice, delegation, session,
			given_at, until, ended_at, commitment, salt, withdraw_hash
		FROM consents WHERE enterprise = ? AND `+where, append([]any{n.id}, args...)...)
}

func (n *Tenant) insertConsent(t *tx, m *domain.Moment, seq int) {
	c := m.NewConsent
	t.exec(`INSERT INTO consents (enterprise, subject, purpose, audience, seq, id, given_by, state, cause, routes, notice,
			delegation, session, given_at, until, ended_at, commitment, salt, withdraw_hash)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		n.id, m.Subject.Pseudonym, c.Purpose, c.Audience, seq, c.ID, c.By, c.State, c.Cause, doc(c.Routes), doc(c.Notice),
		doc(c.Delegation), c.Session, c.At, c.Until, c.EndedAt, c.Commitment, c.Salt, c.WithdrawHash)
}

// restrict ends the person's running sessions, which no grant of theirs has ended, and has
// the timer look at what is left.
func (n *Tenant) restrict(t *tx, m *domain.Moment) {
	t.exec(`UPDATE subjects SET restricted_at = ?, review_at = 0 WHERE enterprise = ? AND id = ?`,
		m.Subject.RestrictedAt, n.id, m.Subject.Pseudonym)
	const which = `enterprise = ? AND subject = ? AND expires_at > ? AND (kind = ? AND state IN (?, ?) OR kind = ? AND state = ?)`
	args := []any{n.id, m.Subject.Pseudonym, m.Now, domain.CheckKind, domain.Open, domain.Refused, domain.ConsentKind, domain.Open}
	for _, p := range domain.Purposes {
		n.tellEnded(t, m, p, domain.Cancelled, which+` AND purpose = ?`, append(args[:len(args):len(args)], p)...)
	}
	t.exec(`UPDATE sessions SET state = ?, secret = ?, secret_key = ? WHERE `+which,
		append([]any{domain.Cancelled, []byte{}, []byte{}}, args...)...)
}

// endConsent writes that a grant was withdrawn or has lapsed. After a withdrawal no
// running session that needs the grant stays consented, and no minor's waits for the
// other one, whichever session or receipt it came through; their secrets go with that.
func (n *Tenant) endConsent(t *tx, m *domain.Moment, c *domain.Consent) {
	t.exec(`UPDATE consents SET state = ?, cause = ?, ended_at = ? WHERE enterprise = ? AND id = ?`,
		c.State, c.Cause, c.EndedAt, n.id, c.ID)
	if c.State != domain.TakenBack {
		return
	}
	for _, group := range c.CountsFor() {
		states := []any{domain.Consented, domain.Consented}
		if group == domain.Minor {
			states[1] = domain.Open
		}
		const which = `enterprise = ? AND subject = ? AND purpose = ? AND age_group = ? AND expires_at > ? AND kind <> ? AND state IN (?, ?)`
		args := append([]any{n.id, m.Subject.Pseudonym, c.Purpose, group, c.EndedAt, domain.MeKind}, states...)
		n.tellEnded(t, m, c.Purpose, domain.Withdrawn, which, args...)
		t.exec(`UPDATE sessions SET state = ?, secret = ?, secret_key = ? WHERE `+which,
			append([]any{domain.Withdrawn, []byte{}, []byte{}}, args...)...)
	}
}
