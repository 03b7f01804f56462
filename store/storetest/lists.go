package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

var lists = []promise{
	{"a list is newest first, in pages", pages},
	{"every filter restricts", filters},
}

func pages(t *testing.T, db bed) {
	a := db.insert(pending(1, "a", "s"), pending(1, "b", "s"), pending(1, "c", "s"))
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		got, err := tx.ListAlerts(ctx, store.AlertFilter{Limit: 2})
		require.NoError(t, err)
		require.Equal(t, []core.AlertID{a[2].ID, a[1].ID}, idsOf(got))
		got, err = tx.ListAlerts(ctx, store.AlertFilter{Limit: 2, Offset: 2})
		require.NoError(t, err)
		require.Equal(t, []core.AlertID{a[0].ID}, idsOf(got))
		_, err = tx.ListAlerts(ctx, store.AlertFilter{})
		require.Equal(t, core.Invalid, core.KindOf(err), "a list without limit")
		return nil
	})
}

func filters(t *testing.T, db bed) {
	second := core.Alert{
		Source: 2, Policy: 3, Status: core.Accepted, CreatedAt: noon.Add(time.Hour),
		Responders: []core.Responding{{User: 5}, {User: 6}},
	}
	a := db.insert(pending(1, "a", "s"), second)
	one, two, both, none := []core.AlertID{a[0].ID}, []core.AlertID{a[1].ID}, []core.AlertID{a[1].ID, a[0].ID}, []core.AlertID{}
	for name, c := range map[string]struct {
		f    store.AlertFilter
		want []core.AlertID
	}{
		"none":             {store.AlertFilter{}, both},
		"a status":         {store.AlertFilter{Statuses: []core.Status{core.Accepted}}, two},
		"two statuses":     {store.AlertFilter{Statuses: []core.Status{core.Accepted, core.Pending}}, both},
		"a source":         {store.AlertFilter{Sources: []core.SourceID{1}}, one},
		"a policy":         {store.AlertFilter{Policies: []core.PolicyID{3}}, two},
		"a responder":      {store.AlertFilter{Responders: []core.UserID{6, 5}}, two},
		"from":             {store.AlertFilter{From: noon.Add(time.Hour)}, two},
		"until":            {store.AlertFilter{Until: noon.Add(time.Hour)}, one},
		"visible":          {store.AlertFilter{Visible: []core.SourceID{2}}, two},
		"nothing visible":  {store.AlertFilter{Visible: []core.SourceID{}}, none},
		"visible and not":  {store.AlertFilter{Sources: []core.SourceID{1}, Visible: []core.SourceID{2}}, none},
		"all of them, one": {store.AlertFilter{Statuses: []core.Status{core.Pending}, Sources: []core.SourceID{1}, Policies: []core.PolicyID{1}, From: noon, Until: noon.Add(1000)}, one},
	} {
		db.tx(func(ctx context.Context, tx *store.Tx) error {
			c.f.Limit = 10
			got, err := tx.ListAlerts(ctx, c.f)
			require.NoError(t, err, name)
			require.Equal(t, c.want, idsOf(got), name)
			n, err := tx.CountAlerts(ctx, c.f)
			require.EqualValues(t, len(c.want), n, name)
			return err
		})
	}
}
