package schedules

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
)

func TestSamePersonTwiceIsTwoShifts(t *testing.T) {
	for _, x := range []struct {
		users []core.UserID
		want  int
	}{{[]core.UserID{ana}, 3}, {[]core.UserID{ana, ana, ben}, 3}} {
		c := compiled(t, recurring("Europe/Berlin", turning("2026-01-05T09:00", "P7D", x.users...)))
		shifts := c.Shifts(instantAt(t, "2026-01-05T08:00Z"), instantAt(t, "2026-01-26T08:00Z"))
		require.Len(t, shifts, x.want)
		for i, s := range shifts {
			require.Equal(t, Claim{User: x.users[i%len(x.users)], Layer: 1, Turn: int64(i)}, s.Claim)
		}
	}
}

func TestWindowsThatTouchDoNotSplit(t *testing.T) {
	c := compiled(t, recurring("Europe/Berlin", restricted(turning("2026-01-05T00:00", "P7D", ana),
		window(time.Monday, "08:00", time.Tuesday, "24:00"), window(time.Wednesday, "00:00", time.Thursday, "12:00"))))
	got := c.Shifts(instantAt(t, "2026-01-04T23:00Z"), instantAt(t, "2026-01-11T23:00Z"))
	require.Equal(t, "a 2026-01-05T07:00Z 2026-01-08T11:00Z 76h0m0s", story(got))
}

// The windows leave out 02:00–03:00, which the clock skips on 29 March: no break there.
func TestBreakInSkippedTimeDoesNotSplit(t *testing.T) {
	layer := restricted(turning("2026-03-23T00:00", "P7D", ana),
		window(time.Saturday, "12:00", time.Sunday, "02:00"), window(time.Sunday, "03:00", time.Sunday, "12:00"))
	const want = "a 2026-03-28T11:00Z 2026-03-29T10:00Z 23h0m0s"
	c := compiled(t, recurring("Europe/Berlin", layer))
	require.Equal(t, want, story(c.Shifts(instantAt(t, "2026-03-28T00:00Z"), instantAt(t, "2026-03-30T00:00Z"))))
	for _, at := range []string{"2026-03-29T00:59Z", "2026-03-29T01:00Z"} {
		s, ok := c.OnCall(instantAt(t, at))
		require.True(t, ok)
		require.Equal(t, want, story([]Shift{s}), at)
	}

	above := restricted(turning("2026-03-23T00:00", "P7D", ben), window(time.Sunday, "02:00", time.Sunday, "03:00"))
	c = compiled(t, recurring("Europe/Berlin", turning("2026-03-29T00:00", "P1D", ana), above))
	for _, at := range []string{"2026-03-29T00:59Z", "2026-03-29T01:00Z"} {
		s, ok := c.OnCall(instantAt(t, at))
		require.True(t, ok)
		require.Equal(t, "a 2026-03-28T23:00Z 2026-03-29T22:00Z 23h0m0s", story([]Shift{s}), at)
	}
}

func TestEndCutsTheTurnThatRuns(t *testing.T) {
	layer := turning("2026-01-05T09:00", "P7D", ana, ben)
	layer.EndsOn = "2026-01-14T12:00"
	c := compiled(t, recurring("Europe/Berlin", layer))
	from, until := instantAt(t, "2026-01-01T00:00Z"), instantAt(t, "2026-02-01T00:00Z")
	require.Equal(t, "a 2026-01-05T08:00Z 2026-01-12T08:00Z 168h0m0s\nb 2026-01-12T08:00Z 2026-01-14T11:00Z 51h0m0s", story(c.Shifts(from, until)))
	require.Equal(t, []Span{{from, instantAt(t, "2026-01-05T08:00Z")}, {instantAt(t, "2026-01-14T11:00Z"), until}}, c.Gaps(from, until))
	require.Equal(t, Span{instantAt(t, "2026-01-05T08:00Z"), instantAt(t, "2026-01-14T11:00Z")}, c.Extent())
}

