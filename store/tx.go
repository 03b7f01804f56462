package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/watchbell/watchbell/core"
)

// Tx is one transaction. Its methods are spread over the files of their aggregates.
type Tx struct {
	tx      *sql.Tx
	dialect Dialect
	limits  Limits

	// asked is the responders as they are stored, of alerts that this transaction read
	// with a lock or wrote; UpdateAlerts writes only what differs.
	asked map[core.AlertID][]core.Responding
}

// Limits bound what a database that hangs can cost; 0 is no limit. They are the client's
// own: a database that is frozen keeps none of its own.
type Limits struct {
	Begin     time.Duration // a connection and BEGIN
	Statement time.Duration
	Commit    time.Duration
	Rollback  time.Duration
}

const maxTries = 8

// Tx runs fn in one read-write transaction, and again from the start (jittered, at most 8
// times) when the database says so (serialization, deadlock, busy). fn touches tx and
// local variables, nothing else. A COMMIT whose answer was lost is ErrUnknown, never
// retried; a database that is not there is core.Unavailable.
func (db *DB) Tx(ctx context.Context, fn func(tx *Tx) error) error {
	return db.retry(ctx, db.write, &sql.TxOptions{Isolation: db.isolation}, fn)
}

// View runs fn in one read-only transaction with one consistent picture.
func (db *DB) View(ctx context.Context, fn func(tx *Tx) error) error {
	return db.retry(ctx, db.read, &sql.TxOptions{Isolation: db.snapshot, ReadOnly: true}, fn)
}

func (db *DB) retry(ctx context.Context, pool *sql.DB, o *sql.TxOptions, fn func(*Tx) error) error {
	for try := 1; ; try++ {
		err := db.once(ctx, pool, o, fn)
		switch ClassOf(err) {
		case Lost, Away:
			return unavailable("The database cannot be reached.", err)
		case Again:
			if try == maxTries {
				return unavailable("The database is too busy.", err)
			}
		default:
			return err
		}
		if err := pause(ctx, try); err != nil {
			return err
		}
	}
}

// pause waits a random time that grows with the tries, so that those who collided do not
// collide again.
func pause(ctx context.Context, try int) error {
	limit := time.Duration(try*try) * 4 * time.Millisecond
	t := time.NewTimer(time.Millisecond + rand.N(limit))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// once runs fn in one transaction. Its statements end with ctx; the transaction itself
// does not, because a COMMIT that is called off has an unknown end.
func (db *DB) once(ctx context.Context, pool *sql.DB, o *sql.TxOptions, fn func(*Tx) error) (err error) {
	conn, err := db.connect(ctx, pool)
	if err != nil {
		return err
	}
	defer func() { db.giveBack(conn, err) }()
	life, end := db.life(ctx)
	defer end()
	t, err := db.begin(ctx, life, end, conn, o)
	if err != nil {
		return err
	}
	committing := false
	defer func() { // also when fn panics
		if !committing {
			defer after(db.limits.Rollback, end)()
			_ = t.Rollback() // the connection is closed if this fails, and the server rolls back
		}
	}()
	if err := fn(&Tx{tx: t, dialect: db.dialect, limits: db.limits}); err != nil {
		return err
	}
	committing = true
	return db.commit(t, end)
}

func (db *DB) connect(ctx context.Context, pool *sql.DB) (*sql.Conn, error) {
	if db.limits.Begin > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, db.limits.Begin)
		defer cancel()
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, &Error{Class: db.dialect.Class(err), Op: "connect", Err: err}
	}
	return conn, nil
}

// life is the context that a transaction lives in. Without limits it never ends, which
// spares SQLite's driver a goroutine for each statement.
func (db *DB) life(ctx context.Context) (context.Context, context.CancelFunc) {
	life := context.WithoutCancel(ctx)
	if db.limits == (Limits{}) {
		return life, func() {}
	}
	return context.WithCancel(life)
}

func (db *DB) begin(ctx, life context.Context, end func(), conn *sql.Conn, o *sql.TxOptions) (*sql.Tx, error) {
	defer after(db.limits.Begin, end)()
	stop := context.AfterFunc(ctx, end)
	t, err := conn.BeginTx(life, o)
	if err != nil && life.Err() != nil && ctx.Err() == nil { // ours was the patience that ended
		return nil, &Error{Class: Away, Op: "begin", Err: err}
	}
	if err != nil {
		return nil, &Error{Class: db.dialect.Class(err), Op: "begin", Err: err}
	}
	if !stop() {
		_ = t.Rollback()
		return nil, &Error{Class: db.dialect.Class(ctx.Err()), Op: "begin", Err: ctx.Err()}
	}
	return t, nil
}

