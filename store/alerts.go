package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/watchbell/watchbell/core"
)

// Alert loads one alert with its responders and locks it. core.NotFound if there is none.
func (tx *Tx) Alert(ctx context.Context, id core.AlertID) (core.Alert, error) {
	alerts, err := tx.AlertsLocked(ctx, []core.AlertID{id})
	if err != nil {
		return core.Alert{}, err
	}
	if len(alerts) == 0 {
		return core.Alert{}, notFound("There is no alert %d.", id)
	}
	return alerts[0], nil
}

// AlertsLocked loads and locks several, by ascending id, which is the order everybody
// locks in. Ids that do not exist are left out.
func (tx *Tx) AlertsLocked(ctx context.Context, ids []core.AlertID) ([]core.Alert, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return tx.lockedBy(ctx, "lock alerts", `
		SELECT `+alertFields+`
		FROM alerts AS a
		WHERE `+tx.dialect.Among("a.id", 1)+`
		ORDER BY a.id + 0
		`+tx.dialect.ForUpdate(), tx.dialect.Array(numbers(ids)))
}

// OpenByKeys loads and locks the open alerts with these open keys (core.OpenKey). The
// order is by an expression, since a plain "id" made the planner walk the primary key.
func (tx *Tx) OpenByKeys(ctx context.Context, keys [][]byte) ([]core.Alert, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	return tx.lockedBy(ctx, "lock open alerts", `
		SELECT `+alertFields+`
		FROM alerts AS a
		WHERE `+tx.dialect.AmongBytes("a.open_key", 1)+`
		ORDER BY a.id + 0
		`+tx.dialect.ForUpdate(), tx.dialect.Array(keys))
}

// OpenBySummary loads and locks the newest open alert of the source with exactly that
// summary; nil if there is none.
func (tx *Tx) OpenBySummary(ctx context.Context, source core.SourceID, summary string) (*core.Alert, error) {
	return tx.first(tx.lockedBy(ctx, "lock alert by summary", `
		SELECT `+alertFields+`
		FROM alerts AS a
		WHERE a.source_id = $1
		AND a.summary_hash = $2
		AND a.summary = $3
		AND a.status < 3
		ORDER BY a.id DESC
		LIMIT 1
		`+tx.dialect.ForUpdate(), int64(source), summaryHash(summary), summary))
}

func (tx *Tx) first(alerts []core.Alert, err error) (*core.Alert, error) {
	if err != nil || len(alerts) == 0 {
		return nil, err
	}
	return &alerts[0], nil
}

// Children loads and locks the open alerts that were merged into main.
func (tx *Tx) Children(ctx context.Context, main core.AlertID) ([]core.Alert, error) {
	return tx.lockedBy(ctx, "lock merged alerts", `
		SELECT `+alertFields+`
		FROM alerts AS a
		WHERE a.merged_into = $1
		AND a.merged_into <> 0
		AND a.status < 3
		ORDER BY a.id + 0
		`+tx.dialect.ForUpdate(), int64(main))
}

// LastResolved tells when, and after how long, alerts with this key hash were resolved
// since then: newest first, at most 10. For "3rd time in 20 min".
func (tx *Tx) LastResolved(ctx context.Context, keyHash []byte, since time.Time) ([]core.Alert, error) {
	latest, err := tx.alertsBy(ctx, "load earlier alerts", `
		SELECT `+alertFields+`
		FROM alerts AS a
		WHERE a.key_hash = $1
		ORDER BY a.id DESC
		LIMIT 11`, keyHash) // one of them may be open
	var resolved []core.Alert
	for _, a := range latest {
		if !a.Open() && !a.ResolvedAt.Before(since) && len(resolved) < 10 {
			resolved = append(resolved, a)
		}
	}
	return resolved, err
}

// Gate lets one transaction at a time decide where events of these sources belong; it
// takes them in ascending order and holds them to the end of the transaction.
func (tx *Tx) Gate(ctx context.Context, sources []core.SourceID) error {
	if len(sources) == 0 {
		return nil
	}
	return tx.bulk(ctx, "wait for sources", func(ctx context.Context) error {
		return tx.dialect.Gate(ctx, tx.tx, numbers(sources))
	})
}

// AlertIDs and EventIDs draw n new ids.
func (tx *Tx) AlertIDs(ctx context.Context, n int) ([]core.AlertID, error) {
	ids, err := tx.ids(ctx, "alerts_id", n)
	return as[core.AlertID](ids), err
}

// EventIDs draws n new event ids.
func (tx *Tx) EventIDs(ctx context.Context, n int) ([]core.EventID, error) {
	ids, err := tx.ids(ctx, "events_id", n)
	return as[core.EventID](ids), err
}

func as[T ~int64](plain []int64) []T {
	ids := make([]T, len(plain))
	for i, n := range plain {
		ids[i] = T(n)
	}
	return ids
}

// AlertView is what a card or the API shows of one alert beside configuration.
type AlertView struct {
	Alert core.Alert
	First core.Event // the first event: links, images, labels, custom details
	Log   []LogRow   // the last 50, oldest first
}

// AlertView reads without locking. core.NotFound if there is none.
func (tx *Tx) AlertView(ctx context.Context, id core.AlertID) (AlertView, error) {
	a, err := tx.first(tx.alertsBy(ctx, "load alert", `
		SELECT `+alertFields+`
		FROM alerts AS a
		WHERE a.id = $1`, int64(id)))
	if err != nil {
		return AlertView{}, err
	}
	if a == nil {
		return AlertView{}, notFound("There is no alert %d.", id)
	}
	v := AlertView{Alert: *a}
	if v.First, err = tx.event(ctx, a.FirstEvent); err != nil {
		return AlertView{}, err
	}
	v.Log, err = tx.lastLog(ctx, id, 50)
	return v, err
}

// event decodes one event; one that is gone or unreadable is the zero Event, since its
// alert must be shown all the same.
func (tx *Tx) event(ctx context.Context, id core.EventID) (core.Event, error) {
	var body []byte
	ok, err := tx.one(ctx, "load event", []any{&body}, `
		SELECT body
		FROM events
		WHERE id = $1`, int64(id))
	if err != nil || !ok {
		return core.Event{}, err
	}
	var e core.Event
	if json.Unmarshal(body, &e) != nil {
		return core.Event{}, nil
	}
	return e, nil
}
