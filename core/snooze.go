package core

import "time"

// maxSnooze bounds a snooze: what nobody wants to see for longer wants another rule.
const maxSnooze = 366 * 24 * time.Hour

// snooze holds levels and calls until then; the status stays. Asked again it moves the
// end.
func (c *change) snooze(in Snooze) error {
	until := in.Until.Truncate(time.Microsecond).UTC()
	switch {
	case !until.After(c.now):
		return &Error{Kind: Invalid, Text: "That time is over.", Do: "Give a time in the future, such as 2h or tomorrow 09:00."}
	case until.Sub(c.now) > maxSnooze:
		return &Error{Kind: Invalid, Text: "That is longer than a year.", Do: "Give an earlier time."}
	}
	if c.a.LastResort && !c.a.Held {
		c.release()
	}
	c.stopLevels()
	for i := range c.a.Responders {
		c.a.Responders[i].NextCall = time.Time{}
	}
	c.a.AskAt, c.a.HandBackAt = time.Time{}, time.Time{}
	c.a.SnoozedUntil, c.a.SnoozedBy = until, in.By
	c.say(LogSnoozed, in.By, vars("until", stamp(until)))
	return nil
}

func (c *change) wakeBy(by UserID) {
	if c.a.SnoozedUntil.IsZero() {
		c.note = c.id() + " is not snoozed."
		return
	}
	c.wake(by, "by hand")
	c.call()
}

// wake ends a snooze. Who was named by hand is asked again; else level 1 starts. An
// accepted alert asks those who have it, unless one of them woke it.
func (c *change) wake(by UserID, reason string) {
	c.a.SnoozedUntil, c.a.SnoozedBy = time.Time{}, 0
	v := vars("reason", reason)
	if by != 0 {
		c.say(LogWoken, by, v)
	} else {
		c.tell(Entry{Type: LogWoken, Vars: v, Thread: true})
	}
	if c.a.Status == Accepted {
		c.wakeAccepted(by)
		return
	}
	if c.a.Held {
		c.holdAgain()
		return
	}
	for i := range c.a.Responders {
		if r := &c.a.Responders[i]; r.Level == 0 && !r.AskedAt.IsZero() {
			c.ask(c.because(r), 0)
		}
	}
	c.start(1, 1, begun{})
}

func (c *change) wakeAccepted(by UserID) {
	if r := c.a.responding(by); r != nil && !r.AcceptedAt.IsZero() {
		c.promise(0)
	} else {
		c.askAccepters()
	}
	for i := range c.a.Responders {
		if r := &c.a.Responders[i]; r.AcceptedAt.IsZero() && !r.AskedAt.IsZero() {
			c.ask(c.because(r), r.Level)
		}
	}
}
