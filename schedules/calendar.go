package schedules

import (
	"time"

	"github.com/watchbell/watchbell/core"
)

// Calendar is a schedule made ready to be asked. It never changes, and may be asked by
// many goroutines at once. What a question costs depends on the time it asks about, and
// not on how long ago the schedule began.
type Calendar struct {
	zone      *zone
	eras      []era // in order, without gaps, all time together
	overrides []stretch
}

// An era is the time in which one version of the definition holds. Either static or
// layers is empty.
type era struct {
	span
	static []stretch
	layers []layer
}

// Version is a definition that holds from an instant on, until the next version.
type Version struct {
	From time.Time
	Schedule
}

// Compile makes the calendar of a schedule, its overrides included. It refuses with
// core.Invalid what Validate would refuse, but does not look at the name.
func Compile(s Schedule) (*Calendar, error) { return CompileVersions([]Version{{Schedule: s}}) }

// CompileVersions makes the calendar of a schedule that was edited. The versions are in
// the order in which they were saved: one replaces all that was still to come from its
// From on, and leaves the time before as it was. The first has no beginning, whatever its
// From says. Zone and overrides are those of the last.
func CompileVersions(versions []Version) (*Calendar, error) {
	if len(versions) == 0 {
		return nil, core.Errorf(core.Invalid, "A schedule needs a definition.")
	}
	last := versions[len(versions)-1].Schedule
	loc, err := Location(last.Timezone)
	if err != nil {
		return nil, err
	}
	z := calendarZone(loc)
	c := Calendar{zone: &z, overrides: flatten(last.Overrides)}
	for i, v := range versions {
		e, problems := compile(v.Schedule, &z)
		if len(problems) > 0 {
			return nil, core.Errorf(core.Invalid, "%s", problems[0])
		}
		e.start = farPast
		if i > 0 {
			e.start = instantOf(v.From)
		}
		c.replace(e)
	}
	return &c, nil
}

// replace puts an era in place of everything from its start on.
func (c *Calendar) replace(e era) {
	for n := len(c.eras); n > 0 && c.eras[n-1].start >= e.start; n-- {
		c.eras = c.eras[:n-1]
	}
	if n := len(c.eras); n > 0 {
		c.eras[n-1].end = e.start
	}
	e.end = farFuture
	c.eras = append(c.eras, e)
}

// WithOverrides returns the calendar with these overrides instead of its own. The highest
// id wins; an override that does not end after its start is left out.
func (c *Calendar) WithOverrides(list []Override) *Calendar {
	d := *c
	d.overrides = flatten(list)
	return &d
}

// WithoutOverrides returns the calendar as if nobody had ever made an override.
func (c *Calendar) WithoutOverrides() *Calendar { return c.WithOverrides(nil) }

// Extent returns from when on and until when the definition now in force may have
// somebody, leaving overrides aside. End is zero if a layer never ends, both are zero if
// nobody is in it.
func (c *Calendar) Extent() Span {
	e := &c.eras[len(c.eras)-1]
	s := span{farFuture, farPast}
	for _, t := range e.static {
		s = span{min(s.start, t.start), max(s.end, t.end)}
	}
	for i := range e.layers {
		l := &e.layers[i]
		s = span{min(s.start, c.zone.at(l.start)), max(s.end, c.zone.at(l.end))}
	}
	switch {
	case s.start >= s.end:
		return Span{}
	case s.end >= farFuture/2:
		return Span{Start: s.start.time()}
	}
	return Span{s.start.time(), s.end.time()}
}

// era returns the era that contains t.
func (c *Calendar) era(t instant) *era {
	for i := len(c.eras) - 1; i > 0; i-- {
		if c.eras[i].start <= t {
			return &c.eras[i]
		}
	}
	return &c.eras[0]
}

// who returns the claim at t.
func (e *era) who(z *zone, t instant) (Claim, bool) {
	if i := after(e.static, t); i < len(e.static) && e.static[i].start <= t {
		return e.static[i].claim, true
	}
	w := z.mark(t)
	for i := len(e.layers) - 1; i >= 0; i-- {
		if l := &e.layers[i]; l.contains(w) {
			return l.claim(l.turn(w)), true
		}
	}
	return Claim{}, false
}

// holding returns all that the claim at t has without a break, within the era.
func (e *era) holding(z *zone, t instant) (stretch, bool) {
	if i := after(e.static, t); i < len(e.static) && e.static[i].start <= t {
		return e.static[i].within(e.span), true
	}
	within, w := e.span, z.mark(t)
	for i := len(e.layers) - 1; i >= 0; i-- {
		l := &e.layers[i]
		if l.contains(w) {
			return l.holding(z, t).within(within), true
		}
		within = within.within(l.idle(z, t))
	}
	return stretch{}, false
}

// fill appends who has a span, cut to it and to the era, in no order.
func (e *era) fill(z *zone, in span, to []stretch) []stretch {
	in = in.within(e.span)
	for i := after(e.static, in.start); i < len(e.static) && e.static[i].start < in.end; i++ {
		to = append(to, e.static[i].within(in))
	}
	holes := []span{in}
	for i := len(e.layers) - 1; i >= 0 && len(holes) > 0; i-- {
		var left []span
		for _, hole := range holes {
			n := len(to)
			to = e.layers[i].fill(z, hole, to)
			left = appendHoles(left, hole, to[n:])
		}
		holes = left
	}
	return to
}

// appendHoles appends what a span has beside the stretches, which are ordered and in it.
func appendHoles(holes []span, in span, held []stretch) []span {
	for _, s := range held {
		if in.start < s.start {
			holes = append(holes, span{in.start, s.start})
		}
		in.start = s.end
	}
	if in.start < in.end {
		holes = append(holes, in)
	}
	return holes
}

func (s span) within(t span) span { return span{max(s.start, t.start), min(s.end, t.end)} }

func (s stretch) within(t span) stretch {
	return stretch{s.claim, max(s.start, t.start), min(s.end, t.end)}
}
