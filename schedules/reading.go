package schedules

import (
	"strings"
	"time"

	"github.com/watchbell/watchbell/core"
)

const (
	minuteReading = "2006-01-02T15:04"
	secondReading = "2006-01-02T15:04:05"

	firstYear, lastYear = 1970, 2100
)

// At returns the first instant at which a clock in loc shows the reading or a later one:
// for a skipped reading the moment the clock jumps, for a repeated one its first
// occurrence. It is the one way in which readings become time; time.Date answers
// differently in both cases. The error is core.Invalid, for what is not a reading.
func At(r Reading, loc *time.Location) (time.Time, error) {
	w, ok := r.wall()
	if !ok {
		return time.Time{}, notReading(string(r))
	}
	// No zone is further from UTC than 26 hours, so what the clock showed two days
	// earlier is before the reading, and what it shows two days later is after.
	around := newZone(loc, instant(w)-2*daySeconds, instant(w)+2*daySeconds)
	return around.at(w).time(), nil
}

// ParseReading accepts 2006-01-02T15:04, with or without :05, in the years 1970 to 2100,
// and nothing else: an offset or a Z makes text an instant, which is not a reading. The
// Reading is the text as it was written. The error is core.Invalid.
func ParseReading(s string) (Reading, error) {
	if r := Reading(s); r.Valid() {
		return r, nil
	}
	return "", notReading(s)
}

// Valid tells whether the text is a date and time of day that ParseReading accepts.
func (r Reading) Valid() bool {
	_, ok := r.wall()
	return ok
}

func notReading(s string) error {
	return core.Errorf(core.Invalid, "%s is not a date and time like 2026-01-05T09:00, without offset, from %d to %d.",
		quote(s), firstYear, lastYear)
}

// wall returns the reading's place on the line of readings.
func (r Reading) wall() (wall, bool) {
	layout := minuteReading
	if len(r) == len(secondReading) {
		layout = secondReading
	}
	t, err := time.Parse(layout, string(r))
	// time.Parse is generous (fractions, one-digit hours); what it writes itself is not.
	if err != nil || t.Format(layout) != string(r) {
		return 0, false
	}
	return wall(t.Unix()), firstYear <= t.Year() && t.Year() <= lastYear
}

// Location returns the zone of an IANA name such as Europe/Berlin. The empty name, Local,
// offsets such as +02:00, and the files that lie beside the zones on some machines are
// refused with core.Invalid, as every name is that the machine does not know.
func Location(name string) (*time.Location, error) {
	if !zoneName(name) {
		return nil, notZone(name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, notZone(name)
	}
	return loc, nil
}

func notZone(name string) error {
	return core.Errorf(core.Invalid, "%s is not a time zone; write its IANA name, such as Europe/Berlin.", quote(name))
}

// zoneName refuses names that one machine's files may know and another's may not. Zones
// under right/ count leap seconds and would move every handoff by half a minute.
func zoneName(name string) bool {
	if name == "" || len(name) > 64 {
		return false
	}
	switch strings.ToLower(name) {
	case "local", "localtime", "posixrules", "factory":
		return false
	}
	if strings.HasPrefix(name, "right/") || strings.HasPrefix(name, "posix/") {
		return false
	}
	letter := name[0] | 0x20
	return 'a' <= letter && letter <= 'z'
}
