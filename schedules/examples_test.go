package schedules

import (
	"fmt"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
)

const (
	ana core.UserID = iota + 1
	ben
	cleo
)

// nights are the windows 20:00–08:00 of every night.
func nights() []Restriction {
	var out []Restriction
	for d := time.Sunday; d <= time.Saturday; d++ {
		out = append(out, window(d, "20:00", (d+1)%7, "08:00"))
	}
	return out
}

func window(from time.Weekday, start string, to time.Weekday, end string) Restriction {
	return Restriction{WeekTime{from, start}, WeekTime{to, end}}
}

func turning(startsOn, rotation string, users ...core.UserID) Layer {
	return Layer{Name: "layer", StartsOn: Reading(startsOn), Rotation: rotation, Users: users}
}

func recurring(zone string, layers ...Layer) Schedule {
	return Schedule{Name: "primary", Timezone: zone, Kind: Recurring, Layers: layers}
}

func compiled(t testing.TB, s Schedule) *Calendar {
	t.Helper()
	c, err := Compile(s)
	require.NoError(t, err)
	return c
}

// instantAt reads 2026-03-29T01:00Z or 2026-03-29T01:00:00Z.
func instantAt(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02T15:04Z", s)
	if err != nil {
		at, err = time.Parse(time.RFC3339, s)
	}
	require.NoError(t, err)
	return at
}

// story writes shifts as lines "a 2026-03-28T21:00Z 2026-03-29T04:00Z 7h0m0s".
func story(shifts []Shift) string {
	var lines []string
	for _, s := range shifts {
		lines = append(lines, fmt.Sprintf("%c %s %s %s", 'a'+rune(s.User)-1,
			s.Start.Format("2006-01-02T15:04Z"), s.End.Format("2006-01-02T15:04Z"), s.End.Sub(s.Start)))
	}
	return strings.Join(lines, "\n")
}

