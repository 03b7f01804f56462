package store

import (
	"context"
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

// Enqueue asks for jobs, in bulk. Two for the same (kind, subject, arg) in one call: the
// last counts.
func (tx *Tx) Enqueue(ctx context.Context, jobs []Job) error { panic("not written") }

// TakeAlertSteps returns due jobs of kind "alert" with their alerts locked; alerts locked
// by others are left for later. At most n, the longest overdue first.
func (tx *Tx) TakeAlertSteps(ctx context.Context, now time.Time, n int) ([]Job, []core.Alert, error) {
	panic("not written")
}

// DeleteJobs deletes jobs whose id and rev are unchanged; one asked for again stays.
func (tx *Tx) DeleteJobs(ctx context.Context, jobs []Job) error { panic("not written") }

// DropJobs deletes the jobs with these kind, subject and arg, whatever their rev.
func (tx *Tx) DropJobs(ctx context.Context, jobs []Job) error { panic("not written") }

// NextRun is the earliest run_at of a lane's jobs, for sleeping until then; zero if none.
// Jobs of queues that are leased or wait (not_before) count with that time.
func (tx *Tx) NextRun(ctx context.Context, lane Lane) (time.Time, error) { panic("not written") }

// Queue is one lane's sends to one conversation, leased by whoever holds its attempt.
type Queue struct {
	Lane    Lane
	Subject int64
	Attempt int64 // the fencing token
	Lease   time.Time
	Jobs    []Job // due, oldest first, at most 50
}

// Claim leases the queue whose due work has waited longest. ok is false if there is none.
func (db *DB) Claim(ctx context.Context, lane Lane, now time.Time, lease time.Duration) (q Queue, ok bool, err error) {
	panic("not written")
}

// Hold checks and locks that the caller still has the queue; else core.Conflict, and the
// caller must drop what it did.
func (tx *Tx) Hold(ctx context.Context, q Queue) error { panic("not written") }

// Done deletes the jobs of a queue the caller still holds and releases it. A job asked
// for again while it ran (its rev is higher) stays, so that it runs once more. Jobs in
// later are tried again at their RunAt with their Tries. notBefore paces the whole queue.
func (tx *Tx) Done(ctx context.Context, q Queue, done, later []Job, notBefore time.Time) error {
	panic("not written")
}
