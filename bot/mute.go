package bot

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
)

// quietVerbs keep people and sources quiet.
func quietVerbs() []verb {
	until := ask{name: "time", label: "Until", kind: TextField, hint: "2h, 18:00, tomorrow 09:00, or off"}
	needed := until
	needed.required = true
	return []verb{
		{family: "mute", name: "me", usage: "[2h|off]", does: "page me no more until then; without a time: am I muted?", asks: []ask{until}, run: mute},
		{family: "maintenance", name: "list", does: "sources in maintenance, now and later", run: listMaintenance},
		{family: "maintenance", name: "add", usage: "SOURCE 2h|off", does: "let a source make no alerts until then", unsaid: true, apart: true,
			asks: []ask{{name: "source", label: "Source", kind: Select, required: true}, needed}, run: maintain},
		{family: "maintenance", name: "end", asks: []ask{{name: "source", label: "Source", kind: Select, required: true}}, run: undoMaintenance},
	}
}

// off are the words that end what is quiet.
var off = []string{"off", "end", "stop", "none", "now"}

func isOff(s string) bool { return slices.Contains(off, strings.ToLower(strings.TrimSpace(s))) }

// mute keeps pages from the person until then. Escalation goes on without them, so that
// is what the answer says.
func mute(ctx context.Context, c *call) (Reply, error) {
	typed := c.values["time"]
	switch {
	case typed == "":
		return c.muted(), nil
	case isOff(typed):
		if err := c.setMute(ctx, time.Time{}, "off"); err != nil {
			return Reply{}, err
		}
		return answer(plain("You are not muted any more: you are paged as before."), c.waiting(ctx)), nil
	}
	until, err := parseTime(typed, c.now, c.loc)
	if err != nil {
		return Reply{}, inField("time", err)
	}
	if err := c.setMute(ctx, until, until.UTC().Format(time.RFC3339)); err != nil {
		return Reply{}, err
	}
	r := answer(say("You are muted until {}.", plain(understood(until, c.now, c.loc))),
		plain("No page reaches you until then. Alerts that mean you go on to the next level, and your colleagues see it."), c.onDutyNote())
	r.Card.Actions = []Action{{Action: "mute.me:0:off", Label: "Undo", Style: Default}}
	return r, nil
}

func (c *call) setMute(ctx context.Context, until time.Time, detail string) error {
	return c.engine.SetMute(ctx, c.user.ID, until, engine.Edit{Actor: c.actor(), Action: "mute", Object: "user:" + c.user.Username,
		Detail: detail, Once: c.once("mute"), Chat: true})
}

func (c *call) muted() Reply {
	if !c.user.MutedTo.After(c.now) {
		return answer(plain("You are not muted: you are paged as your settings say."), plain("“/mute 2h” keeps pages from you for two hours."))
	}
	r := answer(say("You are muted until {}.", plain(understood(c.user.MutedTo, c.now, c.loc))), c.onDutyNote())
	r.Card.Actions = []Action{{Action: "mute.me:0:off", Label: "End it", Style: Default}}
	return r
}

// onDutyNote warns somebody who is on call while they are muted.
func (c *call) onDutyNote() Text {
	for _, name := range scheduleNames(c.snap) {
		s, _ := c.snap.ScheduleNamed(name)
		if shift, ok := c.snap.OnCall(s.ID, c.now); ok && shift.User == c.user.ID {
			return say("⚠ You are on call on {} until {}.", plain(s.Name), moment(shift.End))
		}
	}
	return nil
}

// waiting says what came while the person was muted.
func (c *call) waiting(ctx context.Context) Text {
	mine, err := c.mine(ctx)
	if err != nil || len(mine) == 0 {
		return nil
	}
	return say("Open alerts that mean you: {}. “/alert mine” lists them.", count(len(mine)))
}

// whoAt names a person, and says if no page reaches them at an instant.
func whoAt(users map[core.UserID]core.User, u core.UserID, at time.Time) Text {
	if until := users[u].MutedTo; until.After(at) {
		return say("{} (muted until {})", who(u), clock(until))
	}
	return who(u)
}

// calledNow are people who are called, with who of them is muted.
func (s *scene) calledNow(users []core.UserID) Text {
	return peopleAs(users, func(u core.UserID) Text { return whoAt(s.users, u, s.now) })
}
