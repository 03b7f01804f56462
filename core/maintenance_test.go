package core

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestMaintenanceIsHalfOpen(t *testing.T) {
	start := dawn
	m := Maintenance{Name: "m", Start: start, End: start.Add(time.Hour), Sources: []SourceID{1, 2}}
	for _, c := range []struct {
		source SourceID
		after  time.Duration
		want   bool
	}{
		{1, -time.Microsecond, false}, {1, 0, true}, {2, 30 * time.Minute, true}, {3, 0, false},
		{1, time.Hour - time.Microsecond, true}, {1, time.Hour, false},
	} {
		require.Equal(t, c.want, m.Covers(c.source, start.Add(c.after)), "%+v", c)
	}
	require.False(t, m.Over(m.End.Add(-1)))
	require.True(t, m.Over(m.End))
}

// TestEndingMaintenanceOfOneSourceFreesItAlone walks windows: afterwards the source is
// covered no more, and every other as before.
func TestEndingMaintenanceOfOneSourceFreesItAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := Maintenance{Name: "m", Start: dawn, End: dawn.Add(time.Duration(rapid.IntRange(1, 100).Draw(t, "length")) * time.Minute),
			Sources: rapid.SliceOfNDistinct(rapid.Map(rapid.IntRange(1, 9), func(i int) SourceID { return SourceID(i) }), 1, 5, rapid.ID[SourceID]).Draw(t, "sources")}
		gone := rapid.SampledFrom(m.Sources).Draw(t, "gone")
		at := dawn.Add(time.Duration(rapid.IntRange(-10, 120).Draw(t, "at")) * time.Minute)
		left, ok := m.Without(gone, at)
		for minute := -15; minute < 130; minute++ {
			when := dawn.Add(time.Duration(minute) * time.Minute)
			for _, s := range m.Sources {
				got := ok && left.Covers(s, when)
				switch {
				case s != gone:
					require.Equal(t, m.Covers(s, when), got, "source %d at %s", s, when)
				case !when.Before(at):
					require.False(t, got, "the source that left is covered at %s", when)
				}
			}
		}
	})
}

func TestMaintenanceThatCannotBeIsRefused(t *testing.T) {
	fine := Maintenance{Name: "m", Start: dawn, End: dawn.Add(time.Hour), Sources: []SourceID{1}}
	require.NoError(t, fine.Validate())
	for want, change := range map[string]func(m *Maintenance){
		"summary":      func(m *Maintenance) { m.Name = " " },
		"start":        func(m *Maintenance) { m.Start = time.Time{} },
		"end":          func(m *Maintenance) { m.End = m.Start },
		"alertSources": func(m *Maintenance) { m.Sources = make([]SourceID, MaxMaintained+1) },
	} {
		m := fine
		change(&m)
		err := m.Validate()
		require.Equal(t, Invalid, KindOf(err), want)
		require.ErrorContains(t, err, want+":")
	}
}

// TestHighIn pins what each rule makes of an alert by the hours.
func TestHighIn(t *testing.T) {
	require.True(t, HighInHours.HighIn(true))
	require.False(t, HighInHours.HighIn(false))
	require.False(t, LowInHours.HighIn(true))
	require.True(t, LowInHours.HighIn(false))
	require.False(t, Source{AutoRaise: true, PriorityRule: AlwaysLow}.Raises(), "no hours, no turn")
	require.True(t, Source{AutoRaise: true, PriorityRule: LowInHours}.Raises())
}
