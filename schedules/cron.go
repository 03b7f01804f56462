package schedules

import (
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/watchbell/watchbell/core"
)

// Cron is a cron expression on the clock of a time zone. It decides when people are told
// something, never who is on call.
type Cron struct {
	schedule cron.Schedule
	loc      *time.Location
}

const maxCron = 200 // characters

// cronFields are minute, hour, day of month, month and day of week. There is no field for
// seconds, and no @every, which is an interval and no calendar.
var cronFields = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor)

// ParseCron reads an expression such as "0 2 * * MON-FRI" or "@daily". One that never
// comes, such as "0 0 31 2 *", is refused. The errors are core.Invalid.
func ParseCron(text, zone string) (Cron, error) {
	loc, err := Location(zone)
	if err != nil {
		return Cron{}, err
	}
	fields := strings.Join(strings.Fields(text), " ")
	if len(fields) > maxCron || strings.Contains(fields, "=") || strings.HasPrefix(fields, "@every") {
		return Cron{}, notCron(text)
	}
	s, err := cronFields.Parse(fields)
	if err != nil {
		return Cron{}, notCron(text)
	}
	if s.Next(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return Cron{}, core.Errorf(core.Invalid, "%s never comes: no month has that day.", quote(text))
	}
	return Cron{s, loc}, nil
}

func notCron(text string) error {
	return core.Errorf(core.Invalid, "%s is not a cron expression; write five fields (minute, hour, day of month, month, day of week), such as %s.",
		quote(text), quote("0 2 * * MON-FRI"))
}

// Next is the first instant after that one at which the expression comes: each reading
// once, by the rule of At. A reading in a skipped hour comes when the clock jumps, one in a
// repeated hour the first time. The zero time: not before 2100.
func (c Cron) Next(after time.Time) time.Time {
	// Readings that are still to come are later than what the clock shows now.
	shown := after.In(c.loc)
	reading := time.Date(shown.Year(), shown.Month(), shown.Day(), shown.Hour(), shown.Minute(), shown.Second(), 0, time.UTC)
	for {
		reading = c.schedule.Next(reading)
		if reading.IsZero() {
			return time.Time{}
		}
		at, err := At(Reading(reading.Format(minuteReading)), c.loc)
		if err != nil {
			return time.Time{}
		}
		if at.After(after) {
			return at
		}
	}
}
