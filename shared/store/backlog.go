package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"nod/shared/app"
	"nod/shared/domain"
)

// This file finds what time has overtaken, in all enterprises at once: it reads ids and
// times alone, and changes nothing but answers that are kept for nobody any more.

// queue is where a queue's things stand, in the order of (at, enterprise, id): each query
// walks an index that was made for it from the front, as far as is due.
type queue struct {
	from, at, enterprise, id string
	where                    string
	lag                      time.Duration // how long after at something is due
}

// The conditions repeat those of the indexes, with no argument in them: only so do both
// engines see that the index will do.
var queues = map[app.Queue]queue{
	app.KeptSecrets: {"sessions", "expires_at", "enterprise", "id", `(length(secret) > 0 OR length(secret_key) > 0)`, domain.Overdue},
	app.OverSessions: {"sessions", "expires_at", "enterprise", "id",
		`(state = 'open' OR (kind <> 'consent' AND state IN ('consented', 'refused')))`, domain.Overdue},
	app.OverChecks: {"checks", "deadline_at", "enterprise", "session", `result = ''`, domain.Grace},
	app.EndedTerms: {"consents", "until", "enterprise", "id", current, 0},
	app.Reviews:    {"subjects", "review_at", "enterprise", "id", `review_at >= 0`, 0},
	app.ClosedPeople: {"enterprises e JOIN subjects s ON s.enterprise = e.id", "e.acknowledged_at", "e.id", "s.id",
		`e.acknowledged_at > 0 AND e.erased_at = 0`, 0},
	app.Emptied: {"enterprises e", "e.acknowledged_at", "e.id", "e.id",
		`e.acknowledged_at > 0 AND e.erased_at = 0 AND NOT EXISTS (SELECT 1 FROM subjects s WHERE s.enterprise = e.id)`, 0},
	app.HandOvers: {"enterprises e", "e.closed_at", "e.id", "e.id", `e.closed_at > 0 AND e.acknowledged_at = 0
		AND NOT EXISTS (SELECT 1 FROM exports x WHERE x.enterprise = e.id AND x.last AND x.state IN ('waiting', 'running', 'ready'))
		AND e.id NOT IN (SELECT c.enterprise FROM checks c WHERE c.result = '')`, 0},
}

// current picks the grants that are their giver's latest word; earlier ones stay as they
// were and end no more.
const current = `state = 'granted' AND NOT EXISTS (SELECT 1 FROM consents o WHERE o.enterprise = consents.enterprise
	AND o.subject = consents.subject AND o.purpose = consents.purpose AND o.audience = consents.audience
	AND o.given_by = consents.given_by AND o.seq > consents.seq)`

// Due lists what is due in a queue.
func (s *Store) Due(ctx context.Context, q app.Queue, after app.Due, limit int) (list []app.Due, err error) {
	err = s.transact(ctx, reading, func(t *tx) error {
		list = nil
		if q == app.OvertakenWords {
			return s.overtaken(ctx, t, &list, after, limit)
		}
		where, ok := queues[q]
		if !ok {
			return fmt.Errorf("store: there is no queue %q", q)
		}
		t.query(scanDue(&list, ""), where.query(t.now), after.At, after.Enterprise, after.ID, limit)
		return t.flush(ctx)
	})
	return list, err
}

func (q queue) query(now string) string {
	return fmt.Sprintf(`SELECT %[1]s, %[7]s, %[2]s FROM %[3]s WHERE %[4]s
		AND %[1]s <= %[5]s - %[6]d AND (%[1]s, %[7]s, %[2]s) > (?, ?, ?) ORDER BY %[1]s, %[7]s, %[2]s LIMIT ?`,
		q.at, q.id, q.from, q.where, now, q.lag.Milliseconds(), q.enterprise)
}

func scanDue(list *[]app.Due, line string) func(rows) error {
	return each(func(scan func(...any) error) error {
		d := app.Due{Line: line}
		var at int64
		err := scan(&at, &d.Enterprise, &d.ID)
		d.At = instant(at)
		*list = append(*list, d)
		return err
	})
}

// line is one purpose and audience of an enterprise whose earlier grants have ended by
// themselves: those given before an instant.
type line struct {
	enterprise domain.ID
	name       string // purpose and audience
	purpose    domain.Purpose
	audience   domain.Audience
	before     time.Time
	cause      domain.LapseCause
}

