package engine

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

const (
	beatPace  = 100 * time.Millisecond // between commits of beats that change nothing but a time
	maxBeats  = 8192                   // that wait for a commit
	beatBatch = 1024                   // in one commit
)

// beats are calls that wait for the next commit. As with the inbox, whoever holds the slot
// commits for all; but one that can only say again that all is well waits until some have
// come together.
type beats struct {
	slot   chan struct{} // size one: held by who commits
	urgent chan struct{} // size one: something waits that is not to

	mu      sync.Mutex // guards what follows
	waiting []*beat
	last    time.Time                 // when a commit ended, on our own clock
	calm    map[core.HeartbeatID]bool // known to be HEALTHY and not paused
	blind   time.Time                 // when the first was refused whose time is not recorded as blind
}

func newBeats() beats {
	return beats{slot: make(chan struct{}, 1), urgent: make(chan struct{}, 1), calm: map[core.HeartbeatID]bool{}}
}

// beat is one call on its way through a commit.
type beat struct {
	core.Beat
	id   core.HeartbeatID
	err  error
	done chan struct{} // closed when err is final
}

// Beat takes one call of a heartbeat and returns after it is stored. core.NotFound: there
// is no such heartbeat any more. core.Unavailable: it was not taken, and the time until the
// database is there again will count as blind.
func (e *Engine) Beat(ctx context.Context, id core.HeartbeatID, b core.Beat) error {
	b.At = e.Now()
	w := &beat{Beat: b, id: id, done: make(chan struct{})}
	if !e.beats.put(w) {
		e.beats.refused(b.At)
		return &core.Error{Kind: core.Unavailable, Text: "more beats are waiting than can be stored", Do: "Send it again in a few seconds."}
	}
	for {
		select {
		case <-w.done:
			return w.err
		case <-ctx.Done():
			if e.beats.withdraw(w) {
				e.beats.refused(b.At)
			}
			return ctx.Err()
		case e.beats.slot <- struct{}{}:
			e.leadBeats(ctx, w)
		}
	}
}

// leadBeats commits the next batch, unless the beat's own was committed meanwhile.
func (e *Engine) leadBeats(ctx context.Context, w *beat) {
	defer func() { <-e.beats.slot }()
	select {
	case <-w.done:
		return
	default:
	}
	if !e.beats.gather(ctx) {
		return
	}
	if batch := e.beats.take(); len(batch) > 0 {
		e.commitBeats(context.WithoutCancel(ctx), batch)
		e.beats.committed()
	}
}

// commitBeats stores a batch and lets everybody who waits for it go on. If it cannot be
// stored together, each is tried alone.
func (e *Engine) commitBeats(ctx context.Context, batch []*beat) {
	ctx, cancel := context.WithTimeout(ctx, commitTime)
	defer cancel()
	defer func() {
		for _, b := range batch {
			close(b.done)
		}
	}()
	err := e.storeBeats(ctx, batch)
	if err == nil {
		return
	}
	for _, b := range batch {
		if b.err = err; len(batch) > 1 && !away(err) {
			b.err = e.storeBeats(ctx, []*beat{b})
		}
		if away(b.err) {
			e.beats.refused(b.At)
			b.err = &core.Error{Kind: core.Unavailable, Text: "the database does not answer", Err: b.err, Do: "Send it again in a few seconds."}
		}
	}
}

