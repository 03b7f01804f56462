package bot

import (
	"fmt"
	"time"

	"github.com/watchbell/watchbell/core"
)

// acceptedCard says who has it, and when anybody will ask again.
func (s *scene) acceptedCard() Card {
	a := s.Alert
	c := s.card(ToneAccepted)
	c.Headline = append(say("🟠 {} has it: ", s.owner()), plain(a.Summary)...)
	c.Lines = []Text{s.acceptedLine(), s.weightLine(), s.noteLine()}
	c.Fields, c.Links = s.fields(), s.links()
	c.Footer = s.stateFooter("accepted")
	c.Actions = []Action{
		{Action: s.verb("assign"), Label: "Hand over…", Style: Default},
		{Action: s.verb("comment"), Label: "Comment…", Style: Default},
		{Action: s.verb("snooze"), Label: "Snooze…", Style: Default},
		s.resolveAction(),
		{Action: s.verb("back"), Label: "Back in…", Style: Default, Menu: true},
		{Action: s.verb("unaccept"), Label: "Hand back", Style: Default, Menu: true},
		{Action: s.verb("add"), Label: "Add people…", Style: Default, Menu: true},
		{Action: s.verb("why"), Label: "Why paged?", Style: Default, Menu: true},
		{Action: s.verb("more"), Label: "More…", Style: Default, Menu: true},
	}
	c.Plain = s.sentence("{} has it since {}: {}. {} accepted", s.owner(), clock(s.acceptedAt()), summary(a), number(a.ID))
	return c.trimmed()
}

func (s *scene) acceptedLine() Text {
	a := s.Alert
	var accepted, back, asks Text
	if at := s.acceptedAt(); !at.IsZero() {
		accepted = say("Accepted {} ({})", clock(at), length(at.Sub(a.CreatedAt)))
	}
	if a.Eta.After(s.now) {
		back = say("back {}", clock(a.Eta))
	}
	switch {
	case !a.HandBackAt.IsZero():
		asks = say("asked “still on it?”, goes back at {}", clock(a.HandBackAt))
	case !a.AskAt.IsZero():
		asks = say("asks again {}", clock(a.AskAt))
	}
	return dotted(accepted, back, asks, s.withLine())
}

// withLine names who else was asked: ✓ has it too, … has not answered.
func (s *scene) withLine() Text {
	have := s.accepters()
	var out Text
	for _, r := range s.Alert.Responders {
		if len(have) > 0 && r.User == have[0].User {
			continue
		}
		mark := " …"
		if !r.AcceptedAt.IsZero() {
			mark = " ✓"
		} else if r.Level != s.runningLevel() && r.Level != 0 {
			continue
		}
		if len(out) > 0 {
			out = append(out, Span{Text: ", "})
		}
		out = append(append(out, who(r.User)...), Span{Text: mark})
	}
	if len(out) == 0 {
		return nil
	}
	return say("with {}", out)
}

func (s *scene) noteLine() Text {
	const longest = 140
	row, ok := s.last(core.LogCommentAdded, core.LogCommentBySystem)
	note := oneLine(row.Vars["text"])
	if !ok || note == "" {
		return nil
	}
	return say("latest note: “{}”", plain(cut(note, longest)))
}

