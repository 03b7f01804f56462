package storetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

var alerts = []promise{
	{"an alert comes back whole", alertComesBack},
	{"an update replaces everything", updateReplaces},
	{"responders are replaced also when they were not read", blindUpdate},
	{"alerts are locked in ascending order", ascending},
	{"open keys find open alerts only", openByKeys},
	{"the newest of a source", newestOf},
	{"the newest open alert with a summary", bySummary},
	{"the open children of a merge", children},
	{"earlier alerts with a key", lastResolved},
	{"behind the gate an alert is born once", gate},
	{"a snooze lasts until its end", snoozes},
}

func full() core.Alert {
	return core.Alert{
		Source: 7, Policy: 8, Key: "Disk/full", Summary: "Disk full", Details: "on db1\nüß",
		Status: core.Accepted, Priority: core.Low, Severity: 3, Level: 2, Cycle: 1,
		Timers: core.Timers{
			DelayUntil: noon.Add(1), LevelUntil: noon.Add(time.Minute), SnoozedUntil: noon.Add(time.Hour), SnoozedBy: 4,
			AskAt: noon.Add(2 * time.Hour), Held: true, EmptyLevel: 2,
		},
		NextAt: noon.Add(time.Minute), Epoch: 9, Rev: 10, Seq: 11, Events: 12, FirstEvent: 13, MergedInto: 14,
		CreatedAt: noon, EventAt: noon.Add(time.Second), ResolvedAt: noon.Add(time.Microsecond),
		Responders: []core.Responding{
			{User: 5, Level: 1, AcceptedAt: noon, Calls: 3, Step: 2, AskedAt: noon, NextCall: noon.Add(time.Second), Failed: 1},
			{User: 2, Level: 2, AskedAt: noon},
			{User: 9},
		},
	}
}

func alertComesBack(t *testing.T, db bed) {
	want := db.insert(full())[0]
	require.Equal(t, want, db.load(want.ID))
	err := db.try(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Alert(ctx, 99)
		return err
	})
	require.Equal(t, core.NotFound, core.KindOf(err))
}

func updateReplaces(t *testing.T, db bed) {
	other := db.insert(pending(1, "other", "s"))[0]
	want := db.insert(full())[0]
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		a, err := tx.Alert(ctx, want.ID)
		require.NoError(t, err)
		a.Responders[0].Calls = 4 // what tx handed out is the caller's
		a.Responders = slices.Delete(a.Responders, 1, 2)
		a.Responders = append(a.Responders, core.Responding{User: 1, Level: 3})
		a.Status, a.Summary, a.Timers = core.Resolved, "Disk fine", core.Timers{}
		want = a
		return tx.UpdateAlerts(ctx, []core.Alert{a})
	})
	require.Equal(t, want, db.load(want.ID))
	require.Equal(t, other, db.load(other.ID))

	db.tx(func(ctx context.Context, tx *store.Tx) error { // twice in one transaction
		a, err := tx.Alert(ctx, want.ID)
		require.NoError(t, err)
		a.Responders = nil
		require.NoError(t, tx.UpdateAlerts(ctx, []core.Alert{a}))
		want.Responders = []core.Responding{{User: 5, Level: 9}, {User: 1}}
		return tx.UpdateAlerts(ctx, []core.Alert{want})
	})
	require.Equal(t, want, db.load(want.ID))
}

func blindUpdate(t *testing.T, db bed) {
	a := db.insert(full())[0]
	a.Responders = []core.Responding{{User: 2, Level: 5}}
	db.tx(func(ctx context.Context, tx *store.Tx) error { return tx.UpdateAlerts(ctx, []core.Alert{a}) })
	require.Equal(t, a, db.load(a.ID))
}

func ascending(t *testing.T, db bed) {
	a := db.insert(pending(1, "a", "s"), pending(1, "b", "s"), pending(1, "c", "s"))
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		got, err := tx.AlertsLocked(ctx, []core.AlertID{a[2].ID, 999, a[0].ID, a[1].ID, a[0].ID})
		require.Equal(t, a, got)
		none, noErr := tx.AlertsLocked(ctx, nil)
		require.NoError(t, noErr)
		require.Empty(t, none)
		return err
	})
}

func openByKeys(t *testing.T, db bed) {
	gone := pending(1, "b", "resolved")
	gone.Status = core.Resolved
	a := db.insert(pending(1, "b", "s"), gone, pending(2, "b", "s"), pending(1, "A", "s"))
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		got, err := tx.OpenByKeys(ctx, [][]byte{core.OpenKey(1, "a"), core.OpenKey(1, "B "), core.OpenKey(1, "c")})
		require.Equal(t, []core.AlertID{a[0].ID, a[3].ID}, idsOf(got))
		return err
	})
}

