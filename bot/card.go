package bot

import (
	"fmt"
	"time"

	"github.com/watchbell/watchbell/core"
)

// channelCard draws the alert for a channel: its present state, and nothing of how it
// came there.
func (s *scene) channelCard() Card {
	a := s.Alert
	switch {
	case a.Status == core.Resolved:
		return s.resolvedCard()
	case a.MergedInto != 0:
		return s.mergedCard()
	case s.snoozed():
		return s.snoozedCard()
	case a.Status == core.Accepted:
		return s.acceptedCard()
	}
	return s.pendingCard()
}

// pendingCard is the card that must be read at 03:04: what broke, who is on it, one big
// button.
func (s *scene) pendingCard() Card {
	c := s.card(TonePending)
	head := "🔴 Pending: "
	actions := s.pendingActions()
	var lines []Text
	n, over := s.recurrence(time.Hour)
	switch {
	case s.nobody():
		head = "⚠️ Pending, nobody on call: "
		lines = append(lines, s.duty(), s.emptyLine())
		actions = s.nobodyActions()
	case n >= 3:
		head = fmt.Sprintf("🔴 Pending, %s time in %s: ", ordinal(n), lengthWords(over))
		lines = append(lines, s.lastResolvedLine(), s.leadLine())
		actions[1], actions[2] = s.snoozeHour(), actions[1]
	default:
		lines = append(lines, s.leadLine())
		if n, _ := s.recurrence(24 * time.Hour); n > 1 {
			lines = append(lines, say("{} time today, last resolved {} ago", plain(ordinal(n)), length(s.now.Sub(s.earlier[0].ResolvedAt))))
		}
	}
	c.Headline = append(bold(head), plain(s.Alert.Summary)...)
	c.Lines = append([]Text{s.beatLine()}, append(lines, s.weightLine())...)
	c.Fields, c.Links = s.fields(), s.links()
	c.Actions = actions
	c.Plain = s.pendingSentence()
	return c.trimmed()
}

// leadLine says in a channel whom the alert pages, and in a page why it is this person.
func (s *scene) leadLine() Text {
	if s.reader != 0 {
		return s.duty()
	}
	return s.pagingLine()
}

// nobody tells whether the level that should run had nobody, so that the card must say
// what was done instead.
func (s *scene) nobody() bool {
	users, _ := s.paged()
	return s.Alert.EmptyLevel > 0 && (s.Alert.LastResort || len(users) == 0)
}

// pendingActions fill the slots: 1 the safe next step, 2 and 3 the frequent ones, 4 the
// one that cannot be undone, 5 the menu.
func (s *scene) pendingActions() []Action {
	if s.monitor != nil {
		return s.beatActions()
	}
	return []Action{
		{Action: s.verb("accept"), Label: "Accept", Style: Primary},
		s.escalateAction(),
		{Action: s.verb("snooze"), Label: "Snooze…", Style: Default},
		s.resolveAction(),
		{Action: s.verb("assign"), Label: "Assign…", Style: Default, Menu: true},
		{Action: s.verb("add"), Label: "Add people…", Style: Default, Menu: true},
		{Action: s.verb("comment"), Label: "Comment…", Style: Default, Menu: true},
		{Action: s.verb("why"), Label: "Why paged?", Style: Default, Menu: true},
		{Action: s.verb("more"), Label: "More…", Style: Default, Menu: true},
	}
}

// nobodyActions put finding somebody where escalating is of no use.
func (s *scene) nobodyActions() []Action {
	return []Action{
		{Action: s.verb("accept"), Label: "Accept", Style: Primary},
		{Action: s.verb("assign"), Label: "Assign…", Style: Default},
		s.resolveAction(),
		{Action: s.verb("snooze"), Label: "Snooze…", Style: Default, Menu: true},
		{Action: s.escalateAction().Action, Label: "Escalate", Style: Default, Menu: true},
		{Action: s.verb("add"), Label: "Add people…", Style: Default, Menu: true},
		{Action: s.verb("comment"), Label: "Comment…", Style: Default, Menu: true},
		{Action: s.verb("more"), Label: "More…", Style: Default, Menu: true},
	}
}

// escalateAction names whom it reaches and carries the level, so that two presses at
// once do not skip somebody.
func (s *scene) escalateAction() Action {
	to := s.after(s.Alert.Level, s.Alert.Cycle)
	out := Action{Action: s.verb("escalate"), Label: "Escalate", Style: Default}
	if to.resort || s.Alert.Priority == core.Low {
		return out
	}
	out.Action = fmt.Sprintf("%s:%d", out.Action, to.level)
	const longest = 24
	out.Label = cut("Escalate to "+s.name(to.users[0]), longest)
	if len(to.users) > 1 {
		out.Label = fmt.Sprintf("Escalate to level %d", to.level)
	}
	return out
}

// resolveAction asks first while somebody is being paged for it, and only then.
func (s *scene) resolveAction() Action {
	out := Action{Action: s.verb("resolve"), Label: "Resolve", Style: Danger}
	if s.Alert.Status == core.Pending && s.Alert.Priority != core.Low {
		out.Label = "Resolve…"
		out.Confirm = fmt.Sprintf("Resolve #%d? Paging stops for everyone and it cannot be reopened.", s.Alert.ID)
	}
	return out
}

