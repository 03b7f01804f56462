package config

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/schedules"
)

func TestExportOfTheExampleIsReadable(t *testing.T) {
	set, _ := Parse(example(t), all)
	got, err := Export(set)
	require.NoError(t, err)
	const golden = "testdata/export.yaml"
	if *update {
		require.NoError(t, os.WriteFile(golden, got, 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), string(got))
}

// objectsOnly leaves what a file and a database can both have.
func objectsOnly(s Set) Set {
	return Set{Users: s.Users, Teams: s.Teams, SupportHours: s.SupportHours, Schedules: s.Schedules, Policies: s.Policies, Sources: s.Sources, Maintenance: s.Maintenance}
}

func TestExportIsReadBackAsTheSameObjects(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set := drawSet(t)
		text, err := Export(set)
		require.NoError(t, err)
		got, problems := Parse([]File{{"export.yaml", text}}, all)
		require.Empty(t, problems, "%s\n%s", lines(problems), text)
		require.Equal(t, set, objectsOnly(got), "%s", text)

		p := Diff(set, got, DiffOptions{Prune: true})
		require.True(t, p.Empty(), "%s\n%s", p, text)
		again, err := Export(got)
		require.NoError(t, err)
		require.Equal(t, string(text), string(again))
	})
}

func TestEveryPlanLeadsToWhatTheFilesSay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawSet(t), drawSet(t)
		text, err := Export(b)
		require.NoError(t, err)
		want, problems := Parse([]File{{"export.yaml", text}}, all)
		require.Empty(t, problems, lines(problems))
		a.Origins = map[Ref]string{}
		for o := range a.objects() {
			a.Origins[o.Ref()] = "file:export.yaml:1"
		}
		p := Diff(a, want, DiffOptions{Prune: true})

		there := Index(a)
		for _, c := range p.Changes {
			_, ok := there[c.Ref]
			require.Equal(t, c.Op != Create, ok, "%s %v", c.Op, c.Ref)
			switch c.Op {
			case Delete:
				delete(there, c.Ref)
			case Update:
				there[c.Ref] = Keep(there[c.Ref], c.Want)
			case Create:
				there[c.Ref] = c.Want
			}
			for ref, o := range there {
				for _, used := range o.uses() {
					require.Contains(t, there, used, "%s %v leaves %v without %v", c.Op, c.Ref, ref, used)
				}
			}
		}
		for ref, o := range Index(want) {
			require.Empty(t, differences(there[ref], Keep(there[ref], o)), "%v", ref)
		}
	})
}

// drawSet makes a valid configuration out of all that one can hold.
func drawSet(t *rapid.T) Set {
	var s Set
	names := func(what string, most int) []string {
		common := rapid.SampledFrom([]string{"a", "b", "c"}) // so that two sets share some
		return rapid.SliceOfNDistinct(rapid.OneOf(common, drawName()), 0, most, rapid.ID[string]).Draw(t, what)
	}
	var users, teams, calendars, hours, policies, sources []string
	for i, name := range names("users", 3) {
		u := drawUser(t, fmt.Sprintf("u%d", i)+compact(name), i)
		s.Users, users = append(s.Users, u), append(users, u.Username)
	}
	some := func(what string, from []string) []string {
		if len(from) == 0 {
			return nil
		}
		return rapid.SliceOfNDistinct(rapid.SampledFrom(from), 1, len(from), rapid.ID[string]).Draw(t, what)
	}
	maybe := func(what string, from []string) []string { // nil: not set
		if rapid.Bool().Draw(t, what+" unset") {
			return nil
		}
		return append([]string{}, some(what, from)...)
	}
	for _, name := range names("teams", 2) {
		team := Team{Name: name, Private: rapid.Bool().Draw(t, "private")}
		for _, u := range some("members", users) {
			team.Members = append(team.Members, Member{u, core.Role(rapid.IntRange(0, 5).Draw(t, "role"))})
		}
		s.Teams, teams = append(s.Teams, team), append(teams, name)
	}
	for _, name := range names("hours", 2) {
		h := drawHours(t, name)
		h.TeamNames = maybe("hours' teams", teams)
		s.SupportHours, hours = append(s.SupportHours, h), append(hours, name)
	}
	for _, name := range names("schedules", 2) {
		c := drawSchedule(t, name, users)
		c.Teams, c.Conversations = maybe("schedule's teams", teams), drawConversations(t)
		s.Schedules, calendars = append(s.Schedules, c), append(calendars, name)
	}
	for i, name := range names("policies", 2) {
		p := Policy{Name: name, Repeating: rapid.Bool().Draw(t, "repeating"), Frequency: rapid.IntRange(0, 9).Draw(t, "frequency"),
			Delay: drawDuration(t, 0, time.Hour), AcceptTimeout: drawDuration(t, 0, day), Teams: maybe("policy's teams", teams)}
		if rapid.Bool().Draw(t, "routed") {
			p.RoutingKey = fmt.Sprintf("%d%s", i, drawName().Draw(t, "routing key"))
		}
		for range rapid.IntRange(0, 3).Draw(t, "rules") {
			p.Rules = append(p.Rules, Rule{drawDuration(t, time.Second, 30*day), some("users", users), some("schedules", calendars), some("teams", teams)})
		}
		s.Policies, policies = append(s.Policies, p), append(policies, name)
	}
	if len(policies) > 0 {
		for i, name := range names("sources", 2) {
			x := drawSource(t, name, i, hours)
			x.Policy = rapid.SampledFrom(policies).Draw(t, "policy")
			x.Teams, x.Conversations = maybe("source's teams", teams), drawConversations(t)
			s.Sources, sources = append(s.Sources, x), append(sources, name)
		}
	}
	if len(sources) > 0 {
		for _, name := range names("windows", 2) {
			s.Maintenance = append(s.Maintenance, drawMaintenance(t, name, sources))
		}
	}
	return s
}

