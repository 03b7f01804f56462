package bot

import (
	"context"

	"github.com/watchbell/watchbell/core"
)

// assign gives alerts to a user, to whoever is on call on a schedule, or to a policy.
func assign(ctx context.Context, c *call) (Reply, error) {
	to, err := c.target(c.values["target"])
	if err != nil {
		return Reply{}, inField("target", err)
	}
	return c.each(ctx, func(ctx context.Context, id core.AlertID) (Text, []Action, error) {
		in := core.Assign{By: c.user.ID, User: to.user.ID, Schedule: to.schedule.ID, Policy: to.policy.ID}
		done, err := c.do(ctx, id, in)
		if err != nil {
			return nil, nil, err
		}
		line := say("{} is with {} now: {}.", number(id), plain(to.name), summary(done.Alert))
		if to.schedule.ID != 0 {
			if users := askedByHand(done.Alert); len(users) > 0 {
				line = say("{} is with {} ({}) now: {}.", number(id), people(users), plain(to.name), summary(done.Alert))
			}
		}
		return noted(line, done.Note), c.showAction(id), nil
	})
}

func askedByHand(a core.Alert) []core.UserID {
	var out []core.UserID
	for _, r := range a.Responders {
		if r.Level == 0 {
			out = append(out, r.User)
		}
	}
	return out
}

// addResponder asks one more person.
func addResponder(ctx context.Context, c *call) (Reply, error) {
	u, err := c.person(c.values["target"])
	if err != nil {
		return Reply{}, inField("target", err)
	}
	return c.each(ctx, func(ctx context.Context, id core.AlertID) (Text, []Action, error) {
		done, err := c.do(ctx, id, core.AddResponder{By: c.user.ID, User: u.ID})
		if err != nil {
			return nil, nil, err
		}
		return noted(say("{} is asked for {}, too: {}.", who(u.ID), number(id), summary(done.Alert)), done.Note), c.showAction(id), nil
	})
}
