package store

import (
	"context"
	"strings"

	"nod/shared/app"
	"nod/shared/domain"
)

var sessionColumns = strings.Fields(`id kind purpose route age_group audience subject resource
	nonce client_ref return_url locale state created_at expires_at code_hash token_hash secret
	secret_key fails uploads last_result last_reason shown_notice evidence
	handover_hash handover_until follower_hash grants guardian_code_hash guardian_token_hash
	guardian_grants identity_from`)

func scanSession(scan func(...any) error) (*domain.Session, error) {
	var s domain.Session
	var audience, shown, evidence string
	var created, expires, handover int64
	err := scan(&s.ID, &s.Kind, &s.Purpose, &s.Route, &s.AgeGroup, &audience, &s.Subject, &s.Resource,
		&s.Nonce, &s.ClientRef, &s.ReturnURL, &s.Locale, &s.State, &created, &expires, &s.CodeHash, &s.TokenHash, &s.Secret,
		&s.SecretKey, &s.Fails, &s.Uploads, &s.LastResult, &s.LastReason, &shown, &evidence,
		&s.HandoverHash, &handover, &s.FollowerHash, &s.Grants, &s.GuardianCodeHash, &s.GuardianTokenHash,
		&s.GuardianGrants, &s.NamedBy)
	if err != nil {
		return nil, err
	}
	s.CreatedAt, s.ExpiresAt, s.HandoverUntil = instant(created), instant(expires), instant(handover)
	if err := fill(shown, &s.Shown); err != nil {
		return nil, err
	}
	return &s, fill(evidence, &s.Evidence)
}

func (n *Tenant) readSession(t *tx, m *domain.Moment, id domain.ID) {
	t.query(each(func(scan func(...any) error) (err error) {
		m.Session, err = scanSession(scan)
		return err
	}), `SELECT `+strings.Join(sessionColumns, ", ")+` FROM sessions WHERE enterprise = ? AND id = ?`, n.id, id)
}

// audienceInRow is what code from before there were guardians looks a notice up by: for
// people under age it must find none.
func audienceInRow(s *domain.Session) domain.Audience {
	if s.AgeGroup == domain.GrownUp {
		return domain.Adult
	}
	return ""
}

// saveSession writes the whole row: the subject's lock is held, so no one else
// has changed it meanwhile.
func (n *Tenant) saveSession(t *tx, s *domain.Session) {
	set := make([]string, len(sessionColumns))
	for i, c := range sessionColumns {
		set[i] = c + " = excluded." + c
	}
	t.exec(`INSERT INTO sessions (enterprise, `+strings.Join(sessionColumns, ", ")+`)
		VALUES (?`+strings.Repeat(", ?", len(sessionColumns))+`)
		ON CONFLICT (enterprise, id) DO UPDATE SET `+strings.Join(set, ", "),
		n.id, s.ID, s.Kind, s.Purpose, s.Route, s.AgeGroup, audienceInRow(s), s.Subject, s.Resource,
		s.Nonce, s.ClientRef, s.ReturnURL, s.Locale, s.State, s.CreatedAt, s.ExpiresAt, s.CodeHash, s.TokenHash, s.Secret,
		s.SecretKey, s.Fails, s.Uploads, s.LastResult, s.LastReason, doc(s.Shown), doc(s.Evidence),
		s.HandoverHash, s.HandoverUntil, s.FollowerHash, s.Grants, s.GuardianCodeHash, s.GuardianTokenHash,
		s.GuardianGrants, s.NamedBy)
}

// Sessions lists the ids of sessions, oldest first, after a cursor.
func (n *Tenant) Sessions(ctx context.Context, f app.SessionFilter) (ids []domain.ID, err error) {
	err = n.store.transact(ctx, reading, func(t *tx) error {
		ids = nil
		where, args := `enterprise = ? AND id > ? AND NOT EXISTS (SELECT 1 FROM subjects r WHERE r.enterprise = sessions.enterprise
			AND r.id = sessions.subject AND r.restricted_at > sessions.created_at AND sessions.kind <> 'me')`, []any{n.id, f.After}
		if f.Lookup != "" {
			where += " AND subject = (SELECT id FROM subjects WHERE enterprise = ? AND lookup = ?)"
			args = append(args, n.id, f.Lookup)
		}
		if f.Resource != "" {
			where += " AND resource = ?"
			args = append(args, f.Resource)
		}
		t.query(each(func(scan func(...any) error) error {
			var id domain.ID
			if err := scan(&id); err != nil {
				return err
			}
			ids = append(ids, id)
			return nil
		}), "SELECT id FROM sessions WHERE "+where+" ORDER BY id LIMIT ?", append(args, f.Limit)...)
		return t.flush(ctx)
	})
	return ids, err
}
