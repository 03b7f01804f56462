package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

var hours = []promise{
	{"alerts that wait LOW are those of the source that nobody has", waitingLow},
	{"a step of a kind is taken by one, and not once it was asked for again", stepOfKind},
}

func waitingLow(t *testing.T, db bed) {
	low := func(source core.SourceID, change func(*core.Alert)) core.Alert {
		a := pending(source, "", "x")
		a.Priority = core.Low
		if change != nil {
			change(&a)
		}
		return a
	}
	all := db.insert(
		low(1, nil),
		low(2, nil),
		low(1, func(a *core.Alert) { a.Priority = core.High }),
		low(1, func(a *core.Alert) { a.Status = core.Accepted }),
		low(1, func(a *core.Alert) { a.Status, a.ResolvedAt = core.Resolved, noon }),
		low(1, func(a *core.Alert) { a.MergedInto = 1 }),
		low(1, nil),
	)
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		got, err := tx.WaitingLow(ctx, 1, 10)
		require.Equal(t, []core.AlertID{all[0].ID, all[6].ID}, idsOf(got))
		require.NoError(t, err)
		got, err = tx.WaitingLow(ctx, 1, 1)
		require.Equal(t, []core.AlertID{all[0].ID}, idsOf(got), "no more than asked for")
		return err
	})
}

func stepOfKind(t *testing.T, db bed) {
	db.enqueue(
		store.Job{Lane: store.LaneStep, Kind: "hours", Subject: 1, RunAt: noon},
		store.Job{Lane: store.LaneStep, Kind: "hours", Subject: 2, RunAt: noon.Add(time.Hour)},
		store.Job{Lane: store.LaneStep, Kind: "alert", Subject: 3, RunAt: noon},
	)
	var due []store.Job
	db.tx(func(ctx context.Context, tx *store.Tx) (err error) {
		due, err = tx.StepsOf(ctx, "hours", noon, 10)
		return err
	})
	require.Len(t, due, 1)
	require.EqualValues(t, 1, due[0].Subject)
	take := func() (ok bool) {
		db.tx(func(ctx context.Context, tx *store.Tx) (err error) {
			ok, err = tx.LockStep(ctx, due[0])
			return err
		})
		return ok
	}
	require.True(t, take())
	db.enqueue(store.Job{Lane: store.LaneStep, Kind: "hours", Subject: 1, RunAt: noon.Add(time.Minute)})
	require.False(t, take(), "it was asked for again")
}
