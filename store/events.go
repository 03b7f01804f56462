package store

import (
	"context"
	"time"

	"github.com/watchbell/watchbell/core"
)

// EventRow is one event as it came, and what became of it.
type EventRow struct {
	ID          core.EventID
	Correlation string
	Source      core.SourceID
	Alert       core.AlertID // 0: none
	At          time.Time
	Type        core.EventType
	Outcome     core.Outcome
	Reason      string
	Body        []byte // core.Event as JSON; the raw bytes for OutcomeUnreadable
}

// InsertEvents writes events in bulk.
func (tx *Tx) InsertEvents(ctx context.Context, events []EventRow) error {
	rows := make([][]any, len(events))
	for i, e := range events {
		body := e.Body
		if body == nil {
			body = []byte{}
		}
		rows[i] = []any{
			int64(e.ID), e.Correlation, int64(e.Source), int64(e.Alert), Micros(e.At),
			int64(e.Type), int64(e.Outcome), e.Reason, body,
		}
	}
	columns := []string{"id", "correlation", "source_id", "alert_id", "received_at", "type", "outcome", "reason", "body"}
	return tx.bulk(ctx, "insert events", func(ctx context.Context) error {
		return tx.dialect.Insert(ctx, tx.tx, "events", columns, rows, "")
	})
}

// EventsOf returns an alert's events with id > after, oldest first.
func (tx *Tx) EventsOf(ctx context.Context, id core.AlertID, after core.EventID, limit int) (events []EventRow, err error) {
	err = tx.query(ctx, "load events", func(r row) error {
		var e EventRow
		var at int64
		err := r.Scan(&e.ID, &e.Correlation, &e.Source, &e.Alert, &at, &e.Type, &e.Outcome, &e.Reason, &e.Body)
		e.At = FromMicros(at)
		events = append(events, e)
		return err
	}, `
		SELECT id, correlation, source_id, alert_id, received_at, type, outcome, reason, body
		FROM events
		WHERE alert_id = $1
		AND id > $2
		ORDER BY id
		LIMIT $3`, int64(id), int64(after), int64(limit))
	return events, err
}

// HasEvent tells whether the event with that id and correlation was stored: the question
// after a lost COMMIT.
func (tx *Tx) HasEvent(ctx context.Context, id core.EventID, correlation string) (bool, error) {
	var one int64
	return tx.one(ctx, "look for event", []any{&one}, `
		SELECT 1
		FROM events
		WHERE id = $1
		AND correlation = $2`, int64(id), correlation)
}
