package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

// lookAgain is how long after a turn to HIGH its source is looked at once more: an event
// that was decided just before the turn may be committed after it.
const lookAgain = 2 * (commitTime + askAgainTime)

// lookedOnce is the data of a step that looks once more.
const lookedOnce = "again"

// InHours tells whether the source's support hours contain now; without any, always.
func (s *Snapshot) InHours(src core.Source, now time.Time) bool {
	h, ok := s.Hours[src.SupportHours]
	return !ok || h.Compiled.Contains(now)
}

// High tells whether a source that asks its support hours makes alerts HIGH at an
// instant.
func (s *Snapshot) High(src core.Source, at time.Time) bool {
	return src.PriorityRule.HighIn(s.InHours(src, at))
}

// turnsHigh is when the source's hours turn to HIGH next; ok is false if they never do.
func (s *Snapshot) turnsHigh(src core.Source, after time.Time) (at time.Time, ok bool) {
	h, known := s.Hours[src.SupportHours]
	if !known {
		return time.Time{}, false
	}
	for at = after; ; {
		if at, ok = h.Compiled.NextEdge(at); !ok || s.High(src, at) {
			return at, ok
		}
	}
}

// armHours asks for the steps at which hours turn to HIGH, as a change of configuration
// leaves them: now, where the change itself turned them. before is how it was.
func armHours(ctx context.Context, tx *store.Tx, before, after *Snapshot, now time.Time) error {
	var set, drop []store.Job
	for _, src := range byID(after.Sources) {
		at, keep, ok := after.rearm(before, src, now)
		switch {
		case keep:
		case ok:
			set = append(set, hoursJob(src.ID, at))
		default:
			drop = append(drop, hoursJob(src.ID, at))
		}
	}
	for _, src := range byID(before.Sources) {
		if _, there := after.Sources[src.ID]; !there {
			drop = append(drop, hoursJob(src.ID, now))
		}
	}
	if err := tx.Enqueue(ctx, set); err != nil {
		return fmt.Errorf("ask for turns of support hours: %w", err)
	}
	if len(drop) == 0 {
		return nil
	}
	return tx.DropJobs(ctx, drop)
}

// rearm is when a source's step is to run after a change of configuration: keep, if the
// change did not concern it; !ok: never.
func (s *Snapshot) rearm(before *Snapshot, src core.Source, now time.Time) (at time.Time, keep, ok bool) {
	was, known := before.Sources[src.ID]
	if !src.Raises() {
		return now, !known || !was.Raises(), false
	}
	at, ok = s.turnsHigh(src, now)
	high := s.High(src, now)
	if known && was.Raises() && before.High(was, now) == high {
		then, had := before.turnsHigh(was, now)
		keep = had == ok && then.Equal(at)
	}
	if high && !keep {
		return now, false, true
	}
	return at, keep, ok
}

func hoursJob(s core.SourceID, at time.Time) store.Job {
	return store.Job{Lane: store.LaneStep, Kind: KindHours, Subject: int64(s), RunAt: at}
}

// turnHours runs the steps of sources whose hours have turned to HIGH, and returns how
// many. One that fails is put off and stops no other.
func (e *Engine) turnHours(ctx context.Context) (n int, err error) {
	ctx = context.WithoutCancel(ctx)
	var due []store.Job
	err = e.DB.View(ctx, func(tx *store.Tx) (err error) {
		due, err = tx.StepsOf(ctx, KindHours, e.Now(), stepBatch)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("look for turns of support hours: %w", err)
	}
	for _, j := range due {
		err := e.decide(ctx, func(tx *store.Tx, u *unit) error {
			ok, err := tx.LockStep(ctx, j)
			if err != nil || !ok {
				return err
			}
			return u.turn(ctx, tx, j)
		})
		switch {
		case err == nil:
			n++
		case away(err):
			return n, err
		default:
			if err := e.putOff(ctx, j, err); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

// turn raises what waits LOW at a source whose hours are HIGH now, a batch at a time, and
// asks for the next turn. A turn that was slept through, until the hours were over again,
// raises nothing: nobody is paged for what is past.
func (u *unit) turn(ctx context.Context, tx *store.Tx, j store.Job) error {
	src, known := u.snap.Sources[core.SourceID(j.Subject)]
	if !known || !src.Raises() {
		return tx.DeleteJobs(ctx, []store.Job{j})
	}
	high := u.snap.High(src, u.now)
	if high {
		full, err := u.raise(ctx, tx, src)
		if err != nil || full {
			return err // the step stays due
		}
	}
	if high && j.Data == "" {
		next := hoursJob(src.ID, u.now.Add(lookAgain))
		next.Data = lookedOnce
		return tx.Enqueue(ctx, []store.Job{next})
	}
	at, ok := u.snap.turnsHigh(src, u.now)
	if !ok {
		return tx.DeleteJobs(ctx, []store.Job{j})
	}
	return tx.Enqueue(ctx, []store.Job{hoursJob(src.ID, at)})
}

// raise makes a batch of the source's waiting LOW alerts HIGH; full tells that there may
// be more.
func (u *unit) raise(ctx context.Context, tx *store.Tx, src core.Source) (full bool, err error) {
	alerts, err := tx.WaitingLow(ctx, src.ID, stepBatch)
	if err != nil {
		return false, fmt.Errorf("load alerts that wait LOW: %w", err)
	}
	for _, a := range alerts {
		if _, err := u.apply(u.add(a), core.Raise{}, u.env(a.Source, a.Policy)); err != nil {
			return false, fmt.Errorf("raise alert %d: %w", a.ID, err)
		}
	}
	return len(alerts) == stepBatch, nil
}
