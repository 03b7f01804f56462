package schedules

import (
	"encoding/json"
	"time"

	"github.com/watchbell/watchbell/core"
)

// SupportDays are the hours of the week, a day at most once. On the wire it is an object
// with the days' names: {"MONDAY": {"start": "09:00", "end": "17:00"}}.
type SupportDays []SupportDay

// SupportDay is the hours that begin on a day. End ≤ Start runs into the next day; equal
// is 24 hours, as is 00:00 to 24:00.
type SupportDay struct {
	Day        time.Weekday
	Start, End string
}

type dayHours struct {
	Start string `json:"start"`
	End   string `json:"end"`
}

// dayObject is SupportDays on the wire, in the order in which they are written.
type dayObject struct {
	Monday    *dayHours `json:"MONDAY,omitempty"`
	Tuesday   *dayHours `json:"TUESDAY,omitempty"`
	Wednesday *dayHours `json:"WEDNESDAY,omitempty"`
	Thursday  *dayHours `json:"THURSDAY,omitempty"`
	Friday    *dayHours `json:"FRIDAY,omitempty"`
	Saturday  *dayHours `json:"SATURDAY,omitempty"`
	Sunday    *dayHours `json:"SUNDAY,omitempty"`
}

func (o *dayObject) day(d time.Weekday) **dayHours {
	return [...]**dayHours{&o.Sunday, &o.Monday, &o.Tuesday, &o.Wednesday, &o.Thursday, &o.Friday, &o.Saturday}[d]
}

// MarshalJSON writes the object form, Monday first. Days that are none are left out.
func (s SupportDays) MarshalJSON() ([]byte, error) {
	var o dayObject
	for _, d := range s {
		if validDay(d.Day) {
			*o.day(d.Day) = &dayHours{d.Start, d.End}
		}
	}
	return json.Marshal(o)
}

// UnmarshalJSON reads the object form; the days come out Monday first. Days that are null
// are left out, and names that are no day are refused.
func (s *SupportDays) UnmarshalJSON(b []byte) error {
	var names map[string]*dayHours
	if err := json.Unmarshal(b, &names); err != nil {
		return err
	}
	var o dayObject
	for name, hours := range names {
		d, err := ParseDay(name)
		if err != nil {
			return err
		}
		if hours != nil && *o.day(d) != nil {
			return core.Errorf(core.Invalid, "%s is there twice.", DayName(d))
		}
		if hours != nil {
			*o.day(d) = hours
		}
	}
	var out SupportDays
	for i := range 7 {
		d := time.Weekday((i + 1) % 7)
		if hours := *o.day(d); hours != nil {
			out = append(out, SupportDay{d, hours.Start, hours.End})
		}
	}
	*s = out
	return nil
}
