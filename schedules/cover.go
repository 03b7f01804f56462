package schedules

import (
	"slices"
	"time"

	"github.com/watchbell/watchbell/core"
)

// CoverState is where a coverage request, or one receiver's answer, stands.
//
//	             every piece taken
//	Pending ───────────────────────▶ Accepted
//	   │ ──── all receivers decline ─▶ Declined
//	   └───── the sender cancels ────▶ Cancelled
//
// What was taken stays taken in each of them. That a pending request is over is computed
// (Expired) and not stored.
type CoverState string

const (
	CoverPending   CoverState = "PENDING"
	CoverAccepted  CoverState = "ACCEPTED"
	CoverDeclined  CoverState = "DECLINED"
	CoverCancelled CoverState = "CANCELLED"
)

// CoverRequest is somebody's wish to have shifts taken over. ApplyCover alone changes it.
type CoverRequest struct {
	ID         int64
	Sender     core.UserID
	Receivers  []CoverReceiver // in the order in which they were named
	Pieces     []CoverPiece    // by start
	Message    string
	State      CoverState
	CreatedAt  time.Time
	ChangedAt  time.Time   // of the last answer
	AcceptedBy core.UserID // who took the last piece
	Rev        int64       // raised by every change
}

// CoverReceiver is one person who was asked. Accepted means that they took something.
type CoverReceiver struct {
	User    core.UserID
	State   CoverState
	Comment string // why they declined
}

// CoverPiece is one shift, or a part of one. Open until somebody has taken it; Back is
// who took it and gave it back after the request was settled.
type CoverPiece struct {
	Schedule core.ScheduleID
	Span
	TakenBy  core.UserID
	Override int64 // which stands for it; 0 while it is open
	Back     core.UserID
}

// Open tells whether the piece waits for somebody to take it.
func (p CoverPiece) Open() bool { return p.TakenBy == 0 && p.Back == 0 }

// CoverShift is time on a schedule, as people name it; schedule 0 is every schedule.
type CoverShift struct {
	Schedule core.ScheduleID
	Span
}

// Expired tells whether a request that nobody settled is over: its last piece has ended.
func (r CoverRequest) Expired(now time.Time) bool {
	return r.State == CoverPending && !r.End().After(now)
}

// End is when the last piece ends.
func (r CoverRequest) End() (end time.Time) {
	for _, p := range r.Pieces {
		if p.End.After(end) {
			end = p.End
		}
	}
	return end
}

// OpenFrom is when the first piece begins that nobody has taken; zero if none is open.
func (r CoverRequest) OpenFrom() (start time.Time) {
	for _, p := range r.Pieces {
		if p.Open() && (start.IsZero() || p.Start.Before(start)) {
			start = p.Start
		}
	}
	return start
}

// Receiver is what somebody who was asked has answered.
func (r CoverRequest) Receiver(u core.UserID) (CoverReceiver, bool) {
	i := slices.IndexFunc(r.Receivers, func(c CoverReceiver) bool { return c.User == u })
	if i < 0 {
		return CoverReceiver{}, false
	}
	return r.Receivers[i], true
}

// Remind returns when the next reminder after an instant is due: half-way from asking to
// the first open piece, and an hour before it; then once more when the request is over,
// so that its cards say so. Zero if nothing comes.
func (r CoverRequest) Remind(after time.Time) (at time.Time) {
	if r.State != CoverPending {
		return at
	}
	first := r.OpenFrom()
	half := r.CreatedAt.Add(first.Sub(r.CreatedAt) / 2).Truncate(time.Second)
	for _, t := range []time.Time{half, first.Add(-time.Hour), r.End()} {
		if t.After(after) && t.After(r.CreatedAt) && (at.IsZero() || t.Before(at)) {
			at = t
		}
	}
	return at
}

// Unanswered are the receivers who have said nothing yet.
func (r CoverRequest) Unanswered() []core.UserID {
	var out []core.UserID
	for _, c := range r.Receivers {
		if c.State == CoverPending {
			out = append(out, c.User)
		}
	}
	return out
}

// Members are the users of a schedule's layers and static shifts, by id, each once.
func (s Schedule) Members() []core.UserID {
	var out []core.UserID
	for _, l := range s.Layers {
		out = append(out, l.Users...)
	}
	for _, sh := range s.Shifts {
		out = append(out, sh.User)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// World is what ApplyCover decides with, at Now.
type World struct {
	Now       time.Time
	Schedules map[core.ScheduleID]WorldSchedule
	Name      func(core.UserID) string // for sentences
	Duty      func(core.UserID, core.ScheduleID) error
}

// WorldSchedule is one schedule of a World. Duty of a World says why somebody may not be
// on call there; nil means that they may.
type WorldSchedule struct {
	Name     string
	Calendar *Calendar
	Members  []core.UserID
}

// CoverConflict is time in which somebody who covers is on call elsewhere, too.
type CoverConflict struct {
	User     core.UserID
	Schedule core.ScheduleID
	Span
}

// mostConflicts bounds what is warned about: nobody reads more.
const mostConflicts = 20

// conflicts are the times in which some of the users are on call on another schedule
// than that of a piece. They warn, they never forbid.
func (w World) conflicts(users []core.UserID, pieces []CoverPiece) []CoverConflict {
	var ids []core.ScheduleID
	for id := range w.Schedules {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	var out []CoverConflict
	for _, p := range pieces {
		for _, id := range ids {
			if id == p.Schedule {
				continue
			}
			for _, s := range w.Schedules[id].Calendar.Shifts(p.Start, p.End) {
				c := CoverConflict{s.User, id, both(Span{s.Start, s.End}, p.Span)}
				if slices.Contains(users, s.User) && !slices.Contains(out, c) && len(out) < mostConflicts {
					out = append(out, c)
				}
			}
		}
	}
	return out
}

// held is what a user has of a span of a schedule from now on: one span a shift.
func (w World) held(u core.UserID, schedule core.ScheduleID, in Span) []Span {
	in = both(in, Span{w.Now, in.End})
	c := w.Schedules[schedule].Calendar
	if c == nil || !in.Start.Before(in.End) {
		return nil
	}
	var out []Span
	for _, s := range c.Shifts(in.Start, in.End) {
		if part := both(Span{s.Start, s.End}, in); s.User == u && part.Start.Before(part.End) {
			out = append(out, part)
		}
	}
	return out
}

// both is the time that two spans have in common; its end is not after its start if they
// have none.
func both(a, b Span) Span {
	if b.Start.After(a.Start) {
		a.Start = b.Start
	}
	if b.End.Before(a.End) {
		a.End = b.End
	}
	return a
}

// without is what is left of a span beside others, which are ordered.
func without(s Span, taken []Span) []Span {
	var left []Span
	for _, t := range taken {
		if t.Start.After(s.Start) {
			left = append(left, Span{s.Start, t.Start})
		}
		if t.End.After(s.Start) {
			s.Start = t.End
		}
	}
	if s.Start.Before(s.End) {
		left = append(left, s)
	}
	return left
}
