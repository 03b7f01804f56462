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

// newest are the alerts behind store.Newest, of one source.
type newest struct {
	open, pending group
	any           *work
}

// group is the newest alert of a source that is open, or pending, as the batch leaves it.
type group struct {
	work  *work        // nil: none
	below core.AlertID // older ones have lower ids; 0: there are none in the database
	in    core.Status  // what is looked for: Pending; 0 is open
}

func (g *group) has(w *work) bool {
	return w.alert.Open() && (g.in == 0 || w.alert.Status == g.in)
}

// choice is what Route chooses from, and the works behind it.
type choice struct {
	core.OpenAlerts
	works []*work
}

// offer adds an alert to the choice; nil offers none.
func (c *choice) offer(w *work) *core.Alert {
	if w == nil {
		return nil
	}
	c.works = append(c.works, w)
	return &w.alert
}

// work is the work of the alert that Route chose.
func (c *choice) work(a *core.Alert) *work {
	for _, w := range c.works {
		if a == &w.alert {
			return w
		}
	}
	return nil
}

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
		o.newest[id] = &newest{open: o.group(r.Open, 0), pending: o.group(r.Pending, core.Pending), any: o.known(r.Any)}
	}
	return nil
}

func (o *openAlerts) group(a *core.Alert, in core.Status) group {
	g := group{work: o.known(a), in: in}
	if a != nil {
		g.below = a.ID
	}
	return g
}

// known finds the work of an alert, or takes it into the unit: never twice.
func (o *openAlerts) known(a *core.Alert) *work {
	if a == nil {
		return nil
	}
	if w := o.u.find(a.ID); w != nil {
		return w
	}
	return o.u.add(*a)
}

// candidates are the alerts that the event may belong to.
func (o *openAlerts) candidates(ctx context.Context, tx *store.Tx, src core.Source, ev core.Event) (c choice, err error) {
	if w := o.byKey[string(core.OpenKey(src.ID, ev.Key))]; w != nil && w.alert.Open() {
		c.ByKey = c.offer(w)
	}
	if c.ByKey != nil || ev.Type != core.EventAlert {
		return c, nil // nothing else is asked for
	}
	if n := o.newest[src.ID]; n != nil {
		for _, g := range []*group{&n.open, &n.pending} {
			if err := o.look(ctx, tx, src.ID, g); err != nil {
				return c, err
			}
		}
		c.Open, c.Pending, c.Any = c.offer(n.open.work), c.offer(n.pending.work), c.offer(n.any)
	}
	if src.Creation == core.EachSubject {
		w, err := o.bySummary(ctx, tx, src.ID, ev.Summary)
		c.BySummary = c.offer(w)
		return c, err
	}
	return c, nil
}

// look makes a group true again after the batch took its alert out of it: the newest
// that the batch made, else the next older one in the database.
func (o *openAlerts) look(ctx context.Context, tx *store.Tx, src core.SourceID, g *group) error {
	if g.work != nil && g.has(g.work) {
		return nil
	}
	g.work = nil
	for i := len(o.u.works) - 1; i >= 0; i-- {
		if w := o.u.works[i]; w.born && w.alert.Source == src && g.has(w) {
			g.work = w
			return nil
		}
	}
	for g.below != 0 {
		a, err := tx.OlderOpen(ctx, src, g.below, g.in)
		if err != nil {
			return fmt.Errorf("load an older open alert: %w", err)
		}
		if a == nil {
			g.below = 0
			return nil
		}
		g.below = a.ID
		if w := o.known(a); g.has(w) {
			g.work = w
			return nil
		}
	}
	return nil
}

// bySummary is the newest open alert of the source with that summary.
func (o *openAlerts) bySummary(ctx context.Context, tx *store.Tx, src core.SourceID, summary string) (*work, error) {
	for i := len(o.u.works) - 1; i >= 0; i-- {
		if w := o.u.works[i]; w.alert.Source == src && w.alert.Open() && w.alert.Summary == summary {
			return w, nil
		}
	}
	a, err := tx.OpenBySummary(ctx, src, summary)
	if err != nil {
		return nil, fmt.Errorf("load the open alert with that summary: %w", err)
	}
	if a == nil || o.u.find(a.ID) != nil { // else it is ours already, and no longer open
		return nil, nil
	}
	return o.u.add(*a), nil
}

// learn keeps the candidates true after an event changed or made an alert.
func (o *openAlerts) learn(src core.Source, w *work) {
	if k := core.OpenKey(src.ID, w.alert.Key); k != nil && w.alert.Open() {
		o.byKey[string(k)] = w
		if w.snooze != nil {
			o.snoozes[string(k)] = *w.snooze
		}
	}
	if !grouped(src.Creation) || !w.born {
		return
	}
	n := o.newest[src.ID]
	if n == nil {
		n = &newest{open: group{}, pending: group{in: core.Pending}}
		o.newest[src.ID] = n
	}
	n.any = w
	for _, g := range []*group{&n.open, &n.pending} {
		if g.has(w) {
			g.work = w
		}
	}
}
