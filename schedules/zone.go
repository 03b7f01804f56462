package schedules

import (
	"sort"
	"time"
)

const (
	daySeconds  = 24 * 60 * 60
	weekSeconds = 7 * daySeconds

	// Far beyond every instant and reading that can be asked for, and small enough that
	// sums of a few of them do not overflow.
	farPast, farFuture = -1 << 50, 1 << 50
)

// An instant is a moment, in seconds since 1970 UTC.
type instant int64

// A wall is a reading: what a clock on the wall shows, in seconds since it showed 1970.
// Every hour of this line has 3600 seconds and every day 24 hours, whatever the zone.
type wall int64

// instantOf cuts off the fraction of a second.
func instantOf(t time.Time) instant {
	return min(max(instant(t.Unix()), farPast), farFuture)
}

// instantAfter is the first whole second that is not before t.
func instantAfter(t time.Time) instant {
	if t.Nanosecond() > 0 {
		return instantOf(t) + 1
	}
	return instantOf(t)
}

func (t instant) time() time.Time { return time.Unix(int64(t), 0).UTC() }

// A zone knows a time zone's offsets over a stretch of time; outside of it the offset of
// the nearer end goes on.
type zone struct{ periods []period }

// A period is a stretch of one offset, up to the next period's start.
type period struct {
	start  instant
	offset int64
	before wall // the latest reading shown before start; never falls from one to the next
}

// calendarZone covers all readings that are accepted, and the turns that run at the end.
func calendarZone(loc *time.Location) zone {
	from := time.Date(firstYear-1, 12, 1, 0, 0, 0, 0, time.UTC)
	until := time.Date(lastYear+2, 1, 1, 0, 0, 0, 0, time.UTC)
	return newZone(loc, instantOf(from), instantOf(until))
}

func newZone(loc *time.Location, from, until instant) zone {
	var z zone
	for t := from; t < until; {
		at := time.Unix(int64(t), 0).In(loc)
		_, offset := at.Zone()
		z.add(t, int64(offset))
		_, end := at.ZoneBounds()
		if end.IsZero() {
			break
		}
		next := instant(end.Unix())
		if next <= t {
			// On the last day of a leap year ZoneBounds ends the year a day early. No
			// change lies between there and the year's real end.
			next = t - t%daySeconds + daySeconds
		}
		t = next
	}
	return z
}

func (z *zone) add(start instant, offset int64) {
	if len(z.periods) == 0 {
		z.periods = append(z.periods, period{start: farPast, offset: offset, before: 2 * farPast})
		return
	}
	last := z.periods[len(z.periods)-1]
	if last.offset == offset {
		return // bounds need not be changes
	}
	shown := wall(start) - 1 + wall(last.offset)
	z.periods = append(z.periods, period{start: start, offset: offset, before: max(last.before, shown)})
}

// at returns the first instant at which the clock shows the reading or a later one.
func (z *zone) at(w wall) instant {
	// The period in which that happens is the last before whose start it had not.
	i := sort.Search(len(z.periods), func(i int) bool { return z.periods[i].before >= w }) - 1
	p := z.periods[i]
	return max(p.start, instant(w)-instant(p.offset))
}

// mark returns the latest reading that the clock has shown up to t. A reading w has come,
// that is at(w) <= t, exactly when w <= mark(t).
func (z *zone) mark(t instant) wall {
	i := sort.Search(len(z.periods), func(i int) bool { return z.periods[i].start > t }) - 1
	p := z.periods[max(i, 0)]
	return max(p.before, wall(t)+wall(p.offset))
}
