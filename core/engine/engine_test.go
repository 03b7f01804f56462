package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/config"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/store"
	"github.com/watchbell/watchbell/store/storetest"
)

const team = `
users:
  - {username: ana, firstName: Ana, email: ana@example.com, timezone: Europe/Lisbon, role: ADMIN, identities: {webchat: ana}}
  - {username: ben, firstName: Ben, email: ben@example.com, timezone: Europe/Berlin, role: USER, identities: {webchat: ben}}
  - {username: dora, firstName: Dora, email: dora@example.com, timezone: Europe/Vienna, role: STAKEHOLDER, identities: {webchat: dora}}
schedules:
  - {name: primary, timezone: Europe/Lisbon, scheduleLayers: [{name: week, startsOn: "2026-01-05T09:00", rotation: P7D, users: [ana]}]}
escalationPolicies:
  - name: payments
    escalationRules: [{escalationTimeout: 5, schedules: [primary]}, {escalationTimeout: 5, users: [ben]}]
  - name: other
    routingKey: dba
    escalationRules: [{escalationTimeout: 5, users: [ben]}]
alertSources:
  - {name: prometheus, integrationKey: il1prom-0123456789, escalationPolicy: payments, conversations: ["webchat:payments"]}
  - {name: grouped, integrationKey: il1grou-0123456789, escalationPolicy: payments, alertCreation: ONE_OPEN_ALERT_ALLOWED}
  - {name: off, integrationKey: il1off-01234567890, escalationPolicy: payments, active: false}
`

var start = time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)

// world is an engine on a database with a team, and a clock that the test moves.
type world struct {
	*testing.T
	*engine.Engine
	ctx context.Context
	now time.Time
}

func newWorld(t *testing.T, db *store.DB) *world {
	t.Helper()
	w := &world{T: t, ctx: t.Context(), now: start}
	w.Engine = w.replica(db)
	w.apply(team)
	return w
}

func (w *world) replica(db *store.DB) *engine.Engine {
	w.Helper()
	e, err := engine.New(w.ctx, db, engine.Options{Secret: "0123456789abcdef", Platforms: []string{"webchat"}, Quiet: true,
		Now: func() time.Time { return w.now }})
	require.NoError(w, err)
	return e
}

func (w *world) apply(yaml string) {
	w.Helper()
	set, problems := config.Parse([]config.File{{Name: "team.yaml", Data: []byte(yaml)}}, config.Options{Known: []string{"webchat"}})
	require.Empty(w, problems)
	plan, err := w.Plan(w.ctx, set, config.DiffOptions{})
	require.NoError(w, err)
	require.NoError(w, w.ApplyPlan(w.ctx, plan, "test"))
}

func (w *world) source(name string) core.Source {
	w.Helper()
	s, ok := w.Snapshot().SourceNamed(name)
	require.True(w, ok, name)
	return s
}

func (w *world) user(name string) core.UserID {
	w.Helper()
	u, ok := w.Snapshot().UserNamed(name)
	require.True(w, ok, name)
	return u.ID
}

// event sends one event and returns what became of it.
func (w *world) event(source string, ev core.Event) engine.Result {
	w.Helper()
	r, err := w.Ingest(w.ctx, engine.Request{Source: w.source(source).ID, Events: []core.Event{ev}})
	require.NoError(w, err)
	require.Len(w, r, 1)
	return r[0]
}

func (w *world) alert(id core.AlertID) core.Alert {
	w.Helper()
	var v store.AlertView
	require.NoError(w, w.DB.View(w.ctx, func(tx *store.Tx) (err error) {
		v, err = tx.AlertView(w.ctx, id)
		return err
	}))
	return v.Alert
}

// pages claims everything in the page lane, as the runner does, and returns its args.
func (w *world) pages() (args []int64) {
	w.Helper()
	for {
		q, ok, err := w.DB.Claim(w.ctx, store.LanePage, w.now, time.Minute)
		require.NoError(w, err)
		if !ok {
			return args
		}
		for _, j := range q.Jobs {
			args = append(args, j.Arg)
		}
		require.NoError(w, w.DB.Tx(w.ctx, func(tx *store.Tx) error { return tx.Done(w.ctx, q, q.Jobs, nil, time.Time{}) }))
	}
}

// each runs a test on both databases.
func each(t *testing.T, test func(w *world)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) { test(newWorld(t, db)) })
}

func alertEvent(key, summary string) core.Event {
	return core.Event{Type: core.EventAlert, Key: key, Summary: summary}
}

func TestAnEventBecomesAnAlertThatPagesWhoIsOnCall(t *testing.T) {
	each(t, func(w *world) {
		r := w.event("prometheus", alertEvent("db-3", "disk full"))
		require.Equal(w, core.OutcomeCreated, r.Outcome)
		a := w.alert(r.Alert)
		require.Equal(w, core.Pending, a.Status)
		require.Equal(w, 1, a.Level)
		require.Len(w, a.Responders, 1)
		require.Equal(w, w.user("ana"), a.Responders[0].User)
		require.Equal(w, []int64{engine.PageArg(r.Alert, 1)}, w.pages())
	})
}

