package engine

import (
	"context"
	"fmt"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/schedules"
	"github.com/watchbell/watchbell/store"
)

// armCover asks for the next step of a request, or for none once it is settled.
func (u *unit) armCover(ctx context.Context, tx *store.Tx, r schedules.CoverRequest) error {
	j := store.Job{Lane: store.LaneStep, Kind: KindCoverStep, Subject: r.ID}
	if j.RunAt = r.Remind(u.now); j.RunAt.IsZero() {
		return tx.DropJobs(ctx, []store.Job{j})
	}
	return u.enqueue(ctx, tx, j)
}

// coverSteps runs due steps of coverage requests, each in a transaction of its own, and
// returns how many were taken. One that fails is put off, and logged.
func (e *Engine) coverSteps(ctx context.Context) (n int, err error) {
	ctx = context.WithoutCancel(ctx)
	for ctx.Err() == nil {
		var job store.Job
		err := e.decide(ctx, func(tx *store.Tx, u *unit) error {
			due, err := tx.StepsOf(ctx, KindCoverStep, u.now, 1)
			if job = (store.Job{}); err != nil || len(due) == 0 {
				return err
			}
			job = due[0]
			return u.coverStep(ctx, tx, job)
		})
		if err != nil && job.ID != 0 && !away(err) {
			err = e.putOff(ctx, job, err)
		}
		if err != nil || job.ID == 0 {
			return n, err
		}
		n++
	}
	return n, nil
}

// coverStep reminds who has not answered; at the end of the request it has its cards
// drawn once more. A reminder that is late, because nothing ran, is given all the same,
// unless the request is over by then.
func (u *unit) coverStep(ctx context.Context, tx *store.Tx, j store.Job) error {
	r, err := tx.CoverLocked(ctx, j.Subject)
	if err != nil && core.KindOf(err) != core.NotFound {
		return fmt.Errorf("load coverage request %d: %w", j.Subject, err)
	}
	if taken, err := tx.TakeStep(ctx, j); err != nil || !taken {
		return err
	}
	switch {
	case r.State != schedules.CoverPending:
		return nil
	case r.Expired(u.now):
		d, err := schedules.ApplyCover(r, schedules.OverCover{}, u.world())
		if err != nil {
			return err
		}
		_, err = u.saveCover(ctx, tx, d, 0)
		return err
	}
	if err := u.tell(ctx, tx, u.reminders(r)...); err != nil {
		return err
	}
	return u.armCover(ctx, tx, r)
}

func (u *unit) reminders(r schedules.CoverRequest) []Notice {
	var open []schedules.CoverPiece
	for _, p := range r.Pieces {
		if p.Open() && p.End.After(u.now) {
			open = append(open, p)
		}
	}
	var out []Notice
	if len(open) == 0 {
		return out
	}
	for _, to := range r.Unanswered() {
		n := Told(to, "{} still looks for cover: ", r.Sender)
		out = append(out, u.pieces(n, open).and(fmt.Sprintf(". Say “/cover accept c%d” or “/cover decline c%d”.", r.ID, r.ID)))
	}
	return out
}

// pieces appends what pieces are to a notice: schedule, from, until, how long.
func (u *unit) pieces(n Notice, pieces []schedules.CoverPiece) Notice {
	const most = 3
	for i, p := range pieces[:min(len(pieces), most)] {
		if i > 0 {
			n = n.and("; ")
		}
		n = n.and("{} {} – {} ({})", u.snap.Schedules[p.Schedule].Name, p.Start, p.End, p.End.Sub(p.Start))
	}
	if more := len(pieces) - most; more > 0 {
		n = n.and(fmt.Sprintf("; and %d more", more))
	}
	return n
}
