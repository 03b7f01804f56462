package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/store"
)

var pulse = []promise{
	{"a gap is blind only if no replica was there", gapOfAll},
	{"replicas that start together record one outage once", oneOutage},
}

const maxGap = 6 * time.Second

func (b bed) beat(replica int64, at time.Time) (from time.Time, blind bool) {
	b.t.Helper()
	b.tx(func(ctx context.Context, tx *store.Tx) (err error) {
		from, blind, err = tx.Beat(ctx, replica, at, maxGap)
		return err
	})
	return from, blind
}

func (b bed) blind(since time.Time) (all []store.Interval) {
	b.t.Helper()
	b.tx(func(ctx context.Context, tx *store.Tx) (err error) {
		all, err = tx.Blind(ctx, since)
		return err
	})
	return all
}

func gapOfAll(t *testing.T, db bed) {
	at := func(seconds int) time.Time { return noon.Add(time.Duration(seconds) * time.Second) }
	for _, step := range []struct {
		replica int64
		second  int
		blind   bool
	}{{1, 0, false}, {1, 6, false}, {2, 10, false}, {1, 16, false}, {2, 23, true}, {1, 22, false}, {1, 24, false}} {
		from, blind := db.beat(step.replica, at(step.second))
		require.Equal(t, step.blind, blind, "replica %d at %d s", step.replica, step.second)
		if blind {
			require.Equal(t, at(16), from)
		}
	}
	require.Equal(t, []store.Interval{{From: at(16), Until: at(23)}}, db.blind(time.Time{}))
	require.Empty(t, db.blind(at(23)))
	_, blind := db.beat(3, noon.Add(48*time.Hour))
	require.True(t, blind, "also when the last to be seen is forgotten with it")
	_, blind = db.beat(3, noon.Add(48*time.Hour+time.Second))
	require.False(t, blind)
}

func oneOutage(t *testing.T, db bed) {
	db.beat(1, noon)
	db.beat(2, noon)
	together(4, func(i int) { db.beat(int64(1+i), noon.Add(time.Hour)) })
	require.Equal(t, []store.Interval{{From: noon, Until: noon.Add(time.Hour)}}, db.blind(noon))
}
