package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

var transactions = []promise{
	{"an error leaves nothing behind", errorRollsBack},
	{"a panic leaves nothing behind", panicRollsBack},
	{"a collision runs the closure again", collisionRunsAgain},
	{"endless collisions are Unavailable", collisionsEnd},
	{"a locking read loses no update", noLostUpdate},
	{"a caller who left is not served", cancelled},
	{"a view is one picture", onePicture},
	{"a view cannot write", viewCannotWrite},
	{"a second alert with an open key is Duplicate", openKeyIsUnique},
	{"text that cannot be stored is Refused", hostileText},
	{"hostile text comes back as it was", strangeText},
	{"the database answers", answers},
	{"ids ascend and are drawn once", idsOnce},
}

func errorRollsBack(t *testing.T, db bed) {
	boom := errors.New("boom")
	err := db.try(func(ctx context.Context, tx *store.Tx) error {
		return errors.Join(tx.SetApplied(ctx, "x", noon), boom)
	})
	require.ErrorIs(t, err, boom)
	requireNotApplied(t, db, "x")
}

func panicRollsBack(t *testing.T, db bed) {
	require.Panics(t, func() {
		_ = db.try(func(ctx context.Context, tx *store.Tx) error {
			require.NoError(t, tx.SetApplied(ctx, "x", noon))
			panic("boom")
		})
	})
	requireNotApplied(t, db, "x")
}

func requireNotApplied(t *testing.T, db bed, hash string) {
	t.Helper()
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		at, err := tx.Applied(ctx, hash)
		require.Zero(t, at)
		return err
	})
}

func collisionRunsAgain(t *testing.T, db bed) {
	runs := 0
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		if runs++; runs < 3 {
			return &store.Error{Class: store.Again, Op: "collide", Err: errors.New("busy")}
		}
		return tx.SetApplied(ctx, "x", noon)
	})
	require.Equal(t, 3, runs)
}

func collisionsEnd(t *testing.T, db bed) {
	runs := 0
	err := db.try(func(context.Context, *store.Tx) error {
		runs++
		return &store.Error{Class: store.Again, Op: "collide", Err: errors.New("busy")}
	})
	require.Equal(t, core.Unavailable, core.KindOf(err), "%v", err)
	require.Equal(t, 8, runs)
}

func noLostUpdate(t *testing.T, db bed) {
	a := db.insert(pending(1, "k", "s"))[0]
	const workers, times = 6, 5
	together(workers, func(int) {
		for range times {
			db.tx(func(ctx context.Context, tx *store.Tx) error {
				a, err := tx.Alert(ctx, a.ID)
				if err != nil {
					return err
				}
				a.Events++
				return tx.UpdateAlerts(ctx, []core.Alert{a})
			})
		}
	})
	require.Equal(t, 1+workers*times, db.load(a.ID).Events)
}

func cancelled(t *testing.T, db bed) {
	ctx, cancel := context.WithCancel(t.Context())
	err := db.Tx(ctx, func(tx *store.Tx) error {
		cancel()
		return tx.SetApplied(ctx, "x", noon)
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Error(t, db.Tx(ctx, func(tx *store.Tx) error { return nil }))
	requireNotApplied(t, db, "x")
}

func onePicture(t *testing.T, db bed) {
	ctx := t.Context()
	a := db.insert(pending(1, "k", "s"))[0]
	count := func(tx *store.Tx) int64 {
		n, err := tx.CountAlerts(ctx, store.AlertFilter{})
		require.NoError(t, err)
		return n
	}
	require.NoError(t, db.View(ctx, func(tx *store.Tx) error {
		require.EqualValues(t, 1, count(tx))
		db.insert(pending(a.Source, "other", "s"))
		require.EqualValues(t, 1, count(tx), "what was written meanwhile is not seen")
		return nil
	}))
	require.NoError(t, db.View(ctx, func(tx *store.Tx) error {
		require.EqualValues(t, 2, count(tx))
		return nil
	}))
}

func viewCannotWrite(t *testing.T, db bed) {
	ctx := t.Context()
	require.Error(t, db.View(ctx, func(tx *store.Tx) error { return tx.SetApplied(ctx, "x", noon) }))
	requireNotApplied(t, db, "x")
}

func openKeyIsUnique(t *testing.T, db bed) {
	a := db.insert(pending(1, "Disk Full", "s"))[0]
	insert := func() error {
		return db.try(func(ctx context.Context, tx *store.Tx) error {
			ids, err := tx.AlertIDs(ctx, 1)
			if err != nil {
				return err
			}
			b := pending(1, " disk full ", "s")
			b.ID = ids[0]
			return tx.InsertAlerts(ctx, []core.Alert{b})
		})
	}
	require.Equal(t, store.Duplicate, store.ClassOf(insert()))
	db.insert(pending(2, "disk full", "another source"), pending(1, "", "no key"), pending(1, "", "no key"))
	a.Status = core.Resolved
	db.tx(func(ctx context.Context, tx *store.Tx) error { return tx.UpdateAlerts(ctx, []core.Alert{a}) })
	require.NoError(t, insert(), "a resolved alert does not hold its key")
}

func hostileText(t *testing.T, db bed) {
	for _, text := range []string{"a\x00b", "\xff\xfe", "\xed\xa0\x80"} {
		err := db.try(func(ctx context.Context, tx *store.Tx) error {
			a := pending(1, "k", text)
			a.ID = 1
			return tx.InsertAlerts(ctx, []core.Alert{a})
		})
		require.Equal(t, store.Refused, store.ClassOf(err), "%q as a summary: %v", text, err)
		err = db.try(func(ctx context.Context, tx *store.Tx) error {
			return tx.Audit(ctx, store.AuditLine{Actor: text})
		})
		require.Equal(t, store.Refused, store.ClassOf(err), "%q as an actor: %v", text, err)
	}
}

func strangeText(t *testing.T, db bed) {
	for _, text := range []string{"", "'; DROP TABLE alerts; --", "$1", "\u202e\u0001\U0010ffff", `{"a":"\u0000"}`, "é e\u0301"} {
		a := db.insert(pending(1, "", text))[0]
		require.Equal(t, text, db.load(a.ID).Summary)
	}
}

func answers(t *testing.T, db bed) {
	require.NoError(t, db.Ping(t.Context()))
	now, err := db.Clock(t.Context())
	require.NoError(t, err)
	require.False(t, now.IsZero())
	require.NotEmpty(t, db.String())
	require.True(t, db.Fresh())
	require.NoError(t, db.Serve())
	require.NoError(t, db.Notify(t.Context(), "page"))
}

func idsOnce(t *testing.T, db bed) {
	var last core.EventID
	for range 3 {
		db.tx(func(ctx context.Context, tx *store.Tx) error {
			ids, err := tx.EventIDs(ctx, 5)
			require.Len(t, ids, 5)
			for _, id := range ids {
				require.Greater(t, id, last)
				last = id
			}
			return err
		})
	}
}
