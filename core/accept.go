package core

import (
	"slices"
	"time"
)

// maxPromise bounds how far an accepter can move the question whether they are on it.
const maxPromise = 30 * 24 * time.Hour

// accept gives the alert to By, alone or with those who have it. It is also the answer to
// "still on it?".
func (c *change) accept(in Accept) error {
	if in.For < 0 || in.For > maxPromise {
		return &Error{Kind: Invalid, Text: "That is no time in which you could be back.", Do: "Give a duration from now, up to 30 days."}
	}
	if in.By <= 0 {
		c.acceptedBy(in.By)
		return nil
	}
	others, since := c.holders(in.By)
	asked := !c.a.HandBackAt.IsZero()
	r := c.a.responding(in.By)
	mine := r != nil && !r.AcceptedAt.IsZero()
	switch {
	case mine && in.For == 0 && !asked:
		c.note = "You accepted it " + c.ago(r.AcceptedAt) + "."
		return nil
	case mine:
	case in.Only && len(others) > 0:
		return &Error{Kind: Conflict, Code: "TAKEN", Text: c.names(others) + " accepted " + c.ago(since) + ".", Do: "Join them, or leave it to them."}
	case len(others) > 0:
		c.note = c.names(others) + " accepted " + c.ago(since) + "."
	case c.a.Status == Accepted:
		c.note = "It was accepted by its source already."
	}
	first := c.a.Status == Pending
	c.taken()
	if r = c.responder(in.By); !mine {
		r.AcceptedAt, r.AskedAt, r.NextCall = c.now, time.Time{}, time.Time{}
	}
	if in.For > 0 || asked || first || c.a.AskAt.IsZero() && c.a.SnoozedUntil.IsZero() {
		c.promise(in.For)
	}
	c.say(LogAccepted, in.By, vars("eta", stamp(c.a.Eta), "still", yes(mine), "joined", yes(len(others) > 0 && !mine)))
	return nil
}

func yes(b bool) string {
	if b {
		return "true"
	}
	return ""
}

// holders are those other than one user who accepted, and when the first of them did.
func (c *change) holders(but UserID) (users []UserID, since time.Time) {
	for _, r := range c.a.Responders {
		if r.User == but || r.AcceptedAt.IsZero() {
			continue
		}
		if since.IsZero() || r.AcceptedAt.Before(since) {
			since = r.AcceptedAt
		}
		users = append(users, r.User)
	}
	return users, since
}

// taken makes the alert ACCEPTED and stops whatever asks people to accept it. Whoever was
// asked to join one that is accepted stays asked.
func (c *change) taken() {
	if c.a.Status == Pending {
		c.release()
		c.a.EmptyLevel, c.a.LastResort, c.a.Ended = 0, false, time.Time{}
	}
	for i := range c.a.Responders {
		if r := &c.a.Responders[i]; !r.AcceptedAt.IsZero() {
			r.AskedAt, r.NextCall = time.Time{}, time.Time{}
		}
	}
	c.a.Status = Accepted
	c.a.LevelUntil, c.a.DelayUntil, c.a.HandBackAt = time.Time{}, time.Time{}, time.Time{}
}

// promise sets when the accepters are asked whether they are still on it: after what one
// promised, else after the policy's time, else never. Not while it is snoozed: the end of
// the snooze asks.
func (c *change) promise(within time.Duration) {
	c.a.AskAt, c.a.Eta = time.Time{}, time.Time{}
	if within > 0 {
		c.a.Eta = c.now.Add(within)
	} else {
		within = c.env.Policy.AcceptTimeout
	}
	if within > 0 && c.a.SnoozedUntil.IsZero() {
		c.a.AskAt = c.now.Add(within)
	}
}

// release takes back whatever is asked of anybody; calls on their way are not wanted.
func (c *change) release() {
	for i := range c.a.Responders {
		c.a.Responders[i].AskedAt, c.a.Responders[i].NextCall = time.Time{}, time.Time{}
	}
}

