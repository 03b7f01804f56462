package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/watchbell/watchbell/core"
)

// ErrUnknown is a COMMIT whose answer was lost: it happened or it did not. Look whether
// the row is there; never run it again blindly.
var ErrUnknown = errors.New("the database's answer to COMMIT was lost")

// Class sorts database errors by what to do.
type Class int

const (
	Other     Class = iota
	Duplicate       // a unique constraint
	Again           // serialization, deadlock, busy: run the transaction again
	Refused         // this data can never be stored
	Lost            // the connection broke during the statement
	Away            // no connection to be had, or read-only
)

// Error is what a statement failed with. The text is for logs, never for people.
type Error struct {
	Class Class
	Op    string // what we were doing: "insert alerts"
	Err   error
}

func (e *Error) Error() string { return e.Op + ": " + e.Err.Error() }

func (e *Error) Unwrap() error { return e.Err }

// ClassOf returns the class of the first *Error in err's chain, else Other.
func ClassOf(err error) Class {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Class
	}
	return Other
}

// Dialect is what cannot be said in the SQL that both databases share.
type Dialect interface {
	ForUpdate() string  // "" on SQLite
	SkipLocked() string // "" on SQLite
	Limits() Limits

	Among(column string, n int) string      // the condition that column is one of the numbers or texts in array $n
	AmongBytes(column string, n int) string // the same for an array of []byte
	List(n int) string                      // the numbers in array $n as a table: s(id)
	Array(values any) any                   // []int64, []string or [][]byte as one argument

	Gate(ctx context.Context, tx *sql.Tx, sources []int64) error             // one ingest per source at a time
	IDs(ctx context.Context, tx *sql.Tx, seq string, n int) ([]int64, error) // the next n numbers, ascending

	// The bulk statements take rows of equal types: int64, string, bool, []byte or *string.
	// Insert appends tail, such as an ON CONFLICT clause; InsertNumbered fills the column id
	// from seq; Update sets columns and Delete deletes where the first columns (keys) match.
	Insert(ctx context.Context, tx *sql.Tx, table string, columns []string, rows [][]any, tail string) error
	InsertNumbered(ctx context.Context, tx *sql.Tx, table, seq string, columns []string, rows [][]any, tail string) error
	Update(ctx context.Context, tx *sql.Tx, table string, keys, columns []string, rows [][]any) error
	Delete(ctx context.Context, tx *sql.Tx, table string, keys []string, rows [][]any) error

	Class(err error) Class
	Unknown(err error) bool // after COMMIT: it may have happened all the same
}

// unavailable is the error for callers whose database is not there or too busy.
func unavailable(text string, cause error) error {
	return &core.Error{Kind: core.Unavailable, Text: text, Do: "Try again in a moment.", Err: cause}
}

// notFound is the error for a row that is not there.
func notFound(format string, args ...any) error { return core.Errorf(core.NotFound, format, args...) }
