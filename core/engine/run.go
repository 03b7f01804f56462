package engine

import (
	"context"
	"math/rand/v2"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

// JobFunc makes the sends of one claimed queue, outside any transaction. It never waits
// and never retries; its deadline is shorter than the lease.
type JobFunc func(ctx context.Context, q store.Queue) (Sent, error)

// Sent is what a JobFunc wants recorded, in one transaction, if the queue is still its own.
type Sent struct {
	Done      []store.Job    // finished, whatever came of them
	Later     []store.Job    // to be tried again at their RunAt
	NotBefore time.Time      // paces the whole queue (Retry-After)
	Alerts    []core.AlertID // locked before Record runs
	Record    func(ctx context.Context, tx *store.Tx) error
	Inputs    map[core.AlertID][]core.Input
}

// Handle registers the sends of a lane; before Run. All kinds of a lane go to one
// JobFunc, so that one conversation's work stays in order.
func (e *Engine) Handle(name store.Lane, f JobFunc) { e.lanes[name].send = f }

// Run works until ctx ends: steps, sends, pulse, configuration. It finishes what is in
// flight, then returns nil. What it cannot do now it tries again; it gives up nothing.
func (e *Engine) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return e.keepPulse(ctx) })
	g.Go(func() error { return e.runSteps(ctx) })
	for _, l := range e.lanes {
		if l.send != nil {
			g.Go(func() error { return e.runSends(ctx, l) })
		}
	}
	if e.DB.Shared() && !e.quiet {
		g.Go(func() error { return e.sendHints(ctx) })
		g.Go(func() error { return e.hearHints(ctx) })
	}
	return g.Wait()
}

// busy is how long a lane waits for due work that it could not take: somebody else has
// it, and asking without end would not make them faster.
const busy = 20 * time.Millisecond

// sleep waits until something is due in the lane, a hint comes, or a poll interval is
// over. It returns false when ctx has ended.
func (e *Engine) sleep(ctx context.Context, l *lane, failed bool) bool {
	defer l.asleep.Store(0)
	wait := e.poll
	if failed {
		wait += rand.N(e.poll)
	} else if next, err := e.nextRun(ctx, l.name); err == nil && !next.IsZero() {
		until := next.Sub(e.Now())
		if until <= 0 {
			until = busy
		}
		wait = min(wait, until)
	}
	l.asleep.Store(store.Micros(e.Now().Add(wait)))
	select {
	case <-ctx.Done():
		return false
	case <-l.woken:
	case <-time.After(wait):
	}
	return ctx.Err() == nil
}

func (e *Engine) nextRun(ctx context.Context, name store.Lane) (next time.Time, err error) {
	err = e.DB.View(ctx, func(tx *store.Tx) (err error) {
		next, err = tx.NextRun(ctx, name)
		return err
	})
	return next, err
}
