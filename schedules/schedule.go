package schedules

import (
	"time"

	"github.com/watchbell/watchbell/core"
)

// Kind is how a schedule is written.
type Kind string

const (
	Recurring Kind = "RECURRING" // layers of rotations
	Static    Kind = "STATIC"    // explicit shifts
)

// Reading is what a clock on the wall shows: "2026-01-05T09:00" or with seconds. It
// becomes an instant only together with a zone (At).
type Reading string

// Schedule is the definition of one on-call calendar, in its own zone.
type Schedule struct {
	ID            core.ScheduleID       `json:"id"`
	Name          string                `json:"name"`
	Timezone      string                `json:"timezone"` // IANA name, as written
	Kind          Kind                  `json:"type"`
	Layers        []Layer               `json:"scheduleLayers,omitempty"`
	Shifts        []StaticShift         `json:"shifts,omitempty"`
	Overrides     []Override            `json:"-"` // newest last (by id); kept beside the definition
	Teams         []core.TeamID         `json:"teams,omitempty"`
	Conversations []core.ConversationID `json:"conversations,omitempty"`
}

// Layer is a rotation of users, restricted to windows of the week. A layer later in the
// list wins over earlier ones.
type Layer struct {
	Name         string        `json:"name"`
	StartsOn     Reading       `json:"startsOn"`
	EndsOn       Reading       `json:"endsOn,omitempty"`
	Rotation     string        `json:"rotation"` // ISO 8601 period: P1D, PT8H, P1M, P1DT12H
	Users        []core.UserID `json:"users"`
	Restrictions []Restriction `json:"restrictions,omitempty"`
}

// Restriction is a window of the week in which a layer has somebody. To ≤ From wraps the
// end of the week; equal means the whole week.
type Restriction struct {
	From WeekTime `json:"from"`
	To   WeekTime `json:"to"`
}

// WeekTime is a time of the week on the schedule's clock.
type WeekTime struct {
	Day  time.Weekday `json:"dayOfWeek"`
	Time string       `json:"time"` // "08:00"; "24:00" in To
}

// StaticShift is one written shift. Start and End are kept as they were written.
type StaticShift struct {
	User  core.UserID `json:"user"`
	Start Reading     `json:"start"`
	End   Reading     `json:"end"`
}

// Override puts a user on call from Start to End, over everything created before it: the
// highest ID wins. Times are whole seconds; a fraction is cut off.
type Override struct {
	ID    int64       `json:"id"`
	User  core.UserID `json:"user"`
	Start time.Time   `json:"start"`
	End   time.Time   `json:"end"`
}

// Claim is what puts a person on call: one turn of one layer, one static shift, or one
// override. Two instants with equal claims belong to the same shift if nothing came
// between them. The zero claim is nobody.
type Claim struct {
	User     core.UserID
	Layer    int   // 1-based index in Layers; 0 if not from a layer
	Turn     int64 // which turn of that layer
	Static   int   // 1-based index in Shifts; 0 if not static
	Override int64 // id; 0 if not an override
}

// Shift is the longest stretch held by one claim.
type Shift struct {
	Claim
	Start, End time.Time
}

// Span is a half-open stretch of time.
type Span struct{ Start, End time.Time }
