package store

import (
	"context"
	"fmt"
	"time"
)

// sessionKept is how long a session is kept that nobody used: longer than any may last.
const sessionKept = 90 * 24 * time.Hour

// sweeps are what is of no use any more: rows by their key, once a time of theirs has
// passed. A row that was given a later time meanwhile stays.
var sweeps = []struct {
	table, key, time string
	kept             time.Duration
}{
	{"tokens", "hash", "expires_at", 0},
	{"sessions", "hash", "seen_at", sessionKept},
	{"parked", "platform, account", "expires_at", 0},
	{"snoozes", "open_key", "until", 0},
}

// Sweep deletes tokens, sessions, parked presses and snoozes that are over, at most limit
// of each, and returns how many.
func (tx *Tx) Sweep(ctx context.Context, now time.Time, limit int) (all int64, err error) {
	for _, s := range sweeps {
		n, err := tx.exec(ctx, "sweep "+s.table, fmt.Sprintf(`
			DELETE FROM %[1]s
			WHERE (%[2]s) IN (
				SELECT %[2]s
				FROM %[1]s
				WHERE %[3]s <= $1
				ORDER BY %[3]s
				LIMIT $2
			)
			AND %[3]s <= $1`, s.table, s.key, s.time), Micros(now.Add(-s.kept)), int64(limit))
		if err != nil {
			return all, err
		}
		all += n
	}
	return all, nil
}
