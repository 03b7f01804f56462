package core

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// answerTime is how long somebody has to answer when no rule says so: "still on it?", and
// the last call of people to whom an alert was assigned.
const answerTime = 5 * time.Minute

// begun says why a level starts, for the log.
type begun struct {
	By      UserID        // who wanted it; 0 the machine
	From    []UserID      // who had it or was asked before; nil: who did not answer
	Reason  string        // timeout, hand-back, unreachable, by hand; empty: the alert's own start
	After   time.Duration // how long those before had
	Late    time.Duration // how late the machine is
	Skipped []int         // levels whose whole time passed meanwhile
}

// start starts the first level, from that one on, that has somebody who can be reached.
// Past the last one the escalation ends; if no level has anybody, the last resort is
// paged at once. A LOW alert has one round: the first level with anybody.
func (c *change) start(level, cycle int, why begun) {
	if why.From == nil {
		why.From = c.unanswered()
	}
	c.stopLevels()
	wanted, tried := level, 0
	for ok := len(c.env.Levels) > 0; ok; level, cycle, ok = c.following(level, cycle) {
		if tried++; tried > len(c.env.Levels) {
			break
		}
		c.a.Level, c.a.Cycle = level, cycle
		if people := c.reachable(c.env.Levels[level-1]); len(people) > 0 {
			c.run(people, why)
			return
		}
		c.a.EmptyLevel = level
	}
	if why.By != 0 {
		c.say(LogEscalated, why.By, vars("level", num(wanted), "from", c.names(why.From), "reason", why.Reason))
	}
	switch {
	case len(c.env.Levels) == 0:
		c.tell(Entry{Type: LogNobodyOnCall, Thread: true, Vars: vars("policy", c.env.Policy.Name)})
		c.lastResort()
	case tried >= len(c.env.Levels) || c.a.Priority == Low:
		c.lastResort()
	default:
		empty := c.a.EmptyLevel
		c.end()
		c.a.EmptyLevel = empty
	}
}

// run starts the level that the alert stands at.
func (c *change) run(people []Because, why begun) {
	level := c.env.Levels[c.a.Level-1]
	to := make([]UserID, len(people))
	for i, p := range people {
		to[i] = p.User
	}
	v := vars("level", num(c.a.Level), "to", c.names(to), "policy", c.env.Policy.Name)
	if why.Reason == "" {
		c.tell(Entry{Type: LogAssignedBySystem, Vars: v})
	} else {
		for name, text := range vars("cycle", num(c.a.Cycle), "from", c.names(why.From), "reason", why.Reason, "skipped", numbers(why.Skipped)) {
			v[name] = text
		}
		if why.After > 0 {
			v["after"] = Span(why.After)
		}
		if len(why.Skipped) > 0 {
			v["late"] = Span(why.Late)
		}
		c.tell(Entry{Type: LogEscalated, User: why.By, Vars: v, Thread: true, Broadcast: true})
		c.spoken = c.spoken || why.By != 0
	}
	for _, p := range people {
		c.ask(p, c.a.Level)
	}
	if c.a.Priority == High {
		c.a.LevelUntil = c.now.Add(timeout(level))
	}
}

// timeout is a level's time; never nothing, or all levels would start at once.
func timeout(l Level) time.Duration { return max(l.Timeout, time.Second) }

// following is the level after one, and its cycle; ok is false past the last.
func (c *change) following(level, cycle int) (int, int, bool) {
	switch {
	case level < len(c.env.Levels):
		return level + 1, max(cycle, 1), true
	case c.a.Priority == High && cycle < c.env.Policy.Cycles() && len(c.env.Levels) > 0:
		return 1, cycle + 1, true
	}
	return level, cycle, false
}

// reachable are the people of a level that can be called on any platform, each once. The
// log says who cannot and why. Somebody who muted is there, as others see them.
func (c *change) reachable(l Level) []Because {
	if len(l.People) == 0 {
		c.tell(Entry{Type: LogNobodyOnCall, Thread: true,
			Vars: vars("level", num(c.a.Level), "schedules", strings.Join(l.Empty, ", "), "policy", c.env.Policy.Name)})
	}
	return c.reach(l.People)
}

func (c *change) reach(people []Because) []Because {
	var list []Because
	for _, p := range people {
		if slices.ContainsFunc(list, func(b Because) bool { return b.User == p.User }) {
			continue
		}
		if reason := c.unreachable(p.User); reason != "" {
			c.tell(Entry{Type: LogNotificationFailed, User: p.User, Thread: true,
				Vars: vars("reason", reason, "rule", num(p.Rule), "schedule", p.Schedule)})
			continue
		}
		list = append(list, p)
	}
	return list
}

