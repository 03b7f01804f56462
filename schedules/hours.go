package schedules

import (
	"fmt"
	"time"

	"github.com/watchbell/watchbell/core"
)

// SupportHours is the definition of the hours in which a team is at work.
type SupportHours struct {
	ID         core.SupportHoursID `json:"id"`
	Name       string              `json:"name"`
	Timezone   string              `json:"timezone"` // IANA name, as written
	Days       SupportDays         `json:"supportDays"`
	Exceptions []Exception         `json:"exceptions,omitempty"`
	Teams      []core.TeamID       `json:"teams,omitempty"`
}

// SupportStatus says what an exception makes of its time.
type SupportStatus string

const (
	During  SupportStatus = "DURING"
	Outside SupportStatus = "OUTSIDE"
)

// Exception is time that is wholly inside or outside of support hours, whatever the week
// says. Of those that contain an instant the last in the list decides. Start and End are
// dates (2026-12-24), which are both included, or readings, of which End is not.
type Exception struct {
	Name   string        `json:"name,omitempty"`
	Start  string        `json:"start"`
	End    string        `json:"end"`
	Status SupportStatus `json:"supportStatus,omitempty"` // absent: DURING
}

// Hours are support hours made ready to be asked. They never change, and may be asked by
// many goroutines at once.
type Hours struct {
	zone       zone
	week       week
	exceptions []exception
}

type exception struct {
	walls
	inside bool
}

// CompileHours makes Hours. It refuses with core.Invalid what ValidateHours would refuse,
// but does not look at the name.
func CompileHours(s SupportHours) (*Hours, error) {
	loc, err := Location(s.Timezone)
	if err != nil {
		return nil, err
	}
	var f findings
	h := f.hours(s)
	if len(f) > 0 {
		return nil, core.Errorf(core.Invalid, "%s", f[0])
	}
	h.zone = calendarZone(loc)
	return &h, nil
}

// Contains tells whether the instant is within support hours.
func (h *Hours) Contains(at time.Time) bool {
	_, inside := h.decide(h.zone.mark(instantOf(at)))
	return inside
}

// decide returns whether a reading is inside, and which exception says so: its index, or
// -1 for the week.
func (h *Hours) decide(w wall) (by int, inside bool) {
	for i := len(h.exceptions) - 1; i >= 0; i-- {
		if e := h.exceptions[i]; e.start <= w && w < e.end {
			return i, e.inside
		}
	}
	return -1, h.week.contains(w)
}

// NextEdge returns the next instant after the given one at which Contains changes, however
// far ahead, or false if it never does again.
func (h *Hours) NextEdge(after time.Time) (time.Time, bool) {
	w := h.zone.mark(instantOf(after))
	by, inside := h.decide(w)
	for was := inside; ; {
		if w = h.next(w, by); w >= farFuture {
			return time.Time{}, false
		}
		// An edge in skipped time is shown together with later ones: ask at its instant.
		t := h.zone.at(w)
		w = h.zone.mark(t)
		if by, inside = h.decide(w); inside != was {
			return t.time(), true
		}
	}
}

// next returns the first reading after w at which another exception or window may decide.
// The week's windows do not matter while an exception decides.
func (h *Hours) next(w wall, by int) wall {
	next := wall(farFuture)
	edge := func(e wall) {
		if e > w {
			next = min(next, e)
		}
	}
	for _, e := range h.exceptions {
		edge(e.start)
		edge(e.end)
	}
	if by >= 0 {
		return next
	}
	if s, ok := h.week.from(w); ok {
		edge(s.start)
		edge(s.end)
	}
	return next
}

// ValidateHours returns every problem of a definition; none means that CompileHours takes
// it.
func ValidateHours(s SupportHours) []Problem {
	var f findings
	f.name("name", s.Name)
	if s.Name == "" {
		f.add("name", "Support hours need a name.")
	}
	if _, err := Location(s.Timezone); err != nil {
		f.add("timezone", "%s", err)
	}
	f.hours(s)
	return f
}

func (f *findings) hours(s SupportHours) Hours {
	var h Hours
	var windows []walls
	var met [7]bool
	for _, d := range s.Days {
		if !validDay(d.Day) {
			f.add("supportDays", "%d is not a day of the week; write MONDAY to SUNDAY.", int(d.Day))
			continue
		}
		path := "supportDays." + DayName(d.Day)
		if met[d.Day] {
			f.add(path, "The day is there twice.")
		}
		met[d.Day] = true
		if w, ok := f.supportDay(path, d); ok {
			windows = append(windows, w)
		}
	}
	h.week = newWeek(windows)
	if len(s.Exceptions) > maxExceptions {
		f.add("exceptions", "There are %d exceptions; at most %d are possible.", len(s.Exceptions), maxExceptions)
	}
	for i, e := range s.Exceptions {
		h.exceptions = append(h.exceptions, f.exception(fmt.Sprintf("exceptions[%d]", i), e))
	}
	return h
}

func (f *findings) supportDay(path string, d SupportDay) (walls, bool) {
	start, startOK := clockTime(d.Start)
	if !startOK || start == daySeconds {
		f.add(path+".start", "%s is not a time of day like 09:00.", quote(d.Start))
		startOK = false
	}
	end, endOK := clockTime(d.End)
	if !endOK {
		f.add(path+".end", "%s is not a time of day like 17:00.", quote(d.End))
	}
	if end <= start {
		end += daySeconds
	}
	day := dayStart(d.Day)
	return walls{day + start, day + end}, startOK && endOK
}

func (f *findings) exception(path string, in Exception) exception {
	f.name(path+".name", in.Name)
	switch in.Status {
	case During, Outside, "":
	default:
		f.add(path+".supportStatus", "%s is not a status; write DURING or OUTSIDE.", quote(string(in.Status)))
	}
	start, _, startOK := f.dateOrReading(path+".start", in.Start)
	end, date, endOK := f.dateOrReading(path+".end", in.End)
	if date {
		end += daySeconds
	}
	if startOK && endOK && end <= start {
		f.add(path+".end", "The exception ends on %s, before it starts on %s, or has no length.", in.End, in.Start)
	}
	return exception{walls{start, end}, in.Status != Outside}
}

func (f *findings) dateOrReading(path, s string) (w wall, date, ok bool) {
	r := Reading(s)
	if len(s) == len("2006-01-02") {
		r, date = Reading(s+"T00:00"), true
	}
	if w, ok = r.wall(); !ok {
		f.add(path, "%s is not a date like 2026-12-24, nor a date and time like 2026-12-24T12:00, from %d to %d.",
			quote(s), firstYear, lastYear)
		return 0, date, false
	}
	if w%60 != 0 {
		f.add(path, "%s is not in whole minutes.", s)
		return 0, date, false
	}
	return w, date, true
}
