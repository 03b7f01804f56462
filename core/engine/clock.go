package engine

import (
	"context"
	"sync"
	"time"

	"github.com/watchbell/watchbell/store"
)

// clock tells the database's time from samples: the last one plus what has passed on the
// monotonic clock since. Two replicas then agree, whatever their own clocks say.
type clock struct {
	fixed func() time.Time // set: it alone counts

	mu   sync.Mutex // guards what follows
	at   time.Time  // the database's time at the sample
	mono time.Time  // ours at the same moment, with its monotonic reading
	last time.Time  // the latest answer; the next is not before it
}

func (c *clock) now() time.Time {
	if c.fixed != nil {
		return c.fixed().UTC().Truncate(time.Microsecond)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.at.Add(time.Since(c.mono)).UTC().Truncate(time.Microsecond)
	if t.Before(c.last) {
		t = c.last
	}
	c.last = t
	return t
}

// sample asks the database. The middle of the round trip is taken as the moment it answered.
func (c *clock) sample(ctx context.Context, db *store.DB) error {
	if c.fixed != nil {
		return nil
	}
	before := time.Now()
	at, err := db.Clock(ctx)
	if err != nil {
		return err
	}
	trip := time.Since(before)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at, c.mono = at.Add(trip/2), time.Now()
	return nil
}
