package bot

import (
	"context"

	"github.com/watchbell/watchbell/core"
)

// resolve ends alerts. One that is over already is no error: it is as the person wants it.
func resolve(ctx context.Context, c *call) (Reply, error) {
	if ask, err := c.confirmation(ctx); ask != nil || err != nil {
		return Reply{Card: ask}, err
	}
	return c.each(ctx, func(ctx context.Context, id core.AlertID) (Text, []Action, error) {
		done, err := c.do(ctx, id, core.Resolve{By: c.user.ID, Comment: c.values["comment"]})
		if err != nil {
			return nil, nil, err
		}
		a := done.Alert
		line := say("{} is resolved after {}: {}.", number(id), length(a.ResolvedAt.Sub(a.CreatedAt)), summary(a))
		return noted(line, done.Note), []Action{{Action: actionFor("again", id), Label: "Again", Style: Default}}, nil
	})
}

// confirmation asks before a press ends an alert that somebody is being paged for, where
// the platform cannot ask by itself. nil: nothing is to be asked.
func (c *call) confirmation(ctx context.Context) (*Card, error) {
	if c.in.Action == "" || c.verb.name != "resolve" || len(c.ids) != 1 || c.can(c.in.Actor.Platform).Confirm {
		return nil, nil
	}
	view, err := c.look(ctx, c.ids[0])
	if err != nil {
		return nil, err
	}
	s := scene{AlertView: view, now: c.now}
	pressed := s.resolveAction()
	if pressed.Confirm == "" || s.snoozed() {
		return nil, nil
	}
	return &Card{Alert: view.Alert.ID, Headline: plain(pressed.Confirm), Lines: []Text{summary(view.Alert)}, Actions: []Action{
		{Action: s.verb("resolvenow"), Label: "Resolve", Style: Danger},
		{Action: s.verb("show"), Label: "Show", Style: Default},
	}}, nil
}

// raise makes LOW alerts HIGH.
func raise(ctx context.Context, c *call) (Reply, error) {
	return c.each(ctx, func(ctx context.Context, id core.AlertID) (Text, []Action, error) {
		done, err := c.do(ctx, id, core.Raise{By: c.user.ID})
		if err != nil {
			return nil, nil, err
		}
		if done.Note != "" {
			return plain(capital(done.Note)), c.showAction(id), nil
		}
		return say("{} is HIGH and escalates: {}.", number(id), summary(done.Alert)), c.showAction(id), nil
	})
}

// again makes a new alert like a resolved one.
func again(ctx context.Context, c *call) (Reply, error) {
	id := c.ids[0]
	done, err := c.engine.Again(ctx, id, c.command(id, nil))
	if err != nil {
		return Reply{}, err
	}
	a := done.Alert
	r := answer(noted(say("{} is a new alert like {}: {}.", number(a.ID), number(id), summary(a)), done.Note))
	r.Card.Alert = a.ID
	r.Card.Actions = []Action{{Action: actionFor("accept", a.ID), Label: "Accept", Style: Primary}}
	return r, nil
}

func (c *call) showAction(id core.AlertID) []Action {
	return []Action{{Action: actionFor("show", id), Label: "Show", Style: Default}}
}
