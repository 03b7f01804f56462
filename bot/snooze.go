package bot

import (
	"context"

	"github.com/watchbell/watchbell/core"
)

// snooze pages nobody until then. What was understood is said back, with its undo.
func snooze(ctx context.Context, c *call) (Reply, error) {
	until, err := parseTime(c.values["time"], c.now, c.loc)
	if err != nil {
		return Reply{}, inField("time", err)
	}
	return c.each(ctx, func(ctx context.Context, id core.AlertID) (Text, []Action, error) {
		done, err := c.do(ctx, id, core.Snooze{By: c.user.ID, Until: until})
		if err != nil {
			return nil, nil, err
		}
		line := say("{} is snoozed until {}: {}.", number(id), plain(understood(until, c.now, c.loc)), summary(done.Alert))
		return noted(line, done.Note), []Action{{Action: actionFor("wake", id), Label: "Wake now", Style: Default}}, nil
	})
}

// wake ends a snooze.
func wake(ctx context.Context, c *call) (Reply, error) {
	return c.each(ctx, func(ctx context.Context, id core.AlertID) (Text, []Action, error) {
		done, err := c.do(ctx, id, core.Wake{By: c.user.ID})
		if err != nil {
			return nil, nil, err
		}
		return noted(say("{} is awake: {}.", number(id), summary(done.Alert)), done.Note), c.showAction(id), nil
	})
}
