package bot

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/schedules"
)

// furthest is how far ahead a time may lie.
const furthest = 366 * 24 * time.Hour

const timeExamples = "Say for example 2h, 90m, 18:00, “tomorrow 09:00”, “fri 18:00” or 2026-01-05T09:00."

var (
	lengthPart = regexp.MustCompile(`^(\d{1,6})\s*(weeks?|w|days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)`)
	clockTime  = regexp.MustCompile(`^(\d{1,2})(?::(\d{2}))?\s*(am|pm)?$`)
	isoTime    = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})[t ](\d{2}:\d{2}(?::\d{2})?)(z|[+-]\d{2}:?\d{2})?$`)
	slashDate  = regexp.MustCompile(`\d{1,4}[/.]\d{1,2}`)
)

var weekdays = map[string]time.Weekday{
	"sun": time.Sunday, "mon": time.Monday, "tue": time.Tuesday, "wed": time.Wednesday,
	"thu": time.Thursday, "fri": time.Friday, "sat": time.Saturday,
}

// parseLength reads a stretch of time with its unit: 2h, 90m, 1h30m, 2d, "2 hours".
func parseLength(s string) (time.Duration, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	if s == "" {
		return 0, false
	}
	var sum time.Duration
	for s != "" {
		m := lengthPart.FindStringSubmatch(s)
		if m == nil {
			return 0, false
		}
		n, err := strconv.Atoi(m[1])
		if err != nil {
			return 0, false
		}
		unit := lengthUnit(m[2][:1])
		if time.Duration(n) > 10*furthest/unit {
			return 0, false
		}
		sum += time.Duration(n) * unit
		s = strings.TrimLeft(s[len(m[0]):], " ,")
		s = strings.TrimPrefix(s, "and ")
	}
	return sum, sum > 0 && sum <= 10*furthest
}

func lengthUnit(letter string) time.Duration {
	switch letter {
	case "w":
		return 7 * 24 * time.Hour
	case "d":
		return 24 * time.Hour
	case "h":
		return time.Hour
	case "m":
		return time.Minute
	}
	return time.Second
}

// parseTime reads when, as people type it, on the clock of loc, and returns an instant
// after now. A clock time that is over means tomorrow. The error says what to type.
func parseTime(s string, now time.Time, loc *time.Location) (time.Time, error) {
	t, err := readTime(s, now, loc)
	if err != nil {
		return time.Time{}, err
	}
	switch {
	case !t.After(now):
		return time.Time{}, invalid("“%s” is over already.", oneLine(cut(s, 60)))
	case t.Sub(now) > furthest:
		return time.Time{}, invalid("“%s” is more than a year away.", oneLine(cut(s, 60)))
	}
	return t, nil
}

// readTime is parseTime for times that may be over, such as "who was on call at".
func readTime(s string, now time.Time, loc *time.Location) (time.Time, error) {
	text := strings.ToLower(oneLine(s))
	for _, lead := range []string{"until ", "till ", "for ", "in ", "at ", "on ", "@ "} {
		text = strings.TrimPrefix(text, lead)
	}
	if text == "now" {
		return now, nil
	}
	if d, ok := parseLength(text); ok {
		return now.Add(d), nil
	}
	if m := isoTime.FindStringSubmatch(text); m != nil {
		return isoInstant(m, loc)
	}
	if slashDate.MatchString(text) {
		return time.Time{}, invalid("“%s” could be a day or a month first. Write the date as 2026-01-05T09:00.", cut(text, 60))
	}
	return calendarTime(text, now.In(loc))
}

func isoInstant(m []string, loc *time.Location) (time.Time, error) {
	reading := m[1] + "T" + m[2]
	if m[3] == "" {
		return at(reading, loc)
	}
	if len(m[2]) == len("09:00") {
		reading += ":00"
	}
	zone := strings.ToUpper(m[3])
	if len(zone) == len("+0100") {
		zone = zone[:3] + ":" + zone[3:]
	}
	t, err := time.Parse(time.RFC3339, reading+zone)
	if err != nil {
		return time.Time{}, invalid("“%s” is no date and time. %s", reading+zone, timeExamples)
	}
	return t, nil
}

// calendarTime reads "18:00", "tomorrow 09:00", "fri 6pm".
func calendarTime(text string, now time.Time) (time.Time, error) {
	day, rest, spoken := dayWord(text, now)
	if spoken && rest == "" {
		return time.Time{}, invalid("“%s” needs a time of day, too, for example “%s 09:00”.", cut(text, 60), cut(text, 40))
	}
	hour, minute, ok := clockOf(rest)
	if !ok {
		return time.Time{}, invalid("“%s” is no time that I know. %s", cut(text, 60), timeExamples)
	}
	t, err := onDay(day, hour, minute, now.Location())
	if err != nil || t.After(now) {
		return t, err
	}
	switch {
	case !spoken:
		return onDay(day.AddDate(0, 0, 1), hour, minute, now.Location())
	case strings.HasPrefix(text, "today"):
		return t, nil
	}
	return onDay(day.AddDate(0, 0, 7), hour, minute, now.Location())
}

// dayWord takes the day from the beginning of text. Days are dates at noon UTC, so that
// no zone can shift them.
func dayWord(text string, now time.Time) (day time.Time, rest string, spoken bool) {
	day = time.Date(now.Year(), now.Month(), now.Day(), 12, 0, 0, 0, time.UTC)
	first, rest, _ := strings.Cut(text, " ")
	rest = strings.TrimPrefix(rest, "at ")
	switch first {
	case "today", "tonight":
		return day, rest, true
	case "tomorrow", "tmrw":
		return day.AddDate(0, 0, 1), rest, true
	}
	if len(first) >= 3 {
		if w, ok := weekdays[first[:3]]; ok && strings.HasPrefix(strings.ToLower(w.String())+"s", first) {
			return day.AddDate(0, 0, (int(w)-int(now.Weekday())+7)%7), rest, true
		}
	}
	return day, text, false
}

// clockOf reads 18:00, 9:05, 6pm, 6:30 pm. A bare number is none: it lacks its unit.
func clockOf(s string) (hour, minute int, ok bool) {
	m := clockTime.FindStringSubmatch(s)
	if m == nil || m[2] == "" && m[3] == "" {
		return 0, 0, false
	}
	hour, _ = strconv.Atoi(m[1])
	minute, _ = strconv.Atoi(m[2])
	switch {
	case m[3] != "" && (hour < 1 || hour > 12):
		return 0, 0, false
	case m[3] == "pm" && hour < 12:
		hour += 12
	case m[3] == "am" && hour == 12:
		hour = 0
	}
	return hour, minute, hour < 24 && minute < 60
}

func onDay(day time.Time, hour, minute int, loc *time.Location) (time.Time, error) {
	clock := time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, 0, time.UTC)
	return at(clock.Format("2006-01-02T15:04"), loc)
}

// at asks schedules, the one place that knows skipped and repeated hours.
func at(reading string, loc *time.Location) (time.Time, error) {
	t, err := schedules.At(schedules.Reading(reading), loc)
	if err != nil {
		return time.Time{}, invalid("“%s” is no date and time. %s", cut(reading, 60), timeExamples)
	}
	return t, nil
}

// understood says a time back: weekday, date, clock, zone, and how long that is.
func understood(t, now time.Time, loc *time.Location) string {
	form := "Mon 2 Jan 15:04 MST"
	if t.In(loc).Year() != now.In(loc).Year() {
		form = "Mon 2 Jan 2006 15:04 MST"
	}
	return t.In(loc).Format(form) + " (" + lengthWords(t.Sub(now)) + ")"
}

func invalid(format string, args ...any) error {
	return core.Errorf(core.Invalid, format, args...)
}
