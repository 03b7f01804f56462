package store

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/watchbell/watchbell/core"
)

// alertColumns is what alertRow makes and scanAlert reads, in this order; the id first.
var alertColumns = []string{
	"id", "source_id", "policy_id", "alert_key", "key_hash", "open_key", "summary", "summary_hash", "details",
	"status", "priority", "severity", "level", "cycle", "timers", "next_at", "epoch", "rev", "seq",
	"events", "first_event", "merged_into", "created_at", "event_at", "resolved_at",
}

// alertFields is alertColumns for a SELECT, without what is computed from the others.
const alertFields = `a.id, a.source_id, a.policy_id, a.alert_key, a.summary, a.details,
		a.status, a.priority, a.severity, a.level, a.cycle, a.timers, a.next_at, a.epoch, a.rev, a.seq,
		a.events, a.first_event, a.merged_into, a.created_at, a.event_at, a.resolved_at`

var responderColumns = []string{
	"alert_id", "user_id", "pos", "level", "accepted_at", "calls", "step", "asked_at", "next_call", "failed",
}

// InsertAlerts and UpdateAlerts write alerts with their responders, in bulk. Open keys
// are computed from source and key here, and nowhere else.
func (tx *Tx) InsertAlerts(ctx context.Context, alerts []core.Alert) error {
	rows, err := alertRows(alerts)
	if err != nil {
		return err
	}
	err = tx.bulk(ctx, "insert alerts", func(ctx context.Context) error {
		return tx.dialect.Insert(ctx, tx.tx, "alerts", alertColumns, rows, "")
	})
	if err != nil {
		return err
	}
	for _, a := range alerts {
		tx.remember(a.ID, nil)
	}
	return tx.saveResponders(ctx, alerts)
}

// UpdateAlerts replaces what is stored of these alerts, responders too.
func (tx *Tx) UpdateAlerts(ctx context.Context, alerts []core.Alert) error {
	rows, err := alertRows(alerts)
	if err != nil {
		return err
	}
	err = tx.bulk(ctx, "update alerts", func(ctx context.Context) error {
		return tx.dialect.Update(ctx, tx.tx, "alerts", alertColumns[:1], alertColumns[1:], rows)
	})
	if err != nil {
		return err
	}
	if err := tx.recall(ctx, alerts); err != nil {
		return err
	}
	return tx.saveResponders(ctx, alerts)
}

func alertRows(alerts []core.Alert) ([][]any, error) {
	rows := make([][]any, len(alerts))
	for i, a := range alerts {
		timers, err := json.Marshal(a.Timers)
		if err != nil {
			return nil, fmt.Errorf("write timers of alert %d: %w", a.ID, err)
		}
		key := core.OpenKey(a.Source, a.Key)
		open := key
		if !a.Open() {
			open = nil
		}
		rows[i] = []any{
			int64(a.ID), int64(a.Source), int64(a.Policy), a.Key, key, open, a.Summary, summaryHash(a.Summary), a.Details,
			int64(a.Status), int64(a.Priority), int64(a.Severity), int64(a.Level), int64(a.Cycle), string(timers),
			Micros(a.NextAt), a.Epoch, a.Rev, a.Seq,
			int64(a.Events), int64(a.FirstEvent), int64(a.MergedInto),
			Micros(a.CreatedAt), Micros(a.EventAt), Micros(a.ResolvedAt),
		}
	}
	return rows, nil
}

// summaryHash stands for a summary in the index: PostgreSQL refuses long texts there.
func summaryHash(summary string) []byte {
	h := sha256.Sum256([]byte(summary))
	return h[:8]
}

// alertRow takes the raw columns of one alert.
type alertRow struct {
	a                                      core.Alert
	timers                                 []byte
	priority, status                       int8
	nextAt, createdAt, eventAt, resolvedAt int64
}

// into are the variables for alertFields.
func (r *alertRow) into() []any {
	a := &r.a
	return []any{
		&a.ID, &a.Source, &a.Policy, &a.Key, &a.Summary, &a.Details,
		&r.status, &r.priority, &a.Severity, &a.Level, &a.Cycle, &r.timers, &r.nextAt, &a.Epoch, &a.Rev, &a.Seq,
		&a.Events, &a.FirstEvent, &a.MergedInto, &r.createdAt, &r.eventAt, &r.resolvedAt,
	}
}

func (r *alertRow) alert() (core.Alert, error) {
	a := r.a
	a.Status, a.Priority = core.Status(r.status), core.Priority(r.priority)
	a.NextAt, a.CreatedAt = FromMicros(r.nextAt), FromMicros(r.createdAt)
	a.EventAt, a.ResolvedAt = FromMicros(r.eventAt), FromMicros(r.resolvedAt)
	if err := json.Unmarshal(r.timers, &a.Timers); err != nil {
		return a, fmt.Errorf("read timers of alert %d: %w", a.ID, err)
	}
	return a, nil
}

func scanAlert(r row) (core.Alert, error) {
	var raw alertRow
	if err := r.Scan(raw.into()...); err != nil {
		return core.Alert{}, err
	}
	return raw.alert()
}

// alertsBy runs a query for alertFields and adds the responders, in a second query: a
// join would repeat every alert for each of them.
func (tx *Tx) alertsBy(ctx context.Context, op, query string, args ...any) ([]core.Alert, error) {
	var alerts []core.Alert
	err := tx.query(ctx, op, func(r row) error {
		a, err := scanAlert(r)
		alerts = append(alerts, a)
		return err
	}, query, args...)
	if err != nil {
		return nil, err
	}
	return alerts, tx.addResponders(ctx, alerts)
}

