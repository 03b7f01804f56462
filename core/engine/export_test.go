package engine

import "context"

// IngestAsItIs is Ingest without cleaning: text that no database can store.
func (e *Engine) IngestAsItIs(ctx context.Context, in Request) ([]Result, error) {
	r := newRequest(in)
	r.Events = in.Events
	return e.await(ctx, r)
}

// HoldCommits keeps everybody from committing until release is called.
func (e *Engine) HoldCommits() (release func()) {
	e.inbox.slot <- struct{}{}
	return func() { <-e.inbox.slot }
}

// Waiting is how many requests wait for a commit.
func (e *Engine) Waiting() int {
	e.inbox.mu.Lock()
	defer e.inbox.mu.Unlock()
	return len(e.inbox.waiting)
}

// StepsAlone is what the runner does after a batch of steps failed.
func (e *Engine) StepsAlone(ctx context.Context) (int, error) { return e.stepsAlone(ctx) }