// drawName draws what looks like YAML, like nothing, or like anything.
func drawName() *rapid.Generator[string] {
	odd := rapid.SampledFrom([]string{"true", "null", "~", "12", "0x1f", "1e3", "- a", "a: b", "#x", "a #b", "{a}", "[a", "&a", "*a", "!a", "|", ">",
		"%", "@a", "`", "'", "\"", "\\", "a'b\"c", "x,y", "?", ": ", "yes", "2026-01-05", "09:00", "ümlaut", "日本", "👩‍🚀", "a\u200bb", "<<", "---", "...", "=", "a\u2028b", "-", "-1", ".5", "NaN", ".inf"})
	free := rapid.StringN(1, 20, 60)
	return rapid.OneOf(odd, free, rapid.StringMatching(`[a-z][a-z0-9-]{0,12}`)).Filter(func(s string) bool { return lineProblem(s) == "" && s != "" })
}

func compact(s string) string {
	out := []rune{}
	for _, r := range s {
		if r > ' ' && r < 127 {
			out = append(out, r)
		}
	}
	return string(out)
}

func drawText(t *rapid.T, what string) string {
	if rapid.Bool().Draw(t, "no "+what) {
		return ""
	}
	return drawName().Draw(t, what)
}

func drawDuration(t *rapid.T, least, most time.Duration) time.Duration {
	return time.Duration(rapid.Int64Range(int64(least/time.Second), int64(most/time.Second)).Draw(t, "duration")) * time.Second
}

func drawUser(t *rapid.T, name string, i int) User {
	u := User{Username: name, FirstName: drawText(t, "first name"), LastName: drawText(t, "last name"), Position: drawText(t, "position"),
		Timezone: rapid.SampledFrom([]string{"UTC", "Europe/Lisbon", "America/New_York"}).Draw(t, "zone"),
		Role:     rapid.SampledFrom([]core.Role{core.Responder, core.RoleUser, core.Admin}).Draw(t, "role")}
	if rapid.Bool().Draw(t, "mail") {
		u.Email = fmt.Sprintf("u%d@example.com", i)
	}
	for _, platform := range rapid.SliceOfDistinct(rapid.SampledFrom(all.Known), rapid.ID[string]).Draw(t, "platforms") {
		if u.Identities == nil {
			u.Identities = map[string]string{}
		}
		u.Identities[platform] = fmt.Sprintf("%d%s", i, drawName().Draw(t, "account"))
	}
	if rapid.Bool().Draw(t, "notify") {
		u.Notify = []core.Notify{}
		for range rapid.IntRange(0, 3).Draw(t, "steps") {
			u.Notify = append(u.Notify, drawNotify(t))
		}
	}
	return u
}

func drawNotify(t *rapid.T) (n core.Notify) {
	if rapid.Bool().Draw(t, "repeat") {
		n = core.Notify{Every: drawDuration(t, time.Second, day), Times: rapid.IntRange(1, 100).Draw(t, "times")}
	} else {
		n = core.Notify{After: drawDuration(t, 0, day)}
	}
	if by := rapid.SliceOfDistinct(rapid.SampledFrom(all.Known), rapid.ID[string]).Draw(t, "by"); len(by) > 0 {
		n.By = by
	}
	return n
}

var clock = rapid.StringMatching(`(0[0-9]|1[0-9]|2[0-3]):[0-5][0-9]`)

