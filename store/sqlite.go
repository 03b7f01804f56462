package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/watchbell/watchbell/core"
)

const memory = ":memory:"

// openSQLite opens a file with one connection that writes, so that nobody waits for a
// lock that SQLite cannot queue for, and a few that read beside it.
func openSQLite(ctx context.Context, file string) (*DB, error) {
	if file == "" {
		return nil, core.Errorf(core.Invalid, "A SQLite database needs a file: sqlite:watchbell.db")
	}
	db := &DB{dialect: sqlite{}, name: "SQLite " + file, clock: machineClock}
	var err error
	if file == memory {
		db.name = "SQLite in memory"
		err = db.openMemory()
	} else {
		err = db.openFile(file)
	}
	if err != nil {
		return nil, err
	}
	if db.fresh, err = migrateSQLite(ctx, db.write); err != nil {
		_ = db.Close()
		return nil, unavailable(fmt.Sprintf("The database %s cannot be opened.", file), err)
	}
	return db, nil
}

// openMemory has one connection in all: each has a database of its own.
func (db *DB) openMemory() (err error) {
	db.write, err = sql.Open("sqlite", "file::memory:?_txlock=immediate")
	if err != nil {
		return err
	}
	db.write.SetMaxOpenConns(1)
	db.read = db.write
	return nil
}

func (db *DB) openFile(file string) error {
	if err := private(file); err != nil {
		return unavailable(fmt.Sprintf("The database file %s cannot be written.", file), err)
	}
	name := (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(file)}).EscapedPath()}).String()
	const always = "?_busy_timeout=5000&_pragma=synchronous(FULL)"
	var err error
	if db.write, err = sql.Open("sqlite", name+always+"&_txlock=immediate&_pragma=journal_mode(WAL)"); err != nil {
		return err
	}
	db.write.SetMaxOpenConns(1)
	if db.read, err = sql.Open("sqlite", name+always+"&_query_only=1"); err != nil {
		return err
	}
	db.read.SetMaxOpenConns(max(4, runtime.NumCPU()))
	db.read.SetMaxIdleConns(4)
	db.lock.file = file + ".lock"
	return nil
}

// private makes the file if it is not there, for its owner only: it holds people's
// addresses.
func private(file string) error {
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// migrateSQLite tries a few times, since SQLite has no lock for two programs that start
// on a new file at once: the second finds the tables of the first.
func migrateSQLite(ctx context.Context, pool *sql.DB) (fresh bool, err error) {
	for try := 1; ; try++ {
		if fresh, err = migrate(ctx, goose.DialectSQLite3, "sqlite", pool); err == nil || try == 3 {
			return fresh, err
		}
		if err := pause(ctx, try); err != nil {
			return false, err
		}
	}
}

// machineClock is the one place in the program that decides with the machine's time:
// SQLite has no other.
func machineClock(context.Context) (time.Time, error) { return time.Now().UTC(), nil }

type sqlite struct{}

func (sqlite) ForUpdate() string  { return "" }
func (sqlite) SkipLocked() string { return "" }
func (sqlite) Limits() Limits     { return Limits{} }

func (sqlite) Unknown(error) bool { return false }

func (sqlite) Class(err error) Class {
	coded, ok := errors.AsType[interface {
		error
		Code() int
	}](err)
	switch {
	case errors.Is(err, errText):
		return Refused
	case errors.Is(err, context.DeadlineExceeded):
		return Away
	case !ok:
		return Other
	}
	return sqliteClass(coded.Code())
}

// sqliteClass sorts the result codes of https://www.sqlite.org/rescode.html.
func sqliteClass(code int) Class {
	switch code {
	case 2067, 1555, 2579: // CONSTRAINT_UNIQUE, _PRIMARYKEY, _ROWID
		return Duplicate
	}
	switch code & 0xff {
	case 5, 6: // BUSY, LOCKED
		return Again
	case 18, 19, 20: // TOOBIG, CONSTRAINT, MISMATCH
		return Refused
	case 8, 10, 13, 14: // READONLY, IOERR, FULL, CANTOPEN
		return Away
	}
	return Other
}
