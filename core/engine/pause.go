package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

// maxPause is how long a heartbeat may be quiet: who means for ever deletes it.
const maxPause = 366 * 24 * time.Hour

// HeartbeatCommand is what somebody wants done to a heartbeat.
type HeartbeatCommand struct {
	Heartbeat core.HeartbeatID
	By        core.UserID // who; their rights are checked. core.AdminKey may all
	Actor     string      // for the audit, as in Command
	Once      string      // the interaction's id: the same one acts once
}

// PauseHeartbeat keeps a heartbeat quiet until then, and resolves the alert that says it
// is missing: it is raised anew if no beat comes after the pause. It returns after the
// commit.
func (e *Engine) PauseHeartbeat(ctx context.Context, c HeartbeatCommand, until time.Time) (core.Vitals, error) {
	return e.changeVitals(ctx, c, "pause", func(h Heartbeat, v core.Vitals, now time.Time) (core.Vitals, *core.Alarm, error) {
		if !until.After(now) || until.Sub(now) > maxPause {
			return v, nil, core.Errorf(core.Invalid, "A heartbeat is paused until a time in the coming year.")
		}
		v, alarm := h.Pause(v, until)
		return v, alarm, nil
	})
}

// ResumeHeartbeat ends a pause. One that is not paused is core.Conflict.
func (e *Engine) ResumeHeartbeat(ctx context.Context, c HeartbeatCommand) (core.Vitals, error) {
	return e.changeVitals(ctx, c, "resume", func(h Heartbeat, v core.Vitals, now time.Time) (core.Vitals, *core.Alarm, error) {
		if !v.Paused(now) {
			return v, nil, core.Errorf(core.Conflict, "%s is not paused", h.Name)
		}
		return h.Resume(v, now), nil, nil
	})
}

type vitalsChange func(h Heartbeat, v core.Vitals, now time.Time) (core.Vitals, *core.Alarm, error)

// changeVitals runs a verb about a heartbeat in one transaction with its audit line. The
// same interaction again changes nothing.
func (e *Engine) changeVitals(ctx context.Context, c HeartbeatCommand, action string, change vitalsChange) (v core.Vitals, err error) {
	err = e.decide(ctx, func(tx *store.Tx, u *unit) error {
		h, ok := u.snap.Heartbeats[c.Heartbeat]
		if !ok {
			return core.Errorf(core.NotFound, "There is no heartbeat monitor %d.", c.Heartbeat)
		}
		if c.By > 0 {
			if err := core.May(u.snap.Viewer(c.By), core.OpHandle, u.snap.Owners(h.Teams...)...); err != nil {
				return err
			}
		}
		line := store.AuditLine{At: u.now, Actor: c.Actor, Action: action, Object: fmt.Sprintf("heartbeat:%d", h.ID), Once: c.Once}
		handled := tx.Audit(ctx, line)
		if handled != nil && core.KindOf(handled) != core.Conflict {
			return handled
		}
		before, err := lockedVitals(ctx, tx, h.ID)
		if v = before; err != nil || handled != nil {
			return err // handled before: nothing but to say how it is
		}
		after, alarm, err := change(h, before, u.now)
		if err != nil {
			return err
		}
		v = after
		if _, deadline := h.Expected(after); after.Timed() && !deadline.IsZero() {
			u.jobs = append(u.jobs, heartbeatJob(h.ID, deadline))
		}
		if err := e.saveVitals(ctx, tx, u, map[core.HeartbeatID]core.Vitals{h.ID: after}); err != nil {
			return err
		}
		return e.alarm(ctx, tx, u, appendAlarm(nil, alarm))
	})
	return v, err
}

func lockedVitals(ctx context.Context, tx *store.Tx, id core.HeartbeatID) (core.Vitals, error) {
	all, err := tx.VitalsLocked(ctx, []core.HeartbeatID{id})
	if err != nil {
		return core.Vitals{}, err
	}
	v, ok := all[id]
	if !ok {
		return v, core.Errorf(core.NotFound, "There is no heartbeat monitor %d.", id)
	}
	return v, nil
}
