package store

import (
	"context"
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

// InsertLog appends entries in bulk.
func (tx *Tx) InsertLog(ctx context.Context, rows []LogRow) error { panic("not written") }

// Log returns an alert's entries with seq > after, oldest first.
func (tx *Tx) Log(ctx context.Context, id core.AlertID, after int64, limit int) ([]LogRow, error) {
	panic("not written")
}

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
func (tx *Tx) InsertEvents(ctx context.Context, rows []EventRow) error { panic("not written") }

// EventsOf returns an alert's events with id > after, oldest first.
func (tx *Tx) EventsOf(ctx context.Context, id core.AlertID, after core.EventID, limit int) ([]EventRow, error) {
	panic("not written")
}

// HasEvent tells whether the event with that id and correlation was stored: the question
// after a lost COMMIT.
func (tx *Tx) HasEvent(ctx context.Context, id core.EventID, correlation string) (bool, error) {
	panic("not written")
}

// Audit writes one line of what a person did. A Once that is there already is
// core.Conflict with the code ONCE: the same interaction was handled before.
func (tx *Tx) Audit(ctx context.Context, l AuditLine) error { panic("not written") }

// AuditLine is who did what to which object. It is written in the verb's own transaction.
type AuditLine struct {
	At     time.Time
	Actor  string // user:12, key:3, cli, webchat:ana
	Action string // the verb
	Object string // alert:12
	Detail string
	Once   string // the interaction's id; "" if it has none
}
