package store

import (
	"context"
	"strings"

	"nod/shared/app"
	"nod/shared/domain"
)

// Held reads everything that the enterprise holds about the person of a session, in one
// transaction.
func (n *Tenant) Held(ctx context.Context, session domain.ID) (h domain.Holdings, err error) {
	err = n.store.transact(ctx, reading, func(t *tx) error {
		h = domain.Holdings{Notices: map[domain.ID]domain.Notice{}}
		var m domain.Moment
		t.query(scanSubject(&m), `SELECT `+subjectColumns+`, `+t.now+` FROM subjects
			WHERE enterprise = ? AND id = (SELECT subject FROM sessions WHERE enterprise = ? AND id = ?)`, n.id, n.id, session)
		if h.Charter, err = n.loadCharter(ctx, t); err != nil {
			return err
		}
		if h.Subject = m.Subject; h.Subject.Pseudonym == "" {
			return ErrNotFound
		}
		if m.Now = h.Charter.Now; m.Now.Before(h.Subject.HeadAt) { // a clock that was set back: see load
			h.Charter.Now = h.Subject.HeadAt
		}
		return n.readHeld(ctx, t, &h, domain.Recent)
	})
	return h, err
}

// readHeld reads what hangs on the subject, and the notices that it names; but for the
// consents, so many things of each kind at most.
func (n *Tenant) readHeld(ctx context.Context, t *tx, h *domain.Holdings, most int) error {
	var consents []*domain.Consent // filled in by the time that they are all read
	n.readConsentsWhere(t, func(c *domain.Consent) { consents = append(consents, c) },
		`subject = ? ORDER BY seq DESC`, h.Subject.Pseudonym)
	n.readPerson(t, h, most)
	if err := t.flush(ctx); err != nil {
		return err
	}
	for _, c := range consents {
		h.Consents = append(h.Consents, *c)
	}
	return n.readNamed(ctx, t, h)
}

// readPerson queues what else hangs on the subject.
func (n *Tenant) readPerson(t *tx, h *domain.Holdings, most int) {
	subject := h.Subject.Pseudonym
	t.query(each(func(scan func(...any) error) error {
		s, err := scanSession(scan)
		if err == nil {
			h.Sessions = append(h.Sessions, *s)
		}
		return err
	}), `SELECT `+strings.Join(sessionColumns, ", ")+` FROM sessions WHERE enterprise = ? AND subject = ? ORDER BY id DESC LIMIT ?`,
		n.id, subject, most)
	n.readRequests(t, &h.Requests, `subject = ? ORDER BY id DESC LIMIT ?`, subject, most)
	n.readChecksHeld(t, h, most)
}

func (n *Tenant) readChecksHeld(t *tx, h *domain.Holdings, most int) {
	t.query(each(func(scan func(...any) error) error {
		var c domain.CheckHeld
		var started, deadline, ended int64
		var notice string
		err := scan(&c.Session, &c.Purpose, &c.Route, &c.Resource, &c.ID, &c.Result, &c.Reason, &c.Capture,
			&started, &deadline, &ended, &c.Away, &c.Consent, &c.GuardianConsent, &notice)
		if err != nil {
			return err
		}
		c.StartedAt, c.DeadlineAt, c.EndedAt = instant(started), instant(deadline), instant(ended)
		err = fill(notice, &c.Notice)
		h.Checks = append(h.Checks, c)
		return err
	}), `SELECT c.session, s.purpose, s.route, s.resource, c.attempt, c.result, c.reason, c.capture,
			c.started_at, c.deadline_at, c.ended_at, c.away, c.consent, c.guardian_consent, c.notice
		FROM sessions s JOIN checks c ON c.enterprise = s.enterprise AND c.session = s.id
		WHERE s.enterprise = ? AND s.subject = ? ORDER BY c.started_at DESC, c.attempt DESC LIMIT ?`,
		n.id, h.Subject.Pseudonym, most)
}

// readNamed reads the notices that the person's consents and checks name.
func (n *Tenant) readNamed(ctx context.Context, t *tx, h *domain.Holdings) error {
	wanted := map[domain.ID]bool{}
	for _, c := range h.Consents {
		wanted[c.Notice.ID] = true
	}
	for _, c := range h.Checks {
		wanted[c.Notice.ID] = true
	}
	var list []domain.Notice
	for id := range wanted {
		n.readNotices(t, &list, `notices.id = ?`, id)
	}
	if err := t.flush(ctx); err != nil {
		return err
	}
	for _, x := range list {
		h.Notices[x.ID] = x
	}
	return nil
}

// Chain returns the lines of the log about one subject that are not restricted, in the
// order of their chain, after a place in it; see app.People.
func (n *Tenant) Chain(ctx context.Context, subject string, after, limit int) (lines []app.ChainLine, next int, err error) {
	var last []int
	err = n.store.transact(ctx, reading, func(t *tx) error {
		lines, last = nil, nil
		t.query(each(func(scan func(...any) error) error {
			var line app.ChainLine
			var seq int
			err := scan(&line.Line, &line.Place, &seq)
			lines, last = append(lines, line), append(last, seq)
			return err
		}), `SELECT r.line, r.place, r.subject_seq FROM records r JOIN subjects s ON s.enterprise = r.enterprise AND s.id = r.subject
			WHERE r.enterprise = ? AND r.subject = ? AND r.subject <> '' AND r.subject_seq > ? AND r.at >= s.restricted_at
			ORDER BY r.subject_seq LIMIT ?`, n.id, subject, after, limit+1)
		return t.flush(ctx)
	})
	if len(lines) > limit {
		return lines[:limit], last[limit-1], err
	}
	return lines, 0, err
}
