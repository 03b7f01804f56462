package store

import (
	"context"
	"slices"
	"time"

	"github.com/watchbell/watchbell/core"
)

// Queue is one lane's sends to one conversation, leased by whoever holds its attempt.
type Queue struct {
	Lane    Lane
	Subject int64
	Attempt int64 // the fencing token
	Lease   time.Time
	Jobs    []Job // due, oldest first, at most 50
}

const (
	oldestJobs = 64 // how many due jobs are looked at before looking at every queue
	candidates = 32 // how many queues a claim tries, as others may take them first
)

// Claim leases the queue whose due work has waited longest. ok is false if there is none.
//
// Which queue that is, is only read, so that looking for work when there is none writes
// nothing; the lease itself is one upsert that a second claimer waits for and then misses.
func (db *DB) Claim(ctx context.Context, lane Lane, now time.Time, lease time.Duration) (q Queue, ok bool, err error) {
	queues, err := db.ClaimSome(ctx, lane, now, lease, 1)
	if err != nil || len(queues) == 0 {
		return Queue{}, false, err
	}
	return queues[0], true, nil
}

// ClaimSome is Claim for up to n queues at once, the longest waiting first: one commit
// then serves them all, where the commits of single claims would stand in a row.
func (db *DB) ClaimSome(ctx context.Context, lane Lane, now time.Time, lease time.Duration, n int) (queues []Queue, err error) {
	var free []int64
	err = db.View(ctx, func(tx *Tx) error {
		free, err = tx.freeQueues(ctx, lane, now)
		return err
	})
	if err != nil || len(free) == 0 {
		return nil, err
	}
	slices.Sort(free[:min(n, len(free))]) // all claim in one order, so that none waits in a circle
	err = db.Tx(ctx, func(tx *Tx) error {
		queues, err = tx.claim(ctx, lane, free, now, lease, n)
		return err
	})
	return queues, err
}

// freeQueues are subjects with due work and nobody at it, the longest waiting first. It
// looks at the oldest jobs; only if their queues are all busy, at every queue.
func (tx *Tx) freeQueues(ctx context.Context, lane Lane, now time.Time) ([]int64, error) {
	var free []int64
	seen := 0
	err := tx.query(ctx, "find due jobs", func(r row) error {
		var subject, lease, notBefore int64
		if err := r.Scan(&subject, &lease, &notBefore); err != nil {
			return err
		}
		seen++
		if max(lease, notBefore) <= Micros(now) && len(free) < candidates && !slices.Contains(free, subject) {
			free = append(free, subject)
		}
		return nil
	}, `
		SELECT j.subject, COALESCE(q.lease_until, 0), COALESCE(q.not_before, 0)
		FROM (
			SELECT subject, run_at, id
			FROM jobs
			WHERE lane = $1
			AND run_at <= $2
			ORDER BY run_at, id
			LIMIT $3
		) AS j
		LEFT JOIN queues AS q ON q.lane = $1 AND q.subject = j.subject
		ORDER BY j.run_at, j.id`, string(lane), Micros(now), int64(oldestJobs))
	if err != nil || len(free) > 0 || seen < oldestJobs {
		return free, err
	}
	return tx.allFreeQueues(ctx, lane, now)
}

func (tx *Tx) allFreeQueues(ctx context.Context, lane Lane, now time.Time) ([]int64, error) {
	var free []int64
	err := tx.query(ctx, "find due queues", func(r row) error {
		var subject int64
		err := r.Scan(&subject)
		free = append(free, subject)
		return err
	}, subjects+`
		SELECT subject
		FROM waiting
		WHERE due <= $2
		AND lease_until <= $2
		AND not_before <= $2
		ORDER BY due, subject
		LIMIT $3`, string(lane), Micros(now), int64(candidates))
	return free, err
}

