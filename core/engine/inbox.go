package engine

import (
	"context"
	"slices"
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
	of      map[core.SourceID]int // events that wait, by source
	took    time.Duration         // how long a commit takes, smoothed
}

// request is one Request on its way through a commit.
type request struct {
	Request
	size       int
	unreadable bool // stands for one that the database refused: Raw is kept beside its event
	results    []Result
	err        error
	done       chan struct{} // closed when results and err are final
}

// put queues a request, or refuses it because the wait would be too long. One source may
// fill half of what fits, so that its flood does not shut the others out.
func (b *inbox) put(r *request) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.waiting) > 0 {
		n := len(r.Events)
		full := b.events+n > inboxEvents || b.bytes+r.size > inboxBytes || b.wait(b.events+n) > inboxWait
		greedy := b.of[r.Source]+n > inboxEvents/2 || b.wait(b.of[r.Source]+n) > inboxWait/2
		if full || greedy {
			return overloaded()
		}
	}
	b.waiting = append(b.waiting, r)
	b.count(r, 1)
	return nil
}

// wait is how long so many events wait; b.mu is held.
func (b *inbox) wait(events int) time.Duration {
	return time.Duration((events+batchEvents-1)/batchEvents) * b.took
}

// count adds a request to what waits, or takes it away; b.mu is held.
func (b *inbox) count(r *request, sign int) {
	b.events += sign * len(r.Events)
	b.bytes += sign * r.size
	b.of[r.Source] += sign * len(r.Events)
	if b.of[r.Source] == 0 {
		delete(b.of, r.Source)
	}
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
	return b.remove(n)
}

// takeAll removes everything that waits.
func (b *inbox) takeAll() []*request {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.remove(len(b.waiting))
}

// remove takes the first n out; b.mu is held.
func (b *inbox) remove(n int) []*request {
	batch := slices.Clone(b.waiting[:n])
	b.waiting = slices.Delete(b.waiting, 0, n)
	for _, r := range batch {
		b.count(r, -1)
	}
	return batch
}

// withdraw takes a request back that nobody has begun to commit. It tells whether it
// could: then it will never be stored.
func (b *inbox) withdraw(r *request) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.Index(b.waiting, r)
	if i < 0 {
		return false
	}
	b.waiting = slices.Delete(b.waiting, i, i+1)
	b.count(r, -1)
	return true
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
// unless the commit's answer was lost and stayed unknown. Once ctx ends, what no commit
// has begun with is taken back; what one has is stored all the same.
func (e *Engine) Ingest(ctx context.Context, in Request) ([]Result, error) {
	if len(in.Events) == 0 {
		return nil, nil
	}
	return e.await(ctx, newRequest(in))
}

// await queues a request and returns what became of it, committing for others meanwhile.
func (e *Engine) await(ctx context.Context, r *request) ([]Result, error) {
	if err := e.inbox.put(r); err != nil {
		e.stats.Refused.Add(1)
		return nil, err
	}
	for {
		select {
		case <-r.done:
			return r.results, r.err
		case <-ctx.Done():
			e.inbox.withdraw(r)
			return nil, ctx.Err()
		case e.inbox.slot <- struct{}{}:
			e.lead(ctx, r)
		}
	}
}

// lead commits the next batch, unless the request's own was committed by another
// meanwhile. The commit does not end with the leader's ctx: others wait for it.
func (e *Engine) lead(ctx context.Context, r *request) {
	defer func() { <-e.inbox.slot }()
	select {
	case <-r.done:
		return
	default:
	}
	if batch := e.inbox.take(); len(batch) > 0 {
		e.commit(context.WithoutCancel(ctx), batch)
	}
}
