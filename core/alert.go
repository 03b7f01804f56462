package core

import "time"

// Status of an alert:
//
//	           accept              un-accept by the last accepter,
//	           ┌──────────▶ Accepted   hand-back, escalate, assign
//	(birth) Pending ◀────────── │
//	           │                │
//	           └──▶ Resolved ◀──┘     final
//
// Snoozed and merged are not states: a snoozed alert keeps its status and has
// SnoozedUntil, a merged one has MergedInto. Neither calls anybody.
type Status int8

const (
	Pending Status = iota + 1
	Accepted
	Resolved
)

// Alert is a problem being dealt with. Only Apply changes one.
type Alert struct {
	ID       AlertID
	Source   SourceID
	Policy   PolicyID
	Key      string // as the first event gave it, trimmed; may be empty
	Summary  string
	Details  string
	Status   Status
	Priority Priority
	Severity int // 1–5, 0 none

	Level int // 1-based: the level that runs, or ran last; 0 before the first
	Cycle int // 1-based: which run of the rule list; 0 before the first
	Timers

	NextAt time.Time // the earliest instant at which something happens by itself; zero: never
	Epoch  int64     // raised whenever NextAt changes; a Due with another epoch does nothing
	Rev    int64     // raised by every change that a card shows
	Seq    int64     // number of the last log entry

	Events     int // events that belong to it
	FirstEvent EventID
	MergedInto AlertID // 0: not merged

	CreatedAt  time.Time
	EventAt    time.Time // when the last event of type ALERT came
	ResolvedAt time.Time

	Responders []Responding // in the order in which they were asked
}

// Timers are what an alert waits for, beside what its responders wait for. All are
// folded into NextAt; a zero time is not waited for.
type Timers struct {
	DelayUntil   time.Time `json:"delay,omitzero"`  // the policy's delay before level 1
	LevelUntil   time.Time `json:"level,omitzero"`  // the running level's time to accept
	SnoozedUntil time.Time `json:"snooze,omitzero"` // no level runs and nobody is called before
	SnoozedBy    UserID    `json:"snoozer,omitempty"`
	AskAt        time.Time `json:"ask,omitzero"`  // accepted: "still on it?"
	HandBackAt   time.Time `json:"back,omitzero"` // asked, and no answer until then
	Eta          time.Time `json:"eta,omitzero"`  // what the accepter promised
	AutoResolve  time.Time `json:"auto,omitzero"`
	ShowAt       time.Time `json:"show,omitzero"`      // for when a card was last asked for: repeats do not ask again before; not part of NextAt
	Ended        time.Time `json:"ended,omitzero"`     // escalation has ended without an accept; not part of NextAt
	Main         bool      `json:"main,omitempty"`     // other alerts were merged into it
	Held         bool      `json:"held,omitempty"`     // assigned to people: nothing escalates, calls go on
	LastResort   bool      `json:"last,omitempty"`     // the last resort has been paged
	EmptyLevel   int       `json:"empty,omitempty"`    // the level that had nobody when it started, for the card
	ResolvedBy   UserID    `json:"resolver,omitempty"` // 0: the source or the clock
	Made         int       `json:"made,omitempty"`     // calls made to anybody, ever; at most MaxCalls
	Floor        int       `json:"floor,omitempty"`    // who joins is called from Floor+1 on, so that no call's number is used twice
}

// Responding is one user asked to act on one alert.
type Responding struct {
	User       UserID
	Level      int       // at which level they were asked; 0: by hand or as last resort
	AcceptedAt time.Time // zero: not accepted
	Calls      int       // calls made so far; never counted down
	Step       int       // calls made since they were last asked; which repeat comes next
	AskedAt    time.Time // when they were last asked; zero: nothing is asked of them now, and a call on its way is not wanted
	NextCall   time.Time // zero: no more calls
	Failed     int       // calls in a row that no platform took
}

// Open tells whether the alert is not resolved.
func (a Alert) Open() bool { return a.Status == Pending || a.Status == Accepted }

// Wanted tells whether call n to a user should still reach them: the alert asks
// something of them now. A timer that moved meanwhile takes no call back.
func (a Alert) Wanted(u UserID, n int) bool {
	if !a.Open() || a.MergedInto != 0 || !a.SnoozedUntil.IsZero() {
		return false
	}
	r := a.responding(u)
	return r != nil && !r.AskedAt.IsZero() && n <= r.Calls
}

// responding is a user's entry, nil if they are not a responder. It points into the
// alert's own list.
func (a Alert) responding(u UserID) *Responding {
	for i := range a.Responders {
		if a.Responders[i].User == u {
			return &a.Responders[i]
		}
	}
	return nil
}
