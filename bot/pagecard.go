package bot

import (
	"fmt"

	"github.com/watchbell/watchbell/core"
)

// pageCard draws call n of the alert for the person it went to, as things are now: a
// page while it is wanted, and afterwards who has the alert.
func (s *scene) pageCard(n int) Card {
	a := s.Alert
	me, asked := responding(a, s.reader)
	switch {
	case asked && n < me.Calls && a.Open() && a.MergedInto == 0:
		return s.olderCall(n)
	case a.Status == core.Resolved:
		return s.resolvedCard()
	case a.MergedInto != 0:
		return s.mergedCard()
	case a.Status == core.Accepted && asked && !me.AcceptedAt.IsZero() && !a.HandBackAt.IsZero():
		return s.nudgeCard()
	case a.Status == core.Accepted && asked && !me.AcceptedAt.IsZero() && s.snoozed():
		return s.snoozedCard()
	case a.Status == core.Accepted && asked && !me.AcceptedAt.IsZero():
		return s.acceptedCard()
	case asked && s.askedToJoin(me):
		return s.joinCard()
	case a.Status == core.Accepted:
		return s.handledCard()
	case s.snoozed():
		return s.snoozedCard()
	case !asked:
		return s.elsewhereCard()
	case me.Step > 1:
		return s.repeatCard(me.Step)
	}
	return s.firstCall()
}

// firstCall is the page that wakes somebody.
func (s *scene) firstCall() Card {
	c := s.pendingCard()
	if s.monitor != nil {
		c.Actions = s.beatActions()
		return c
	}
	c.Actions = append([]Action{c.Actions[0],
		{Action: s.verb("accept") + ":15m", Label: "Accept, back in 15m", Style: Default}, s.escalateAction(), s.resolveAction()},
		s.pageMenu()...)
	c.Plain = s.pendingSentence()
	return c
}

// pageMenu has what the page's three slots have no room for.
func (s *scene) pageMenu() []Action {
	return []Action{
		{Action: s.verb("snooze"), Label: "Snooze…", Style: Default, Menu: true},
		{Action: s.verb("assign"), Label: "Assign…", Style: Default, Menu: true},
		{Action: s.verb("comment"), Label: "Comment…", Style: Default, Menu: true},
		{Action: s.verb("why"), Label: "Why paged?", Style: Default, Menu: true},
		{Action: s.verb("more"), Label: "More…", Style: Default, Menu: true},
	}
}

// duty says why this person is paged, and what happens if they sleep on. Nothing in a
// channel.
func (s *scene) duty() Text {
	me, asked := responding(s.Alert, s.reader)
	if !asked {
		return nil
	}
	duty := plain("You were asked by hand.")
	if why, ok := s.because(me.User); ok {
		duty = why.duty(s.policy.Name)
	}
	next := s.next()
	switch {
	case !next.any():
		return duty
	case me.Level != s.runningLevel() && me.Level != 0:
		users, _ := s.paged()
		if len(users) > 0 {
			return say("{} {} is being paged now; you can still accept.", duty, people(users))
		}
	}
	return say("{} Accept by {} or {} is paged.", duty, clock(next.at), next.who())
}

// repeatCard is short: the person has read the first one, or has not seen any.
func (s *scene) repeatCard(step int) Card {
	a := s.Alert
	c := s.card(TonePending)
	head := say("Still pending, {}: ", plain(callOrdinal(step)))
	c.Headline = append(bold(render(head, s.zone, s.now, s.name)), plain(a.Summary)...)
	next := s.next()
	if next.any() {
		c.Headline = append(c.Headline, say(". {} at {}.", next.who(), clock(next.at))...)
	}
	c.Lines = []Text{s.weightLine()}
	c.Links = s.links()
	c.Actions = append([]Action{{Action: s.verb("accept"), Label: "Accept", Style: Primary}, s.escalateAction(), s.resolveAction()}, s.pageMenu()...)
	c.Plain = s.sentence("Still pending, "+callOrdinal(step)+": {}. {}", summary(a), number(a.ID))
	return c.trimmed()
}

// handledCard tells somebody who was paged that another has it.
func (s *scene) handledCard() Card {
	a := s.Alert
	c := s.card(ToneAccepted)
	c.Headline = say("✅ {} accepted {}. Nothing to do.", s.owner(), clock(s.acceptedAt()))
	c.Lines = []Text{plain(a.Summary)}
	c.Footer = s.stateFooter("accepted")
	if have := s.accepters(); len(have) > 0 {
		c.Actions = append(c.Actions, Action{Action: s.verb("join"), Label: "Join " + s.name(have[0].User), Style: Default})
	}
	c.Actions = append(c.Actions, Action{Action: s.verb("show"), Label: "Show", Style: Default})
	c.Plain = s.sentence("{} accepted {}: {}. Nothing to do. {}", s.owner(), clock(s.acceptedAt()), summary(a), number(a.ID))
	return c
}

// joinCard asks somebody to help with what another has.
func (s *scene) joinCard() Card {
	c := s.acceptedCard()
	c.Headline = append(say("🟠 {} has it and you are asked to join: ", s.owner()), plain(s.Alert.Summary)...)
	join := Action{Action: s.verb("join"), Label: "Join", Style: Primary}
	if have := s.accepters(); len(have) > 0 {
		join.Label = "Join " + s.name(have[0].User)
	}
	c.Actions = []Action{join, {Action: s.verb("show"), Label: "Show", Style: Default},
		{Action: s.verb("comment"), Label: "Comment…", Style: Default}}
	c.Plain = s.sentence("{} has it and you are asked to join: {}. {} accepted", s.owner(), summary(s.Alert), number(s.Alert.ID))
	return c
}

// elsewhereCard tells somebody who was paged that it is not theirs any more.
func (s *scene) elsewhereCard() Card {
	a := s.Alert
	users, since := s.paged()
	c := s.card(TonePending)
	c.Headline = plain("It went to others. Nothing to do.")
	if len(users) > 0 {
		c.Headline = say("It went to {} {}. Nothing to do.", people(users), clock(since))
	}
	c.Lines = []Text{plain(a.Summary)}
	c.Footer = s.stateFooter("pending")
	c.Actions = []Action{
		{Action: s.verb("accept"), Label: "Accept", Style: Default},
		{Action: s.verb("show"), Label: "Show", Style: Default},
	}
	c.Plain = s.sentence("{}: it went to others. Nothing to do. {} pending", summary(a), number(a.ID))
	return c
}

// olderCall is a line without buttons: the newer call has them.
func (s *scene) olderCall(n int) Card {
	a := s.Alert
	state, tone := "pending", TonePending
	if a.Status == core.Accepted {
		state, tone = "accepted", ToneAccepted
	}
	c := Card{Alert: a.ID, Tone: tone}
	c.Headline = dotted(summary(a), plain(fmt.Sprintf("call %d, there is a newer one", n)), say("{} {}", number(a.ID), plain(state)))
	if a.Status == core.Accepted {
		c.Headline = dotted(say("{} has it", s.owner()), summary(a), say("{} {}", number(a.ID), plain(state)))
	}
	c.Plain = render(c.Headline, s.zone, s.now, s.name)
	return c
}
