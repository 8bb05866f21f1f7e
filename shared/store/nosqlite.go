//go:build cloud

package store

import "errors"

// openSQLite refuses: a function in a cloud has no disk that lasts.
func (s *Store) openSQLite(string) error {
	return errors.New("store: this build is for a cloud and has no SQLite: the database must be a postgres:// address")
}