func TestShiftsAreWholeAndGapsAreCut(t *testing.T) {
	c := compiled(t, weekends())
	at := instantAt(t, "2026-01-07T10:00Z")
	s, ok := c.OnCall(at)
	require.True(t, ok)
	require.Equal(t, []Shift{s}, c.Shifts(at, at), "an instant")
	require.Equal(t, []Shift{s}, c.Shifts(at, at.Add(time.Nanosecond)), "less than a second")
	require.Empty(t, c.Shifts(at, at.Add(-time.Hour)))
	require.Empty(t, c.Gaps(at, at))

	before := instantAt(t, "2025-12-01T00:00Z")
	require.Equal(t, []Span{{before, before.Add(time.Hour)}}, c.Gaps(before, before.Add(time.Hour)))
	require.Empty(t, c.Shifts(before, before))
	_, ok = c.OnCall(before)
	require.False(t, ok)
	require.Equal(t, Span{Start: instantAt(t, "2026-01-05T08:00Z")}, c.Extent(), "a layer that never ends")
}

func TestStaticShiftsInAnyOrder(t *testing.T) {
	s := Schedule{Timezone: "Europe/Berlin", Kind: Static, Shifts: []StaticShift{
		{ben, "2026-01-06T09:00", "2026-01-07T09:00:30"}, {ana, "2026-01-05T09:00", "2026-01-06T09:00"}, {ana, "2026-01-08T09:00", "2026-01-09T09:00"},
	}}
	c := compiled(t, s)
	from, until := instantAt(t, "2026-01-05T08:00Z"), instantAt(t, "2026-01-09T08:00Z")
	shifts := c.Shifts(from, until)
	require.Equal(t, []Claim{{User: ana, Static: 2}, {User: ben, Static: 1}, {User: ana, Static: 3}}, []Claim{shifts[0].Claim, shifts[1].Claim, shifts[2].Claim})
	require.Equal(t, []Span{{instantAt(t, "2026-01-07T08:00:30Z"), instantAt(t, "2026-01-08T08:00Z")}}, c.Gaps(from, until))
	require.Equal(t, Span{from, until}, c.Extent())
	require.Equal(t, Span{}, compiled(t, Schedule{Timezone: "UTC", Kind: Static}).Extent())
}

func TestHandoffToOneselfIsNoChange(t *testing.T) {
	c := compiled(t, recurring("Europe/Berlin", turning("2026-01-05T09:00", "P7D", ana, ana, ben)))
	for _, x := range [][2]string{
		{"2026-01-01T00:00Z", "2026-01-05T08:00Z"}, // from nobody
		{"2026-01-05T07:59:59Z", "2026-01-05T08:00Z"},
		{"2026-01-05T08:00Z", "2026-01-19T08:00Z"}, // past Ana's second turn
		{"2026-01-19T08:00Z", "2026-01-26T08:00Z"},
	} {
		got, ok := c.NextChange(instantAt(t, x[0]))
		require.True(t, ok)
		require.Equal(t, instantAt(t, x[1]), got, "after %s", x[0])
	}
	alone := compiled(t, recurring("Europe/Berlin", turning("2026-01-05T09:00", "P7D", ana)))
	now := instantAt(t, "2026-03-01T00:00Z")
	until, ok := alone.NextChange(now)
	require.False(t, ok)
	require.Equal(t, now.AddDate(0, 0, 400), until, "when to ask again")
}

func TestShiftsBesideAGap(t *testing.T) {
	c := compiled(t, recurring("Europe/Berlin", restricted(turning("2026-01-05T09:00", "P7D", ana, ben), window(time.Monday, "09:00", time.Monday, "17:00"))))
	next, ok := c.NextShift(instantAt(t, "2026-01-05T08:00Z"))
	require.True(t, ok)
	require.Equal(t, "b 2026-01-12T08:00Z 2026-01-12T16:00Z 8h0m0s", story([]Shift{next}))
	next, ok = c.NextShift(instantAt(t, "2026-01-05T07:59:59Z"))
	require.True(t, ok)
	require.Equal(t, ana, next.User)
	for _, at := range []string{"2026-01-05T08:00Z", "2026-01-05T12:00Z", "2026-01-11T00:00Z"} {
		last, ok := c.LastShift(instantAt(t, at))
		require.True(t, ok)
		require.Equal(t, "a 2026-01-05T08:00Z 2026-01-05T16:00Z 8h0m0s", story([]Shift{last}), at)
	}
	_, ok = c.LastShift(instantAt(t, "2026-01-05T07:59Z"))
	require.False(t, ok)
	_, ok = compiled(t, Schedule{Timezone: "UTC", Kind: Static}).NextShift(instantAt(t, "2026-01-05T07:59Z"))
	require.False(t, ok)
}

