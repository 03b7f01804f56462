package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/store"
)

// call is one verb that one person asks for, with all it was told.
type call struct {
	*Bot
	in     Interaction
	verb   *verb
	snap   *engine.Snapshot
	now    time.Time
	user   core.User // zero: an account nobody has linked
	loc    *time.Location
	direct bool // in the person's own conversation with the bot
	ids    []core.AlertID
	values map[string]string // by field; trimmed, none empty
}

// errField is a wrong value of one field: a form stays open and says so there.
type errField struct {
	field string
	err   error
}

func (e *errField) Error() string { return e.err.Error() }
func (e *errField) Unwrap() error { return e.err }

func inField(field string, err error) error {
	if err == nil {
		return nil
	}
	return &errField{field: field, err: err}
}

// understand finds what an interaction asks for. The error is for the person.
func (b *Bot) understand(in Interaction) (*call, error) {
	c := &call{Bot: b, in: in, snap: b.engine.Snapshot(), now: b.engine.Now(), values: map[string]string{}}
	c.in.In = c.known(in.In)
	c.user, _ = c.snap.UserOf(in.Actor.Platform, in.Actor.Account)
	c.loc = zoneOf(c.user).loc
	c.direct = c.in.In.User != 0
	var err error
	switch {
	case in.Form != "":
		err = c.readButton(in.Form)
	case in.Action != "":
		err = c.readButton(in.Action)
	default:
		err = c.readText(in.Text)
	}
	if err != nil {
		return c, err
	}
	err = c.readValues(in.Values)
	if c.verb.settle != nil {
		c.verb.settle(c)
	}
	return c, err
}

// known fills in what the configuration knows of the conversation.
func (c *call) known(in core.Conversation) core.Conversation {
	for _, have := range c.snap.Conversations {
		if have.Platform == in.Platform && have.Ref == in.Ref || have.ID == in.ID && in.ID != 0 {
			return have
		}
	}
	return in
}

// readButton takes verb:id:more apart; more answers the verb's first question beside the
// alert.
func (c *call) readButton(action string) error {
	name, id, more := splitAction(action)
	v, ok := pressed(name)
	if !ok {
		return &core.Error{Kind: core.Invalid, Text: "This button is not one that I know: it may be from another installation or an older version.",
			Do: "Type " + backquoted("/alert list") + " to see what is open."}
	}
	c.verb = v
	if n, ok := alertNumber(id); ok && v.numbered() {
		c.ids = []core.AlertID{n}
	} else if _, ok := v.ask(idField); ok && id != "" {
		c.values[idField] = id
	}
	if _, ok := v.ask(monitorField); ok && id != "" {
		c.values[monitorField] = "#" + id
	}
	for _, a := range v.asks {
		if a.name != idField && c.values[a.name] == "" && more != "" {
			c.values[a.name] = more
			break
		}
	}
	return nil
}

// readValues takes the fields of a form, which count more than what was typed.
func (c *call) readValues(values map[string]string) error {
	for name, value := range values {
		value = strings.TrimSpace(value)
		if _, ok := c.verb.ask(name); !ok || value == "" {
			continue
		}
		if name != idField || !c.verb.numbered() {
			c.values[name] = value
			continue
		}
		ids, left := leadingNumbers(wordsOf(value), c.verb.most())
		if len(left) > 0 {
			return inField(idField, invalid("“%s” is no alert number.", cut(oneLine(value), 40)))
		}
		c.ids = ids
	}
	return nil
}

// most is how many alerts a verb takes at once.
func (v *verb) most() int {
	const many = 50
	if v.many {
		return many
	}
	return 1
}

// missing are the questions that have no answer yet.
func (c *call) missing() []ask {
	var out []ask
	for _, a := range c.verb.asks {
		switch {
		case a.onPress && c.pressedForForm() && c.values[a.name] == "":
			out = append(out, a)
		case !a.required:
		case a.name == idField && c.verb.numbered():
			if len(c.ids) == 0 {
				out = append(out, a)
			}
		case c.values[a.name] == "":
			out = append(out, a)
		}
	}
	return out
}

// pressedForForm tells whether a button was pressed where a form can ask for more.
func (c *call) pressedForForm() bool {
	return c.in.Action != "" && c.in.Form == "" && c.can(c.in.Actor.Platform).Forms
}

