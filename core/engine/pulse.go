package engine

import (
	"context"
	"time"

	"github.com/watchbell/watchbell/store"
)

// A replica says that it is alive every two seconds. More than six without anybody's word
// is blind time: nobody could have seen a beat, so no deadline of a heartbeat runs.
const (
	pulseEvery  = 2 * time.Second
	blindAfter  = 6 * time.Second
	sampleEvery = 30 * time.Second
	sweepEvery  = time.Hour
	sweepLimit  = 1000             // of a kind and transaction
	runnerStuck = 15 * time.Second // without a look for timers; several times what the slowest look takes
)

// keepPulse runs until ctx ends: pulse, clock, configuration, and what is over.
func (e *Engine) keepPulse(ctx context.Context) error {
	sampled := e.Now()
	var swept time.Time
	for {
		e.pulse(ctx)
		if now := e.Now(); now.Sub(sampled) >= sampleEvery || e.clock.suspect() {
			if err := e.clock.sample(ctx, e.DB); err == nil {
				sampled = now
			} else if ctx.Err() == nil {
				e.log.Warn("sample the database's clock", "err", err)
			}
		}
		if _, err := e.refresh(ctx); err != nil && ctx.Err() == nil {
			e.log.Warn("look for a newer configuration", "err", err)
		}
		if now := e.Now(); now.Sub(swept) >= sweepEvery && e.sweep(ctx) {
			swept = now
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pulseEvery):
		}
	}
}

func (e *Engine) pulse(ctx context.Context) {
	var from time.Time
	var blind bool
	now := e.Now()
	refused := e.beats.blindSince()
	err := e.DB.Tx(ctx, func(tx *store.Tx) (err error) {
		if !refused.IsZero() {
			if err := tx.RecordBlind(ctx, store.Interval{From: refused, Until: now}); err != nil {
				return err
			}
		}
		from, blind, err = tx.Beat(ctx, e.replica, now, blindAfter)
		return err
	})
	switch {
	case ctx.Err() != nil:
	case err != nil:
		e.stats.PulseFailed.Add(1)
		e.log.Warn("record the pulse", "err", err)
	default:
		e.stats.pulsed.Store(now.UnixMicro())
		e.beats.sees(refused)
		if blind {
			e.log.Info("was blind", "from", from, "for", now.Sub(from).Round(time.Second))
		}
	}
}

// sweep deletes some of what is over, and tells whether that was all: a pulse is never
// late for it.
func (e *Engine) sweep(ctx context.Context) (all bool) {
	var n int64
	err := e.DB.Tx(ctx, func(tx *store.Tx) (err error) {
		n, err = tx.Sweep(ctx, e.Now(), sweepLimit)
		return err
	})
	if err != nil && ctx.Err() == nil {
		e.log.Warn("delete what is over", "err", err)
	}
	return err != nil || n < sweepLimit // after an error: in an hour
}

// Ready tells whether this replica reached the database lately and its runner works.
func (e *Engine) Ready() bool {
	now := e.Now()
	return now.Sub(store.FromMicros(e.stats.pulsed.Load())) < 3*pulseEvery &&
		now.Sub(store.FromMicros(e.stats.looked.Load())) < runnerStuck
}
