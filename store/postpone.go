package store

import (
	"context"
	"time"

	"github.com/watchbell/watchbell/core"
)

// DueSteps returns due steps of every kind, the longest overdue first, without a lock and
// without what they are about: also those whose alert cannot be read.
func (tx *Tx) DueSteps(ctx context.Context, now time.Time, n int) ([]Job, error) {
	return tx.jobsBy(ctx, "list due steps", `
		SELECT `+jobFields+`
		FROM jobs AS j
		WHERE j.lane = 'step'
		AND j.run_at <= $1
		ORDER BY j.run_at, j.id
		LIMIT $2`, Micros(now), int64(n))
}

// TakeAlertStep locks one step and its alert. ok is false if somebody else has one of
// them, or it was done or asked for again meanwhile.
func (tx *Tx) TakeAlertStep(ctx context.Context, j Job) (a core.Alert, ok bool, err error) {
	found, err := tx.takeStep(ctx, j)
	if err != nil || !found {
		return core.Alert{}, false, err
	}
	alerts, err := tx.lockedBy(ctx, "lock the alert of a step", `
		SELECT `+alertFields+`
		FROM alerts AS a
		WHERE a.id = $1
		`+tx.dialect.ForUpdate()+" "+tx.dialect.SkipLocked(), j.Subject)
	if err != nil || len(alerts) == 0 {
		return core.Alert{}, false, err
	}
	return alerts[0], true, nil
}

// takeStep locks a job. It tells whether it could, and the job is as it was.
func (tx *Tx) takeStep(ctx context.Context, j Job) (bool, error) {
	found, err := tx.jobsBy(ctx, "take a step", `
		SELECT `+jobFields+`
		FROM jobs AS j
		WHERE j.id = $1
		AND j.rev = $2
		`+tx.dialect.ForUpdate()+" "+tx.dialect.SkipLocked(), j.ID, j.Rev)
	return len(found) > 0, err
}

// Postpone moves a job that failed to its RunAt and keeps its count of tries; one that
// was asked for again meanwhile stays where that put it.
func (tx *Tx) Postpone(ctx context.Context, j Job) error {
	_, err := tx.exec(ctx, "postpone a job", `
		UPDATE jobs
		SET run_at = $1, tries = $2
		WHERE id = $3
		AND rev = $4`, Micros(j.RunAt), j.Tries, j.ID, j.Rev)
	return err
}
