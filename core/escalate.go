package core

import (
	"strconv"
	"time"
)

// escalateBy is a person who wants the next level, or a certain one.
func (c *change) escalateBy(in Escalate) error {
	c.clampLevel()
	level, cycle, err := c.target(in.Level)
	if err != nil {
		return err
	}
	from := c.concerned()
	if c.a.Status == Accepted || c.a.Held {
		c.unclaim()
	}
	c.a.Held = false
	c.a.SnoozedUntil, c.a.SnoozedBy = time.Time{}, 0
	c.start(level, cycle, begun{By: in.By, From: from, Reason: "by hand"})
	if c.a.LastResort {
		c.note = "Nobody further can be reached: the last resort is paged."
	}
	c.call()
	return nil
}

// target is the level a person asked for, and its cycle.
func (c *change) target(level int) (int, int, error) {
	n := len(c.env.Levels)
	switch {
	case c.a.Priority == Low:
		return 0, 0, &Error{Kind: Conflict, Text: c.id() + " is LOW: such alerts ask the first level only.", Do: "Raise it first; then it escalates."}
	case n == 0:
		return 0, 0, &Error{Kind: Conflict, Text: "The policy " + c.env.Policy.Name + " has no levels.", Do: "Assign the alert to somebody."}
	case level < 0 || level > n:
		return 0, 0, &Error{Kind: Invalid, Text: "There is no level " + strconv.Itoa(level) + ": the policy " + c.env.Policy.Name + " has " + strconv.Itoa(n) + ".",
			Do: "Give a level from 1 to " + strconv.Itoa(n) + "."}
	case level > 0:
		return level, max(c.a.Cycle, 1), nil
	}
	if next, cycle, ok := c.following(c.a.Level, c.a.Cycle); ok {
		return next, cycle, nil
	}
	if c.env.Policy.Repeating {
		return 1, max(c.a.Cycle, 1), nil
	}
	return 0, 0, &Error{Kind: Conflict, Text: "Level " + strconv.Itoa(c.a.Level) + " is the last one of " + c.env.Policy.Name + ".",
		Do: "Add or assign somebody, or name a level to ask it again."}
}

// clampLevel follows a policy that became shorter while the alert is open.
func (c *change) clampLevel() {
	n := len(c.env.Levels)
	if n == 0 || c.a.Level <= n {
		return
	}
	c.tell(Entry{Type: LogPolicyChanged, Vars: vars("policy", c.env.Policy.Name, "from", num(c.a.Level), "level", num(n))})
	for i := range c.a.Responders {
		c.a.Responders[i].Level = min(c.a.Responders[i].Level, n)
	}
	c.a.Level = n
}

// raise makes a LOW alert HIGH and asks from level 1 on. The clock raises only what
// nobody has yet; a person's raise also ends a snooze.
func (c *change) raise(by UserID) error {
	if by != 0 {
		if err := c.closed(); err != nil {
			return err
		}
	} else if c.a.Status != Pending || c.a.MergedInto != 0 {
		return nil
	}
	if c.a.Priority == High {
		c.note = c.id() + " is HIGH already."
		return nil
	}
	c.a.Priority = High
	if by == 0 {
		c.say(LogRaisedBySystem, 0, vars())
	} else {
		c.say(LogRaisedByUser, by, vars())
	}
	switch {
	case c.a.Status == Accepted:
	case !c.a.SnoozedUntil.IsZero():
		if by != 0 {
			c.wake(by, "raised")
		}
	case by == 0 && !c.a.DelayUntil.IsZero():
	case c.a.Held:
		c.holdAgain()
	default:
		c.start(1, 1, begun{})
	}
	c.call()
	return nil
}
