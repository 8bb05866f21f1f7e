package store

import "embed"

// Migrations are forward-only. They are run by `nod migrate` and by the local run
// (package migrate), never by a function.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// SchemaVersion is the version of the newest migration: what this code needs.
const SchemaVersion = 18
