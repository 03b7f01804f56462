package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/watchbell/watchbell/core"
)

// LogRow is one entry of an alert's log as it is stored.
type LogRow struct {
	Alert core.AlertID
	Seq   int64
	At    time.Time
	core.Entry
}

const logFields = "alert_id, seq, at, type, user_id, vars, thread, broadcast"

// InsertLog appends entries in bulk.
func (tx *Tx) InsertLog(ctx context.Context, entries []LogRow) error {
	rows := make([][]any, len(entries))
	for i, e := range entries {
		vars, err := encodeVars(e.Vars)
		if err != nil {
			return fmt.Errorf("write log of alert %d: %w", e.Alert, err)
		}
		rows[i] = []any{
			int64(e.Alert), e.Seq, Micros(e.At), string(e.Type), int64(e.User), vars, e.Thread, e.Broadcast,
		}
	}
	columns := []string{"alert_id", "seq", "at", "type", "user_id", "vars", "thread", "broadcast"}
	return tx.bulk(ctx, "insert log", func(ctx context.Context) error {
		return tx.dialect.Insert(ctx, tx.tx, "alert_log", columns, rows, "")
	})
}

// Log returns an alert's entries with seq > after, oldest first.
func (tx *Tx) Log(ctx context.Context, id core.AlertID, after int64, limit int) ([]LogRow, error) {
	return tx.logBy(ctx, `
		SELECT `+logFields+`
		FROM alert_log
		WHERE alert_id = $1
		AND seq > $2
		ORDER BY seq
		LIMIT $3`, int64(id), after, int64(limit))
}

// lastLog returns an alert's last n entries, oldest first.
func (tx *Tx) lastLog(ctx context.Context, id core.AlertID, n int) ([]LogRow, error) {
	entries, err := tx.logBy(ctx, `
		SELECT `+logFields+`
		FROM alert_log
		WHERE alert_id = $1
		ORDER BY seq DESC
		LIMIT $2`, int64(id), int64(n))
	slices.Reverse(entries)
	return entries, err
}

func (tx *Tx) logBy(ctx context.Context, query string, args ...any) (entries []LogRow, err error) {
	err = tx.query(ctx, "load log", func(r row) error {
		var e LogRow
		var at int64
		var vars string
		if err := r.Scan(&e.Alert, &e.Seq, &at, &e.Type, &e.User, &vars, &e.Thread, &e.Broadcast); err != nil {
			return err
		}
		e.At = FromMicros(at)
		e.Vars, err = decodeVars(vars)
		entries = append(entries, e)
		return err
	}, query, args...)
	return entries, err
}

func encodeVars(vars map[string]string) (string, error) {
	if len(vars) == 0 {
		return "", nil
	}
	text, err := json.Marshal(vars)
	return string(text), err
}

func decodeVars(text string) (vars map[string]string, err error) {
	if text == "" {
		return nil, nil
	}
	return vars, json.Unmarshal([]byte(text), &vars)
}
