package store

import (
	"context"
	"time"
)

// TakeSteps locks due steps of a kind that nobody else has, the longest overdue first. It
// is for steps that are not about alerts; what they are about, the caller locks.
func (tx *Tx) TakeSteps(ctx context.Context, kind string, now time.Time, n int) ([]Job, error) {
	return tx.jobsBy(ctx, "take steps", `
		SELECT `+jobFields+`
		FROM jobs AS j
		WHERE j.lane = 'step'
		AND j.kind = $1
		AND j.run_at <= $2
		ORDER BY j.run_at, j.id
		LIMIT $3
		`+tx.dialect.ForUpdate()+" "+tx.dialect.SkipLocked(), kind, Micros(now), int64(n))
}
