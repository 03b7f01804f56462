package schedules

import (
	"slices"
	"strings"
	"time"

	"github.com/watchbell/watchbell/core"
)

const (
	longestCover = 366 * 24 * time.Hour // of one shift that is asked for, and of an override
	mostPieces   = 200
)

func (w World) ask(in AskCover) (CoverDecision, error) {
	pieces, err := w.pieces(in)
	if err != nil {
		return CoverDecision{}, err
	}
	receivers, err := w.receivers(in, pieces)
	if err != nil {
		return CoverDecision{}, err
	}
	r := CoverRequest{Sender: in.Sender, Pieces: pieces, Message: strings.TrimSpace(in.Message), State: CoverPending, CreatedAt: w.Now}
	for _, u := range receivers {
		r.Receivers = append(r.Receivers, CoverReceiver{User: u, State: CoverPending})
	}
	return CoverDecision{Request: r, Warnings: w.conflicts(receivers, pieces)}, nil
}

// pieces cuts what is asked for to the sender's own shifts from now on: one a shift.
func (w World) pieces(in AskCover) ([]CoverPiece, error) {
	if len(in.Shifts) == 0 {
		return nil, core.Errorf(core.Invalid, "Say which shifts somebody shall take.")
	}
	var pieces []CoverPiece
	for _, s := range in.Shifts {
		if err := validSpan(s.Span); err != nil {
			return nil, err
		}
		if _, ok := w.Schedules[s.Schedule]; !ok {
			return nil, core.Errorf(core.Invalid, "There is no such schedule.")
		}
		for _, part := range w.held(in.Sender, s.Schedule, wholeSeconds(s.Span)) {
			pieces = append(pieces, CoverPiece{Schedule: s.Schedule, Span: part})
		}
	}
	pieces = disjoint(pieces)
	switch {
	case len(pieces) == 0:
		return nil, core.Errorf(core.Invalid, "%s is not on call in that time from now on, so there is nothing to cover.", w.Name(in.Sender))
	case len(pieces) > mostPieces:
		return nil, core.Errorf(core.Invalid, "That is %d shifts; ask for at most %d at once.", len(pieces), mostPieces)
	}
	return pieces, nil
}

func validSpan(s Span) error {
	switch {
	case !s.Start.Before(s.End):
		return core.Errorf(core.Invalid, "The end must lie after the start.")
	case s.End.Sub(s.Start) > longestCover:
		return core.Errorf(core.Invalid, "That is longer than a year.")
	case s.Start.Year() < firstYear || s.End.Year() > lastYear:
		return core.Errorf(core.Invalid, "Times lie in the years %d to %d.", firstYear, lastYear)
	}
	return nil
}

func wholeSeconds(s Span) Span {
	return Span{s.Start.UTC().Truncate(time.Second), s.End.UTC().Truncate(time.Second)}
}

// disjoint orders pieces by start and joins what was named twice.
func disjoint(pieces []CoverPiece) []CoverPiece {
	sortPieces(pieces)
	var out []CoverPiece
	last := map[core.ScheduleID]int{}
	for _, p := range pieces {
		if i, ok := last[p.Schedule]; ok && p.Start.Before(out[i].End) {
			if p.End.After(out[i].End) {
				out[i].End = p.End
			}
			continue
		}
		last[p.Schedule] = len(out)
		out = append(out, p)
	}
	return out
}

func sortPieces(pieces []CoverPiece) {
	slices.SortStableFunc(pieces, func(a, b CoverPiece) int {
		if c := a.Start.Compare(b.Start); c != 0 {
			return c
		}
		return int(a.Schedule - b.Schedule)
	})
}

func (w World) receivers(in AskCover, pieces []CoverPiece) ([]core.UserID, error) {
	var out []core.UserID
	if in.Anyone {
		for _, u := range w.members(pieces) {
			if u != in.Sender && w.fit(u, pieces) == nil {
				out = append(out, u)
			}
		}
		if len(out) == 0 {
			return nil, core.Errorf(core.Invalid, "Nobody else who may be on call is on that schedule: ask somebody by name.")
		}
		return out, nil
	}
	for _, u := range in.Receivers {
		if u == in.Sender {
			return nil, core.Errorf(core.Invalid, "Nobody can ask themselves for cover.")
		}
		if err := w.fit(u, pieces); err != nil {
			return nil, err
		}
		if !slices.Contains(out, u) {
			out = append(out, u)
		}
	}
	if len(out) == 0 {
		return nil, core.Errorf(core.Invalid, "Say whom to ask: people, or anyone.")
	}
	return out, nil
}

// members are the members of the pieces' schedules, by id, each once.
func (w World) members(pieces []CoverPiece) []core.UserID {
	var all []core.UserID
	for _, p := range pieces {
		all = append(all, w.Schedules[p.Schedule].Members...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// fit tells why somebody may not be on call in one of the pieces.
func (w World) fit(u core.UserID, pieces []CoverPiece) error {
	for _, p := range pieces {
		if err := w.Duty(u, p.Schedule); err != nil {
			return err
		}
	}
	return nil
}
