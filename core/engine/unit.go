package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

// unit is what one transaction does to alerts: each is loaded once, changed by Apply any
// number of times in memory, and written once, in bulk. It never outlives its
// transaction.
type unit struct {
	snap  *Snapshot
	now   time.Time
	works []*work // in the order in which they came
	envs  map[envKey]core.Env
	woken map[store.Lane]time.Time // lanes that got work, and when the first of it is due

	jobs    []store.Job                     // asked for beside those of alerts
	finally func(ctx context.Context) error // what is written once births have their ids
	done    []func()                        // what is to be remembered in memory after the commit
	once    string                          // of its audit line

	rearranges bool  // it changes a calendar
	raised     int64 // by how much it raised the version of the configuration it decides with
}

// work is one alert in a unit.
type work struct {
	alert   core.Alert
	before  core.Alert // as it was loaded; zero for a birth
	born    bool
	changed bool
	log     []core.Entry
	pages   []core.Page
	show    bool
	showAt  time.Time     // the earliest that was asked for; zero: at once
	snooze  *store.Snooze // what the snooze of its key becomes; nil: what it is
	freed   bool          // it is resolved, and so is what was merged into it
	rearm   bool          // its timer was taken: it needs one again even if nothing changed
}

type envKey struct {
	source core.SourceID
	policy core.PolicyID
}

func newUnit(snap *Snapshot, now time.Time) *unit {
	return &unit{snap: snap, now: now, envs: map[envKey]core.Env{}, woken: map[store.Lane]time.Time{}}
}

// add takes a loaded and locked alert into the unit.
func (u *unit) add(a core.Alert) *work {
	w := &work{alert: a, before: a}
	u.works = append(u.works, w)
	return w
}

// find is the work of an alert that the unit has, nil if it has not.
func (u *unit) find(id core.AlertID) *work {
	for _, w := range u.works {
		if w.alert.ID == id && id != 0 {
			return w
		}
	}
	return nil
}

// birth takes an alert that does not exist yet; its first Apply makes it.
func (u *unit) birth() *work {
	w := &work{born: true}
	u.works = append(u.works, w)
	return w
}

// env is the world at the unit's now for an alert of this source and policy; computed
// once for each.
func (u *unit) env(source core.SourceID, policy core.PolicyID) core.Env {
	src := u.snap.source(source)
	k := envKey{source, cmp.Or(policy, src.Policy)}
	env, ok := u.envs[k]
	if !ok {
		env = u.snap.env(src, k.policy, u.now)
		u.envs[k] = env
	}
	return env
}

// apply changes an alert through core and remembers what the decision wants.
func (u *unit) apply(w *work, in core.Input, env core.Env) (core.Decision, error) {
	d, err := core.Apply(w.alert, in, env)
	if err != nil {
		return d, err
	}
	if !d.Changed {
		return d, nil
	}
	// A key's snooze ends with the alert's only if somebody or something woke it: it
	// outlives the alert, and what is merged does not wake.
	if w.alert.Status != 0 && d.Alert.Open() && d.Alert.MergedInto == 0 && !d.Alert.SnoozedUntil.Equal(w.alert.SnoozedUntil) {
		w.snooze = &store.Snooze{Until: d.Alert.SnoozedUntil, By: d.Alert.SnoozedBy, Severity: d.Alert.Severity}
	}
	w.alert, w.changed = d.Alert, true
	w.log = append(w.log, d.Log...)
	for _, f := range d.Effects {
		switch f := f.(type) {
		case core.Page:
			w.pages = append(w.pages, f)
		case core.Show:
			if !w.show || f.NotBefore.Before(w.showAt) {
				w.showAt = f.NotBefore
			}
			w.show = true
		}
	}
	return d, nil
}

// save writes everything in bulk: alerts, log, snoozes by key, jobs. Alerts come before
// jobs, which is the order everybody locks in; updates before births, which may take the
// key of an alert that the unit resolved.
func (u *unit) save(ctx context.Context, tx *store.Tx) error {
	for _, w := range slices.Clone(u.works) {
		if err := u.resolveChildren(ctx, tx, w); err != nil {
			return err
		}
	}
	births, updates, err := u.changed(ctx, tx)
	if err != nil {
		return err
	}
	if err := tx.UpdateAlerts(ctx, updates); err != nil {
		return fmt.Errorf("update alerts: %w", err)
	}
	if err := tx.InsertAlerts(ctx, births); err != nil {
		return fmt.Errorf("insert alerts: %w", err)
	}
	if err := tx.InsertLog(ctx, u.logRows()); err != nil {
		return fmt.Errorf("insert log: %w", err)
	}
	if err := u.saveSnoozes(ctx, tx); err != nil {
		return err
	}
	if err := u.saveJobs(ctx, tx); err != nil {
		return err
	}
	if u.finally == nil {
		return nil
	}
	return u.finally(ctx)
}

// changed gives births their ids and sorts the works into what is inserted and updated.
func (u *unit) changed(ctx context.Context, tx *store.Tx) (births, updates []core.Alert, err error) {
	n := 0
	for _, w := range u.works {
		if w.born && w.changed {
			n++
		}
	}
	var ids []core.AlertID
	if n > 0 {
		if ids, err = tx.AlertIDs(ctx, n); err != nil {
			return nil, nil, fmt.Errorf("draw alert ids: %w", err)
		}
	}
	for _, w := range u.works {
		switch {
		case !w.changed:
		case w.born:
			w.alert.ID, ids = ids[0], ids[1:]
			births = append(births, w.alert)
		default:
			updates = append(updates, w.alert)
		}
	}
	slices.SortFunc(updates, func(a, b core.Alert) int { return cmp.Compare(a.ID, b.ID) })
	return births, updates, nil
}

