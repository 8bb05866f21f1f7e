package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"nod/shared/domain"
)

// This file counts Records. The log only grows, so what was counted once is counted alike
// for ever. Every query walks records_by_time.

// Counted counts what the log says about a range, stretch by stretch.
func (n *Tenant) Counted(ctx context.Context, from, to time.Time) (c domain.Counts, err error) {
	err = n.store.transact(ctx, reading, func(t *tx) error {
		c = domain.Counts{Checked: map[domain.Purpose]int{}}
		t.query(scanNow(&c.Now), "SELECT "+t.now)
		n.readEnterprise(t, &c.Enterprise)
		n.readSettings(t, &c.Settings)
		if err := t.flush(ctx); err != nil {
			return err
		}
		if c.Enterprise.ID == "" {
			return ErrNotFound
		}
		zone, err := time.LoadLocation(c.Enterprise.Profile.TimeZone)
		if err != nil {
			return fmt.Errorf("store: %w", err)
		}
		c.Calendar = domain.CalendarFor(from, to, zone)
		n.count(t, &c, from, to)
		n.countPeople(t, &c, from, to)
		n.readOverdue(t, &c, from, to)
		return t.flush(ctx)
	})
	return c, err
}

func (n *Tenant) count(t *tx, c *domain.Counts, from, to time.Time) {
	types := slices.Concat(domain.CountedForPurposes, domain.CountedForAll)
	records, args := n.counted(stretch(c.Calendar, from, to), from, to, types)
	t.query(each(func(scan func(...any) error) error {
		var x domain.Count
		var first int64
		err := scan(&x.Purpose, &x.Type, &first, &x.Records, &x.People)
		x.Start = c.Calendar.Start(instant(first))
		c.List = append(c.List, x)
		return err
	}), `SELECT purpose, type, min(at), count(*), count(DISTINCT CASE type WHEN '`+string(domain.CheckStarted)+`' THEN subject END)
		FROM (`+records+`) counted GROUP BY stretch, purpose, type ORDER BY min(at), purpose, type`, args...)
}

// countPeople counts different people over the whole range: those of its stretches cannot
// be added up to that.
func (n *Tenant) countPeople(t *tx, c *domain.Counts, from, to time.Time) {
	records, args := n.counted("0", from, to, []domain.RecordType{domain.CheckStarted})
	put := each(func(scan func(...any) error) error {
		var p domain.Purpose
		var people int
		err := scan(&p, &people)
		c.Checked[p] = people
		return err
	})
	t.query(put, `SELECT purpose, count(DISTINCT subject) FROM (`+records+`) counted GROUP BY purpose`, args...)
	t.query(put, `SELECT '', count(DISTINCT subject) FROM (`+records+`) counted`, args...)
}

// counted selects Records of some types. Those that code from before the column wrote, or
// that are older than the column, have their purpose in the line alone.
func (n *Tenant) counted(stretch string, from, to time.Time, types []domain.RecordType) (query string, args []any) {
	where := ` FROM records WHERE enterprise = ? AND at >= ? AND at < ? AND type IN (` + inList(types) + `) AND `
	query = `SELECT at, ` + stretch + ` AS stretch, type, purpose, subject` + where +
		`(purpose <> '' OR type IN (` + inList(domain.CountedForAll) + `))
		UNION ALL SELECT at, ` + stretch + `, type, COALESCE(` + n.store.engine.member("line", "purpose") + `, ''), subject` + where +
		`purpose = '' AND type NOT IN (` + inList(domain.CountedForAll) + `)`
	return query, []any{n.id, from, to, n.id, from, to}
}

// inList quotes words of our own.
func inList[W ~string](words []W) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = "'" + string(w) + "'"
	}
	return strings.Join(quoted, ", ")
}

// stretch is SQL that numbers the stretches of a calendar: one number for all instants in
// the same one. Neither engine need know of time zones.
func stretch(c domain.Calendar, from, to time.Time) string {
	add, until := c.Offset(from)
	shift := fmt.Sprint(add.Milliseconds())
	for cases := ""; !until.IsZero() && until.Before(to); {
		cases += fmt.Sprintf(" WHEN at < %d THEN %d", until.UnixMilli(), add.Milliseconds())
		add, until = c.Offset(until)
		shift = fmt.Sprintf("CASE%s ELSE %d END", cases, add.Milliseconds())
	}
	return fmt.Sprintf("(at + %s) / %d", shift, c.Unit.Length().Milliseconds())
}

// readOverdue reads when requests became overdue in the range: there was no answer by
// then. A request and its answer are in the chain of one person.
func (n *Tenant) readOverdue(t *tx, c *domain.Counts, from, to time.Time) {
	member := n.store.engine.member
	t.query(each(func(scan func(...any) error) error {
		var line string
		var answered int64
		if err := scan(&line, &answered); err != nil {
			return err
		}
		var r struct {
			DueAt time.Time `json:"due_at"`
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			return err
		}
		inTime := answered > 0 && !instant(answered).After(r.DueAt)
		if !inTime && !r.DueAt.Before(from) && r.DueAt.Before(to) && c.Now.After(r.DueAt) {
			c.BecameOverdue = append(c.BecameOverdue, r.DueAt)
		}
		return nil
	}), `SELECT o.line, COALESCE((SELECT min(a.at) FROM records a WHERE a.enterprise = o.enterprise AND a.subject = o.subject
				AND a.subject <> '' AND a.type = '`+string(domain.RequestResolved)+`'
				AND `+member("a.line", "request")+` = `+member("o.line", "request")+`), 0)
		FROM records o WHERE o.enterprise = ? AND o.at >= ? AND o.at < ? AND o.type = '`+string(domain.RequestOpened)+`'
		ORDER BY o.at`, n.id, from.Add(-domain.AnswerWithin), to)
}
