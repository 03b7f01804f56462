package bot

import (
	"context"
	"fmt"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/schedules"
	"github.com/watchbell/watchbell/store"
)

// syncCover brings the card of a coverage request in a direct conversation to its present
// state; the first time it is posted, aloud for who is asked.
func (d *delivery) syncCover(ctx context.Context, j store.Job) error {
	if d.adapter == nil {
		d.done(j)
		return nil
	}
	r, post, posted, err := d.coverPost(ctx, j.Arg)
	if core.KindOf(err) == core.NotFound && err != nil {
		d.done(j)
		return nil
	}
	if err != nil {
		return fmt.Errorf("load coverage request %d: %w", j.Arg, err)
	}
	failure := d.showCover(ctx, r, post, posted)
	switch {
	case failure == nil:
		d.done(j)
	case failure.Do == Retry:
		d.later(j, failure)
	default:
		d.warn("show a coverage request", j, failure)
		d.done(j)
	}
	return nil
}

func (d *delivery) coverPost(ctx context.Context, id int64) (r schedules.CoverRequest, p store.CoverPost, posted bool, err error) {
	err = d.engine.DB.View(ctx, func(tx *store.Tx) error {
		if r, err = tx.Cover(ctx, id); err != nil {
			return err
		}
		p, posted, err = tx.CoverPost(ctx, id, d.to.ID)
		return err
	})
	return r, p, posted, err
}

func (d *delivery) showCover(ctx context.Context, r schedules.CoverRequest, p store.CoverPost, posted bool) *SendError {
	card := d.coverScene(r, d.to.User).card()
	switch {
	case !posted:
		if err := d.direct(ctx); err != nil {
			return asSendError(err)
		}
		ref, failure := d.send(ctx, Message{Card: card, Key: d.key("cover", core.AlertID(r.ID), d.to.ID, 0), Quiet: d.to.User == r.Sender})
		if failure != nil {
			return failure
		}
		p.Ref, p.PostedAt = ref, d.now
	case p.Gone || p.ShownRev >= r.Rev || !d.adapter.Can().Edit:
		return nil
	default:
		failure := d.edit(ctx, p.Ref, Message{Card: card, Quiet: true})
		if failure != nil && failure.Do != Gone {
			return failure
		}
		p.Gone = failure != nil
	}
	d.paced()
	p.ShownRev = r.Rev
	d.record(func(ctx context.Context, tx *store.Tx) error { return d.coverPosted(ctx, tx, p) })
	return nil
}

// coverPosted records a card. If the request has changed since it was drawn, another look
// is asked for; its row is locked, so that no change falls between.
func (d *delivery) coverPosted(ctx context.Context, tx *store.Tx, p store.CoverPost) error {
	r, err := tx.CoverLocked(ctx, p.Cover)
	if err != nil {
		return err
	}
	if err := tx.SaveCoverPost(ctx, p); err != nil || r.Rev == p.ShownRev {
		return err
	}
	return tx.Enqueue(ctx, []store.Job{{Lane: store.LaneSync, Kind: engine.KindCover, Subject: int64(p.Conversation), Arg: p.Cover, RunAt: d.now}})
}
