package schedules

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
)

func location(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := Location(name)
	require.NoError(t, err)
	return loc
}

func TestReadingBecomesFirstInstantThatShowsIt(t *testing.T) {
	for _, x := range []struct{ zone, reading, want string }{
		{"Europe/Berlin", "2026-01-05T09:00", "2026-01-05T08:00:00Z"},
		{"Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:00:00Z"},    // skipped
		{"Europe/Berlin", "2026-03-29T02:00", "2026-03-29T01:00:00Z"},    // the first skipped
		{"Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00:00Z"},    // the first shown again
		{"Europe/Berlin", "2026-03-29T01:59:59", "2026-03-29T00:59:59Z"}, // the last shown before
		{"Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30:00Z"},    // repeated
		{"Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00:00Z"},
		{"America/New_York", "2026-03-08T02:30", "2026-03-08T07:00:00Z"},
		{"America/New_York", "2026-11-01T01:30:30", "2026-11-01T05:30:30Z"},
		{"Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00:00Z"}, // a day that never was
		{"America/Sao_Paulo", "2018-11-04T00:00", "2018-11-04T03:00:00Z"},
		{"Europe/Berlin", "2096-12-31T12:00", "2096-12-31T11:00:00Z"}, // the last day of a leap year
		{"Europe/Berlin", "2097-03-31T02:30", "2097-03-31T01:00:00Z"},
		{"Europe/Berlin", "2100-12-31T23:59:59", "2100-12-31T22:59:59Z"},
		{"Africa/Monrovia", "1970-01-01T00:00", "1970-01-01T00:44:30Z"},
	} {
		got, err := At(Reading(x.reading), location(t, x.zone))
		require.NoError(t, err)
		require.Equal(t, x.want, got.Format(time.RFC3339), "%s in %s", x.reading, x.zone)
		require.Equal(t, time.UTC, got.Location())
	}
}

// Every change of every zone in some years: the readings around it become what a walk
// over the minutes finds, and At agrees with the table that calendars use.
func TestReadingsAroundChangesOfAllZones(t *testing.T) {
	for i, name := range zones() {
		loc := location(t, name)
		table := calendarZone(loc)
		for _, year := range []int{1973 + i%40, 2026, 2040 + i%59} {
			for _, day := range changes(loc, year) {
				o := stroll(loc, day.AddDate(0, 0, -3), 5)
				for m := 24 * 60; m < 3*24*60; m += 45 {
					reading := day.AddDate(0, 0, -2).Add(time.Duration(m) * time.Minute)
					want := o.at(o.first(reading))
					got, err := At(Reading(reading.Format(minuteReading)), loc)
					require.NoError(t, err)
					require.Equal(t, want, got, "%s in %s", reading, name)
					require.Equal(t, want, table.at(wall(reading.Unix())).time(), "%s in %s", reading, name)
				}
			}
		}
	}
}

func TestMarkIsLatestReadingThatHasCome(t *testing.T) {
	for _, name := range []string{"Europe/Berlin", "Pacific/Apia", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"} {
		z := calendarZone(location(t, name))
		for at := instant(1_300_000_000); at < 1_340_000_000; at += 1799 {
			w := z.mark(at)
			require.LessOrEqual(t, z.at(w), at, name)
			require.Greater(t, z.at(w+1), at, name)
		}
	}
}

func TestClockSetBackTwice(t *testing.T) {
	var z zone
	z.add(0, 7200)
	z.add(1000, 3600)
	z.add(1500, 0)
	require.Equal(t, wall(8199), z.mark(999))
	require.Equal(t, wall(8199), z.mark(1500))
	require.Equal(t, instant(999), z.at(8199))
	require.Equal(t, instant(8200), z.at(8200), "shown again only when the clock has caught up")
}

func TestWhatIsNotAReadingIsRefused(t *testing.T) {
	for _, s := range []string{
		"", "2026-01-05", "2026-01-05T09", "2026-01-05 09:00", "2026-01-05T09:00Z", "2026-01-05T09:00:00Z", "2026-01-05T09:00+01:00",
		"2026-01-05T24:00", "2026-01-05T09:60", "2026-01-05T09:00:60", "2026-02-29T09:00", "2026-13-01T09:00", "2026-1-05T09:00",
		"2026-01-05T9:00", "2026-01-05T09:00:00.5", "2026-01-05T09:00,5", "2026-01-05T9:00:05.", "1969-12-31T23:59", "2101-01-01T00:00",
		"٢٠٢٦-01-05T09:00", "2026-01-05T09:00\x00\x00\x00", "+026-01-05T09:00",
	} {
		require.False(t, Reading(s).Valid(), "%q", s)
		_, err := ParseReading(s)
		require.Equal(t, core.Invalid, core.KindOf(err), "%q", s)
		_, err = At(Reading(s), time.UTC)
		require.Equal(t, core.Invalid, core.KindOf(err), "%q", s)
	}
	for _, s := range []string{"1970-01-01T00:00", "2100-12-31T23:59:59", "2028-02-29T09:00"} {
		r, err := ParseReading(s)
		require.NoError(t, err)
		require.Equal(t, Reading(s), r, "kept as written")
	}
}

func TestOnlyNamesOfZonesAreLocations(t *testing.T) {
	for _, s := range []string{
		"", "Local", "local", "LOCAL", "localtime", "posixrules", "+02:00", "-03", "02:00", "Z", "Europe/Atlantis", "../Europe/Berlin", "/etc/passwd",
		"right/Europe/Berlin", "posix/Europe/Berlin", "Europe/Berlin\x00", "Europe", "zone.tab", "UTC+2", "Europe/Berlin ",
		"E" + string(make([]byte, 10_000)),
	} {
		_, err := Location(s)
		require.Equal(t, core.Invalid, core.KindOf(err), "%q", s)
		require.Less(t, len(err.Error()), 500)
	}
	for _, s := range []string{"UTC", "Europe/Berlin", "Etc/GMT+2", "America/Argentina/Buenos_Aires", "Asia/Calcutta", "EST5EDT"} {
		require.Equal(t, s, location(t, s).String())
	}
}
