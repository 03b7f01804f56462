package bot

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"strings"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/store"
)

const (
	firstRetry = time.Second
	lastRetry  = time.Minute

	// callPatience is how long a platform may fail to take a call before the alert is
	// told, so that somebody else is paged.
	callPatience = 30 * time.Second
)

// delivery is one claimed queue while its sends are made: where they go, and what shall
// be recorded of them.
type delivery struct {
	*Bot
	adapter Adapter
	to      core.Conversation
	opened  string // the ref of a direct conversation opened just now
	now     time.Time
	sent    engine.Sent
	records []func(ctx context.Context, tx *store.Tx) error
	halted  bool         // nothing more may go to this conversation now
	fresh   int          // new cards in this round
	storm   bool         // the storm card has to be brought up to date
	rest    []store.Job  // not begun: they stay due
	folds   []store.Post // the alerts folded into it, recorded once it is shown
}

// open prepares the sends of a queue. A conversation or platform that is not there is no
// reason to wait: its jobs are done.
func (b *Bot) open(ctx context.Context, q store.Queue) (*delivery, error) {
	d := &delivery{Bot: b, now: b.engine.Now()}
	err := b.engine.DB.View(ctx, func(tx *store.Tx) (err error) {
		d.to, err = tx.Conversation(ctx, core.ConversationID(q.Subject))
		return err
	})
	if err != nil && core.KindOf(err) != core.NotFound {
		return nil, fmt.Errorf("load conversation %d: %w", q.Subject, err)
	}
	d.adapter = b.adapters[d.to.Platform]
	return d, nil
}

// direct opens the person's own conversation where the platform has to be asked for it.
func (d *delivery) direct(ctx context.Context) error {
	opener, ok := d.adapter.(Directs)
	account, unopened := strings.CutPrefix(d.to.Ref, "@")
	if !ok || !unopened || d.to.User == 0 {
		return nil
	}
	ref, err := guard(func() (string, error) { return opener.Direct(ctx, account) })
	if err != nil {
		return err
	}
	d.to.Ref, d.opened = ref, ref
	id := d.to.ID
	d.record(func(ctx context.Context, tx *store.Tx) error { return tx.SetConversationRef(ctx, id, ref) })
	return nil
}

func (d *delivery) record(f func(ctx context.Context, tx *store.Tx) error) {
	d.records = append(d.records, f)
}

// result is what the runner records, in one transaction.
func (d *delivery) result() engine.Sent {
	if len(d.records) > 0 {
		records := d.records
		d.sent.Record = func(ctx context.Context, tx *store.Tx) error {
			for _, r := range records {
				if err := r(ctx, tx); err != nil {
					return err
				}
			}
			return nil
		}
	}
	return d.sent
}

// each does the jobs of a queue. One that ends in an error or a panic fails alone: what
// the others sent is recorded. The error is for the engine, which tries again what result
// says nothing about.
func (d *delivery) each(ctx context.Context, jobs []store.Job, do func(context.Context, store.Job) error) error {
	var failed []error
	for i, j := range jobs {
		if d.halted || ctx.Err() != nil {
			d.rest = jobs[i:]
			break
		}
		if err := d.confine(func() error { return do(ctx, j) }); err != nil {
			failed = append(failed, fmt.Errorf("job %d: %w", j.ID, err))
		}
	}
	return errors.Join(failed...)
}

// ended is the result of a round in which jobs may have failed; those that were not begun
// have not.
func (d *delivery) ended(err error) (engine.Sent, error) {
	if err != nil {
		d.sent.Later = append(d.sent.Later, d.rest...)
	}
	return d.result(), err
}

// confine makes a panic an error.
func (b *Bot) confine(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return f()
}

func (d *delivery) done(j store.Job) { d.sent.Done = append(d.sent.Done, j) }

// later tries a job again with growing, jittered distance, and not before the platform
// allows it.
func (d *delivery) later(j store.Job, e *SendError) {
	wait := retryAfter(j.Tries)
	if e.After > 0 {
		wait = max(wait, e.After)
		if until := d.now.Add(e.After); until.After(d.sent.NotBefore) {
			d.sent.NotBefore = until
		}
		d.halted = true
	}
	j.Tries++
	j.RunAt = d.now.Add(wait)
	d.sent.Later = append(d.sent.Later, j)
}

// retryAfter is 1, 2, 4 … 60 seconds and up to a fifth more, so that many do not come back at
// once.
func retryAfter(tries int) time.Duration {
	wait := lastRetry
	if tries < 6 {
		wait = firstRetry << tries
	}
	return wait + rand.N(wait/5)
}

// paced makes the conversation wait after a send as long as its platform asks.
func (d *delivery) paced() {
	pace := d.adapter.Can().Pace
	if pace <= 0 {
		return
	}
	d.halted = true
	if until := d.now.Add(pace); until.After(d.sent.NotBefore) {
		d.sent.NotBefore = until
	}
}

// send and edit call the adapter. A panic in it is an error like any other.
func (d *delivery) send(ctx context.Context, m Message) (core.PostRef, *SendError) {
	m.Card = Fit(m.Card, d.adapter.Can())
	ref, err := guard(func() (core.PostRef, error) { return d.adapter.Send(ctx, d.to, m) })
	return ref, asSendError(err)
}

func (d *delivery) edit(ctx context.Context, ref core.PostRef, m Message) *SendError {
	m.Card = Fit(m.Card, d.adapter.Can())
	_, err := guard(func() (struct{}, error) { return struct{}{}, d.adapter.Edit(ctx, d.to, ref, m) })
	return asSendError(err)
}

func guard[T any](f func() (T, error)) (out T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in an adapter: %v", p)
		}
	}()
	return f()
}

// asSendError treats an error without advice as one that may pass.
func asSendError(err error) *SendError {
	if err == nil {
		return nil
	}
	var e *SendError
	if errors.As(err, &e) {
		return e
	}
	return &SendError{Do: Retry, Err: err}
}

// key is the idempotency key of a message: a pure function of what it is, never of the
// attempt or the replica. 24 letters.
func (b *Bot) key(kind string, alert core.AlertID, in core.ConversationID, n int64) string {
	installation := b.engine.Snapshot().Installation
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%s/%d/%d/%d", installation, kind, alert, in, n))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:15]))
}

// warn logs a send that failed for good.
func (d *delivery) warn(what string, j store.Job, e *SendError) {
	d.log.Warn(what, "platform", d.to.Platform, "conversation", d.to.ID, "kind", j.Kind, "job", j.ID, "attempt", j.Tries, "err", e.Err)
}
