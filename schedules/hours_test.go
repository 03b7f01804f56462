package schedules

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/watchbell/watchbell/core"
)

func hoursOf(t require.TestingT, s SupportHours) *Hours {
	h, err := CompileHours(s)
	require.NoError(t, err)
	return h
}

func office(zone string) SupportHours {
	s := SupportHours{Name: "office", Timezone: zone}
	for d := time.Monday; d <= time.Friday; d++ {
		s.Days = append(s.Days, SupportDay{d, "09:00", "17:00"})
	}
	return s
}

func TestSupportHoursOfTheWeek(t *testing.T) {
	s := office("Europe/Berlin")
	s.Days[4] = SupportDay{time.Friday, "22:00", "06:00"}
	s.Days = append(s.Days, SupportDay{time.Sunday, "12:00", "12:00"})
	h := hoursOf(t, s)
	for at, want := range map[string]bool{
		"2026-01-06T07:59:59Z": false, "2026-01-06T08:00Z": true, "2026-01-06T15:59Z": true, "2026-01-06T16:00Z": false,
		"2026-01-09T12:00Z": false, "2026-01-09T21:00Z": true, "2026-01-10T04:59Z": true, "2026-01-10T05:00Z": false,
		"2026-01-11T11:00Z": true, "2026-01-12T10:59Z": true, "2026-01-12T11:30Z": true, "2026-01-12T16:00Z": false, // Sunday's 24 hours end in Monday's
		"2026-07-07T07:00Z": true, "2026-07-07T06:59Z": false,
	} {
		require.Equal(t, want, h.Contains(instantAt(t, at)), at)
	}
}

func TestLastExceptionDecides(t *testing.T) {
	s := office("Europe/Berlin")
	s.Exceptions = []Exception{
		{Name: "holidays", Start: "2026-12-24", End: "2026-12-26", Status: Outside},
		{Name: "launch", Start: "2026-12-25T10:00", End: "2026-12-25T12:00"},
		{Name: "stocktaking", Start: "2026-12-27", End: "2026-12-27T12:00", Status: During},
	}
	h := hoursOf(t, s)
	for at, want := range map[string]bool{
		"2026-12-23T12:00Z": true, "2026-12-24T12:00Z": false, "2026-12-25T08:59Z": false, "2026-12-25T09:00Z": true, "2026-12-25T11:00Z": false,
		"2026-12-26T22:59Z": false, "2026-12-26T23:00Z": true, "2026-12-27T11:00Z": false, "2026-12-28T08:00Z": true,
	} {
		require.Equal(t, want, h.Contains(instantAt(t, at)), at)
	}
	var edges []string
	at := instantAt(t, "2026-12-23T12:00Z")
	for range 7 {
		next, ok := h.NextEdge(at)
		require.True(t, ok)
		edges, at = append(edges, next.Format("02T15:04Z")), next
	}
	require.Equal(t, []string{"23T16:00Z", "25T09:00Z", "25T11:00Z", "26T23:00Z", "27T11:00Z", "28T08:00Z", "28T16:00Z"}, edges)
}

func TestHoursThatNeverChangeHaveNoEdge(t *testing.T) {
	always := SupportHours{Timezone: "Europe/Berlin"}
	_, ok := hoursOf(t, always).NextEdge(instantAt(t, "2026-01-01T00:00Z"))
	require.False(t, ok, "nobody ever")
	for d := time.Sunday; d <= time.Saturday; d++ {
		always.Days = append(always.Days, SupportDay{d, "00:00", "24:00"})
	}
	h := hoursOf(t, always)
	require.True(t, h.Contains(instantAt(t, "2026-03-29T01:00Z")))
	_, ok = h.NextEdge(instantAt(t, "2026-01-01T00:00Z"))
	require.False(t, ok, "always")

	s := office("Europe/Berlin")
	s.Exceptions = []Exception{{Start: "1990-01-01", End: "2090-12-31", Status: Outside}}
	next, ok := hoursOf(t, s).NextEdge(instantAt(t, "1990-01-01T12:00Z"))
	require.True(t, ok)
	require.Equal(t, "2091-01-01T08:00:00Z", next.Format(time.RFC3339), "however far ahead")
}