// snoozedCard says until when, by whom, and what ends it early.
func (s *scene) snoozedCard() Card {
	a := s.Alert
	c := s.card(ToneSnoozed)
	by := Text(nil)
	if a.SnoozedBy != 0 {
		by = say(" by {}", who(a.SnoozedBy))
	}
	c.Headline = append(say("💤 Snoozed until {}{}: ", clock(a.SnoozedUntil), by), plain(a.Summary)...)
	wakes := "wakes if severity rises"
	holds := ""
	if a.Key != "" {
		holds = "holds if it fires again"
	}
	c.Lines = []Text{dotted(plain(wakes), plain(holds)), s.weightLine(), s.noteLine()}
	c.Fields, c.Links = s.fields(), s.links()
	state := "pending"
	if a.Status == core.Accepted {
		state = "accepted"
		c.Lines = append([]Text{s.acceptedLine()}, c.Lines...)
	}
	c.Footer = s.stateFooter(state)
	resolve := s.resolveAction()
	resolve.Label, resolve.Confirm = "Resolve", ""
	c.Actions = []Action{
		{Action: s.verb("wake"), Label: "Wake now", Style: Primary},
		{Action: s.verb("snooze"), Label: "Change…", Style: Default},
		{Action: s.verb("comment"), Label: "Comment…", Style: Default},
		resolve,
		{Action: s.verb("accept"), Label: "Accept", Style: Default, Menu: true},
		{Action: s.verb("assign"), Label: "Assign…", Style: Default, Menu: true},
		{Action: s.verb("add"), Label: "Add people…", Style: Default, Menu: true},
		{Action: s.verb("why"), Label: "Why paged?", Style: Default, Menu: true},
		{Action: s.verb("more"), Label: "More…", Style: Default, Menu: true},
	}
	c.Plain = s.sentence("Snoozed until {}{}: {}. {} "+state, clock(a.SnoozedUntil), by, summary(a), number(a.ID))
	return c.trimmed()
}

// resolvedCard is one line: it is over.
func (s *scene) resolvedCard() Card {
	a := s.Alert
	took := a.ResolvedAt.Sub(a.CreatedAt)
	var accepted Text
	if have := s.accepters(); len(have) > 0 {
		accepted = say("accepted by {} in {}", who(have[0].User), length(have[0].AcceptedAt.Sub(a.CreatedAt)))
	}
	c := Card{Alert: a.ID, Tone: ToneResolved}
	c.Headline = dotted(append(bold("✅ Resolved: "), plain(a.Summary)...),
		length(took), accepted, say("by {}", s.resolver()), number(a.ID))
	c.Actions = []Action{
		{Action: s.verb("show"), Label: "Show", Style: Default},
		{Action: s.verb("again"), Label: "Again", Style: Default},
	}
	c.Plain = s.sentence("Resolved by {} after {}: {}. {}", s.resolver(), length(took), summary(a), number(a.ID))
	return c
}

// mergedCard points to the alert that this one is part of now.
func (s *scene) mergedCard() Card {
	a := s.Alert
	state := "pending"
	if a.Status == core.Accepted {
		state = "accepted"
	}
	c := Card{Alert: a.ID, Footer: s.stateFooter(state)}
	c.Headline = say("↪︎ {} is part of {}", plain(a.Summary), number(a.MergedInto))
	c.Actions = []Action{{Action: actionFor("show", a.MergedInto), Label: "Show", Style: Default}}
	c.Plain = s.sentence("{} is part of {}. {} "+state, summary(a), number(a.MergedInto), number(a.ID))
	return c
}

// broadcast is a short line of its own for the whole conversation.
func (s *scene) broadcast(t Text) Card {
	return Card{Alert: s.Alert.ID, Headline: t, Plain: render(t, s.zone, s.now, s.name)}
}

// still is what "Still on it" promises: the policy's time, or half an hour.
func (s *scene) still() time.Duration {
	if s.policy.AcceptTimeout > 0 {
		return s.policy.AcceptTimeout
	}
	return 30 * time.Minute
}

func (s *scene) nudgeCard() Card {
	a := s.Alert
	after := s.next()
	c := s.card(ToneAccepted)
	c.Headline = say("Still on it? {}, yours since {}. No answer by {} → {}.",
		plain(a.Summary), clock(s.acceptedAt()), clock(a.HandBackAt), after.who())
	c.Lines = []Text{s.weightLine()}
	c.Links = s.links()
	c.Footer = s.stateFooter("accepted")
	still := s.still()
	c.Actions = []Action{
		{Action: s.verb("accept") + ":" + shortLength(still), Label: "Still on it, " + shortLength(still), Style: Primary},
		{Action: s.verb("unaccept"), Label: "Hand back", Style: Default},
		{Action: s.verb("show"), Label: "Show", Style: Default},
		s.resolveAction(),
	}
	c.Plain = s.sentence("Still on it? {}. No answer by {} and {} is paged. {} accepted",
		summary(a), clock(a.HandBackAt), after.who(), number(a.ID))
	return c.trimmed()
}

func callOrdinal(n int) string { return fmt.Sprintf("%s call", ordinal(n)) }
