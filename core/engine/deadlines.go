package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

// watchAgain is how soon a deadline that has passed is looked at again, if nobody has said
// yet that the time until then was watched.
const watchAgain = 500 * time.Millisecond

// heartbeatSteps runs up to limit due steps of heartbeats and returns how many: each looks
// whether a beat came since it was armed, and is armed anew or raises an alert.
func (e *Engine) heartbeatSteps(ctx context.Context, limit int) (n int, err error) {
	ctx = context.WithoutCancel(ctx)
	err = e.decide(ctx, func(tx *store.Tx, u *unit) error {
		jobs, vitals, err := tx.TakeHeartbeatSteps(ctx, u.now, limit)
		if err != nil {
			return fmt.Errorf("take heartbeats' steps: %w", err)
		}
		if n = len(jobs); n == 0 {
			return nil
		}
		if err := e.judge(ctx, tx, u, vitals); err != nil {
			return err
		}
		return tx.DeleteJobs(ctx, jobs)
	})
	if err != nil {
		return 0, err
	}
	e.stats.Steps.Add(int64(n))
	return n, nil
}

// heartbeatStepAlone is one step by itself, after a batch failed.
func (e *Engine) heartbeatStepAlone(ctx context.Context, j store.Job) error {
	ctx = context.WithoutCancel(ctx)
	return e.decide(ctx, func(tx *store.Tx, u *unit) error {
		v, ok, err := tx.TakeHeartbeatStep(ctx, j)
		if err != nil || !ok {
			return err
		}
		if err := e.judge(ctx, tx, u, []core.Vitals{v}); err != nil {
			return err
		}
		return tx.DeleteJobs(ctx, []store.Job{j})
	})
}

// judge looks at heartbeats whose steps are due. What counts is not the time now but until
// when somebody is known to have watched: after a stop that is before the stop, until the
// gap is recorded, so that nothing is overdue because of it.
func (e *Engine) judge(ctx context.Context, tx *store.Tx, u *unit, all []core.Vitals) error {
	if from := e.beats.blindSince(); !from.IsZero() {
		if err := tx.RecordBlind(ctx, store.Interval{From: from, Until: u.now}); err != nil {
			return fmt.Errorf("record blind time: %w", err)
		}
		u.done = append(u.done, func() { e.beats.sees(from) })
	}
	seen, err := tx.SeenAt(ctx)
	if err != nil {
		return fmt.Errorf("read when somebody watched: %w", err)
	}
	blind, err := tx.Blind(ctx, oldest(all))
	if err != nil {
		return fmt.Errorf("read blind time: %w", err)
	}
	var missed []core.Vitals
	var alarms []core.Alarm
	for _, v := range all {
		h, ok := u.snap.Heartbeats[v.Heartbeat]
		if !ok || !v.Timed() {
			continue
		}
		expected, deadline := core.Deadline(v.Since, h.Next, h.Grace, blind)
		switch {
		case deadline.IsZero():
		case deadline.After(u.now):
			u.jobs = append(u.jobs, heartbeatJob(h.ID, deadline))
		case deadline.After(seen):
			u.jobs = append(u.jobs, heartbeatJob(h.ID, u.now.Add(watchAgain)))
		default:
			v, alarm := h.Miss(v, expected, u.now)
			missed = append(missed, v)
			alarms = appendAlarm(alarms, alarm)
		}
	}
	if err := tx.SaveVitals(ctx, missed); err != nil {
		return fmt.Errorf("save vitals: %w", err)
	}
	for _, v := range missed {
		u.done = append(u.done, func() { e.beats.know(v, u.now) })
	}
	return e.alarm(ctx, tx, u, alarms)
}

// oldest is since when blind time matters to any of them.
func oldest(all []core.Vitals) time.Time {
	first := all[0].Since
	for _, v := range all {
		if v.Since.Before(first) {
			first = v.Since
		}
	}
	return first
}

func appendAlarm(alarms []core.Alarm, a *core.Alarm) []core.Alarm {
	if a == nil {
		return alarms
	}
	return append(alarms, *a)
}

// alarm takes alarms in as events of their sources, in the unit's own transaction: a
// heartbeat is never overdue without its alert.
func (e *Engine) alarm(ctx context.Context, tx *store.Tx, u *unit, alarms []core.Alarm) error {
	if len(alarms) == 0 {
		return nil
	}
	batch := make([]*request, len(alarms))
	for i, a := range alarms {
		batch[i] = newRequest(Request{Source: a.Source, Events: []core.Event{a.Event}})
	}
	in, err := e.take(ctx, tx, u, batch)
	if err != nil {
		return fmt.Errorf("raise alerts of heartbeats: %w", err)
	}
	u.done = append(u.done, func() { e.stats.outcomes(in.rows) })
	return nil
}

// Vitals are those of every heartbeat, by id.
func (e *Engine) Vitals(ctx context.Context) (all map[core.HeartbeatID]core.Vitals, err error) {
	err = e.DB.View(ctx, func(tx *store.Tx) (err error) {
		all, err = tx.AllVitals(ctx)
		return err
	})
	return all, err
}