func TestHoursAgreeWithMinuteWalk(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone, o := drawWalk(t)
		s := SupportHours{Timezone: zone}
		l := Layer{Users: []core.UserID{ana}}
		for d := time.Sunday; d <= time.Saturday; d++ {
			if rapid.Bool().Draw(t, "day") {
				from, to := drawWeekTime(t, "from").Time, drawWeekTime(t, "to").Time
				s.Days = append(s.Days, SupportDay{d, from, to})
				until := WeekTime{d, to}
				if sinceMidnight(to) <= sinceMidnight(from) {
					until.Day = (d + 1) % 7
				}
				l.Restrictions = append(l.Restrictions, Restriction{WeekTime{d, from}, until})
			}
		}
		inside := make([]bool, len(o.shows))
		if len(l.Restrictions) > 0 {
			inside = o.windows(l)
		}
		for range rapid.IntRange(0, 3).Draw(t, "exceptions") {
			start := drawReading(t, o.at(len(o.shows)/2), 3, "start")
			end := Reading(readingTime(start).Add(time.Duration(rapid.IntRange(1, 3000).Draw(t, "length")) * time.Minute).Format(minuteReading))
			status := rapid.SampledFrom([]SupportStatus{During, Outside}).Draw(t, "status")
			s.Exceptions = append(s.Exceptions, Exception{Start: string(start), End: string(end), Status: status})
			for m := o.first(readingTime(start)); m < o.first(readingTime(end)); m++ {
				inside[m] = status == During
			}
		}
		h := hoursOf(t, s)
		next := -1
		for m := len(inside) - margin*24*60; m >= margin*24*60; m-- {
			if got := h.Contains(o.at(m)); got != inside[m] {
				t.Fatalf("at %s in %s: got %v, want %v", o.at(m), zone, got, inside[m])
			}
			if inside[m] != inside[m+1] {
				next = m + 1
			}
			if next > 0 && m%97 == 0 {
				edge, ok := h.NextEdge(o.at(m))
				require.True(t, ok)
				require.Equal(t, o.at(next), edge, "edge after %s in %s", o.at(m), zone)
			}
		}
	})
}

func TestSupportHoursThatCanNeverWork(t *testing.T) {
	require.Empty(t, ValidateHours(office("Europe/Berlin")))
	s := SupportHours{Timezone: "Local", Days: SupportDays{
		{time.Monday, "24:00", "25:00"}, {time.Monday, "09:00", "17:00"}, {9, "09:00", "17:00"}, {time.Tuesday, "", ""}},
		Exceptions: []Exception{{Start: "2026-12-24", End: "2026-12-23"}, {Start: "24.12.2026", End: "2026-12-24T25:00", Status: "MAYBE"},
			{Start: "2026-12-24T10:00", End: "2026-12-24T10:00"}, {Start: "2026-12-24T10:00:10", End: "2026-12-24"}}}
	require.Equal(t, []string{"name", "timezone", "supportDays.MONDAY.start", "supportDays.MONDAY.end", "supportDays.MONDAY", "supportDays",
		"supportDays.TUESDAY.start", "supportDays.TUESDAY.end", "exceptions[0].end", "exceptions[1].supportStatus", "exceptions[1].start",
		"exceptions[1].end", "exceptions[2].end", "exceptions[3].start"}, paths(ValidateHours(s)))
	_, err := CompileHours(s)
	require.Equal(t, core.Invalid, core.KindOf(err))
	s.Timezone = "UTC"
	_, err = CompileHours(s)
	require.Equal(t, core.Invalid, core.KindOf(err))
}

func TestSupportHoursOnTheWire(t *testing.T) {
	s := office("Europe/Berlin")
	s.Days = SupportDays{{time.Sunday, "12:00", "12:00"}, {time.Monday, "09:00", "17:00"}}
	s.Exceptions = []Exception{{Name: "off", Start: "2026-12-24", End: "2026-12-26", Status: Outside}}
	b, err := json.Marshal(s)
	require.NoError(t, err)
	require.Equal(t, `{"id":0,"name":"office","timezone":"Europe/Berlin","supportDays":{"MONDAY":{"start":"09:00","end":"17:00"},`+
		`"SUNDAY":{"start":"12:00","end":"12:00"}},"exceptions":[{"name":"off","start":"2026-12-24","end":"2026-12-26","supportStatus":"OUTSIDE"}]}`, string(b))
	var back SupportHours
	require.NoError(t, json.Unmarshal(b, &back))
	require.Equal(t, SupportDays{{time.Monday, "09:00", "17:00"}, {time.Sunday, "12:00", "12:00"}}, back.Days)
	require.NoError(t, json.Unmarshal([]byte(`{"MONDAY":null}`), &back.Days))
	require.Empty(t, back.Days)
	for _, bad := range []string{`{"FUNDAY":{}}`, `{"MONDAY":{"start":"1","end":"2"},"monday":{"start":"1","end":"2"}}`, `[]`, `{"MONDAY":7}`} {
		require.Error(t, json.Unmarshal([]byte(bad), &back.Days), bad)
	}
}
