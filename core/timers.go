package core

import "time"

// next is the earliest instant at which something happens by itself; zero for never.
func (a Alert) next() time.Time {
	if !a.Open() {
		return time.Time{}
	}
	next := a.AutoResolve
	sooner := func(t time.Time) {
		if !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	for _, t := range []time.Time{a.DelayUntil, a.LevelUntil, a.SnoozedUntil, a.AskAt, a.HandBackAt} {
		sooner(t)
	}
	for _, r := range a.Responders {
		sooner(r.NextCall)
	}
	return next
}

// due does all that is due now, once. What ends the alert comes first, then what may
// change whom it asks, the calls last: after an outage nobody is paged for what is past.
func (c *change) due(epoch int64) {
	if epoch != c.a.Epoch || !c.a.Open() {
		return // a stale timer is not an error
	}
	over := func(t time.Time) bool { return !t.IsZero() && !t.After(c.now) }
	if over(c.a.AutoResolve) {
		c.resolve(LogAutoResolved, 0, vars("after", Span(c.a.AutoResolve.Sub(c.a.CreatedAt))))
		return
	}
	if c.a.MergedInto != 0 {
		return
	}
	if over(c.a.SnoozedUntil) {
		c.wake(0, "over")
	}
	if over(c.a.LevelUntil) || over(c.a.HandBackAt) {
		c.clampLevel()
	}
	switch {
	case over(c.a.DelayUntil):
		at := c.a.DelayUntil
		c.a.DelayUntil = time.Time{}
		c.afterDelay(at)
	case over(c.a.LevelUntil):
		c.levelOver()
	case over(c.a.HandBackAt):
		c.handBack()
	case over(c.a.AskAt):
		c.askAccepters()
	}
	c.call()
}

// afterDelay starts level 1, or the level that would run by now.
func (c *change) afterDelay(at time.Time) {
	why := begun{}
	if len(c.env.Levels) == 0 || c.a.Priority == Low {
		c.start(1, 1, why)
		return
	}
	level, cycle, skipped := c.reached(1, 1, at)
	if len(skipped) > 0 {
		why = begun{Reason: "timeout", Late: c.now.Sub(at), Skipped: skipped}
	}
	c.start(level, cycle, why)
}