func TestTheSameKeyJoinsTheOpenAlert(t *testing.T) {
	each(t, func(w *world) {
		first := w.event("prometheus", alertEvent("Srv-1", "down"))
		again := w.event("prometheus", alertEvent(" srv-1 ", "down"))
		require.Equal(w, core.OutcomeAppended, again.Outcome)
		require.Equal(w, first.Alert, again.Alert)
		require.Equal(w, core.OutcomeResolved, w.event("prometheus", core.Event{Type: core.EventResolve, Key: "SRV-1"}).Outcome)
		third := w.event("prometheus", alertEvent("Srv-1", "down"))
		require.Equal(w, core.OutcomeCreated, third.Outcome)
		require.NotEqual(w, first.Alert, third.Alert)
	})
}

func TestEventsOfOneRequestSeeEachOther(t *testing.T) {
	each(t, func(w *world) {
		r, err := w.Ingest(w.ctx, engine.Request{Source: w.source("grouped").ID, Events: []core.Event{
			alertEvent("", "one"), alertEvent("", "two"), alertEvent("k", "three"), {Type: core.EventResolve, Key: "k"}, alertEvent("k", "four")}})
		require.NoError(w, err)
		require.Equal(w, core.OutcomeCreated, r[0].Outcome)
		require.Equal(w, core.OutcomeAppended, r[1].Outcome, "one open alert is allowed")
		require.Equal(w, core.OutcomeAppended, r[2].Outcome)
		require.Equal(w, r[0].Alert, r[4].Alert)
	})
}

func TestASourceThatIsOffMakesNoAlert(t *testing.T) {
	each(t, func(w *world) {
		r := w.event("off", alertEvent("k", "down"))
		require.Equal(w, core.OutcomeDropped, r.Outcome)
		require.Zero(w, r.Alert)
		require.Contains(w, r.Reason, "off")
	})
}

func TestARoutingKeyChoosesThePolicy(t *testing.T) {
	each(t, func(w *world) {
		ev := alertEvent("k", "down")
		ev.RoutingKey = "nobody, dba"
		a := w.alert(w.event("prometheus", ev).Alert)
		require.Equal(w, w.user("ben"), a.Responders[0].User)
	})
}

func TestAcceptStopsTheEscalation(t *testing.T) {
	each(t, func(w *world) {
		r := w.event("prometheus", alertEvent("k", "down"))
		ana := w.user("ana")
		done, err := w.Do(w.ctx, engine.Command{Alert: r.Alert, By: ana, Actor: "user:1", Input: core.Accept{By: ana}, Once: "press-1"})
		require.NoError(w, err)
		require.Equal(w, core.Accepted, done.Alert.Status)
		w.now = start.Add(time.Hour)
		_, err = w.RunDue(w.ctx)
		require.NoError(w, err)
		require.Equal(w, 1, w.alert(r.Alert).Level)
	})
}

func TestAnUnansweredLevelPagesTheNext(t *testing.T) {
	each(t, func(w *world) {
		r := w.event("prometheus", alertEvent("k", "down"))
		w.pages()
		w.now = start.Add(5 * time.Minute)
		_, err := w.RunDue(w.ctx)
		require.NoError(w, err)
		a := w.alert(r.Alert)
		require.Equal(w, 2, a.Level)
		require.Contains(w, w.pages(), engine.PageArg(r.Alert, 1), "Ben's first call")
	})
}

func TestTheSameInteractionActsOnce(t *testing.T) {
	each(t, func(w *world) {
		r := w.event("prometheus", alertEvent("k", "down"))
		ana := w.user("ana")
		c := engine.Command{Alert: r.Alert, By: ana, Actor: "user:1", Input: core.Comment{By: ana, Text: "looking"}, Once: "press-1"}
		first, err := w.Do(w.ctx, c)
		require.NoError(w, err)
		second, err := w.Do(w.ctx, c)
		require.NoError(w, err)
		require.Equal(w, first.Alert.Seq, second.Alert.Seq)
	})
}

func TestAStakeholderChangesNothing(t *testing.T) {
	each(t, func(w *world) {
		r := w.event("prometheus", alertEvent("k", "down"))
		dora := w.user("dora")
		_, err := w.Do(w.ctx, engine.Command{Alert: r.Alert, By: dora, Actor: "user:3", Input: core.Accept{By: dora}})
		require.Equal(w, core.Denied, core.KindOf(err))
		require.Equal(w, core.Pending, w.alert(r.Alert).Status)
	})
}

