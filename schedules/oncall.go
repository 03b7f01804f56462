package schedules

import (
	"time"

	"github.com/watchbell/watchbell/core"
)

// horizon is how far NextChange, NextShift and LastShift look: a longest turn and a month.
const horizon = 400 * daySeconds

// Who returns what puts somebody on call at an instant, or false for nobody. It is OnCall
// without start and end, for those who only page.
func (c *Calendar) Who(at time.Time) (Claim, bool) { return c.who(instantOf(at)) }

func (c *Calendar) who(t instant) (Claim, bool) {
	if s, ok := c.override(t); ok {
		return s.claim, true
	}
	return c.era(t).who(c.zone, t)
}

// OnCall returns the whole shift that contains the instant, or false for nobody. A shift
// that runs on across an edit has the claim with which it ends.
func (c *Calendar) OnCall(at time.Time) (Shift, bool) {
	s, ok := c.whole(instantOf(at))
	if !ok {
		return Shift{}, false
	}
	return s.shift(), true
}

// NextShift returns the first shift that starts after an instant, whoever has it, or false
// if none does within 400 days.
func (c *Calendar) NextShift(after time.Time) (Shift, bool) {
	from := instantOf(after) + 1
	var found stretch
	c.ahead(from, func(held []stretch, _ instant) bool {
		for _, s := range held {
			if s, _ = c.whole(s.start); s.start >= from {
				found = s
				return false
			}
		}
		return true
	})
	return found.shift(), found.claim != Claim{}
}

// LastShift returns the shift that contains an instant, else the last that ended by then,
// or false if none did within 400 days.
func (c *Calendar) LastShift(at time.Time) (Shift, bool) {
	until := instantOf(at) + 1
	for size, looked := instant(daySeconds), instant(0); looked < horizon; size *= 2 {
		held := c.held(span{until - size, until})
		if n := len(held); n > 0 {
			s, _ := c.whole(held[n-1].start)
			return s.shift(), true
		}
		until, looked = until-size, looked+size
	}
	return Shift{}, false
}

// NextChange returns the first instant after the given one at which the person on call
// changes, to or from nobody as well; one shift after another of the same person is no
// change. It looks 400 days ahead. False means that nothing changes before the instant
// returned; who waits for a change asks again then.
func (c *Calendar) NextChange(after time.Time) (time.Time, bool) {
	now := instantOf(after)
	current, _ := c.who(now)
	var change instant
	found := false
	last := c.ahead(now, func(held []stretch, until instant) bool {
		change, found = firstChange(current.User, span{now, until}, held)
		now = until
		return !found
	})
	if !found {
		return last.time(), false
	}
	return change.time(), true
}

// firstChange returns where in a span the user, or 0 for nobody, is not on call any more.
func firstChange(user core.UserID, in span, held []stretch) (instant, bool) {
	for _, s := range held {
		switch {
		case in.start < s.start && user != 0:
			return in.start, true
		case s.claim.User != user:
			return s.start, true
		}
		in.start = s.end
	}
	return in.start, in.start < in.end && user != 0
}

// ahead shows who has the time from an instant on, in growing pieces up to the horizon,
// until see has seen enough. It returns where it stopped.
func (c *Calendar) ahead(from instant, see func(held []stretch, until instant) bool) instant {
	end := from + horizon
	for size := instant(daySeconds); from < end; size *= 2 {
		until := min(from+size, end)
		if !see(c.held(span{from, until}), until) {
			return until
		}
		from = until
	}
	return end
}

// override returns the stretch of an override that contains t.
func (c *Calendar) override(t instant) (stretch, bool) {
	if i := after(c.overrides, t); i < len(c.overrides) && c.overrides[i].start <= t {
		return c.overrides[i], true
	}
	return stretch{}, false
}

// whole returns the shift that contains t.
func (c *Calendar) whole(t instant) (stretch, bool) {
	s, ok := c.single(t)
	if !ok {
		return stretch{}, false
	}
	// Each is compared with its own neighbour: an old version's turns may have the same
	// numbers as the new one's.
	for first := s; ; s.start = first.start {
		b, ok := c.single(first.start - 1)
		if !ok || !c.joins(b, first) {
			break
		}
		first = b
	}
	for {
		a, ok := c.single(s.end)
		if !ok || !c.joins(s, a) {
			break
		}
		s.end, s.claim = a.end, a.claim
	}
	return s, true
}

// single returns what the claim at t has without a break, within one era.
func (c *Calendar) single(t instant) (stretch, bool) {
	i := after(c.overrides, t)
	if i < len(c.overrides) && c.overrides[i].start <= t {
		return c.overrides[i], true
	}
	s, ok := c.era(t).holding(c.zone, t)
	if ok && i > 0 {
		s.start = max(s.start, c.overrides[i-1].end)
	}
	if ok && i < len(c.overrides) {
		s.end = min(s.end, c.overrides[i].start)
	}
	return s, ok
}

// joins tells whether b goes on with a's shift: it has the same claim, or nothing but an
// edit of the definition lies between two claims of one person.
func (c *Calendar) joins(a, b stretch) bool {
	if a.end != b.start {
		return false
	}
	return a.claim == b.claim || a.claim.User == b.claim.User && c.edited(b.start) &&
		a.claim.Override == 0 && b.claim.Override == 0
}

func (c *Calendar) edited(t instant) bool {
	return len(c.eras) > 1 && c.era(t).start == t
}

func (s stretch) shift() Shift { return Shift{s.claim, s.start.time(), s.end.time()} }
