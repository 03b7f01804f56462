package engine

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

const stepBatch = 64

// runSteps takes due timers, applies and deletes them, in one transaction each time: a
// crash is a rollback.
func (e *Engine) runSteps(ctx context.Context) error {
	l := e.lanes[store.LaneStep]
	for ctx.Err() == nil {
		n, err := e.anySteps(ctx)
		if err != nil {
			e.log.Error("run steps", "err", err)
			n, err = e.stepsAlone(ctx)
		}
		if k, others := e.otherSteps(ctx); others != nil {
			err = others
		} else {
			n += k
		}
		e.stats.looked.Store(store.Micros(e.Now()))
		if (n == 0 || err != nil) && !e.sleep(ctx, l, err != nil) {
			return nil
		}
	}
	return nil
}

// anySteps runs due timers of alerts and deadlines of heartbeats, a batch of each.
func (e *Engine) anySteps(ctx context.Context) (n int, err error) {
	for _, run := range []func(context.Context, int) (int, error){e.steps, e.heartbeatSteps} {
		k, err := run(ctx, stepBatch)
		if n += k; err != nil {
			return n, err
		}
	}
	return n, nil
}

// otherSteps runs due steps of the other kinds. One that fails does not stop the others.
func (e *Engine) otherSteps(ctx context.Context) (n int, err error) {
	for _, run := range []func(context.Context) (int, error){e.turnHours, e.coverSteps} {
		k, failed := run(ctx)
		n += k
		if failed != nil {
			e.log.Error("run steps", "err", failed)
			err = errors.Join(err, failed)
		}
	}
	return n, err
}

// steps runs up to limit due timers and returns how many.
func (e *Engine) steps(ctx context.Context, limit int) (n int, err error) {
	ctx = context.WithoutCancel(ctx) // what is begun is finished; the database bounds it
	var late time.Duration
	err = e.decide(ctx, func(tx *store.Tx, u *unit) error {
		jobs, alerts, err := tx.TakeAlertSteps(ctx, u.now, limit)
		if err != nil {
			return fmt.Errorf("take steps: %w", err)
		}
		if n = len(jobs); n == 0 {
			return nil
		}
		late = u.now.Sub(jobs[0].RunAt)
		for i, j := range jobs {
			if err := u.due(alerts[i], j); err != nil {
				return err
			}
		}
		return tx.DeleteJobs(ctx, jobs)
	})
	if err != nil {
		return 0, err
	}
	if n > 0 {
		e.stats.Steps.Add(int64(n))
		e.stats.StepsLate.Store(late.Microseconds())
	}
	return n, nil
}

// due applies one timer.
func (u *unit) due(a core.Alert, j store.Job) error {
	epoch, err := strconv.ParseInt(j.Data, 10, 64)
	if err != nil {
		return fmt.Errorf("read the epoch of step %d: %w", j.ID, err)
	}
	w := u.add(a)
	w.rearm = true
	if _, err := u.apply(w, core.Due{Epoch: epoch}, u.env(a.Source, a.Policy)); err != nil {
		return fmt.Errorf("run the timer of alert %d: %w", a.ID, err)
	}
	return nil
}

// stepsAlone runs due timers one by one after a batch failed, so that one poisoned alert
// cannot stop the others. It is put off with growing delay, and logged each time: it is
// never given up, since somebody may mend what is wrong with it. It returns how many ran
// or were put off.
func (e *Engine) stepsAlone(ctx context.Context) (n int, err error) {
	var jobs []store.Job
	err = e.DB.View(ctx, func(tx *store.Tx) error {
		jobs = nil
		for _, kind := range []string{KindAlert, KindHeartbeat} {
			due, err := tx.StepsOf(ctx, kind, e.Now(), stepBatch)
			if err != nil {
				return err
			}
			jobs = append(jobs, due...)
		}
		return nil
	})
	for _, j := range jobs {
		if err != nil || ctx.Err() != nil {
			return n, err
		}
		if err = e.stepAlone(ctx, j); err != nil && !away(err) {
			err = e.putOff(ctx, j, err)
		}
		n++
	}
	return n, err
}

func (e *Engine) stepAlone(ctx context.Context, j store.Job) error {
	if j.Kind == KindHeartbeat {
		return e.heartbeatStepAlone(ctx, j)
	}
	ctx = context.WithoutCancel(ctx)
	return e.decide(ctx, func(tx *store.Tx, u *unit) error {
		a, ok, err := tx.TakeAlertStep(ctx, j)
		if err != nil || !ok {
			return err
		}
		if err := u.due(a, j); err != nil {
			return err
		}
		return tx.DeleteJobs(ctx, []store.Job{j})
	})
}

// putOff moves a step that failed into the future.
func (e *Engine) putOff(ctx context.Context, j store.Job, cause error) error {
	j.Tries++
	j.RunAt = e.Now().Add(backoff(j.Tries))
	e.log.Error("put a step off", "job", j.ID, "kind", fmt.Sprintf("%s/%d", j.Kind, j.Subject), "attempt", j.Tries, "err", cause)
	return e.DB.Tx(ctx, func(tx *store.Tx) error { return tx.Postpone(ctx, j) })
}

// backoff grows from one second to a minute, with jitter.
func backoff(tries int) time.Duration {
	d := min(time.Second<<min(tries, 6), time.Minute)
	return d/2 + rand.N(d/2+1)
}

// RunDue runs every timer that is due now and returns how many: the runner's own step,
// for tests and tools that do not run the engine.
func (e *Engine) RunDue(ctx context.Context) (n int, err error) {
	for {
		k, err := e.anySteps(ctx)
		more, others := e.otherSteps(ctx)
		n += k + more
		if err = errors.Join(err, others); err != nil || k+more == 0 {
			return n, err
		}
	}
}
