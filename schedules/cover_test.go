package schedules

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/watchbell/watchbell/core"
)

// shop is a World that keeps what ApplyCover decides, as the engine does: overrides with
// rising ids, and calendars made of them.
type shop struct {
	t         require.TestingT
	now       time.Time
	schedules map[core.ScheduleID]Schedule
	base      map[core.ScheduleID]*Calendar
	overrides map[core.ScheduleID][]Override
	of        map[int64]int64 // which request an override came of
	requests  []CoverRequest
	barred    core.UserID // may not be on call anywhere
	lastID    int64
}

var monday = time.Date(2026, 3, 23, 0, 0, 0, 0, time.UTC) // a clock change in Berlin follows on the 29th

// newShop has two schedules: on the first 1 and 2 take turns of a day, with 3 in the
// evenings; on the second 3 and 4 do, in the daytime only, so that it has gaps.
func newShop(t require.TestingT) *shop {
	s := &shop{t: t, now: monday, schedules: map[core.ScheduleID]Schedule{}, base: map[core.ScheduleID]*Calendar{},
		overrides: map[core.ScheduleID][]Override{}, of: map[int64]int64{}}
	s.add(Schedule{ID: 1, Name: "first", Timezone: "Europe/Berlin", Kind: Recurring, Layers: []Layer{
		{Name: "day", StartsOn: "2026-03-01T09:00", Rotation: "P1D", Users: []core.UserID{2, 1}},
		{Name: "evening", StartsOn: "2026-03-01T18:00", Rotation: "P1D", Users: []core.UserID{3},
			Restrictions: []Restriction{{From: WeekTime{time.Friday, "18:00"}, To: WeekTime{time.Friday, "22:00"}}, {From: WeekTime{time.Wednesday, "18:00"}, To: WeekTime{time.Wednesday, "22:00"}}}}}})
	s.add(Schedule{ID: 2, Name: "second", Timezone: "Europe/Berlin", Kind: Recurring, Layers: []Layer{
		{Name: "day", StartsOn: "2026-03-01T09:00", Rotation: "P1D", Users: []core.UserID{3, 4},
			Restrictions: []Restriction{{From: WeekTime{time.Monday, "09:00"}, To: WeekTime{time.Thursday, "17:00"}}}}}})
	return s
}

func (s *shop) add(d Schedule) {
	c, err := Compile(d)
	require.NoError(s.t, err)
	s.schedules[d.ID], s.base[d.ID] = d, c
}

func (s *shop) calendar(id core.ScheduleID) *Calendar {
	return s.base[id].WithOverrides(s.overrides[id])
}

func (s *shop) world() World {
	w := World{Now: s.now, Schedules: map[core.ScheduleID]WorldSchedule{}, Name: func(u core.UserID) string { return fmt.Sprintf("user %d", u) },
		Duty: func(u core.UserID, _ core.ScheduleID) error {
			if u == s.barred {
				return core.Errorf(core.Invalid, "user %d may not be on call", u)
			}
			return nil
		}}
	for id, d := range s.schedules {
		w.Schedules[id] = WorldSchedule{Name: d.Name, Calendar: s.calendar(id), Members: d.Members()}
	}
	return w
}

// do applies one input to a request (0: a new one) and keeps what was decided.
func (s *shop) do(id int64, in CoverInput) (CoverDecision, error) {
	var r CoverRequest
	if id != 0 {
		r = s.requests[id-1]
	}
	d, err := ApplyCover(r, in, s.world())
	if err != nil {
		return d, err
	}
	if id == 0 {
		d.Request.ID = int64(len(s.requests) + 1)
		s.requests = append(s.requests, CoverRequest{})
	}
	for _, o := range d.Overrides {
		s.lastID++
		o.ID = s.lastID
		d.Request.Pieces[o.Piece].Override = o.ID
		s.of[o.ID] = d.Request.ID
		s.overrides[o.Schedule] = append(s.overrides[o.Schedule], o.Override)
	}
	s.requests[d.Request.ID-1] = d.Request
	return d, nil
}

