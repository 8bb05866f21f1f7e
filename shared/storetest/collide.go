package storetest

import (
	"database/sql"
	"errors"

	"nod/shared/domain"
)

// hold stands in the way of a session's writers for as long as during runs: on
// SQLite by holding the file's write lock, on PostgreSQL by changing the session's
// row whenever collide is called, which is after the writer has read it.
func (h *house) hold(session domain.ID, during func(collide func() error)) error {
	return h.store.Admin(func(db *sql.DB) error {
		ctx := h.t.Context()
		conn, err := db.Conn(ctx)
		if err != nil {
			return err
		}
		defer conn.Close()
		if h.store.Engine() == "sqlite" {
			if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
				return err
			}
			during(func() error { return errors.New("storetest: a writer passed a held lock") })
			_, err := conn.ExecContext(ctx, "ROLLBACK")
			return err
		}
		during(func() error {
			_, err := conn.ExecContext(ctx, "UPDATE sessions SET nonce = nonce WHERE id = $1", string(session))
			return err
		})
		return nil
	})
}
