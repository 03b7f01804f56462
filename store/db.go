// Package store is the database: SQLite for one process, PostgreSQL for many.
package store

import (
	"context"
	"database/sql"
	"time"
)

// DB is one database. It is safe for concurrent use.
type DB struct {
	sql     *sql.DB
	dialect Dialect
	name    string
	fresh   bool
}

// Open opens and migrates the database that dsn names: "sqlite:FILE" (":memory:" too) or
// "postgres://…". A SQLite file already served by another process is opened too; only
// Serve refuses that.
func Open(ctx context.Context, dsn string) (*DB, error) { panic("not written") }

// Serve claims a SQLite file for one serving process until Close; the error names the
// host and process that has it. On PostgreSQL it does nothing.
func (db *DB) Serve() error { panic("not written") }

// Close releases everything.
func (db *DB) Close() error { panic("not written") }

// String names the database for people, without secrets: "SQLite watchbell.db",
// "PostgreSQL 15.18 at db.example.com/watchbell".
func (db *DB) String() string { return db.name }

// Fresh tells whether Open found an empty database and made the tables.
func (db *DB) Fresh() bool { return db.fresh }

// Shared tells whether several processes may serve it (PostgreSQL).
func (db *DB) Shared() bool { panic("not written") }

// Tx runs fn in one read-write transaction, and again from the start (jittered, at most 8
// times) when the database says so (serialization, deadlock, busy). fn touches tx and
// local variables, nothing else. A COMMIT whose answer was lost is ErrUnknown, never
// retried; a database that is not there is core.Unavailable.
func (db *DB) Tx(ctx context.Context, fn func(tx *Tx) error) error { panic("not written") }

// View runs fn in one read-only transaction with one consistent picture.
func (db *DB) View(ctx context.Context, fn func(tx *Tx) error) error { panic("not written") }

// Clock asks the database for its time.
func (db *DB) Clock(ctx context.Context) (time.Time, error) { panic("not written") }

// Ping answers whether the database can be written to right now.
func (db *DB) Ping(ctx context.Context) error { panic("not written") }

// Notify wakes the other processes on the same database with a hint (such as a lane);
// Listen calls wake for hints of others until ctx ends. Both are hints: losing one costs a
// poll interval, nothing else. SQLite: nothing to do.
func (db *DB) Notify(ctx context.Context, hint string) error { panic("not written") }

// Listen blocks until ctx ends and calls wake for each hint. It connects again by itself.
func (db *DB) Listen(ctx context.Context, wake func(hint string)) error { panic("not written") }

// Tx is one transaction. Its methods are spread over the files of their aggregates.
type Tx struct {
	tx      *sql.Tx
	dialect Dialect
}

// Micros and FromMicros are how times are stored; the zero time is 0.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// FromMicros is the inverse of Micros, in UTC.
func FromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}
