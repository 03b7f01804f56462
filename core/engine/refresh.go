package engine

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Reload reads the configuration again if the database has a newer one: for whoever has
// just changed it. What strangers cause is Refresh.
func (e *Engine) Reload(ctx context.Context) (*Snapshot, error) { return e.refresh(ctx) }

// refreshEvery is how often strangers can make the database answer.
const refreshEvery = 250 * time.Millisecond

// Refresh is the configuration as it is now or, at the latest, a moment later. Strangers
// can cause it (an unknown key may be a new one), so all who ask within a quarter of a
// second share one look, which begins after they asked.
func (e *Engine) Refresh(ctx context.Context) (*Snapshot, error) {
	l, first := e.looks.join()
	if first {
		e.look(context.WithoutCancel(ctx), l)
	}
	select {
	case <-l.done:
		return l.snap, l.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// look waits for its turn and answers all who joined until then. It does not end with the
// ctx of who was first: others wait for it.
func (e *Engine) look(ctx context.Context, l *look) {
	ctx, cancel := context.WithTimeout(ctx, commitTime)
	defer cancel()
	defer close(l.done)
	l.err = errors.New("the look at the configuration failed") // should it panic
	select {
	case <-time.After(e.looks.wait()):
	case <-ctx.Done():
	}
	e.looks.begin()
	l.snap, l.err = e.refresh(ctx)
}

// looks are the looks at the configuration that strangers caused.
type looks struct {
	mu   sync.Mutex
	next *look     // waits for its turn; nil: none
	last time.Time // when the last one began
}

// look is one of them; its result may be read once done is closed.
type look struct {
	done chan struct{}
	snap *Snapshot
	err  error
}

// join is the look that has not begun, and whether the caller is to make it.
func (s *looks) join() (l *look, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next == nil {
		s.next, first = &look{done: make(chan struct{})}, true
	}
	return s.next, first
}

func (s *looks) wait() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Until(s.last.Add(refreshEvery))
}

func (s *looks) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next, s.last = nil, time.Now()
}
