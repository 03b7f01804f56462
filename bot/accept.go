package bot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/watchbell/watchbell/core"
)

// accept makes the person the one who has it. Of two at once one wins, and the other is
// told who, with a way to join.
func accept(ctx context.Context, c *call) (Reply, error) {
	promise, until, err := c.promise()
	if err != nil {
		return Reply{}, err
	}
	return c.each(ctx, func(ctx context.Context, id core.AlertID) (Text, []Action, error) {
		line, actions, err := c.take(ctx, core.Accept{By: c.user.ID, For: promise, Only: true}, id, until)
		if e, ok := errors.AsType[*core.Error](err); !ok || e.Code != "TAKEN" {
			return line, actions, err
		}
		if view, lookErr := c.look(ctx, id); lookErr == nil {
			if lost := c.lostTo(view.Alert); lost != nil {
				return nil, nil, lost
			}
		}
		return nil, nil, err
	})
}

// joinAlert makes the person one more who has it.
func joinAlert(ctx context.Context, c *call) (Reply, error) {
	return c.each(ctx, func(ctx context.Context, id core.AlertID) (Text, []Action, error) {
		return c.take(ctx, core.Accept{By: c.user.ID}, id, time.Time{})
	})
}

func (c *call) take(ctx context.Context, in core.Accept, id core.AlertID, until time.Time) (Text, []Action, error) {
	done, err := c.do(ctx, id, in)
	if err != nil {
		return nil, nil, err
	}
	a := done.Alert
	if me, _ := responding(a, c.user.ID); a.Status != core.Accepted || me.AcceptedAt.IsZero() {
		return nil, nil, c.notYours(a) // this press counted before, and the alert has moved on
	}
	line := say("You have {}: {}.", number(id), summary(a))
	if have := accepters(a); len(have) > 1 && have[0].User != c.user.ID {
		line = say("You have {} together with {}, who accepted {}: {}.", number(id), who(have[0].User), clock(have[0].AcceptedAt), summary(a))
	}
	switch {
	case !until.IsZero():
		line = append(line, say(" Asked again {}.", plain(understood(until, c.now, c.loc)))...)
	case !a.AskAt.IsZero():
		line = append(line, say(" Asked again {}.", clock(a.AskAt))...)
	}
	return line, []Action{
		{Action: actionFor("back", id), Label: "Back in…", Style: Default},
		{Action: actionFor("unaccept", id), Label: "Hand back", Style: Default},
	}, nil
}

// notYours answers a press that came twice, the second time when it was over.
func (c *call) notYours(a core.Alert) error {
	return &refusal{
		what:    say("You pressed this before: {} is {} now, and not yours.", number(a.ID), plain(stateWord(a))),
		why:     summary(a),
		do:      say("Accept it anew if you want it: {}", plain(backquoted(fmt.Sprintf("accept %d", a.ID)))),
		actions: c.showAction(a.ID),
	}
}

// promise reads the eta: how long the person wants to be left alone.
func (c *call) promise() (time.Duration, time.Time, error) {
	eta := c.values["eta"]
	if eta == "" {
		return 0, time.Time{}, nil
	}
	until, err := parseTime(eta, c.now, c.loc)
	if err != nil {
		return 0, time.Time{}, inField("eta", err)
	}
	return until.Sub(c.now), until, nil
}

// lostTo tells that others accepted before.
func (c *call) lostTo(a core.Alert) error {
	have := accepters(a)
	if a.Status != core.Accepted || len(have) == 0 {
		return nil
	}
	for _, r := range have {
		if r.User == c.user.ID {
			return nil
		}
	}
	first := have[0]
	name := c.snap.Users[first.User].Name()
	return &refusal{
		what:    say("{} accepted {}.", who(first.User), plain(since(c.now.Sub(first.AcceptedAt)))),
		why:     say("{} is not waiting for anybody: {}.", number(a.ID), summary(a)),
		do:      say("Join {} if two are needed.", who(first.User)),
		actions: []Action{{Action: actionFor("join", a.ID), Label: "Join " + name, Style: Default}, {Action: actionFor("show", a.ID), Label: "Show", Style: Default}},
	}
}

func since(d time.Duration) string {
	if d < time.Second {
		return "just now"
	}
	return core.Span(d) + " ago"
}

// unaccept hands the alert back.
func unaccept(ctx context.Context, c *call) (Reply, error) {
	return c.each(ctx, func(ctx context.Context, id core.AlertID) (Text, []Action, error) {
		done, err := c.do(ctx, id, core.Unaccept{By: c.user.ID})
		if err != nil {
			return nil, nil, err
		}
		line := say("You handed {} back: {}.", number(id), summary(done.Alert))
		return noted(line, done.Note), []Action{{Action: actionFor("accept", id), Label: "Accept", Style: Default}}, nil
	})
}

// noted adds what the person should know beside.
func noted(line Text, note string) Text {
	if note == "" {
		return line
	}
	return append(line, plain(" "+capital(note))...)
}
