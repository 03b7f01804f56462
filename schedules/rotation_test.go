package schedules

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestPeriods(t *testing.T) {
	for s, want := range map[string]rotation{
		"PT1H": {0, 3600}, "PT60M": {0, 3600}, "PT3600S": {0, 3600}, "PT90M": {0, 5400}, "PT7H": {0, 25_200}, "PT1H30M": {0, 5400},
		"P1D": {0, 86_400}, "PT24H": {0, 86_400}, "P7D": {0, 604_800}, "P1W": {0, 604_800}, "P2W": {0, 1_209_600}, "P1W2D": {0, 777_600},
		"P1M": {1, 0}, "P3M": {3, 0}, "P1Y": {12, 0}, "P12M": {12, 0}, "P1DT12H": {0, 129_600}, "P366D": {0, 31_622_400}, "P1M1DT1M": {1, 86_460},
	} {
		r, err := parseRotation(s)
		require.NoError(t, err, s)
		require.Equal(t, want, r, s)
	}
	for _, s := range []string{
		"", "P", "PT", "P1DT", "1D", "D", "p1d", "P1d", "P-1D", "-P1D", "P+1D", "P1.5D", "P1,5D", "PT1H30", "PD", "P1D1D", "P1D1M", "PT1M1H", "P1H", "PT1D",
		"P1DT1HT1M", "P0D", "PT0H", "PT59M", "PT3599S", "PT1H1S", "P367D", "P13M", "P2Y", "P53W", "P1Y1D", "P11M40D", "PT8785H",
		"P99999999999999999999D", "P2147483647D", "P2147483647Y", "P2147483648D", "weekly", "P1D ", " P1D", "P٣D",
	} {
		_, err := parseRotation(s)
		require.Error(t, err, "%q", s)
	}
}

func TestMonthsAreCountedFromTheStart(t *testing.T) {
	s := recurring("Europe/Berlin", turning("2027-01-31T09:00", "P1M", ana, ben))
	var starts []string
	for _, shift := range compiled(t, s).Shifts(instantAt(t, "2027-01-31T08:00Z"), instantAt(t, "2028-03-01T00:00Z")) {
		starts = append(starts, shift.Start.In(location(t, "Europe/Berlin")).Format("01-02 15:04"))
	}
	require.Equal(t, []string{"01-31 09:00", "02-28 09:00", "03-31 09:00", "04-30 09:00", "05-31 09:00", "06-30 09:00", "07-31 09:00",
		"08-31 09:00", "09-30 09:00", "10-31 09:00", "11-30 09:00", "12-31 09:00", "01-31 09:00", "02-29 09:00"}, starts)
}

func TestTurnIsTheOneThatRuns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"PT1H", "PT90M", "P1D", "P1W", "P1M", "P3M", "P1Y", "P1M1DT1H", "P11M30D"}).Draw(t, "rotation")
		r, err := parseRotation(name)
		require.NoError(t, err)
		start := time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 60*365*24).Draw(t, "start")) * time.Hour)
		s := turns{wall(start.Unix()), r}
		w := s.start + wall(rapid.Int64Range(0, 71*365*daySeconds).Draw(t, "after"))
		k := s.turn(w)
		require.GreaterOrEqual(t, k, int64(0))
		require.LessOrEqual(t, s.reading(k), w)
		require.Greater(t, s.reading(k+1), w)
	})
}

func TestHandoffsAfterDecadesAreWhereTheyWouldBe(t *testing.T) {
	c := compiled(t, recurring("Europe/Berlin", turning("1970-01-01T06:00", "PT8H", ana, ben, cleo)))
	s, ok := c.OnCall(instantAt(t, "2099-07-01T00:00Z"))
	require.True(t, ok)
	require.Equal(t, "2099-06-30T20:00:00Z", s.Start.Format(time.RFC3339)) // 22:00 in summer
	require.Equal(t, "2099-07-01T04:00:00Z", s.End.Format(time.RFC3339))
	days := int64(time.Date(2099, 6, 30, 0, 0, 0, 0, time.UTC).Unix() / daySeconds)
	require.Equal(t, 3*days+2, s.Turn)
}
