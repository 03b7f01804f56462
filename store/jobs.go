package store

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// Lane separates kinds of work that must not delay each other.
type Lane string

const (
	LaneStep  Lane = "step"  // database work: taken, applied and deleted in one transaction
	LanePage  Lane = "page"  // sends to one person
	LaneSync  Lane = "sync"  // cards brought to their present state
	LaneHouse Lane = "house" // the rest
)

// Job is work for later, identified by kind, subject and arg: asking again moves it (a
// step exactly, a send only to an earlier time), replaces Data and raises Rev.
type Job struct {
	ID      int64
	Lane    Lane
	Kind    string
	Subject int64 // a send's conversation, a step's alert
	Arg     int64
	RunAt   time.Time
	Rev     int64
	Tries   int
	Data    string
}

const jobFields = "j.id, j.lane, j.kind, j.subject, j.arg, j.run_at, j.rev, j.tries, j.data"

var jobKey = []string{"kind", "subject", "arg"}

// Enqueue asks for jobs, in bulk. Two for the same (kind, subject, arg) in one call: the
// last counts. All transactions ask in the same order of keys, so that none waits for
// another in a circle.
func (tx *Tx) Enqueue(ctx context.Context, jobs []Job) error {
	var rows [][]any
	for _, j := range lastOfEach(jobs) {
		rows = append(rows, []any{
			string(j.Lane), j.Kind, j.Subject, j.Arg, Micros(j.RunAt), int64(1), int64(0), j.Data,
		})
	}
	columns := []string{"lane", "kind", "subject", "arg", "run_at", "rev", "tries", "data"}
	return tx.numbered(ctx, "enqueue jobs", "jobs", "jobs_id", columns, rows, `
		ON CONFLICT (kind, subject, arg) DO UPDATE SET
			lane = excluded.lane,
			run_at = CASE WHEN excluded.lane = 'step' OR excluded.run_at < jobs.run_at
				THEN excluded.run_at ELSE jobs.run_at END,
			rev = jobs.rev + 1,
			tries = 0,
			data = excluded.data`)
}

// lastOfEach is the last job of each key, ordered by key.
func lastOfEach(jobs []Job) []Job {
	order := func(a, b Job) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Arg, b.Arg))
	}
	sorted := slices.Clone(jobs)
	slices.SortStableFunc(sorted, order)
	last := sorted[:0]
	for i, j := range sorted {
		if i+1 == len(sorted) || order(j, sorted[i+1]) != 0 {
			last = append(last, j)
		}
	}
	return last
}

// DeleteJobs deletes jobs whose id and rev are unchanged; one asked for again stays.
func (tx *Tx) DeleteJobs(ctx context.Context, jobs []Job) error {
	var rows [][]any
	for _, j := range lastOfEach(jobs) {
		rows = append(rows, []any{j.ID, j.Rev})
	}
	return tx.bulk(ctx, "delete jobs", func(ctx context.Context) error {
		return tx.dialect.Delete(ctx, tx.tx, "jobs", []string{"id", "rev"}, rows)
	})
}

// DropJobs deletes the jobs with these kind, subject and arg, whatever their rev.
func (tx *Tx) DropJobs(ctx context.Context, jobs []Job) error {
	var rows [][]any
	for _, j := range lastOfEach(jobs) {
		rows = append(rows, []any{j.Kind, j.Subject, j.Arg})
	}
	return tx.bulk(ctx, "drop jobs", func(ctx context.Context) error {
		return tx.dialect.Delete(ctx, tx.tx, "jobs", jobKey, rows)
	})
}

// NextRun is the earliest run_at of a lane's jobs, for sleeping until then; zero if none.
// Jobs of queues that are leased or wait (not_before) count with that time.
func (tx *Tx) NextRun(ctx context.Context, lane Lane) (time.Time, error) {
	query := nextSend
	if lane == LaneStep { // steps have no queues, and as many subjects as there are alerts
		query = nextStep
	}
	var at int64
	_, err := tx.one(ctx, "look for the next job", []any{&at}, query, string(lane))
	return FromMicros(at), err
}

const nextStep = `
	SELECT COALESCE(min(run_at), 0)
	FROM jobs
	WHERE lane = $1`

// subjects is the subjects that have jobs in lane $1, hopping from one to the next in the
// index (lane, subject): what it costs does not depend on how many jobs each has. The
// index has no steps, which must be said for it to be used.
const subjects = `
	WITH RECURSIVE subjects (subject) AS (
		SELECT min(subject) FROM jobs WHERE lane = $1 AND lane <> 'step'
		UNION ALL
		SELECT (SELECT min(j.subject) FROM jobs AS j WHERE j.lane = $1 AND j.lane <> 'step' AND j.subject > s.subject)
		FROM subjects AS s
		WHERE s.subject IS NOT NULL
	), waiting AS (
		SELECT s.subject,
			(SELECT min(j.run_at) FROM jobs AS j WHERE j.lane = $1 AND j.lane <> 'step' AND j.subject = s.subject) AS due,
			COALESCE(q.lease_until, 0) AS lease_until,
			COALESCE(q.not_before, 0) AS not_before
		FROM subjects AS s
		LEFT JOIN queues AS q ON q.lane = $1 AND q.subject = s.subject
		WHERE s.subject IS NOT NULL
	)`

const nextSend = subjects + `
	SELECT COALESCE(min(CASE
		WHEN due >= lease_until AND due >= not_before THEN due
		WHEN lease_until >= not_before THEN lease_until
		ELSE not_before END), 0)
	FROM waiting`

// jobsBy runs a query for jobFields.
func (tx *Tx) jobsBy(ctx context.Context, op, query string, args ...any) (jobs []Job, err error) {
	err = tx.query(ctx, op, func(r row) error {
		var j Job
		var runAt int64
		err := r.Scan(&j.ID, &j.Lane, &j.Kind, &j.Subject, &j.Arg, &runAt, &j.Rev, &j.Tries, &j.Data)
		j.RunAt = FromMicros(runAt)
		jobs = append(jobs, j)
		return err
	}, query, args...)
	return jobs, err
}
