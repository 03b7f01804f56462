package config

import (
	"slices"
	"strings"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/schedules"
)

// Limits of schedules.md 13. Lists are cut there before they are judged by schedules.
const (
	maxLayers       = 100
	maxLayerUsers   = 10_000
	maxRestrictions = 100
	maxShifts       = 10_000
	maxExceptions   = 1_000
)

func (v value) schedule() {
	o, ok := v.object()
	if !ok {
		return
	}
	before := len(v.problems)
	s := Schedule{Name: o.need("name", "payments-primary").text(), Timezone: o.need("timezone", "Europe/Berlin").text()}
	layers, shifts := o.get("scheduleLayers"), o.get("shifts")
	s.Kind = schedules.Kind(o.get("type").word(string(schedules.Recurring), string(schedules.Static)))
	if s.Kind == "" {
		s.Kind = schedules.Recurring
		if shifts.present() && !layers.present() {
			s.Kind = schedules.Static
		}
	}
	for _, e := range layers.atMost(maxLayers) {
		s.Layers = append(s.Layers, e.layer())
	}
	for _, e := range shifts.atMost(maxShifts) {
		s.Shifts = append(s.Shifts, e.shift())
	}
	s.Teams = o.get("teams").referAll(Teams, mention, maxTeams)
	s.Conversations = o.get("conversations").conversations()
	if f := o.get("overrides"); f.present() {
		f.problem("Overrides are made in chat or by the API and never by a file; delete it, and write /override.")
	}
	o.later("showGaps", "defaultShiftDuration")
	o.done()
	if !layers.present() && !shifts.present() {
		v.problem("A schedule needs scheduleLayers, or shifts if it is STATIC.")
	}
	v.judgeSchedule(s, before)
	if v.define(Schedules, s.Name) {
		v.set.Schedules = append(v.set.Schedules, s)
	}
}

func (v value) layer() Layer {
	o, ok := v.object()
	if !ok {
		return Layer{}
	}
	l := Layer{
		Name:     o.get("name").text(),
		StartsOn: schedules.Reading(o.need("startsOn", `"2026-01-05T09:00"`).text()),
		EndsOn:   schedules.Reading(o.get("endsOn").text()),
		Rotation: o.need("rotation", "P7D").text(),
		Users:    o.need("users", "[ana, ben]").referAll(Users, onCall, maxLayerUsers),
	}
	o.get("restrictionType").word("TIMES_OF_WEEK", "TIME_OF_WEEK", "TIMES_OF_DAY", "TIME_OF_DAY")
	for _, e := range o.get("restrictions").atMost(maxRestrictions) {
		l.Restrictions = append(l.Restrictions, e.restriction())
	}
	o.done()
	return l
}

func (v value) restriction() schedules.Restriction {
	o, ok := v.object()
	if !ok {
		return schedules.Restriction{}
	}
	const example = `{dayOfWeek: MONDAY, time: "09:00"}`
	r := schedules.Restriction{From: o.need("from", example).weekTime(), To: o.need("to", example).weekTime()}
	o.done()
	return r
}

func (v value) weekTime() schedules.WeekTime {
	o, ok := v.object()
	if !ok {
		return schedules.WeekTime{}
	}
	t := schedules.WeekTime{Day: o.need("dayOfWeek", "MONDAY").weekday(), Time: o.need("time", `"09:00"`).text()}
	o.done()
	return t
}

var dayWords = []string{"MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"}

func (v value) weekday() time.Weekday {
	s := v.word(dayWords...)
	if s == "" {
		return time.Monday
	}
	d, err := schedules.ParseDay(s)
	if err != nil {
		v.problem("%s", err)
	}
	return d
}

func (v value) shift() Shift {
	o, ok := v.object()
	if !ok {
		return Shift{}
	}
	s := Shift{
		User:  o.need("user", "ana").refer(Users, onCall),
		Start: schedules.Reading(o.need("start", `"2026-01-05T09:00"`).text()),
		End:   schedules.Reading(o.need("end", `"2026-01-06T09:00"`).text()),
	}
	o.done()
	return s
}

