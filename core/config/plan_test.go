package config

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
)

const team = `
users:
  - {username: ana, role: ADMIN, identities: {webchat: ana}}
  - {username: ben, role: USER}
teams:
  - {name: payments, members: [ana]}
schedules:
  - {name: primary, timezone: Europe/Berlin, teams: [payments], scheduleLayers: [{startsOn: "2026-01-05T09:00", rotation: P7D, users: [ana, ben]}]}
escalationPolicies:
  - {name: payments, escalationRules: [{escalationTimeout: 5, schedules: [primary]}]}
alertSources:
  - {name: prometheus, integrationKey: il1prom-0123456789, escalationPolicy: payments, conversations: ["webchat:payments"]}
`

// stored is a set as the database has it after a file was applied.
func stored(t *testing.T, text string) Set {
	t.Helper()
	s := good(t, text)
	s.Origins = map[Ref]string{}
	for ref, at := range s.Positions {
		s.Origins[ref] = at.Origin()
	}
	s.Positions = nil
	return s
}

func ops(p Plan) []string {
	var out []string
	for _, c := range p.Changes {
		out = append(out, string(c.Op)+" "+c.Ref.Kind+" "+c.Ref.Name)
	}
	return out
}

func TestWhatIsNamedIsMadeFirst(t *testing.T) {
	p := Diff(Set{}, good(t, team), DiffOptions{})
	require.Equal(t, []string{"create users ana", "create users ben", "create teams payments", "create schedules primary",
		"create policies payments", "create sources prometheus"}, ops(p))
	require.Equal(t, "file:team.yaml:8", p.Changes[3].Origin)
	require.Equal(t, "primary", p.Changes[3].Want.Schedule.Name)
	require.Equal(t, good(t, team).Hash, p.Hash)
	require.Equal(t, "+ user ana\n+ user ben\n+ team payments\n+ schedule primary\n+ policy payments\n+ source prometheus\n"+
		"6 to create, 0 to change, 0 to delete.\n", p.String())
}

func TestTheSameFileIsNoDifference(t *testing.T) {
	p := Diff(stored(t, team), good(t, team), DiffOptions{Prune: true})
	require.Empty(t, p.Changes)
	require.True(t, p.Empty())
	require.Equal(t, "No difference.\n", p.String())
}

func TestChangesAreToldFieldByField(t *testing.T) {
	p := Diff(stored(t, team), good(t, `
users:
  - {username: ana, role: ADMIN, identities: {webchat: ana}}
  - {username: ben, role: USER}
teams:
  - {name: payments, members: [ana]}
schedules:
  - {name: primary, timezone: Europe/Berlin, teams: [payments], scheduleLayers: [{startsOn: "2026-01-05T09:00", rotation: P1D, users: [ben, ana]}]}
escalationPolicies:
  - {name: payments, escalationRules: [{escalationTimeout: 90s, schedules: [primary]}, {escalationTimeout: 5, users: [ana]}]}
alertSources:
  - {name: prometheus, integrationKey: il1prom-another-one, escalationPolicy: payments, alertPriorityRule: LOW, severity: 2, conversations: []}
`), DiffOptions{})
	require.Equal(t, `~ schedule primary: scheduleLayers[0].rotation P7D -> P1D
~ schedule primary: scheduleLayers[0].users [ana, ben] -> [ben, ana]
~ policy payments: escalationRules[0].escalationTimeout 5m -> 1m30s
~ policy payments: escalationRules[1].escalationTimeout none -> 5m
~ policy payments: escalationRules[1].users none -> [ana]
~ source prometheus: integrationKey changed
~ source prometheus: alertPriorityRule HIGH -> LOW
~ source prometheus: severity none -> 2
~ source prometheus: conversations ["webchat:payments"] -> none
0 to create, 3 to change, 0 to delete.
`, p.String())
	require.False(t, p.Empty())
}

func TestWhatTheFileLeavesUnsetStays(t *testing.T) {
	have := stored(t, team)
	have.Users[0].Notify = []core.Notify{{After: time.Minute}}
	have.Users[0].Identities = map[string]string{"webchat": "ana", "elsewhere": "linked by code"}
	have.Users[0].Written = []string{"webchat"}
	want := good(t, team)
	want.Schedules[0].Teams = nil
	want.Sources[0].Conversations = nil
	want.Sources[0].Key = ""
	require.Empty(t, Diff(have, want, DiffOptions{}).Changes)

	kept := Keep(Object{User: &have.Users[0]}, Object{User: &want.Users[0]}).User
	require.Equal(t, have.Users[0].Notify, kept.Notify)
	require.Equal(t, have.Users[0].Identities, kept.Identities)
	require.Equal(t, map[string]string{"webchat": "ana"}, want.Users[0].Identities, "arguments stay as they are")
	source := Keep(Object{Source: &have.Sources[0]}, Object{Source: &want.Sources[0]}).Source
	require.Equal(t, have.Sources[0], *source)
}

