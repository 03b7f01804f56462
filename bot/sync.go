package bot

import (
	"context"
	"errors"
	"fmt"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/store"
)

// quietCall marks the one quiet line that tells an accepter how it ended; it is no call.
const quietCall = -1

// syncCards brings a conversation to the present state of alerts. What it shows is drawn
// now, so that many changes become one edit and the last one wins.
func (b *Bot) syncCards(ctx context.Context, q store.Queue) (engine.Sent, error) {
	d, err := b.open(ctx, q)
	if err != nil {
		return engine.Sent{}, err
	}
	err = d.each(ctx, q.Jobs, func(ctx context.Context, j store.Job) error {
		if j.Kind == engine.KindCover {
			return d.syncCover(ctx, j)
		}
		return d.sync(ctx, j)
	})
	return d.ended(errors.Join(err, d.endStorm(ctx)))
}

func (d *delivery) sync(ctx context.Context, j store.Job) error {
	if d.adapter == nil {
		d.done(j)
		return nil
	}
	id := core.AlertID(j.Arg)
	if id == 0 {
		d.storm = true // the last word on a storm
		d.done(j)
		return nil
	}
	s, err := d.scene(ctx, id, d.to)
	if err != nil {
		if core.KindOf(err) == core.NotFound {
			d.done(j)
			return nil
		}
		return fmt.Errorf("load alert %d: %w", id, err)
	}
	d.now = s.now
	var posts []store.Post
	err = d.engine.DB.View(ctx, func(tx *store.Tx) (err error) {
		posts, err = tx.PostsOf(ctx, id, d.to.ID)
		return err
	})
	if err != nil {
		return fmt.Errorf("load posts of alert %d: %w", id, err)
	}
	failure := d.show(ctx, s, posts)
	switch {
	case failure == nil:
		d.done(j)
	case failure.Do == Retry:
		d.later(j, failure)
	default:
		d.warn("show an alert", j, failure)
		d.done(j)
	}
	return nil
}

func (d *delivery) show(ctx context.Context, s *scene, posts []store.Post) *SendError {
	if d.to.User != 0 {
		return d.showPages(ctx, s, posts)
	}
	card, posted := cardOf(posts)
	if !posted {
		return d.postCard(ctx, s)
	}
	if card.Ref == "" && !card.Gone {
		return d.unfold(ctx, s, card)
	}
	return d.bringUpToDate(ctx, s, card)
}

func cardOf(posts []store.Post) (store.Post, bool) {
	for _, p := range posts {
		if p.Call == 0 {
			return p, true
		}
	}
	return store.Post{}, false
}

// postCard shows an alert that the conversation has not seen. A merged one is seen as
// part of its main alert.
func (d *delivery) postCard(ctx context.Context, s *scene) *SendError {
	if s.Alert.MergedInto != 0 {
		return nil
	}
	storming, err := d.storming(ctx)
	if err != nil {
		return asSendError(err)
	}
	if storming {
		d.fold(s)
		return nil
	}
	key := d.key("card", s.Alert.ID, d.to.ID, 0)
	ref, failure := d.send(ctx, Message{Card: s.channelCard(), Key: key, Quiet: s.Alert.Priority == core.Low || !s.Alert.Open()})
	if failure != nil {
		return failure
	}
	d.paced()
	d.fresh++
	d.save(store.Post{Conversation: d.to.ID, Alert: s.Alert.ID, Ref: ref, ShownRev: s.Alert.Rev, ShownSeq: s.Alert.Seq, PostedAt: s.now})
	return nil
}

// save records a post and asks for another look if the alert moved on meanwhile.
func (d *delivery) save(p store.Post) {
	d.sent.Alerts = appendNew(d.sent.Alerts, p.Alert)
	d.record(func(ctx context.Context, tx *store.Tx) error { return d.posted(ctx, tx, p, false) })
}

