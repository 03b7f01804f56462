package engine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
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

// sleep waits until something is due in the lane, a hint comes, or a poll interval is
// over. It returns false when ctx has ended.
func (e *Engine) sleep(ctx context.Context, l *lane, failed bool) bool {
	wait := e.poll
	if failed {
		wait += rand.N(e.poll)
	} else if next, err := e.nextRun(ctx, l.name); err == nil && !next.IsZero() {
		wait = min(wait, max(next.Sub(e.Now()), time.Millisecond))
	}
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

const stepBatch = 64

// runSteps takes due timers, applies and deletes them, in one transaction each time: a
// crash is a rollback.
func (e *Engine) runSteps(ctx context.Context) error {
	l := e.lanes[store.LaneStep]
	for ctx.Err() == nil {
		n, err := e.steps(ctx, stepBatch)
		if err != nil && ctx.Err() == nil {
			e.log.Error("run steps", "err", err)
			n = e.stepsAlone(ctx)
		}
		if n < stepBatch && !e.sleep(ctx, l, err != nil) {
			return nil
		}
	}
	return nil
}

// steps runs up to limit due timers and returns how many.
func (e *Engine) steps(ctx context.Context, limit int) (n int, err error) {
	ctx = context.WithoutCancel(ctx) // what is begun is finished; the database bounds it
	err = e.decide(ctx, func(tx *store.Tx, u *unit) error {
		jobs, alerts, err := tx.TakeAlertSteps(ctx, u.now, limit)
		if err != nil {
			return fmt.Errorf("take steps: %w", err)
		}
		n = len(jobs)
		if n == 0 {
			return nil
		}
		e.stats.StepsLate.Store(u.now.Sub(jobs[0].RunAt).Microseconds())
		for i, j := range jobs {
			epoch, err := strconv.ParseInt(j.Data, 10, 64)
			if err != nil {
				return fmt.Errorf("read the epoch of step %d: %w", j.ID, err)
			}
			a := alerts[i]
			if err := e.due(u, a, epoch); err != nil {
				return err
			}
		}
		return tx.DeleteJobs(ctx, jobs)
	})
	if err == nil {
		e.stats.Steps.Add(int64(n))
	}
	return n, err
}

// due applies one timer. A panic is an error of this alert alone.
func (e *Engine) due(u *unit, a core.Alert, epoch int64) (err error) {
	defer func() {
		if p := recover(); p != nil {
			e.stats.Panics.Add(1)
			e.log.Error("panic in a step", "alert", a.ID, "err", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic in the step of alert %d: %v", a.ID, p)
		}
	}()
	_, err = u.apply(u.add(a), core.Due{Epoch: epoch}, u.env(a.Source, a.Policy))
	return err
}

// stepsAlone runs due timers one by one after a batch failed, so that one poisoned alert
// cannot stop the others; it is put off with growing delay, and logged each time.
func (e *Engine) stepsAlone(ctx context.Context) (n int) {
	for range stepBatch {
		taken, err := e.steps(ctx, 1)
		if err != nil && !away(err) {
			err = e.putOff(ctx)
			taken = 1
		}
		if err != nil || taken == 0 {
			return n
		}
		n++
	}
	return n
}

// putOff moves the longest overdue step, which has just failed alone, into the future.
func (e *Engine) putOff(ctx context.Context) error {
	return e.DB.Tx(ctx, func(tx *store.Tx) error {
		now := e.Now()
		jobs, _, err := tx.TakeAlertSteps(ctx, now, 1)
		if err != nil || len(jobs) == 0 {
			return err
		}
		j := jobs[0]
		j.Tries++
		j.RunAt = now.Add(backoff(j.Tries))
		e.log.Error("put a step off", "job", j.ID, "alert", j.Subject, "attempt", j.Tries)
		return tx.Postpone(ctx, j)
	})
}

// backoff grows from one second to a minute, with jitter.
func backoff(tries int) time.Duration {
	d := min(time.Second<<min(tries, 6), time.Minute)
	return d/2 + rand.N(d/2+1)
}

// runSends claims queues and gives them to the lane's workers.
func (e *Engine) runSends(ctx context.Context, l *lane) error {
	slots := make(chan struct{}, l.workers)
	var running sync.WaitGroup
	defer running.Wait()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
			return nil
		case slots <- struct{}{}:
		}
		q, ok, err := e.DB.Claim(ctx, l.name, e.Now(), e.lease)
		if err != nil || !ok {
			<-slots
			if err != nil && ctx.Err() == nil {
				e.log.Error("claim jobs", "kind", l.name, "err", err)
			}
			if !e.sleep(ctx, l, err != nil) {
				return nil
			}
			continue
		}
		running.Go(func() {
			e.runQueue(context.WithoutCancel(ctx), l, q)
			<-slots
			l.wake()
		})
	}
	return nil
}

