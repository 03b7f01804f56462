package storetest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

var queues = []promise{
	{"the queue that waited longest is claimed, with its due jobs", claimOrder},
	{"a claim takes at most 50 jobs", claimLimit},
	{"a leased queue is not claimed until its lease ends", leased},
	{"a holder whose lease was taken over changes nothing", fenced},
	{"a queue is released once", releasedOnce},
	{"a job asked for while it ran runs once more", askedWhileRunning},
	{"jobs put off keep their tries", putOff},
	{"a queue paced by the platform waits", paced},
	{"a long queue hides no other", longQueue},
	{"each queue is claimed once by many workers", claimedOnce},
}

func claimOrder(t *testing.T, db bed) {
	db.enqueue(send(1, 1, noon), send(2, 1, noon.Add(-time.Minute)), send(2, 2, noon), send(2, 3, noon.Add(time.Second)),
		store.Job{Lane: store.LaneSync, Kind: "show", Subject: 3, RunAt: noon.Add(-time.Hour)})
	q, ok := db.claim(store.LanePage, noon)
	require.True(t, ok)
	require.EqualValues(t, 2, q.Subject)
	require.EqualValues(t, 1, q.Attempt)
	require.Equal(t, noon.Add(30*time.Second), q.Lease)
	require.Len(t, q.Jobs, 2)
	require.EqualValues(t, 1, q.Jobs[0].Arg)
	require.EqualValues(t, 2, q.Jobs[1].Arg)
	q, ok = db.claim(store.LanePage, noon)
	require.True(t, ok)
	require.EqualValues(t, 1, q.Subject)
	_, ok = db.claim(store.LanePage, noon)
	require.False(t, ok)
}

func claimLimit(t *testing.T, db bed) {
	var many []store.Job
	for i := range 60 {
		many = append(many, send(1, int64(i), noon.Add(-time.Duration(i)*time.Second)))
	}
	db.enqueue(many...)
	q, _ := db.claim(store.LanePage, noon)
	require.Len(t, q.Jobs, 50)
	require.EqualValues(t, 59, q.Jobs[0].Arg)
}

func leased(t *testing.T, db bed) {
	db.enqueue(send(1, 1, noon))
	first, _ := db.claim(store.LanePage, noon)
	_, ok := db.claim(store.LanePage, noon.Add(29*time.Second))
	require.False(t, ok)
	second, ok := db.claim(store.LanePage, noon.Add(30*time.Second))
	require.True(t, ok)
	require.Equal(t, first.Attempt+1, second.Attempt)
}

func fenced(t *testing.T, db bed) {
	db.enqueue(send(1, 1, noon))
	stale, _ := db.claim(store.LanePage, noon)
	fresh, _ := db.claim(store.LanePage, noon.Add(time.Minute))
	err := db.try(func(ctx context.Context, tx *store.Tx) error { return tx.Hold(ctx, stale) })
	require.Equal(t, core.Conflict, core.KindOf(err), "%v", err)
	err = db.try(func(ctx context.Context, tx *store.Tx) error {
		return tx.Done(ctx, stale, stale.Jobs, nil, time.Time{})
	})
	require.Equal(t, core.Conflict, core.KindOf(err), "%v", err)
	db.tx(func(ctx context.Context, tx *store.Tx) error { return tx.Hold(ctx, fresh) })
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		return tx.Done(ctx, fresh, fresh.Jobs, nil, time.Time{})
	})
	_, ok := db.claim(store.LanePage, noon.Add(time.Hour))
	require.False(t, ok)
}

func releasedOnce(t *testing.T, db bed) {
	db.enqueue(send(1, 1, noon))
	q, _ := db.claim(store.LanePage, noon)
	db.tx(func(ctx context.Context, tx *store.Tx) error { return tx.Done(ctx, q, nil, nil, time.Time{}) })
	err := db.try(func(ctx context.Context, tx *store.Tx) error { return tx.Hold(ctx, q) })
	require.Equal(t, core.Conflict, core.KindOf(err))
	err = db.try(func(ctx context.Context, tx *store.Tx) error { return tx.Done(ctx, q, q.Jobs, nil, time.Time{}) })
	require.Equal(t, core.Conflict, core.KindOf(err))
	_, ok := db.claim(store.LanePage, noon)
	require.True(t, ok, "what was not done is due at once")
}

func askedWhileRunning(t *testing.T, db bed) {
	db.enqueue(send(1, 1, noon), send(1, 2, noon))
	q, _ := db.claim(store.LanePage, noon)
	db.enqueue(send(1, 1, noon))
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		for i := range q.Jobs {
			q.Jobs[i].RunAt = noon.Add(time.Hour)
		}
		return tx.Done(ctx, q, q.Jobs[1:], q.Jobs[:1], time.Time{})
	})
	q, ok := db.claim(store.LanePage, noon)
	require.True(t, ok, "the retry does not put off what was asked for anew")
	require.Len(t, q.Jobs, 1)
	require.EqualValues(t, 1, q.Jobs[0].Arg)
}

func putOff(t *testing.T, db bed) {
	db.enqueue(send(1, 1, noon))
	q, _ := db.claim(store.LanePage, noon)
	q.Jobs[0].RunAt, q.Jobs[0].Tries = noon.Add(time.Minute), 4
	db.tx(func(ctx context.Context, tx *store.Tx) error { return tx.Done(ctx, q, nil, q.Jobs, time.Time{}) })
	_, ok := db.claim(store.LanePage, noon.Add(time.Second))
	require.False(t, ok)
	again, ok := db.claim(store.LanePage, noon.Add(time.Minute))
	require.True(t, ok)
	require.Equal(t, q.Jobs, again.Jobs)
}

func paced(t *testing.T, db bed) {
	db.enqueue(send(1, 1, noon), send(1, 2, noon))
	q, _ := db.claim(store.LanePage, noon)
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		return tx.Done(ctx, q, q.Jobs[:1], nil, noon.Add(10*time.Second))
	})
	_, ok := db.claim(store.LanePage, noon.Add(9*time.Second))
	require.False(t, ok)
	_, ok = db.claim(store.LanePage, noon.Add(10*time.Second))
	require.True(t, ok)
}

func longQueue(t *testing.T, db bed) {
	var many []store.Job
	for i := range 300 {
		many = append(many, send(int64(1+i%3), int64(i), noon.Add(-time.Hour)))
	}
	db.enqueue(append(many, send(9, 1, noon))...)
	for range 3 {
		_, ok := db.claim(store.LanePage, noon)
		require.True(t, ok)
	}
	q, ok := db.claim(store.LanePage, noon)
	require.True(t, ok)
	require.EqualValues(t, 9, q.Subject)
}

func claimedOnce(t *testing.T, db bed) {
	const n = 30
	for i := range n {
		db.enqueue(send(int64(i), 1, noon))
	}
	var mu sync.Mutex // guards claims
	claims := map[int64]int{}
	together(4, func(int) {
		for idle := 0; idle < 3; {
			q, ok := db.claim(store.LanePage, noon)
			if !ok {
				idle++
				continue
			}
			mu.Lock()
			claims[q.Subject]++
			mu.Unlock()
			db.tx(func(ctx context.Context, tx *store.Tx) error { return tx.Done(ctx, q, q.Jobs, nil, time.Time{}) })
		}
	})
	require.Len(t, claims, n)
	for subject, times := range claims {
		require.Equal(t, 1, times, "queue %d", subject)
	}
}