// end cancels an override as the engine does.
func (s *shop) end(id int64) error {
	for schedule, list := range s.overrides {
		i := slices.IndexFunc(list, func(o Override) bool { return o.ID == id })
		if i < 0 {
			continue
		}
		ended, err := list[i].Ended(s.now)
		if err != nil {
			return err
		}
		s.overrides[schedule] = slices.Clone(list)
		s.overrides[schedule][i] = ended
		_, err = s.do(s.of[id], GiveBackCover{Override: id})
		return err
	}
	return nil
}

func at(hours float64) time.Time {
	return monday.Add(time.Duration(hours * float64(time.Hour)))
}

func shift(schedule core.ScheduleID, from, until float64) CoverShift {
	return CoverShift{schedule, Span{at(from), at(until)}}
}

// drawn is a pretty printed list of pieces: schedule from-until:taker, in hours.
func drawn(pieces []CoverPiece) string {
	var out []string
	for _, p := range pieces {
		out = append(out, fmt.Sprintf("%d %g-%g:%d", p.Schedule, p.Start.Sub(monday).Hours(), p.End.Sub(monday).Hours(), p.TakenBy))
	}
	return strings.Join(out, ", ")
}

// On Monday 23 March, 2 has the first schedule from 08:00 UTC for a day, then 1.
func TestWhatIsAskedForIsCutToOnesOwnShifts(t *testing.T) {
	s := newShop(t)
	for _, c := range []struct {
		now    float64
		shifts []CoverShift
		want   string
	}{
		{0, []CoverShift{shift(1, 0, 80)}, "1 8-32:0, 1 56-65:0, 1 69-80:0"},
		{10, []CoverShift{shift(1, 0, 20)}, "1 10-20:0"},
		{0, []CoverShift{shift(1, 9, 12), shift(1, 11, 14)}, "1 9-14:0"},
		{0, []CoverShift{shift(1, 9, 12), shift(1, 12, 14)}, "1 9-12:0, 1 12-14:0"},
		{33, []CoverShift{shift(1, 0, 40)}, ""},
		{0, []CoverShift{shift(2, 0, 80)}, ""},
	} {
		s.now = at(c.now)
		d, err := s.do(0, AskCover{Sender: 2, Receivers: []core.UserID{1}, Shifts: c.shifts})
		if c.want == "" {
			require.Equal(t, core.Invalid, core.KindOf(err), "%+v", c)
			require.ErrorContains(t, err, "is not on call in that time")
			continue
		}
		require.NoError(t, err)
		require.Equal(t, c.want, drawn(d.Request.Pieces))
	}
}

func TestWhoCannotBeAsked(t *testing.T) {
	s := newShop(t)
	s.barred = 4
	for _, c := range []struct {
		in  AskCover
		say string
	}{
		{AskCover{Sender: 2, Receivers: []core.UserID{2}}, "ask themselves"},
		{AskCover{Sender: 2, Receivers: []core.UserID{1, 4}}, "may not be on call"},
		{AskCover{Sender: 2}, "whom to ask"},
		{AskCover{Sender: 2, Receivers: []core.UserID{1}, Shifts: []CoverShift{shift(1, 20, 10)}}, "end must lie after"},
		{AskCover{Sender: 2, Receivers: []core.UserID{1}, Shifts: []CoverShift{shift(1, 0, 367*24)}}, "longer than a year"},
		{AskCover{Sender: 2, Receivers: []core.UserID{1}, Shifts: []CoverShift{shift(9, 0, 24)}}, "no such schedule"},
	} {
		if c.in.Shifts == nil {
			c.in.Shifts = []CoverShift{shift(1, 8, 32)}
		}
		_, err := s.do(0, c.in)
		require.Equal(t, core.Invalid, core.KindOf(err), "%+v", c)
		require.ErrorContains(t, err, c.say)
	}
	d, err := s.do(0, AskCover{Sender: 2, Anyone: true, Shifts: []CoverShift{shift(1, 8, 32)}})
	require.NoError(t, err)
	require.Equal(t, []CoverReceiver{{User: 1, State: CoverPending}, {User: 3, State: CoverPending}}, d.Request.Receivers)
	s.barred = 3
	d, err = s.do(0, AskCover{Sender: 2, Anyone: true, Shifts: []CoverShift{shift(1, 8, 32)}})
	require.NoError(t, err)
	require.Equal(t, []CoverReceiver{{User: 1, State: CoverPending}}, d.Request.Receivers, "who may not be on call is no one of anyone")
}

