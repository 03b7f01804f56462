package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/watchbell/watchbell/core"
)

// AlertFilter selects alerts for lists; zero fields do not restrict.
type AlertFilter struct {
	Statuses   []core.Status
	Sources    []core.SourceID
	Policies   []core.PolicyID
	Responders []core.UserID
	From       time.Time       // created at or after
	Until      time.Time       // created before
	Visible    []core.SourceID // nil: all
	Limit      int             // required
	Offset     int
}

// ListAlerts returns alerts without locking them, newest (highest id) first.
func (tx *Tx) ListAlerts(ctx context.Context, f AlertFilter) ([]core.Alert, error) {
	if f.Limit <= 0 {
		return nil, core.Errorf(core.Invalid, "A list needs a limit.")
	}
	where, args := f.where(tx.dialect)
	n := len(args)
	return tx.alertsBy(ctx, "list alerts", fmt.Sprintf(`
		SELECT `+alertFields+`
		FROM alerts AS a
		WHERE %s
		ORDER BY a.id DESC
		LIMIT $%d OFFSET $%d`, where, n+1, n+2), append(args, int64(f.Limit), int64(f.Offset))...)
}

// CountAlerts counts what ListAlerts would list without limit.
func (tx *Tx) CountAlerts(ctx context.Context, f AlertFilter) (n int64, err error) {
	where, args := f.where(tx.dialect)
	_, err = tx.one(ctx, "count alerts", []any{&n}, `
		SELECT count(*)
		FROM alerts AS a
		WHERE `+where, args...)
	return n, err
}

// where is the filter as a condition on a, with its arguments from $1.
func (f AlertFilter) where(d Dialect) (string, []any) {
	conditions := []string{"a.id > 0"}
	var args []any
	among := func(column string, ids []int64) {
		args = append(args, d.Array(ids))
		conditions = append(conditions, d.Among(column, len(args)))
	}
	if len(f.Statuses) > 0 {
		among("a.status", numbers(f.Statuses))
	}
	if len(f.Sources) > 0 {
		among("a.source_id", numbers(f.Sources))
	}
	if f.Visible != nil {
		among("a.source_id", numbers(f.Visible))
	}
	if len(f.Policies) > 0 {
		among("a.policy_id", numbers(f.Policies))
	}
	if len(f.Responders) > 0 {
		args = append(args, d.Array(numbers(f.Responders)))
		conditions = append(conditions, fmt.Sprintf("a.id IN (SELECT r.alert_id FROM responders AS r WHERE %s)",
			d.Among("r.user_id", len(args))))
	}
	if !f.From.IsZero() {
		args = append(args, Micros(f.From))
		conditions = append(conditions, fmt.Sprintf("a.created_at >= $%d", len(args)))
	}
	if !f.Until.IsZero() {
		args = append(args, Micros(f.Until))
		conditions = append(conditions, fmt.Sprintf("a.created_at < $%d", len(args)))
	}
	return strings.Join(conditions, "\n\t\tAND "), args
}
