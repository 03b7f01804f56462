package engine

import (
	"context"
	"sync"
	"time"

	"github.com/watchbell/watchbell/core"
)

// Bounds of what waits for the next commit, and of one commit. More than a second of
// expected wait is answered "try later": a sender that hears nothing for long gives up in
// worse ways.
const (
	batchEvents = 256
	batchBytes  = 4 << 20
	inboxEvents = 8192
	inboxBytes  = 64 << 20
	inboxWait   = time.Second
)

// inbox holds requests that wait for the next commit. Whoever gets the slot commits for
// all that wait, so batches form by themselves while a commit is in flight and no
// goroutine is needed when nothing comes.
type inbox struct {
	slot chan struct{} // size one: held by who commits

	mu      sync.Mutex // guards what follows
	waiting []*request
	events  int
	bytes   int
	took    time.Duration // how long a commit takes, smoothed
}

// request is one Request on its way through a commit.
type request struct {
	Request
	size    int
	results []Result
	err     error
	done    chan struct{} // closed when results and err are final
}

// put queues a request, or refuses it because the wait would be too long.
func (b *inbox) put(r *request) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	commits := (b.events + len(r.Events) + batchEvents - 1) / batchEvents
	full := b.events+len(r.Events) > inboxEvents || b.bytes+r.size > inboxBytes
	if len(b.waiting) > 0 && (full || time.Duration(commits)*b.took > inboxWait) {
		return overloaded()
	}
	b.waiting = append(b.waiting, r)
	b.events += len(r.Events)
	b.bytes += r.size
	return nil
}

// take removes the next batch, oldest first: at least one request, then as many as fit.
func (b *inbox) take() []*request {
	b.mu.Lock()
	defer b.mu.Unlock()
	n, events, size := 0, 0, 0
	for _, r := range b.waiting {
		if n > 0 && (events+len(r.Events) > batchEvents || size+r.size > batchBytes) {
			break
		}
		n, events, size = n+1, events+len(r.Events), size+r.size
	}
	batch := b.waiting[:n:n]
	b.waiting = b.waiting[n:]
	b.events -= events
	b.bytes -= size
	return batch
}

// measured smooths how long a commit takes.
func (b *inbox) measured(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.took = (7*b.took + d) / 8
}

func overloaded() error {
	return &core.Error{Kind: core.Unavailable, Text: "more events are waiting than can be stored within a second",
		Do: "Send it again in a few seconds; nothing of this request was stored."}
}

// Ingest commits the events with whatever waits beside them and returns after the
// commit, one Result an event, in order. core.Unavailable means nothing was accepted,
// unless the commit's answer was lost and stayed unknown.
func (e *Engine) Ingest(ctx context.Context, in Request) ([]Result, error) {
	if len(in.Events) == 0 {
		return nil, nil
	}
	r := newRequest(in)
	if err := e.inbox.put(r); err != nil {
		e.stats.Refused.Add(1)
		return nil, err
	}
	for {
		select {
		case <-r.done:
			return r.results, r.err
		case <-ctx.Done(): // it is stored all the same, or not; nobody waits for the answer
			return nil, ctx.Err()
		case e.inbox.slot <- struct{}{}:
			if batch := e.inbox.take(); len(batch) > 0 {
				e.commit(context.WithoutCancel(ctx), batch)
			}
			<-e.inbox.slot
		}
	}
}
