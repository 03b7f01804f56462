package store

import (
	"context"
	"database/sql"
	"errors"
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

// Dialect is what cannot be said in the SQL that both databases share.
type Dialect interface {
	ForUpdate() string                                                       // "" on SQLite
	SkipLocked() string                                                      // "" on SQLite
	Gate(ctx context.Context, tx *sql.Tx, sources []int64) error             // one ingest per source at a time
	IDs(ctx context.Context, tx *sql.Tx, seq string, n int) ([]int64, error) // the next n numbers, ascending
	Insert(ctx context.Context, tx *sql.Tx, table string, columns []string, rows [][]any, tail string) error
	Keys(ctx context.Context, tx *sql.Tx, query string, keys [][]byte) ([][]any, error)
	Class(err error) Class
}
