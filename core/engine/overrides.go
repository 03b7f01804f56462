package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/schedules"
	"github.com/watchbell/watchbell/store"
)

// OverrideWish is who shall be on call, on which schedule and when.
type OverrideWish struct {
	Schedule core.ScheduleID
	User     core.UserID
	schedules.Span
}

// MakeOverride puts somebody on call and returns after the commit; every replica decides
// with it from then on. Who is replaced and who is put in are told, unless they did it.
func (e *Engine) MakeOverride(ctx context.Context, d Deed, w OverrideWish) (store.Override, error) {
	var o store.Override
	err := e.deed(ctx, d, "Override", func(tx *store.Tx, u *unit) error {
		if err := e.raise(ctx, tx, u); err != nil {
			return err
		}
		ids, err := tx.OverrideIDs(ctx, 1)
		if err != nil {
			return err
		}
		if err := u.audit(ctx, tx, d, "Override", overrideObject(ids[0]), fmt.Sprintf("schedule %d, user %d, %s to %s", w.Schedule, w.User, w.Start, w.End)); err != nil {
			return err
		}
		if err := tx.LockSchedules(ctx, []core.ScheduleID{w.Schedule}); err != nil {
			return err
		}
		o, err = u.override(d, w)
		if err != nil {
			return err
		}
		o.ID = ids[0]
		if err := tx.InsertOverrides(ctx, []store.Override{o}); err != nil {
			return err
		}
		return u.tell(ctx, tx, u.overrideNotices(d, o)...)
	})
	if id, ok := e.doneBefore(ctx, d, err, "override:"); ok {
		return e.override(ctx, id)
	}
	return o, err
}

// override decides about an override that somebody wants.
func (u *unit) override(d Deed, w OverrideWish) (store.Override, error) {
	s, ok := u.snap.Schedules[w.Schedule]
	if !ok {
		return store.Override{}, core.Errorf(core.NotFound, "There is no such schedule.")
	}
	if err := u.snap.mayOverride(d.Who, w.User, s); err != nil {
		return store.Override{}, err
	}
	if err := u.snap.Duty(w.User, w.Schedule); err != nil {
		return store.Override{}, err
	}
	o, err := schedules.NewOverride(w.User, w.Span, u.now)
	return store.Override{Override: o, Schedule: w.Schedule, CreatedAt: u.now, By: d.Who.User}, err
}

// mayOverride tells whether somebody may put a person on call, or take them off.
func (s *Snapshot) mayOverride(who core.Viewer, target core.UserID, on Schedule) error {
	op := core.OpOverride
	if who.User == target {
		op = core.OpOverrideSelf
	}
	return core.May(who, op, s.Owners(on.Teams...)...)
}

// Duty tells why somebody may not be on call on a schedule; nil if they may.
func (s *Snapshot) Duty(u core.UserID, schedule core.ScheduleID) error {
	person, ok := s.Users[u]
	if !ok {
		return core.Errorf(core.Invalid, "There is no such user.")
	}
	on := s.Schedules[schedule]
	if core.May(s.Viewer(u), core.OpOverrideSelf, s.Owners(on.Teams...)...) != nil {
		return core.Errorf(core.Invalid, "%s may not be on call on %s: that needs the role %s there.", person.Name(), on.Name, core.Responder)
	}
	return nil
}

// overrideNotices tell who is put on call and who is replaced.
func (u *unit) overrideNotices(d Deed, o store.Override) []Notice {
	s := u.snap.Schedules[o.Schedule]
	var out []Notice
	if o.User != d.Who.User {
		out = append(out, u.by(o.User, d, "put you on call for {}: {} – {} ({}). o"+fmt.Sprint(o.ID), s.Name, o.Start, o.End, o.End.Sub(o.Start)))
	}
	for _, replaced := range holders(s.Calendar, o.Start, o.End) {
		if replaced != o.User && replaced != d.Who.User {
			out = append(out, u.by(replaced, d, "put {} on call for {} in your place: {} – {} ({}). o"+fmt.Sprint(o.ID),
				o.User, s.Name, o.Start, o.End, o.End.Sub(o.Start)))
		}
	}
	return out
}

// by is a notice that begins with who did it.
func (u *unit) by(to core.UserID, d Deed, say string, parts ...any) Notice {
	if _, known := u.snap.Users[d.Who.User]; !known {
		return Told(to, "An administrator "+say, parts...)
	}
	return Told(to, "{} "+say, append([]any{d.Who.User}, parts...)...)
}

