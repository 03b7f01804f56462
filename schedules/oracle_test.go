package schedules

import (
	"sort"
	"time"

	"github.com/watchbell/watchbell/core"
)

// The oracle decides who is on call by walking minute after minute, asking the standard
// library what a clock shows, and trying out every turn and window one by one. It shares
// no arithmetic with the code under test.
type oracle struct {
	start time.Time // of the walk
	shows []int64   // the latest that the clock has shown up to each minute, in minutes as if it were UTC
	holds []Claim
	edits []int // minutes at which the definition changes
}

// stroll notes what a clock shows during the minutes of the days from start on.
func stroll(loc *time.Location, start time.Time, days int) oracle {
	o := oracle{start: start, shows: make([]int64, days*24*60)}
	for i := range o.shows {
		t := start.Add(time.Duration(i) * time.Minute).In(loc)
		y, m, d := t.Date()
		hour, minute, _ := t.Clock()
		o.shows[i] = time.Date(y, m, d, hour, minute, 0, 0, time.UTC).Unix() / 60
		if i > 0 {
			o.shows[i] = max(o.shows[i], o.shows[i-1])
		}
	}
	return o
}

// first returns the first minute of the walk that shows the reading or a later one.
func (o *oracle) first(reading time.Time) int {
	return sort.Search(len(o.shows), func(i int) bool { return o.shows[i] >= reading.Unix()/60 })
}

func (o *oracle) index(t time.Time) int        { return int(t.Sub(o.start) / time.Minute) }
func (o *oracle) at(minute int) time.Time      { return o.start.Add(time.Duration(minute) * time.Minute) }
func (o *oracle) set(from, until int, c Claim) { o.setIn(0, len(o.shows), from, until, c) }

func (o *oracle) setIn(low, high, from, until int, c Claim) {
	for i := max(low, from, 0); i < min(high, until, len(o.holds)); i++ {
		o.holds[i] = c
	}
}

func readingTime(r Reading) time.Time {
	t, err := time.Parse("2006-01-02T15:04", string(r))
	if err != nil {
		panic(err)
	}
	return t
}

// walk works out a whole schedule. Edits take effect at whole minutes.
func (o *oracle) walk(versions []Version, overrides []Override) {
	o.holds = make([]Claim, len(o.shows))
	for i, v := range versions {
		low, high := 0, len(o.shows)
		if i > 0 {
			low = o.index(v.From)
			o.edits = append(o.edits, low)
		}
		if i+1 < len(versions) {
			high = o.index(versions[i+1].From)
		}
		o.definition(v.Schedule, low, high)
	}
	for _, v := range overrides { // in the order of their ids
		o.set(o.index(v.Start), o.index(v.End), Claim{User: v.User, Override: v.ID})
	}
}

func (o *oracle) definition(s Schedule, low, high int) {
	for i, v := range s.Shifts {
		o.setIn(low, high, o.first(readingTime(v.Start)), o.first(readingTime(v.End)), Claim{User: v.User, Static: i + 1})
	}
	for i, l := range s.Layers {
		open := o.windows(l)
		for k := int64(0); ; k++ {
			start, end := turnReading(l, k), turnReading(l, k+1)
			if start.Unix()/60 > o.shows[len(o.shows)-1]+3*24*60 {
				break
			}
			if end.Unix()/60 < o.shows[0]-3*24*60 {
				continue
			}
			claim := Claim{User: l.Users[int(k)%len(l.Users)], Layer: i + 1, Turn: k}
			for m := max(low, o.first(start)); m < min(high, o.first(end)); m++ {
				if open[m] {
					o.holds[m] = claim
				}
			}
		}
	}
}

// windows tells for each minute whether the layer has somebody then.
func (o *oracle) windows(l Layer) []bool {
	open := make([]bool, len(o.shows))
	end := len(o.shows)
	if l.EndsOn != "" {
		end = o.first(readingTime(l.EndsOn))
	}
	mark := func(from, until int) {
		for m := from; m < min(until, end); m++ {
			open[m] = true
		}
	}
	if len(l.Restrictions) == 0 {
		mark(0, len(open))
	}
	day := time.Unix(o.shows[0]*60, 0).UTC().Truncate(24*time.Hour).AddDate(0, 0, -10)
	for ; day.Unix()/60 < o.shows[len(o.shows)-1]+24*60; day = day.AddDate(0, 0, 1) {
		for _, r := range l.Restrictions {
			if day.Weekday() != r.From.Day {
				continue
			}
			from := day.Add(sinceMidnight(r.From.Time))
			to := day.Add(sinceMidnight(r.To.Time))
			for to.Add(-sinceMidnight(r.To.Time)).Weekday() != r.To.Day {
				to = to.AddDate(0, 0, 1)
			}
			if !to.After(from) {
				to = to.AddDate(0, 0, 7)
			}
			mark(o.first(from), o.first(to))
		}
	}
	return open
}

func sinceMidnight(s string) time.Duration {
	d, err := time.ParseDuration(s[:2] + "h" + s[3:] + "m")
	if err != nil {
		panic(err)
	}
	return d
}

// The rotations the oracle knows: months and minutes of each.
var rotations = map[string][2]int{
	"PT1H": {0, 60}, "PT90M": {0, 90}, "PT7H": {0, 420}, "PT8H": {0, 480}, "P1D": {0, 1440}, "PT24H": {0, 1440},
	"P1DT12H": {0, 2160}, "P7D": {0, 10080}, "P1W": {0, 10080}, "P2W": {0, 20160}, "P1M": {1, 0}, "P3M": {3, 0},
	"P1Y": {12, 0}, "P1M1DT1H": {1, 1500},
}

// turnReading steps from month to month, and back from days that the month does not have.
func turnReading(l Layer, k int64) time.Time {
	start, r := readingTime(l.StartsOn), rotations[l.Rotation]
	year, month := start.Year(), int(start.Month())
	for range int(k) * r[0] {
		if month++; month > 12 {
			year, month = year+1, 1
		}
	}
	t := time.Date(year, time.Month(month), start.Day(), start.Hour(), start.Minute(), 0, 0, time.UTC)
	for back := 1; int(t.Month()) != month; back++ {
		t = time.Date(year, time.Month(month), start.Day()-back, start.Hour(), start.Minute(), 0, 0, time.UTC)
	}
	return t.Add(time.Duration(k) * time.Duration(r[1]) * time.Minute)
}

// A run is a stretch of minutes that belong to one shift, or to nobody.
type run struct {
	claim       Claim
	first, last int // last is exclusive
}

func (o *oracle) runs() []run {
	var runs []run
	for m, c := range o.holds {
		if n := len(runs); n > 0 && o.goesOn(runs[n-1].claim, c, m) {
			runs[n-1].last, runs[n-1].claim = m+1, c
			continue
		}
		runs = append(runs, run{c, m, m + 1})
	}
	return runs
}

func (o *oracle) goesOn(before, now Claim, m int) bool {
	if before == now {
		return true
	}
	for _, e := range o.edits {
		if e == m && before.User == now.User && now.User != core.UserID(0) && before.Override+now.Override == 0 {
			return true
		}
	}
	return false
}
