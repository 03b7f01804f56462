package bot

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
	"github.com/watchbell/watchbell/store"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const ana, ben, cleo = core.UserID(1), core.UserID(2), core.UserID(3)

// night is 03:04 in Berlin, on a Friday.
var night = time.Date(2026, 11, 27, 2, 4, 0, 0, time.UTC)

func berlin(t *testing.T) *time.Location {
	loc, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	return loc
}

// pendingScene is the alert of the layouts: Ana is paged, Ben is next.
func pendingScene(t *testing.T) *scene {
	users := map[core.UserID]core.User{ana: {ID: ana, FirstName: "Ana"}, ben: {ID: ben, FirstName: "Ben"}, cleo: {ID: cleo, FirstName: "Cleo"}}
	s := &scene{
		now:    night.Add(2 * time.Minute),
		source: core.Source{ID: 1, Name: "prometheus"},
		policy: core.Policy{ID: 1, Name: "payments", AcceptTimeout: 30 * time.Minute, Rules: make([]core.Rule, 3)},
		team:   "payments",
		levels: []core.Level{
			{People: []core.Because{{User: ana}}}, {People: []core.Because{{User: ben}}}, {People: []core.Because{{User: cleo}}}},
		zone: zone{loc: berlin(t)},
		name: nameIn(users),
	}
	s.Alert = core.Alert{ID: 1234, Source: 1, Policy: 1, Key: "db-3/disk", Summary: "db-3 disk 96 %", Status: core.Pending, Priority: core.High,
		Severity: 2, Level: 1, Cycle: 1, Rev: 1, Seq: 3, Events: 3, CreatedAt: night, EventAt: night.Add(2 * time.Minute)}
	s.Alert.LevelUntil = night.Add(5 * time.Minute)
	s.Alert.Responders = []core.Responding{{User: ana, Level: 1, Calls: 1, Step: 1, AskedAt: night}}
	s.First = core.Event{
		Labels: map[string]string{"instance": "db-3:9100", "mount": "/var", "alertname": "DiskFull", "severity": "critical"},
		Links: []core.Link{{Href: "https://runbooks.example.com/disk", Text: "Runbook"}, {Href: "https://grafana.example.com/d/1", Text: "Graph"},
			{Href: "https://alertmanager.example.com/silence", Text: "Silence"}, {Href: "javascript:alert(1)", Text: "bad"}},
	}
	s.Log = []store.LogRow{
		logged(1, core.LogReceived, 0), logged(2, core.LogAssignedBySystem, 0, "to", "Ana", "level", "1"),
		logged(3, core.LogNotification, ana, "by", "webchat", "n", "1", "rule", "1", "schedule", "payments-primary", "claim", "layer week", "until", "2026-11-30T08:00:00Z"),
	}
	return s
}

func logged(seq int64, typ core.EntryType, u core.UserID, pairs ...string) store.LogRow {
	row := store.LogRow{Alert: 1234, Seq: seq, At: night, Entry: core.Entry{Type: typ, User: u, Vars: map[string]string{}}}
	for i := 0; i+1 < len(pairs); i += 2 {
		row.Vars[pairs[i]] = pairs[i+1]
	}
	return row
}

// accept changes a scene to the state after Ana accepted at 03:05.
func (s *scene) acceptBy(u core.UserID, at time.Time) {
	s.Alert.Status = core.Accepted
	s.Alert.LevelUntil = time.Time{}
	s.Alert.AskAt = at.Add(30 * time.Minute)
	for i := range s.Alert.Responders {
		if s.Alert.Responders[i].User == u {
			s.Alert.Responders[i].AcceptedAt = at
			return
		}
	}
	s.Alert.Responders = append(s.Alert.Responders, core.Responding{User: u, Level: 2, AskedAt: at, AcceptedAt: at})
}

