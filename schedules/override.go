package schedules

import (
	"time"

	"github.com/watchbell/watchbell/core"
)

// NewOverride is an override as it can be made now: whole seconds, never in the past, at
// most a year long. One that began earlier begins now; one that is over is Invalid.
func NewOverride(u core.UserID, s Span, now time.Time) (Override, error) {
	s, now = wholeSeconds(s), now.UTC().Truncate(time.Second)
	if !s.Start.Before(s.End) {
		return Override{}, core.Errorf(core.Invalid, "The end must lie after the start.")
	}
	if !s.End.After(now) {
		return Override{}, core.Errorf(core.Invalid, "That time is over: the past is never changed.")
	}
	s = both(s, Span{now, s.End})
	if err := validSpan(s); err != nil {
		return Override{}, err
	}
	return Override{User: u, Start: s.Start, End: s.End}, nil
}

// Ended is an override after it was cancelled: one that runs ends now and keeps what was,
// one to come has no length and counts nowhere. One that is over is Conflict.
func (o Override) Ended(now time.Time) (Override, error) {
	now = now.UTC().Truncate(time.Second)
	if !o.End.After(now) {
		return o, core.Errorf(core.Conflict, "Override o%d is over; the past is never changed.", o.ID)
	}
	o.End = now
	if now.Before(o.Start) {
		o.End = o.Start
	}
	return o, nil
}
