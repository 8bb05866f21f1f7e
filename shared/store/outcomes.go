package store

import (
	"context"
	"time"

	"nod/shared/domain"
)

// Outcomes counts how checks ended in [from,to), and apart from that in the time before, as
// long. It walks records_of_outcomes.
func (n *Tenant) Outcomes(ctx context.Context, from, to time.Time) (list []domain.OutcomesOf, err error) {
	before := from.Add(from.Sub(to))
	err = n.store.transact(ctx, reading, func(t *tx) error {
		list = nil
		records, args := n.outcomes(before, from, to)
		t.query(each(func(scan func(...any) error) error {
			var o domain.OutcomesOf
			var kind domain.RecordType
			var now, count int
			if err := scan(&o.Purpose, &o.Route, &now, &kind, &count); err != nil {
				return err
			}
			if l := len(list); l == 0 || list[l-1].Purpose != o.Purpose || list[l-1].Route != o.Route {
				list = append(list, o)
			}
			last := &list[len(list)-1]
			side := &last.Before
			if now == 1 {
				side = &last.Now
			}
			if kind == domain.CheckPassed {
				side.Passed += count
			} else {
				side.Failed += count
			}
			return nil
		}), `SELECT purpose, route, now, type, count(*) FROM (`+records+`) o GROUP BY purpose, route, now, type ORDER BY purpose, route`, args...)
		return t.flush(ctx)
	})
	return list, err
}

// outcomes selects Records of outcomes, with whether they are of now. Those that code from
// before the column wrote have their route in the line alone.
func (n *Tenant) outcomes(before, from, to time.Time) (query string, args []any) {
	// The condition is that of the index, word for word: an engine has to see that it will do.
	const where = ` FROM records WHERE enterprise = ? AND at >= ? AND at < ? AND type IN ('check.passed', 'check.failed') AND route `
	const now = `CASE WHEN at >= ? THEN 1 ELSE 0 END`
	line := func(name string) string { return `COALESCE(` + n.store.engine.member("line", name) + `, '')` }
	query = `SELECT purpose, route, ` + now + ` AS now, type` + where + `<> ''
		UNION ALL SELECT ` + line("purpose") + `, ` + line("route") + `, ` + now + `, type` + where + `= ''`
	return query, []any{from, n.id, before, to, from, n.id, before, to}
}

// Waiting counts people whose consent has ended by itself and who have not decided since,
// by purpose, audience and cause; of each at most that many consents are looked at, the
// newest first. A grant that a change has overtaken is counted before the timer has come to it.
func (n *Tenant) Waiting(ctx context.Context, most int) (list []domain.Waiting, err error) {
	err = n.store.transact(ctx, reading, func(t *tx) error {
		lines, err := n.store.lines(ctx, t, n.id, n.id, "")
		if err != nil {
			return err
		}
		overtaken := map[domain.Waiting]line{}
		for _, l := range lines {
			overtaken[domain.Waiting{Purpose: l.purpose, Audience: l.audience, Cause: l.cause}] = l
		}
		list = nil
		for _, p := range domain.Purposes {
			for _, a := range []domain.Audience{domain.Adult, domain.Guardian} {
				for _, c := range []domain.LapseCause{domain.NoticeMoved, domain.DelegationOut, domain.TermOver} {
					list = append(list, domain.Waiting{Purpose: p, Audience: a, Cause: c})
				}
			}
		}
		for i := range list {
			n.countWaiting(t, &list[i], most, overtaken[list[i]])
		}
		return t.flush(ctx)
	})
	return list, err
}

func (n *Tenant) countWaiting(t *tx, w *domain.Waiting, most int, overtaken line) {
	add := each(func(scan func(...any) error) error {
		var people, looked int
		err := scan(&people, &looked)
		w.People, w.More = w.People+people, w.More || looked == most
		return err
	})
	t.query(add, lapsed, n.id, w.Purpose, w.Audience, w.Cause, most)
	if overtaken.name != "" {
		t.query(add, grantsOvertaken, n.id, w.Purpose, w.Audience, overtaken.before, most)
	}
}

// Both look at so many consents and no more, and count those that are their giver's latest
// word.
const (
	lapsed = `SELECT ` + peopleWaiting + ` FROM (SELECT enterprise, subject, purpose, audience, given_by, seq FROM consents
		WHERE enterprise = ? AND purpose = ? AND audience = ? AND cause = ? AND state = 'lapsed' ORDER BY ended_at DESC LIMIT ?) w`
	grantsOvertaken = `SELECT ` + peopleWaiting + ` FROM (SELECT enterprise, subject, purpose, audience, given_by, seq FROM consents
		WHERE enterprise = ? AND purpose = ? AND audience = ? AND given_at < ? AND state = 'granted' ORDER BY given_at DESC LIMIT ?) w`
	peopleWaiting = `COALESCE(sum(CASE WHEN EXISTS (SELECT 1 FROM consents o WHERE o.enterprise = w.enterprise AND o.subject = w.subject
		AND o.purpose = w.purpose AND o.audience = w.audience AND o.given_by = w.given_by AND o.seq > w.seq) THEN 0 ELSE 1 END), 0), count(*)`
)
