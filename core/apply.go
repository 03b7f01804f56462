package core

import (
	"slices"
	"time"
)

// Apply is the one function that changes an alert. It is pure and total: the same
// arguments give the same decision, an error means that nothing changed, and repeats (a
// stale timer, a second resolve) return no error and no effect.
//
// Apply asks no rights; May does, before. Times are cut to microseconds, which is what
// the database keeps.
func Apply(a Alert, in Input, env Env) (Decision, error) {
	c := begin(a, env)
	if err := c.apply(in); err != nil {
		return Decision{Alert: a}, err
	}
	return c.finish(a), nil
}

func (c *change) apply(in Input) error {
	if e, ok := in.(EventArrived); ok {
		c.arrived(e)
		return nil
	}
	if c.a.Status == 0 {
		return Errorf(NotFound, "there is no such alert")
	}
	switch in := in.(type) {
	case Due:
		c.due(in.Epoch)
	case CallFailed:
		c.callFailed(in)
	case MainResolved:
		c.mainResolved(in.By)
	case Resolve:
		return c.resolveBy(in)
	case Comment:
		return c.comment(in)
	case Raise:
		return c.raise(in.By)
	default:
		return c.asked(in)
	}
	return nil
}

// asked does what people may ask only of an alert that is open and its own.
func (c *change) asked(in Input) error {
	if err := c.closed(); err != nil {
		return err
	}
	switch in := in.(type) {
	case Accept:
		return c.accept(in)
	case Unaccept:
		return c.unaccept(in.By)
	case Escalate:
		return c.escalateBy(in)
	case Assign:
		return c.assign(in)
	case AddResponder:
		return c.addResponder(in)
	case RemoveResponder:
		return c.removeResponder(in)
	case Snooze:
		return c.snooze(in)
	case Wake:
		c.wakeBy(in.By)
		return nil
	case Merge:
		return c.merge(in)
	case Absorb:
		return c.absorb(in)
	}
	return Errorf(Internal, "there is no rule for input %T", in)
}

// change is a decision in the making: the alert as it becomes, and what it wants.
type change struct {
	a   Alert
	env Env
	now time.Time

	log     []Entry
	pages   []Effect
	outcome Outcome
	note    string
	why     map[UserID]Because // of those asked in this decision

	changed bool // there is something to store
	face    bool // a card shows something new
	repeat  bool // … and it is only one event more
	thread  int  // index+1 of the decision's one machine line in the thread
	spoken  bool // somebody's act is that line; what follows from it is not told again
}

func begin(a Alert, env Env) *change {
	env.Now = env.Now.Truncate(time.Microsecond).UTC()
	a.Responders = slices.Clone(a.Responders)
	return &change{a: a, env: env, now: env.Now}
}

// finish folds all timers into NextAt and counts what changed.
func (c *change) finish(before Alert) Decision {
	if !c.changed && len(c.log) == 0 && len(c.pages) == 0 {
		return Decision{Alert: before, Outcome: c.outcome, Note: c.note}
	}
	effects := c.pages
	if c.face || c.repeat {
		c.a.Rev++
		if at, ask := c.showAt(); ask {
			effects = append(effects, Show{NotBefore: at})
		}
	}
	c.a.Seq += int64(len(c.log))
	c.a.NextAt = c.a.next()
	if !c.a.NextAt.Equal(before.NextAt) {
		c.a.Epoch++
	}
	return Decision{Alert: c.a, Log: c.log, Effects: effects, Outcome: c.outcome, Note: c.note, Changed: true}
}

// repeatEvery is how often repeats of an event may change a card.
const repeatEvery = 30 * time.Second

// showAt tells from when on a card is to be shown, and whether to ask for it. A change of
// state is shown at once. Of repeats the first is too; the others wait until 30 s after,
// all together, so that the last one is always shown.
func (c *change) showAt() (notBefore time.Time, ask bool) {
	switch at := c.a.ShowAt.Add(repeatEvery); {
	case c.face, !at.After(c.now):
		c.a.ShowAt = c.now
		return time.Time{}, true
	case c.a.ShowAt.After(c.now):
		return time.Time{}, false
	default:
		c.a.ShowAt = at
		return at, true
	}
}

// say logs what somebody or something did: the one line that the decision leaves in the
// thread, whatever follows from it.
func (c *change) say(t EntryType, by UserID, v map[string]string) {
	c.line(Entry{Type: t, User: by, Vars: v, Thread: !c.spoken})
	c.spoken = true
}

// tell logs what followed by rule. It is the thread's line only if nobody spoke, and the
// last one counts.
func (c *change) tell(e Entry) {
	if e.Thread && c.spoken {
		e.Thread = false
	}
	c.line(e)
}

func (c *change) line(e Entry) {
	if e.Thread {
		if c.thread > 0 && !c.spoken {
			c.log[c.thread-1].Thread = false
		}
		c.thread = len(c.log) + 1
	}
	c.log = append(c.log, e)
	// A call made or missed is in the log; a card that said so would change at every call.
	if e.Thread || e.Broadcast || e.Type != LogNotification && e.Type != LogNotificationFailed {
		c.face = true
	}
}

// closed is why nothing can be asked of the alert any more, nil while something can.
func (c *change) closed() error {
	switch {
	case c.a.Status == Resolved:
		return &Error{Kind: Conflict, Text: c.resolvedText(), Do: "If the problem is back, make a new alert of it with “again”."}
	case c.a.MergedInto != 0:
		return &Error{Kind: Conflict, Text: c.id() + " is part of " + ref(c.a.MergedInto) + ".",
			Do: "Do it on " + ref(c.a.MergedInto) + "."}
	}
	return nil
}

func (c *change) resolvedText() string {
	by := ""
	if c.a.ResolvedBy != 0 {
		by = " by " + c.name(c.a.ResolvedBy)
	}
	return c.id() + " was resolved" + by + " " + c.ago(c.a.ResolvedAt) + "."
}
