package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/schedules"
	"github.com/watchbell/watchbell/store"
)

var cover = []promise{
	{"overrides come back, without those that never were", overridesComeBack},
	{"an override that is cancelled ends", overrideEnds},
	{"a coverage request comes back whole", coverComesBack},
	{"coverage requests are listed for whom they are about", coversListed},
	{"a list leaves out what was settled long ago or is over", coversLive},
	{"of two who change a coverage request one waits", coverLocked},
	{"a coverage card shows no older revision again", coverPosts},
	{"steps of one kind are taken alone", stepsOfKind},
}

// whole is noon without the fraction of a second that overrides do not have.
var whole = noon.Truncate(time.Second)

func (b bed) override(u core.UserID, start, end time.Time, of int64) store.Override {
	b.t.Helper()
	o := store.Override{Override: schedules.Override{User: u, Start: start, End: end}, Schedule: 3, CreatedAt: noon, By: 9, Cover: of}
	b.tx(func(ctx context.Context, tx *store.Tx) error {
		ids, err := tx.OverrideIDs(ctx, 1)
		if err != nil {
			return err
		}
		o.ID = ids[0]
		return tx.InsertOverrides(ctx, []store.Override{o})
	})
	return o
}

func overridesComeBack(t *testing.T, db bed) {
	first := db.override(1, whole, whole.Add(time.Hour), 0)
	db.override(2, whole, whole, 0)
	third := db.override(3, whole, whole.Add(time.Hour), 5)
	require.Greater(t, third.ID, first.ID, "later means stronger")
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		require.NoError(t, tx.InsertOverrides(ctx, nil))
		got, err := tx.Overrides(ctx)
		require.NoError(t, err)
		require.Equal(t, []store.Override{first, third}, got)
		got, err = tx.OverridesOfCover(ctx, 5)
		require.NoError(t, err)
		require.Equal(t, []store.Override{third}, got)
		got, err = tx.OverridesOfCover(ctx, 0)
		require.Empty(t, got, "no request has the number 0")
		return err
	})
}

func overrideEnds(t *testing.T, db bed) {
	o := db.override(1, whole, whole.Add(time.Hour), 0)
	o.End, o.CancelledAt = whole.Add(time.Minute), noon
	db.tx(func(ctx context.Context, tx *store.Tx) error { return tx.EndOverride(ctx, o) })
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		got, err := tx.Override(ctx, o.ID)
		require.NoError(t, err)
		require.Equal(t, o, got)
		_, err = tx.Override(ctx, o.ID+1)
		require.Equal(t, core.NotFound, core.KindOf(err))
		return nil
	})
}

// request stores a request of 1 to 2 and 3, with two pieces.
func (b bed) request(change func(*schedules.CoverRequest)) schedules.CoverRequest {
	b.t.Helper()
	c := schedules.CoverRequest{
		Sender: 1, Message: "please", State: schedules.CoverPending, CreatedAt: noon, ChangedAt: noon, Rev: 1,
		Receivers: []schedules.CoverReceiver{{User: 3, State: schedules.CoverPending}, {User: 2, State: schedules.CoverDeclined, Comment: "away"}},
		Pieces: []schedules.CoverPiece{
			{Schedule: 3, Span: schedules.Span{Start: whole, End: whole.Add(time.Hour)}, TakenBy: 3, Override: 7},
			{Schedule: 4, Span: schedules.Span{Start: whole.Add(time.Hour), End: whole.Add(2 * time.Hour)}, Back: 2},
		},
	}
	if change != nil {
		change(&c)
	}
	b.tx(func(ctx context.Context, tx *store.Tx) (err error) {
		if c.ID, err = tx.CoverID(ctx); err != nil {
			return err
		}
		return tx.SaveCover(ctx, c)
	})
	return c
}

func coverComesBack(t *testing.T, db bed) {
	c := db.request(nil)
	db.request(nil)
	check := func() {
		db.tx(func(ctx context.Context, tx *store.Tx) error {
			got, err := tx.Cover(ctx, c.ID)
			require.NoError(t, err)
			require.Equal(t, c, got)
			return err
		})
	}
	check()
	c.Pieces = c.Pieces[:1]
	c.Receivers[0].State, c.State, c.AcceptedBy, c.Rev, c.ChangedAt = schedules.CoverAccepted, schedules.CoverAccepted, 3, 2, noon.Add(time.Hour)
	db.tx(func(ctx context.Context, tx *store.Tx) error { return tx.SaveCover(ctx, c) })
	check()
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		on, err := tx.CoverSchedules(ctx, c.ID+1)
		require.Equal(t, []core.ScheduleID{3, 4}, on)
		require.NoError(t, tx.LockSchedules(ctx, on), "schedules that are not there are passed over")
		require.NoError(t, tx.LockSchedules(ctx, nil))
		return err
	})
	err := db.try(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.CoverLocked(ctx, 99)
		return err
	})
	require.Equal(t, core.NotFound, core.KindOf(err))
}

