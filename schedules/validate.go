package schedules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/watchbell/watchbell/core"
)

const (
	maxName         = 255
	maxUsers        = 10_000
	maxLayers       = 100
	maxRestrictions = 100
	maxStaticShifts = 10_000
	maxExceptions   = 1_000
)

// Problem is one thing that can never work. Path is where it stands, in the wire's names
// and counted from 0: scheduleLayers[1].rotation. Text is a sentence for a person.
type Problem struct{ Path, Text string }

func (p Problem) String() string { return p.Path + ": " + p.Text }

// findings collects problems in the order in which they are met.
type findings []Problem

func (f *findings) add(path, format string, args ...any) {
	*f = append(*f, Problem{path, fmt.Sprintf(format, args...)})
}

// quote shows text from outside in a sentence: escaped, and cut if it is long.
func quote(s string) string {
	const most = 60
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most]) + "…"
	}
	return strconv.Quote(s)
}

// Validate returns every problem of a definition, in the order of its members; none means
// that Compile takes it. It does not know which users exist, nor which names are taken.
// Overrides are judged by ValidateOverride.
func Validate(s Schedule) []Problem {
	var f findings
	f.name("name", s.Name)
	if s.Name == "" {
		f.add("name", "A schedule needs a name.")
	}
	var z zone
	if loc, err := Location(s.Timezone); err != nil {
		f.add("timezone", "%s", err)
		z = newZone(time.UTC, 0, 1) // the rest can be judged in any
	} else {
		z = calendarZone(loc)
	}
	_, problems := compile(s, &z)
	return append(f, problems...)
}

// ValidateOverride returns every problem of an override; whether it is past is for those
// who know the time.
func ValidateOverride(o Override) []Problem {
	var f findings
	f.user("user", o.User)
	start, end := o.Start.UTC(), o.End.UTC()
	f.year("start", start)
	f.year("end", end)
	switch {
	case !end.Truncate(time.Second).After(start.Truncate(time.Second)):
		f.add("end", "The override ends before it begins, or has no length.")
	case end.After(start.AddDate(1, 0, 0)):
		f.add("end", "The override is longer than a year.")
	}
	return f
}

func (f *findings) year(path string, t time.Time) {
	if t.Year() < firstYear || t.Year() > lastYear {
		f.add(path, "The year is not from %d to %d.", firstYear, lastYear)
	}
}

func (f *findings) user(path string, id core.UserID) {
	if id <= 0 {
		f.add(path, "There is no user with the id %d.", id)
	}
}

func (f *findings) name(path, name string) {
	if utf8.RuneCountInString(name) > maxName {
		f.add(path, "The name is longer than %d characters.", maxName)
	}
	if !utf8.ValidString(name) || name != "" && strings.TrimSpace(name) == "" {
		f.add(path, "%s is not a name.", quote(name))
	}
}

// compile makes the era of a definition. With problems it must not be used.
func compile(s Schedule, z *zone) (era, []Problem) {
	var f findings
	var e era
	switch s.Kind {
	case Recurring:
		if len(s.Shifts) > 0 {
			f.add("shifts", "A RECURRING schedule has layers and no shifts.")
		}
		e.layers = f.layers(s.Layers)
	case Static:
		if len(s.Layers) > 0 {
			f.add("scheduleLayers", "A STATIC schedule has shifts and no layers.")
		}
		e.static = f.shifts(s.Shifts, z)
	default:
		f.add("type", "%s is not a type of schedule; write RECURRING or STATIC.", quote(string(s.Kind)))
	}
	return e, f
}

func (f *findings) layers(list []Layer) []layer {
	if len(list) > maxLayers {
		f.add("scheduleLayers", "There are %d layers; at most %d are possible.", len(list), maxLayers)
	}
	layers := make([]layer, len(list))
	for i, l := range list {
		layers[i] = f.layer(fmt.Sprintf("scheduleLayers[%d]", i), l)
		layers[i].number = i + 1
	}
	return layers
}

