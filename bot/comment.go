package bot

import (
	"context"

	"github.com/watchbell/watchbell/core"
)

// longestComment keeps a note a note.
const longestComment = 4000

// comment writes a note into an alert's log.
func comment(ctx context.Context, c *call) (Reply, error) {
	text := c.values["comment"]
	if len(text) > longestComment {
		return Reply{}, inField("comment", invalid("The comment has %d letters; at most %d are kept.", len(text), longestComment))
	}
	return c.each(ctx, func(ctx context.Context, id core.AlertID) (Text, []Action, error) {
		done, err := c.do(ctx, id, core.Comment{By: c.user.ID, Text: text})
		if err != nil {
			return nil, nil, err
		}
		return noted(say("Noted on {}: {}.", number(id), summary(done.Alert)), done.Note), c.showAction(id), nil
	})
}

// merge makes an alert part of another.
func merge(ctx context.Context, c *call) (Reply, error) {
	ids, left := leadingNumbers(wordsOf(c.values["into"]), 1)
	if len(ids) == 0 || len(left) > 0 {
		return Reply{}, inField("into", invalid("“%s” is no alert number.", cut(oneLine(c.values["into"]), 40)))
	}
	child, main := c.ids[0], ids[0]
	done, err := c.engine.Merge(ctx, child, main, c.command(child, nil))
	if err != nil {
		return Reply{}, err
	}
	line := noted(say("{} is part of {} now: {}.", number(child), number(main), summary(done.Alert)), done.Note)
	return c.changed(ctx, child, line, c.showAction(main)...), nil
}
