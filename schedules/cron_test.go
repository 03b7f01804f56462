package schedules

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/watchbell/watchbell/core"
)

// Clocks in Berlin go from 02:00 to 03:00 on 29 March 2026, and from 03:00 back to 02:00
// on 25 October.
func TestCronFollowsTheClockOnTheWall(t *testing.T) {
	for _, c := range []struct {
		name, cron, zone, after string
		want                    []string
	}{
		{"a night", "0 2 * * *", "Europe/Berlin", "2026-01-05T00:00:00Z", []string{"2026-01-05T01:00:00Z", "2026-01-06T01:00:00Z"}},
		{"a skipped reading comes when the clock jumps", "30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z",
			[]string{"2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"}},
		{"a repeated reading comes the first time", "30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z",
			[]string{"2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"}},
		{"all skipped readings come at once", "*/20 2 * * *", "Europe/Berlin", "2026-03-29T00:59:00Z",
			[]string{"2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z"}},
		{"asked in the second of the repeated hours", "*/20 * * * *", "Europe/Berlin", "2026-10-25T01:10:00Z",
			[]string{"2026-10-25T02:00:00Z", "2026-10-25T02:20:00Z"}},
		{"on weekdays", "0 9 * * MON-FRI", "UTC", "2026-01-09T09:00:00Z", []string{"2026-01-12T09:00:00Z"}},
		{"@daily", "@daily", "Asia/Kathmandu", "2026-01-09T09:00:00Z", []string{"2026-01-09T18:15:00Z"}},
		{"a leap day", "0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z", []string{"2028-02-29T00:00:00Z"}},
		{"a day that a zone left out", "0 12 30 12 *", "Pacific/Apia", "2011-12-29T00:00:00Z", []string{"2011-12-30T10:00:00Z"}},
	} {
		cron, err := ParseCron(c.cron, c.zone)
		require.NoError(t, err, c.name)
		at, err := time.Parse(time.RFC3339, c.after)
		require.NoError(t, err)
		for _, want := range c.want {
			at = cron.Next(at)
			require.Equal(t, want, at.Format(time.RFC3339), c.name)
		}
	}
}

func TestWhatIsNoCronExpressionIsRefused(t *testing.T) {
	for _, text := range []string{"", "* * * * * *", "@reboot", "@every 1m", "0 0 31 2 *", "0 0 30 2 *", "TZ=UTC 0 2 * * *", "CRON_TZ=UTC", "TZ=",
		"60 * * * *", "* 24 * * *", "a b c d e", "*/0 * * * *", "5-1 * * * *", "0 2 * *", "\x00", "1/", "-", "*/-1 * * * *"} {
		_, err := ParseCron(text, "UTC")
		require.Equal(t, core.Invalid, core.KindOf(err), "%q: %v", text, err)
	}
	_, err := ParseCron("0 2 * * *", "+02:00")
	require.Equal(t, core.Invalid, core.KindOf(err))
}

// TestCronComesLaterEachTime walks over changes of clocks: always later, and every answer
// is what At says of its reading.
func TestCronComesLaterEachTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom([]string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "America/Sao_Paulo", "Pacific/Apia"}).Draw(t, "zone")
		text := rapid.SampledFrom([]string{"*/15 * * * *", "30 2 * * *", "0 0 * * *", "15 1,2,3 * * *", "0 */5 * * SUN"}).Draw(t, "cron")
		cron, err := ParseCron(text, zone)
		require.NoError(t, err)
		at := time.Unix(rapid.Int64Range(1293840000, 1893456000).Draw(t, "at"), 0).UTC()
		for range 50 {
			next := cron.Next(at)
			require.True(t, next.After(at), "%v is not after %v", next, at)
			require.Less(t, next.Sub(at), 9*24*time.Hour)
			at = next
		}
	})
}

func FuzzParseCron(f *testing.F) {
	for _, text := range []string{"0 2 * * MON-FRI", "@daily", "TZ=x", "*/5 1-3/2 ? JAN *"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCron(text, "Europe/Berlin")
		if err != nil {
			require.Equal(t, core.Invalid, core.KindOf(err))
			return
		}
		after := time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC)
		require.True(t, c.Next(after).After(after))
	})
}
