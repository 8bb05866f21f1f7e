package store

import (
	"context"
	"database/sql"
)

// engine is what SQLite and PostgreSQL do differently.
type engine interface {
	name() string
	begin(ctx context.Context, t *tx) error // begins the transaction, or queues that, and sets its now
	lock() string                           // ends a SELECT whose row no one else may change meanwhile
	send(ctx context.Context, conn *sql.Conn, batch []statement) error
	again(err error) bool     // whether the transaction lost a race and may be run again
	gone(conn *sql.Conn) bool // whether the connection was lost
	full(err error) bool      // whether the server refused because it has no room, so that nothing was written
	noSchema(err error) bool  // whether a table is missing
	// member is SQL for the text of a member of a JSON column; the name is our own.
	member(column, name string) string
	// scrub takes what was overwritten in the tables out of the engine's other files, as
	// far as it lets itself be told to.
	scrub(ctx context.Context, db *sql.DB) error
}

// statement is one SQL statement with ? for its arguments. scan reads its rows;
// nil for one that returns none.
type statement struct {
	sql  string
	args []any
	scan func(rows) error
}

// rows is what database/sql and pgx have in common.
type rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
}
