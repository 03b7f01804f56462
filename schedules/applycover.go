package schedules

import (
	"slices"
	"strings"
	"time"

	"github.com/watchbell/watchbell/core"
)

// CoverInput is what happens to a coverage request. The set is closed.
type CoverInput interface{ coverInput() }

// AskCover makes a request. Anyone means all members of the schedules who may be on call,
// but the sender.
type AskCover struct {
	Sender    core.UserID
	Receivers []core.UserID
	Anyone    bool
	Shifts    []CoverShift
	Message   string
}

// AcceptCover takes what is still open; with Shifts, what lies in them.
type AcceptCover struct {
	By     core.UserID
	Shifts []CoverShift
}

// DeclineCover says no.
type DeclineCover struct {
	By      core.UserID
	Comment string
}

// CancelCover takes the request back. What was taken stays taken.
type CancelCover struct{ By core.UserID }

// OverCover says that time passed: the cards have to be drawn anew.
type OverCover struct{}

// GiveBackCover says that the override which stands for a piece was cancelled. What had
// run of it by then stays taken. The rest is open again while the request is pending;
// afterwards it is the sender's.
type GiveBackCover struct{ Override int64 }

func (AskCover) coverInput()      {}
func (AcceptCover) coverInput()   {}
func (DeclineCover) coverInput()  {}
func (CancelCover) coverInput()   {}
func (OverCover) coverInput()     {}
func (GiveBackCover) coverInput() {}

// CoverDecision is the request as it is then, and what has to be done for it.
type CoverDecision struct {
	Request   CoverRequest
	Overrides []CoverOverride // to be made, in this order
	Taken     []CoverPiece    // what this input took, for sentences
	Warnings  []CoverConflict
}

// CoverOverride is an override to be made, and for which piece: it gets the override's id.
type CoverOverride struct {
	Piece    int
	Schedule core.ScheduleID
	Override
}

// ApplyCover is the one way in which a coverage request comes to be and changes. It is
// pure. An error means that nothing changes: Invalid for what can never work, Denied for
// who was not asked, Conflict for a race that was lost.
//
// Whatever it makes somebody's was the sender's at that instant, so no time that was
// covered is left uncovered by it.
func ApplyCover(r CoverRequest, in CoverInput, w World) (CoverDecision, error) {
	w.Now = w.Now.Truncate(time.Second)
	var d CoverDecision
	var err error
	r.Receivers, r.Pieces = slices.Clone(r.Receivers), slices.Clone(r.Pieces)
	switch in := in.(type) {
	case AskCover:
		d, err = w.ask(in)
	case AcceptCover:
		d, err = w.accept(r, in)
	case DeclineCover:
		d, err = w.decline(r, in)
	case CancelCover:
		d, err = w.cancel(r, in)
	case GiveBackCover:
		d, err = w.giveBack(r, in)
	case OverCover:
		d = CoverDecision{Request: r}
	}
	if err != nil {
		return CoverDecision{}, err
	}
	d.Request.Rev++
	if _, over := in.(OverCover); !over {
		d.Request.ChangedAt = w.Now
	}
	return d, nil
}

func (w World) accept(r CoverRequest, in AcceptCover) (CoverDecision, error) {
	i := slices.IndexFunc(r.Receivers, func(c CoverReceiver) bool { return c.User == in.By })
	if i < 0 {
		return CoverDecision{}, core.Errorf(core.Denied, "%s was not asked for cover c%d.", w.Name(in.By), r.ID)
	}
	if err := w.pending(r, in.By); err != nil {
		return CoverDecision{}, err
	}
	wanted, err := wanted(r, in.Shifts)
	if err != nil {
		return CoverDecision{}, err
	}
	d := CoverDecision{Request: r}
	d.Request.Pieces = nil
	for _, p := range r.Pieces {
		if !p.Open() {
			d.Request.Pieces = append(d.Request.Pieces, p)
			continue
		}
		for _, part := range w.held(r.Sender, p.Schedule, p.Span) {
			d.take(CoverPiece{Schedule: p.Schedule, Span: part}, in.By, wanted)
		}
	}
	if len(d.Taken) == 0 {
		return CoverDecision{}, core.Errorf(core.Conflict, "Nothing of c%d is left to take: by now %s does not have that time, or it is over.", r.ID, w.Name(r.Sender))
	}
	if err := w.fit(in.By, d.Taken); err != nil {
		return CoverDecision{}, err
	}
	sortPieces(d.Request.Pieces)
	for n, p := range d.Request.Pieces {
		if p.TakenBy == in.By && p.Override == 0 {
			d.Overrides = append(d.Overrides, CoverOverride{Piece: n, Schedule: p.Schedule, Override: Override{User: in.By, Start: p.Start, End: p.End}})
		}
	}
	d.Request.Receivers[i] = CoverReceiver{User: in.By, State: CoverAccepted}
	if d.Request.OpenFrom().IsZero() {
		d.Request.State, d.Request.AcceptedBy = CoverAccepted, in.By
	}
	d.Warnings = w.conflicts([]core.UserID{in.By}, d.Taken)
	return d, nil
}

