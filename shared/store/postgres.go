package store

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

func (s *Store) openPostgres(dsn string, connections int) error {
	conf, err := pgx.ParseConfig(dsn)
	if err != nil {
		return errors.New("store: the PostgreSQL address cannot be read") // its text holds the password
	}
	conf.ConnectTimeout = cmp.Or(conf.ConnectTimeout, connectTime)
	if len(conf.Fallbacks) > 0 && conf.ValidateConnect == nil && severalHosts(conf) {
		conf.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite // a standby is of no use to Nod
	}
	db := sql.OpenDB(newConnector(dsn, *conf))
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	db.SetConnMaxLifetime(connectionLasts + rand.N(connectionLasts))
	s.db, s.engine = db, postgres{}
	return nil
}

// sends tells a connection what is sent over it (see plain): where nothing is prepared, nobody
// asks the server for the types of a statement's parameters. The library knows these and some
// hundred others, but in what is built for a cloud, where that is a tenth of a function.
func sends(conn *pgx.Conn) {
	types := conn.TypeMap()
	types.RegisterDefaultPgType(int64(0), "int8")
	types.RegisterDefaultPgType(false, "bool")
	types.RegisterDefaultPgType([]byte(nil), "bytea")
	types.RegisterDefaultPgType("", "text")
}

// connectTime is how long one host may take to let somebody in, if the address does not
// say otherwise; then the next is asked.
const connectTime = 3 * time.Second

// neverCancel keeps the driver from asking the server to cancel what was given up. A COMMIT
// that waits for a standby would stop waiting: it would be there for everybody to see, and
// to be told again, without being on two nodes. What is left alone ends by itself.
func neverCancel(_ context.Context, c *pgx.ConnConfig) error {
	var connected atomic.Bool
	dial := c.DialFunc
	c.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if connected.Load() { // the driver dials once more for one thing alone
			return nil, errNoCancel
		}
		return dial(ctx, network, addr)
	}
	c.AfterConnect = func(context.Context, *pgconn.PgConn) error {
		connected.Store(true)
		return nil
	}
	return nil
}

var errNoCancel = errors.New("store: what was sent is not cancelled")

// severalHosts tells hosts from the ways to one of them, with TLS and without.
func severalHosts(conf *pgx.ConnConfig) bool {
	return slices.ContainsFunc(conf.Fallbacks, func(f *pgconn.FallbackConfig) bool {
		return f.Host != conf.Host || f.Port != conf.Port
	})
}

type postgres struct{}

func (postgres) name() string { return "postgres" }

// begin queues BEGIN. now() is the time of that, the same in the whole transaction
// and never later than the snapshot it reads.
func (postgres) begin(_ context.Context, t *tx) error {
	t.now = fmt.Sprintf("(CAST(floor(extract(epoch FROM now()) * 1000) AS BIGINT) + %d)", t.store.offset().Milliseconds())
	switch t.mode {
	case reading:
		t.exec("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
		return nil
	case writing:
		t.exec("BEGIN ISOLATION LEVEL REPEATABLE READ")
	case alone:
		t.exec("BEGIN ISOLATION LEVEL SERIALIZABLE")
	case passing:
		t.exec("BEGIN ISOLATION LEVEL READ COMMITTED")
		t.exec("SET LOCAL synchronous_commit = off") // who holds a row that many want does not wait for a disk
	}
	// A function may be frozen between two statements for as long as its platform
	// likes. It must not keep a person's row locked for that long.
	t.exec("SET LOCAL idle_in_transaction_session_timeout = '" + idleTime + "'")
	// The snapshot is taken before a lock is waited for, and only a holder that wrote
	// something makes it void. A long wait would be a decision on what was long ago:
	// it ends, and the transaction begins anew with a fresh snapshot.
	t.exec("SET LOCAL lock_timeout = '" + lockTime + "'")
	return nil
}

const (
	idleTime = "2s" // less than patience, so that whoever waits for the row outlasts its holder
	lockTime = "500ms"
)

func (postgres) lock() string { return " FOR UPDATE" }

// send pipelines the batch: one round trip, and another the first time that a connection
// prepares one of its statements.
func (postgres) send(ctx context.Context, conn *sql.Conn, batch []statement) error {
	return conn.Raw(func(driverConn any) error {
		var b pgx.Batch
		for _, s := range batch {
			b.Queue(dollars(s.sql), s.args...)
		}
		results := driverConn.(*stdlib.Conn).Conn().SendBatch(ctx, &b)
		err := readBatch(results, batch)
		if closing := results.Close(); err == nil {
			err = closing
		}
		return err
	})
}

func readBatch(results pgx.BatchResults, batch []statement) error {
	for _, s := range batch {
		if s.scan == nil {
			if _, err := results.Exec(); err != nil {
				return err
			}
			continue
		}
		r, err := results.Query()
		if err != nil {
			return err
		}
		err = s.scan(r)
		r.Close()
		if err = cmp.Or(err, r.Err()); err != nil {
			return err
		}
	}
	return nil
}

// again is true for serialization failures and deadlocks, which PostgreSQL asks to
// retry, for a lock that was waited for too long, while the server starts or stops, and for
// one that has become a standby.
func (postgres) again(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		sameKeyTwice := pg.Code == "23505" && pg.ConstraintName == "answers_pkey"   // see Once: the second finds the answer
		otherColumns := pg.Code == "0A000" && pg.Routine == "RevalidateCachedQuery" // a migration; it is prepared anew
		return sameKeyTwice || otherColumns || slices.Contains([]string{"40001", "40P01", "55P03", "57P03", readOnly}, pg.Code)
	}
	// Not what pgconn.SafeToRetry says: it is also true of an answer to COMMIT that was lost.
	return false
}

// gone is true once the server or the network has closed the connection, which
// often shows only when it is used the next time.
func (postgres) gone(conn *sql.Conn) (gone bool) {
	err := conn.Raw(func(driverConn any) error {
		gone = driverConn.(*stdlib.Conn).Conn().IsClosed()
		return nil
	})
	return gone || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone)
}

// full is true for the class of insufficient resources: disk, memory, connections.
func (postgres) full(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && strings.HasPrefix(pg.Code, "53")
}

// readOnly is what a server says that takes no writes: it was the primary once.
const readOnly = "25006"

func (postgres) noSchema(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "42P01"
}

func (postgres) member(column, name string) string {
	return "CAST(" + column + " AS json) ->> '" + name + "'"
}

// scrub is left to autovacuum: old versions of a row are the server's to clean up.
func (postgres) scrub(context.Context, *sql.DB) error { return nil }

// dollars numbers the placeholders as PostgreSQL wants them. No statement here has
// a question mark of any other meaning.
func dollars(query string) string {
	var b strings.Builder
	for n := 1; ; n++ {
		before, after, found := strings.Cut(query, "?")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteString("$" + strconv.Itoa(n))
		query = after
	}
}
