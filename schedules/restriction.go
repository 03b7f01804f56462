package schedules

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/watchbell/watchbell/core"
)

// weekTime is how a WeekTime is written on the wire: MONDAY, 08:00.
type weekTime struct {
	Day  string `json:"dayOfWeek"`
	Time string `json:"time"`
}

// MarshalJSON writes the day by its name on the wire, such as MONDAY.
func (t WeekTime) MarshalJSON() ([]byte, error) {
	return json.Marshal(weekTime{Day: DayName(t.Day), Time: t.Time})
}

// UnmarshalJSON reads the day by its name. The time is kept as written; Validate judges it.
func (t *WeekTime) UnmarshalJSON(b []byte) error {
	var in weekTime
	if err := json.Unmarshal(b, &in); err != nil {
		return err
	}
	day, err := ParseDay(in.Day)
	if err != nil {
		return err
	}
	*t = WeekTime{Day: day, Time: in.Time}
	return nil
}

// DayName is a day of the week as the wire and files have it: MONDAY.
func DayName(d time.Weekday) string { return strings.ToUpper(d.String()) }

// ParseDay reads the name of a day of the week, in any case. The error is core.Invalid.
func ParseDay(name string) (time.Weekday, error) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if strings.EqualFold(name, d.String()) {
			return d, nil
		}
	}
	return 0, core.Errorf(core.Invalid, "%s is not a day of the week; write MONDAY to SUNDAY.", quote(name))
}

func validDay(d time.Weekday) bool { return time.Sunday <= d && d <= time.Saturday }

// clockTime reads 08:00 as seconds of the day; 24:00 is read too.
func clockTime(s string) (wall, bool) {
	if s == "24:00" {
		return daySeconds, true
	}
	t, err := time.Parse("15:04", s)
	if err != nil || t.Format("15:04") != s {
		return 0, false
	}
	return wall(t.Hour()*60+t.Minute()) * 60, true
}

// dayStart is how far a day is from Monday 00:00.
func dayStart(d time.Weekday) wall { return wall(d+6) % 7 * daySeconds }

// window returns the restriction as a window of the week, from Monday 00:00.
func (r Restriction) window(path string, f *findings) (walls, bool) {
	from, fromOK := r.From.offset(path+".from", f)
	to, toOK := r.To.offset(path+".to", f)
	if r.From.Time == "24:00" {
		f.add(path+".from.time", "24:00 is an end only; write 00:00 of the next day.")
		return walls{}, false
	}
	to %= weekSeconds
	if to <= from {
		to += weekSeconds
	}
	return walls{from, to}, fromOK && toOK
}

func (t WeekTime) offset(path string, f *findings) (wall, bool) {
	clock, ok := clockTime(t.Time)
	if !ok {
		f.add(path+".time", "%s is not a time of day like 08:00.", quote(t.Time))
	}
	if !validDay(t.Day) {
		f.add(path+".dayOfWeek", "%d is not a day of the week; write MONDAY to SUNDAY.", int(t.Day))
	}
	return dayStart(t.Day) + clock, ok && validDay(t.Day)
}