func TestPartsAreTakenByDifferentPeople(t *testing.T) {
	s := newShop(t)
	_, err := s.do(0, AskCover{Sender: 2, Receivers: []core.UserID{1, 3}, Shifts: []CoverShift{shift(1, 8, 32)}})
	require.NoError(t, err)
	d, err := s.do(1, AcceptCover{By: 3, Shifts: []CoverShift{shift(1, 10, 14)}})
	require.NoError(t, err)
	require.Equal(t, "1 8-10:0, 1 10-14:3, 1 14-32:0", drawn(d.Request.Pieces))
	require.Equal(t, CoverPending, d.Request.State)
	require.Equal(t, []CoverConflict{{3, 2, Span{at(10), at(14)}}}, d.Warnings, "3 is on call on the second then; it is allowed")
	_, err = s.do(1, AcceptCover{By: 1, Shifts: []CoverShift{shift(1, 10, 12)}})
	require.Equal(t, core.Conflict, core.KindOf(err), "taken")
	_, err = s.do(1, AcceptCover{By: 1, Shifts: []CoverShift{shift(1, 40, 42)}})
	require.Equal(t, core.Invalid, core.KindOf(err), "was never part of it")
	_, err = s.do(1, AcceptCover{By: 4})
	require.Equal(t, core.Denied, core.KindOf(err))
	d, err = s.do(1, AcceptCover{By: 1})
	require.NoError(t, err)
	require.Equal(t, CoverAccepted, d.Request.State)
	require.Equal(t, core.UserID(1), d.Request.AcceptedBy)
	require.Len(t, d.Overrides, 2)
	for hour, want := range map[float64]core.UserID{9: 1, 11: 3, 13.9: 3, 14: 1, 31: 1, 32: 1} {
		got, _ := s.calendar(1).Who(at(hour))
		require.Equal(t, want, got.User, "at %g", hour)
	}
	_, err = s.do(1, AcceptCover{By: 3})
	require.ErrorContains(t, err, "user 1 was first")
	_, err = s.do(1, CancelCover{By: 2})
	require.Equal(t, core.Conflict, core.KindOf(err))
}

func TestWhatTheSenderLostMeanwhileDropsOut(t *testing.T) {
	s := newShop(t)
	for range 2 {
		_, err := s.do(0, AskCover{Sender: 2, Receivers: []core.UserID{1, 4}, Shifts: []CoverShift{shift(1, 8, 32)}})
		require.NoError(t, err)
	}
	_, err := s.do(1, AcceptCover{By: 1, Shifts: []CoverShift{shift(1, 8, 20)}})
	require.NoError(t, err)
	s.now = at(21)
	d, err := s.do(2, AcceptCover{By: 4})
	require.NoError(t, err)
	require.Equal(t, "1 21-32:4", drawn(d.Request.Pieces))
	require.Equal(t, CoverAccepted, d.Request.State, "requests may overlap; what is taken is taken")
	_, err = s.do(1, AcceptCover{By: 4})
	require.Equal(t, core.Conflict, core.KindOf(err))
	require.ErrorContains(t, err, "Nothing of c1 is left")
}

