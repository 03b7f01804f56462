package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/config"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/store"
)

// office opens at 10:00 and closes at 17:00 UTC on every day of these tests; start is a
// Wednesday, 09:00.
const office = `
supportHours:
  - {name: office, timezone: UTC, supportDays: {WEDNESDAY: {start: "10:00", end: "17:00"}, THURSDAY: {start: "10:00", end: "17:00"}}}
`

func source(name string, more string) string {
	return fmt.Sprintf("  - {name: %s, integrationKey: il1-%s-0123456789, escalationPolicy: payments, %s}\n", name, name, more)
}

const (
	highInHours = "alertPriorityRule: HIGH_DURING_SUPPORT_HOURS, supportHours: office, autoRaiseAlerts: true"
	lowInHours  = "alertPriorityRule: LOW_DURING_SUPPORT_HOURS, supportHours: office, autoRaiseAlerts: true"
	notRaising  = "alertPriorityRule: HIGH_DURING_SUPPORT_HOURS, supportHours: office"
)

// at moves the clock and runs what is due.
func (w *world) at(clock string) {
	w.Helper()
	t, err := time.Parse("Mon 15:04:05", clock)
	require.NoError(w, err)
	w.now = time.Date(2026, 11, 25, t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
	if strings.HasPrefix(clock, "Thu") {
		w.now = w.now.AddDate(0, 0, 1)
	}
	_, err = w.RunDue(w.ctx)
	require.NoError(w, err)
}

func (w *world) born(source, key string) core.AlertID {
	w.Helper()
	r := w.event(source, alertEvent(key, "disk full"))
	require.Equal(w, core.OutcomeCreated, r.Outcome)
	return r.Alert
}

func TestLowAlertsAreRaisedWhenTheHoursTurn(t *testing.T) {
	each(t, func(w *world) {
		w.apply(team + source("day", highInHours) + source("night", lowInHours) + source("tame", notRaising) + office)
		waiting, tame := w.born("day", "a"), w.born("tame", "a")
		accepted, merged, main := w.born("day", "b"), w.born("day", "c"), w.born("day", "d")
		_, err := w.Do(w.ctx, engine.Command{Alert: accepted, Input: core.Accept{By: w.user("ana")}, By: w.user("ana"), Actor: "t"})
		require.NoError(w, err)
		_, err = w.Merge(w.ctx, merged, main, engine.Command{By: w.user("ana"), Actor: "t"})
		require.NoError(w, err)
		w.at("Wed 09:59:59")
		w.pages()
		require.Equal(w, core.Low, w.alert(waiting).Priority, "not before")

		w.at("Wed 10:00:00")
		a := w.alert(waiting)
		require.Equal(w, core.High, a.Priority)
		require.Equal(w, 1, a.Level)
		require.Equal(w, w.now.Add(5*time.Minute), a.LevelUntil, "it escalates from level 1")
		require.Contains(w, w.pages(), engine.PageArg(waiting, 2), "who was told once is paged")
		require.Equal(w, core.LogRaisedBySystem, w.logOf(waiting, core.LogRaisedBySystem).Type)
		for what, id := range map[string]core.AlertID{"accepted": accepted, "merged": merged, "of a source without autoRaiseAlerts": tame} {
			require.Equal(w, core.Low, w.alert(id).Priority, what)
		}

		night := w.born("night", "n")
		require.Equal(w, core.Low, w.alert(night).Priority, "LOW while the office is open")
		w.at("Wed 16:59:59")
		require.Equal(w, core.Low, w.alert(night).Priority)
		w.at("Wed 17:00:00")
		require.Equal(w, core.High, w.alert(night).Priority, "the reverse rule turns at closing")
		evening := w.born("day", "e")
		w.at("Thu 09:59:59")
		require.Equal(w, core.Low, w.alert(evening).Priority, "never raised in between")
		w.at("Thu 10:00:00")
		require.Equal(w, core.High, w.alert(evening).Priority, "the next morning, too")
	})
}

func TestAnAlertThatWasLateForTheTurnIsRaisedAllTheSame(t *testing.T) {
	each(t, func(w *world) {
		w.apply(team + source("day", highInHours) + office)
		w.at("Wed 10:00:00")
		w.now = w.now.Add(-time.Second) // another replica decides about an event
		late := w.born("day", "late")
		require.Equal(w, core.Low, w.alert(late).Priority)
		w.at("Wed 10:00:09")
		require.Equal(w, core.Low, w.alert(late).Priority)
		w.at("Wed 10:00:10")
		require.Equal(w, core.High, w.alert(late).Priority)
	})
}

func TestManyAlertsAreRaisedInBatches(t *testing.T) {
	each(t, func(w *world) {
		w.apply(team + source("day", highInHours) + office)
		var events []core.Event
		for i := range 150 {
			events = append(events, alertEvent(fmt.Sprint(i), "disk full"))
		}
		w.events("day", events...)
		w.at("Wed 10:00:00")
		for _, a := range w.open() {
			require.Equal(w, core.High, a.Priority, "alert %d", a.ID)
		}
		require.Len(w, w.open(), 150)
	})
}

func TestAnEditOfHoursRaisesAtOnce(t *testing.T) {
	each(t, func(w *world) {
		w.apply(team + source("day", highInHours) + office)
		a := w.born("day", "a")
		w.apply(team + source("day", highInHours) + strings.ReplaceAll(office, "10:00", "12:00"))
		w.at("Wed 10:00:00")
		require.Equal(w, core.Low, w.alert(a).Priority, "the turn was moved")
		w.apply(team + source("day", highInHours) + strings.ReplaceAll(office, "10:00", "09:30"))
		w.at("Wed 10:00:01")
		require.Equal(w, core.High, w.alert(a).Priority, "the edit itself turned them")

		w.at("Wed 17:30:00")
		b := w.born("day", "b")
		w.apply(team + source("day", lowInHours) + office)
		w.at("Wed 17:30:01")
		require.Equal(w, core.High, w.alert(b).Priority, "so does another rule")
	})
}

func TestATurnThatIsNotWantedAnyMoreIsDropped(t *testing.T) {
	each(t, func(w *world) {
		w.apply(team + source("day", highInHours) + office)
		a := w.born("day", "a")
		w.apply(team + source("day", notRaising) + office)
		w.at("Wed 10:00:00")
		require.Equal(w, core.Low, w.alert(a).Priority)
		var next time.Time
		require.NoError(w, w.DB.View(w.ctx, func(tx *store.Tx) (err error) {
			next, err = tx.NextRun(w.ctx, store.LaneStep)
			return err
		}))
		require.True(w, next.IsZero() || next.After(w.now), "nothing is due for ever: %s", next)
	})
}

func TestATurnSleptThroughPagesNobody(t *testing.T) {
	each(t, func(w *world) {
		w.apply(team + source("day", highInHours) + office)
		a := w.born("day", "a")
		w.at("Wed 20:00:00") // nothing ran all day
		require.Equal(w, core.Low, w.alert(a).Priority)
		w.at("Thu 10:00:00")
		require.Equal(w, core.High, w.alert(a).Priority)
	})
}

func (w *world) logOf(id core.AlertID, t core.EntryType) store.LogRow {
	w.Helper()
	var v store.AlertView
	require.NoError(w, w.DB.View(w.ctx, func(tx *store.Tx) (err error) {
		v, err = tx.AlertView(w.ctx, id)
		return err
	}))
	for _, row := range v.Log {
		if row.Type == t {
			return row
		}
	}
	return store.LogRow{}
}

func (w *world) maintain(from, until time.Duration, sources ...string) core.Maintenance {
	w.Helper()
	m := core.Maintenance{Summary: "Upgrade", Timezone: "UTC", Start: start.Add(from), End: start.Add(until)}
	for _, s := range sources {
		m.Sources = append(m.Sources, w.source(s).ID)
	}
	m, err := w.PutMaintenance(w.ctx, m, engine.Edit{Actor: "t", Action: "maintenance"})
	require.NoError(w, err)
	return m
}

func TestMaintenanceKeepsAlertsFromBeingBorn(t *testing.T) {
	each(t, func(w *world) {
		old := w.born("prometheus", "old")
		w.maintain(time.Hour, 2*time.Hour, "prometheus")
		w.maintain(90*time.Minute, 3*time.Hour, "prometheus", "grouped") // they add up
		for at, born := range map[time.Duration]bool{
			time.Hour - time.Second: true, time.Hour: false, 2 * time.Hour: false, 3*time.Hour - time.Second: false, 3 * time.Hour: true,
		} {
			w.now = start.Add(at)
			r := w.event("prometheus", alertEvent(fmt.Sprint("k", at), "disk full"))
			if born {
				require.Equal(w, core.OutcomeCreated, r.Outcome, "%s", at)
				continue
			}
			require.Equal(w, core.OutcomeDropped, r.Outcome, "%s", at)
			require.Equal(w, "maintenance", r.Reason)
			require.Zero(w, r.Alert)
		}
		w.now = start.Add(90 * time.Minute)
		require.Equal(w, core.OutcomeAppended, w.event("prometheus", alertEvent("old", "again")).Outcome)
		require.Equal(w, core.OutcomeResolved, w.event("prometheus", resolveEvent("old")).Outcome)
		require.Equal(w, core.Resolved, w.alert(old).Status)
	})
}

func TestMaintenanceIsKnownToOtherReplicasAtOnce(t *testing.T) {
	each(t, func(w *world) {
		other := w.replica(w.DB)
		w.maintain(0, time.Hour, "prometheus")
		r, err := other.Ingest(w.ctx, engine.Request{Source: w.source("prometheus").ID, Events: []core.Event{alertEvent("k", "down")}})
		require.NoError(w, err)
		require.Equal(w, core.OutcomeDropped, r[0].Outcome)
	})
}

func TestEndingMaintenance(t *testing.T) {
	each(t, func(w *world) {
		both := w.maintain(0, time.Hour, "prometheus", "grouped")
		same := w.maintain(0, time.Hour, "prometheus")
		require.Equal(w, []string{"Upgrade", "Upgrade (2)", "Upgrade"}, []string{both.Name, same.Name, same.Summary})
		w.now = start.Add(time.Minute)
		ended, err := w.EndMaintenance(w.ctx, w.source("prometheus").ID, engine.Edit{Actor: "t", Once: "1"})
		require.NoError(w, err)
		require.Len(w, ended, 2)
		require.Equal(w, core.OutcomeCreated, w.event("prometheus", alertEvent("k", "down")).Outcome)
		require.Equal(w, core.OutcomeDropped, w.event("grouped", alertEvent("k", "down")).Outcome, "the other source stays quiet")
		require.Equal(w, w.now, w.Snapshot().Maintenance[same.ID].End, "what it was is remembered")
		require.NoError(w, w.DeleteMaintenance(w.ctx, both.ID, engine.Edit{Actor: "t"}))
		require.Equal(w, core.NotFound, core.KindOf(w.DeleteMaintenance(w.ctx, both.ID, engine.Edit{Actor: "t"})))
	})
}

const window = `
maintenanceWindows:
  - {summary: upgrade, timezone: Europe/Berlin, start: "2026-11-25T10:00", end: "2026-11-25T11:00", alertSources: [prometheus]}
`

func TestMaintenanceFromAFile(t *testing.T) {
	each(t, func(w *world) {
		w.apply(team + window)
		require.Equal(w, core.OutcomeDropped, w.event("prometheus", alertEvent("k", "down")).Outcome)
		_, err := w.EndMaintenance(w.ctx, w.source("prometheus").ID, engine.Edit{Actor: "t"})
		require.Equal(w, core.Conflict, core.KindOf(err))
		require.ErrorContains(w, err, "upgrade is defined in team.yaml:20")
		text, err := config.Export(w.Snapshot().Config())
		require.NoError(w, err)
		require.Contains(w, string(text), `start: "2026-11-25T10:00:00+01:00"`)
		set, problems := config.Parse([]config.File{{Name: "team.yaml", Data: text}}, config.Options{Known: []string{"webchat"}})
		require.Empty(w, problems)
		plan, err := w.Plan(w.ctx, set, config.DiffOptions{})
		require.NoError(w, err)
		require.True(w, plan.Empty(), "%s", plan)
	})
}

func TestADeletedSourceLeavesItsWindows(t *testing.T) {
	each(t, func(w *world) {
		w.maintain(0, time.Hour, "prometheus", "grouped")
		w.maintain(0, time.Hour, "grouped")
		without, _, _ := strings.Cut(team, "  - {name: grouped")
		set, problems := config.Parse([]config.File{{Name: "team.yaml", Data: []byte(without)}}, config.Options{Known: []string{"webchat"}})
		require.Empty(w, problems)
		plan, err := w.Plan(w.ctx, set, config.DiffOptions{Prune: true})
		require.NoError(w, err)
		require.NoError(w, w.ApplyPlan(w.ctx, plan, "t"))
		require.Len(w, w.Snapshot().Maintenance, 1, "a window without sources is none")
		for _, m := range w.Snapshot().Maintenance {
			require.Equal(w, []core.SourceID{w.source("prometheus").ID}, m.Sources)
		}
	})
}

func TestAMuteIsKeptOverApplyAndEscalationGoesOn(t *testing.T) {
	each(t, func(w *world) {
		mute := func(until time.Time, once string) {
			w.Helper()
			require.NoError(w, w.SetMute(w.ctx, w.user("ana"), until, engine.Edit{Actor: "t", Action: "mute", Once: once}))
		}
		mute(start.Add(time.Hour), "1")
		mute(start.Add(9*time.Hour), "1") // the same interaction acts once
		require.Equal(w, start.Add(time.Hour), w.Snapshot().Users[w.user("ana")].MutedTo)
		w.apply(team + "teams:\n  - {name: t, members: [{user: ana, role: ADMIN}]}\n")
		require.Equal(w, start.Add(time.Hour), w.Snapshot().Users[w.user("ana")].MutedTo)

		a := w.born("prometheus", "k")
		require.Empty(w, w.pages(), "nobody is paged who is muted")
		w.now = start.Add(5 * time.Minute)
		_, err := w.RunDue(w.ctx)
		require.NoError(w, err)
		require.Equal(w, []int64{engine.PageArg(a, 1)}, w.pages(), "Ben is, at level 2")
		mute(time.Time{}, "2")
		require.Zero(w, w.Snapshot().Users[w.user("ana")].MutedTo)
		require.Equal(w, core.NotFound, core.KindOf(w.SetMute(w.ctx, 999, time.Time{}, engine.Edit{Actor: "t"})))
	})
}