func TestAWrongSecretRefusesToOpen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		newWorld(t, db)
		_, err := engine.New(t.Context(), db, engine.Options{Secret: "another-secret-01"})
		require.ErrorContains(t, err, "WATCHBELL_SECRET")
	})
}

func TestAReplicaDecidesWithTheNewestConfiguration(t *testing.T) {
	each(t, func(w *world) {
		other := w.replica(w.DB)
		w.apply(team + `
  - {name: late, integrationKey: il1late-0123456789, escalationPolicy: other}
`)
		r, err := other.Ingest(w.ctx, engine.Request{Source: w.source("late").ID, Events: []core.Event{alertEvent("k", "down")}})
		require.NoError(w, err)
		require.Equal(w, core.OutcomeCreated, r[0].Outcome)
		_, ok := other.Snapshot().SourceByKey("il1late-0123456789")
		require.True(w, ok)
	})
}

func TestConfigurationComesBackAsItWasWritten(t *testing.T) {
	each(t, func(w *world) {
		set, problems := config.Parse([]config.File{{Name: "team.yaml", Data: []byte(team)}}, config.Options{Known: []string{"webchat"}})
		require.Empty(w, problems)
		plan, err := w.Plan(w.ctx, set, config.DiffOptions{})
		require.NoError(w, err)
		require.True(w, plan.Empty(), "%s", plan)
	})
}

func TestSnoozeHoldsForAnAlertBornLater(t *testing.T) {
	each(t, func(w *world) {
		r := w.event("prometheus", alertEvent("k", "down"))
		ana := w.user("ana")
		_, err := w.Do(w.ctx, engine.Command{Alert: r.Alert, By: ana, Actor: "user:1", Input: core.Snooze{By: ana, Until: start.Add(2 * time.Hour)}})
		require.NoError(w, err)
		w.pages()
		w.event("prometheus", core.Event{Type: core.EventResolve, Key: "k"})
		again := w.event("prometheus", alertEvent("k", "down"))
		require.Equal(w, core.OutcomeCreated, again.Outcome)
		require.Empty(w, w.pages())
		require.Equal(w, start.Add(2*time.Hour), w.alert(again.Alert).SnoozedUntil)
	})
}

func TestResolvingTheMainAlertResolvesItsChildren(t *testing.T) {
	each(t, func(w *world) {
		main, child := w.event("prometheus", alertEvent("a", "one")), w.event("prometheus", alertEvent("b", "two"))
		ana := w.user("ana")
		_, err := w.Merge(w.ctx, child.Alert, main.Alert, engine.Command{By: ana, Actor: "user:1"})
		require.NoError(w, err)
		w.event("prometheus", core.Event{Type: core.EventResolve, Key: "a"})
		require.Equal(w, core.Resolved, w.alert(child.Alert).Status)
	})
}

func TestWhatAFileLeavesUnsetStays(t *testing.T) {
	each(t, func(w *world) {
		before := w.source("prometheus")
		require.Len(w, before.Conversations, 1)
		w.apply(strings.Replace(team, `, conversations: ["webchat:payments"]`, `, severity: 2`, 1))
		after := w.source("prometheus")
		require.Equal(w, 2, after.Severity)
		require.Equal(w, before.Conversations, after.Conversations)
		w.apply(strings.Replace(team, `conversations: ["webchat:payments"]`, `conversations: []`, 1))
		require.Empty(w, w.source("prometheus").Conversations)
	})
}

func TestAnAccountThatTheFileDropsIsUnlinked(t *testing.T) {
	each(t, func(w *world) {
		w.apply(strings.Replace(team, "role: USER, identities: {webchat: ben}", "role: USER", 1))
		_, ok := w.Snapshot().UserOf("webchat", "ben")
		require.False(w, ok)
	})
}

func TestOfTwoWhoWantItForThemselvesOneGetsIt(t *testing.T) {
	each(t, func(w *world) {
		other := w.replica(w.DB)
		for round := range 20 {
			id := w.event("prometheus", alertEvent(fmt.Sprintf("race-%d", round), "down")).Alert
			var errs [2]error
			var both sync.WaitGroup
			for i, e := range []*engine.Engine{w.Engine, other} {
				by := w.user([]string{"ana", "ben"}[i])
				both.Go(func() {
					_, errs[i] = e.Do(w.ctx, engine.Command{Alert: id, By: by, Actor: "test", Input: core.Accept{By: by, Only: true}})
				})
			}
			both.Wait()
			lost := errors.Join(errs[:]...)
			require.Error(w, lost)
			require.True(w, errs[0] == nil || errs[1] == nil, "one wins: %v", lost)
			require.Regexp(w, "(Ana|Ben) accepted", lost.Error())
			accepted := 0
			for _, r := range w.alert(id).Responders {
				if !r.AcceptedAt.IsZero() {
					accepted++
				}
			}
			require.Equal(w, 1, accepted)
		}
	})
}
