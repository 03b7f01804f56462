package schedules

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A rotation is how far one turn's reading is from the next. Months are apart because
// they have no length of their own.
type rotation struct{ months, seconds int64 }

// The parts of an ISO 8601 period, in the order in which they must come.
var dateParts, timeParts = []part{
	{'Y', rotation{months: 12}}, {'M', rotation{months: 1}},
	{'W', rotation{seconds: weekSeconds}}, {'D', rotation{seconds: daySeconds}},
}, []part{
	{'H', rotation{seconds: 60 * 60}}, {'M', rotation{seconds: 60}}, {'S', rotation{seconds: 1}},
}

type part struct {
	letter byte
	unit   rotation
}

// parseRotation reads P1D, P2W, PT8H, P1M, P1DT12H and the like, in whole minutes, from
// an hour to a year. The error is a clause that says what is wrong.
func parseRotation(s string) (rotation, error) {
	text, ok := strings.CutPrefix(s, "P")
	if !ok {
		return rotation{}, notPeriod(s)
	}
	dates, times, timed := strings.Cut(text, "T")
	var r rotation
	if !r.addParts(dates, dateParts) || !r.addParts(times, timeParts) || text == "" || timed && times == "" {
		return rotation{}, notPeriod(s)
	}
	switch {
	case r.months == 0 && r.seconds < 60*60:
		return rotation{}, fmt.Errorf("%s is too short; a turn is at least PT1H", quote(s))
	case r.tooLong():
		return rotation{}, fmt.Errorf("%s is too long; a turn is at most P1Y", quote(s))
	case r.seconds%60 != 0:
		return rotation{}, fmt.Errorf("%s is not in whole minutes", quote(s))
	}
	return r, nil
}

func notPeriod(s string) error {
	return fmt.Errorf("%s is not a period like P1D, P7D, PT8H, P1M or P1DT12H", quote(s))
}

// addParts adds numbers with their letters, each letter at most once and in order.
func (r *rotation) addParts(text string, parts []part) bool {
	for _, p := range parts {
		end := strings.IndexByte(text, p.letter)
		if end < 0 {
			continue
		}
		n, err := strconv.ParseUint(text[:end], 10, 31)
		if err != nil || text[0] == '+' {
			return false
		}
		r.months += int64(n) * p.unit.months
		r.seconds += int64(n) * p.unit.seconds
		text = text[end+1:]
	}
	return text == ""
}

// tooLong compares with a year on the calendar, a leap year, so that P366D is allowed.
func (r rotation) tooLong() bool {
	if r.months > 12 || r.seconds > 366*daySeconds {
		return true
	}
	start := turns{start: wall(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).Unix()), rotation: r}
	return start.reading(1) > start.start+366*daySeconds
}

// turns are the readings at which the turns of a layer begin: start + k × rotation.
type turns struct {
	start wall
	rotation
}

// reading returns where turn k begins. Months are counted from the start and not from the
// turn before; a day that the month does not have is its last day. Readings rise with k.
func (s turns) reading(k int64) wall {
	if s.months == 0 {
		return s.start + wall(k*s.seconds)
	}
	start := time.Unix(int64(s.start), 0).UTC()
	year, month, day := start.Date()
	first := time.Date(year, month+time.Month(k*s.months), 1, 0, 0, 0, 0, time.UTC)
	days := first.AddDate(0, 1, -1).Day()
	clock := int64(s.start) - time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix()
	return wall(first.Unix() + int64(min(day, days)-1)*daySeconds + clock + k*s.seconds)
}

// turn returns which turn runs at a reading that is not before the start.
func (s turns) turn(w wall) int64 {
	const month = 2_629_746 // the mean over 400 years
	k := int64(w-s.start) / (s.months*month + s.seconds)
	// Months are never more than a few days off the mean, so this takes a step or none.
	for s.reading(k) > w {
		k--
	}
	for s.reading(k+1) <= w {
		k++
	}
	return k
}