// resolveChildren resolves the alerts that were merged into one that was just resolved:
// at once, so that what follows in the same batch does not join one of them.
func (u *unit) resolveChildren(ctx context.Context, tx *store.Tx, w *work) error {
	if !w.alert.Main || w.alert.Status != core.Resolved || w.before.Status == core.Resolved || w.freed {
		return nil
	}
	w.freed = true
	children, err := tx.Children(ctx, w.alert.ID)
	if err != nil {
		return fmt.Errorf("load merged alerts: %w", err)
	}
	for _, c := range children {
		child := u.find(c.ID)
		if child == nil {
			child = u.add(c)
		}
		if _, err := u.apply(child, core.MainResolved{By: w.alert.ResolvedBy}, u.env(c.Source, c.Policy)); err != nil {
			return fmt.Errorf("resolve merged alert %d: %w", c.ID, err)
		}
	}
	return nil
}

func (u *unit) logRows() []store.LogRow {
	var rows []store.LogRow
	for _, w := range u.works {
		seq := w.alert.Seq - int64(len(w.log))
		for i, entry := range w.log {
			rows = append(rows, store.LogRow{Alert: w.alert.ID, Seq: seq + int64(i) + 1, At: u.now, Entry: entry})
		}
	}
	return rows
}

// saveSnoozes keeps the snooze of (source, key) beside the alert's own, so that an alert
// born later with the same key is born snoozed.
func (u *unit) saveSnoozes(ctx context.Context, tx *store.Tx) error {
	for _, w := range u.works {
		key := core.OpenKey(w.alert.Source, w.alert.Key)
		if w.snooze == nil || key == nil {
			continue
		}
		if err := tx.SetSnooze(ctx, key, *w.snooze); err != nil {
			return fmt.Errorf("set snooze: %w", err)
		}
	}
	return nil
}

// saveJobs turns timers and effects into jobs.
func (u *unit) saveJobs(ctx context.Context, tx *store.Tx) error {
	shown, err := u.shownIn(ctx, tx)
	if err != nil {
		return err
	}
	var set, drop []store.Job
	for _, w := range u.works {
		timer, ask := u.timer(w)
		switch {
		case ask:
			set = append(set, timer)
		case w.changed && w.alert.NextAt.IsZero() && !w.before.NextAt.IsZero():
			drop = append(drop, timer)
		}
		if !w.changed {
			continue
		}
		set = append(set, u.pageJobs(w)...)
		set = append(set, u.cardJobs(w, shown[w.alert.ID])...)
	}
	set = append(set, u.jobs...)
	for _, j := range set {
		if at, ok := u.woken[j.Lane]; !ok || j.RunAt.Before(at) {
			u.woken[j.Lane] = j.RunAt
		}
	}
	if err := tx.Enqueue(ctx, set); err != nil {
		return fmt.Errorf("enqueue jobs: %w", err)
	}
	if len(drop) == 0 {
		return nil
	}
	if err := tx.DropJobs(ctx, drop); err != nil {
		return fmt.Errorf("drop timers: %w", err)
	}
	return nil
}

// noProgress is how long a timer waits that changed nothing when it ran: it must not be
// lost, and must not run without end.
const noProgress = time.Second

// timer is the alert's timer, and whether to ask for it.
func (u *unit) timer(w *work) (j store.Job, ask bool) {
	j = timerJob(w.alert)
	switch {
	case w.alert.NextAt.IsZero():
		return j, false
	case w.changed && w.alert.Epoch != w.before.Epoch:
		return j, true
	case w.rearm && j.RunAt.Before(u.now.Add(noProgress)):
		j.RunAt = u.now.Add(noProgress)
	}
	return j, w.rearm
}

func timerJob(a core.Alert) store.Job {
	return store.Job{Lane: store.LaneStep, Kind: KindAlert, Subject: int64(a.ID), RunAt: a.NextAt,
		Data: strconv.FormatInt(a.Epoch, 10)}
}

func (u *unit) pageJobs(w *work) []store.Job {
	var jobs []store.Job
	for _, p := range w.pages {
		for _, platform := range p.By {
			if c, ok := u.snap.Direct(p.User, platform); ok {
				jobs = append(jobs, store.Job{Lane: store.LanePage, Kind: KindPage, Subject: int64(c.ID),
					Arg: PageArg(w.alert.ID, p.N), RunAt: u.now})
			}
		}
	}
	return jobs
}

// cardJobs asks every conversation that shows the alert, or shall, to show it as it is:
// those of its source, and those that have a post of it already.
func (u *unit) cardJobs(w *work, shown []core.ConversationID) []store.Job {
	if !w.show {
		return nil
	}
	in := slices.Clone(u.snap.Sources[w.alert.Source].Conversations)
	for _, c := range shown {
		if !slices.Contains(in, c) {
			in = append(in, c)
		}
	}
	at := u.now
	if w.showAt.After(at) {
		at = w.showAt
	}
	jobs := make([]store.Job, len(in))
	for i, c := range in {
		jobs[i] = store.Job{Lane: store.LaneSync, Kind: KindCard, Subject: int64(c), Arg: int64(w.alert.ID), RunAt: at}
	}
	return jobs
}

// shownIn is where the unit's alerts that ask to be shown have posts: asked once for all.
func (u *unit) shownIn(ctx context.Context, tx *store.Tx) (map[core.AlertID][]core.ConversationID, error) {
	var ids []core.AlertID
	for _, w := range u.works {
		if w.show && !w.born {
			ids = append(ids, w.alert.ID)
		}
	}
	shown, err := tx.ShownIn(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("load posts: %w", err)
	}
	return shown, nil
}
