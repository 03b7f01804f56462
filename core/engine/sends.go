package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

const (
	// maxSendTries is how often a job may end in an error of ours before it is given up.
	// Five take about 30 s, after which an alert hears that a call was not taken.
	maxSendTries = 5

	// drainTime is how long sends may still take once the engine is told to stop.
	drainTime = 5 * time.Second

	// noResult is how long a queue waits of which its JobFunc said nothing at all.
	noResult = time.Second
)

// errFenced says that somebody else has the queue now: what was sent is theirs to record.
var errFenced = errors.New("the queue is held by another worker")

// runSends claims queues and gives them to the lane's workers, until ctx ends; then it
// waits for them.
func (e *Engine) runSends(ctx context.Context, l *lane) error {
	slots := make(chan struct{}, l.workers)
	var running sync.WaitGroup
	defer running.Wait()
	for {
		select {
		case <-ctx.Done():
			return nil
		case slots <- struct{}{}:
		}
		q, ok, err := e.DB.Claim(ctx, l.name, e.Now(), e.lease)
		if ok {
			running.Go(func() {
				e.runQueue(ctx, l, q)
				<-slots
				l.wake()
			})
			continue
		}
		<-slots
		if err != nil && ctx.Err() == nil {
			e.log.Error("claim jobs", "kind", l.name, "err", err)
		}
		if !e.sleep(ctx, l, err != nil) {
			return nil
		}
	}
}

// runQueue makes the sends of one queue and records what came of them, also when ctx ends
// meanwhile: they were made.
func (e *Engine) runQueue(ctx context.Context, l *lane, q store.Queue) {
	sent, err := e.send(ctx, l, q)
	if err != nil {
		e.log.Error("make sends", "kind", l.name, "conversation", q.Subject, "attempt", q.Attempt, "err", err)
		sent = e.retryRest(q, sent, err)
	}
	if len(sent.Done)+len(sent.Later) == 0 && sent.NotBefore.IsZero() {
		sent.NotBefore = e.Now().Add(noResult)
	}
	e.stats.Sent.Add(int64(len(sent.Done)))
	e.stats.Retried.Add(int64(len(sent.Later)))
	ctx, cancel := outlive(ctx, e.lease/3)
	defer cancel()
	for tries := 1; ; tries++ {
		err := e.record(ctx, q, sent)
		if err == nil {
			e.wakeOthers(l, sent)
			return
		}
		if errors.Is(err, errFenced) {
			return
		}
		e.log.Error("record sends", "kind", l.name, "conversation", q.Subject, "attempt", q.Attempt, "err", err)
		if !away(err) { // what it wanted recorded can never be
			sent = e.retryRest(q, Sent{}, err)
			if tries > 1 {
				sent.Inputs = nil
			}
		}
		select {
		case <-ctx.Done():
			return // the lease runs out, and the sends are made again
		case <-time.After(backoff(tries)):
		}
	}
}

// send calls the lane's JobFunc under a deadline shorter than the lease. A panic is an
// error of this queue alone.
func (e *Engine) send(ctx context.Context, l *lane, q store.Queue) (s Sent, err error) {
	ctx, cancel := outlive(ctx, e.lease*2/3)
	defer cancel()
	err = e.confine(func() (err error) {
		s, err = l.send(ctx, q)
		return err
	})
	return s, err
}

// outlive is a context that ends after limit, or drainTime after ctx does.
func outlive(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	work, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(drainTime, cancel) })
	return work, func() {
		stop()
		cancel()
	}
}

// wakeOthers tells the other lanes that a Record may have left work for them.
func (e *Engine) wakeOthers(l *lane, s Sent) {
	if s.Record == nil {
		return
	}
	for _, other := range e.lanes {
		if other != l && other.send != nil {
			other.wake()
		}
	}
}

// retryRest puts off every job of a queue that s says nothing about. One that failed
// often is given up, so that the others of its conversation go on; the log says so, and
// of a call its alert hears.
func (e *Engine) retryRest(q store.Queue, s Sent, cause error) Sent {
	now := e.Now()
	settled := map[int64]bool{}
	for _, j := range slices.Concat(s.Done, s.Later) {
		settled[j.ID] = true
	}
	for _, j := range q.Jobs {
		if settled[j.ID] {
			continue
		}
		j.Tries++
		if away(cause) { // nothing is wrong with the job
			j.Tries = min(j.Tries, maxSendTries)
		}
		if j.Tries <= maxSendTries {
			j.RunAt = now.Add(backoff(j.Tries))
			s.Later = append(s.Later, j)
			continue
		}
		e.log.Error("give a job up", "job", j.ID, "kind", j.Kind, "conversation", j.Subject, "attempt", j.Tries, "err", cause)
		s.Done = append(s.Done, j)
		s.Inputs = e.gaveUp(s.Inputs, j)
	}
	return s
}

// gaveUp adds to the inputs what a call's alert must know of it: the person did not hear.
func (e *Engine) gaveUp(inputs map[core.AlertID][]core.Input, j store.Job) map[core.AlertID][]core.Input {
	to, ok := e.Snapshot().Conversations[core.ConversationID(j.Subject)]
	if !ok || j.Kind != KindPage {
		return inputs
	}
	alert, n := SplitPageArg(j.Arg)
	more := map[core.AlertID][]core.Input{}
	maps.Copy(more, inputs)
	more[alert] = append(slices.Clone(more[alert]), core.CallFailed{User: to.User, Platform: to.Platform, N: n, Reason: "it could not be sent"})
	return more
}

// record writes what came of a queue's sends, if it is still ours: one transaction for
// the posts, what core shall know, and the end of the jobs.
func (e *Engine) record(ctx context.Context, q store.Queue, s Sent) error {
	return e.decide(ctx, func(tx *store.Tx, u *unit) error {
		ids := slices.AppendSeq(slices.Clone(s.Alerts), maps.Keys(s.Inputs))
		slices.Sort(ids)
		alerts, err := tx.AlertsLocked(ctx, slices.Compact(ids)) // before jobs and queues: the order of locks
		if err != nil {
			return fmt.Errorf("lock alerts: %w", err)
		}
		if err := tx.Hold(ctx, q); core.KindOf(err) == core.Conflict && err != nil {
			return errFenced
		} else if err != nil {
			return fmt.Errorf("hold the queue: %w", err)
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

// inputs applies what a send has to tell to its alert. What core refuses is over.
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
