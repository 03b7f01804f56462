package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/schedules"
	"github.com/watchbell/watchbell/store"
)

const (
	// KindCover is the kind of the send that brings the card of a coverage request to its
	// present state: subject the direct conversation, arg the request.
	KindCover = "cover"

	// KindCoverStep is the step of a request: reminders, and its end. Subject the request.
	KindCoverStep = "coverstep"

	coverObject = "cover:"
)

// CoverDone is what became of a coverage request.
type CoverDone struct {
	Request  schedules.CoverRequest
	Taken    []schedules.CoverPiece // what this deed took
	Warnings []schedules.CoverConflict
}

// AskCover makes a coverage request for the party of the deed and returns after the
// commit. Everybody who is asked gets a card.
func (e *Engine) AskCover(ctx context.Context, d Deed, in schedules.AskCover) (CoverDone, error) {
	var done CoverDone
	err := e.deed(ctx, d, "AskCover", func(tx *store.Tx, u *unit) error {
		id, err := tx.CoverID(ctx)
		if err != nil {
			return err
		}
		if err := u.audit(ctx, tx, d, "AskCover", coverObject+fmt.Sprint(id), ""); err != nil {
			return err
		}
		if in.Sender, err = d.party(); err != nil {
			return err
		}
		var on []core.ScheduleID
		for _, s := range in.Shifts {
			on = append(on, s.Schedule)
		}
		if err := tx.LockSchedules(ctx, on); err != nil {
			return err
		}
		if err := u.snap.mayCover(d.Who, on); err != nil {
			return err
		}
		if err := u.snap.dutyOn(in.Sender, on); err != nil {
			return err
		}
		decision, err := schedules.ApplyCover(schedules.CoverRequest{}, in, u.world())
		if err != nil {
			return err
		}
		decision.Request.ID = id
		done, err = u.saveCover(ctx, tx, decision, in.Sender)
		return err
	})
	if id, ok := e.doneBefore(ctx, d, err, coverObject); ok {
		return e.cover(ctx, id)
	}
	return done, err
}

// AcceptCover takes what is open of a request, or what of it lies in the shifts. Of two
// at the same time the first wins, and the second hears who did.
func (e *Engine) AcceptCover(ctx context.Context, d Deed, id int64, shifts []schedules.CoverShift) (CoverDone, error) {
	return e.changeCover(ctx, d, "AcceptCover", id, func(party core.UserID) schedules.CoverInput {
		return schedules.AcceptCover{By: party, Shifts: shifts}
	})
}

// DeclineCover says no, with a reason or without.
func (e *Engine) DeclineCover(ctx context.Context, d Deed, id int64, comment string) (CoverDone, error) {
	return e.changeCover(ctx, d, "DeclineCover", id, func(party core.UserID) schedules.CoverInput {
		return schedules.DeclineCover{By: party, Comment: comment}
	})
}

// CancelCover takes a request back.
func (e *Engine) CancelCover(ctx context.Context, d Deed, id int64) (CoverDone, error) {
	return e.changeCover(ctx, d, "CancelCover", id, func(party core.UserID) schedules.CoverInput {
		return schedules.CancelCover{By: party}
	})
}