// runQueue makes the sends of one queue and records what came of them.
func (e *Engine) runQueue(ctx context.Context, l *lane, q store.Queue) {
	ctx, cancel := context.WithTimeout(ctx, e.lease*2/3)
	sent, err := e.protect(ctx, l.send, q)
	cancel()
	if err != nil {
		e.log.Error("make sends", "kind", l.name, "conversation", q.Subject, "attempt", q.Attempt, "err", err)
		sent = e.retryAll(q, err)
	}
	e.stats.Sent.Add(int64(len(sent.Done)))
	e.stats.Retried.Add(int64(len(sent.Later)))
	// Recorded even when the deadline of the sends is over: they were made.
	ctx, cancel = context.WithTimeout(context.Background(), e.lease/3)
	defer cancel()
	for tries := 1; ; tries++ {
		err := e.record(ctx, q, sent)
		if err == nil || core.KindOf(err) == core.Conflict {
			return // recorded, or somebody else has the queue now
		}
		e.log.Error("record sends", "kind", l.name, "conversation", q.Subject, "attempt", q.Attempt, "err", err)
		if !away(err) {
			sent = e.retryAll(q, err) // what it wanted recorded can never be
		}
		select {
		case <-ctx.Done():
			return // the lease runs out, and the sends are made again
		case <-time.After(backoff(tries)):
		}
	}
}

// protect confines a panic to its queue.
func (e *Engine) protect(ctx context.Context, f JobFunc, q store.Queue) (s Sent, err error) {
	defer func() {
		if p := recover(); p != nil {
			e.stats.Panics.Add(1)
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return f(ctx, q)
}

// retryAll puts off everything in a queue. A job that failed eight times is given up, in
// the log, so that the others of its conversation go on.
func (e *Engine) retryAll(q store.Queue, cause error) Sent {
	var s Sent
	now := e.Now()
	for _, j := range q.Jobs {
		j.Tries++
		if j.Tries > 8 {
			e.log.Error("give a job up", "job", j.ID, "kind", j.Kind, "conversation", j.Subject, "attempt", j.Tries, "err", cause)
			s.Done = append(s.Done, j)
			continue
		}
		j.RunAt = now.Add(backoff(j.Tries))
		s.Later = append(s.Later, j)
	}
	return s
}

// record writes what came of a queue's sends, if it is still ours: one transaction for
// the posts, what core shall know, and the end of the jobs.
func (e *Engine) record(ctx context.Context, q store.Queue, s Sent) error {
	return e.decide(ctx, func(tx *store.Tx, u *unit) error {
		ids := slices.Clone(s.Alerts)
		for id := range s.Inputs {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		alerts, err := tx.AlertsLocked(ctx, slices.Compact(ids)) // before jobs and queues: the order of locks
		if err != nil {
			return fmt.Errorf("lock alerts: %w", err)
		}
		if err := tx.Hold(ctx, q); err != nil {
			return err
		}
		if s.Record != nil {
			if err := s.Record(ctx, tx); err != nil {
				return fmt.Errorf("record: %w", err)
			}
		}
		for _, a := range alerts {
			if err := u.inputs(a, s.Inputs[a.ID]); err != nil {
				return err
			}
		}
		u.finally = func(ctx context.Context) error { return tx.Done(ctx, q, s.Done, s.Later, s.NotBefore) }
		return nil
	})
}

func (u *unit) inputs(a core.Alert, inputs []core.Input) error {
	if len(inputs) == 0 {
		return nil
	}
	w := u.add(a)
	for _, in := range inputs {
		if _, err := u.apply(w, in, u.env(a.Source, a.Policy)); err != nil && core.KindOf(err) == core.Internal {
			return err
		}
	}
	return nil
}

// RunDue runs every timer that is due now and returns how many: the runner's own step,
// for tests and tools that do not run the engine.
func (e *Engine) RunDue(ctx context.Context) (n int, err error) {
	for {
		k, err := e.steps(ctx, stepBatch)
		n += k
		if err != nil || k < stepBatch {
			return n, err
		}
	}
}
