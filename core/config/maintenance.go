package config

import (
	"time"
	"unicode/utf8"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/schedules"
)

const maxDescription = 4000

// maintenance reads a window. Its summary is its name, so it must be unique.
func (v value) maintenance() {
	o, ok := v.object()
	if !ok {
		return
	}
	m := Maintenance{Name: o.need("summary", "Upgrade of the database").text(), Description: o.get("description").lines(maxDescription)}
	zone := o.need("timezone", "Europe/Berlin")
	m.Timezone = zone.text()
	loc, err := schedules.Location(m.Timezone)
	if err != nil && m.Timezone != "" {
		zone.problem("%s", err)
	}
	start, end := o.need("start", `"2026-01-05T22:00"`), o.need("end", `"2026-01-06T02:00"`)
	m.Start, m.End = start.instant(loc), end.instant(loc)
	if !m.Start.IsZero() && !m.End.IsZero() && !m.End.After(m.Start) {
		end.problem("The window ends before it begins, or has no length.")
	}
	sources := o.need("alertSources", "[prometheus]")
	if m.Sources = sources.referAll(Sources, mention, core.MaxMaintained); sources.present() && len(m.Sources) == 0 {
		sources.problem("A window without sources keeps nothing quiet; name at least one.")
	}
	o.later("services", "notifications")
	o.done()
	if v.define(Maintenances, m.Name) {
		v.set.Maintenance = append(v.set.Maintenance, m)
	}
}

// instant is a reading on the clock of loc, or a time with its offset; zero if there is
// neither, or no clock.
func (v value) instant(loc *time.Location) time.Time {
	s := v.text()
	if s == "" {
		return time.Time{}
	}
	for _, form := range []string{time.RFC3339, "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(form, s); err == nil && t.Year() >= 1970 && t.Year() <= 2100 {
			return t.Truncate(time.Second).UTC()
		}
	}
	if loc == nil {
		return time.Time{} // the zone was a problem already
	}
	t, err := schedules.At(schedules.Reading(s), loc)
	if err != nil {
		v.problem("%s is not a date and time like 2026-01-05T22:00, with or without an offset.", quote(s))
	}
	return t
}

// lines is a text of any number of lines.
func (v value) lines(most int) string {
	s, ok := v.raw()
	switch {
	case !ok:
		v.wrong("a text")
		return ""
	case utf8.RuneCountInString(s) > most:
		v.problem("The text is longer than %d characters.", most)
		return ""
	}
	return s
}

func (m *Maintenance) tree() (t tree) {
	t.text("summary", m.Name)
	t.text("description", m.Description)
	t.text("timezone", m.Timezone)
	t.text("start", m.shown(m.Start))
	t.text("end", m.shown(m.End))
	t.texts("alertSources", m.Sources)
	return t
}

// shown is an instant on the window's own clock, with the offset that makes it one.
func (m *Maintenance) shown(at time.Time) string {
	if loc, err := schedules.Location(m.Timezone); err == nil {
		at = at.In(loc)
	}
	return at.Format(time.RFC3339)
}
