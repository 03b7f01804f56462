package schedules

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
)

func paths(problems []Problem) []string {
	var out []string
	for _, p := range problems {
		out = append(out, p.Path)
	}
	return out
}

func TestValidScheduleHasNoProblems(t *testing.T) {
	require.Empty(t, Validate(weekends()))
	require.Empty(t, Validate(recurring("UTC")), "nobody yet")
	require.Empty(t, Validate(Schedule{Name: "x", Timezone: "UTC", Kind: Static}))
	unnamed := turning("1970-01-01T00:00:00", "P1Y", ana)
	unnamed.Name, unnamed.EndsOn = "", "2100-12-31T23:59"
	unnamed.Restrictions = []Restriction{window(time.Monday, "00:00", time.Sunday, "24:00"), window(time.Friday, "12:00", time.Friday, "12:00")}
	require.Empty(t, Validate(recurring("Etc/GMT+2", unnamed)))
	full := turning("2026-01-05T09:00", "P1D", make([]core.UserID, maxUsers)...)
	for i := range full.Users {
		full.Users[i] = ana
	}
	require.Empty(t, Validate(recurring("UTC", full)))
}

func TestWhatCanNeverWorkIsRefusedWithItsPlace(t *testing.T) {
	layer := func(change func(*Layer)) func(*Schedule) {
		return func(s *Schedule) { change(&s.Layers[1]) }
	}
	static := func(shifts ...StaticShift) func(*Schedule) {
		return func(s *Schedule) { s.Kind, s.Layers, s.Shifts = Static, nil, shifts }
	}
	for want, change := range map[string]func(*Schedule){
		"name":                               func(s *Schedule) { s.Name = strings.Repeat("ü", 256) },
		"name ":                              func(s *Schedule) { s.Name = "" },
		"name  ":                             func(s *Schedule) { s.Name = " \t" },
		"name   ":                            func(s *Schedule) { s.Name = "\xff" },
		"timezone":                           func(s *Schedule) { s.Timezone = "+02:00" },
		"type":                               func(s *Schedule) { s.Kind = "WEEKLY" },
		"shifts":                             func(s *Schedule) { s.Shifts = []StaticShift{{ana, "2026-01-05T09:00", "2026-01-05T10:00"}} },
		"scheduleLayers":                     func(s *Schedule) { s.Kind = Static },
		"scheduleLayers ":                    func(s *Schedule) { s.Layers = repeat(s.Layers[0], 101) },
		"shifts ":                            static(repeat(StaticShift{}, 10_001)...),
		"shifts[1].end":                      static(StaticShift{ana, "2026-01-05T09:00", "2026-01-05T10:00"}, StaticShift{ana, "2026-01-05T09:00", "2026-01-05T09:00"}),
		"shifts[0].end ":                     static(StaticShift{ana, "2026-01-05T09:00", "2026-01-05T08:00"}),
		"shifts[0]":                          static(StaticShift{ana, "2026-03-29T02:10", "2026-03-29T02:50"}), // skipped whole
		"shifts[0].start":                    static(StaticShift{ana, "2026-01-05T09:00Z", "2026-01-05T10:00"}),
		"shifts[0].end":                      static(StaticShift{ana, "2026-01-05T09:00", ""}),
		"shifts[0].user":                     static(StaticShift{0, "2026-01-05T09:00", "2026-01-05T10:00"}),
		"shifts[1]":                          static(StaticShift{ana, "2026-01-05T09:00", "2026-01-05T10:00"}, StaticShift{ana, "2026-01-05T09:59:59", "2026-01-05T11:00"}),
		"shifts[2]":                          static(StaticShift{ana, "2026-01-05T12:00", "2026-01-05T13:00"}, StaticShift{ben, "2026-01-05T09:00", "2026-01-05T20:00"}, StaticShift{ben, "2026-01-05T22:00", "2026-01-05T23:00"}),
		"[1].name":                           layer(func(l *Layer) { l.Name = strings.Repeat("x", 256) }),
		"[1].startsOn":                       layer(func(l *Layer) { l.StartsOn = "" }),
		"[1].startsOn ":                      layer(func(l *Layer) { l.StartsOn = "2026-01-05T09:00:30" }),
		"[1].startsOn  ":                     layer(func(l *Layer) { l.StartsOn = "1969-01-05T09:00" }),
		"[1].endsOn":                         layer(func(l *Layer) { l.EndsOn = l.StartsOn }),
		"[1].endsOn ":                        layer(func(l *Layer) { l.EndsOn = "2101-01-01T00:00" }),
		"[1].rotation":                       layer(func(l *Layer) { l.Rotation = "PT30M" }),
		"[1].rotation ":                      layer(func(l *Layer) { l.Rotation = "" }),
		"[1].users":                          layer(func(l *Layer) { l.Users = nil }),
		"[1].users ":                         layer(func(l *Layer) { l.Users = repeat(ana, 10_001) }),
		"[1].users[1]":                       layer(func(l *Layer) { l.Users = []core.UserID{ana, -1} }),
		"[1].restrictions":                   layer(func(l *Layer) { l.Restrictions = repeat(l.Restrictions[0], 101) }),
		"[1].restrictions[0].from.time":      layer(func(l *Layer) { l.Restrictions[0].From.Time = "8:00" }),
		"[1].restrictions[0].from.time ":     layer(func(l *Layer) { l.Restrictions[0].From.Time = "24:00" }),
		"[1].restrictions[0].to.time":        layer(func(l *Layer) { l.Restrictions[0].To.Time = "24:01" }),
		"[1].restrictions[0].to.time ":       layer(func(l *Layer) { l.Restrictions[0].To.Time = "08:00:30" }),
		"[1].restrictions[0].from.dayOfWeek": layer(func(l *Layer) { l.Restrictions[0].From.Day = 7 }),
		"[1].restrictions[0].to.dayOfWeek":   layer(func(l *Layer) { l.Restrictions[0].To.Day = -1 }),
	} {
		s := weekends()
		s.Timezone = "Europe/Berlin"
		change(&s)
		want = strings.TrimSpace(want)
		if strings.HasPrefix(want, "[") {
			want = "scheduleLayers" + want
		}
		switch problems := Validate(s); want {
		case "shifts", "shifts[2]": // the long list is wrong in each, the middle shift overlaps the first
			require.NotEmpty(t, problems, want)
		default:
			require.Equal(t, []string{want}, paths(problems), "%v", problems)
		}
		if want != "name" {
			_, err := Compile(s)
			require.Equal(t, core.Invalid, core.KindOf(err), want)
		}
	}
}

