package schedules

import (
	"cmp"
	"slices"
	"time"
)

// Shifts returns the shifts that overlap [from, until), by start, each whole and not cut at
// the window. They do not overlap one another. from == until asks for that instant;
// until before from has none. The cost grows with the window, which the caller limits.
func (c *Calendar) Shifts(from, until time.Time) []Shift {
	if from.Equal(until) {
		s, ok := c.OnCall(from)
		if !ok {
			return nil
		}
		return []Shift{s}
	}
	held := c.held(span{instantOf(from), instantAfter(until)})
	if n := len(held); n > 0 {
		held[0], _ = c.whole(held[0].start)
		held[n-1], _ = c.whole(held[n-1].end - 1)
	}
	shifts := make([]Shift, len(held))
	for i, s := range held {
		shifts[i] = s.shift()
	}
	return shifts
}

// Gaps returns the time within [from, until) in which nobody is on call, by start, cut to
// the window. Gaps do not touch. Shifts and gaps together are the whole window.
func (c *Calendar) Gaps(from, until time.Time) []Span {
	in := span{instantOf(from), instantAfter(until)}
	if in.start >= in.end {
		return nil
	}
	var gaps []Span
	for _, hole := range appendHoles(nil, in, c.held(in)) {
		gaps = append(gaps, Span{hole.start.time(), hole.end.time()})
	}
	return gaps
}

// held returns who has the time of a span, in order and cut to it. Two stretches that
// touch belong to different shifts.
func (c *Calendar) held(in span) []stretch {
	if in.start >= in.end {
		return nil
	}
	var below, held []stretch
	for i := range c.eras {
		if e := &c.eras[i]; e.start < in.end && in.start < e.end {
			below = e.fill(c.zone, in, below)
		}
	}
	slices.SortFunc(below, byStart)
	now := in.start
	for i := after(c.overrides, in.start); i < len(c.overrides) && c.overrides[i].start < in.end; i++ {
		over := c.overrides[i].within(in)
		held = append(appendWithin(held, span{now, over.start}, below), over)
		now = over.end
	}
	held = appendWithin(held, span{now, in.end}, below)
	return c.joined(held)
}

// appendWithin appends what an ordered list has within a span, cut to it.
func appendWithin(to []stretch, in span, list []stretch) []stretch {
	if in.start >= in.end {
		return to
	}
	for i := after(list, in.start); i < len(list) && list[i].start < in.end; i++ {
		to = append(to, list[i].within(in))
	}
	return to
}

// joined makes one of neighbours that belong to one shift.
func (c *Calendar) joined(held []stretch) []stretch {
	out := held[:0]
	for _, s := range held {
		if n := len(out); n > 0 && c.joins(out[n-1], s) {
			out[n-1].end, out[n-1].claim = s.end, s.claim
			continue
		}
		out = append(out, s)
	}
	return out
}

func byStart(a, b stretch) int { return cmp.Compare(a.start, b.start) }