func TestDecliningCancellingAndExpiring(t *testing.T) {
	s := newShop(t)
	ask := AskCover{Sender: 2, Receivers: []core.UserID{1, 3}, Shifts: []CoverShift{shift(1, 8, 32)}}
	for range 4 {
		_, err := s.do(0, ask)
		require.NoError(t, err)
	}
	d, err := s.do(1, DeclineCover{By: 1, Comment: " away "})
	require.NoError(t, err)
	require.Equal(t, CoverPending, d.Request.State)
	require.Equal(t, CoverReceiver{1, CoverDeclined, "away"}, d.Request.Receivers[0])
	d, err = s.do(1, DeclineCover{By: 3})
	require.NoError(t, err)
	require.Equal(t, CoverDeclined, d.Request.State)
	_, err = s.do(1, AcceptCover{By: 1})
	require.Equal(t, core.Conflict, core.KindOf(err))

	_, err = s.do(2, DeclineCover{By: 1})
	require.NoError(t, err)
	d, err = s.do(2, AcceptCover{By: 1})
	require.NoError(t, err, "who declined may still accept")
	require.Equal(t, CoverAccepted, d.Request.State)

	_, err = s.do(3, CancelCover{By: 1})
	require.Equal(t, core.Denied, core.KindOf(err))
	_, err = s.do(3, CancelCover{By: 2})
	require.NoError(t, err)
	for _, in := range []CoverInput{AcceptCover{By: 1}, DeclineCover{By: 1}, CancelCover{By: 2}} {
		_, err = s.do(3, in)
		require.Equal(t, core.Conflict, core.KindOf(err), "%T", in)
	}

	require.False(t, s.requests[3].Expired(at(31)))
	require.True(t, s.requests[3].Expired(at(32)))
	s.now = at(32)
	_, err = s.do(4, AcceptCover{By: 3})
	require.ErrorContains(t, err, "c4 is over")
}

func TestGivingBack(t *testing.T) {
	s := newShop(t)
	_, err := s.do(0, AskCover{Sender: 2, Receivers: []core.UserID{1, 3}, Shifts: []CoverShift{shift(1, 8, 32)}})
	require.NoError(t, err)
	_, err = s.do(1, AcceptCover{By: 3, Shifts: []CoverShift{shift(1, 10, 14)}})
	require.NoError(t, err)
	s.now = at(12)
	require.NoError(t, s.end(1))
	require.Equal(t, "1 8-10:0, 1 10-12:3, 1 12-14:0, 1 14-32:0", drawn(s.requests[0].Pieces), "what ran stays, the rest is open again")
	_, err = s.do(1, AcceptCover{By: 1})
	require.NoError(t, err)
	require.Equal(t, CoverAccepted, s.requests[0].State)
	require.NoError(t, s.end(s.lastID))
	last := s.requests[0].Pieces[len(s.requests[0].Pieces)-1]
	require.Equal(t, core.UserID(1), last.Back)
	require.Zero(t, last.TakenBy)
	require.Equal(t, CoverAccepted, s.requests[0].State, "settled stays settled; the time is the sender's")
	who, _ := s.calendar(1).Who(at(30))
	require.Equal(t, core.UserID(2), who.User)
}

func TestRemindersComeHalfWayAndAnHourBefore(t *testing.T) {
	s := newShop(t)
	d, err := s.do(0, AskCover{Sender: 2, Receivers: []core.UserID{1}, Shifts: []CoverShift{shift(1, 10, 32)}})
	require.NoError(t, err)
	r := d.Request
	require.Equal(t, at(5), r.Remind(at(0)))
	require.Equal(t, at(9), r.Remind(at(5)))
	require.Equal(t, at(32), r.Remind(at(9)), "once more at the end, for the cards")
	require.Zero(t, r.Remind(at(32)))
	r.State = CoverAccepted
	require.Zero(t, r.Remind(at(0)))
}

