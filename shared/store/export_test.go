package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/stdlib"

	"nod/shared/app"
	"nod/shared/domain"
)

// QueriesForDue are what the timer asks, by the index that is made for it, as they are
// asked at an instant in milliseconds; the arguments are of the beginning.
func QueriesForDue(now string) map[string]struct {
	SQL  string
	Args []any
} {
	from := []any{int64(0), "", "", int64(200)}
	type query = struct {
		SQL  string
		Args []any
	}
	return map[string]query{
		"sessions_holding_secrets": {queues[app.KeptSecrets].query(now), from},
		"sessions_to_settle":       {queues[app.OverSessions].query(now), from},
		"checks_without_outcome":   {queues[app.OverChecks].query(now), from},
		"grants_by_term":           {queues[app.EndedTerms].query(now), from},
		"subjects_to_review":       {queues[app.Reviews].query(now), from},
		"webhooks_waiting":         {dueInLane(now), []any{"e", "exam", int64(200)}},
		"webhooks_ended":           {forgettable(now), []any{int64(200)}},
		"grants_by_notice":         {ofLine, []any{"e", "exam", "adult", int64(1000), int64(0), "", int64(200)}},
	}
}

// QueriesForOversight are what those ask who answer for an enterprise, by the index that
// is made for it.
func (s *Store) QueriesForOversight() map[string]struct {
	SQL  string
	Args []any
} {
	from, to := time.UnixMilli(1000), time.UnixMilli(2000)
	n := s.Tenant("e")
	records, args := n.counted("at / 86400000", from, to, []domain.RecordType{domain.CheckStarted, domain.ConsentGrantedType})
	outcomes, outcomeArgs := n.outcomes(from, from, to)
	type query = struct {
		SQL  string
		Args []any
	}
	return map[string]query{
		"records_of_outcomes": {outcomes, plain(outcomeArgs)},
		"consents_lapsed":     {lapsed, plain([]any{"e", "exam", "adult", "notice_changed", 200})},
		"records_by_time": {"SELECT stretch, purpose, type, count(*), count(DISTINCT subject) FROM (" + records +
			") counted GROUP BY stretch, purpose, type", plain(args)},
		"records_of_access": {accesses, plain([]any{"e", from, to, 0, 0, "", 50})},
		"sessions_by_time": {"SELECT count(*) FROM sessions WHERE enterprise = ? AND expires_at > ? AND created_at < ? AND kind = ?",
			plain([]any{"e", time.UnixMilli(4900), to, "check"})},
	}
}

// Dollars numbers the placeholders of a query for PostgreSQL.
func Dollars(query string) string { return dollars(query) }

// Ago has the only connection of a store look as if its tables had been found to be small so
// long ago, if they were.
func (s *Store) Ago(ctx context.Context, d time.Duration) error {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(c any) error {
		if state := c.(*stdlib.Conn).Conn().PgConn().CustomData(); state[lookedAt] != nil {
			state[lookedAt] = time.Now().Add(-d)
		}
		return nil
	})
}
