package core

import (
	"strings"
)

// arrived is an event: the alert's birth, or something more about it.
func (c *change) arrived(in EventArrived) {
	if c.a.Status == 0 {
		c.birth(in)
		return
	}
	if c.a.Status == Resolved {
		c.note = c.resolvedText()
		return
	}
	switch in.Event.Type {
	case EventAlert:
		c.appended(in.Event)
	case EventAccept:
		c.acceptedBy(0)
	case EventResolve:
		c.resolve(LogResolved, 0, vars("source", c.env.Source.Name))
		c.outcome = OutcomeResolved
	case EventComment:
		c.commented(in.Event)
	default:
		c.note = "the event has no type that is known"
	}
}

// birth makes the alert. Maintenance, and a source that is off, keep machines from making
// one; a person who asks for help gets it.
func (c *change) birth(in EventArrived) {
	e := in.Event
	if c.note = c.unborn(e); c.note != "" {
		return
	}
	c.a = Alert{
		Source: c.env.Source.ID, Policy: e.Policy, Key: strings.TrimSpace(e.Key), Summary: e.Summary, Details: e.Details,
		Status: Pending, Priority: c.priority(e), Severity: e.Severity,
		Events: 1, FirstEvent: in.ID, CreatedAt: c.now, EventAt: c.now,
	}
	if c.a.Policy == 0 {
		c.a.Policy = c.env.Policy.ID
	}
	if c.a.Severity < 1 || c.a.Severity > 5 {
		c.a.Severity = c.env.Source.Severity
	}
	if after := c.env.Source.AutoResolve; after > 0 {
		c.a.AutoResolve = c.now.Add(after)
	}
	c.outcome = OutcomeCreated
	c.born(e)
	e.Responders = c.able(e.Responders)
	c.begins(e)
}

// able are those of the named people who may handle the alert; a note says who may not.
func (c *change) able(named []UserID) (able []UserID) {
	for _, u := range named {
		if c.mayRespond(u) != nil {
			c.note = c.name(u) + " may not handle alerts and is not asked."
			continue
		}
		able = append(able, u)
	}
	return able
}

// unborn is why no alert is made; empty if one is.
func (c *change) unborn(e Event) string {
	switch {
	case e.Type != EventAlert:
		return "no open alert, and only an event of type ALERT makes one"
	case e.By != 0:
		return ""
	case c.env.Source.Inactive:
		c.outcome = OutcomeDropped
		return "the source " + c.env.Source.Name + " is switched off"
	case c.env.Maintenance:
		c.outcome = OutcomeDropped
		return ReasonMaintenance
	}
	return ""
}

// born logs the birth. It is no line in the thread: the card is there.
func (c *change) born(e Event) {
	t := LogReceived
	if e.By != 0 {
		t = LogCreatedByUser
	}
	c.tell(Entry{Type: t, User: e.By, Vars: vars(
		"source", c.env.Source.Name, "key", c.a.Key, "priority", c.a.Priority.String(), "event", num(c.a.FirstEvent), "again", num(e.Again))})
}

// begins decides what a new alert does first: wait, ask the named people, or start. One
// that is more urgent than what was snoozed is not born snoozed, just as a severity that
// rises wakes one that is open.
func (c *change) begins(e Event) {
	delay := c.env.Policy.Delay
	switch {
	case c.env.Snoozed.After(c.now) && !moreUrgent(c.a.Severity, c.env.SnoozedAs):
		c.a.SnoozedUntil, c.a.SnoozedBy = c.env.Snoozed.UTC(), c.env.SnoozedBy
		c.tell(Entry{Type: LogSnoozed, User: c.env.SnoozedBy, Vars: vars("until", stamp(c.a.SnoozedUntil), "born", "true")})
		c.a.Held = len(e.Responders) > 0
		for _, u := range e.Responders {
			c.responder(u).AskedAt = c.now // called when it wakes
		}
	case len(e.Responders) > 0:
		c.hold(byHand(e.Responders...))
	case delay > 0:
		c.a.DelayUntil = c.now.Add(delay)
	default:
		c.start(1, 1, begun{})
	}
	c.call()
}

// priority is the source's rule applied to what the event says. A person's word counts
// more than the rule.
func (c *change) priority(e Event) Priority {
	if e.By != 0 && (e.Priority == High || e.Priority == Low) {
		return e.Priority
	}
	high := true
	switch c.env.Source.PriorityRule {
	case AlwaysLow:
		high = false
	case HighInHours, LowInHours:
		high = c.env.Source.PriorityRule.HighIn(c.env.InHours)
	default:
		high = e.Priority != Low
	}
	if high {
		return High
	}
	return Low
}

// appended is one more ALERT event: counted, and nobody is called for it again. A more
// urgent severity is taken over, told, and ends a snooze.
func (c *change) appended(e Event) {
	c.outcome, c.changed, c.repeat = OutcomeAppended, true, true
	c.a.Events++
	c.a.EventAt = c.now
	if !moreUrgent(e.Severity, c.a.Severity) || c.a.MergedInto != 0 {
		return
	}
	c.tell(Entry{Type: LogSeverityRaised, Thread: true, Broadcast: true,
		Vars: vars("from", num(c.a.Severity), "to", num(e.Severity))})
	c.a.Severity = e.Severity
	if !c.a.SnoozedUntil.IsZero() {
		c.wake(0, "severity")
		c.call()
	}
}

// moreUrgent compares severities: 1 is the most urgent, and any is more than none.
func moreUrgent(a, b int) bool {
	return a >= 1 && a <= 5 && (b == 0 || a < b)
}

// commented puts the comments of an event on the alert, as the source's.
func (c *change) commented(e Event) {
	notes := e.Comments
	if len(notes) == 0 && e.Summary != "" {
		notes = []EventNote{{Content: e.Summary}}
	}
	if len(notes) == 0 {
		c.note = "the event has no comment"
		return
	}
	for _, n := range notes {
		c.line(Entry{Type: LogCommentBySystem, Thread: true, Vars: vars("creator", n.Creator, "text", n.Content, "source", c.env.Source.Name)})
		c.spoken = true
	}
	c.outcome = OutcomeCommented
}