// overtaken lists grants that the notice in force, or the end of its delegation, has
// ended, line by line: there are as many lines as notices in force, and each is one walk
// along an index.
func (s *Store) overtaken(ctx context.Context, t *tx, list *[]app.Due, after app.Due, limit int) error {
	lines, err := s.lines(ctx, t, after.Enterprise, "", after.Line)
	if err != nil {
		return err
	}
	for len(lines) > 0 && len(*list) < limit {
		some := lines[:min(len(lines), linesAtOnce)]
		lines = lines[len(some):]
		for _, l := range some {
			from := app.Due{}
			if l.enterprise == after.Enterprise && l.name == after.Line {
				from = after
			}
			t.query(scanDue(list, l.name), ofLine, l.enterprise, l.purpose, l.audience, l.before, from.At, from.ID, limit)
		}
		if err := t.flush(ctx); err != nil {
			return err
		}
	}
	*list = (*list)[:min(len(*list), limit)]
	return nil
}

const ofLine = `SELECT given_at, enterprise, id FROM consents
	WHERE enterprise = ? AND purpose = ? AND audience = ? AND given_at < ? AND (given_at, id) > (?, ?) AND ` + current + `
	ORDER BY given_at, id LIMIT ?`

// linesAtOnce is how many lines are asked about in one round trip.
const linesAtOnce = 50

// lines reads the notices in force whose earlier grants have ended, from that of an
// enterprise and a line on, of all enterprises or of one only. A grant is on the notice that was in force when it was given; so those on a version
// before the last material one are those given before that, or a later one that overtook
// it, came into force.
func (s *Store) lines(ctx context.Context, t *tx, from, only domain.ID, after string) (list []line, err error) {
	t.query(each(func(scan func(...any) error) error {
		var l line
		var material int
		var now, before, revoked int64
		var until string
		if err := scan(&now, &l.enterprise, &l.purpose, &l.audience, &material, &before, &revoked, &until); err != nil {
			return err
		}
		l.name = string(l.purpose) + " " + string(l.audience)
		l.before = instant(before)
		d := domain.Delegation{RevokedAt: instant(revoked)}
		var err error
		if d.Terms.ValidUntil, err = time.Parse(time.RFC3339, until); err != nil {
			return err
		}
		over := d.EndedBefore(instant(now))
		if l.cause = domain.NoticeMoved; over {
			l.before, l.cause = instant(now+1), domain.DelegationOut
		}
		passed := l.enterprise == from && l.name < after
		if (over || material > 1) && !passed {
			list = append(list, l)
		}
		return nil
	}), `SELECT `+t.now+`, n.enterprise, n.purpose, n.audience, n.material_since,
			(SELECT min(m.effective_from) FROM notices m WHERE m.enterprise = n.enterprise AND m.purpose = n.purpose
				AND m.audience = n.audience AND m.version >= n.material_since AND m.version <= n.version),
			d.revoked_at, `+s.engine.member("d.terms", "valid_until")+`
		FROM notices n JOIN delegations d ON d.enterprise = n.enterprise AND d.id = n.delegation
		WHERE n.enterprise >= ? AND (? = '' OR n.enterprise = ?) AND n.effective_from <= `+t.now+`
			AND NOT EXISTS (SELECT 1 FROM notices o WHERE o.enterprise = n.enterprise AND o.purpose = n.purpose
				AND o.audience = n.audience AND o.version > n.version AND o.effective_from <= `+t.now+`)
		ORDER BY n.enterprise, n.purpose, n.audience`, from, only, only)
	err = t.flush(ctx)
	return list, err
}

// ForgetAnswers deletes kept answers that are given to nobody any more.
func (s *Store) ForgetAnswers(ctx context.Context, limit int) (n int, err error) {
	err = s.transact(ctx, writing, func(t *tx) error {
		n = 0
		t.query(counting(&n), strings.ReplaceAll(`DELETE FROM answers WHERE created_at <= NOW - KEPT AND (realm, actor, once_key) IN (
				SELECT realm, actor, once_key FROM answers WHERE created_at <= NOW - KEPT ORDER BY created_at LIMIT ?) RETURNING 1`,
			"NOW - KEPT", fmt.Sprintf("%s - %d", t.now, kept)), limit)
		return t.flush(ctx)
	})
	return n, err
}

// Scrub sees to what an engine keeps beside its tables.
func (s *Store) Scrub(ctx context.Context) error {
	if err := s.engine.scrub(ctx, s.db); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}
