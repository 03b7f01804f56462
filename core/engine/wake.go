package engine

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/watchbell/watchbell/store"
)

// newLanes makes the runner's lanes. Each has its own workers, so that housekeeping and
// card updates never delay a page, and enough of them that conversations of a platform
// that hangs leave some to the others.
func newLanes() map[store.Lane]*lane {
	lanes := map[store.Lane]*lane{}
	for name, workers := range map[store.Lane]int{store.LaneStep: 1, store.LanePage: 64, store.LaneSync: 16, store.LaneHouse: 2} {
		lanes[name] = &lane{name: name, workers: workers, woken: make(chan struct{}, 1)}
	}
	return lanes
}

// lane is one kind of work of the runner.
type lane struct {
	name    store.Lane
	workers int
	send    JobFunc       // nil: nothing of this lane is done here
	woken   chan struct{} // size one: look again, now
	asleep  atomic.Int64  // until when it sleeps, in microseconds; 0: it is awake
}

func (l *lane) wake() {
	select {
	case l.woken <- struct{}{}:
	default: // it will look anyway
	}
}

// wakeFor wakes the lane if it would sleep beyond at. One that is awake is told too: it
// may have looked already.
func (l *lane) wakeFor(at time.Time) {
	if until := l.asleep.Load(); until == 0 || store.Micros(at) < until {
		l.wake()
	}
}

// wake tells our own lanes, and other replicas, that a transaction left work. It is a
// hint: losing it costs one poll.
func (e *Engine) wake(u *unit) {
	for name, at := range u.woken {
		if l := e.lanes[name]; l != nil {
			l.wakeFor(at)
		}
		if !at.After(u.now) {
			e.hints.ask(name)
		}
	}
}

// hints are what other replicas shall hear of: the first at once, then at most ten a
// second.
type hints struct {
	mu      sync.Mutex // guards what follows
	pending map[store.Lane]bool
	asked   chan struct{} // size one
}

func (h *hints) ask(l store.Lane) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.asked == nil {
		return // nobody listens
	}
	h.pending[l] = true
	select {
	case h.asked <- struct{}{}:
	default:
	}
}

func (h *hints) start() chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.pending, h.asked = map[store.Lane]bool{}, make(chan struct{}, 1)
	return h.asked
}

func (h *hints) take() map[store.Lane]bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	p := h.pending
	h.pending = map[store.Lane]bool{}
	return p
}

// sendHints tells other replicas until ctx ends.
func (e *Engine) sendHints(ctx context.Context) error {
	asked := e.hints.start()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-asked:
		}
		for l := range e.hints.take() {
			if err := e.DB.Notify(ctx, string(l)); err != nil && ctx.Err() == nil {
				e.log.Debug("notify other replicas", "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// hearHints wakes our lanes when other replicas leave work, until ctx ends.
func (e *Engine) hearHints(ctx context.Context) error {
	return e.DB.Listen(ctx, func(hint string) {
		if l := e.lanes[store.Lane(hint)]; l != nil {
			l.wake()
		}
	})
}
