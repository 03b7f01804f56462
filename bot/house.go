package bot

import (
	"context"

	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/store"
)

// keepHouse makes the sends that nobody waits for with a phone in their hand: lines that
// tell people what somebody else did.
func (b *Bot) keepHouse(ctx context.Context, q store.Queue) (engine.Sent, error) {
	d, err := b.open(ctx, q)
	if err != nil {
		return engine.Sent{}, err
	}
	for _, j := range q.Jobs {
		if d.halted || ctx.Err() != nil {
			break // the rest stays due
		}
		switch j.Kind {
		case engine.KindTell:
			d.notice(ctx, j)
		default:
			d.log.Warn("keep house", "kind", j.Kind, "job", j.ID)
			d.done(j) // of a newer version that was rolled back
		}
	}
	return d.result(), nil
}

// notice tells one sentence to one person.
func (d *delivery) notice(ctx context.Context, j store.Job) {
	n, err := engine.ReadNotice(j.Data)
	if err != nil || d.adapter == nil {
		if err != nil {
			d.log.Warn("read a notice", "job", j.ID, "err", err)
		}
		d.done(j)
		return
	}
	failure := asSendError(d.direct(ctx))
	if failure == nil {
		text := noticeText(n)
		card := Card{Headline: text, Plain: d.Plain(text, d.to.User)}
		_, failure = d.send(ctx, Message{Card: card, Key: d.key("tell", 0, d.to.ID, j.Arg)})
	}
	switch {
	case failure == nil:
		d.paced()
		d.done(j)
	case failure.Do == Retry:
		d.later(j, failure)
	default:
		d.warn("tell somebody", j, failure)
		d.done(j)
	}
}

// noticeText is a notice with people by name and times on the reader's clock.
func noticeText(n engine.Notice) Text {
	parts := make([]Text, len(n.Parts))
	for i, p := range n.Parts {
		switch {
		case p.User != 0:
			parts[i] = who(p.User)
		case !p.Time.IsZero():
			parts[i] = moment(p.Time)
		case p.Length != 0:
			parts[i] = length(p.Length)
		default:
			parts[i] = plain(p.Text)
		}
	}
	return say(n.Say, parts...)
}
