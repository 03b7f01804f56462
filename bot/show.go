package bot

import (
	"context"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

// showAlert is the card as it is now, with the last of its log.
func showAlert(ctx context.Context, c *call) (Reply, error) {
	if _, err := c.look(ctx, c.ids[0]); err != nil {
		return Reply{}, err
	}
	s, err := c.scene(ctx, c.ids[0], core.Conversation{})
	if err != nil {
		return Reply{}, err
	}
	card := s.channelCard()
	if d := oneLine(s.Alert.Details); d != "" {
		const longest = 600
		card.Lines = append(card.Lines, plain(cut(d, longest)))
	}
	const last = 12
	log := s.Log[max(0, len(s.Log)-last):]
	for _, row := range log {
		card.Lines = append(card.Lines, say("{} {}", clock(row.At), logLine(row)))
	}
	card.Plain = ""
	return Reply{Card: &card}, nil
}

// why answers “why was I paged?” from what the calls' log lines kept.
func why(ctx context.Context, c *call) (Reply, error) {
	id := c.ids[0]
	v, err := c.look(ctx, id)
	if err != nil {
		return Reply{}, err
	}
	policy := c.snap.Policies[v.Alert.Policy].Name
	var mine, others []Text
	for _, row := range v.Log {
		switch {
		case row.Type == core.LogNotification && row.User == c.user.ID:
			mine = append(mine, reasonOf(row).trace(policy))
		case row.Type == core.LogNotification:
			others = append(others, c.otherCall(row, policy))
		case row.Type == core.LogNotificationFailed:
			others = append(others, logLine(row))
		}
	}
	head := say("Why {} paged you: {}", number(id), summary(v.Alert))
	if len(mine) == 0 {
		head = say("{} has not paged you: {}", number(id), summary(v.Alert))
	}
	const most = 8
	lines := tail(mine, most)
	if len(others) > 0 {
		lines = append(lines, tail(others, most)...)
	}
	src := c.snap.Sources[v.Alert.Source].Name
	lines = append(lines, say("It came from {}, which uses the policy {}.", plain(src), plain(policy)))
	r := answer(head, lines...)
	r.Card.Alert, r.Card.Actions = id, c.showAction(id)
	return r, nil
}

func tail(lines []Text, most int) []Text { return lines[max(0, len(lines)-most):] }

func (c *call) otherCall(row store.LogRow, policy string) Text {
	r := reasonOf(row)
	as := plain("asked by hand")
	switch {
	case r.schedule != "":
		as = say("on call on {}{}", plain(r.schedule), parens(r.claim))
	case r.level > 0:
		as = plain("named in the policy")
	case r.claim != "" && r.claim != "direct":
		as = plain(r.claim)
	}
	if r.level > 0 {
		as = append(as, say("; level {} of {}", count(r.level), plain(policy))...)
	}
	return say("{}: {}; paged by {} {}", who(row.User), as, plain(r.by), clock(r.at))
}
