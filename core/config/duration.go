package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// A quantity is how one key's durations are read: what a bare number means (0: nothing
// does), from which bare number on it is asked what was meant, and the limits.
type quantity struct {
	unit        time.Duration
	ask         time.Duration
	least, most time.Duration
}

var (
	levelTime     = quantity{time.Minute, time.Hour, time.Second, 30 * day}
	levelSeconds  = quantity{time.Second, 2 * time.Hour, time.Second, 30 * day}
	policyDelay   = quantity{time.Minute, 30 * day, 0, time.Hour}
	acceptTime    = quantity{time.Minute, 12 * time.Hour, 0, 30 * day}
	autoResolve   = quantity{0, 0, 0, 30 * day}
	groupWindow   = quantity{0, 0, time.Second, 30 * day}
	notifyPeriods = quantity{0, 0, 0, day}
)

// duration reads 90s, 5m, 8h, 7d, 1h30m, PT90S, P7D, or a bare number in the key's unit.
func (v value) duration(q quantity) time.Duration {
	if !v.present() {
		return 0
	}
	if n, ok := v.number(); ok {
		return v.bare(n, q)
	}
	s, ok := v.raw()
	if !ok {
		v.wrong("a duration such as 90s, 5m, 8h or 7d")
		return 0
	}
	d, problem := parseDuration(s)
	if problem != "" {
		v.problem("%s", problem)
		return 0
	}
	return v.within(d, q)
}

// bare judges a number without unit. One that looks like another unit's is not taken: it
// is asked what was meant.
func (v value) bare(n int64, q quantity) time.Duration {
	switch {
	case n == 0 && q.least == 0:
		return 0
	case n < 0 || n > int64(1e9):
		v.problem("%d is no length of time here.", n)
		return 0
	case q.unit == 0:
		v.problem("The number %d has no unit; write %dm for minutes or %ds for seconds.", n, n, n)
		return 0
	}
	d := time.Duration(n) * q.unit
	if d > q.ask {
		if q.unit == time.Minute {
			v.problem("%d minutes are %s; write %dm if that is meant, or %ds.", n, inWords(d), n, n)
		} else {
			v.problem("%d seconds are %s; write %ds if that is meant.", n, inWords(d), n)
		}
		return 0
	}
	return v.within(d, q)
}

func (v value) within(d time.Duration, q quantity) time.Duration {
	if d < q.least || d > q.most {
		v.problem("%s is not from %s to %s.", formatDuration(d), formatDuration(q.least), formatDuration(q.most))
		return 0
	}
	return d
}

// parseDuration reads a duration of whole seconds with units, or says what is wrong.
func parseDuration(s string) (d time.Duration, problem string) {
	if rest, ok := strings.CutPrefix(s, "P"); ok {
		if d, ok := parseISO(rest); ok {
			return d, ""
		}
		return 0, quote(s) + " is not a duration such as P7D, PT90S or PT1H30M; months and years have no fixed length."
	}
	if d, ok := addUnits(s, "dhms"); ok {
		return d, ""
	}
	return 0, quote(s) + " is not a duration such as 90s, 5m, 1h30m or 7d."
}

func parseISO(s string) (time.Duration, bool) {
	dates, times, timed := strings.Cut(s, "T")
	if timed && times == "" || s == "" {
		return 0, false
	}
	var sum time.Duration
	if dates != "" {
		d, ok := addUnits(dates, "WD")
		if !ok {
			return 0, false
		}
		sum = d
	}
	if timed {
		d, ok := addUnits(times, "HMS")
		if !ok {
			return 0, false
		}
		sum += d
	}
	return sum, true
}

var unitLength = map[byte]time.Duration{
	'W': 7 * day, 'D': day, 'H': time.Hour, 'M': time.Minute, 'S': time.Second,
	'd': day, 'h': time.Hour, 'm': time.Minute, 's': time.Second,
}

// addUnits adds numbers with units, each unit at most once and in order.
func addUnits(s, units string) (time.Duration, bool) {
	var sum time.Duration
	for some := false; ; some = true {
		if s == "" {
			return sum, some
		}
		end := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' })
		if end < 1 {
			return 0, false
		}
		n, err := strconv.ParseUint(s[:end], 10, 31)
		at := strings.IndexByte(units, s[end])
		if err != nil || at < 0 || time.Duration(n) > 100*365*day/unitLength[s[end]] {
			return 0, false
		}
		sum += time.Duration(n) * unitLength[s[end]]
		s, units = s[end+1:], units[at+1:]
	}
}

// formatDuration writes what parseDuration reads: 90s, 5m, 1h30m, 7d.
func formatDuration(d time.Duration) string {
	if d < time.Second {
		return "0s"
	}
	var b strings.Builder
	for _, u := range []byte("dhms") {
		if n := d / unitLength[u]; n > 0 {
			fmt.Fprintf(&b, "%d%c", n, u)
			d %= unitLength[u]
		}
	}
	return b.String()
}

// inWords writes a duration for a sentence: 5 hours, 1 day 2 hours.
func inWords(d time.Duration) string {
	var parts []string
	for _, u := range []struct {
		name string
		unit byte
	}{{"day", 'd'}, {"hour", 'h'}, {"minute", 'm'}, {"second", 's'}} {
		n := d / unitLength[u.unit]
		d %= unitLength[u.unit]
		if n == 1 {
			parts = append(parts, "1 "+u.name)
		} else if n > 1 {
			parts = append(parts, fmt.Sprintf("%d %ss", n, u.name))
		}
	}
	return strings.Join(parts, " ")
}
