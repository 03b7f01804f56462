package store

import (
	"context"

	"github.com/watchbell/watchbell/core"
)

// TakeAlertStep locks one step and its alert. ok is false if somebody else has one of
// them, or it was done or asked for again meanwhile.
func (tx *Tx) TakeAlertStep(ctx context.Context, j Job) (a core.Alert, ok bool, err error) {
	found, err := tx.LockStep(ctx, j)
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