// unreachable is why a user cannot be called at all; empty if they can.
func (c *change) unreachable(u UserID) string {
	p, known := c.env.People[u]
	switch {
	case !known:
		return "the user is not there any more"
	case len(p.Platforms) == 0:
		return "no linked chat account"
	}
	return ""
}

// levelOver goes on to the next level, or ends.
//
// A machine that was away for long does not run after the past: it goes on with the
// level that would run by now, with one round of calls and the whole time to answer. But
// it never skips the last level with people: somebody of the policy is asked before the
// last resort.
func (c *change) levelOver() {
	at := c.a.LevelUntil
	c.a.LevelUntil = time.Time{}
	if c.a.Held {
		c.end()
		return
	}
	why := begun{Reason: "timeout", Late: c.now.Sub(at)}
	if c.a.Level >= 1 && c.a.Level <= len(c.env.Levels) {
		why.After = timeout(c.env.Levels[c.a.Level-1])
	}
	c.goOn(at, why)
}

// goOn starts what follows the level that ran last.
func (c *change) goOn(at time.Time, why begun) {
	level, cycle, ok := c.following(c.a.Level, c.a.Cycle)
	if !ok {
		c.end()
		return
	}
	level, cycle, why.Skipped = c.reached(level, cycle, at)
	c.start(level, cycle, why)
}

// reached is where the alert would stand now if that level had started at that time: the
// first level whose time is not over, and those that were missed before it.
func (c *change) reached(level, cycle int, at time.Time) (int, int, []int) {
	type place struct{ level, cycle int }
	var missed []place
	here := place{level, cycle}
	for p, ok := here, true; ok; {
		var next place
		next.level, next.cycle, ok = c.following(p.level, p.cycle)
		if l := c.env.Levels[p.level-1]; len(l.People) > 0 {
			if at = at.Add(timeout(l)); at.After(c.now) {
				return here.level, here.cycle, levels(missed, func(p place) int { return p.level })
			}
			missed = append(missed, p)
			here = next
		}
		p = next
	}
	if len(missed) == 0 {
		return level, cycle, nil
	}
	last := missed[len(missed)-1]
	return last.level, last.cycle, levels(missed[:len(missed)-1], func(p place) int { return p.level })
}

func levels[T any](list []T, level func(T) int) []int {
	var numbers []int
	for _, p := range list {
		numbers = append(numbers, level(p))
	}
	return numbers
}

func numbers(list []int) string {
	texts := make([]string, len(list))
	for i, n := range list {
		texts[i] = strconv.Itoa(n)
	}
	return strings.Join(texts, ", ")
}

// end ends the escalation: nobody accepted, and there is nobody further to ask but the
// last resort.
func (c *change) end() {
	c.stopLevels()
	if c.a.Priority == High {
		c.tell(Entry{Type: LogEscalationEnded, Thread: true, Vars: vars("policy", c.env.Policy.Name, "tried", c.names(c.called()))})
	}
	c.lastResort()
}

// called are all who were ever called.
func (c *change) called() []UserID {
	var users []UserID
	for _, r := range c.a.Responders {
		if r.Calls > 0 {
			users = append(users, r.User)
		}
	}
	return users
}

// lastResort asks those who are asked when nobody else is left, even if they were before.
func (c *change) lastResort() {
	c.a.Ended, c.a.LastResort = c.now, true
	people := c.reach(c.env.LastResort)
	if len(people) == 0 {
		c.tell(Entry{Type: LogNobodyOnCall, Thread: true, Broadcast: true, Vars: vars("last", "true", "policy", c.env.Policy.Name)})
		return
	}
	to := make([]UserID, len(people))
	for i, p := range people {
		to[i] = p.User
		c.ask(p, 0)
	}
	c.tell(Entry{Type: LogLastResort, Thread: true, Broadcast: true, Vars: vars("to", c.names(to), "claim", people[0].Claim)})
}

// stopLevels ends whatever level runs and the calls it makes.
func (c *change) stopLevels() {
	c.a.LevelUntil, c.a.DelayUntil, c.a.Ended = time.Time{}, time.Time{}, time.Time{}
	c.a.EmptyLevel, c.a.LastResort = 0, false
	for i := range c.a.Responders {
		if c.a.Responders[i].Level > 0 {
			c.a.Responders[i].NextCall = time.Time{}
		}
	}
}

// unanswered are those of whom something is asked and who have not accepted: of the
// running level, or, if an alert is held, all.
func (c *change) unanswered() []UserID {
	var users []UserID
	for _, r := range c.a.Responders {
		if r.AcceptedAt.IsZero() && !r.AskedAt.IsZero() && (r.Level == c.a.Level || c.a.Held) {
			users = append(users, r.User)
		}
	}
	return users
}