// wanted are the spans that an accept names, ordered by start; all time if it names none.
// What is no part of the request at all is a mistake and no race.
func wanted(r CoverRequest, shifts []CoverShift) ([]CoverShift, error) {
	if len(shifts) == 0 {
		return []CoverShift{{Span: Span{time.Unix(0, 0), time.Unix(farFuture, 0)}}}, nil
	}
	var out []CoverShift
	for _, s := range shifts {
		if err := validSpan(s.Span); err != nil {
			return nil, err
		}
		s.Span = wholeSeconds(s.Span)
		part := slices.ContainsFunc(r.Pieces, func(p CoverPiece) bool {
			common := both(s.Span, p.Span)
			return (s.Schedule == 0 || s.Schedule == p.Schedule) && common.Start.Before(common.End)
		})
		if !part {
			return nil, core.Errorf(core.Invalid, "That time is no part of c%d.", r.ID)
		}
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b CoverShift) int { return a.Start.Compare(b.Start) })
	return out, nil
}

// take divides a piece into what the user wants of it and what stays open.
func (d *CoverDecision) take(p CoverPiece, by core.UserID, shifts []CoverShift) {
	var taken []Span
	for _, s := range shifts {
		part := both(s.Span, p.Span)
		if n := len(taken); n > 0 && part.Start.Before(taken[n-1].End) {
			part.Start = taken[n-1].End
		}
		if (s.Schedule == 0 || s.Schedule == p.Schedule) && part.Start.Before(part.End) {
			taken = append(taken, part)
		}
	}
	for _, t := range taken {
		piece := CoverPiece{Schedule: p.Schedule, Span: t, TakenBy: by}
		d.Request.Pieces = append(d.Request.Pieces, piece)
		d.Taken = append(d.Taken, piece)
	}
	for _, left := range without(p.Span, taken) {
		d.Request.Pieces = append(d.Request.Pieces, CoverPiece{Schedule: p.Schedule, Span: left})
	}
}

// pending says who won if the request is settled.
func (w World) pending(r CoverRequest, by core.UserID) error {
	switch {
	case r.State == CoverAccepted && r.AcceptedBy == by:
		return core.Errorf(core.Conflict, "You have taken c%d already.", r.ID)
	case r.State == CoverAccepted:
		return core.Errorf(core.Conflict, "%s was first: c%d is taken.", w.Name(r.AcceptedBy), r.ID)
	case r.State == CoverCancelled:
		return core.Errorf(core.Conflict, "%s has cancelled c%d.", w.Name(r.Sender), r.ID)
	case r.State == CoverDeclined:
		return core.Errorf(core.Conflict, "Everybody who was asked has declined c%d; %s may ask again.", r.ID, w.Name(r.Sender))
	case r.Expired(w.Now):
		return core.Errorf(core.Conflict, "c%d is over.", r.ID)
	}
	return nil
}

func (w World) decline(r CoverRequest, in DeclineCover) (CoverDecision, error) {
	i := slices.IndexFunc(r.Receivers, func(c CoverReceiver) bool { return c.User == in.By })
	if i < 0 {
		return CoverDecision{}, core.Errorf(core.Denied, "%s was not asked for cover c%d.", w.Name(in.By), r.ID)
	}
	if err := w.pending(r, in.By); err != nil {
		return CoverDecision{}, err
	}
	r.Receivers[i].State, r.Receivers[i].Comment = CoverDeclined, strings.TrimSpace(in.Comment)
	if !slices.ContainsFunc(r.Receivers, func(c CoverReceiver) bool { return c.State != CoverDeclined }) {
		r.State = CoverDeclined
	}
	return CoverDecision{Request: r}, nil
}

func (w World) cancel(r CoverRequest, in CancelCover) (CoverDecision, error) {
	if in.By != r.Sender {
		return CoverDecision{}, core.Errorf(core.Denied, "Only %s, who asked, can cancel c%d.", w.Name(r.Sender), r.ID)
	}
	if r.State != CoverPending {
		return CoverDecision{}, core.Errorf(core.Conflict, "c%d is %s already and cannot be cancelled.", r.ID, strings.ToLower(string(r.State)))
	}
	r.State = CoverCancelled
	return CoverDecision{Request: r}, nil
}

func (w World) giveBack(r CoverRequest, in GiveBackCover) (CoverDecision, error) {
	i := slices.IndexFunc(r.Pieces, func(p CoverPiece) bool { return p.Override == in.Override && p.Override != 0 })
	if i < 0 {
		return CoverDecision{}, core.Errorf(core.NotFound, "Override o%d is no part of c%d.", in.Override, r.ID)
	}
	p := r.Pieces[i]
	rest := CoverPiece{Schedule: p.Schedule, Span: both(p.Span, Span{w.Now, p.End})}
	if r.State != CoverPending {
		rest.Back = p.TakenBy
	}
	r.Pieces = slices.Delete(r.Pieces, i, i+1)
	if p.Start.Before(rest.Start) {
		p.End = rest.Start
		r.Pieces = append(r.Pieces, p)
	}
	if rest.Start.Before(rest.End) {
		r.Pieces = append(r.Pieces, rest)
	}
	sortPieces(r.Pieces)
	return CoverDecision{Request: r, Taken: []CoverPiece{p}}, nil
}
