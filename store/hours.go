package store

import (
	"context"

	"github.com/watchbell/watchbell/core"
)

// LockStep locks a step to the end of the transaction. ok is false if somebody else has
// it, or it was done or asked for again meanwhile.
func (tx *Tx) LockStep(ctx context.Context, j Job) (ok bool, err error) {
	found, err := tx.jobsBy(ctx, "take a step of a kind", `
		SELECT `+jobFields+`
		FROM jobs AS j
		WHERE j.id = $1
		AND j.rev = $2
		`+tx.dialect.ForUpdate()+" "+tx.dialect.SkipLocked(), j.ID, j.Rev)
	return len(found) == 1, err
}

// WaitingLow loads and locks up to n alerts of the source that are PENDING, LOW and no
// part of another, by ascending id.
func (tx *Tx) WaitingLow(ctx context.Context, source core.SourceID, n int) ([]core.Alert, error) {
	return tx.lockedBy(ctx, "lock waiting LOW alerts", `
		SELECT `+alertFields+`
		FROM alerts AS a
		WHERE a.source_id = $1
		AND a.status < 3
		AND a.status = $2
		AND a.priority = $3
		AND a.merged_into = 0
		ORDER BY a.id
		LIMIT $4
		`+tx.dialect.ForUpdate(), int64(source), int64(core.Pending), int64(core.Low), int64(n))
}