// bringUpToDate edits the card, then tells beside it what the whole conversation shall
// hear.
func (d *delivery) bringUpToDate(ctx context.Context, s *scene, p store.Post) *SendError {
	if d.adapter.Can().Edit && p.ShownRev < s.Alert.Rev && p.Ref != "" {
		failure := d.edit(ctx, p.Ref, Message{Card: s.channelCard()})
		switch {
		case failure == nil:
			d.paced()
		case failure.Do == Gone:
			return d.postAnew(ctx, s, p)
		default:
			return failure
		}
	}
	p.ShownRev = s.Alert.Rev
	failure := d.tell(ctx, s, &p)
	d.save(p) // what was told is told, even if the rest must be tried again
	return failure
}

// postAnew puts back a card that somebody deleted, once, while its alert is open.
func (d *delivery) postAnew(ctx context.Context, s *scene, p store.Post) *SendError {
	if p.Gone || !s.Alert.Open() || s.Alert.MergedInto != 0 {
		p.Gone, p.Ref, p.ShownRev, p.ShownSeq = true, "", s.Alert.Rev, s.Alert.Seq
		d.save(p)
		return nil
	}
	ref, failure := d.send(ctx, Message{Card: s.channelCard(), Key: d.key("anew", s.Alert.ID, d.to.ID, p.PostedAt.UnixMicro())})
	if failure != nil {
		return failure
	}
	d.paced()
	p.Gone, p.Ref, p.ShownRev, p.ShownSeq = true, ref, s.Alert.Rev, s.Alert.Seq
	d.save(p)
	return nil
}

// showPages edits all calls of the alert in a person's conversation: the newest to the
// present state, older ones to a line.
func (d *delivery) showPages(ctx context.Context, s *scene, posts []store.Post) *SendError {
	newest := store.Post{}
	for _, p := range posts {
		if p.Call > newest.Call {
			newest = p
		}
	}
	if d.adapter.Can().Edit {
		for _, p := range posts {
			if failure := d.showPage(ctx, s, p, newest); failure != nil {
				return failure
			}
		}
	}
	return d.sleepWell(ctx, s, posts)
}

// showPage edits one call if it shows an older state, or if a newer call was posted
// after it was drawn.
func (d *delivery) showPage(ctx context.Context, s *scene, p, newest store.Post) *SendError {
	superseded := p.Call < newest.Call && p.ShownSeq < newest.ShownSeq
	if p.Call <= 0 || p.Gone || p.ShownRev >= s.Alert.Rev && !superseded {
		return nil
	}
	failure := d.edit(ctx, p.Ref, Message{Card: s.pageOf(p.Call, newest.Call), Quiet: true})
	if failure != nil && failure.Do != Gone {
		return failure
	}
	p.Gone = failure != nil
	p.ShownRev, p.ShownSeq = s.Alert.Rev, max(s.Alert.Seq, newest.ShownSeq)
	d.save(p)
	return nil
}

// pageOf draws a call: one that is older than the newest posted is a line.
func (s *scene) pageOf(n, newest int) Card {
	if n < newest && s.Alert.Open() && s.Alert.MergedInto == 0 {
		return s.olderCall(n)
	}
	return s.pageCard(n)
}

// sleepWell tells whoever accepted, once and quietly, that the alert ended by itself.
func (d *delivery) sleepWell(ctx context.Context, s *scene, posts []store.Post) *SendError {
	me, asked := responding(s.Alert, d.to.User)
	row, ended := s.last(core.LogResolved, core.LogAutoResolved)
	if s.Alert.Status != core.Resolved || !asked || me.AcceptedAt.IsZero() || !ended || row.User != 0 {
		return nil
	}
	for _, p := range posts {
		if p.Call == quietCall {
			return nil
		}
	}
	line := say("{} resolved by {} {}. You can sleep.", number(s.Alert.ID), s.resolver(), clock(s.Alert.ResolvedAt))
	ref, failure := d.send(ctx, Message{Card: s.broadcast(line), Key: d.key("end", s.Alert.ID, d.to.ID, 0), Quiet: true})
	if failure != nil {
		return failure
	}
	d.save(store.Post{Conversation: d.to.ID, Alert: s.Alert.ID, Call: quietCall, Ref: ref, ShownRev: s.Alert.Rev, ShownSeq: s.Alert.Seq, PostedAt: s.now})
	return nil
}
