package config

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
)

func TestProblemsReadFileLineColumnPathProblem(t *testing.T) {
	_, problems := parseText(t, webOnly, "users:\n  - {username: ana, roel: ADMIN}\n")
	require.Equal(t, "team.yaml:2:21: users[0].roel: There is no key “roel” here. Did you mean role?", problems[0].String())
}

func TestSeveralFilesAreOneConfiguration(t *testing.T) {
	people := File{"people.yaml", []byte("users:\n  - {username: ana}\n")}
	rules := File{"rules.yaml", []byte("---\nescalationPolicies:\n  - {name: p, escalationRules: [{escalationTimeout: 5, user: ana}]}\n---\nusers:\n  - {username: ben}\n")}
	set, problems := Parse([]File{rules, people}, webOnly)
	require.Empty(t, problems)
	require.Equal(t, []string{"rules.yaml", "people.yaml"}, set.Files)
	require.Equal(t, []string{"ben", "ana"}, []string{set.Users[0].Username, set.Users[1].Username})
	require.Equal(t, Position{"people.yaml", 2, 5}, set.Positions[Ref{Users, "ana"}])

	_, problems = Parse([]File{rules, people, {"more.yaml", []byte("users: [{username: ana}]\nwebchat: {}\n")}, {"web.yaml", []byte("webchat: {}")}, people}, webOnly)
	require.Equal(t, `more.yaml:1:9: users[0]: “ana” is defined twice, first at people.yaml:2:5; rename or delete one.
web.yaml:1:10: webchat: webchat is set up twice, first at more.yaml:2:10; delete one.
people.yaml:1:1: yaml: The file is named twice; name it once.
`, lines(problems))
}

func TestNothingIsAConfigurationToo(t *testing.T) {
	for _, text := range []string{"", "\n", "# only a comment\n", "---\n", "users:\n", "\ufeffusers: []\r\n", "users: ~\nwebchat:\n"} {
		set, problems := parseText(t, webOnly, text)
		require.Empty(t, problems, "%q %s", text, lines(problems))
		require.Empty(t, set.Users)
	}
	set, problems := Parse(nil, webOnly)
	require.Empty(t, problems)
	require.NotEmpty(t, set.Hash)
}

func TestHashIsOfTheContentAlone(t *testing.T) {
	hash := func(files ...File) string { s, _ := Parse(files, webOnly); return s.Hash }
	a, b := File{"a", []byte("users: []")}, File{"b", []byte("teams: []")}
	require.Equal(t, hash(a, b), hash(File{"renamed", a.Data}, b))
	require.NotEqual(t, hash(a, b), hash(b, a))
	require.NotEqual(t, hash(a), hash(a, b))
	require.NotEqual(t, hash(File{"a", []byte("x1:y")}), hash(File{"a", []byte("x")}, File{"b", []byte("y")}))
}

func TestMissingSettingsAreTheDocumentedDefaults(t *testing.T) {
	s := good(t, `
users: [{username: ana}]
schedules: [{name: s, timezone: UTC, shifts: [{user: ana, start: "2026-01-05T09:00", end: "2026-01-05T17:00:30"}]}]
escalationPolicies: [{name: p, escalationRules: [{escalationTimeout: 5, user: ana, schedule: s}]}]
alertSources: [{name: x, escalationPolicy: p}]`)
	require.Equal(t, User{Username: "ana", Timezone: "UTC", Role: core.RoleUser}, s.Users[0])
	require.EqualValues(t, "STATIC", s.Schedules[0].Kind)
	require.Equal(t, []Rule{{Timeout: 5 * time.Minute, Users: []string{"ana"}, Schedules: []string{"s"}}}, s.Policies[0].Rules)
	require.Equal(t, Source{Name: "x", Type: "API", Policy: "p", Creation: core.EachEvent, PriorityRule: core.AlwaysHigh}, s.Sources[0])
	require.Nil(t, s.Sources[0].Teams, "unset and empty are different")
}

func TestEveryWayToWriteALevelsTime(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"escalationTimeout: 5": 5 * time.Minute, "escalationTimeout: 60": time.Hour, "escalationTimeout: 90s": 90 * time.Second,
		"escalationTimeout: PT90S": 90 * time.Second, "escalationTimeout: 300m": 5 * time.Hour, "escalationTimeoutSec: 90": 90 * time.Second,
		"escalationTimeout: 2, escalationTimeoutSec: 90": 90 * time.Second,
	} {
		s := good(t, "users: [{username: ana}]\nescalationPolicies: [{name: p, escalationRules: [{"+text+", user: ana}]}]")
		require.Equal(t, want, s.Policies[0].Rules[0].Timeout, text)
	}
}

func TestAliasesAndMergesSayOneThingOnce(t *testing.T) {
	s := good(t, `
users:
  - &ana {username: ana, timezone: Europe/Lisbon, role: ADMIN}
  - <<: *ana
    username: ben
  - {<<: [*ana, {position: Chief}], username: &name cleo}
teams:
  - {name: all, members: [*name]}
`)
	require.Equal(t, User{Username: "ben", Timezone: "Europe/Lisbon", Role: core.Admin}, s.Users[1])
	require.Equal(t, "Chief", s.Users[2].Position)
	require.Equal(t, []Member{{User: "cleo"}}, s.Teams[0].Members)
}