// claim leases up to n of the queues that are still free and have work.
func (tx *Tx) claim(ctx context.Context, lane Lane, free []int64, now time.Time, lease time.Duration, n int) (queues []Queue, err error) {
	for _, subject := range free {
		if len(queues) == n {
			break
		}
		q := Queue{Lane: lane, Subject: subject, Lease: now.Add(lease)}
		ok, err := tx.lease(ctx, &q, now)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		if q.Jobs, err = tx.dueJobs(ctx, q, now); err != nil {
			return nil, err
		}
		if len(q.Jobs) > 0 {
			queues = append(queues, q)
			continue
		}
		if err := tx.release(ctx, q, time.Time{}); err != nil { // done by another meanwhile
			return nil, err
		}
	}
	return queues, nil
}

func (tx *Tx) lease(ctx context.Context, q *Queue, now time.Time) (ok bool, err error) {
	return tx.one(ctx, "lease queue", []any{&q.Attempt}, `
		INSERT INTO queues (lane, subject, lease_until, attempt, not_before)
		VALUES ($1, $2, $3, 1, 0)
		ON CONFLICT (lane, subject) DO UPDATE SET
			attempt = queues.attempt + 1,
			lease_until = excluded.lease_until
		WHERE queues.lease_until <= $4
		AND queues.not_before <= $4
		RETURNING attempt`, string(q.Lane), q.Subject, Micros(q.Lease), Micros(now))
}

func (tx *Tx) dueJobs(ctx context.Context, q Queue, now time.Time) ([]Job, error) {
	return tx.jobsBy(ctx, "load due jobs", `
		SELECT `+jobFields+`
		FROM jobs AS j
		WHERE j.lane = $1
		AND j.lane <> 'step'
		AND j.subject = $2
		AND j.run_at <= $3
		ORDER BY j.run_at, j.id
		LIMIT 50`, string(q.Lane), q.Subject, Micros(now))
}

// Hold checks and locks that the caller still has the queue; else core.Conflict, and the
// caller must drop what it did.
func (tx *Tx) Hold(ctx context.Context, q Queue) error {
	var attempt int64
	ok, err := tx.one(ctx, "hold queue", []any{&attempt}, `
		SELECT attempt
		FROM queues
		WHERE lane = $1
		AND subject = $2
		AND attempt = $3
		AND lease_until <> 0
		`+tx.dialect.ForUpdate(), string(q.Lane), q.Subject, q.Attempt)
	if err == nil && !ok {
		return lostQueue(q)
	}
	return err
}

// Done deletes the jobs of a queue the caller still holds and releases it. A job asked
// for again while it ran (its rev is higher) stays, so that it runs once more. Jobs in
// later are tried again at their RunAt with their Tries. notBefore paces the whole queue.
func (tx *Tx) Done(ctx context.Context, q Queue, done, later []Job, notBefore time.Time) error {
	if err := tx.release(ctx, q, notBefore); err != nil {
		return err
	}
	if err := tx.DeleteJobs(ctx, done); err != nil {
		return err
	}
	var rows [][]any
	for _, j := range lastOfEach(later) {
		rows = append(rows, []any{j.ID, j.Rev, Micros(j.RunAt), int64(j.Tries)})
	}
	return tx.bulk(ctx, "put jobs off", func(ctx context.Context) error {
		return tx.dialect.Update(ctx, tx.tx, "jobs", []string{"id", "rev"}, []string{"run_at", "tries"}, rows)
	})
}

func (tx *Tx) release(ctx context.Context, q Queue, notBefore time.Time) error {
	n, err := tx.exec(ctx, "release queue", `
		UPDATE queues
		SET lease_until = 0, not_before = $4
		WHERE lane = $1
		AND subject = $2
		AND attempt = $3
		AND lease_until <> 0`, string(q.Lane), q.Subject, q.Attempt, Micros(notBefore))
	if err == nil && n == 0 {
		return lostQueue(q)
	}
	return err
}

func lostQueue(q Queue) error {
	return core.Errorf(core.Conflict, "The %s queue %d is held by another worker.", q.Lane, q.Subject)
}
