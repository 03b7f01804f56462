package bot

import (
	"context"

	"github.com/watchbell/watchbell/core"
)

// escalate pages the next level. A button carries the level it named: if that one is
// being paged by now, there is nothing to do.
func escalate(ctx context.Context, c *call) (Reply, error) {
	level := 0
	if s := c.values["level"]; s != "" {
		n, err := levelNumber(s)
		if err != nil {
			return Reply{}, err
		}
		level = n
	}
	return c.each(ctx, func(ctx context.Context, id core.AlertID) (Text, []Action, error) {
		if level != 0 && c.in.Action != "" {
			view, err := c.look(ctx, id)
			if err != nil {
				return nil, nil, err
			}
			if a := view.Alert; a.Status == core.Pending && a.Level == level {
				return say("Level {} is being paged already for {}.", count(level), number(id)), c.showAction(id), nil
			}
		}
		done, err := c.do(ctx, id, core.Escalate{By: c.user.ID, Level: level})
		if err != nil {
			return nil, nil, err
		}
		return noted(c.nowPaging(done.Alert), done.Note), c.showAction(id), nil
	})
}

// nowPaging says whom an alert reaches now.
func (c *call) nowPaging(a core.Alert) Text {
	s := scene{now: c.now}
	s.Alert = a
	users, _ := s.paged()
	if len(users) == 0 {
		return say("{} is at level {}; nobody is being paged.", number(a.ID), count(a.Level))
	}
	return say("{} pages {} (level {}): {}.", number(a.ID), people(users), count(a.Level), summary(a))
}
