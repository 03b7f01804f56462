package store

import "context"

// Postpone moves a job that failed to its RunAt and keeps its count of tries; one that
// was asked for again meanwhile stays where that put it.
func (tx *Tx) Postpone(ctx context.Context, j Job) error {
	_, err := tx.exec(ctx, "postpone a job", `
		UPDATE jobs SET run_at = $1, tries = $2 WHERE id = $3 AND rev = $4`,
		Micros(j.RunAt), j.Tries, j.ID, j.Rev)
	return err
}