// TestCoverLeavesNoGap lets any number of people ask, take, take parts, decline, cancel
// and give back in any order. No instant that somebody was to have is ever left without
// anybody, the past never changes, and the pieces say what the overrides do.
func TestCoverLeavesNoGap(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := newShop(rt)
		user := rapid.Map(rapid.IntRange(1, 4), func(i int) core.UserID { return core.UserID(i) })
		span := func(label string) CoverShift {
			from := rapid.IntRange(0, 160).Draw(rt, label+" from")
			return CoverShift{core.ScheduleID(rapid.IntRange(1, 2).Draw(rt, label+" schedule")),
				Span{at(float64(from)), at(float64(from + rapid.IntRange(1, 60).Draw(rt, label+" hours")))}}
		}
		for range rapid.IntRange(1, 25).Draw(rt, "steps") {
			before, held := s.past(), s.holders(at(240))
			request := int64(0)
			if n := len(s.requests); n > 0 {
				request = int64(rapid.IntRange(1, n).Draw(rt, "request"))
			}
			var err error
			switch action := rapid.IntRange(0, 6).Draw(rt, "action"); {
			case action == 0:
				s.now = s.now.Add(time.Duration(rapid.IntRange(1, 600).Draw(rt, "minutes")) * time.Minute)
			case action == 1 || request == 0:
				_, err = s.do(0, AskCover{Sender: user.Draw(rt, "sender"), Anyone: rapid.Bool().Draw(rt, "anyone"),
					Receivers: rapid.SliceOfN(user, 1, 3).Draw(rt, "receivers"), Shifts: []CoverShift{span("ask")}})
			case action == 2, action == 3:
				in := AcceptCover{By: user.Draw(rt, "by")}
				if action == 3 {
					in.Shifts = []CoverShift{span("part"), span("and")}
				}
				_, err = s.do(request, in)
				s.onlyMoved(held, s.requests[request-1].Sender, in.By)
			case action == 4:
				_, err = s.do(request, DeclineCover{By: user.Draw(rt, "by")})
			case action == 5:
				_, err = s.do(request, CancelCover{By: user.Draw(rt, "by")})
			case s.lastID > 0:
				err = s.end(int64(rapid.IntRange(1, int(s.lastID)).Draw(rt, "override")))
			}
			if err != nil {
				require.NotEqual(rt, core.Internal, core.KindOf(err), "%v", err)
			}
			s.check(before)
		}
	})
}

// onlyMoved checks that since then time went from one person to another, and nobody
// else's did.
func (s *shop) onlyMoved(before []core.UserID, from, to core.UserID) {
	for i, now := range s.holders(at(240)) {
		if now != before[i] {
			require.Equal(s.t, [2]core.UserID{from, to}, [2]core.UserID{before[i], now}, "half-hour %d", i/2)
		}
	}
}

// past is who had each half-hour until now.
func (s *shop) past() []core.UserID { return s.holders(s.now) }

// holders is who has each half-hour before an instant, of both schedules.
func (s *shop) holders(until time.Time) []core.UserID {
	out := []core.UserID{}
	for t := monday; t.Before(until); t = t.Add(30 * time.Minute) {
		for id := core.ScheduleID(1); id <= 2; id++ {
			c, _ := s.calendar(id).Who(t)
			out = append(out, c.User)
		}
	}
	return out
}

func (s *shop) check(before []core.UserID) {
	after := s.past()
	require.Equal(s.t, before, after[:len(before)], "the past has changed")
	for id, base := range s.base {
		now := s.calendar(id)
		for t := monday; t.Before(at(240)); t = t.Add(30 * time.Minute) {
			_, was := base.Who(t)
			_, is := now.Who(t)
			require.Equal(s.t, was, is, "schedule %d at %s", id, t)
		}
	}
	for _, r := range s.requests {
		open := false
		for i, p := range r.Pieces {
			require.True(s.t, p.Start.Before(p.End), "c%d: a piece without length", r.ID)
			require.Equal(s.t, p.TakenBy != 0, p.Override != 0, "c%d piece %d: taken means overridden", r.ID, i)
			open = open || p.Open()
			for _, q := range r.Pieces[i+1:] {
				common := both(p.Span, q.Span)
				require.False(s.t, p.Schedule == q.Schedule && common.Start.Before(common.End), "c%d: pieces overlap: %s", r.ID, drawn(r.Pieces))
			}
		}
		require.False(s.t, r.State == CoverAccepted && open, "c%d is accepted and open: %s", r.ID, drawn(r.Pieces))
	}
}
