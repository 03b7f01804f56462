package store

import (
	"context"

	"github.com/watchbell/watchbell/core"
)

// Newest are the alerts that the grouping modes look at, of one source; those that are
// open are locked.
type Newest struct{ Open, Pending, Any *core.Alert }

// NewestOf loads them for each source.
//
// Found first and locked then, one of them may have changed between the two (a person
// resolved it). As alerts only leave the sets, never enter them, under the gate, looking
// again finds the next older one; it is done at most as often as alerts change.
func (tx *Tx) NewestOf(ctx context.Context, sources []core.SourceID) (map[core.SourceID]Newest, error) {
	found := make(map[core.SourceID]Newest, len(sources))
	for len(sources) > 0 {
		ids, err := tx.newestIDs(ctx, sources)
		if err != nil {
			return nil, err
		}
		alerts, err := tx.lockNewest(ctx, ids)
		if err != nil {
			return nil, err
		}
		var again []core.SourceID
		for _, s := range sources {
			n, ok := ids[s].newest(alerts)
			if !ok {
				again = append(again, s)
			}
			found[s] = n
		}
		sources = again
	}
	return found, nil
}

// OlderOpen loads and locks the source's newest open alert with an id below that one; only
// one in that status, if it is not 0. nil if there is none.
func (tx *Tx) OlderOpen(ctx context.Context, source core.SourceID, below core.AlertID, in core.Status) (*core.Alert, error) {
	return tx.first(tx.lockedBy(ctx, "lock an older open alert", `
		SELECT `+alertFields+`
		FROM alerts AS a
		WHERE a.source_id = $1
		AND a.id < $2
		AND a.status < 3
		AND ($3 = 0 OR a.status = $3)
		ORDER BY a.id DESC
		LIMIT 1
		`+tx.dialect.ForUpdate(), int64(source), int64(below), int64(in)))
}

type newestIDs struct{ open, pending, any core.AlertID }

func (tx *Tx) newestIDs(ctx context.Context, sources []core.SourceID) (map[core.SourceID]newestIDs, error) {
	ids := make(map[core.SourceID]newestIDs, len(sources))
	err := tx.query(ctx, "find newest alerts", func(r row) error {
		var s core.SourceID
		var n newestIDs
		err := r.Scan(&s, &n.open, &n.pending, &n.any)
		ids[s] = n
		return err
	}, `
		SELECT s.id,
			COALESCE((SELECT max(a.id) FROM alerts AS a WHERE a.source_id = s.id AND a.status < 3), 0),
			COALESCE((SELECT max(a.id) FROM alerts AS a WHERE a.source_id = s.id AND a.status < 3 AND a.status = 1), 0),
			COALESCE((SELECT max(a.id) FROM alerts AS a WHERE a.source_id = s.id), 0)
		FROM `+tx.dialect.List(1)+`
		ORDER BY s.id`, tx.dialect.Array(numbers(sources)))
	return ids, err
}

func (tx *Tx) lockNewest(ctx context.Context, of map[core.SourceID]newestIDs) (map[core.AlertID]*core.Alert, error) {
	var ids []core.AlertID
	for _, n := range of {
		for _, id := range []core.AlertID{n.open, n.pending, n.any} {
			if id != 0 {
				ids = append(ids, id)
			}
		}
	}
	alerts, err := tx.AlertsLocked(ctx, ids)
	byID := make(map[core.AlertID]*core.Alert, len(alerts))
	for i := range alerts {
		byID[alerts[i].ID] = &alerts[i]
	}
	return byID, err
}

// newest is ok if the alerts, locked by now, are still what they were found as.
func (n newestIDs) newest(alerts map[core.AlertID]*core.Alert) (found Newest, ok bool) {
	found = Newest{Open: alerts[n.open], Pending: alerts[n.pending], Any: alerts[n.any]}
	return found, (n.open == 0 || found.Open != nil && found.Open.Open()) &&
		(n.pending == 0 || found.Pending != nil && found.Pending.Status == core.Pending) &&
		(n.any == 0 || found.Any != nil)
}
