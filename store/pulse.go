package store

import (
	"context"
	"time"

	"github.com/watchbell/watchbell/core"
)

// pulseKept is how long a replica that is gone is remembered.
const pulseKept = 24 * time.Hour

// Beat records that a replica is alive, finds how long nobody was, and records that
// interval as blind if it is longer than gap. It returns the blind interval, if any.
//
// What counts is when any replica was seen last. They take turns, so that one outage is
// recorded once.
func (tx *Tx) Beat(ctx context.Context, replica int64, now time.Time, gap time.Duration) (from time.Time, blind bool, err error) {
	if err := tx.lockPulse(ctx); err != nil {
		return time.Time{}, false, err
	}
	last, err := tx.lastPulse(ctx)
	if err != nil {
		return time.Time{}, false, err
	}
	if err := tx.setPulse(ctx, replica, now); err != nil {
		return time.Time{}, false, err
	}
	if last.IsZero() || now.Sub(last) <= gap {
		return time.Time{}, false, nil
	}
	err = tx.RecordBlind(ctx, Interval{From: last, Until: now})
	return last, err == nil, err
}

// RecordBlind remembers a stretch in which beats could not be taken.
func (tx *Tx) RecordBlind(ctx context.Context, i Interval) error {
	rows := [][]any{{Micros(i.From), Micros(i.Until)}}
	return tx.numbered(ctx, "record blind time", "blind", "blind_id", []string{"from_at", "until_at"}, rows, "")
}

// SeenAt is when any replica said last that it is alive: until then, all that was blind is
// recorded. The zero time: none ever did.
func (tx *Tx) SeenAt(ctx context.Context) (time.Time, error) { return tx.lastPulse(ctx) }

// lockPulse waits for every replica that is beating. One whose row is new is not waited
// for here; the next statement sees it.
func (tx *Tx) lockPulse(ctx context.Context) error {
	return tx.query(ctx, "lock pulse", func(row) error { return nil }, `
		SELECT id
		FROM pulse
		ORDER BY id
		`+tx.dialect.ForUpdate())
}

func (tx *Tx) lastPulse(ctx context.Context) (time.Time, error) {
	var last int64
	_, err := tx.one(ctx, "read pulse", []any{&last}, `
		SELECT COALESCE(max(seen_at), 0)
		FROM pulse`)
	return FromMicros(last), err
}

// setPulse never moves a replica back in time, and forgets those that are long gone.
func (tx *Tx) setPulse(ctx context.Context, replica int64, now time.Time) error {
	_, err := tx.exec(ctx, "set pulse", `
		INSERT INTO pulse (id, seen_at)
		VALUES ($1, $2)
		ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at
		WHERE excluded.seen_at > pulse.seen_at`, replica, Micros(now))
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, "forget old pulses", `
		DELETE FROM pulse
		WHERE id <> $1
		AND seen_at < $2`, replica, Micros(now.Add(-pulseKept)))
	return err
}

// Interval is a stretch of time.
type Interval = core.Interval

// Blind returns the intervals that end after since, oldest first: nobody watched then.
func (tx *Tx) Blind(ctx context.Context, since time.Time) (all []Interval, err error) {
	err = tx.query(ctx, "load blind time", func(r row) error {
		var from, until int64
		err := r.Scan(&from, &until)
		all = append(all, Interval{From: FromMicros(from), Until: FromMicros(until)})
		return err
	}, `
		SELECT from_at, until_at
		FROM blind
		WHERE until_at > $1
		ORDER BY until_at, id
		LIMIT 1000`, Micros(since))
	return all, err
}
