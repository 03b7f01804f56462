package simtest

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/watchbell/watchbell/bot"
	"github.com/watchbell/watchbell/core"
)

// interactions numbers what people do; platforms never use an id twice.
var interactions atomic.Int64

// Answer is what a person sees after they did something.
type Answer struct {
	bot.Reply
	First bool // a form opened before anything was handled
	Late  bool // the platform acknowledged first, and the answer came afterwards
}

// Type is what a person writes; Press what they press on a post; Submit a form they
// filled in. All go the way that interactions of a real platform go: a form first if
// there is one, an acknowledgement when the answer takes longer than patience.
func (p *Platform) Type(ctx context.Context, account string, in core.Conversation, text string) Answer {
	return p.Deliver(ctx, p.interaction(account, in, bot.Interaction{Text: text}))
}

// Press presses a button of a post.
func (p *Platform) Press(ctx context.Context, account string, in core.Conversation, post core.PostRef, action string) Answer {
	return p.Deliver(ctx, p.interaction(account, in, bot.Interaction{Post: post, Action: action}))
}

// Submit sends a form.
func (p *Platform) Submit(ctx context.Context, account string, in core.Conversation, form string, values map[string]string) Answer {
	return p.Deliver(ctx, p.interaction(account, in, bot.Interaction{Form: form, Values: values}))
}

func (p *Platform) interaction(account string, in core.Conversation, i bot.Interaction) bot.Interaction {
	i.ID = fmt.Sprintf("%s-%d", p.Name, interactions.Add(1))
	i.Actor = core.Actor{Platform: p.Name, Account: account, Name: account}
	in.Platform = p.Name
	i.In = in
	return i
}

// Deliver delivers an interaction; the same one may be delivered again. Run must have
// begun.
func (p *Platform) Deliver(ctx context.Context, in bot.Interaction) Answer {
	h := <-p.handler
	p.handler <- h
	if in.Form == "" {
		if form, ok := h.First(in); ok {
			return Answer{Reply: bot.Reply{Form: &form}, First: true}
		}
	}
	late := make(chan bot.Reply, 1)
	patience := p.can.Patience
	if patience == 0 {
		patience = time.Hour
	}
	r, ok := bot.Answer(ctx, h, in, patience, func(_ context.Context, r bot.Reply) { late <- r })
	if ok {
		return Answer{Reply: r}
	}
	return Answer{Reply: <-late, Late: true}
}