func TestShiftsOfWorkedExamples(t *testing.T) {
	abc := []core.UserID{ana, ben, cleo}
	examples := []struct {
		name        string
		zone        string
		layer       Layer
		from, until string
		want        string
	}{
		{"nights are 7 h when the clock springs", "Europe/Berlin", turning("2026-03-28T22:00", "PT8H", abc...),
			"2026-03-28T21:00Z", "2026-03-29T20:00Z", `
a 2026-03-28T21:00Z 2026-03-29T04:00Z 7h0m0s
b 2026-03-29T04:00Z 2026-03-29T12:00Z 8h0m0s
c 2026-03-29T12:00Z 2026-03-29T20:00Z 8h0m0s`},
		{"nights are 9 h when it falls back", "Europe/Berlin", turning("2026-10-24T22:00", "PT8H", abc...),
			"2026-10-24T20:00Z", "2026-10-25T21:00Z", `
a 2026-10-24T20:00Z 2026-10-25T05:00Z 9h0m0s
b 2026-10-25T05:00Z 2026-10-25T13:00Z 8h0m0s
c 2026-10-25T13:00Z 2026-10-25T21:00Z 8h0m0s`},
		{"skipped handoff", "Europe/Berlin", turning("2026-03-28T02:30", "P1D", abc...),
			"2026-03-28T01:30Z", "2026-03-30T00:31Z", `
a 2026-03-28T01:30Z 2026-03-29T01:00Z 23h30m0s
b 2026-03-29T01:00Z 2026-03-30T00:30Z 23h30m0s
c 2026-03-30T00:30Z 2026-03-31T00:30Z 24h0m0s`},
		{"repeated handoff", "Europe/Berlin", turning("2026-10-24T02:30", "P1D", abc...),
			"2026-10-24T00:30Z", "2026-10-26T01:30Z", `
a 2026-10-24T00:30Z 2026-10-25T00:30Z 24h0m0s
b 2026-10-25T00:30Z 2026-10-26T01:30Z 25h0m0s`},
		{"a turn that is skipped whole", "America/New_York", turning("2027-03-14T00:00", "PT1H", abc...),
			"2027-03-14T05:00Z", "2027-03-14T09:00Z", `
a 2027-03-14T05:00Z 2027-03-14T06:00Z 1h0m0s
b 2027-03-14T06:00Z 2027-03-14T07:00Z 1h0m0s
a 2027-03-14T07:00Z 2027-03-14T08:00Z 1h0m0s
b 2027-03-14T08:00Z 2027-03-14T09:00Z 1h0m0s`},
		{"a turn of a repeated hour", "America/New_York", turning("2026-11-01T00:00", "PT1H", abc...),
			"2026-11-01T04:00Z", "2026-11-01T08:00Z", `
a 2026-11-01T04:00Z 2026-11-01T05:00Z 1h0m0s
b 2026-11-01T05:00Z 2026-11-01T07:00Z 2h0m0s
c 2026-11-01T07:00Z 2026-11-01T08:00Z 1h0m0s`},
		{"a window opens once", "America/New_York", restricted(turning("2026-10-26T00:00", "P7D", ana),
			window(time.Sunday, "00:30", time.Sunday, "01:30")),
			"2026-10-31T00:00Z", "2026-11-02T00:00Z", `
a 2026-11-01T04:30Z 2026-11-01T05:30Z 1h0m0s`},
		{"a night window over the spring", "Europe/Berlin", restricted(turning("2026-03-23T09:00", "P7D", ana), nights()...),
			"2026-03-28T12:00Z", "2026-03-29T12:00Z", `
a 2026-03-28T19:00Z 2026-03-29T06:00Z 11h0m0s`},
		{"30 minutes skipped", "Australia/Lord_Howe", turning("2026-10-03T02:15", "P1D", abc...),
			"2026-10-02T15:45Z", "2026-10-04T15:15Z", `
a 2026-10-02T15:45Z 2026-10-03T15:30Z 23h45m0s
b 2026-10-03T15:30Z 2026-10-04T15:15Z 23h45m0s`},
		{"30 minutes repeated", "Australia/Lord_Howe", turning("2026-04-05T01:45", "P1D", abc...),
			"2026-04-04T14:45Z", "2026-04-05T15:15Z", `
a 2026-04-04T14:45Z 2026-04-05T15:15Z 24h30m0s`},
		{"Ramadan begins", "Africa/Casablanca", turning("2026-02-15T02:30", "P1D", abc...),
			"2026-02-15T01:30Z", "2026-02-16T02:30Z", `
a 2026-02-15T01:30Z 2026-02-16T02:30Z 25h0m0s`},
		{"Ramadan ends", "Africa/Casablanca", turning("2026-03-21T02:30", "P1D", abc...),
			"2026-03-21T02:30Z", "2026-03-23T01:30Z", `
a 2026-03-21T02:30Z 2026-03-22T02:00Z 23h30m0s
b 2026-03-22T02:00Z 2026-03-23T01:30Z 23h30m0s`},
		{"odd offset", "Asia/Kathmandu", turning("2026-01-01T09:00", "P1D", abc...),
			"2026-06-01T03:15Z", "2026-06-03T03:15Z", `
b 2026-06-01T03:15Z 2026-06-02T03:15Z 24h0m0s
c 2026-06-02T03:15Z 2026-06-03T03:15Z 24h0m0s`},
		{"the day that never was, at 09:00", "Pacific/Apia", turning("2011-12-28T09:00", "P1D", abc...),
			"2011-12-28T19:00Z", "2011-12-30T19:01Z", `
a 2011-12-28T19:00Z 2011-12-29T19:00Z 24h0m0s
b 2011-12-29T19:00Z 2011-12-30T10:00Z 15h0m0s
c 2011-12-30T10:00Z 2011-12-30T19:00Z 9h0m0s
a 2011-12-30T19:00Z 2011-12-31T19:00Z 24h0m0s`},
		{"the day that never was, at 00:00", "Pacific/Apia", turning("2011-12-28T00:00", "P1D", abc...),
			"2011-12-28T10:00Z", "2011-12-30T10:01Z", `
a 2011-12-28T10:00Z 2011-12-29T10:00Z 24h0m0s
b 2011-12-29T10:00Z 2011-12-30T10:00Z 24h0m0s
a 2011-12-30T10:00Z 2011-12-31T10:00Z 24h0m0s`},
		{"no midnight", "America/Sao_Paulo", turning("2018-11-03T00:00", "P1D", abc...),
			"2018-11-03T03:00Z", "2018-11-05T02:00Z", `
a 2018-11-03T03:00Z 2018-11-04T03:00Z 24h0m0s
b 2018-11-04T03:00Z 2018-11-05T02:00Z 23h0m0s`},
		{"two midnights", "America/Sao_Paulo", turning("2018-02-16T23:30", "P1D", abc...),
			"2018-02-17T01:30Z", "2018-02-19T02:30Z", `
a 2018-02-17T01:30Z 2018-02-18T01:30Z 24h0m0s
b 2018-02-18T01:30Z 2018-02-19T02:30Z 25h0m0s`},
	}
	for _, x := range examples {
		t.Run(x.name, func(t *testing.T) {
			c := compiled(t, recurring(x.zone, x.layer))
			got := c.Shifts(instantAt(t, x.from), instantAt(t, x.until))
			require.Equal(t, strings.TrimSpace(x.want), story(got))
		})
	}
}