func TestWhatIsThereAlreadyMayBeNamed(t *testing.T) {
	text := "escalationPolicies: [{name: p, escalationRules: [{escalationTimeout: 5, users: [zoe]}]}]"
	_, problems := parseText(t, webOnly, text)
	require.Len(t, problems, 1)
	o := webOnly
	o.Have = &Set{Users: []User{{Username: "zoe", Role: core.Guest}}}
	s, problems := parseText(t, o, text)
	require.Empty(t, problems)
	require.Contains(t, lines(s.Warnings), "“zoe” is a GUEST")
}

func TestNoProblemShowsAKey(t *testing.T) {
	for _, key := range []string{"hush", "hush hush hush hush", "hush-hush-hush-hush", strings.Repeat("hush", 100), "[hush, hush]"} {
		set, problems := parseText(t, webOnly, fmt.Sprintf("alertSources: [{name: a, escalationPolicy: p, integrationKey: %s}, {name: b, escalationPolicy: p, integrationKey: %s}]", key, key))
		require.NotEmpty(t, problems)
		require.NotContains(t, lines(problems)+fmt.Sprintf("%v %+v", set.Sources, set.Warnings), "hush", key)
	}
}

func TestLongListsAreRefusedAndLongFilesToo(t *testing.T) {
	_, problems := parseText(t, webOnly, "users: [{username: ana}]\nschedules: [{name: s, timezone: UTC, scheduleLayers: [{startsOn: \"2026-01-05T09:00\", rotation: P1D, users: ["+
		strings.Repeat("ana,", 10_000)+"ana]}]}]")
	require.Equal(t, "schedules[0].scheduleLayers[0].users", problems[0].Path)
	_, problems = parseText(t, webOnly, "#"+strings.Repeat("x", maxFile))
	require.Equal(t, "team.yaml:1:1: yaml: The file is larger than 1024 KiB; split it into several.\n", lines(problems))
	_, problems = parseText(t, webOnly, "users: [{username: "+strings.Repeat("x", 256)+"}]")
	require.Contains(t, lines(problems), "longer than 255 characters")
}

func TestManyObjectsWithManyKeysAreNotTooMuch(t *testing.T) {
	var b strings.Builder
	b.WriteString("users:\n")
	for i := range 2 * maxKeys {
		fmt.Fprintf(&b, "  - username: u%d\n    role: USER\n    timezone: Europe/Berlin\n", i)
	}
	require.Len(t, good(t, b.String()).Users, 2*maxKeys)
}

// The parser alone would take minutes for these.
func TestNonsenseIsRefusedBeforeItCosts(t *testing.T) {
	n := maxFile / 64
	for _, text := range []string{
		strings.Repeat("[", n), strings.Repeat("{a: ", n), strings.Repeat("- ", n), strings.Repeat("? ", n), strings.Repeat("a: ", n),
		strings.Repeat("!a ", n), strings.Repeat("&a ", n), strings.Repeat("*a ", n), strings.Repeat("a: 1\n", n), strings.Repeat("--- x\n", n), "{" + strings.Repeat("a: 1, ", n) + "}", "{" + strings.Repeat("a, ", n) + "}",
	} {
		_, problems := parseText(t, webOnly, text)
		require.Len(t, problems, 1, "%.20q", text)
		require.Contains(t, problems[0].Text, "more than", "%.20q", text)
	}
}

func TestAliasesCannotMultiplyWithoutEnd(t *testing.T) {
	text := "teams:\n  - &t {name: t, members: &m [" + strings.Repeat("ana,", 9_000) + "ana]}\n" + strings.Repeat("  - {name: x, members: *m}\n", 900)
	_, problems := parseText(t, webOnly, text)
	require.LessOrEqual(t, len(problems), maxFindings+1)
	require.True(t, strings.Contains(lines(problems), "With its aliases"))
	require.True(t, strings.Contains(lines(problems), "There are more than these"))
}

func FuzzParse(f *testing.F) {
	f.Add(string(example(&testing.T{})[0].Data))
	for _, s := range []string{"users: [{username: ana, notify: [{every: 2m}]}]", "a: &a [*a]", "<<: {a: b}", "? a\n: b", "- |\n  x", "users: !!seq []", "%YAML 1.2\n---\n", "\"\\x\"", "{<<: [*a]}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		began := time.Now()
		set, problems := Parse([]File{{"f.yaml", []byte(text)}}, all)
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("%d bytes took %s", len(text), took)
		}
		for _, p := range append(problems, set.Warnings...) {
			if p.File != "f.yaml" || p.Line < 1 || p.Column < 1 || p.Path == "" || strings.ContainsAny(p.Text, "\n\r") {
				t.Errorf("bad problem %q", p)
			}
		}
		if len(problems) > 0 {
			return
		}
		out, err := Export(set)
		if err != nil {
			t.Fatal(err)
		}
		again, problems := Parse([]File{{"f.yaml", out}}, all)
		if len(problems) > 0 || !Diff(set, again, DiffOptions{Prune: true}).Empty() {
			t.Errorf("%s\nbecomes\n%s\n%s%s", text, out, lines(problems), Diff(set, again, DiffOptions{}))
		}
	})
}
