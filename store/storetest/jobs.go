package storetest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

var jobs = []promise{
	{"a step asked for again moves exactly", stepMoves},
	{"a send asked for again moves to earlier only", sendMovesEarlier},
	{"of two requests in one call the last counts", lastCounts},
	{"steps come with their alerts, longest overdue first", stepsInOrder},
	{"each step is taken once by many workers", stepsOnce},
	{"a job asked for again is not deleted", askedAgainStays},
	{"dropped jobs are gone whatever their rev", dropped},
	{"a step without alert goes away", orphans},
	{"a deleted job's number is not given again", numbersOnce},
	{"the next run counts leases and pace", nextRun},
}

func step(alert core.AlertID, at time.Time) store.Job {
	return store.Job{Lane: store.LaneStep, Kind: "alert", Subject: int64(alert), RunAt: at}
}

func send(subject, arg int64, at time.Time) store.Job {
	return store.Job{Lane: store.LanePage, Kind: "page", Subject: subject, Arg: arg, RunAt: at}
}

// taken are the jobs due at a time, without changing them.
func (b bed) taken(now time.Time, n int) (jobs []store.Job, alerts []core.Alert) {
	b.t.Helper()
	b.tx(func(ctx context.Context, tx *store.Tx) (err error) {
		jobs, alerts, err = tx.TakeAlertSteps(ctx, now, n)
		return err
	})
	return jobs, alerts
}

func stepMoves(t *testing.T, db bed) {
	a := db.insert(pending(1, "k", "s"))[0]
	db.enqueue(step(a.ID, noon))
	later := step(a.ID, noon.Add(time.Minute))
	later.Data = "new"
	db.enqueue(later)
	due, _ := db.taken(noon, 10)
	require.Empty(t, due)
	due, _ = db.taken(noon.Add(time.Minute), 10)
	require.Len(t, due, 1)
	later.ID, later.Rev = due[0].ID, 2
	require.Equal(t, later, due[0])
}

func sendMovesEarlier(t *testing.T, db bed) {
	db.enqueue(send(1, 1, noon))
	db.enqueue(send(1, 1, noon.Add(time.Minute)))
	q, ok := db.claim(store.LanePage, noon)
	require.True(t, ok, "asking for it later does not put it off")
	require.EqualValues(t, 2, q.Jobs[0].Rev)
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		q.Jobs[0].RunAt, q.Jobs[0].Tries = noon.Add(time.Hour), 3
		return tx.Done(ctx, q, nil, q.Jobs, time.Time{})
	})
	_, ok = db.claim(store.LanePage, noon)
	require.False(t, ok)
	db.enqueue(send(1, 1, noon.Add(-time.Minute)))
	q, ok = db.claim(store.LanePage, noon)
	require.True(t, ok)
	require.Zero(t, q.Jobs[0].Tries)
	require.Equal(t, noon.Add(-time.Minute), q.Jobs[0].RunAt)
}

func lastCounts(t *testing.T, db bed) {
	a := db.insert(pending(1, "k", "s"))[0]
	first, last := step(a.ID, noon), step(a.ID, noon.Add(time.Second))
	first.Data, last.Data = "first", "last"
	db.enqueue(last, first, last)
	due, _ := db.taken(noon.Add(time.Second), 10)
	require.Len(t, due, 1)
	require.Equal(t, "last", due[0].Data)
	require.EqualValues(t, 1, due[0].Rev)
}

func stepsInOrder(t *testing.T, db bed) {
	a := db.insert(full(), pending(1, "b", "s"), pending(1, "c", "s"), pending(1, "d", "s"))
	db.enqueue(step(a[0].ID, noon), step(a[1].ID, noon.Add(-time.Minute)), step(a[2].ID, noon.Add(-time.Hour)),
		step(a[3].ID, noon.Add(time.Microsecond)), store.Job{Lane: store.LaneStep, Kind: "handoff", Subject: 1, RunAt: noon})
	due, alerts := db.taken(noon, 10)
	require.Equal(t, []core.Alert{a[2], a[1], a[0]}, alerts)
	require.Len(t, due, 3)
	for i, j := range due {
		require.EqualValues(t, alerts[i].ID, j.Subject)
	}
	due, _ = db.taken(noon, 1)
	require.Len(t, due, 1)
}