func restricted(l Layer, windows ...Restriction) Layer {
	l.Restrictions = windows
	return l
}

// weekends is layer 1 a week each for Ana and Ben, and Cleo at the weekends above it.
func weekends() Schedule {
	return recurring("Europe/Berlin",
		turning("2026-01-05T09:00", "P7D", ana, ben),
		restricted(turning("2026-01-05T09:00", "P7D", cleo), window(time.Friday, "18:00", time.Monday, "09:00")))
}

func TestLastLayerWins(t *testing.T) {
	got := compiled(t, weekends()).Shifts(instantAt(t, "2026-01-05T08:00Z"), instantAt(t, "2026-01-19T08:00Z"))
	require.Equal(t, strings.TrimSpace(`
a 2026-01-05T08:00Z 2026-01-09T17:00Z 105h0m0s
c 2026-01-09T17:00Z 2026-01-12T08:00Z 63h0m0s
b 2026-01-12T08:00Z 2026-01-16T17:00Z 105h0m0s
c 2026-01-16T17:00Z 2026-01-19T08:00Z 63h0m0s`), story(got))
}

func TestLastOverrideWins(t *testing.T) {
	s := weekends()
	s.Overrides = []Override{
		{ID: 1, User: ben, Start: instantAt(t, "2026-01-07T08:00Z"), End: instantAt(t, "2026-01-10T08:00Z")},
		{ID: 2, User: ana, Start: instantAt(t, "2026-01-09T08:00Z"), End: instantAt(t, "2026-01-09T12:00Z")},
	}
	from, until := instantAt(t, "2026-01-05T08:00Z"), instantAt(t, "2026-01-12T08:00Z")
	c := compiled(t, s)
	require.Equal(t, strings.TrimSpace(`
a 2026-01-05T08:00Z 2026-01-07T08:00Z 48h0m0s
b 2026-01-07T08:00Z 2026-01-09T08:00Z 48h0m0s
a 2026-01-09T08:00Z 2026-01-09T12:00Z 4h0m0s
b 2026-01-09T12:00Z 2026-01-10T08:00Z 20h0m0s
c 2026-01-10T08:00Z 2026-01-12T08:00Z 48h0m0s`), story(c.Shifts(from, until)))

	require.Equal(t, strings.TrimSpace(`
a 2026-01-05T08:00Z 2026-01-09T17:00Z 105h0m0s
c 2026-01-09T17:00Z 2026-01-12T08:00Z 63h0m0s`), story(c.WithoutOverrides().Shifts(from, until)))
	require.Equal(t, story(c.Shifts(from, until)), story(c.WithoutOverrides().WithOverrides(s.Overrides).Shifts(from, until)))
}
