package store

import (
	"context"
	"slices"
	"time"

	"github.com/watchbell/watchbell/core"
)

// TakeAlertSteps returns due jobs of kind "alert" with their alerts locked; alerts locked
// by others are left for later. At most n, the longest overdue first; each alert once.
//
// Neither lock is waited for, so it does not matter that jobs are locked before alerts
// here. Whoever changes both waits for the job while holding the alert, which is then
// left for later: what is returned belongs together.
func (tx *Tx) TakeAlertSteps(ctx context.Context, now time.Time, n int) ([]Job, []core.Alert, error) {
	due, err := tx.dueSteps(ctx, now, n)
	if err != nil || len(due) == 0 {
		return nil, nil, err
	}
	free, err := tx.lockFree(ctx, subjectsOf(due))
	if err != nil {
		return nil, nil, err
	}
	var jobs []Job
	var alerts []core.Alert
	var left []Job
	seen := make(map[core.AlertID]bool)
	for _, j := range due {
		id := core.AlertID(j.Subject)
		a, ok := free[id]
		if !ok {
			left = append(left, j)
			continue
		}
		jobs = append(jobs, j)
		if !seen[id] {
			seen[id], alerts = true, append(alerts, a)
		}
	}
	return jobs, alerts, tx.dropOrphans(ctx, left)
}

// dueSteps locks due steps of alerts that nobody else has.
func (tx *Tx) dueSteps(ctx context.Context, now time.Time, n int) ([]Job, error) {
	return tx.jobsBy(ctx, "take steps", `
		SELECT `+jobFields+`
		FROM jobs AS j
		WHERE j.lane = 'step'
		AND j.kind = 'alert'
		AND j.run_at <= $1
		ORDER BY j.run_at, j.id
		LIMIT $2
		`+tx.dialect.ForUpdate()+" "+tx.dialect.SkipLocked(), Micros(now), int64(n))
}

// lockFree locks those of the alerts that nobody else has.
func (tx *Tx) lockFree(ctx context.Context, ids []core.AlertID) (map[core.AlertID]core.Alert, error) {
	alerts, err := tx.lockedBy(ctx, "lock alerts of steps", `
		SELECT `+alertFields+`
		FROM alerts AS a
		WHERE `+tx.dialect.Among("a.id", 1)+`
		ORDER BY a.id + 0
		`+tx.dialect.ForUpdate()+" "+tx.dialect.SkipLocked(), tx.dialect.Array(numbers(ids)))
	free := make(map[core.AlertID]core.Alert, len(alerts))
	for _, a := range alerts {
		free[a.ID] = a
	}
	return free, err
}

// dropOrphans deletes those of the steps whose alerts are no more: they can never be
// taken, and would be the next thing due for ever. (The rev is asked for so that the
// planner cannot walk an index that happens to hold all the ids.)
func (tx *Tx) dropOrphans(ctx context.Context, steps []Job) error {
	if len(steps) == 0 {
		return nil
	}
	there := make(map[int64]bool)
	err := tx.query(ctx, "look for alerts of steps", func(r row) error {
		var id, rev int64
		err := r.Scan(&id, &rev)
		there[id] = true
		return err
	}, `
		SELECT a.id, a.rev
		FROM alerts AS a
		WHERE `+tx.dialect.Among("a.id", 1), tx.dialect.Array(numbers(subjectsOf(steps))))
	if err != nil {
		return err
	}
	return tx.DeleteJobs(ctx, slices.DeleteFunc(steps, func(j Job) bool { return there[j.Subject] }))
}

func subjectsOf(steps []Job) []core.AlertID {
	ids := make([]core.AlertID, len(steps))
	for i, j := range steps {
		ids[i] = core.AlertID(j.Subject)
	}
	return ids
}