func repeat[T any](v T, n int) []T {
	out := make([]T, n)
	for i := range out {
		out[i] = v
	}
	return out
}

func TestEveryProblemIsReported(t *testing.T) {
	s := recurring("Mars/Phobos", turning("nonsense", "P0D"), restricted(turning("2026-01-05T09:00", "P1D", 0), Restriction{}))
	s.Name = ""
	require.Equal(t, []string{"name", "timezone", "scheduleLayers[0].startsOn", "scheduleLayers[0].rotation", "scheduleLayers[0].users",
		"scheduleLayers[1].users[0]", "scheduleLayers[1].restrictions[0].from.time", "scheduleLayers[1].restrictions[0].to.time"}, paths(Validate(s)))
}

func TestOverlapNamesBothShifts(t *testing.T) {
	s := Schedule{Name: "x", Timezone: "Europe/Berlin", Kind: Static, Shifts: []StaticShift{
		{ana, "2026-01-07T09:00", "2026-01-08T09:00"}, {ben, "2026-01-05T09:00", "2026-01-09T09:00"}, {cleo, "2026-01-08T09:00", "2026-01-08T10:00"}}}
	require.Equal(t, []Problem{
		{"shifts[1]", "The shift from 2026-01-05T09:00 to 2026-01-09T09:00 overlaps shifts[0], from 2026-01-07T09:00 to 2026-01-08T09:00."},
		{"shifts[2]", "The shift from 2026-01-08T09:00 to 2026-01-08T10:00 overlaps shifts[1], from 2026-01-05T09:00 to 2026-01-09T09:00."},
	}, Validate(s))
}