// holders are the people who have some of a span, by id, each once.
func holders(c *schedules.Calendar, from, until time.Time) []core.UserID {
	var out []core.UserID
	for _, s := range c.Shifts(from, until) {
		out = append(out, s.User)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// CancelOverride ends an override that runs, or takes back one to come. on is the
// schedule it must be of; 0: any.
func (e *Engine) CancelOverride(ctx context.Context, d Deed, id int64, on core.ScheduleID) (store.Override, error) {
	var o store.Override
	err := e.deed(ctx, d, "CancelOverride", func(tx *store.Tx, u *unit) error {
		if err := e.raise(ctx, tx, u); err != nil {
			return err
		}
		if err := u.audit(ctx, tx, d, "CancelOverride", overrideObject(id), ""); err != nil {
			return err
		}
		have, err := tx.Override(ctx, id)
		if err != nil {
			return err
		}
		if err := tx.LockSchedules(ctx, []core.ScheduleID{have.Schedule}); err != nil {
			return err
		}
		if o, err = u.cancelled(d, have, on); err != nil {
			return err
		}
		if err := tx.EndOverride(ctx, o); err != nil {
			return err
		}
		sender, err := u.giveBack(ctx, tx, d, have)
		if err != nil {
			return err
		}
		return u.tell(ctx, tx, u.cancelNotices(d, have, sender)...)
	})
	if _, ok := e.doneBefore(ctx, d, err, "override:"); ok {
		return e.override(ctx, id)
	}
	return o, err
}

// cancelled decides about a cancel. Who may only take on-call for themselves may only
// give up what is theirs.
func (u *unit) cancelled(d Deed, o store.Override, on core.ScheduleID) (store.Override, error) {
	s, ok := u.snap.Schedules[o.Schedule]
	if !ok || on != 0 && on != o.Schedule {
		return o, core.Errorf(core.NotFound, "There is no override o%d.", o.ID)
	}
	if err := u.snap.mayOverride(d.Who, o.User, s); err != nil {
		return o, err
	}
	if !o.CancelledAt.IsZero() {
		return o, core.Errorf(core.Conflict, "Override o%d was cancelled before.", o.ID)
	}
	ended, err := o.Ended(u.now)
	o.Override, o.CancelledAt = ended, u.now
	return o, err
}

// cancelNotices tell who loses the time and who gets it back; besides is told otherwise.
func (u *unit) cancelNotices(d Deed, o store.Override, besides core.UserID) []Notice {
	s := u.snap.Schedules[o.Schedule]
	from := o.Start
	if u.now.After(from) {
		from = u.now
	}
	var out []Notice
	if o.User != d.Who.User {
		out = append(out, u.by(o.User, d, "cancelled o"+fmt.Sprint(o.ID)+": you are not on call for {} by it any more, {} – {}.", s.Name, from, o.End))
	}
	rest := slices.DeleteFunc(slices.Clone(s.Overrides), func(x schedules.Override) bool { return x.ID == o.ID })
	had := holders(s.Calendar, from, o.End)
	for _, back := range holders(s.Calendar.WithOverrides(rest), from, o.End) {
		if back != o.User && back != d.Who.User && back != besides && !slices.Contains(had, back) {
			out = append(out, u.by(back, d, "cancelled o"+fmt.Sprint(o.ID)+": you are on call for {} again, {} – {}.", s.Name, from, o.End))
		}
	}
	return out
}

func overrideObject(id int64) string { return fmt.Sprintf("override:%d", id) }

func (e *Engine) override(ctx context.Context, id int64) (o store.Override, err error) {
	err = e.DB.Tx(ctx, func(tx *store.Tx) error {
		o, err = tx.Override(ctx, id)
		return err
	})
	return o, err
}

// overridesBySchedule are all overrides that count, those of a schedule by id.
func overridesBySchedule(ctx context.Context, tx *store.Tx) (map[core.ScheduleID][]schedules.Override, error) {
	all, err := tx.Overrides(ctx)
	if err != nil {
		return nil, err
	}
	by := map[core.ScheduleID][]schedules.Override{}
	for _, o := range all {
		by[o.Schedule] = append(by[o.Schedule], o.Override)
	}
	return by, nil
}

// freeOfOverrides refuses to remove somebody whom an override still puts on call.
func (a *applier) freeOfOverrides(u core.UserID) error {
	for _, s := range a.snap.Schedules {
		for _, o := range s.Overrides {
			if o.User == u && o.End.After(a.now) {
				return &core.Error{Kind: core.Conflict, Text: fmt.Sprintf("override o%d puts this user on call on %s until %s", o.ID, s.Name, o.End.Format(time.RFC3339)),
					Do: fmt.Sprintf("Cancel it first: /override cancel o%d.", o.ID)}
			}
		}
	}
	return nil
}