// judgeSchedule asks schedules, which knows the rules, and finds the places. What was
// found while reading (the problems from before on) is not said a second time.
func (v value) judgeSchedule(s Schedule, before int) {
	in := schedules.Schedule{Name: s.Name, Timezone: s.Timezone, Kind: s.Kind}
	users := map[core.UserID]string{}
	id := func(name string) core.UserID {
		n := core.UserID(max(v.id(name), 1)) // a missing name was a problem already
		users[n] = name
		return n
	}
	for _, l := range s.Layers {
		layer := schedules.Layer{Name: l.Name, StartsOn: l.StartsOn, EndsOn: l.EndsOn, Rotation: l.Rotation, Restrictions: l.Restrictions}
		for _, u := range l.Users {
			layer.Users = append(layer.Users, id(u))
		}
		in.Layers = append(in.Layers, layer)
	}
	for _, x := range s.Shifts {
		in.Shifts = append(in.Shifts, schedules.StaticShift{User: id(x.User), Start: x.Start, End: x.End})
	}
	found := schedules.Validate(in)
	v.report(found, before)
	if len(found) == 0 {
		for _, u := range schedules.FindUnseen(in) {
			v.warn("%s", u.Text(func(id core.UserID) string { return users[id] }))
		}
	}
}

// report adds what schedules found in this object. Where a problem stands already, on the
// same value, in it or around it, the new one follows from it.
func (v value) report(found []schedules.Problem, before int) {
	known := slices.Clone(v.problems[before:])
	for _, f := range found {
		path := join(v.path, f.Path)
		if covered(known, v.file, path) {
			continue
		}
		v.problems.add(v.place(path), path, "%s", f.Text)
	}
}

func covered(known []Problem, file, path string) bool {
	for _, k := range known {
		if k.File == file && (within(k.Path, path) || within(path, k.Path)) {
			return true
		}
	}
	return false
}

// within tells whether a path is another or lies inside it.
func within(path, outer string) bool {
	rest, ok := strings.CutPrefix(path, outer)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// place is where a path is written, or the nearest thing around it that is.
func (v value) place(path string) Position {
	for len(path) > len(v.path) {
		if at, ok := v.places[path]; ok {
			return at
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return v.at
}

func (v value) supportHours() {
	o, ok := v.object()
	if !ok {
		return
	}
	before := len(v.problems)
	var h SupportHours
	h.Name = o.need("name", "office").text()
	h.Timezone = o.need("timezone", "Europe/Berlin").text()
	days, _ := o.need("supportDays", `{MONDAY: {start: "09:00", end: "17:00"}}`).object()
	for _, word := range dayWords {
		if d := days.get(word); d.present() {
			h.Days = append(h.Days, d.supportDay(word))
		}
	}
	days.done()
	for _, e := range o.get("exceptions").atMost(maxExceptions) {
		h.Exceptions = append(h.Exceptions, e.exception())
	}
	h.TeamNames = o.get("teams").referAll(Teams, mention, maxTeams)
	o.done()
	v.report(schedules.ValidateHours(h.SupportHours), before)
	if v.define(SupportHour, h.Name) {
		v.set.SupportHours = append(v.set.SupportHours, h)
	}
}

func (v value) supportDay(word string) schedules.SupportDay {
	day, _ := schedules.ParseDay(word)
	o, _ := v.object()
	d := schedules.SupportDay{Day: day, Start: o.need("start", `"09:00"`).text(), End: o.need("end", `"17:00"`).text()}
	o.done()
	return d
}

func (v value) exception() schedules.Exception {
	o, _ := v.object()
	x := schedules.Exception{
		Name:   o.get("name").text(),
		Start:  o.need("start", `"2026-12-24"`).text(),
		End:    o.need("end", `"2026-12-26"`).text(),
		Status: schedules.SupportStatus(o.get("supportStatus").word(string(schedules.During), string(schedules.Outside))),
	}
	o.done()
	return x
}