// storeBeats applies the beats in their order, in one transaction.
func (e *Engine) storeBeats(ctx context.Context, batch []*beat) error {
	var gone map[core.HeartbeatID]bool
	err := e.decide(ctx, func(tx *store.Tx, u *unit) error {
		gone = map[core.HeartbeatID]bool{}
		vitals, err := tx.VitalsLocked(ctx, idsIn(batch))
		if err != nil {
			return err
		}
		var alarms []core.Alarm
		for _, b := range batch {
			h, known := u.snap.Heartbeats[b.id]
			before, there := vitals[b.id]
			if !known || !there {
				gone[b.id] = true
				continue
			}
			after, alarm := h.Beat(before, b.Beat)
			vitals[b.id] = after
			alarms = appendAlarm(alarms, alarm)
			u.armed(h, before, after)
		}
		if err := e.saveVitals(ctx, tx, u, vitals); err != nil {
			return err
		}
		return e.alarm(ctx, tx, u, alarms)
	})
	if err != nil {
		return fmt.Errorf("store beats: %w", err)
	}
	e.stats.Beats.Add(int64(len(batch)))
	e.stats.BeatBatches.Add(1)
	for _, b := range batch {
		if b.err = nil; gone[b.id] {
			b.err = core.Errorf(core.NotFound, "There is no such heartbeat monitor any more.")
		}
	}
	return nil
}

func (e *Engine) saveVitals(ctx context.Context, tx *store.Tx, u *unit, vitals map[core.HeartbeatID]core.Vitals) error {
	all := byID(vitals)
	for _, v := range all {
		u.done = append(u.done, func() { e.beats.know(v, u.now) })
	}
	return tx.SaveVitals(ctx, all)
}

// armed asks for a heartbeat's step if it has none: a beat never moves one that is there,
// since the step looks at the last beat itself.
func (u *unit) armed(h Heartbeat, before, after core.Vitals) {
	if before.Timed() || !after.Timed() {
		return
	}
	if _, deadline := h.Expected(after); !deadline.IsZero() {
		u.jobs = append(u.jobs, heartbeatJob(h.ID, deadline))
	}
}

func idsIn(batch []*beat) []core.HeartbeatID {
	var ids []core.HeartbeatID
	seen := map[core.HeartbeatID]bool{}
	for _, b := range batch {
		if !seen[b.id] {
			seen[b.id] = true
			ids = append(ids, b.id)
		}
	}
	return ids
}

// put queues a beat; false if too many wait.
func (q *beats) put(b *beat) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) >= maxBeats {
		return false
	}
	q.waiting = append(q.waiting, b)
	if !q.calm[b.id] || b.Kind == core.BeatFailed {
		select {
		case q.urgent <- struct{}{}:
		default:
		}
	}
	return true
}

// gather waits until some time has passed since the last commit, or something is urgent;
// false if ctx ends first.
func (q *beats) gather(ctx context.Context) bool {
	q.mu.Lock()
	left := beatPace - time.Since(q.last)
	q.mu.Unlock()
	if left <= 0 {
		return true
	}
	select {
	case <-ctx.Done():
		return false
	case <-q.urgent:
	case <-time.After(left):
	}
	return true
}

func (q *beats) take() []*beat {
	q.mu.Lock()
	defer q.mu.Unlock()
	select {
	case <-q.urgent: // it is in this batch
	default:
	}
	n := min(len(q.waiting), beatBatch)
	batch := slices.Clone(q.waiting[:n])
	q.waiting = slices.Delete(q.waiting, 0, n)
	return batch
}

func (q *beats) committed() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.last = time.Now()
}

// withdraw takes a beat back that nobody has begun to commit, and tells whether it could.
func (q *beats) withdraw(b *beat) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.waiting, b)
	if i < 0 {
		return false
	}
	q.waiting = slices.Delete(q.waiting, i, i+1)
	return true
}

// know remembers whether a heartbeat's next beat may wait. Being wrong costs no more than
// a moment.
func (q *beats) know(v core.Vitals, now time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if v.State == core.Healthy && !v.Paused(now) {
		q.calm[v.Heartbeat] = true
		return
	}
	delete(q.calm, v.Heartbeat)
}

// refused notes that a beat was not taken: from then on we are blind until that is
// recorded.
func (q *beats) refused(at time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.blind.IsZero() || at.Before(q.blind) {
		q.blind = at
	}
}

// blindSince is since when beats were refused; zero: all that is recorded.
func (q *beats) blindSince() time.Time {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.blind
}

// sees tells that blind time from then on is recorded.
func (q *beats) sees(from time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.blind.Equal(from) {
		q.blind = time.Time{}
	}
}
