//go:build linux

package store_test

import (
	"testing"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
	"github.com/watchbell/watchbell/store/storetest"
)

// BenchmarkIngest is one transaction of 64 births with all they write: alerts, two
// responders each, log, events, three jobs each.
func BenchmarkIngest(b *testing.B) {
	const births = 64
	for name, open := range map[string]func() *store.DB{
		"sqlite":   func() *store.DB { return storetest.SQLite(b) },
		"postgres": func() *store.DB { return storetest.Open(b, storetest.PostgresDurable(b)) },
	} {
		b.Run(name, func(b *testing.B) {
			db, ctx := open(), b.Context()
			now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
			cpu := cpuTime()
			for b.Loop() {
				err := db.Tx(ctx, func(tx *store.Tx) error {
					if err := tx.Gate(ctx, []core.SourceID{1}); err != nil {
						return err
					}
					return ingest(ctx, tx, 1, births, now)
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			n := float64(b.N * births)
			b.ReportMetric(float64(b.Elapsed().Microseconds())/n, "µs/alert")
			b.ReportMetric(float64((cpuTime()-cpu).Microseconds())/n, "cpu-µs/alert")
		})
	}
}

// BenchmarkClaim claims and finishes queues while one conversation has 50,000 jobs.
func BenchmarkClaim(b *testing.B) {
	for name, open := range map[string]func() *store.DB{
		"sqlite":   func() *store.DB { return storetest.SQLite(b) },
		"postgres": func() *store.DB { return storetest.Open(b, storetest.PostgresDurable(b)) },
	} {
		b.Run(name, func(b *testing.B) {
			db, ctx := open(), b.Context()
			now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
			flood := make([]store.Job, 1000)
			for n := range 50 {
				for i := range flood {
					flood[i] = store.Job{Lane: store.LanePage, Kind: "page", Subject: 1, Arg: int64(n*len(flood) + i), RunAt: now}
				}
				if err := db.Tx(ctx, func(tx *store.Tx) error { return tx.Enqueue(ctx, flood) }); err != nil {
					b.Fatal(err)
				}
			}
			if _, ok, err := db.Claim(ctx, store.LanePage, now, time.Hour); !ok || err != nil {
				b.Fatal(ok, err)
			}
			other := []store.Job{{Lane: store.LanePage, Kind: "page", Subject: 2, Arg: 1, RunAt: now.Add(time.Second)}}
			now = now.Add(time.Minute)
			for b.Loop() {
				if err := db.Tx(ctx, func(tx *store.Tx) error { return tx.Enqueue(ctx, other) }); err != nil {
					b.Fatal(err)
				}
				q, ok, err := db.Claim(ctx, store.LanePage, now, time.Minute)
				if err != nil || !ok || q.Subject != 2 {
					b.Fatal(q.Subject, ok, err)
				}
				if err := db.Tx(ctx, func(tx *store.Tx) error { return tx.Done(ctx, q, q.Jobs, nil, time.Time{}) }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
