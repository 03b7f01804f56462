package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

// Run checks that what open makes keeps every promise of package store that does not
// depend on the database. open is called once for each promise, for an empty database.
func Run(t *testing.T, open func(t *testing.T) *store.DB) {
	for _, g := range []struct {
		name     string
		promises []promise
	}{
		{"transactions", transactions}, {"alerts", alerts}, {"lists", lists}, {"records", records},
		{"jobs", jobs}, {"queues", queues}, {"objects", objects}, {"access", access}, {"pulse", pulse},
		{"vitals", vitals},
		{"hours", hours}, {"cover", cover},
	} {
		t.Run(g.name, func(t *testing.T) {
			for _, p := range g.promises {
				t.Run(p.name, func(t *testing.T) { p.check(t, bed{DB: open(t), t: t}) })
			}
		})
	}
}

// promise is one thing that callers rely on.
type promise struct {
	name  string
	check func(t *testing.T, db bed)
}

// noon is the time in these tests; they never read a clock.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)

// bed is a database in a test: what is not expected to fail fails the test.
type bed struct {
	*store.DB
	t *testing.T
}

func (b bed) tx(do func(ctx context.Context, tx *store.Tx) error) {
	b.t.Helper()
	require.NoError(b.t, b.try(do))
}

func (b bed) try(do func(ctx context.Context, tx *store.Tx) error) error {
	ctx := b.t.Context()
	return b.Tx(ctx, func(tx *store.Tx) error { return do(ctx, tx) })
}

// insert stores alerts, with ids drawn where there is none, and returns them.
func (b bed) insert(alerts ...core.Alert) []core.Alert {
	b.t.Helper()
	b.tx(func(ctx context.Context, tx *store.Tx) error {
		ids, err := tx.AlertIDs(ctx, len(alerts))
		if err != nil {
			return err
		}
		for i := range alerts {
			alerts[i].ID = ids[i]
		}
		return tx.InsertAlerts(ctx, alerts)
	})
	return alerts
}

func (b bed) load(id core.AlertID) (a core.Alert) {
	b.t.Helper()
	b.tx(func(ctx context.Context, tx *store.Tx) (err error) {
		a, err = tx.Alert(ctx, id)
		return err
	})
	return a
}

func (b bed) enqueue(jobs ...store.Job) {
	b.t.Helper()
	b.tx(func(ctx context.Context, tx *store.Tx) error { return tx.Enqueue(ctx, jobs) })
}

func (b bed) claim(lane store.Lane, now time.Time) (store.Queue, bool) {
	b.t.Helper()
	q, ok, err := b.Claim(b.t.Context(), lane, now, 30*time.Second)
	require.NoError(b.t, err)
	return q, ok
}

// together runs n functions at once and returns when all have.
func together(n int, do func(i int)) {
	done := make(chan struct{})
	for i := range n {
		go func() {
			defer func() { done <- struct{}{} }()
			do(i)
		}()
	}
	for range n {
		<-done
	}
}

func pending(source core.SourceID, key, summary string) core.Alert {
	return core.Alert{
		Source: source, Policy: 1, Key: key, Summary: summary, Status: core.Pending,
		Priority: core.High, Events: 1, CreatedAt: noon, EventAt: noon,
	}
}

func idsOf(alerts []core.Alert) []core.AlertID {
	ids := []core.AlertID{}
	for _, a := range alerts {
		ids = append(ids, a.ID)
	}
	return ids
}
