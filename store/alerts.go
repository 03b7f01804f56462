package store

import (
	"context"
	"time"

	"github.com/watchbell/watchbell/core"
)

// Alert loads one alert with its responders and locks it. core.NotFound if there is none.
func (tx *Tx) Alert(ctx context.Context, id core.AlertID) (core.Alert, error) { panic("not written") }

// AlertsLocked loads and locks several, by ascending id, which is the order everybody
// locks in. Ids that do not exist are left out.
func (tx *Tx) AlertsLocked(ctx context.Context, ids []core.AlertID) ([]core.Alert, error) {
	panic("not written")
}

// OpenByKeys loads and locks the open alerts with these open keys (core.OpenKey).
func (tx *Tx) OpenByKeys(ctx context.Context, keys [][]byte) ([]core.Alert, error) {
	panic("not written")
}

// Newest are the alerts that the grouping modes look at, of one source; those that are
// open are locked.
type Newest struct{ Open, Pending, Any *core.Alert }

// NewestOf loads them for each source.
func (tx *Tx) NewestOf(ctx context.Context, sources []core.SourceID) (map[core.SourceID]Newest, error) {
	panic("not written")
}

// OpenBySummary loads and locks the newest open alert of the source with exactly that
// summary; nil if there is none.
func (tx *Tx) OpenBySummary(ctx context.Context, source core.SourceID, summary string) (*core.Alert, error) {
	panic("not written")
}

// Children loads and locks the open alerts that were merged into main.
func (tx *Tx) Children(ctx context.Context, main core.AlertID) ([]core.Alert, error) {
	panic("not written")
}

// LastResolved tells when, and after how long, alerts with this key hash were resolved
// since then: newest first, at most 10. For "3rd time in 20 min".
func (tx *Tx) LastResolved(ctx context.Context, keyHash []byte, since time.Time) ([]core.Alert, error) {
	panic("not written")
}

// Gate lets one transaction at a time decide where events of these sources belong; it
// takes them in ascending order and holds them to the end of the transaction.
func (tx *Tx) Gate(ctx context.Context, sources []core.SourceID) error { panic("not written") }

// AlertIDs and EventIDs draw n new ids.
func (tx *Tx) AlertIDs(ctx context.Context, n int) ([]core.AlertID, error) { panic("not written") }

// EventIDs draws n new event ids.
func (tx *Tx) EventIDs(ctx context.Context, n int) ([]core.EventID, error) { panic("not written") }

// InsertAlerts and UpdateAlerts write alerts with their responders, in bulk. Open keys
// are computed from source and key here, and nowhere else.
func (tx *Tx) InsertAlerts(ctx context.Context, alerts []core.Alert) error { panic("not written") }

// UpdateAlerts replaces what is stored of these alerts, responders too.
func (tx *Tx) UpdateAlerts(ctx context.Context, alerts []core.Alert) error { panic("not written") }

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
	panic("not written")
}

// CountAlerts counts what ListAlerts would list without limit.
func (tx *Tx) CountAlerts(ctx context.Context, f AlertFilter) (int64, error) { panic("not written") }

// AlertView is what a card or the API shows of one alert beside configuration.
type AlertView struct {
	Alert core.Alert
	First core.Event // the first event: links, images, labels, custom details
	Log   []LogRow   // the last 50, oldest first
}

// AlertView reads without locking. core.NotFound if there is none.
func (tx *Tx) AlertView(ctx context.Context, id core.AlertID) (AlertView, error) {
	panic("not written")
}

// Snooze is one row of the snoozes by key.
type Snooze struct {
	Until time.Time
	By    core.UserID
}

// Snoozes returns the snoozes of these open keys that last beyond now, by string(key).
func (tx *Tx) Snoozes(ctx context.Context, keys [][]byte, now time.Time) (map[string]Snooze, error) {
	panic("not written")
}

// SetSnooze stores or, with a zero until, removes the snooze of a key.
func (tx *Tx) SetSnooze(ctx context.Context, key []byte, s Snooze) error { panic("not written") }