func (b bed) covers(f store.CoverFilter) []int64 {
	b.t.Helper()
	ids := []int64{}
	b.tx(func(ctx context.Context, tx *store.Tx) error {
		list, err := tx.Covers(ctx, f)
		for _, c := range list {
			ids = append(ids, c.ID)
		}
		return err
	})
	return ids
}

func coversListed(t *testing.T, db bed) {
	first := db.request(nil).ID
	second := db.request(func(c *schedules.CoverRequest) { c.Sender, c.Receivers = 2, c.Receivers[:1] }).ID
	third := db.request(func(c *schedules.CoverRequest) {
		c.State, c.CreatedAt = schedules.CoverCancelled, noon.Add(time.Hour)
	}).ID
	require.Equal(t, []int64{third, second, first}, db.covers(store.CoverFilter{Limit: 10}), "newest first")
	require.Equal(t, []int64{second}, db.covers(store.CoverFilter{Limit: 1, Offset: 1}))
	require.Equal(t, []int64{third, first}, db.covers(store.CoverFilter{Limit: 10, Sender: 1}))
	require.Equal(t, []int64{third, first}, db.covers(store.CoverFilter{Limit: 10, Receiver: 2}))
	require.Equal(t, []int64{third, second, first}, db.covers(store.CoverFilter{Limit: 10, Sender: 2, Receiver: 2}), "in either way")
	require.Equal(t, []int64{third}, db.covers(store.CoverFilter{Limit: 10, Sender: 1, States: []schedules.CoverState{schedules.CoverCancelled, schedules.CoverDeclined}}))
	require.Equal(t, []int64{third}, db.covers(store.CoverFilter{Limit: 10, From: noon.Add(time.Second)}))
	err := db.try(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Covers(ctx, store.CoverFilter{})
		return err
	})
	require.Equal(t, core.Invalid, core.KindOf(err), "a list needs a limit")
}

func coversLive(t *testing.T, db bed) {
	open := db.request(nil).ID
	settled := db.request(func(c *schedules.CoverRequest) { c.State = schedules.CoverDeclined }).ID
	later := db.request(func(c *schedules.CoverRequest) { c.Pieces[1].End = whole.Add(48 * time.Hour) }).ID
	live := func(d time.Duration) []int64 {
		return db.covers(store.CoverFilter{Limit: 10, Sender: 1, Live: noon.Add(d)})
	}
	require.Equal(t, []int64{later, settled, open}, live(24*time.Hour), "for a day, whatever became of it")
	require.Equal(t, []int64{later}, live(24*time.Hour+time.Second))
	require.Empty(t, live(48*time.Hour))
}

// coverLocked raises the revision from many sides at once: none may get lost.
func coverLocked(t *testing.T, db bed) {
	c := db.request(nil)
	const n = 8
	together(n, func(int) {
		err := db.try(func(ctx context.Context, tx *store.Tx) error {
			have, err := tx.CoverLocked(ctx, c.ID)
			if err != nil {
				return err
			}
			have.Rev++
			return tx.SaveCover(ctx, have)
		})
		if err != nil {
			t.Errorf("change a coverage request: %v", err)
		}
	})
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		got, err := tx.Cover(ctx, c.ID)
		require.Equal(t, c.Rev+n, got.Rev)
		return err
	})
}

func coverPosts(t *testing.T, db bed) {
	p := store.CoverPost{Cover: 1, Conversation: 2, Ref: "x", ShownRev: 3, PostedAt: noon}
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		_, ok, err := tx.CoverPost(ctx, 1, 2)
		require.False(t, ok)
		require.NoError(t, err)
		require.NoError(t, tx.SaveCoverPost(ctx, p))
		older := p
		older.ShownRev, older.Ref, older.Gone = 2, "y", true
		require.NoError(t, tx.SaveCoverPost(ctx, older))
		got, ok, err := tx.CoverPost(ctx, 1, 2)
		require.True(t, ok)
		older.ShownRev = 3
		require.Equal(t, older, got)
		return err
	})
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		ids, err := tx.TellIDs(ctx, 3)
		require.Len(t, ids, 3)
		return err
	})
}

func stepsOfKind(t *testing.T, db bed) {
	db.enqueue(
		store.Job{Lane: store.LaneStep, Kind: "cover", Subject: 1, RunAt: noon},
		store.Job{Lane: store.LaneStep, Kind: "cover", Subject: 2, RunAt: noon.Add(time.Second)},
		store.Job{Lane: store.LaneStep, Kind: "other", Subject: 3, RunAt: noon},
	)
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		got, err := tx.StepsOf(ctx, "cover", noon, 10)
		require.NoError(t, err)
		require.Len(t, got, 1)
		require.Equal(t, int64(1), got[0].Subject)
		older := got[0]
		older.Rev--
		ok, err := tx.TakeStep(ctx, older)
		require.NoError(t, err)
		require.False(t, ok, "it was asked for again")
		ok, err = tx.TakeStep(ctx, got[0])
		require.True(t, ok)
		return err
	})
}
