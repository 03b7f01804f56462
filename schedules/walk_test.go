package schedules

import (
	_ "embed"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/watchbell/watchbell/core"
)

//go:embed testdata/zones.txt
var zoneList string

func zones() []string { return strings.Fields(zoneList) }

const (
	walkDays = 14 // what the oracle walks
	margin   = 4  // days at each end of it about which nothing is asked
)

// changes returns the days of a year on which the zone's offset is another than the day before.
func changes(loc *time.Location, year int) []time.Time {
	var days []time.Time
	t := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
	_, before := t.In(loc).Zone()
	for ; t.Year() == year; t = t.AddDate(0, 0, 1) {
		_, offset := t.In(loc).Zone()
		if offset != before {
			days = append(days, t)
		}
		before = offset
	}
	return days
}

// drawWalk draws a zone and a walk in it, around a change of its clock if there is one.
func drawWalk(t *rapid.T) (string, oracle) {
	name := rapid.SampledFrom(zones()).Draw(t, "zone")
	loc, err := Location(name)
	require.NoError(t, err)
	year := rapid.IntRange(1973, 2060).Draw(t, "year")
	day := time.Date(year, 1, 1+rapid.IntRange(0, 364).Draw(t, "day"), 0, 0, 0, 0, time.UTC)
	if days := changes(loc, year); len(days) > 0 {
		day = rapid.SampledFrom(days).Draw(t, "change")
	}
	return name, stroll(loc, day.AddDate(0, 0, -walkDays/2), walkDays)
}

func drawReading(t *rapid.T, around time.Time, days int, label string) Reading {
	minutes := rapid.IntRange(-days*96, days*96).Draw(t, label) * 15
	return Reading(around.Add(time.Duration(minutes) * time.Minute).Format("2006-01-02T15:04"))
}

func drawUsers(t *rapid.T) []core.UserID {
	return rapid.SliceOfN(rapid.Map(rapid.IntRange(1, 3), func(i int) core.UserID { return core.UserID(i) }), 1, 5).Draw(t, "users")
}

func drawWeekTime(t *rapid.T, label string) WeekTime {
	m := rapid.IntRange(0, 95).Draw(t, label) * 15
	return WeekTime{time.Weekday(rapid.IntRange(0, 6).Draw(t, label)), fmt.Sprintf("%02d:%02d", m/60, m%60)}
}

func drawLayer(t *rapid.T, around time.Time) Layer {
	names := []string{"PT1H", "PT90M", "PT7H", "PT8H", "P1D", "PT24H", "P1DT12H", "P7D", "P1W", "P2W", "P1M", "P3M", "P1Y", "P1M1DT1H"}
	l := Layer{Rotation: rapid.SampledFrom(names).Draw(t, "rotation"), Users: drawUsers(t)}
	l.StartsOn = drawReading(t, around.AddDate(0, 0, -rapid.SampledFrom([]int{0, 3, 40}).Draw(t, "ago")), 3, "startsOn")
	if rotations[l.Rotation][0] > 0 {
		l.StartsOn = Reading(readingTime(l.StartsOn).AddDate(-rapid.IntRange(0, 2).Draw(t, "years"), 0, 0).Format("2006-01-02T15:04"))
	}
	if rapid.IntRange(0, 4).Draw(t, "ends") == 0 {
		l.EndsOn = drawReading(t, around.AddDate(0, 0, 3), 3, "endsOn")
		if l.EndsOn <= l.StartsOn {
			l.EndsOn = ""
		}
	}
	for range rapid.SampledFrom([]int{0, 0, 1, 2, 7}).Draw(t, "restrictions") {
		r := Restriction{drawWeekTime(t, "from"), drawWeekTime(t, "to")}
		if rapid.Bool().Draw(t, "24:00") {
			r.To.Time = "24:00"
		}
		l.Restrictions = append(l.Restrictions, r)
	}
	return l
}

// drawStatic draws shifts one after another, with and without gaps.
func drawStatic(t *rapid.T, o *oracle) []StaticShift {
	var shifts []StaticShift
	at := o.start.AddDate(0, 0, margin)
	for range rapid.IntRange(0, 8).Draw(t, "shifts") {
		start := at.Add(time.Duration(rapid.SampledFrom([]int{0, 0, 30, 300}).Draw(t, "gap")) * time.Minute)
		at = start.Add(time.Duration(rapid.IntRange(1, 100).Draw(t, "length")) * 15 * time.Minute)
		if o.first(start) == o.first(at) {
			continue // skipped whole, which is refused
		}
		shifts = append(shifts, StaticShift{core.UserID(1 + len(shifts)%3), Reading(start.Format("2006-01-02T15:04")), Reading(at.Format("2006-01-02T15:04"))})
	}
	return rapid.Permutation(shifts).Draw(t, "order")
}

func drawSchedule(t *rapid.T, zone string, o *oracle) Schedule {
	middle := o.start.AddDate(0, 0, walkDays/2)
	s := Schedule{Timezone: zone, Kind: Recurring}
	if rapid.IntRange(0, 5).Draw(t, "static") == 0 {
		s.Kind, s.Shifts = Static, drawStatic(t, o)
		return s
	}
	for range rapid.IntRange(0, 4).Draw(t, "layers") {
		s.Layers = append(s.Layers, drawLayer(t, middle))
	}
	return s
}

