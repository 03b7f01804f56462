package bot

import (
	"context"
	"sync"
	"time"
)

// keeper is a handler that waits for what is in flight before it ends.
type keeper interface{ keep() (done func()) }

// Answer handles an interaction for a platform that must be acknowledged in time. Within
// patience it returns the reply and true. Otherwise it returns false, which means: just
// acknowledge; late is called once, when it is done. ctx bounds the doing, not the
// answering, so it is the adapter's and not the request's. A *Bot waits for late before
// its Run returns.
func Answer(ctx context.Context, h Handler, in Interaction, patience time.Duration, late func(context.Context, Reply)) (Reply, bool) {
	done := func() {}
	if k, ok := h.(keeper); ok {
		done = k.keep()
	}
	answered := make(chan Reply) // no slot: either somebody takes it, or it is late
	impatient := make(chan struct{})
	go func() {
		defer done()
		r := h.Handle(ctx, in)
		select {
		case answered <- r:
		case <-impatient:
			late(ctx, r)
		}
	}()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case r := <-answered:
		return r, true
	case <-timer.C:
		close(impatient)
		return Reply{}, false
	}
}

// inFlight counts what is being done. Unlike a WaitGroup it may start anew while
// somebody waits.
type inFlight struct {
	mu   sync.Mutex
	n    int           // guarded by mu
	none chan struct{} // guarded by mu; closed when n falls to 0; nil: nobody waits
}

func (f *inFlight) start() (done func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.n++
	return f.end
}

func (f *inFlight) end() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.n--; f.n == 0 && f.none != nil {
		close(f.none)
		f.none = nil
	}
}

// wait returns once nothing is in flight.
func (f *inFlight) wait() {
	f.mu.Lock()
	if f.n == 0 {
		f.mu.Unlock()
		return
	}
	if f.none == nil {
		f.none = make(chan struct{})
	}
	none := f.none
	f.mu.Unlock()
	<-none
}
