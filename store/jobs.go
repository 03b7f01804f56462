package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/watchbell/watchbell/core"
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

// TakeAlertSteps returns due jobs of kind "alert" with their alerts locked; alerts locked
// by others are left for later. At most n, the longest overdue first; each alert once.
func (tx *Tx) TakeAlertSteps(ctx context.Context, now time.Time, n int) ([]Job, []core.Alert, error) {
	var jobs []Job
	var alerts []core.Alert
	seen := make(map[core.AlertID]bool)
	err := tx.query(ctx, "take steps", func(r row) error {
		var j rawJob
		a, err := scanAlert(r, j.into()...)
		if err != nil {
			return err
		}
		jobs = append(jobs, j.job())
		if !seen[a.ID] {
			seen[a.ID], alerts = true, append(alerts, a)
		}
		return nil
	}, `
		SELECT `+jobFields+`, `+alertFields+`
		FROM jobs AS j
		JOIN alerts AS a ON a.id = j.subject
		WHERE j.lane = 'step'
		AND j.kind = 'alert'
		AND j.run_at <= $1
		ORDER BY j.run_at, j.id
		LIMIT $2
		`+tx.dialect.ForUpdate()+" "+tx.dialect.SkipLocked(), Micros(now), int64(n))
	if err != nil {
		return nil, nil, err
	}
	if len(jobs) == 0 {
		return nil, nil, tx.dropOrphans(ctx, now, n)
	}
	if err := tx.addResponders(ctx, alerts); err != nil {
		return nil, nil, err
	}
	for _, a := range alerts {
		tx.remember(a.ID, a.Responders)
	}
	return jobs, alerts, nil
}

// dropOrphans deletes due steps of alerts that are no more: they can never be taken, and
// would be the next thing due for ever.
func (tx *Tx) dropOrphans(ctx context.Context, now time.Time, n int) error {
	_, err := tx.exec(ctx, "delete orphaned steps", `
		DELETE FROM jobs
		WHERE id IN (
			SELECT j.id
			FROM jobs AS j
			WHERE j.lane = 'step'
			AND j.kind = 'alert'
			AND j.run_at <= $1
			AND NOT EXISTS (SELECT 1 FROM alerts AS a WHERE a.id = j.subject)
			ORDER BY j.run_at, j.id
			LIMIT $2)`, Micros(now), int64(n))
	return err
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
// index (lane, subject): what it costs does not depend on how many jobs each has.
const subjects = `
	WITH RECURSIVE subjects (subject) AS (
		SELECT min(subject) FROM jobs WHERE lane = $1
		UNION ALL
		SELECT (SELECT min(j.subject) FROM jobs AS j WHERE j.lane = $1 AND j.subject > s.subject)
		FROM subjects AS s
		WHERE s.subject IS NOT NULL
	), waiting AS (
		SELECT s.subject,
			(SELECT min(j.run_at) FROM jobs AS j WHERE j.lane = $1 AND j.subject = s.subject) AS due,
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

// rawJob takes the columns of jobFields.
type rawJob struct {
	j     Job
	runAt int64
}

func (r *rawJob) into() []any {
	j := &r.j
	return []any{&j.ID, &j.Lane, &j.Kind, &j.Subject, &j.Arg, &r.runAt, &j.Rev, &j.Tries, &j.Data}
}

func (r *rawJob) job() Job {
	j := r.j
	j.RunAt = FromMicros(r.runAt)
	return j
}

// Postpone moves a job that failed to its RunAt and keeps its count of tries; one that
// was asked for again meanwhile stays where that put it.
func (tx *Tx) Postpone(ctx context.Context, j Job) error {
	_, err := tx.exec(ctx, "postpone a job", `
		UPDATE jobs SET run_at = $1, tries = $2 WHERE id = $3 AND rev = $4`,
		Micros(j.RunAt), j.Tries, j.ID, j.Rev)
	return err
}
