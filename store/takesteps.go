package store

import (
	"context"
	"time"
)

// StepsOf returns due steps of a kind without a lock, the longest overdue first, whatever
// they are about: also what cannot be read. Whoever runs one that is not about an alert or
// a heartbeat locks what it is about, then takes the step (TakeStep). The other way round,
// it would wait in a circle with whoever changes that thing and moves its step.
func (tx *Tx) StepsOf(ctx context.Context, kind string, now time.Time, n int) ([]Job, error) {
	return tx.jobsBy(ctx, "list steps", `
		SELECT `+jobFields+`
		FROM jobs AS j
		WHERE j.lane = 'step'
		AND j.kind = $1
		AND j.run_at <= $2
		ORDER BY j.run_at, j.id
		LIMIT $3`, kind, Micros(now), int64(n))
}

// TakeStep deletes a step; ok is false if it was done or asked for again meanwhile.
func (tx *Tx) TakeStep(ctx context.Context, j Job) (ok bool, err error) {
	n, err := tx.exec(ctx, "take step", `
		DELETE FROM jobs
		WHERE id = $1
		AND rev = $2`, j.ID, j.Rev)
	return n > 0, err
}