// changeCover applies one answer to a request, with the rows of its schedules locked in
// the order of their ids and the request's after them.
func (e *Engine) changeCover(ctx context.Context, d Deed, action string, id int64, input func(core.UserID) schedules.CoverInput) (CoverDone, error) {
	var done CoverDone
	err := e.deed(ctx, d, action, func(tx *store.Tx, u *unit) error {
		party, err := d.party()
		if err != nil {
			return err
		}
		in := input(party)
		if _, accepts := in.(schedules.AcceptCover); accepts {
			if err := e.raise(ctx, tx, u); err != nil {
				return err
			}
		}
		if err := u.audit(ctx, tx, d, action, coverObject+fmt.Sprint(id), ""); err != nil {
			return err
		}
		r, on, err := lockCover(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := u.snap.mayCover(d.Who, on); err != nil {
			return err
		}
		decision, err := schedules.ApplyCover(r, in, u.world())
		if err != nil {
			return err
		}
		if done, err = u.saveCover(ctx, tx, decision, party); err != nil {
			return err
		}
		return u.tell(ctx, tx, u.coverNotices(d, party, in, done)...)
	})
	if _, ok := e.doneBefore(ctx, d, err, coverObject); ok {
		return e.cover(ctx, id)
	}
	return done, err
}

func lockCover(ctx context.Context, tx *store.Tx, id int64) (schedules.CoverRequest, []core.ScheduleID, error) {
	on, err := tx.CoverSchedules(ctx, id)
	if err != nil {
		return schedules.CoverRequest{}, nil, err
	}
	if err := tx.LockSchedules(ctx, on); err != nil {
		return schedules.CoverRequest{}, nil, err
	}
	r, err := tx.CoverLocked(ctx, id)
	return r, on, err
}

// saveCover stores what was decided: overrides first, since the pieces name them.
func (u *unit) saveCover(ctx context.Context, tx *store.Tx, d schedules.CoverDecision, party core.UserID) (CoverDone, error) {
	r := d.Request
	ids, err := tx.OverrideIDs(ctx, len(d.Overrides))
	if err != nil {
		return CoverDone{}, err
	}
	var rows []store.Override
	for i, o := range d.Overrides {
		o.ID = ids[i]
		r.Pieces[o.Piece].Override = o.ID
		rows = append(rows, store.Override{Override: o.Override, Schedule: o.Schedule, CreatedAt: u.now, By: party, Cover: r.ID})
	}
	if err := tx.InsertOverrides(ctx, rows); err != nil {
		return CoverDone{}, err
	}
	if err := tx.SaveCover(ctx, r); err != nil {
		return CoverDone{}, err
	}
	if err := u.enqueue(ctx, tx, u.coverJobs(r)...); err != nil {
		return CoverDone{}, err
	}
	return CoverDone{Request: r, Taken: d.Taken, Warnings: d.Warnings}, u.armCover(ctx, tx, r)
}

// coverJobs ask every conversation with a card of the request to show it as it is.
func (u *unit) coverJobs(r schedules.CoverRequest) []store.Job {
	people := []core.UserID{r.Sender}
	for _, c := range r.Receivers {
		people = append(people, c.User)
	}
	var jobs []store.Job
	for _, p := range people {
		for _, c := range u.snap.directsOf(p) {
			jobs = append(jobs, store.Job{Lane: store.LaneSync, Kind: KindCover, Subject: int64(c.ID), Arg: r.ID, RunAt: u.now})
		}
	}
	return jobs
}

// giveBack tells a request that an override which stands for a piece of it was cancelled.
// It returns the sender, who hears of it; 0 if the override came of no request.
func (u *unit) giveBack(ctx context.Context, tx *store.Tx, d Deed, o store.Override) (core.UserID, error) {
	if o.Cover == 0 {
		return 0, nil
	}
	r, err := tx.CoverLocked(ctx, o.Cover)
	if err != nil {
		return 0, err
	}
	decision, err := schedules.ApplyCover(r, schedules.GiveBackCover{Override: o.ID}, u.world())
	if err != nil {
		return 0, err
	}
	done, err := u.saveCover(ctx, tx, decision, o.User)
	if err != nil || r.Sender == d.Who.User {
		return r.Sender, err
	}
	n := Told(r.Sender, "{} gave back what was taken of c"+fmt.Sprint(r.ID)+": ", o.User)
	return r.Sender, u.tell(ctx, tx, u.pieces(n, done.Taken).and(". It is yours again."))
}

// cover reads a request as it is.
func (e *Engine) cover(ctx context.Context, id int64) (done CoverDone, err error) {
	err = e.DB.View(ctx, func(tx *store.Tx) error {
		done.Request, err = tx.Cover(ctx, id)
		return err
	})
	return done, err
}

// coverNotices tell the sender each answer, and a receiver what an administrator answered
// for them.
func (u *unit) coverNotices(d Deed, party core.UserID, in schedules.CoverInput, done CoverDone) []Notice {
	r := done.Request
	name := fmt.Sprintf("c%d", r.ID)
	var out []Notice
	switch in := in.(type) {
	case schedules.AcceptCover:
		first, last := "{} covers you: ", ". "+name+" is taken."
		if r.State == schedules.CoverPending {
			first, last = "{} covers a part: ", ". The rest of "+name+" is still open."
		}
		out = append(out, u.pieces(Told(r.Sender, first, party), done.Taken).and(last))
		out = append(out, u.pieces(u.by(party, d, "took "+name+" for you: "), done.Taken).and(". You are on call then."))
	case schedules.DeclineCover:
		say, parts := "{} cannot take "+name+".", []any{party}
		if in.Comment != "" {
			say, parts = "{} cannot take "+name+": “{}”.", []any{party, core.Line(in.Comment, 300)}
		}
		if r.State == schedules.CoverDeclined {
			say += " Nobody is left who was asked: you are still on call."
		}
		out = append(out, Told(r.Sender, say, parts...), u.by(party, d, "declined "+name+" for you."))
	case schedules.CancelCover:
		out = append(out, u.by(r.Sender, d, "cancelled "+name+" for you."))
	}
	return slices.DeleteFunc(out, func(n Notice) bool { return n.To == d.Who.User })
}

// mayCover tells whether somebody may arrange cover on these schedules. One that is not
// there is nobody's to see.
func (s *Snapshot) mayCover(who core.Viewer, on []core.ScheduleID) error {
	for _, id := range on {
		if err := core.May(who, core.OpCover, s.Owners(s.Schedules[id].Teams...)...); err != nil {
			return err
		}
	}
	return nil
}

func (s *Snapshot) dutyOn(u core.UserID, on []core.ScheduleID) error {
	for _, id := range on {
		if _, ok := s.Schedules[id]; !ok {
			return core.Errorf(core.Invalid, "There is no such schedule.")
		}
		if err := s.Duty(u, id); err != nil {
			return err
		}
	}
	return nil
}

// world is what schedules decides with.
func (u *unit) world() schedules.World {
	w := schedules.World{Now: u.now, Schedules: map[core.ScheduleID]schedules.WorldSchedule{}, Duty: u.snap.Duty,
		Name: func(id core.UserID) string { return u.snap.Users[id].Name() }}
	for id, s := range u.snap.Schedules {
		w.Schedules[id] = schedules.WorldSchedule{Name: s.Name, Calendar: s.Calendar, Members: s.Members()}
	}
	return w
}
