// Package migrate brings a database to the schema that this build needs. It is
// linked into the command alone: functions only check the version.
package migrate

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"nod/shared/store"
)

// Up applies what is missing and returns the names of the migrations it applied.
// It can be run again and again.
func Up(ctx context.Context, s *store.Store) (applied []string, err error) {
	dialect := database.DialectSQLite3
	if s.Engine() == "postgres" {
		dialect = database.DialectPostgres
	}
	err = s.Admin(func(db *sql.DB) error {
		files, err := fs.Sub(store.Migrations, "migrations")
		if err != nil {
			return err
		}
		p, err := goose.NewProvider(dialect, db, files)
		if err != nil {
			return err
		}
		results, err := p.Up(ctx)
		for _, r := range results {
			applied = append(applied, r.Source.Path)
		}
		return err
	})
	if err != nil {
		return applied, fmt.Errorf("migrate: %w", err)
	}
	return applied, nil
}
