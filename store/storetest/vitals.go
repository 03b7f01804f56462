package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

var vitals = []promise{
	{"vitals come back as they were saved", vitalsComeBack},
	{"a heartbeat's step comes with its vitals", heartbeatSteps},
	{"a heartbeat's step that others have is left", heartbeatStepsShared},
	{"a step without heartbeat goes away", lostHeartbeats},
	{"beats of many at once are all kept", beatsAtOnce},
}

func vitalsComeBack(t *testing.T, db bed) {
	want := core.Vitals{Heartbeat: 7, State: core.Overdue, Since: noon, LastBeat: noon.Add(time.Second), StartedAt: noon.Add(2 * time.Second),
		PausedUntil: noon.Add(time.Hour), Told: true, Raised: 3, Body: "disk full\n“ü”",
		Runs: []core.Run{{At: noon, Took: time.Second}, {At: noon, Failed: true, Code: 3}, {At: noon, Missed: true}}}
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		require.NoError(t, tx.InsertVitals(ctx, 7))
		require.NoError(t, tx.InsertVitals(ctx, 8))
		return tx.SaveVitals(ctx, []core.Vitals{want})
	})
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		require.NoError(t, tx.InsertVitals(ctx, 7), "again changes nothing")
		all, err := tx.AllVitals(ctx)
		require.NoError(t, err)
		require.Equal(t, map[core.HeartbeatID]core.Vitals{7: want, 8: {Heartbeat: 8}}, all)
		locked, err := tx.VitalsLocked(ctx, []core.HeartbeatID{9, 7})
		require.NoError(t, err)
		require.Equal(t, map[core.HeartbeatID]core.Vitals{7: want}, locked)
		one, err := tx.VitalsOf(ctx, 7)
		require.NoError(t, err)
		require.Equal(t, want, one)
		require.NoError(t, tx.DeleteVitals(ctx, 7))
		one, err = tx.VitalsOf(ctx, 7)
		require.Zero(t, one)
		return err
	})
}

func heartbeatJob(id int64, at time.Time) store.Job {
	return store.Job{Lane: store.LaneStep, Kind: "heartbeat", Subject: id, RunAt: at}
}

func heartbeatSteps(t *testing.T, db bed) {
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		for id := range core.HeartbeatID(4) {
			require.NoError(t, tx.InsertVitals(ctx, id))
		}
		return tx.Enqueue(ctx, []store.Job{heartbeatJob(1, noon), heartbeatJob(2, noon.Add(-time.Second)), heartbeatJob(3, noon.Add(time.Second)),
			{Lane: store.LaneStep, Kind: "alert", Subject: 1, RunAt: noon}})
	})
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		jobs, all, err := tx.TakeHeartbeatSteps(ctx, noon, 10)
		require.NoError(t, err)
		require.Len(t, jobs, 2, "those that are due, and no alert's")
		require.Equal(t, []core.Vitals{{Heartbeat: 2}, {Heartbeat: 1}}, all, "the longest overdue first")
		return tx.DeleteJobs(ctx, jobs)
	})
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		due, err := tx.StepsOf(ctx, "heartbeat", noon.Add(time.Minute), 10)
		require.NoError(t, err)
		require.Len(t, due, 1, "of that kind")
		v, ok, err := tx.TakeHeartbeatStep(ctx, due[0])
		require.True(t, ok)
		require.Equal(t, core.HeartbeatID(3), v.Heartbeat)
		due[0].Rev++
		_, ok, _ = tx.TakeHeartbeatStep(ctx, due[0])
		require.False(t, ok, "asked for again meanwhile")
		return err
	})
}

func heartbeatStepsShared(t *testing.T, db bed) {
	if !db.Shared() {
		return // one writer at a time: nobody else has anything
	}
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		require.NoError(t, tx.InsertVitals(ctx, 1))
		return tx.InsertVitals(ctx, 2)
	})
	db.enqueue(heartbeatJob(1, noon), heartbeatJob(2, noon))
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.VitalsLocked(ctx, []core.HeartbeatID{1})
		require.NoError(t, err)
		return db.Tx(ctx, func(other *store.Tx) error {
			jobs, all, err := other.TakeHeartbeatSteps(ctx, noon, 10)
			require.Len(t, jobs, 1)
			require.Equal(t, []core.Vitals{{Heartbeat: 2}}, all)
			return err
		})
	})
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		due, err := tx.StepsOf(ctx, "heartbeat", noon, 10)
		require.Len(t, due, 2, "the one that was left is there")
		return err
	})
}

func lostHeartbeats(t *testing.T, db bed) {
	db.enqueue(heartbeatJob(404, noon))
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		jobs, _, err := tx.TakeHeartbeatSteps(ctx, noon, 10)
		require.Empty(t, jobs)
		return err
	})
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		due, err := tx.StepsOf(ctx, "heartbeat", noon, 10)
		require.Empty(t, due)
		return err
	})
}

func beatsAtOnce(t *testing.T, db bed) {
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		require.NoError(t, tx.InsertVitals(ctx, 1))
		return tx.InsertVitals(ctx, 2)
	})
	together(8, func(i int) {
		db.tx(func(ctx context.Context, tx *store.Tx) error {
			ids := []core.HeartbeatID{1, 2}
			if i%2 == 1 {
				ids = []core.HeartbeatID{2, 1}
			}
			locked, err := tx.VitalsLocked(ctx, ids)
			if err != nil {
				return err
			}
			var all []core.Vitals
			for _, v := range locked {
				v.Runs = append(v.Runs, core.Run{At: noon})
				all = append(all, v)
			}
			return tx.SaveVitals(ctx, all)
		})
	})
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		all, err := tx.AllVitals(ctx)
		require.Len(t, all[1].Runs, 8)
		require.Len(t, all[2].Runs, 8)
		return err
	})
}
