package bot

import (
	"context"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/watchbell/watchbell/core"
)

// Handle does what the person asked, and returns after it is stored. It never panics and
// never returns an empty answer to something typed.
func (b *Bot) Handle(ctx context.Context, in Interaction) (r Reply) {
	defer b.keep()()
	defer b.survive("handle an interaction", in, func() { r = b.finish(ours(), in) })
	return b.finish(b.handle(ctx, in), in)
}

// survive, deferred, logs a panic and lets otherwise answer.
func (b *Bot) survive(what string, in Interaction, otherwise func()) {
	if p := recover(); p != nil {
		b.log.Error(what, "platform", in.Actor.Platform, "actor", in.Actor.Account, "err", p, "stack", string(debug.Stack()))
		otherwise()
	}
}

func (b *Bot) handle(ctx context.Context, in Interaction) Reply {
	return b.handleFor(ctx, in, core.User{})
}

// handleFor is handle for an account that was linked to the user a moment ago, which the
// configuration in memory may not know yet.
func (b *Bot) handleFor(ctx context.Context, in Interaction, linked core.User) Reply {
	c, err := b.understand(in)
	if c.user.ID == 0 && linked.ID != 0 {
		c.user, c.loc = linked, zoneOf(linked).loc
	}
	if c.user.ID == 0 && (c.verb == nil || !c.verb.anyone) {
		return c.stranger(ctx)
	}
	if err == nil {
		err = c.complete(ctx)
	}
	if err != nil {
		return c.refuse(err)
	}
	if missing := c.missing(); len(missing) > 0 {
		return c.askFor(missing)
	}
	r, err := c.verb.run(ctx, c)
	if err != nil {
		return c.refuse(err)
	}
	return r
}

// First answers at once what must be answered first: the form for what a press or a
// command leaves open. From memory only. It never panics.
func (b *Bot) First(in Interaction) (f Form, ok bool) {
	defer b.survive("ask first", in, func() { f, ok = Form{}, false })
	c, err := b.understand(in)
	if err != nil || in.Form != "" || c.user.ID == 0 || !b.can(in.Actor.Platform).Forms {
		return Form{}, false
	}
	missing := c.missing()
	if len(missing) == 0 || c.direct && c.verb.numbered() && missing[0].name == idField {
		return Form{}, false // nothing is open, or the alert must be looked up first
	}
	if c.verb.name == "new" && c.createsAtOnce() {
		return Form{}, false
	}
	return c.form(), true
}

// finish fills in what every answer must have.
func (b *Bot) finish(r Reply, in Interaction) Reply {
	if r.Card != nil && r.Card.Plain == "" {
		u, _ := b.engine.Snapshot().UserOf(in.Actor.Platform, in.Actor.Account)
		r.Card.Plain = b.inWords(*r.Card, u.ID)
	}
	can := b.can(in.Actor.Platform)
	if r.Card != nil {
		fitted := Fit(*r.Card, can)
		r.Card = &fitted
	}
	if r.Now != nil {
		fitted := Fit(*r.Now, can)
		r.Now = &fitted
	}
	return r
}

// inWords is a whole card as text.
func (b *Bot) inWords(card Card, reader core.UserID) string {
	out := []string{b.Plain(card.Headline, reader)}
	for _, l := range card.Lines {
		out = append(out, b.Plain(l, reader))
	}
	return strings.Join(slices.DeleteFunc(out, func(s string) bool { return s == "" }), "\n")
}

// readText finds the verb in what was typed. The slash may be left out where every text
// is for us; /watchbell goes before any command.
func (c *call) readText(text string) error {
	text = strings.TrimSpace(text)
	words := wordsOf(strings.TrimPrefix(text, "/"))
	text = strings.TrimPrefix(text, "/")
	if len(words) == 0 {
		c.verb, _ = verbNamed("watchbell", "help")
		return nil
	}
	first := strings.ToLower(strings.TrimPrefix(words[0].text, "/"))
	if first == "watchbell" && len(words) > 1 {
		if next := strings.ToLower(strings.TrimPrefix(words[1].text, "/")); !isVerb("watchbell", next) {
			words, first = words[1:], next
		}
	}
	if slices.Contains(families, first) {
		return c.readCommand(text, first, words[1:])
	}
	for _, family := range []string{"alert", "watchbell", "oncall"} {
		if v, ok := typed(family, first); ok {
			c.verb = v
			return c.readWords(text, words[1:])
		}
	}
	return unknownCommand(first)
}

func isVerb(family, name string) bool {
	_, ok := verbNamed(family, name)
	return ok
}

// readCommand reads what follows a command's first word.
func (c *call) readCommand(text, family string, words []word) error {
	c.verb, _ = bare(family)
	if len(words) == 0 {
		return nil
	}
	name := strings.ToLower(words[0].text)
	if v, ok := typed(family, name); ok {
		c.verb = v
		return c.readWords(text, words[1:])
	}
	if _, ok := alertNumber(name); ok && family == "alert" {
		c.verb, _ = verbNamed(family, "show")
		return c.readWords(text, words)
	}
	if v, ok := unsaid(family); ok {
		c.verb = v
	}
	if len(c.verb.asks) == 0 {
		return unknownVerb(family, name)
	}
	return c.readWords(text, words)
}

// readWords answers the verb's questions with words, in order: leading numbers are
// alerts, the last question takes everything that is left.
func (c *call) readWords(text string, words []word) error {
	if c.verb.read != nil {
		if !c.verb.read(c, words) {
			return tooMuch(c.verb, words[len(words)-1].text)
		}
		return nil
	}
	asks := slices.DeleteFunc(slices.Clone(c.verb.asks), func(a ask) bool { return a.formOnly })
	if c.verb.numbered() {
		c.ids, words = leadingNumbers(words, c.verb.most())
		if len(c.ids) == 0 && len(words) > 0 && !c.bareTail() {
			return noNumber(c.verb, words[0].text)
		}
		asks = asks[1:]
	}
	if len(words) > 0 && c.verb.name == "merge" && strings.EqualFold(words[0].text, "into") {
		words = words[1:]
	}
	switch {
	case len(words) == 0:
		return nil
	case len(asks) == 0:
		return tooMuch(c.verb, words[0].text)
	}
	for c.verb.apart && len(asks) > 1 && len(words) > 1 {
		c.values[asks[0].name] = words[0].text
		asks, words = asks[1:], words[1:]
	}
	c.values[asks[0].name] = rest(text, words)
	return nil
}

// bareTail tells whether text without a number may follow the verb: in the direct
// conversation “resolve disk was full” means my only open alert.
func (c *call) bareTail() bool { return c.direct && len(c.verb.asks) > 1 }