func stepsOnce(t *testing.T, db bed) {
	const n = 20
	var batch []core.Alert
	for i := range n {
		batch = append(batch, pending(1, fmt.Sprint(i), "s"))
	}
	for _, a := range db.insert(batch...) {
		db.enqueue(step(a.ID, noon))
	}
	var applied atomic.Int64
	together(4, func(int) {
		for idle := 0; idle < 3; {
			took := 0
			db.tx(func(ctx context.Context, tx *store.Tx) error {
				took = 0
				jobs, alerts, err := tx.TakeAlertSteps(ctx, noon, 3)
				if err != nil || len(jobs) == 0 {
					return err
				}
				took = len(jobs)
				for i := range alerts {
					alerts[i].Rev++
				}
				if err := tx.UpdateAlerts(ctx, alerts); err != nil {
					return err
				}
				return tx.DeleteJobs(ctx, jobs)
			})
			applied.Add(int64(took))
			if took == 0 {
				idle++
			}
		}
	})
	require.EqualValues(t, n, applied.Load())
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		all, err := tx.ListAlerts(ctx, store.AlertFilter{Limit: n})
		for _, a := range all {
			require.EqualValues(t, 1, a.Rev)
		}
		return err
	})
}

func askedAgainStays(t *testing.T, db bed) {
	a := db.insert(pending(1, "k", "s"))[0]
	db.enqueue(step(a.ID, noon))
	taken, _ := db.taken(noon, 10)
	db.enqueue(step(a.ID, noon))
	db.tx(func(ctx context.Context, tx *store.Tx) error { return tx.DeleteJobs(ctx, taken) })
	again, _ := db.taken(noon, 10)
	require.Len(t, again, 1)
	db.tx(func(ctx context.Context, tx *store.Tx) error { return tx.DeleteJobs(ctx, again) })
	none, _ := db.taken(noon, 10)
	require.Empty(t, none)
}

func dropped(t *testing.T, db bed) {
	db.enqueue(send(1, 1, noon), send(1, 2, noon))
	db.enqueue(send(1, 1, noon))
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		return tx.DropJobs(ctx, []store.Job{send(1, 1, noon), send(9, 9, noon)})
	})
	q, ok := db.claim(store.LanePage, noon)
	require.True(t, ok)
	require.Len(t, q.Jobs, 1)
	require.EqualValues(t, 2, q.Jobs[0].Arg)
}

func orphans(t *testing.T, db bed) {
	db.enqueue(step(404, noon), step(405, noon.Add(time.Hour)))
	due, _ := db.taken(noon, 10)
	require.Empty(t, due)
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		next, err := tx.NextRun(ctx, store.LaneStep)
		require.Equal(t, noon.Add(time.Hour), next, "a step that cannot be taken is not the next for ever")
		return err
	})
}

func numbersOnce(t *testing.T, db bed) {
	db.enqueue(send(1, 1, noon))
	q, _ := db.claim(store.LanePage, noon)
	db.tx(func(ctx context.Context, tx *store.Tx) error { return tx.DropJobs(ctx, q.Jobs) })
	db.enqueue(send(1, 2, noon))
	db.tx(func(ctx context.Context, tx *store.Tx) error { return tx.Done(ctx, q, q.Jobs, nil, time.Time{}) })
	q, ok := db.claim(store.LanePage, noon)
	require.True(t, ok, "a worker that finishes the deleted job must not delete the new one")
	require.EqualValues(t, 2, q.Jobs[0].Arg)
}

func nextRun(t *testing.T, db bed) {
	next := func(lane store.Lane) (at time.Time) {
		db.tx(func(ctx context.Context, tx *store.Tx) (err error) {
			at, err = tx.NextRun(ctx, lane)
			return err
		})
		return at
	}
	require.Zero(t, next(store.LanePage))
	require.Zero(t, next(store.LaneStep))
	db.enqueue(send(1, 1, noon), send(2, 1, noon.Add(10*time.Second)), send(3, 1, noon.Add(time.Hour)), step(1, noon.Add(time.Second)))
	require.Equal(t, noon, next(store.LanePage))
	require.Equal(t, noon.Add(time.Second), next(store.LaneStep))
	require.Zero(t, next(store.LaneSync))
	q, _ := db.claim(store.LanePage, noon)
	require.Equal(t, noon.Add(10*time.Second), next(store.LanePage), "what is leased is not next")
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		return tx.Done(ctx, q, nil, nil, noon.Add(5*time.Second))
	})
	require.Equal(t, noon.Add(5*time.Second), next(store.LanePage), "what waits is next when it has waited")
}