// complete looks for the alert that the person must mean, if none was named.
func (c *call) complete(ctx context.Context) error {
	if !c.verb.numbered() || len(c.ids) > 0 || !c.direct || c.in.Form != "" {
		return nil
	}
	mine, err := c.mine(ctx)
	if err != nil {
		return err
	}
	if c.verb.name == "accept" {
		mine = slices.DeleteFunc(mine, func(a core.Alert) bool { return a.Status != core.Pending })
	}
	switch len(mine) {
	case 0:
		return &core.Error{Kind: core.NotFound, Text: "You have no open page, so I do not know which alert you mean.",
			Do: "Name its number: " + backquoted(c.verb.name+" 12") + "."}
	case 1:
		c.ids = []core.AlertID{mine[0].ID}
		return nil
	}
	return &chooseError{verb: c.verb, alerts: mine}
}

// chooseError says that several alerts could be meant.
type chooseError struct {
	verb   *verb
	alerts []core.Alert
}

func (e *chooseError) Error() string { return "several alerts could be meant" }

// mine are the open alerts that the person responds to, newest first.
func (c *call) mine(ctx context.Context) ([]core.Alert, error) {
	return c.list(ctx, store.AlertFilter{Statuses: open, Responders: []core.UserID{c.user.ID}, Limit: listed})
}

var open = []core.Status{core.Pending, core.Accepted}

// do applies an input to an alert as the person.
func (c *call) do(ctx context.Context, id core.AlertID, in core.Input) (engine.Done, error) {
	return c.engine.Do(ctx, c.command(id, in))
}

func (c *call) command(id core.AlertID, in core.Input) engine.Command {
	return engine.Command{Alert: id, Input: in, By: c.user.ID, Actor: c.actor(), Once: c.once(fmt.Sprint(id))}
}

// actor names who did it for the audit.
func (c *call) actor() string { return c.in.Actor.Platform + ":" + c.in.Actor.Account }

// once makes one interaction act once on one object, whatever replica gets it again.
func (c *call) once(object string) string {
	if c.in.ID == "" {
		return ""
	}
	return strings.Join([]string{c.in.Actor.Platform, c.in.ID, object}, "/")
}

// audit writes what the person did where no alert's own transaction does. An interaction
// that was handled before is a Conflict with the code ONCE.
func (c *call) audit(ctx context.Context, action, object, detail string) error {
	return c.engine.DB.Tx(ctx, func(tx *store.Tx) error {
		return tx.Audit(ctx, store.AuditLine{At: c.now, Actor: c.actor(), Action: action, Object: object,
			Detail: detail, Once: c.once(object)})
	})
}

// acted tells whether this interaction was audited for the object before.
func (c *call) acted(ctx context.Context, object string) (done bool, err error) {
	once := c.once(object)
	if once == "" {
		return false, nil
	}
	err = c.engine.DB.View(ctx, func(tx *store.Tx) (err error) {
		done, err = tx.Acted(ctx, once)
		return err
	})
	return done, err
}

// onceCode is the code of store.Audit for an interaction that was handled before.
const onceCode = "ONCE"

// handledBefore tells whether err says that the interaction was handled before.
func handledBefore(err error) bool {
	var e *core.Error
	return errors.As(err, &e) && e.Code == onceCode
}

// each does something with every alert that was named. One alert answers as itself;
// several answer in a line each, and one that fails does not stop the others.
func (c *call) each(ctx context.Context, one func(ctx context.Context, id core.AlertID) (Text, []Action, error)) (Reply, error) {
	if len(c.ids) == 1 {
		line, actions, err := one(ctx, c.ids[0])
		if err != nil {
			return Reply{}, err
		}
		return c.changed(ctx, c.ids[0], line, actions...), nil
	}
	var lines []Text
	for _, id := range c.ids {
		line, _, err := one(ctx, id)
		if err != nil {
			line = say("{} not done: {}", number(id), plain(sentenceOf(err)))
		}
		lines = append(lines, line)
	}
	return answer(lines[0], lines[1:]...), nil
}

// changed answers for one alert that a verb changed. A press on a card is answered by
// the card itself, and in words only if the card cannot say it.
func (c *call) changed(ctx context.Context, id core.AlertID, line Text, actions ...Action) Reply {
	if c.in.Action == "" || c.in.Post == "" {
		r := answer(line)
		r.Card.Alert, r.Card.Actions = id, actions
		return r
	}
	var r Reply
	if now, ok := c.cardNow(ctx, id); ok {
		r.Now = &now
	}
	return r
}

// answer is a reply in words, for the person alone.
func answer(headline Text, lines ...Text) Reply {
	return Reply{Card: &Card{Headline: headline, Lines: lines}}
}