func (f *findings) layer(path string, in Layer) layer {
	f.name(path+".name", in.Name)
	l := layer{end: farFuture}
	start, ok := f.reading(path+".startsOn", in.StartsOn, time.Minute)
	l.start = start
	if in.EndsOn != "" {
		end, endOK := f.reading(path+".endsOn", in.EndsOn, time.Minute)
		if ok && endOK && end <= start {
			f.add(path+".endsOn", "The layer ends on %s, which is not after it starts on %s.", in.EndsOn, in.StartsOn)
		}
		l.end = end
	}
	r, err := parseRotation(in.Rotation)
	if err != nil {
		f.add(path+".rotation", "%s.", err)
	}
	l.rotation = r
	l.users = f.users(path+".users", in.Users)
	l.week = f.week(path+".restrictions", in.Restrictions)
	return l
}

func (f *findings) reading(path string, r Reading, unit time.Duration) (wall, bool) {
	w, ok := r.wall()
	if !ok {
		f.add(path, "%s", notReading(string(r)))
		return 0, false
	}
	if w%wall(unit/time.Second) != 0 {
		f.add(path, "%s is not in whole minutes.", r)
		return 0, false
	}
	return w, true
}

func (f *findings) users(path string, users []core.UserID) []core.UserID {
	switch {
	case len(users) == 0:
		f.add(path, "A layer needs at least one user.")
	case len(users) > maxUsers:
		f.add(path, "There are %d users; at most %d are possible.", len(users), maxUsers)
	}
	for i, u := range users {
		f.user(fmt.Sprintf("%s[%d]", path, i), u)
	}
	return slices.Clone(users) // the caller's slice may change, a calendar may not
}

// week unites restrictions; none at all means the whole week.
func (f *findings) week(path string, list []Restriction) week {
	if len(list) == 0 {
		return week{always: true}
	}
	if len(list) > maxRestrictions {
		f.add(path, "There are %d restrictions; at most %d are possible.", len(list), maxRestrictions)
	}
	var windows []walls
	for i, r := range list {
		if w, ok := r.window(fmt.Sprintf("%s[%d]", path, i), f); ok {
			windows = append(windows, w)
		}
	}
	return newWeek(windows)
}

// shifts orders static shifts and refuses those that overlap.
func (f *findings) shifts(list []StaticShift, z *zone) []stretch {
	if len(list) > maxStaticShifts {
		f.add("shifts", "There are %d shifts; at most %d are possible.", len(list), maxStaticShifts)
	}
	var out []stretch
	for i, in := range list {
		path := fmt.Sprintf("shifts[%d]", i)
		f.user(path+".user", in.User)
		start, startOK := f.reading(path+".start", in.Start, time.Second)
		end, endOK := f.reading(path+".end", in.End, time.Second)
		if !startOK || !endOK {
			continue
		}
		s := stretch{Claim{User: in.User, Static: i + 1}, z.at(start), z.at(end)}
		switch {
		case end <= start:
			f.add(path+".end", "The shift ends at %s, which is not after it starts at %s.", in.End, in.Start)
		case s.end <= s.start:
			f.add(path, "The shift from %s to %s has no length: the clock skips it.", in.Start, in.End)
		default:
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, byStart)
	f.overlaps(list, out)
	return out
}

// overlaps compares each shift with the one that lasts longest of those that begin before.
func (f *findings) overlaps(list []StaticShift, sorted []stretch) {
	for i, longest := 1, 0; i < len(sorted); i++ {
		a, b := sorted[longest], sorted[i]
		if b.start < a.end {
			first, second := min(a.claim.Static, b.claim.Static)-1, max(a.claim.Static, b.claim.Static)-1
			f.add(fmt.Sprintf("shifts[%d]", second), "The shift from %s to %s overlaps shifts[%d], from %s to %s.",
				list[second].Start, list[second].End, first, list[first].Start, list[first].End)
		}
		if b.end > a.end {
			longest = i
		}
	}
}