func drawOverrides(t *rapid.T, o *oracle) []Override {
	var list []Override
	for range rapid.SampledFrom([]int{0, 0, 2, 6}).Draw(t, "overrides") {
		start := rapid.IntRange(margin*24*60, (walkDays-margin)*24*60).Draw(t, "start")
		length := rapid.IntRange(1, 2000).Draw(t, "length")
		list = append(list, Override{int64(len(list) + 1), core.UserID(rapid.IntRange(1, 3).Draw(t, "user")), o.at(start), o.at(start + length)})
	}
	return list
}

func checkWalk(t *rapid.T) {
	zone, o := drawWalk(t)
	versions := []Version{{Schedule: drawSchedule(t, zone, &o)}}
	for m := margin * 24 * 60; len(versions) < 3 && rapid.IntRange(0, 3).Draw(t, "edited") == 0; {
		m += rapid.IntRange(1, 3000).Draw(t, "edit")
		versions = append(versions, Version{o.at(m), drawSchedule(t, zone, &o)})
	}
	overrides := drawOverrides(t, &o)
	o.walk(versions, overrides)

	c, err := CompileVersions(versions)
	require.NoError(t, err)
	c = c.WithOverrides(rapid.Permutation(overrides).Draw(t, "order"))
	low, high := margin*24*60, (walkDays-margin)*24*60
	compareInstants(t, c, &o, low, high)
	from := rapid.IntRange(low, high).Draw(t, "from")
	compareWindow(t, c, &o, from, rapid.IntRange(from, high).Draw(t, "until"))
}

// compareInstants compares the claim of every minute, and what is said at runs' edges.
func compareInstants(t *rapid.T, c *Calendar, o *oracle, low, high int) {
	for m := low; m < high; m++ {
		claim, ok := c.Who(o.at(m).Add(59 * time.Second))
		if claim != o.holds[m] || ok != (claim.User != 0) {
			t.Fatalf("at %s: got %+v %v, want %+v", o.at(m), claim, ok, o.holds[m])
		}
	}
	runs := o.runs()
	for i, r := range runs {
		if r.last <= low || r.first >= high {
			continue
		}
		for _, m := range []int{max(low, r.first), (max(low, r.first) + min(high, r.last)) / 2, min(high, r.last) - 1} {
			s, ok := c.OnCall(o.at(m))
			require.Equal(t, r.claim.User != 0, ok, "on call at %s", o.at(m))
			if ok {
				requireShift(t, o, r, s)
			}
			compareNext(t, c, o, runs[i:], m)
		}
	}
}

// requireShift compares a shift with a run, where the run's edges are within the walk.
func requireShift(t *rapid.T, o *oracle, r run, s Shift) {
	if r.first > 0 {
		require.Equal(t, o.at(r.first), s.Start, "start of %+v", r.claim)
	}
	if r.last < len(o.holds) {
		require.Equal(t, o.at(r.last), s.End, "end of %+v", r.claim)
		require.Equal(t, r.claim, s.Claim)
	}
	require.False(t, s.Start.After(o.at(r.first)), "start of %+v", r.claim)
	require.False(t, s.End.Before(o.at(r.last)), "end of %+v", r.claim)
}

// compareNext compares what comes after a minute of the first of the runs.
func compareNext(t *rapid.T, c *Calendar, o *oracle, runs []run, m int) {
	change, found := c.NextChange(o.at(m))
	shift, more := c.NextShift(o.at(m))
	for i, r := range runs {
		if i > 0 && r.claim.User != runs[0].claim.User {
			require.True(t, found)
			require.Equal(t, o.at(r.first), change, "change after %s", o.at(m))
			break
		}
	}
	for i, r := range runs {
		if i > 0 && r.claim.User != 0 {
			require.True(t, more)
			require.Equal(t, o.at(r.first), shift.Start, "next shift after %s", o.at(m))
			break
		}
	}
}

// compareWindow compares shifts and gaps, which must be all time together.
func compareWindow(t *rapid.T, c *Calendar, o *oracle, first, last int) {
	from, until := o.at(first), o.at(last)
	shifts, gaps := c.Shifts(from, until), c.Gaps(from, until)
	for _, r := range o.runs() {
		inside := r.first < last && first < r.last || first == last && r.first <= first && first < r.last
		switch {
		case !inside:
		case r.claim.User != 0:
			require.NotEmpty(t, shifts, "missing %+v", r.claim)
			requireShift(t, o, r, shifts[0])
			shifts = shifts[1:]
		case first < last:
			require.NotEmpty(t, gaps)
			require.Equal(t, Span{o.at(max(first, r.first)), o.at(min(last, r.last))}, gaps[0])
			gaps = gaps[1:]
		}
	}
	require.Empty(t, shifts, "shifts too many")
	require.Empty(t, gaps, "gaps too many")
}

func TestCalendarAgreesWithMinuteWalk(t *testing.T) { rapid.Check(t, checkWalk) }

func FuzzCalendar(f *testing.F) { f.Fuzz(rapid.MakeFuzz(checkWalk)) }
