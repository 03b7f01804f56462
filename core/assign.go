package core

import "time"

// byHand are users asked because somebody named them, and not a calendar.
func byHand(users ...UserID) []Because {
	list := make([]Because, len(users))
	for i, u := range users {
		list[i] = Because{User: u, Claim: ClaimAssigned}
	}
	return list
}

// hold asks these people and nobody further: no level runs. When a HIGH alert's people
// were called as often as their plans say and had time to answer, or none of them can be
// reached, the last resort is asked.
func (c *change) hold(people []Because) {
	c.stopLevels()
	c.release()
	c.a.Held = true
	reached := c.reach(people)
	for _, p := range people {
		c.responder(p.User).Level = 0
	}
	for _, p := range reached {
		c.ask(p, 0)
	}
	if len(reached) == 0 {
		c.end()
		return
	}
	c.holdTime()
}

// holdAgain asks those again to whom the alert is assigned.
func (c *change) holdAgain() {
	var people []Because
	for _, r := range c.a.Responders {
		if !r.AskedAt.IsZero() && r.Level == 0 {
			people = append(people, c.because(&r))
		}
	}
	c.hold(people)
}

// holdTime gives those to whom the alert is assigned their time: until their last
// planned call, and time to answer it.
func (c *change) holdTime() {
	if !c.a.Held || c.a.Priority != High || c.a.Status != Pending || !c.a.SnoozedUntil.IsZero() {
		return
	}
	for _, r := range c.a.Responders {
		if r.AskedAt.IsZero() {
			continue
		}
		calls := plan(c.env.People[r.User].Notify)
		if at := r.AskedAt.Add(calls[len(calls)-1].after + answerTime); at.After(c.a.LevelUntil) {
			c.a.LevelUntil = at
		}
	}
}

// assign gives the alert to a user, a schedule's people or a policy. Whoever had it or
// was called has nothing to do with it any more, but stays on the list; a snooze ends.
func (c *change) assign(in Assign) error {
	switch targets := count(in.User != 0, in.Schedule != 0, in.Policy != 0); {
	case targets != 1:
		return Errorf(Invalid, "an alert is assigned to one user, schedule or policy")
	case in.User != 0:
		return c.assignUser(in)
	case in.Schedule != 0:
		return c.assignSchedule(in)
	}
	c.say(LogAssignedToPolicy, in.By, vars("to", c.env.Policy.Name, "from", c.names(c.concerned())))
	c.unassign()
	c.a.Policy, c.a.Held = in.Policy, false
	c.a.Level, c.a.Cycle = 0, 0
	c.start(1, 1, begun{})
	c.call()
	return nil
}

// mayRespond refuses people who could do nothing about an alert that is given to them.
func (c *change) mayRespond(u UserID) error {
	p, known := c.env.People[u]
	switch {
	case !known:
		return Errorf(NotFound, "there is no such user")
	case p.Role < Responder:
		return &Error{Kind: Invalid, Text: p.Name + " may not handle alerts: that needs the role " + Responder.String() + ", and theirs is " + p.Role.String() + ".",
			Do: "Name somebody else, or comment so that " + p.Name + " can read it."}
	}
	return nil
}

func (c *change) assignUser(in Assign) error {
	if err := c.mayRespond(in.User); err != nil {
		return err
	}
	if others, _ := c.holders(in.User); len(others) == 0 && c.a.Status == Accepted {
		if r := c.a.responding(in.User); r != nil && !r.AcceptedAt.IsZero() {
			c.note = c.name(in.User) + " has it already."
			return nil
		}
	}
	c.say(LogAssignedByUser, in.By, vars("to", c.name(in.User), "user", num(in.User), "from", c.names(c.concerned())))
	c.unassign()
	c.hold(byHand(in.User))
	c.call()
	return nil
}

func (c *change) assignSchedule(in Assign) error {
	if len(in.Calls) == 0 {
		return &Error{Kind: Conflict, Text: "Nobody is on call on that schedule now.", Do: "Assign the alert to a person or a policy."}
	}
	var users []UserID
	for _, b := range in.Calls {
		if err := c.mayRespond(b.User); err != nil {
			return err
		}
		users = append(users, b.User)
	}
	c.say(LogAssignedToSchedule, in.By, vars("to", c.names(users), "schedule", in.Calls[0].Schedule, "from", c.names(c.concerned())))
	c.unassign()
	c.hold(in.Calls)
	c.call()
	return nil
}

// concerned are those who have the alert, else those who are asked to take it.
func (c *change) concerned() []UserID {
	if users, _ := c.holders(0); len(users) > 0 {
		return users
	}
	return c.unanswered()
}

// unassign frees everybody.
func (c *change) unassign() {
	c.unclaim()
	c.stopLevels()
	c.a.SnoozedUntil, c.a.SnoozedBy = time.Time{}, 0
}

func count(conditions ...bool) (n int) {
	for _, is := range conditions {
		if is {
			n++
		}
	}
	return n
}

// addResponder asks one more user, at once, whatever else goes on. Of an accepted alert
// they hear once; of a snoozed one when it wakes.
func (c *change) addResponder(in AddResponder) error {
	if c.a.responding(in.User) != nil {
		return &Error{Kind: Conflict, Code: "RESPONDER_EXISTS", Text: c.name(in.User) + " is a responder of " + c.id() + " already.",
			Do: "To call them again, assign it to them."}
	}
	if err := c.mayRespond(in.User); err != nil {
		return err
	}
	c.say(LogResponderAdded, in.By, vars("to", c.name(in.User), "user", num(in.User)))
	c.ask(Because{User: in.User, Claim: ClaimAdded}, 0)
	switch {
	case !c.a.SnoozedUntil.IsZero():
		c.responder(in.User).NextCall = time.Time{}
		c.note = c.name(in.User) + " is called when it wakes."
	case c.unreachable(in.User) != "":
		c.note = c.name(in.User) + " cannot be called: " + c.unreachable(in.User) + "."
	}
	c.holdTime()
	c.call()
	return nil
}

// removeResponder takes a user off the alert. If they were the last who had it, it is
// handed back.
func (c *change) removeResponder(in RemoveResponder) error {
	r := c.a.responding(in.User)
	if r == nil {
		return Errorf(NotFound, "%s is no responder of %s", c.name(in.User), c.id())
	}
	gone := *r
	others, _ := c.holders(in.User)
	c.a.Floor = max(c.a.Floor, gone.Calls)
	for i := range c.a.Responders {
		if c.a.Responders[i].User == in.User {
			c.a.Responders = append(c.a.Responders[:i], c.a.Responders[i+1:]...)
			break
		}
	}
	c.say(LogResponderRemoved, in.By, vars("from", c.name(in.User), "user", num(in.User)))
	switch {
	case !gone.AcceptedAt.IsZero() && len(others) == 0:
		c.givenBack([]UserID{in.User})
	case c.a.waiting() && len(c.unanswered()) == 0:
		c.giveUp("removed")
	}
	c.call()
	return nil
}
