package core

import (
	"slices"
	"strconv"
	"time"
)

// MaxCalls bounds the calls of one alert, whatever its policy says: one call is one
// person, on one platform, once.
const MaxCalls = 500

// planned is one call of a person's plan: how long after they were asked, and on which
// platforms (none: all).
type planned struct {
	after time.Duration
	by    []string
}

// maxWait bounds what a plan waits between two calls, so that no sum of them overflows.
const maxWait = 7 * 24 * time.Hour

// plan unfolds a person's steps into calls, in order of time. A step with Every begins
// Every after the step before (the first step: at once) or at its After, and an Every of
// nothing is one call.
func plan(steps []Notify) []planned {
	if len(steps) == 0 {
		steps = DefaultNotify()
	}
	var list []planned
	var last time.Duration
	for i, s := range steps {
		every, times := min(max(s.Every, 0), maxWait), max(s.Times, 1)
		if every == 0 {
			times = 1
		}
		at := max(min(s.After, maxWait), last)
		if s.After <= 0 && every > 0 && i > 0 {
			at = last + every
		}
		for range min(times, MaxCalls-len(list)) {
			list = append(list, planned{at, s.By})
			last, at = at, at+every
		}
	}
	return list
}

// ask asks a user to act: from now on their calls follow their plan. It asks again who
// was asked before.
func (c *change) ask(why Because, level int) {
	r := c.responder(why.User)
	r.Level, r.AskedAt, r.Step, r.Failed = level, c.now, 0, 0
	r.NextCall = c.now.Add(plan(c.env.People[why.User].Notify)[0].after)
	c.reason(why)
}

// reason keeps why a user is called, for the log of this decision.
func (c *change) reason(why Because) {
	if c.why == nil {
		c.why = map[UserID]Because{}
	}
	c.why[why.User] = why
}

// responder is a user's entry, made if there is none.
func (c *change) responder(u UserID) *Responding {
	if r := c.a.responding(u); r != nil {
		return r
	}
	c.a.Responders = append(c.a.Responders, Responding{User: u, Calls: c.a.Floor})
	return &c.a.Responders[len(c.a.Responders)-1]
}

// call makes all calls that are due. Whoever missed several gets one.
func (c *change) call() {
	if !c.a.Open() || c.a.MergedInto != 0 || !c.a.SnoozedUntil.IsZero() {
		return
	}
	for i := range c.a.Responders {
		r := &c.a.Responders[i]
		if !r.NextCall.IsZero() && !r.NextCall.After(c.now) {
			by := c.advance(r)
			c.page(r, by)
		}
	}
	if c.a.Made >= MaxCalls {
		for i := range c.a.Responders {
			c.a.Responders[i].NextCall = time.Time{}
		}
	}
}

// advance takes every step of the plan that is due and sets the next. It returns the
// platforms of those taken; none means all. One call is all there is for a LOW alert, and
// for somebody asked to join one that is accepted.
func (c *change) advance(r *Responding) (by []string) {
	calls := plan(c.env.People[r.User].Notify)
	all := r.Step >= len(calls)
	for ; r.Step < len(calls) && !r.AskedAt.Add(calls[r.Step].after).After(c.now); r.Step++ {
		by = append(by, calls[r.Step].by...)
		all = all || len(calls[r.Step].by) == 0
	}
	r.NextCall = time.Time{}
	if r.Step < len(calls) && c.a.Priority == High && c.a.Status == Pending {
		r.NextCall = r.AskedAt.Add(calls[r.Step].after)
	}
	if all {
		return nil
	}
	return by
}

