package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/watchbell/watchbell/core"
)

// The server's limits are below the client's, which count for a server that is frozen:
// whoever waits hears of it within 5 s. A session that sleeps in a transaction is ended,
// lest a stopped process keep its locks.
const (
	poolSize         = 16
	connectTimeout   = 3 * time.Second
	lockTimeout      = 3 * time.Second
	statementTimeout = 4 * time.Second
	idleTimeout      = 20 * time.Second
	clientTimeout    = 4500 * time.Millisecond
	commitTimeout    = 5 * time.Second
	rollbackTimeout  = time.Second
)

// openPostgres opens a pool; tracer may be nil.
func openPostgres(ctx context.Context, dsn string, tracer pgx.QueryTracer) (*DB, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, core.Errorf(core.Invalid, "The database's address cannot be read: %s", parseReason(err))
	}
	size := configure(cfg)
	db := &DB{
		dialect: postgres{}, limits: postgres{}.Limits(), shared: true,
		isolation: sql.LevelReadCommitted, snapshot: sql.LevelRepeatableRead,
	}
	if db.fresh, err = migratePostgres(ctx, cfg.Copy()); err != nil {
		return nil, unavailable(fmt.Sprintf("The database %s cannot be opened.", place(cfg)), err)
	}
	limit(cfg)
	cfg.Tracer = tracer
	db.write = stdlib.OpenDB(*cfg)
	db.write.SetMaxOpenConns(size)
	db.write.SetMaxIdleConns(size)
	db.write.SetConnMaxIdleTime(5 * time.Minute)
	db.read = db.write
	db.clock = db.serverClock
	db.hint = newHints(cfg)
	var version string
	if err := db.write.QueryRowContext(ctx, "SHOW server_version").Scan(&version); err != nil {
		_ = db.Close()
		return nil, unavailable(fmt.Sprintf("The database %s cannot be opened.", place(cfg)), err)
	}
	version, _, _ = strings.Cut(version, " ")
	db.name = fmt.Sprintf("PostgreSQL %s at %s", version, place(cfg))
	return db, nil
}

// configure sets what the address does not say and returns the size of the pool.
func configure(cfg *pgx.ConnConfig) int {
	size := poolSize
	if n, err := strconv.Atoi(cfg.RuntimeParams["pool_max_conns"]); err == nil && n > 0 {
		size = n
	}
	delete(cfg.RuntimeParams, "pool_max_conns") // a pool's word, not the server's
	if cfg.ConnectTimeout == 0 || cfg.ConnectTimeout > connectTimeout {
		cfg.ConnectTimeout = connectTimeout
	}
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "watchbell"
	}
	if cfg.ValidateConnect == nil {
		cfg.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	return size
}

// limit sets what statements may cost. Plans made while tables are empty are kept for
// long: without enable_seqscan=off they read whole tables once there are rows. Where
// nothing but reading a table is left, that setting makes the plan look so dear that
// the server compiles it first, 140 ms for a table of one row: hence jit=off.
func limit(cfg *pgx.ConnConfig) {
	ms := func(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
	cfg.RuntimeParams["enable_seqscan"] = "off"
	cfg.RuntimeParams["jit"] = "off"
	cfg.RuntimeParams["lock_timeout"] = ms(lockTimeout)
	cfg.RuntimeParams["statement_timeout"] = ms(statementTimeout)
	cfg.RuntimeParams["idle_in_transaction_session_timeout"] = ms(idleTimeout)
}

// migratePostgres uses a pool of its own, since a migration may take longer than any
// statement of the program, and a lock, since replicas start together.
func migratePostgres(ctx context.Context, cfg *pgx.ConnConfig) (fresh bool, err error) {
	pool := stdlib.OpenDB(*cfg)
	defer func() { err = errors.Join(err, pool.Close()) }()
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300), lock.WithUnlockTimeout(1, 60))
	if err != nil {
		return false, err
	}
	return migrate(ctx, goose.DialectPostgres, "postgres", pool, goose.WithSessionLocker(locker))
}

func (db *DB) serverClock(ctx context.Context) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, clientTimeout)
	defer cancel()
	var us int64
	err := db.write.QueryRowContext(ctx, "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint").Scan(&us)
	if err != nil {
		return time.Time{}, unavailable("The database cannot be reached.", err)
	}
	return FromMicros(us), nil
}

// place is where the database is, without user and password.
func place(cfg *pgx.ConnConfig) string { return cfg.Host + "/" + cfg.Database }

// parseReason is why an address cannot be read, without the address, which may hold a
// password.
func parseReason(err error) string {
	if e, ok := errors.AsType[*pgconn.ParseConfigError](err); ok && e.Unwrap() != nil {
		return e.Unwrap().Error()
	}
	return "it is not an address"
}

type postgres struct{}

func (postgres) ForUpdate() string  { return "FOR UPDATE" }
func (postgres) SkipLocked() string { return "SKIP LOCKED" }

func (postgres) Limits() Limits {
	return Limits{Begin: clientTimeout, Statement: clientTimeout, Commit: commitTimeout, Rollback: rollbackTimeout}
}

// Unknown: only an answer of the server tells how a COMMIT ended, and not even that if it
// ended the session, which it may do after writing the commit. pgconn.SafeToRetry must
// not be asked: it calls a COMMIT whose answer was cut off safe.
func (postgres) Unknown(err error) bool {
	if errors.Is(err, pgx.ErrTxCommitRollback) {
		return false
	}
	e, ok := errors.AsType[*pgconn.PgError](err)
	return !ok || e.Severity == "FATAL" || e.Severity == "PANIC"
}

func (postgres) Class(err error) Class {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return postgresClass(e.Code)
	}
	_, network := errors.AsType[net.Error](err)
	_, connecting := errors.AsType[*pgconn.ConnectError](err)
	switch {
	case errors.Is(err, errText):
		return Refused
	case errors.Is(err, context.Canceled):
		return Other
	case connecting, errors.Is(err, context.DeadlineExceeded):
		return Away
	case network, pgconn.SafeToRetry(err),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed),
		errors.Is(err, driver.ErrBadConn), errors.Is(err, sql.ErrConnDone), errors.Is(err, sql.ErrTxDone):
		return Lost
	}
	return Other
}

// postgresClass sorts https://www.postgresql.org/docs/current/errcodes-appendix.html.
func postgresClass(code string) Class {
	switch code {
	case "23505":
		return Duplicate
	case "40001", "40P01", "55P03": // serialization, deadlock, lock timeout
		return Again
	case "25006", "57014", "57P01", "57P02", "57P03", "25P03": // read-only, timeout, shutdown, starting, idle too long
		return Away
	case "3D000", "28P01", "28000": // no such database, wrong password
		return Away
	}
	switch code[:min(2, len(code))] {
	case "22", "23", "54": // data, integrity, program limits
		return Refused
	case "08", "53", "58": // connection, resources, system
		return Away
	}
	return Other
}
