package core

import (
	"slices"
	"time"
)

// NextKind is what will happen to an alert by itself.
type NextKind string

const (
	NextCall     NextKind = "call"      // Who is called again
	NextLevel    NextKind = "level"     // Level starts and asks Who
	NextLast     NextKind = "last"      // the escalation ends, and the last resort (Who) is asked
	NextWake     NextKind = "wake"      // the snooze ends
	NextAsk      NextKind = "ask"       // Who is asked whether they are still on it
	NextHandBack NextKind = "hand-back" // without an answer the alert is PENDING again
	NextResolve  NextKind = "resolve"   // it is resolved, whatever its state
	NextNothing  NextKind = "nothing"   // nothing, ever: Why says why
)

// Next is one thing that will happen by itself, unless somebody acts before.
type Next struct {
	At    time.Time // zero for NextNothing
	Kind  NextKind
	Level int
	Who   []UserID
	Why   string
}

// Explain is what happens next to an open alert if nobody does anything, in order of
// time; the first is at NextAt. Who is as the calendar in env says: people on call at
// env.Now. A resolved alert has no next.
func Explain(a Alert, env Env) []Next {
	if !a.Open() {
		return nil
	}
	c := begin(a, env)
	var list []Next
	add := func(n Next) {
		if !n.At.IsZero() {
			list = append(list, n)
		}
	}
	accepters, _ := c.holders(0)
	add(c.nextWake(accepters))
	add(c.nextLevel(a.DelayUntil, 0, 0))
	add(c.nextLevel(a.LevelUntil, a.Level, a.Cycle))
	add(Next{At: a.AskAt, Kind: NextAsk, Who: accepters})
	add(Next{At: a.HandBackAt, Kind: NextHandBack, Who: accepters})
	for _, r := range a.Responders {
		add(Next{At: r.NextCall, Kind: NextCall, Level: r.Level, Who: []UserID{r.User}})
	}
	add(Next{At: a.AutoResolve, Kind: NextResolve})
	if len(list) == 0 {
		return []Next{{Kind: NextNothing, Why: c.whyNothing()}}
	}
	slices.SortStableFunc(list, func(x, y Next) int { return x.At.Compare(y.At) })
	return list
}

// nextWake is the end of a snooze: it asks who has the alert, or starts level 1.
func (c *change) nextWake(accepters []UserID) Next {
	n := Next{At: c.a.SnoozedUntil, Kind: NextWake, Who: accepters}
	if c.a.Status == Pending && !c.a.Held {
		n.Level, n.Who = 1, c.nextLevel(n.At, 0, 0).Who
	}
	return n
}

// nextLevel is what follows a level: the next with anybody, else the last resort.
func (c *change) nextLevel(at time.Time, level, cycle int) Next {
	last := Next{At: at, Kind: NextLast, Who: users(c.env.LastResort)}
	if c.a.Held || len(c.env.Levels) == 0 {
		return last
	}
	level = min(level, len(c.env.Levels))
	for range c.env.Levels {
		var ok bool
		if level, cycle, ok = c.following(level, cycle); !ok {
			return last
		}
		if who := c.callable(c.env.Levels[level-1].People); len(who) > 0 {
			return Next{At: at, Kind: NextLevel, Level: level, Who: who}
		}
	}
	return last
}

func (c *change) callable(people []Because) []UserID {
	return slices.DeleteFunc(users(people), func(u UserID) bool { return c.unreachable(u) != "" })
}

func users(people []Because) []UserID {
	var list []UserID
	for _, p := range people {
		if !slices.Contains(list, p.User) {
			list = append(list, p.User)
		}
	}
	return list
}

func (c *change) whyNothing() string {
	switch {
	case c.a.MergedInto != 0:
		return "It is part of " + ref(c.a.MergedInto) + " and ends with it."
	case c.a.Status == Accepted:
		return "It is accepted, and the policy does not ask later."
	case c.a.Made >= MaxCalls:
		return "Calls are used up: " + num(MaxCalls) + " were made."
	case c.a.Priority == Low && len(c.called()) == 0:
		return "It is LOW: people are called once, and nobody could be."
	case c.a.Priority == Low:
		return "It is LOW: people are called once, and " + c.names(c.called()) + " did not answer."
	case !c.a.Ended.IsZero() && len(c.called()) > 0:
		return "The escalation has ended: " + c.names(c.called()) + " did not answer, called as often as planned."
	case !c.a.Ended.IsZero():
		return "There was nobody who could be called."
	}
	return "Nobody is asked."
}
