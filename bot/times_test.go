package bot

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTimesAsPeopleTypeThem(t *testing.T) {
	loc := berlin(t)
	now := time.Date(2026, 11, 25, 14, 30, 0, 0, loc) // a Wednesday
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, loc) }
	for _, c := range []struct {
		typed string
		want  time.Time
	}{
		{"2h", now.Add(2 * time.Hour)},
		{"90m", now.Add(90 * time.Minute)},
		{"1h30m", now.Add(90 * time.Minute)},
		{"1h 30min", now.Add(90 * time.Minute)},
		{"2 hours", now.Add(2 * time.Hour)},
		{"2d", now.Add(48 * time.Hour)},
		{"1w", now.Add(7 * 24 * time.Hour)},
		{"for 2h", now.Add(2 * time.Hour)},
		{"in 45m", now.Add(45 * time.Minute)},
		{"18:00", at(25, 18, 0)},
		{"6pm", at(25, 18, 0)},
		{"6:15 PM", at(25, 18, 15)},
		{"12am", at(26, 0, 0)},
		{"12pm", at(26, 12, 0)},
		{"09:00", at(26, 9, 0)}, // over: tomorrow
		{"until 09:00", at(26, 9, 0)},
		{"tomorrow 09:00", at(26, 9, 0)},
		{"Tomorrow at 9am", at(26, 9, 0)},
		{"today 18:00", at(25, 18, 0)},
		{"fri 18:00", at(27, 18, 0)},
		{"Friday 18:00", at(27, 18, 0)},
		{"wed 15:00", at(25, 15, 0)},
		{"wed 09:00", time.Date(2026, 12, 2, 9, 0, 0, 0, loc)}, // over: next week
		{"2026-11-28T09:00", at(28, 9, 0)},
		{"2026-11-28 09:00", at(28, 9, 0)},
		{"2026-11-28T09:00:30Z", time.Date(2026, 11, 28, 9, 0, 30, 0, time.UTC)},
		{"2026-11-28T09:00+02:00", time.Date(2026, 11, 28, 7, 0, 0, 0, time.UTC)},
		{"2026-11-28T09:00+0200", time.Date(2026, 11, 28, 7, 0, 0, 0, time.UTC)},
	} {
		t.Run(c.typed, func(t *testing.T) {
			got, err := parseTime(c.typed, now, loc)
			require.NoError(t, err)
			require.True(t, got.Equal(c.want), "got %s, want %s", got.In(loc), c.want)
		})
	}
}

func TestTimesThatAreRefused(t *testing.T) {
	loc := berlin(t)
	now := time.Date(2026, 11, 25, 14, 30, 0, 0, loc)
	for typed, why := range map[string]string{
		"":                     "no time",
		"01/02":                "day or a month",
		"1/2 09:00":            "day or a month",
		"01.02.":               "day or a month",
		"18":                   "no time",
		"25:00":                "no time",
		"9:60":                 "no time",
		"13pm":                 "no time",
		"tomorrow":             "needs a time of day",
		"fri":                  "needs a time of day",
		"today 09:00":          "over already",
		"2026-11-25T09:00":     "over already",
		"2026-13-40T09:00":     "no date",
		"2029-01-01T09:00":     "more than a year",
		"400d":                 "more than a year",
		"0m":                   "no time",
		"soon":                 "no time",
		"fritz 18:00":          "no time",
		"99999999999999999h":   "no time",
		"2h later or whenever": "no time",
	} {
		t.Run(typed, func(t *testing.T) {
			_, err := parseTime(typed, now, loc)
			require.ErrorContains(t, err, why)
		})
	}
}

func TestSkippedAndRepeatedHours(t *testing.T) {
	loc := berlin(t)
	spring := time.Date(2026, 3, 28, 22, 0, 0, 0, loc)
	got, err := parseTime("02:30", spring, loc)
	require.NoError(t, err)
	require.Equal(t, "03:00", got.In(loc).Format("15:04"), "the first valid instant after the skipped hour")
	autumn := time.Date(2026, 10, 24, 22, 0, 0, 0, loc)
	got, err = parseTime("02:30", autumn, loc)
	require.NoError(t, err)
	require.Equal(t, "CEST", got.In(loc).Format("MST"), "the first occurrence of the repeated hour")
}

func TestWhatWasUnderstoodIsSaidBack(t *testing.T) {
	loc := berlin(t)
	now := time.Date(2026, 11, 25, 14, 30, 0, 0, loc)
	got, err := parseTime("tomorrow 09:00", now, loc)
	require.NoError(t, err)
	require.Equal(t, "Thu 26 Nov 09:00 CET (18 h 30 min)", understood(got, now, loc))
}

func TestInstantsAreShownInTheReadersZone(t *testing.T) {
	loc := berlin(t)
	now := time.Date(2026, 11, 25, 14, 30, 0, 0, loc)
	for _, c := range []struct {
		at     time.Time
		layout TimeLayout
		want   string
	}{
		{now.Add(time.Hour), ClockTime, "15:30"},
		{now.Add(24 * time.Hour), ClockTime, "Thu 14:30"},
		{now.Add(time.Hour), DateTime, "Wed 15:30"},
		{now.Add(10 * 24 * time.Hour), ClockTime, "Sat 5 Dec 14:30"},
		{now.Add(60 * 24 * time.Hour), DateTime, "Sun 24 Jan 2027 14:30"},
	} {
		require.Equal(t, c.want, zone{loc: loc}.show(c.at, now, c.layout))
	}
	require.Equal(t, "13:30 UTC", zone{loc: time.UTC, named: true}.show(now, now, ClockTime))
}

func FuzzParseTime(f *testing.F) {
	for _, s := range []string{"2h", "tomorrow 09:00", "fri 6pm", "2026-11-28T09:00Z", "01/02", "\xff\xfe", "9999999h", "until until"} {
		f.Add(s)
	}
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		f.Fatal(err)
	}
	now := time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, s string) {
		got, err := parseTime(s, now, loc)
		if err != nil {
			return
		}
		if !got.After(now) || got.Sub(now) > furthest {
			t.Fatalf("%q gave %s, which is not within a year after %s", s, got, now)
		}
	})
}
