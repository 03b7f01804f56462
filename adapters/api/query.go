package api

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/watchbell/watchbell/core"
)

// list returns the values of a parameter under all of its names, in order. It may be
// repeated, or be one value with commas.
func (c *call) list(names ...string) []string {
	var all []string
	for _, name := range names {
		for _, v := range c.query[name] {
			for part := range strings.SplitSeq(v, ",") {
				if part = strings.TrimSpace(part); part != "" {
					all = append(all, part)
				}
			}
		}
	}
	return all
}

// includes tells whether an optional part of the answer was asked for.
func (c *call) includes(what string) bool { return slices.Contains(c.list("include"), what) }

// ids reads a parameter whose values are ids.
func ids[T ~int64](values []string, name string) ([]T, error) {
	var all []T
	for _, v := range values {
		id, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return nil, invalid("%s: “%s” is no id.", name, core.Line(v, 40))
		}
		all = append(all, T(id))
	}
	return all, nil
}

// users reads a parameter whose values are users' ids or names. A name that nobody has
// selects nothing.
func (c *call) users(names ...string) []core.UserID {
	var all []core.UserID
	for _, v := range c.list(names...) {
		u, _ := c.user(refOf(v))
		all = append(all, u.ID)
	}
	return all
}

// page reads which part of a list is asked for; without max-results it is usual long.
func (c *call) page(usual, most int) (start, n int, err error) {
	if start, err = c.number("start-index", 0); err != nil {
		return 0, 0, err
	}
	if n, err = c.number("max-results", usual); err != nil {
		return 0, 0, err
	}
	if n > most {
		return 0, 0, invalid("max-results: %d is more than %d, which is the most here.", n, most)
	}
	return start, n, nil
}

// farthest is the highest start of a page; beyond it there is nothing anywhere.
const farthest = 1 << 31

func (c *call) number(name string, usual int) (int, error) {
	text := c.query.Get(name)
	if text == "" {
		return usual, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, invalid("%s: “%s” is no whole number from 0 on.", name, core.Line(text, 40))
	}
	return int(min(n, farthest)), nil
}

// window reads from and until; zero if not given. Without an offset they are readings in
// zone.
func (c *call) window(zone *time.Location) (from, until time.Time, err error) {
	if from, err = c.instant("from", zone); err != nil {
		return from, until, err
	}
	if until, err = c.instant("until", zone); err != nil {
		return from, until, err
	}
	if !from.IsZero() && !until.IsZero() && until.Before(from) {
		return from, until, invalid("until is before from.")
	}
	return from, until, nil
}

// readings are the forms in which an instant may be written, fractions of a second
// included.
var readings = []string{
	"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z0700",
	"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02",
}

func (c *call) instant(name string, zone *time.Location) (time.Time, error) {
	text := c.query.Get(name)
	if text == "" {
		return time.Time{}, nil
	}
	// A plus sign that nobody escaped has become a space on its way.
	if t, ok := instantOf(strings.Replace(text, " ", "+", 1), zone); ok {
		return t, nil
	}
	return time.Time{}, invalid("%s: “%s” is no time. Write it like 2026-01-05T09:00:00Z.", name, core.Line(text, 40))
}

func instantOf(text string, zone *time.Location) (time.Time, bool) {
	for _, form := range readings {
		if t, err := time.ParseInLocation(form, text, zone); err == nil && t.Year() >= 1970 && t.Year() <= 2200 {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