// page makes one call, or logs why not. The same number is never used twice for a user.
func (c *change) page(r *Responding, by []string) {
	p := c.env.People[r.User]
	if reason := c.unreachable(r.User); reason != "" {
		r.NextCall = time.Time{}
		c.tell(Entry{Type: LogNotificationFailed, User: r.User, Thread: true, Vars: vars("reason", reason)})
		return
	}
	if p.MutedTo.After(c.now) {
		c.tell(Entry{Type: LogNotificationFailed, User: r.User, Vars: vars("reason", "muted", "until", stamp(p.MutedTo))})
		return
	}
	if c.a.Made >= MaxCalls {
		return
	}
	by = reaching(p.Platforms, by)
	by = by[:min(len(by), MaxCalls-c.a.Made)]
	r.Calls++
	c.a.Made += len(by)
	for _, platform := range by {
		c.tell(Entry{Type: LogNotification, User: r.User, Vars: c.callVars(r, platform)})
	}
	if !c.env.Source.Shadow {
		c.pages = append(c.pages, Page{User: r.User, By: by, N: r.Calls})
	}
	if c.a.Made >= MaxCalls {
		c.tell(Entry{Type: LogCallLimit, Thread: true, Broadcast: true, Vars: vars("calls", num(MaxCalls))})
	}
}

// callVars say which call it is and why the user is called.
func (c *change) callVars(r *Responding, platform string) map[string]string {
	why := c.because(r)
	v := vars("by", platform, "n", strconv.Itoa(r.Calls), "rule", num(why.Rule), "schedule", why.Schedule,
		"claim", why.Claim, "until", stamp(why.Until))
	if c.env.Source.Shadow {
		v["shadow"] = "true"
	}
	return v
}

// because is why a responder is called: as said when they were asked in this decision,
// else as the calendar says it now.
func (c *change) because(r *Responding) Because {
	if why, ok := c.why[r.User]; ok {
		return why
	}
	is := func(b Because) bool { return b.User == r.User }
	if r.Level >= 1 && r.Level <= len(c.env.Levels) {
		if i := slices.IndexFunc(c.env.Levels[r.Level-1].People, is); i >= 0 {
			return c.env.Levels[r.Level-1].People[i]
		}
	}
	if i := slices.IndexFunc(c.env.LastResort, is); i >= 0 && r.Level == 0 && c.a.LastResort {
		return c.env.LastResort[i]
	}
	claim := ""
	switch {
	case r.Level != 0:
	case c.a.Held:
		claim = ClaimAssigned
	default:
		claim = ClaimAdded
	}
	return Because{User: r.User, Rule: r.Level, Claim: claim}
}

// reaching are the platforms that a step wants and the person has; if there are none, all
// that the person has. When in doubt about a page, page.
func reaching(have, want []string) []string {
	both := make([]string, 0, len(have))
	for _, p := range have {
		if slices.Contains(want, p) && !slices.Contains(both, p) {
			both = append(both, p)
		}
	}
	if len(both) == 0 {
		return slices.Compact(slices.Clone(have))
	}
	return both
}

// callFailed is a call that a platform did not take. If that was the last platform, and
// nobody else of the running level was reached, the next level starts now. Of people to
// whom the alert is assigned the same holds, and the last resort follows.
func (c *change) callFailed(in CallFailed) {
	r := c.a.responding(in.User)
	if r == nil || c.a.Status == Resolved {
		return
	}
	c.tell(Entry{Type: LogNotificationFailed, User: in.User, Thread: true,
		Vars: vars("by", in.Platform, "n", strconv.Itoa(in.N), "reason", in.Reason)})
	if in.Others || in.N != r.Calls {
		return
	}
	r.Failed++
	if !c.a.waiting() || r.Level != c.a.Level && !c.a.Held || c.anyReached() {
		return
	}
	c.giveUp("unreachable")
	c.call()
}

// giveUp goes on at once: nobody who is asked can answer.
func (c *change) giveUp(reason string) {
	c.clampLevel()
	if c.a.Held {
		c.end()
		return
	}
	c.goOn(c.now, begun{Reason: reason})
}

// waiting tells whether a level, or people to whom the alert is assigned, have their time
// to answer.
func (a Alert) waiting() bool { return a.Status == Pending && !a.LevelUntil.IsZero() }

// anyReached tells whether anybody who is asked got a call that was taken, or is still to
// get their first. Who muted was not reached.
func (c *change) anyReached() bool {
	for _, r := range c.a.Responders {
		if r.Level != c.a.Level && !c.a.Held || r.AskedAt.IsZero() {
			continue
		}
		if r.Failed == 0 && c.unreachable(r.User) == "" && !c.env.People[r.User].MutedTo.After(c.now) {
			return true
		}
	}
	return false
}