// acceptedBy is an ACCEPT event (0) or the admin key: nobody becomes a responder, so
// nobody is asked later either.
func (c *change) acceptedBy(by UserID) {
	switch {
	case c.a.MergedInto != 0:
		c.note = c.id() + " is part of " + ref(c.a.MergedInto) + "."
	case c.a.Status == Accepted:
		c.note = c.id() + " is accepted already."
	default:
		c.taken()
		source := ""
		if by == 0 {
			source = c.env.Source.Name
		}
		c.say(LogAccepted, by, vars("source", source))
		c.outcome = OutcomeAccepted
	}
}

// askAccepters asks those who have the alert whether they still do.
func (c *change) askAccepters() {
	c.a.AskAt, c.a.Eta = time.Time{}, time.Time{}
	users, _ := c.holders(0)
	if len(users) == 0 {
		return
	}
	c.a.HandBackAt = c.now.Add(answerTime)
	c.tell(Entry{Type: LogAsked, Thread: true, Vars: vars("to", c.names(users), "until", stamp(c.a.HandBackAt))})
	for _, u := range users {
		r := c.a.responding(u)
		r.AskedAt = c.now
		c.reason(Because{User: u, Rule: r.Level, Claim: ClaimAccepted})
		c.page(r, nil)
	}
}

// handBack is "still on it?" without an answer.
func (c *change) handBack() {
	users, _ := c.holders(0)
	c.tell(Entry{Type: LogUnaccepted, Thread: true, Vars: vars("from", c.names(users), "reason", "no answer", "after", Span(answerTime))})
	c.givenBack(users)
}

// unaccept is an accepter who hands back. If others accepted too, they have it.
func (c *change) unaccept(by UserID) error {
	r := c.a.responding(by)
	mine := r != nil && !r.AcceptedAt.IsZero()
	if c.a.Status != Accepted || !mine && by != 0 {
		who, _ := c.holders(by)
		text := "You have not accepted " + c.id() + "."
		if len(who) > 0 {
			text = "You have not accepted " + c.id() + ": " + c.names(who) + " did."
		}
		return &Error{Kind: Conflict, Text: text, Do: "To bring in more people, escalate or assign it."}
	}
	others, _ := c.holders(by)
	c.say(LogUnaccepted, by, vars())
	if by != 0 && len(others) > 0 {
		*r = Responding{User: r.User, Level: r.Level, Calls: r.Calls, Failed: r.Failed}
		c.note = c.names(others) + " still has it."
		return nil
	}
	if by != 0 {
		others = []UserID{by}
	}
	c.givenBack(others)
	c.call()
	return nil
}

// givenBack makes the alert PENDING again and asks the next level at once; past the last
// one the last resort. A LOW alert asks its one round again, without those who gave it
// back if there is anybody else. A snooze stays: its end starts level 1.
func (c *change) givenBack(by []UserID) {
	c.unclaim()
	c.a.Held = false
	switch {
	case !c.a.SnoozedUntil.IsZero():
	case c.a.Priority == Low:
		c.startWithout(by)
	default:
		c.clampLevel()
		c.goOn(c.now, begun{Reason: "hand-back", From: by})
	}
}

// startWithout asks the first level that has anybody else than those users.
func (c *change) startWithout(users []UserID) {
	all := c.env.Levels
	c.env.Levels = make([]Level, len(all))
	for i, l := range all {
		l.People = slices.DeleteFunc(slices.Clone(l.People), func(b Because) bool { return slices.Contains(users, b.User) })
		c.env.Levels[i] = l
	}
	c.start(1, 1, begun{})
	c.env.Levels = all
}

// unclaim makes the alert PENDING: nobody has it, and nothing is asked of anybody yet.
func (c *change) unclaim() {
	c.a.Status = Pending
	c.a.AskAt, c.a.HandBackAt, c.a.Eta = time.Time{}, time.Time{}, time.Time{}
	c.release()
	for i := range c.a.Responders {
		c.a.Responders[i].AcceptedAt = time.Time{}
	}
}
