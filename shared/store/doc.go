// Package store keeps Nod's state in a SQL database: SQLite on a laptop,
// PostgreSQL for real use, one implementation for both.
//
// A Tenant is a handle for one enterprise; no query can be made without one, so
// none can forget whose rows it reads. It offers two kinds of transaction: on a
// Moment (one person's session) and on a Charter (what the enterprise laid down).
// Each reads one consistent snapshot, hands it to a function of package app that
// applies a rule of package domain to it, and writes whatever that collected,
// together with the sealed Records, or nothing.
//
// Isolation is REPEATABLE READ on PostgreSQL and BEGIN IMMEDIATE on SQLite. The row
// of the subject (or of the enterprise) is locked before anything that hangs on it
// is read, and written by whoever changes any of that; a transaction that meets a
// newer version of it fails with a serialization error and is run again from the
// start, so the function may be called several times and must not have effects of
// its own. Turns in a queue alone are given in READ COMMITTED, and without waiting for a disk:
// all who wait share a row. It is also run again if the connection is lost before COMMIT was sent;
// after that the outcome is unknown, which is an error. When a method returns nil,
// what it wrote is durable. What a transaction reads of the clock is one moment.
//
// Statements that do not depend on each other's results travel together: a batch
// is one round trip on PostgreSQL. A transaction takes two: BEGIN with all reads, and
// all writes with COMMIT.
package store