func (db *DB) commit(t *sql.Tx, end func()) error {
	defer after(db.limits.Commit, end)()
	err := t.Commit()
	if err == nil {
		return nil
	}
	if db.dialect.Unknown(err) {
		return errors.Join(ErrUnknown, err)
	}
	return &Error{Class: db.dialect.Class(err), Op: "commit", Err: err}
}

// giveBack returns a connection to its pool, unless what happened to it says that it is
// no good: after a failover those to the old primary are still open, and read-only.
func (db *DB) giveBack(conn *sql.Conn, err error) {
	if c := ClassOf(err); db.shared && (c == Away || c == Lost) {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	}
	_ = conn.Close() // an error says that it is closed already
}

// after calls end once d has passed, unless stop is called before; never if d is 0.
func after(d time.Duration, end func()) (stop func()) {
	if d == 0 {
		return func() {}
	}
	t := time.AfterFunc(d, end)
	return func() { t.Stop() }
}

// row is one row of an answer.
type row interface{ Scan(into ...any) error }

// exec runs one statement and returns how many rows it touched.
func (tx *Tx) exec(ctx context.Context, op, query string, args ...any) (int64, error) {
	ctx, cancel, err := tx.bound(ctx)
	defer cancel()
	if err == nil {
		err = storable(args)
	}
	if err != nil {
		return 0, tx.failed(op, err)
	}
	res, err := tx.tx.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, tx.failed(op, err)
	}
	n, err := res.RowsAffected()
	return n, tx.failed(op, err)
}

// query runs one query and calls scan for each row.
func (tx *Tx) query(ctx context.Context, op string, scan func(r row) error, query string, args ...any) error {
	ctx, cancel, err := tx.bound(ctx)
	defer cancel()
	if err == nil {
		err = storable(args)
	}
	if err != nil {
		return tx.failed(op, err)
	}
	rows, err := tx.tx.QueryContext(ctx, query, args...)
	if err != nil {
		return tx.failed(op, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return tx.failed(op, err)
		}
	}
	return tx.failed(op, rows.Err())
}

// one runs a query of at most one row into the variables; ok tells whether there was one.
func (tx *Tx) one(ctx context.Context, op string, into []any, query string, args ...any) (ok bool, err error) {
	err = tx.query(ctx, op, func(r row) error {
		ok = true
		return r.Scan(into...)
	}, query, args...)
	return ok, err
}

// bulk runs one of the dialect's statements under the limits of a statement.
func (tx *Tx) bulk(ctx context.Context, op string, run func(ctx context.Context) error) error {
	ctx, cancel, err := tx.bound(ctx)
	defer cancel()
	if err == nil {
		err = run(ctx)
	}
	return tx.failed(op, err)
}

// numbered inserts rows whose ids are drawn from seq.
func (tx *Tx) numbered(ctx context.Context, op, table, seq string, columns []string, rows [][]any, tail string) error {
	if len(rows) == 0 {
		return nil
	}
	return tx.bulk(ctx, op, func(ctx context.Context) error {
		return tx.dialect.InsertNumbered(ctx, tx.tx, table, seq, columns, rows, tail)
	})
}

// ids draws n numbers of a sequence.
func (tx *Tx) ids(ctx context.Context, seq string, n int) (ids []int64, err error) {
	err = tx.bulk(ctx, "draw "+seq, func(ctx context.Context) error {
		ids, err = tx.dialect.IDs(ctx, tx.tx, seq, n)
		return err
	})
	return ids, err
}

// bound is the context of one statement. Where statements have no limit (SQLite) they
// are short and run to their end: interrupting one is dearer than finishing it.
func (tx *Tx) bound(ctx context.Context) (context.Context, context.CancelFunc, error) {
	if err := ctx.Err(); err != nil {
		return ctx, func() {}, err
	}
	if tx.limits.Statement == 0 {
		return context.WithoutCancel(ctx), func() {}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, tx.limits.Statement)
	return ctx, cancel, nil
}

func (tx *Tx) failed(op string, err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Class: tx.dialect.Class(err), Op: op, Err: err}
}
