package bot

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

func TestAJobThatFailsTakesNothingFromItsNeighbours(t *testing.T) {
	for name, fail := range map[string]func() error{
		"an error": func() error { return errors.New("cannot be drawn") },
		"a panic":  func() error { panic("cannot be drawn") },
	} {
		d := &delivery{}
		recorded := 0
		sent, err := d.ended(d.each(t.Context(), []store.Job{{ID: 1}, {ID: 2}, {ID: 3}, {ID: 4, Tries: 1}}, func(_ context.Context, j store.Job) error {
			if j.ID == 2 {
				return fail()
			}
			d.record(func(context.Context, *store.Tx) error { recorded++; return nil })
			d.done(j)
			d.halted = j.ID == 3 // the platform asks for a pause
			return nil
		}))
		require.ErrorContains(t, err, "job 2: ", name)
		require.ErrorContains(t, err, "cannot be drawn", name)
		require.Equal(t, []store.Job{{ID: 1}, {ID: 3}}, sent.Done, name)
		require.Equal(t, []store.Job{{ID: 4, Tries: 1}}, sent.Later, "what was not tried has not failed: %s", name)
		require.NoError(t, sent.Record(t.Context(), nil))
		require.Equal(t, 2, recorded, name)
	}
}

// TestAStormWithoutItsCardFoldsNothing: d has no engine, so that drawing the card panics.
func TestAStormWithoutItsCardFoldsNothing(t *testing.T) {
	d := &delivery{Bot: &Bot{}, to: core.Conversation{ID: 1}, storm: true, folds: []store.Post{{Alert: 7}}}
	for _, id := range []int64{6, 7, 0} {
		d.done(store.Job{ID: 10 + id, Arg: id})
	}
	require.Error(t, d.endStorm(t.Context()))
	sent := d.result()
	require.Equal(t, []store.Job{{ID: 16, Arg: 6}}, sent.Done, "the others are tried again")
	require.Nil(t, sent.Record)
}