// lockedBy is alertsBy for queries that lock: what is read stays as it is, so it is
// remembered for UpdateAlerts.
func (tx *Tx) lockedBy(ctx context.Context, op, query string, args ...any) ([]core.Alert, error) {
	alerts, err := tx.alertsBy(ctx, op, query, args...)
	for _, a := range alerts {
		tx.remember(a.ID, a.Responders)
	}
	return alerts, err
}

func (tx *Tx) addResponders(ctx context.Context, alerts []core.Alert) error {
	if len(alerts) == 0 {
		return nil
	}
	ids := make([]core.AlertID, len(alerts))
	for i, a := range alerts {
		ids[i] = a.ID
	}
	of, err := tx.responders(ctx, ids)
	for i := range alerts {
		alerts[i].Responders = of[alerts[i].ID]
	}
	return err
}

func (tx *Tx) responders(ctx context.Context, ids []core.AlertID) (map[core.AlertID][]core.Responding, error) {
	of := make(map[core.AlertID][]core.Responding, len(ids))
	err := tx.query(ctx, "load responders", func(r row) error {
		var id core.AlertID
		var p core.Responding
		var accepted, asked, next int64
		if err := r.Scan(&id, &p.User, &p.Level, &accepted, &p.Calls, &p.Step, &asked, &next, &p.Failed); err != nil {
			return err
		}
		p.AcceptedAt, p.AskedAt, p.NextCall = FromMicros(accepted), FromMicros(asked), FromMicros(next)
		of[id] = append(of[id], p)
		return nil
	}, `
		SELECT alert_id, user_id, level, accepted_at, calls, step, asked_at, next_call, failed
		FROM responders
		WHERE `+tx.dialect.Among("alert_id", 1)+`
		ORDER BY alert_id, pos, user_id`, tx.dialect.Array(numbers(ids)))
	return of, err
}

func (tx *Tx) remember(id core.AlertID, who []core.Responding) {
	if tx.asked == nil {
		tx.asked = make(map[core.AlertID][]core.Responding)
	}
	tx.asked[id] = slices.Clone(who) // the caller may change its own
}

// recall makes sure that tx.asked knows all these alerts.
func (tx *Tx) recall(ctx context.Context, alerts []core.Alert) error {
	var unknown []core.AlertID
	for _, a := range alerts {
		if _, ok := tx.asked[a.ID]; !ok {
			unknown = append(unknown, a.ID)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	of, err := tx.responders(ctx, unknown)
	for _, id := range unknown {
		tx.remember(id, of[id])
	}
	return err
}

// saveResponders writes those that differ from what is stored and deletes those that are
// gone. Of an event that only repeats an alert nothing is written.
func (tx *Tx) saveResponders(ctx context.Context, alerts []core.Alert) error {
	var changed, gone [][]any
	for _, a := range alerts {
		c, g := responderChanges(a, tx.asked[a.ID])
		changed, gone = append(changed, c...), append(gone, g...)
		tx.remember(a.ID, a.Responders)
	}
	return tx.bulk(ctx, "save responders", func(ctx context.Context) error {
		if err := tx.dialect.Delete(ctx, tx.tx, "responders", responderColumns[:2], gone); err != nil {
			return err
		}
		return tx.dialect.Insert(ctx, tx.tx, "responders", responderColumns, changed, `
			ON CONFLICT (alert_id, user_id) DO UPDATE SET
				pos = excluded.pos, level = excluded.level, accepted_at = excluded.accepted_at,
				calls = excluded.calls, step = excluded.step, asked_at = excluded.asked_at,
				next_call = excluded.next_call, failed = excluded.failed`)
	})
}

func responderChanges(a core.Alert, stored []core.Responding) (changed, gone [][]any) {
	for pos, p := range a.Responders {
		if pos < len(stored) && same(p, stored[pos]) {
			continue
		}
		changed = append(changed, []any{
			int64(a.ID), int64(p.User), int64(pos), int64(p.Level), Micros(p.AcceptedAt), int64(p.Calls),
			int64(p.Step), Micros(p.AskedAt), Micros(p.NextCall), int64(p.Failed),
		})
	}
	for _, p := range stored {
		if !slices.ContainsFunc(a.Responders, func(n core.Responding) bool { return n.User == p.User }) {
			gone = append(gone, []any{int64(a.ID), int64(p.User)})
		}
	}
	return changed, gone
}

// same compares times as they are stored: as instants, in microseconds.
func same(a, b core.Responding) bool {
	at, bt := []time.Time{a.AcceptedAt, a.AskedAt, a.NextCall}, []time.Time{b.AcceptedAt, b.AskedAt, b.NextCall}
	a.AcceptedAt, a.AskedAt, a.NextCall = time.Time{}, time.Time{}, time.Time{}
	b.AcceptedAt, b.AskedAt, b.NextCall = time.Time{}, time.Time{}, time.Time{}
	return a == b && slices.EqualFunc(at, bt, func(x, y time.Time) bool { return Micros(x) == Micros(y) })
}

// numbers are typed ids as the database takes them.
func numbers[T ~int64 | ~int8](ids []T) []int64 {
	plain := make([]int64, len(ids))
	for i, id := range ids {
		plain[i] = int64(id)
	}
	return plain
}
