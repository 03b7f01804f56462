package store

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// hintChannel is the name that replicas on one database LISTEN to.
const hintChannel = "watchbell"

const (
	relistenFirst = 200 * time.Millisecond
	relistenMost  = 5 * time.Second
)

// hints is how this process listens, and the name by which it knows its own hints.
type hints struct {
	cfg  *pgx.ConnConfig // nil: nobody else is there
	self string
}

func newHints(cfg *pgx.ConnConfig) hints {
	own := cfg.Copy()
	delete(own.RuntimeParams, "idle_in_transaction_session_timeout")
	return hints{cfg: own, self: rand.Text()}
}

// Notify wakes the other processes on the same database with a hint (such as a lane);
// Listen calls wake for hints of others until ctx ends. Both are hints: losing one costs a
// poll interval, nothing else. SQLite: nothing to do.
func (db *DB) Notify(ctx context.Context, hint string) error {
	if db.hint.cfg == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, clientTimeout)
	defer cancel()
	_, err := db.write.ExecContext(ctx, "SELECT pg_notify($1, $2)", hintChannel, db.hint.self+" "+hint)
	if err != nil {
		return unavailable("The database cannot be reached.", err)
	}
	return nil
}

// Listen blocks until ctx ends and calls wake for each hint. It connects again by itself.
func (db *DB) Listen(ctx context.Context, wake func(hint string)) error {
	if db.hint.cfg == nil {
		<-ctx.Done()
		return nil
	}
	wait := relistenFirst
	for {
		start := time.Now() // only to pace connecting; nothing is decided with it
		db.hint.listen(ctx, wake)
		if time.Since(start) > relistenMost {
			wait = relistenFirst
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
			wait = min(2*wait, relistenMost)
		}
	}
}

// listen hears hints on a connection of its own until that breaks. Why it broke does not
// matter: whatever is wrong with the database, the pool meets it too and says so.
func (h hints) listen(ctx context.Context, wake func(hint string)) {
	conn, err := pgx.ConnectConfig(ctx, h.cfg)
	if err != nil {
		return
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
		defer cancel()
		_ = conn.Close(ctx)
	}()
	if _, err := conn.Exec(ctx, "LISTEN "+hintChannel); err != nil {
		return
	}
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return
		}
		if from, hint, ok := strings.Cut(n.Payload, " "); ok && from != h.self {
			wake(hint)
		}
	}
}