func (s *scene) snoozeHour() Action {
	return Action{Action: s.verb("snooze") + ":1h", Label: "Snooze 1h", Style: Default}
}

func (s *scene) verb(name string) string { return actionFor(name, s.Alert.ID) }

func actionFor(verb string, id core.AlertID) string { return fmt.Sprintf("%s:%d", verb, id) }

// pagingLine says who is being called, and who is next.
func (s *scene) pagingLine() Text {
	a := s.Alert
	users, since := s.paged()
	var now Text
	switch {
	case s.source.Shadow:
		now = say("Shadow: nobody is woken, {} would be", s.shadowed(users))
	case a.LastResort && len(users) > 0:
		now = say("Nobody accepted. Last resort: {} paged {}", s.calledNow(users), clock(since))
	case a.Held && len(users) > 0:
		now = say("Assigned to {} since {}", s.calledNow(users), clock(since))
	case a.Level == 0 && !a.DelayUntil.IsZero():
		return say("Waits until {}, then pages {}", clock(a.DelayUntil), s.next().who())
	case len(users) == 0:
		now = plain("Nobody is being paged")
	case a.Priority == core.Low:
		now = say("Told {} once {}", s.calledNow(users), clock(since))
	default:
		now = say("Paging {} (level {} of {}) since {}", s.calledNow(users), count(a.Level), count(max(a.Level, len(s.levels))), clock(since))
	}
	return dotted(now, s.besidesPiece(), s.emptyPiece(), s.nextPiece())
}

// emptyPiece says that a level before the running one had nobody.
func (s *scene) emptyPiece() Text {
	if s.Alert.EmptyLevel == 0 || s.Alert.EmptyLevel >= s.Alert.Level {
		return nil
	}
	return say("level {} had nobody", count(s.Alert.EmptyLevel))
}

func (s *scene) shadowed(users []core.UserID) Text {
	if len(users) == 0 {
		return plain("nobody")
	}
	return s.calledNow(users)
}

func (s *scene) besidesPiece() Text {
	if more := s.besides(); len(more) > 0 {
		return say("also {}", s.calledNow(more))
	}
	return nil
}

func (s *scene) nextPiece() Text {
	next := s.next()
	if !next.any() {
		return nil
	}
	return say("next {} at {}", next.who(), clock(next.at))
}

// emptyLine says which schedules had nobody and what was done instead.
func (s *scene) emptyLine() Text {
	out := say("Nobody is on call for level {}", count(s.Alert.EmptyLevel))
	if row, ok := s.last(core.LogNobodyOnCall); ok && row.Vars["schedules"] != "" {
		out = say("{} is empty", plain(row.Vars["schedules"]))
	}
	if !s.emptyUntil.IsZero() {
		out = append(out, say(" until {}", clock(s.emptyUntil))...)
	}
	users, since := s.paged()
	if len(users) == 0 {
		return dotted(out, plain("nobody could be paged"))
	}
	return dotted(out, say("last resort: {} paged {}", s.calledNow(users), clock(since)))
}

func (s *scene) lastResolvedLine() Text {
	if len(s.earlier) == 0 {
		return nil
	}
	e := s.earlier[0]
	return say("last resolved {} after {}", clock(e.ResolvedAt), length(e.ResolvedAt.Sub(e.CreatedAt)))
}

// weightLine is how much it matters and how often it came.
func (s *scene) weightLine() Text {
	a := s.Alert
	weight := plain("HIGH")
	if a.Priority == core.Low {
		weight = plain("LOW")
	}
	var severity, times Text
	if a.Severity > 0 {
		severity = plain(fmt.Sprintf("SEV%d", a.Severity))
	}
	if a.Events > 1 {
		times = say("×{}, last {}", count(a.Events), clock(a.EventAt))
	}
	return dotted(weight, severity, times)
}

// pendingSentence is what a lock screen shows.
func (s *scene) pendingSentence() string {
	a := s.Alert
	next := s.next()
	if !next.any() || s.source.Shadow {
		return s.sentence("{} ({}) is pending. {}", summary(a), plain(s.policy.Name), number(a.ID))
	}
	return s.sentence("{} ({}) is pending: accept by {} or {} is paged. {}",
		summary(a), plain(s.policy.Name), clock(next.at), next.who(), number(a.ID))
}

// sentence renders for readers that see no markup.
func (s *scene) sentence(format string, parts ...Text) string {
	return render(say(format, parts...), s.zone, s.now, s.name)
}

// card is the frame of every state: which alert, and the footer.
func (s *scene) card(tone Tone) Card {
	return Card{Alert: s.Alert.ID, Tone: tone, Footer: dotted(number(s.Alert.ID), plain(s.source.Name))}
}

// stateFooter is the footer of layouts whose headline lacks the state word.
func (s *scene) stateFooter(state string) Text {
	return dotted(number(s.Alert.ID), plain(state), plain(s.source.Name))
}

// trimmed drops lines that are empty.
func (c Card) trimmed() Card {
	kept := c.Lines[:0]
	for _, l := range c.Lines {
		if len(l) > 0 {
			kept = append(kept, l)
		}
	}
	c.Lines = kept
	return c
}
