package engine_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/config"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/store"
	"github.com/watchbell/watchbell/store/storetest"
)

// BenchmarkIngest is 64 senders, each waiting for its answer: alerts that are new, and
// events that repeat one.
func BenchmarkIngest(b *testing.B) {
	for _, db := range []struct {
		name string
		open func(b *testing.B) *store.DB
	}{
		{"sqlite", func(b *testing.B) *store.DB { return storetest.SQLite(b) }},
		{"postgres", func(b *testing.B) *store.DB { return storetest.Open(b, storetest.PostgresDurable(b)) }},
	} {
		b.Run(db.name+"/new", func(b *testing.B) { ingest(b, db.open(b), func(n int64) string { return fmt.Sprintf("k%d", n) }) })
		b.Run(db.name+"/repeated", func(b *testing.B) {
			ingest(b, db.open(b), func(n int64) string { return fmt.Sprintf("k%d", n%100) })
		})
	}
}

func ingest(b *testing.B, db *store.DB, key func(n int64) string) {
	e, err := engine.New(b.Context(), db, engine.Options{Secret: "0123456789abcdef", Platforms: []string{"webchat"}, Quiet: true,
		Now: time.Now})
	require.NoError(b, err)
	set, problems := config.Parse([]config.File{{Name: "team.yaml", Data: []byte(team)}}, config.Options{Known: []string{"webchat"}})
	require.Empty(b, problems)
	plan, err := e.Plan(b.Context(), set, config.DiffOptions{})
	require.NoError(b, err)
	require.NoError(b, e.ApplyPlan(b.Context(), plan, "test"))
	src, _ := e.Snapshot().SourceNamed("prometheus")
	b.ReportAllocs()
	b.SetParallelism(32)
	b.ResetTimer()
	var n atomic.Int64
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			ev := alertEvent(key(n.Add(1)), "disk full on db-3")
			ev.Details = "The disk of db-3 is full: 97 % of 200 GB."
			if _, err := e.Ingest(b.Context(), engine.Request{Source: src.ID, Events: []core.Event{ev}}); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.StopTimer()
	b.ReportMetric(float64(n.Load())/float64(e.Stats().Batches.Load()), "events/commit")
}
