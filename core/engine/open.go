package engine

import (
	"context"
	"fmt"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

// openAlerts are the alerts that a batch's events may belong to: loaded and locked once,
// then kept true as events of the batch change them or make new ones.
type openAlerts struct {
	u       *unit
	byKey   map[string]*work
	newest  map[core.SourceID]*newest
	snoozes map[string]store.Snooze
}

// newest are the works behind store.Newest.
type newest struct{ open, pending, any *work }

// loadOpen takes the gates of the batch's sources, which makes every grouping decision of
// a source a sequential one however many replicas there are, and then reads: in this
// order, so that it sees what it waited for.
func (e *Engine) loadOpen(ctx context.Context, tx *store.Tx, u *unit, batch []*request) (*openAlerts, error) {
	var gates, moded []core.SourceID
	var keys [][]byte
	seenSource, seenKey := map[core.SourceID]bool{}, map[string]bool{}
	for _, r := range batch {
		src := u.snap.Sources[r.Source]
		if !seenSource[r.Source] {
			seenSource[r.Source] = true
			gates = append(gates, r.Source)
			if grouped(src.Creation) {
				moded = append(moded, r.Source)
			}
		}
		for _, ev := range r.Events {
			if k := core.OpenKey(r.Source, ev.Key); k != nil && !seenKey[string(k)] {
				seenKey[string(k)] = true
				keys = append(keys, k)
			}
		}
	}
	o := &openAlerts{u: u, byKey: map[string]*work{}, newest: map[core.SourceID]*newest{}}
	if err := tx.Gate(ctx, gates); err != nil {
		return nil, fmt.Errorf("take the gates: %w", err)
	}
	return o, o.load(ctx, tx, keys, moded)
}

func grouped(c core.Creation) bool {
	return c == core.OnePending || c == core.OneOpen || c == core.PerWindow
}

func (o *openAlerts) load(ctx context.Context, tx *store.Tx, keys [][]byte, moded []core.SourceID) error {
	alerts, err := tx.OpenByKeys(ctx, keys)
	if err != nil {
		return fmt.Errorf("load open alerts: %w", err)
	}
	for _, a := range alerts {
		o.byKey[string(core.OpenKey(a.Source, a.Key))] = o.u.add(a)
	}
	if o.snoozes, err = tx.Snoozes(ctx, keys, o.u.now); err != nil {
		return fmt.Errorf("load snoozes: %w", err)
	}
	if len(moded) == 0 {
		return nil
	}
	rows, err := tx.NewestOf(ctx, moded)
	if err != nil {
		return fmt.Errorf("load newest alerts: %w", err)
	}
	for id, r := range rows {
		o.newest[id] = &newest{open: o.known(r.Open), pending: o.known(r.Pending), any: o.known(r.Any)}
	}
	return nil
}

// known finds the work of an alert, or takes it into the unit: never twice.
func (o *openAlerts) known(a *core.Alert) *work {
	if a == nil {
		return nil
	}
	if w := o.work(a); w != nil {
		return w
	}
	return o.u.add(*a)
}

// work finds the work of an alert that Route chose.
func (o *openAlerts) work(a *core.Alert) *work {
	if a == nil {
		return nil
	}
	for _, w := range o.u.works {
		if a == &w.alert || (a.ID != 0 && w.alert.ID == a.ID) {
			return w
		}
	}
	return nil
}

func (o *openAlerts) candidates(ctx context.Context, tx *store.Tx, src core.Source, ev core.Event) (core.OpenAlerts, error) {
	var c core.OpenAlerts
	if k := core.OpenKey(src.ID, ev.Key); k != nil {
		c.ByKey = alertOf(o.byKey[string(k)], core.Alert.Open)
	}
	if n := o.newest[src.ID]; n != nil {
		c.Open = alertOf(n.open, core.Alert.Open)
		c.Pending = alertOf(n.pending, func(a core.Alert) bool { return a.Status == core.Pending })
		c.Any = alertOf(n.any, func(core.Alert) bool { return true })
	}
	if src.Creation != core.EachSubject || c.ByKey != nil || ev.Type != core.EventAlert {
		return c, nil
	}
	for i := len(o.u.works) - 1; i >= 0; i-- {
		if a := &o.u.works[i].alert; a.Source == src.ID && a.Open() && a.Summary == ev.Summary {
			c.BySummary = a
			return c, nil
		}
	}
	a, err := tx.OpenBySummary(ctx, src.ID, ev.Summary)
	if err != nil {
		return c, fmt.Errorf("load the open alert with that summary: %w", err)
	}
	if a != nil && o.work(a) == nil { // else it is ours already, and no longer open
		c.BySummary = &o.known(a).alert
	}
	return c, nil
}

func alertOf(w *work, still func(core.Alert) bool) *core.Alert {
	if w == nil || !still(w.alert) {
		return nil
	}
	return &w.alert
}

// learn keeps the candidates true after an event changed or made an alert.
func (o *openAlerts) learn(src core.Source, w *work) {
	if k := core.OpenKey(src.ID, w.alert.Key); k != nil && w.alert.Open() {
		o.byKey[string(k)] = w
	}
	if !grouped(src.Creation) || !w.born {
		return
	}
	n := o.newest[src.ID]
	if n == nil {
		n = &newest{}
		o.newest[src.ID] = n
	}
	n.any = w
	if w.alert.Open() {
		n.open = w
	}
	if w.alert.Status == core.Pending {
		n.pending = w
	}
}
