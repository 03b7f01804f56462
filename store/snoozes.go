package store

import (
	"context"
	"time"

	"github.com/watchbell/watchbell/core"
)

// Snooze is one row of the snoozes by key.
type Snooze struct {
	Until    time.Time
	By       core.UserID
	Severity int // of the alert that was snoozed; 0: it had none
}

// Snoozes returns the snoozes of these open keys that last beyond now, by string(key).
func (tx *Tx) Snoozes(ctx context.Context, keys [][]byte, now time.Time) (map[string]Snooze, error) {
	found := make(map[string]Snooze)
	if len(keys) == 0 {
		return found, nil
	}
	err := tx.query(ctx, "load snoozes", func(r row) error {
		var key []byte
		var until int64
		var s Snooze
		if err := r.Scan(&key, &until, &s.By, &s.Severity); err != nil {
			return err
		}
		s.Until = FromMicros(until)
		found[string(key)] = s
		return nil
	}, `
		SELECT open_key, until, user_id, severity
		FROM snoozes
		WHERE `+tx.dialect.AmongBytes("open_key", 1)+`
		AND until > $2`, tx.dialect.Array(keys), Micros(now))
	return found, err
}

// SetSnooze stores or, with a zero until, removes the snooze of a key.
func (tx *Tx) SetSnooze(ctx context.Context, key []byte, s Snooze) error {
	if s.Until.IsZero() {
		_, err := tx.exec(ctx, "delete snooze", `
			DELETE FROM snoozes
			WHERE open_key = $1`, key)
		return err
	}
	_, err := tx.exec(ctx, "save snooze", `
		INSERT INTO snoozes (open_key, until, user_id, severity)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT (open_key) DO UPDATE SET
			until = excluded.until, user_id = excluded.user_id, severity = excluded.severity`,
		key, Micros(s.Until), int64(s.By), int64(s.Severity))
	return err
}