func TestAccountThatTheFileDropsGoes(t *testing.T) {
	have := stored(t, team)
	have.Users[0].Written = []string{"webchat"}
	want := good(t, team)
	want.Users[0].Identities = nil
	p := Diff(have, want, DiffOptions{})
	require.Equal(t, []Field{{Path: "identities.webchat", Have: "ana"}}, p.Changes[0].Fields)
}

func TestObjectsChangeHandsWithoutADifference(t *testing.T) {
	have := stored(t, team)
	have.Origins[Ref{Policies, "payments"}] = OriginAPI
	have.Origins[Ref{Users, "ana"}] = "file:team.yaml:2" // moved inside its file
	p := Diff(have, good(t, team), DiffOptions{})
	require.Equal(t, []string{"adopt users ana", "adopt policies payments"}, ops(p))
	require.Equal(t, "file:team.yaml:10", p.Changes[1].Origin)
	require.NotNil(t, p.Changes[1].Want.Policy)
	require.True(t, p.Empty())
	require.Equal(t, "= policy payments: from now on team.yaml:10:5 says what it is\nNo difference.\n", p.String())
}

const half = `
users:
  - {username: ana, role: ADMIN, identities: {webchat: ana}}
`

func TestWithoutPruneWhatNoFileNamesBecomesTheAPIs(t *testing.T) {
	p := Diff(stored(t, team), good(t, half), DiffOptions{})
	require.Equal(t, []string{"adopt sources prometheus", "adopt policies payments", "adopt schedules primary", "adopt teams payments", "adopt users ben"}, ops(p))
	for _, c := range p.Changes {
		require.Equal(t, OriginAPI, c.Origin)
		require.Equal(t, c.Ref, c.Want.Ref())
	}
	require.True(t, p.Empty())
}

func TestPruneDeletesWhatNamesOthersFirst(t *testing.T) {
	have := stored(t, team)
	have.Users = append(have.Users, User{Username: "cleo"}, User{Username: "dora"})
	have.Origins[Ref{Users, "cleo"}] = OriginAPI
	have.Origins[Ref{Users, "dora"}] = "file:other.yaml:3"
	p := Diff(have, good(t, half), DiffOptions{Prune: true})
	require.Equal(t, []string{"delete sources prometheus", "delete policies payments", "delete schedules primary", "delete teams payments", "delete users ben"}, ops(p))
	require.Equal(t, Object{}, p.Changes[0].Want)

	p = Diff(have, good(t, half), DiffOptions{Prune: true, Folders: []string{"."}})
	require.NotContains(t, ops(p), "delete users dora", "only files in the folder")
	have.Origins[Ref{Users, "dora"}] = "file:conf/other.yaml:3"
	p = Diff(have, good(t, half), DiffOptions{Prune: true, Folders: []string{"conf"}})
	require.Contains(t, ops(p), "delete users dora")
}

func TestPruneKeepsWhatIsStillNamed(t *testing.T) {
	have := stored(t, team)
	have.Origins[Ref{Policies, "payments"}] = OriginAPI // stays, and names primary, which names ana, ben and payments
	p := Diff(have, good(t, half), DiffOptions{Prune: true})
	require.Equal(t, []string{"delete sources prometheus", "adopt schedules primary", "adopt teams payments", "adopt users ben"}, ops(p))
	require.Equal(t, `- source prometheus
= schedule primary: no file names it any more, but policy payments does; it stays
= team payments: no file names it any more, but schedule primary does; it stays
= user ben: no file names it any more, but schedule primary does; it stays
0 to create, 0 to change, 1 to delete.
`, p.String())
}

func TestPruneKeepsWhatANewObjectNames(t *testing.T) {
	have := stored(t, team)
	set, problems := Parse([]File{{"team.yaml", []byte(half + `
escalationPolicies:
  - {name: new, escalationRules: [{escalationTimeout: 5, users: [ben]}]}
`)}}, Options{Known: webOnly.Known, Have: &have})
	require.Empty(t, problems)
	require.Contains(t, ops(Diff(have, set, DiffOptions{Prune: true})), "adopt users ben")
}