func drawHours(t *rapid.T, name string) (h SupportHours) {
	h.Name, h.Timezone = name, "Europe/Berlin"
	for i := range 7 {
		if rapid.Bool().Draw(t, "open") {
			h.Days = append(h.Days, schedules.SupportDay{Day: time.Weekday((i + 1) % 7), Start: clock.Draw(t, "start"), End: clock.Draw(t, "end")})
		}
	}
	for range rapid.IntRange(0, 2).Draw(t, "exceptions") {
		h.Exceptions = append(h.Exceptions, schedules.Exception{Name: drawText(t, "exception"), Start: "2026-12-24", End: "2026-12-26",
			Status: rapid.SampledFrom([]schedules.SupportStatus{"", schedules.Outside}).Draw(t, "status")})
	}
	return h
}

func drawSchedule(t *rapid.T, name string, users []string) Schedule {
	s := Schedule{Name: name, Timezone: "America/New_York", Kind: rapid.SampledFrom([]schedules.Kind{schedules.Recurring, schedules.Static}).Draw(t, "kind")}
	if len(users) == 0 {
		return s
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "parts") {
		if s.Kind == schedules.Static {
			s.Shifts = append(s.Shifts, Shift{rapid.SampledFrom(users).Draw(t, "who"),
				schedules.Reading(fmt.Sprintf("2026-0%d-01T09:00", i+1)), schedules.Reading(fmt.Sprintf("2026-0%d-02T09:00:30", i+1))})
			continue
		}
		l := Layer{Name: drawText(t, "layer"), StartsOn: "2026-01-05T09:00", Rotation: rapid.SampledFrom([]string{"P7D", "PT8H", "P1M"}).Draw(t, "rotation"),
			Users: rapid.SliceOfN(rapid.SampledFrom(users), 1, 4).Draw(t, "turns")}
		if rapid.Bool().Draw(t, "ends") {
			l.EndsOn = "2027-01-05T09:00"
		}
		for range rapid.IntRange(0, 2).Draw(t, "restrictions") {
			at := func() schedules.WeekTime {
				return schedules.WeekTime{Day: time.Weekday(rapid.IntRange(0, 6).Draw(t, "day")), Time: clock.Draw(t, "time")}
			}
			l.Restrictions = append(l.Restrictions, schedules.Restriction{From: at(), To: at()})
		}
		s.Layers = append(s.Layers, l)
	}
	return s
}

func drawConversations(t *rapid.T) []Conversation {
	if rapid.Bool().Draw(t, "conversations unset") {
		return nil
	}
	one := rapid.Custom(func(t *rapid.T) Conversation {
		return Conversation{rapid.SampledFrom(all.Known).Draw(t, "platform"), drawName().Draw(t, "name")}
	})
	return append([]Conversation{}, rapid.SliceOfNDistinct(one, 0, 3, rapid.ID[Conversation]).Draw(t, "conversations")...)
}

func drawSource(t *rapid.T, name string, i int, hours []string) Source {
	s := Source{Name: name, Type: rapid.SampledFrom(IntegrationTypes()).Draw(t, "type"), AutoResolve: drawDuration(t, 0, 30*day),
		Creation:     core.Creation(rapid.SampledFrom(creationWords[:len(creationWords)-1]).Draw(t, "creation")),
		PriorityRule: core.PriorityRule(rapid.SampledFrom(priorityWords[:2]).Draw(t, "rule")),
		AutoRaise:    rapid.Bool().Draw(t, "raise"), Severity: rapid.IntRange(0, 5).Draw(t, "severity"),
		Inactive: rapid.Bool().Draw(t, "inactive"), Shadow: rapid.Bool().Draw(t, "shadow")}
	if s.Creation == core.PerWindow {
		s.Window = drawDuration(t, time.Second, day)
	}
	if rapid.Bool().Draw(t, "key") {
		s.Key = core.Secret(fmt.Sprintf("%d-%s-0123456789", i, rapid.StringMatching(`[!-~]{0,20}`).Draw(t, "key")))
	}
	if len(hours) > 0 {
		s.SupportHours = rapid.SampledFrom(hours).Draw(t, "hours")
		s.PriorityRule = core.PriorityRule(rapid.SampledFrom(priorityWords).Draw(t, "rule by hours"))
	}
	return s
}

func drawMaintenance(t *rapid.T, name string, sources []string) Maintenance {
	start := time.Date(2026, 10, 25, 0, 0, 0, 0, time.UTC).Add(drawDuration(t, 0, 2*day)) // over a change of clocks
	m := Maintenance{Name: name, Description: drawText(t, "description"), Timezone: rapid.SampledFrom([]string{"UTC", "Europe/Berlin", "America/New_York"}).Draw(t, "zone"),
		Start: start, End: start.Add(drawDuration(t, time.Second, day)), Sources: rapid.SliceOfNDistinct(rapid.SampledFrom(sources), 1, len(sources), rapid.ID[string]).Draw(t, "maintained")}
	if rapid.Bool().Draw(t, "lines") {
		m.Description = "one\n\ttwo \u00e4\n"
	}
	return m
}