func TestProblemsShowHostileTextEscapedAndShort(t *testing.T) {
	s := recurring("Europe/Berlin", turning("2026-01-05T09:00", "P\x1b[31m\n"+strings.Repeat("x", 100_000), ana))
	problems := Validate(s)
	require.Len(t, problems, 1)
	require.Less(t, len(problems[0].Text), 300)
	require.NotContains(t, problems[0].Text, "\n")
	require.NotContains(t, problems[0].Text, "\x1b")
}

func TestOverridesThatCanNeverWork(t *testing.T) {
	start := instantAt(t, "2026-01-05T09:00Z")
	require.Empty(t, ValidateOverride(Override{User: ana, Start: start, End: start.AddDate(1, 0, 0)}))
	require.Equal(t, []string{"user", "end"}, paths(ValidateOverride(Override{Start: start, End: start})))
	require.Equal(t, []string{"end"}, paths(ValidateOverride(Override{User: ana, Start: start, End: start.Add(time.Millisecond)})))
	require.Equal(t, []string{"end"}, paths(ValidateOverride(Override{User: ana, Start: start, End: start.AddDate(1, 0, 0).Add(time.Second)})))
	require.Equal(t, []string{"start"}, paths(ValidateOverride(Override{User: ana, Start: instantAt(t, "1969-12-31T23:00Z"), End: instantAt(t, "1970-01-01T00:00Z")})))
}

func TestWhoNeverComesUpIsNamed(t *testing.T) {
	weekdays := window(time.Monday, "00:00", time.Friday, "24:00")
	users := func(n int) (list []core.UserID) {
		for i := range n {
			list = append(list, core.UserID(i+1))
		}
		return list
	}
	for n, want := range map[int][]core.UserID{5: nil, 6: nil, 7: {6, 7}, 8: nil, 14: {6, 7, 13, 14}} {
		s := recurring("Europe/Berlin", turning("2026-01-05T09:00", "P1W", users(n)...),
			restricted(turning("2026-01-05T00:00", "P1D", users(n)...), weekdays))
		unseen := FindUnseen(s)
		if want == nil {
			require.Empty(t, unseen, "%d people", n)
			continue
		}
		require.Equal(t, []Unseen{{2, "layer", want}}, unseen, "%d people", n)
	}
	s := recurring("Europe/Berlin", restricted(turning("2026-01-05T00:00", "P1D", 1, 2, 3, 4, 5, 6, 5), weekdays))
	warnings := Warnings(s)
	require.Len(t, warnings, 1)
	require.Contains(t, warnings[0], `Layer 1 ("layer"): user 6 never comes up`)
	require.NotContains(t, warnings[0], "user 5")
	require.Empty(t, Warnings(weekends()))
}

func TestWeekTimesOnTheWire(t *testing.T) {
	b, err := json.Marshal(window(time.Sunday, "08:00", time.Monday, "24:00"))
	require.NoError(t, err)
	require.JSONEq(t, `{"from":{"dayOfWeek":"SUNDAY","time":"08:00"},"to":{"dayOfWeek":"MONDAY","time":"24:00"}}`, string(b))
	var r Restriction
	require.NoError(t, json.Unmarshal(b, &r))
	require.Equal(t, window(time.Sunday, "08:00", time.Monday, "24:00"), r)
	for _, day := range []string{`"FUNDAY"`, `""`, `1`} {
		require.Error(t, json.Unmarshal(fmt.Appendf(nil, `{"from":{"dayOfWeek":%s,"time":"08:00"}}`, day), &r))
	}
}