func newestOf(t *testing.T, db bed) {
	accepted, resolved := pending(1, "b", "s"), pending(1, "c", "s")
	accepted.Status, resolved.Status = core.Accepted, core.Resolved
	a := db.insert(pending(1, "z", "old"), pending(1, "a", "s"), accepted, resolved, pending(2, "a", "s"))
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		got, err := tx.NewestOf(ctx, []core.SourceID{1, 2, 3})
		require.Len(t, got, 3)
		require.Equal(t, a[2], *got[1].Open)
		require.Equal(t, a[1], *got[1].Pending)
		require.Equal(t, a[3], *got[1].Any)
		require.Equal(t, a[4], *got[2].Any)
		require.Equal(t, store.Newest{}, got[3])
		return err
	})
}

func bySummary(t *testing.T, db bed) {
	resolved := pending(1, "c", "Disk full")
	resolved.Status = core.Resolved
	a := db.insert(pending(1, "a", "Disk full"), pending(1, "b", "Disk full"), resolved,
		pending(1, "d", "disk full"), pending(2, "e", "Disk full"))
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		got, err := tx.OpenBySummary(ctx, 1, "Disk full")
		require.NoError(t, err)
		require.Equal(t, a[1], *got)
		got, err = tx.OpenBySummary(ctx, 1, "Disk")
		require.Nil(t, got)
		return err
	})
}

func children(t *testing.T, db bed) {
	main := db.insert(pending(1, "main", "s"))[0]
	open, resolved := pending(1, "a", "s"), pending(1, "b", "s")
	open.MergedInto, resolved.MergedInto, resolved.Status = main.ID, main.ID, core.Resolved
	a := db.insert(open, resolved)
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		got, err := tx.Children(ctx, main.ID)
		require.Equal(t, []core.AlertID{a[0].ID}, idsOf(got))
		none, noErr := tx.Children(ctx, 0)
		require.NoError(t, noErr)
		require.Empty(t, none, "what is not merged is nobody's child")
		return err
	})
}

func lastResolved(t *testing.T, db bed) {
	var made []core.Alert
	for i := range 12 {
		a := pending(1, "k", "s")
		a.Status, a.ResolvedAt = core.Resolved, noon.Add(time.Duration(i)*time.Minute)
		made = append(made, a)
	}
	made = db.insert(append(made, pending(1, "k", "open"))...)
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		got, err := tx.LastResolved(ctx, core.OpenKey(1, "k"), noon.Add(9*time.Minute))
		require.Equal(t, []core.AlertID{made[11].ID, made[10].ID, made[9].ID}, idsOf(got))
		all, allErr := tx.LastResolved(ctx, core.OpenKey(1, "k"), time.Time{})
		require.NoError(t, allErr)
		require.Len(t, all, 10)
		return err
	})
}

func gate(t *testing.T, db bed) {
	key := core.OpenKey(1, "k")
	together(6, func(int) {
		db.tx(func(ctx context.Context, tx *store.Tx) error {
			if err := tx.Gate(ctx, []core.SourceID{2, 1, 1}); err != nil {
				return err
			}
			open, err := tx.OpenByKeys(ctx, [][]byte{key})
			if err != nil || len(open) > 0 {
				return err
			}
			ids, err := tx.AlertIDs(ctx, 1)
			if err != nil {
				return err
			}
			a := pending(1, "k", "s")
			a.ID = ids[0]
			return tx.InsertAlerts(ctx, []core.Alert{a})
		})
	})
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.CountAlerts(ctx, store.AlertFilter{})
		require.EqualValues(t, 1, n)
		return err
	})
}

func snoozes(t *testing.T, db bed) {
	a, b := core.OpenKey(1, "a"), core.OpenKey(1, "b")
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		require.NoError(t, tx.SetSnooze(ctx, a, store.Snooze{Until: noon.Add(time.Hour), By: 1}))
		require.NoError(t, tx.SetSnooze(ctx, a, store.Snooze{Until: noon.Add(2 * time.Hour), By: 2, Severity: 4}))
		require.NoError(t, tx.SetSnooze(ctx, b, store.Snooze{Until: noon, By: 1}))
		got, err := tx.Snoozes(ctx, [][]byte{a, b}, noon)
		require.Equal(t, map[string]store.Snooze{string(a): {Until: noon.Add(2 * time.Hour), By: 2, Severity: 4}}, got)
		require.NoError(t, err)
		require.NoError(t, tx.SetSnooze(ctx, a, store.Snooze{}))
		got, err = tx.Snoozes(ctx, [][]byte{a, b}, noon.Add(-time.Hour))
		require.Equal(t, map[string]store.Snooze{string(b): {Until: noon, By: 1}}, got)
		return err
	})
}
