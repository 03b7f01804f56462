package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/watchbell/watchbell/core"
)

// DB is one database. It is safe for concurrent use.
type DB struct {
	write *sql.DB
	read  *sql.DB // the same as write where one pool does both

	dialect   Dialect
	limits    Limits
	isolation sql.IsolationLevel // of Tx
	snapshot  sql.IsolationLevel // of View

	name   string
	fresh  bool
	shared bool
	clock  func(ctx context.Context) (time.Time, error)

	lock serveLock // SQLite: who serves the file
	hint hints     // PostgreSQL: how replicas wake each other
}

// Open opens and migrates the database that dsn names: "sqlite:FILE" (":memory:" too) or
// "postgres://…". A SQLite file already served by another process is opened too; only
// Serve refuses that.
func Open(ctx context.Context, dsn string) (*DB, error) {
	scheme, rest, _ := strings.Cut(dsn, ":")
	switch scheme {
	case "sqlite":
		return openSQLite(ctx, rest)
	case "postgres", "postgresql":
		return openPostgres(ctx, dsn, nil)
	}
	if dsn == ":memory:" {
		return openSQLite(ctx, dsn)
	}
	return nil, core.Errorf(core.Invalid, "A database is sqlite:FILE or postgres://USER:PASSWORD@HOST/NAME; this is neither.")
}

// Close releases everything.
func (db *DB) Close() error {
	err := db.write.Close()
	if db.read != db.write {
		err = errors.Join(err, db.read.Close())
	}
	return errors.Join(err, db.lock.release())
}

// Serve claims a SQLite file for one serving process until Close; the error names the
// host and process that has it. On PostgreSQL it does nothing.
func (db *DB) Serve() error { return db.lock.take() }

// String names the database for people, without secrets: "SQLite watchbell.db",
// "PostgreSQL 15.18 at db.example.com/watchbell".
func (db *DB) String() string { return db.name }

// Fresh tells whether Open found an empty database and made the tables.
func (db *DB) Fresh() bool { return db.fresh }

// Shared tells whether several processes may serve it (PostgreSQL).
func (db *DB) Shared() bool { return db.shared }

// Clock asks the database for its time.
func (db *DB) Clock(ctx context.Context) (time.Time, error) { return db.clock(ctx) }

// Ping answers whether the database can be written to right now.
func (db *DB) Ping(ctx context.Context) error {
	return db.Tx(ctx, func(tx *Tx) error {
		_, err := tx.ids(ctx, "blind_id", 1) // the one write that waits for nobody
		return err
	})
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
