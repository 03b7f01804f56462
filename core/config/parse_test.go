package config

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/schedules"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// The platforms of the tests: one is there, the others come later. Here alone do tests
// name any, as the documented example does.
var (
	webOnly = Options{Known: []string{"webchat", "pager"}, Pages: []string{"pager"}, Later: []string{"slack", "mattermost", "discord", "msteams", "ntfy"}}
	all     = Options{Known: append(webOnly.Later, "webchat")}
)

func parseText(t *testing.T, o Options, text string) (Set, []Problem) {
	t.Helper()
	return Parse([]File{{"team.yaml", []byte(text)}}, o)
}

// good parses what must have no problems.
func good(t *testing.T, text string) Set {
	t.Helper()
	set, problems := parseText(t, webOnly, text)
	require.Empty(t, problems, lines(problems))
	return set
}

func lines(problems []Problem) string {
	var b strings.Builder
	for _, p := range problems {
		fmt.Fprintln(&b, p)
	}
	return b.String()
}

func example(t *testing.T) []File {
	t.Helper()
	data, err := os.ReadFile("testdata/example.yaml")
	require.NoError(t, err)
	return []File{{"watchbell.yaml", data}}
}

func TestDocumentedExampleLacksOnlyWhatIsNotAvailableYet(t *testing.T) {
	set, problems := Parse(example(t), webOnly)
	var paths []string
	for _, p := range problems {
		require.True(t, p.NotYet(), "%s", p)
		paths = append(paths, p.Path)
	}
	require.Equal(t, []string{
		"users[0].notify[0].by[0]", "users[0].notify[0].by[1]", "users[0].notify[1].by[0]",
		"schedules[0].conversations[0]", "alertSources[0].conversations[1].platform",
		"ntfy", "slack", "mattermost", "discord", "msteams",
	}, paths)
	require.Len(t, set.Users[0].Identities, 6, "accounts on platforms that come later are kept")
}

func TestDocumentedExampleIsUnderstood(t *testing.T) {
	set, problems := Parse(example(t), all)
	require.Empty(t, problems, lines(problems))
	require.Empty(t, set.Warnings)

	ana := set.Users[0]
	require.Equal(t, "80351110224678912", ana.Identities["discord"])
	require.Equal(t, core.Admin, ana.Role)
	require.Equal(t, []core.Notify{{By: []string{"slack", "ntfy"}}, {Every: 2 * time.Minute, Times: 5, By: []string{"ntfy"}}}, ana.Notify)
	require.Nil(t, set.Users[1].Notify, "what the file does not set is not set")
	require.Equal(t, Team{Name: "payments", Members: []Member{{"ana", core.Admin}, {"ben", core.Responder}}}, set.Teams[0])
	require.Equal(t, []schedules.SupportDay{{Day: time.Monday, Start: "09:00", End: "17:00"}}, []schedules.SupportDay(set.SupportHours[0].Days))

	primary := set.Schedules[0]
	require.Equal(t, schedules.Recurring, primary.Kind)
	require.Equal(t, []Conversation{{"slack", "#payments"}}, primary.Conversations)
	require.Equal(t, Layer{Name: "week", StartsOn: "2026-01-05T09:00", Rotation: "P7D", Users: []string{"ana", "ben"}}, primary.Layers[0])
	require.Equal(t, []schedules.Restriction{{From: schedules.WeekTime{Day: time.Monday, Time: "20:00"},
		To: schedules.WeekTime{Day: time.Tuesday, Time: "08:00"}}}, primary.Layers[1].Restrictions)

	require.Equal(t, Policy{Name: "payments", Repeating: true, Frequency: 3, AcceptTimeout: 30 * time.Minute, Rules: []Rule{
		{Timeout: 5 * time.Minute, Schedules: []string{"payments-primary"}}, {Timeout: 10 * time.Minute, Users: []string{"ana"}},
	}}, set.Policies[0])
	require.Equal(t, Source{Name: "prometheus", Type: "PROMETHEUS", Key: "il1prom-0123456789abcdef", Policy: "payments",
		Creation: core.EachEvent, PriorityRule: core.AlwaysHigh,
		Conversations: []Conversation{{"webchat", "payments"}, {"slack", "C0123456789"}}}, set.Sources[0])
	require.Equal(t, HeartbeatMonitor{Name: "nightly-backup", Interval: 24 * time.Hour, Grace: 15 * time.Minute,
		Summary: "Nightly backup did not run", Source: "prometheus", Key: "il1beat-0123456789abcdef"}, set.Heartbeats[0])
	require.Len(t, set.Platforms, 6)
	text, _, _ := strings.Cut(string(example(t)[0].Data), "escalationPolicies:\n")
	require.Equal(t, Position{"watchbell.yaml", strings.Count(text, "\n") + 2, 5}, set.Positions[Ref{Policies, "payments"}])
}

// Each broken file has the problems, then the warnings, of its golden file.
func TestBrokenFilesAreExplained(t *testing.T) {
	files, err := filepath.Glob("testdata/broken/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			set, problems := Parse([]File{{filepath.Base(file), data}}, webOnly)
			got := lines(problems)
			if len(set.Warnings) > 0 {
				got += "--- warnings\n" + lines(set.Warnings)
			}
			golden := strings.TrimSuffix(file, ".yaml") + ".golden"
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.Equal(t, string(want), got)
			require.NotEmpty(t, got)
		})
	}
}
