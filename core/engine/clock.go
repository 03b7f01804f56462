package engine

import (
	"context"
	"sync"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

// slowSample is how long a sample may take: one that took longer says too little.
const slowSample = time.Second

// clock tells the database's time from samples: the last one plus what has passed on the
// monotonic clock since. Two replicas then agree, whatever their own clocks say.
//
// It never goes back. When the database's clock was set back, it runs at half speed until
// that has caught up: nothing that happened happens again, and what is due still comes,
// at most twice as late.
type clock struct {
	fixed func() time.Time // set: it alone counts

	mu   sync.Mutex // guards what follows
	at   time.Time  // the database's time at the sample
	mono time.Time  // ours at the same moment, with its monotonic reading
	last time.Time  // the latest answer; the next is not before it
	said time.Time  // when that was given, by our monotonic clock
}

func (c *clock) now() time.Time {
	if c.fixed != nil {
		return c.fixed().UTC().Truncate(time.Microsecond)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	mine := time.Now()
	t := c.at.Add(mine.Sub(c.mono))
	if slow := c.last.Add(mine.Sub(c.said) / 2); t.Before(slow) {
		t = slow
	}
	if t = t.UTC().Truncate(time.Microsecond); t.After(c.last) {
		c.last, c.said = t, mine
	}
	return c.last
}

// sample asks the database. The middle of the round trip is taken as the moment it
// answered.
func (c *clock) sample(ctx context.Context, db *store.DB) error {
	if c.fixed != nil {
		return nil
	}
	before := time.Now()
	at, err := db.Clock(ctx)
	if err != nil {
		return err
	}
	return c.set(at, time.Since(before))
}

func (c *clock) set(at time.Time, trip time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if trip > slowSample && !c.at.IsZero() {
		return core.Errorf(core.Unavailable, "the database took %s to tell its time", trip.Round(time.Millisecond))
	}
	c.at, c.mono = at.Add(trip/2), time.Now()
	return nil
}

// suspect tells whether the machine's own clock and the monotonic one part, as they do
// when it was suspended: the monotonic one stands still then, and only a sample helps.
func (c *clock) suspect() bool {
	if c.fixed != nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	apart := now.Round(0).Sub(c.mono.Round(0)) - now.Sub(c.mono)
	return apart.Abs() > time.Second
}
