package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// preparing makes connections on which a statement is prepared the first time and only
// executed from then on: reading and planning it is most of what one of Nod's statements
// costs a server (docs/database.md has the figures). Behind a pooler that gives every
// transaction another connection, such as PgBouncer, nothing can be prepared, unless it knows
// how to: one of those is found out once, and then nothing is.
//
// Whoever knows better says so in the address: default_query_exec_mode=cache_statement, or
// exec.
type preparing struct {
	driver.Connector                  // prepares
	plain            driver.Connector // does not
	pooled           atomic.Bool
}

func newConnector(dsn string, conf pgx.ConnConfig) driver.Connector {
	connector := func(mode pgx.QueryExecMode, ready func(context.Context, *pgx.Conn) error) driver.Connector {
		conf.DefaultQueryExecMode = mode
		return stdlib.GetConnector(conf, stdlib.OptionShouldPing(
			// A ping before each use would be a round trip; a dead connection shows in the
			// first batch and is retried.
			func(context.Context, stdlib.ShouldPingParams) bool { return false }),
			stdlib.OptionAfterConnect(func(ctx context.Context, conn *pgx.Conn) error {
				sends(conn)
				err := ready(ctx, conn)
				if err != nil {
					_ = conn.Close(ctx) // nobody else does
				}
				return err
			}),
			stdlib.OptionResetSession(grown),
			stdlib.OptionBeforeConnect(neverCancel))
	}
	plain := func(mode pgx.QueryExecMode) driver.Connector {
		return connector(mode, func(context.Context, *pgx.Conn) error { return nil })
	}
	mode := conf.DefaultQueryExecMode
	switch said := strings.Contains(dsn, "default_query_exec_mode"); {
	case conf.StatementCacheCapacity == 0: // statement_cache_capacity, another way to say it
		return plain(pgx.QueryExecModeExec)
	case said && mode == pgx.QueryExecModeCacheStatement:
		return connector(mode, func(ctx context.Context, conn *pgx.Conn) error {
			if err := direct(ctx, conn); !errors.Is(err, errPooled) {
				return err
			}
			return nil
		})
	case said:
		return plain(mode)
	}
	return &preparing{Connector: connector(pgx.QueryExecModeCacheStatement, direct), plain: plain(pgx.QueryExecModeExec)}
}

// Connect opens a connection; it may be called concurrently.
func (p *preparing) Connect(ctx context.Context) (driver.Conn, error) {
	if !p.pooled.Load() {
		conn, err := p.Connector.Connect(ctx)
		if !errors.Is(err, errPooled) {
			return conn, err
		}
		p.pooled.Store(true)
	}
	return p.plain.Connect(ctx)
}

// direct tells whether the process that serves a connection is the one that the server named
// when it let somebody in. A pooler names a random number of its own there, since whoever
// cancels a statement comes to it.
//
// It also says how statements are planned. A plan is kept only where the server's statistics
// know that the tables are large. One that was made for a handful of rows may go by any index,
// and is not made again as they become many: on the morning on which everybody comes at once,
// the server would walk all that came before. Until then a statement is planned each time; from
// then on once, where the server by itself would do so five times on every connection before it
// keeps one. No table is walked in any case, however few rows one has when a statement is planned.
func direct(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, connectTime) // a pooler lets in whom it has no connection for
	defer cancel()
	named := strconv.FormatUint(uint64(conn.PgConn().PID()), 10)
	results, err := conn.PgConn().Exec(ctx, `SELECT set_config('plan_cache_mode', CASE
			WHEN (SELECT reltuples FROM pg_class WHERE oid = to_regclass('consents')) >= `+largeTable+` THEN 'force_generic_plan'
			ELSE 'force_custom_plan' END, false), set_config('enable_seqscan', 'off', false), set_config('jit', 'off', false)
		WHERE pg_backend_pid() = `+named).ReadAll()
	if err != nil {
		return err
	}
	if len(results[0].Rows) == 0 {
		return errPooled
	}
	plans := results[0].Rows[0][0]
	if state := conn.PgConn().CustomData(); string(plans) != "force_custom_plan" {
		delete(state, lookedAt)
	} else {
		state[lookedAt] = time.Now()
	}
	return nil
}

// grown looks again whether plans can be kept by now. It is called before a connection is
// used once more.
func grown(ctx context.Context, conn *pgx.Conn) error {
	looked, small := conn.PgConn().CustomData()[lookedAt].(time.Time)
	if !small || time.Since(looked) < looksAgain {
		return nil
	}
	if until, limited := ctx.Deadline(); limited && time.Until(until) < looksWithin {
		return nil // the driver closes a connection on which it ran out of time
	}
	if err := direct(ctx, conn); err != nil {
		return driver.ErrBadConn // another is opened, and tells what is wrong
	}
	return nil
}

const (
	largeTable  = "1000" // consents: all that is about people grows with them
	looksAgain  = 15 * time.Second
	looksWithin = time.Second
	lookedAt    = "looked at the statistics" // in what a connection knows of itself, while the tables are small
	// connectionLasts is how long a connection is used at least, and what is planned on it; at
	// most twice as long. It is then as the statistics are by now, and where the address leads by
	// now. Functions that started together do not all connect together again.
	connectionLasts = 2 * time.Minute
)

var errPooled = errors.New("store: a pooler stands between")
