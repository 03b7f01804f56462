package bot

import (
	"context"
	"fmt"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/store"
)

// sendPages makes the calls of one person's conversation. Right before each send the
// alert is read again: a call that nobody wants any more is dropped.
func (b *Bot) sendPages(ctx context.Context, q store.Queue) (engine.Sent, error) {
	d, err := b.open(ctx, q)
	if err != nil {
		return engine.Sent{}, err
	}
	return d.ended(d.each(ctx, q.Jobs, d.page))
}

func (d *delivery) page(ctx context.Context, j store.Job) error {
	alert, n := engine.SplitPageArg(j.Arg)
	s, err := d.scene(ctx, alert, d.to)
	if core.KindOf(err) == core.NotFound && err != nil {
		d.done(j)
		return nil
	}
	if err != nil {
		return fmt.Errorf("load alert %d: %w", alert, err)
	}
	d.now = s.now
	switch {
	case !s.wanted(d.to.User, d.to.Platform, n):
		d.done(j)
		return nil
	case d.adapter == nil:
		d.failed(s, n, "this platform is not connected")
		d.done(j)
		return nil
	}
	return d.call(ctx, j, s, n)
}

// wanted tells whether call n shall still be made: the alert asks for it, and no newer
// call to the same place says the same and more.
func (s *scene) wanted(u core.UserID, platform string, n int) bool {
	if !s.Alert.Wanted(u, n) {
		return false
	}
	for _, row := range s.Log {
		r := reasonOf(row)
		if row.Type == core.LogNotification && row.User == u && r.by == platform && r.n > n {
			return false
		}
	}
	return true
}

// askedToJoin tells whether somebody was asked only after another had accepted.
func (s *scene) askedToJoin(me core.Responding) bool {
	return s.Alert.Status == core.Accepted && me.AcceptedAt.IsZero() && me.AskedAt.After(s.acceptedAt())
}

// call sends call n and says what became of it.
func (d *delivery) call(ctx context.Context, j store.Job, s *scene, n int) error {
	a := s.Alert
	older, err := d.olderCalls(ctx, a.ID)
	if err != nil {
		return err
	}
	if err := d.direct(ctx); err != nil {
		d.callError(j, s, n, asSendError(err))
		return nil
	}
	ref, failure := d.send(ctx, Message{Card: s.pageCard(n), Key: d.key("page", a.ID, d.to.ID, int64(n)),
		Urgent: a.Priority != core.Low, Call: n})
	if failure != nil {
		d.callError(j, s, n, failure)
		return nil
	}
	d.paced()
	d.done(j)
	d.sent.Alerts = append(d.sent.Alerts, a.ID)
	post := store.Post{Conversation: d.to.ID, Alert: a.ID, Call: n, Ref: ref, ShownRev: a.Rev, ShownSeq: a.Seq, PostedAt: s.now}
	d.record(func(ctx context.Context, tx *store.Tx) error {
		return d.posted(ctx, tx, post, len(older) > 0)
	})
	return nil
}

func (d *delivery) olderCalls(ctx context.Context, id core.AlertID) (calls []store.Post, err error) {
	err = d.engine.DB.View(ctx, func(tx *store.Tx) error {
		posts, err := tx.PostsOf(ctx, id, d.to.ID)
		for _, p := range posts {
			if p.Call > 0 && !p.Gone {
				calls = append(calls, p)
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("load posts of alert %d: %w", id, err)
	}
	return calls, nil
}

// posted records a post. If the alert has changed since it was drawn, nobody has asked
// this conversation to follow, because the post was not there yet: so it is asked now.
// The alert's row is locked, so that no change falls between.
func (d *delivery) posted(ctx context.Context, tx *store.Tx, p store.Post, older bool) error {
	a, err := tx.Alert(ctx, p.Alert)
	if err != nil {
		return err
	}
	if err := tx.SavePost(ctx, p); err != nil {
		return err
	}
	if a.Rev == p.ShownRev && !older {
		return nil
	}
	return tx.Enqueue(ctx, []store.Job{cardJob(p.Conversation, p.Alert, d.now)})
}

func cardJob(in core.ConversationID, alert core.AlertID, at time.Time) store.Job {
	return store.Job{Lane: store.LaneSync, Kind: engine.KindCard, Subject: int64(in), Arg: int64(alert), RunAt: at}
}

// callError decides about a call that was not taken: tried again, or given up; and told
// to the alert once it has taken too long.
func (d *delivery) callError(j store.Job, s *scene, n int, e *SendError) {
	if e.Do != Retry {
		d.warn("page", j, e)
		d.failed(s, n, e.Error())
		d.done(j)
		d.paced()
		return
	}
	d.later(j, e)
	again := d.sent.Later[len(d.sent.Later)-1].RunAt
	if d.late(j, s, n, again) {
		d.warn("page", j, e)
		d.failed(s, n, e.Error())
	}
}

// late tells whether the call will not have been taken within callPatience of being
// wanted.
func (d *delivery) late(j store.Job, s *scene, n int, again time.Time) bool {
	for _, row := range s.Log {
		if r := reasonOf(row); row.Type == core.LogNotification && row.User == d.to.User && r.by == d.to.Platform && r.n == n {
			return again.Sub(row.At) > callPatience
		}
	}
	const fifth = 4 // 1+2+4+8 s have passed, and the next try is 16 s away
	return j.Tries >= fifth
}

// failed tells the alert, once a call, that this platform did not take it. Whether
// another platform did is looked up when it is recorded, with the alert locked: of two
// platforms that give up at the same moment, the second must know of the first, or
// nobody would hear that the person was not reached.
func (d *delivery) failed(s *scene, n int, why string) {
	const longest = 200
	if s.knownFailed(d.to, n) {
		return
	}
	if d.sent.Inputs == nil {
		d.sent.Inputs = map[core.AlertID][]core.Input{}
	}
	id, to := s.Alert.ID, d.to
	in := core.CallFailed{User: to.User, Platform: to.Platform, N: n, Reason: cut(oneLine(why), longest), Others: true}
	at := len(d.sent.Inputs[id])
	d.sent.Inputs[id] = append(d.sent.Inputs[id], in)
	inputs := d.sent.Inputs
	d.record(func(ctx context.Context, tx *store.Tx) error {
		view, err := tx.AlertView(ctx, id)
		if err != nil {
			return err
		}
		now := in
		now.Others = (&scene{AlertView: view}).others(to, n)
		inputs[id][at] = now // inputs are applied after this, in the same transaction
		return nil
	})
}

// knownFailed tells whether the alert has heard that this platform did not take call n.
func (s *scene) knownFailed(to core.Conversation, n int) bool {
	for _, row := range s.Log {
		if r := reasonOf(row); row.Type == core.LogNotificationFailed && row.User == to.User && r.by == to.Platform && r.n == n {
			return true
		}
	}
	return false
}

// others tells whether another platform took the same call, or still may: one that has
// not failed.
func (s *scene) others(to core.Conversation, n int) bool {
	open := map[string]bool{}
	for _, row := range s.Log {
		r := reasonOf(row)
		switch {
		case row.User != to.User || r.n != n || r.by == to.Platform:
		case row.Type == core.LogNotification:
			open[r.by] = true
		case row.Type == core.LogNotificationFailed:
			open[r.by] = false
		}
	}
	for _, still := range open {
		if still {
			return true
		}
	}
	return false
}
