package core

import "unicode/utf8"

// resolveBy is a person who ends the alert. That somebody did before is no error.
func (c *change) resolveBy(in Resolve) error {
	if c.a.Status == Resolved {
		c.note = c.resolvedText()
		return nil
	}
	if err := c.closed(); err != nil {
		return err
	}
	if err := tooLong(in.Comment); err != nil {
		return err
	}
	c.resolve(LogResolved, in.By, vars("comment", in.Comment))
	return nil
}

// resolve ends the alert for good: nothing is asked of anybody, nothing is waited for. It
// is a line in the thread only if it says more than the card does.
func (c *change) resolve(t EntryType, by UserID, v map[string]string) {
	c.line(Entry{Type: t, User: by, Vars: v, Thread: v["comment"] != ""})
	c.release()
	c.a.Status = Resolved
	c.a.ResolvedAt = c.now
	was := c.a.Timers
	c.a.Timers = Timers{ShowAt: was.ShowAt, Ended: was.Ended, Main: was.Main, Held: was.Held, LastResort: was.LastResort,
		Made: was.Made, Floor: was.Floor, ResolvedBy: by}
}

// mainResolved resolves a part of an alert that was resolved; anything else it leaves.
func (c *change) mainResolved(by UserID) {
	if c.a.Status == Resolved || c.a.MergedInto == 0 {
		return
	}
	c.resolve(LogResolved, by, vars("main", num(c.a.MergedInto)))
}

// comment is a note. It may also be written when all is over, as the one thing that
// changes nothing.
func (c *change) comment(in Comment) error {
	if in.Text == "" {
		return &Error{Kind: Invalid, Text: "The comment is empty.", Do: "Write what others should know."}
	}
	if err := tooLong(in.Text); err != nil {
		return err
	}
	if c.a.Status != Resolved {
		if err := c.closed(); err != nil {
			return err
		}
	}
	if in.By == 0 {
		c.say(LogCommentBySystem, 0, vars("creator", in.Creator, "text", in.Text))
		return nil
	}
	c.say(LogCommentAdded, in.By, vars("text", in.Text))
	return nil
}

// tooLong refuses a comment that no card or thread could show.
func tooLong(comment string) error {
	if n := utf8.RuneCountInString(comment); n > MaxComment {
		return &Error{Kind: Invalid, Text: "The comment has " + num(n) + " characters; it may have " + num(MaxComment) + ".",
			Do: "Shorten it, or link to where the rest is."}
	}
	return nil
}

// merge makes the alert part of another: it calls nobody any more and ends with that one,
// or by its own source.
func (c *change) merge(in Merge) error {
	switch {
	case in.Into == 0 || in.Into == c.a.ID:
		return Errorf(Invalid, "an alert is merged into another one")
	case c.a.Main:
		return &Error{Kind: Conflict, Text: "Other alerts are part of " + c.id() + " already.", Do: "Merge " + ref(in.Into) + " into " + c.id() + " instead."}
	}
	c.stopLevels()
	c.release()
	was := c.a.Timers
	c.a.Timers = Timers{AutoResolve: was.AutoResolve, ShowAt: was.ShowAt, Made: was.Made, Floor: was.Floor}
	c.a.MergedInto = in.Into
	c.say(LogMerged, in.By, vars("into", num(in.Into)))
	return nil
}

// absorb notes on the main alert what is part of it.
func (c *change) absorb(in Absorb) error {
	if in.Child == 0 || in.Child == c.a.ID {
		return Errorf(Invalid, "an alert is merged into another one")
	}
	c.a.Main = true
	c.say(LogMerged, in.By, vars("child", num(in.Child)))
	return nil
}