func TestAnEditAloneSplitsNothing(t *testing.T) {
	first := recurring("Europe/Berlin", turning("2026-01-05T09:00", "P7D", ana, ben))
	second := recurring("Europe/Berlin", turning("2026-01-05T09:00", "P7D", cleo, ben))
	third := recurring("Europe/Berlin", turning("2026-01-12T09:00", "P1D", ben, cleo))
	cancelled := recurring("Europe/Berlin", turning("2026-01-05T09:00", "P1D", cleo))
	c, err := CompileVersions([]Version{
		{Schedule: first},
		{instantAt(t, "2026-01-08T12:00Z"), second},
		{instantAt(t, "2026-01-15T12:00Z"), cancelled}, // replaced before it came
		{instantAt(t, "2026-01-13T12:00Z"), second},
		{instantAt(t, "2026-01-14T12:00Z"), third},
	})
	require.NoError(t, err)
	shifts := c.Shifts(instantAt(t, "2026-01-05T08:00Z"), instantAt(t, "2026-01-16T08:00Z"))
	require.Equal(t, "a 2026-01-05T08:00Z 2026-01-08T12:00Z 76h0m0s\nc 2026-01-08T12:00Z 2026-01-12T08:00Z 92h0m0s\n"+
		"b 2026-01-12T08:00Z 2026-01-15T08:00Z 72h0m0s\nc 2026-01-15T08:00Z 2026-01-16T08:00Z 24h0m0s", story(shifts))
	require.Equal(t, Claim{User: ben, Layer: 1, Turn: 2}, shifts[2].Claim, "with the claim it ends with")
	s, _ := c.OnCall(instantAt(t, "2026-01-12T09:00Z"))
	require.Equal(t, shifts[2], s)
}

// The turn of the new version that runs has the number of the old version's turn before
// last.
func TestAnEditJoinsOnlyNeighbours(t *testing.T) {
	c, err := CompileVersions([]Version{
		{Schedule: recurring("UTC", turning("2026-01-05T09:00", "P1D", ana))},
		{instantAt(t, "2026-01-07T12:00Z"), recurring("UTC", turning("2026-01-06T09:00", "P1D", ana))},
	})
	require.NoError(t, err)
	for _, at := range []string{"2026-01-07T11:59Z", "2026-01-07T12:00Z"} {
		s, ok := c.OnCall(instantAt(t, at))
		require.True(t, ok)
		require.Equal(t, "a 2026-01-07T09:00Z 2026-01-08T09:00Z 24h0m0s", story([]Shift{s}), at)
	}
}

func TestCalendarKeepsNothingOfItsCaller(t *testing.T) {
	s := weekends()
	s.Overrides = []Override{{ID: 1, User: ben, Start: instantAt(t, "2026-01-07T08:00Z"), End: instantAt(t, "2026-01-10T08:00Z")}}
	c := compiled(t, s)
	from, until := instantAt(t, "2026-01-05T08:00Z"), instantAt(t, "2026-02-05T08:00Z")
	before := c.Shifts(from, until)
	s.Layers[0].Users[0], s.Layers[1].Restrictions[0].From.Time, s.Overrides[0].User = cleo, "00:00", cleo
	require.Equal(t, before, c.Shifts(from, until))
	c.WithOverrides(nil).Shifts(from, until)
	require.Equal(t, before, c.Shifts(from, until))
}

func TestFractionsOfASecondChangeNothing(t *testing.T) {
	s := recurring("UTC", turning("2026-01-05T09:00", "P7D", ana))
	s.Overrides = []Override{{ID: 1, User: ben, Start: instantAt(t, "2026-01-05T10:00Z").Add(900 * time.Millisecond), End: instantAt(t, "2026-01-05T11:00Z")},
		{ID: 2, User: cleo, Start: instantAt(t, "2026-01-05T12:00Z"), End: instantAt(t, "2026-01-05T11:00Z")}}
	c := compiled(t, s)
	claim, _ := c.Who(instantAt(t, "2026-01-05T10:00Z"))
	require.Equal(t, ben, claim.User)
	claim, _ = c.Who(instantAt(t, "2026-01-05T11:00Z").Add(-time.Nanosecond))
	require.Equal(t, ben, claim.User)
}

func TestAskingOutsideTheYearsDoesNotFail(t *testing.T) {
	c := compiled(t, weekends())
	for _, at := range []time.Time{{}, time.Unix(-1<<62, 0), time.Unix(1<<62, 0), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)} {
		c.Who(at)
		c.OnCall(at)
		c.NextChange(at)
		c.LastShift(at)
		c.Shifts(at, at.Add(time.Hour))
	}
}