// states are all that a card can show, as the layouts name them.
func states(t *testing.T) []struct {
	name string
	draw func() Card
} {
	with := func(change func(s *scene)) *scene {
		s := pendingScene(t)
		change(s)
		return s
	}
	mine := func(s *scene) { s.reader = ana }
	return []struct {
		name string
		draw func() Card
	}{
		{"pending channel", func() Card { return pendingScene(t).channelCard() }},
		{"pending my page", func() Card { return with(mine).pageCard(1) }},
		{"pending repeat", func() Card {
			return with(func(s *scene) {
				mine(s)
				s.Alert.Responders[0].Calls, s.Alert.Responders[0].Step = 2, 2
			}).pageCard(2)
		}},
		{"pending older call", func() Card {
			return with(func(s *scene) {
				mine(s)
				s.Alert.Responders[0].Calls = 2
			}).pageCard(1)
		}},
		{"pending nobody", func() Card {
			return with(func(s *scene) {
				s.Alert.EmptyLevel, s.Alert.LastResort, s.Alert.Ended = 1, true, night
				s.Alert.Responders[0].Level = 0
				s.Alert.LevelUntil = time.Time{}
				s.Log = append(s.Log, logged(4, core.LogNobodyOnCall, 0, "schedules", "payments-primary", "level", "1"))
			}).channelCard()
		}},
		{"pending flapping", func() Card {
			return with(func(s *scene) {
				s.earlier = []core.Alert{
					{ID: 1233, CreatedAt: night.Add(-5 * time.Minute), ResolvedAt: night.Add(-3 * time.Minute)},
					{ID: 1232, CreatedAt: night.Add(-20 * time.Minute), ResolvedAt: night.Add(-15 * time.Minute)},
				}
			}).channelCard()
		}},
		{"pending again", func() Card {
			return with(func(s *scene) {
				s.earlier = []core.Alert{{ID: 1233, CreatedAt: night.Add(-2 * time.Hour), ResolvedAt: night.Add(-40 * time.Minute)}}
			}).channelCard()
		}},
		{"pending low", func() Card {
			return with(func(s *scene) { s.Alert.Priority, s.Alert.LevelUntil = core.Low, time.Time{} }).channelCard()
		}},
		{"pending delayed", func() Card {
			return with(func(s *scene) {
				s.Alert.Level, s.Alert.LevelUntil, s.Alert.DelayUntil = 0, time.Time{}, night.Add(3*time.Minute)
				s.Alert.Responders = nil
			}).channelCard()
		}},
		{"pending shadow", func() Card { return with(func(s *scene) { s.source.Shadow = true }).channelCard() }},
		{"pending went to others", func() Card {
			return with(func(s *scene) {
				mine(s)
				s.Alert.Held = true
				s.Alert.Responders = []core.Responding{{User: ben, AskedAt: night.Add(time.Minute)}}
			}).pageCard(1)
		}},
		{"accepted", func() Card {
			return with(func(s *scene) {
				s.acceptBy(ana, night.Add(time.Minute))
				s.acceptBy(ben, night.Add(2*time.Minute))
				s.Alert.AskAt, s.Alert.Eta = night.Add(31*time.Minute), night.Add(16*time.Minute)
				s.Log = append(s.Log, logged(4, core.LogCommentAdded, ana, "text", "growing\nvolume"))
			}).channelCard()
		}},
		{"accepted handled page", func() Card {
			return with(func(s *scene) {
				mine(s)
				s.acceptBy(ben, night.Add(3*time.Minute))
			}).pageCard(1)
		}},
		{"accepted asked to join", func() Card {
			return with(func(s *scene) {
				s.reader = cleo
				s.acceptBy(ana, night.Add(time.Minute))
				s.Alert.Responders = append(s.Alert.Responders, core.Responding{User: cleo, Calls: 1, Step: 1, AskedAt: night.Add(90 * time.Second)})
			}).pageCard(1)
		}},
		{"accepted nudge", func() Card {
			return with(func(s *scene) {
				mine(s)
				s.acceptBy(ana, night.Add(time.Minute))
				s.Alert.AskAt, s.Alert.HandBackAt = time.Time{}, night.Add(36*time.Minute)
				s.Alert.Responders[0].Calls = 2
				s.now = night.Add(31 * time.Minute)
			}).pageCard(2)
		}},
		{"snoozed", func() Card {
			return with(func(s *scene) {
				s.Alert.LevelUntil = time.Time{}
				s.Alert.SnoozedUntil, s.Alert.SnoozedBy = night.Add(5*time.Hour+56*time.Minute), ana
			}).channelCard()
		}},
		{"resolved", func() Card {
			return with(func(s *scene) {
				s.acceptBy(ana, night.Add(time.Minute))
				s.Alert.Status, s.Alert.ResolvedAt = core.Resolved, night.Add(18*time.Minute)
				s.Log = append(s.Log, logged(5, core.LogResolved, 0, "source", "prometheus"))
			}).channelCard()
		}},
		{"resolved by a person", func() Card {
			return with(func(s *scene) {
				mine(s)
				s.Alert.Status, s.Alert.ResolvedAt = core.Resolved, night.Add(18*time.Minute)
				s.Log = append(s.Log, logged(5, core.LogResolved, ben))
			}).pageCard(1)
		}},
		{"merged", func() Card { return with(func(s *scene) { s.Alert.MergedInto = 1230 }).channelCard() }},
	}
}

// TestCardsOfEveryState shows each state as text. After -update read the difference.
func TestCardsOfEveryState(t *testing.T) {
	for _, state := range states(t) {
		t.Run(state.name, func(t *testing.T) {
			s := pendingScene(t)
			got := picture(state.draw(), s)
			file := filepath.Join("testdata", "cards", strings.ReplaceAll(state.name, " ", "_")+".txt")
			if *update {
				require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
				require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err, "run with -update and read what it wrote")
			require.Equal(t, string(want), got)
		})
	}
}

// picture is a card as text, as the layouts draw it.
func picture(c Card, s *scene) string {
	var b strings.Builder
	text := func(t Text) string { return render(t, zone{loc: s.zone.loc}, s.now, s.name) }
	fmt.Fprintln(&b, text(c.Headline))
	for _, l := range c.Lines {
		fmt.Fprintln(&b, text(l))
	}
	var fields, links, buttons, menu []string
	for _, f := range c.Fields {
		fields = append(fields, f.Name+" "+text(f.Value))
	}
	for _, l := range c.Links {
		links = append(links, l.Text)
	}
	for _, a := range c.Actions {
		if a.Menu {
			menu = append(menu, a.Label+" "+a.Action)
			continue
		}
		buttons = append(buttons, fmt.Sprintf("[%s] %s %s", a.Label, a.Action, a.Style))
	}
	for _, row := range []string{strings.Join(fields, " | "), strings.Join(links, " · "), text(c.Footer), strings.Join(buttons, "\n"), strings.Join(menu, " · ")} {
		if row != "" {
			fmt.Fprintln(&b, row)
		}
	}
	for _, a := range c.Actions {
		if a.Confirm != "" {
			fmt.Fprintln(&b, "confirm: "+a.Confirm)
		}
	}
	fmt.Fprintf(&b, "tone: %s\nlock screen: %s\n", c.Tone, c.Plain)
	return b.String()
}
