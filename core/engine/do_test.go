package engine_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/store"
	"github.com/watchbell/watchbell/store/storetest"
)

// by is a command of a user.
func (w *world) by(name string, alert core.AlertID, in core.Input) engine.Command {
	return engine.Command{Alert: alert, By: w.user(name), Actor: "user:" + name, Input: in}
}

// audit are the actions recorded about an alert, oldest first.
func (w *world) audit(id core.AlertID) (actions []string) {
	w.Helper()
	rows, err := storetest.Raw(w, w.DB).QueryContext(w.ctx, "SELECT action FROM audit WHERE object = $1 ORDER BY id", fmt.Sprintf("alert:%d", id))
	require.NoError(w, err)
	defer rows.Close()
	for rows.Next() {
		var action string
		require.NoError(w, rows.Scan(&action))
		actions = append(actions, action)
	}
	require.NoError(w, rows.Err())
	return actions
}

func TestARepeatedInteractionIsNotRefused(t *testing.T) {
	each(t, func(w *world) {
		r := w.event("prometheus", alertEvent("k", "down"))
		_, err := w.Do(w.ctx, w.by("ana", r.Alert, core.Accept{By: w.user("ana")}))
		require.NoError(w, err)
		c := w.by("ana", r.Alert, core.Unaccept{By: w.user("ana")})
		c.Once = "press-7"
		_, err = w.Do(w.ctx, c)
		require.NoError(w, err)
		done, err := w.replica(w.DB).Do(w.ctx, c) // the platform sends it again, to another replica
		require.NoError(w, err, "she has not accepted any more, but this was done")
		require.Equal(w, r.Alert, done.Alert.ID)
	})
}

func TestOneInteractionAtManyReplicasActsOnce(t *testing.T) {
	each(t, func(w *world) {
		r := w.event("prometheus", alertEvent("k", "down"))
		replicas := []*engine.Engine{w.Engine, w.replica(w.DB), w.replica(w.DB)}
		c := w.by("ana", r.Alert, core.Comment{By: w.user("ana"), Text: "looking"})
		c.Once = "press-1"
		before := w.alert(r.Alert).Seq
		together(9, func(i int) {
			if _, err := replicas[i%3].Do(w.ctx, c); err != nil {
				w.Errorf("replica %d: %v", i%3, err)
			}
		})
		require.Equal(w, before+1, w.alert(r.Alert).Seq)
	})
}

func TestARefusalIsAuditedAndChangesNothing(t *testing.T) {
	each(t, func(w *world) {
		r := w.event("prometheus", alertEvent("k", "down"))
		_, err := w.Do(w.ctx, w.by("dora", r.Alert, core.Resolve{By: w.user("dora")}))
		require.Equal(w, core.Denied, core.KindOf(err))
		require.Equal(w, []string{"Resolve refused"}, w.audit(r.Alert))
	})
}

func TestAgainRepeatsTheAlertAndNotItsFirstEvent(t *testing.T) {
	each(t, func(w *world) {
		ev := alertEvent("k", "down")
		ev.Custom, ev.Labels = json.RawMessage(`{"disk":"sda"}`), map[string]string{"host": "db-3"}
		ev.Raw, ev.Remarks = []byte("raw \x00"), []string{"summary was mended"}
		r := w.event("prometheus", ev)
		w.event("prometheus", resolveEvent("k"))
		c := w.by("ana", 0, nil)
		c.Once = "press-1"
		done, err := w.Again(w.ctx, r.Alert, c)
		require.NoError(w, err)
		require.NotEqual(w, r.Alert, done.Alert.ID)
		require.Equal(w, "k", done.Alert.Key)
		var v store.AlertView
		require.NoError(w, w.DB.View(w.ctx, func(tx *store.Tx) (err error) {
			v, err = tx.AlertView(w.ctx, done.Alert.ID)
			return err
		}))
		require.JSONEq(w, `{"disk":"sda"}`, string(v.First.Custom))
		require.Equal(w, "db-3", v.First.Labels["host"])
		require.Empty(w, v.First.Raw)
		require.Empty(w, v.First.Remarks)
		require.Equal(w, r.Alert, v.First.Again)
		require.Equal(w, []string{"Again"}, w.audit(r.Alert))
		repeated, err := w.Again(w.ctx, r.Alert, c)
		require.NoError(w, err)
		require.Equal(w, done.Alert.ID, repeated.Alert.ID)
		require.Len(w, w.open(), 1, "the same press makes one alert")
		require.Equal(w, 1, w.alert(done.Alert.ID).Events)
	})
}

func TestAgainOfAnOpenAlertIsRefused(t *testing.T) {
	each(t, func(w *world) {
		r := w.event("prometheus", alertEvent("k", "down"))
		_, err := w.Again(w.ctx, r.Alert, w.by("ana", 0, nil))
		require.Equal(w, core.Conflict, core.KindOf(err))
	})
}

func TestAnAlertGoesToNoPolicyOrScheduleThatIsNotThere(t *testing.T) {
	each(t, func(w *world) {
		r := w.event("prometheus", alertEvent("k", "down"))
		for _, in := range []core.Input{core.Assign{Policy: 99999}, core.Assign{Schedule: 99999}, core.Assign{User: 99999}} {
			_, err := w.Do(w.ctx, w.by("ana", r.Alert, in))
			require.Equal(w, core.NotFound, core.KindOf(err), "%+v: %v", in, err)
		}
		require.NotEqual(w, core.PolicyID(99999), w.alert(r.Alert).Policy)
	})
}

func TestAPanicInAVerbIsAnErrorOfIt(t *testing.T) {
	each(t, func(w *world) {
		r := w.event("prometheus", alertEvent("k", "down"))
		w.poison(r.Alert)
		_, err := w.Do(w.ctx, w.by("ana", r.Alert, core.Escalate{By: w.user("ana")}))
		require.Equal(w, core.Internal, core.KindOf(err))
		require.EqualValues(w, 1, w.Stats().Panics.Load())
		require.Equal(w, core.OutcomeCreated, w.event("prometheus", alertEvent("k2", "down")).Outcome)
	})
}

func TestTextThatCannotBeStoredIsInvalid(t *testing.T) {
	each(t, func(w *world) {
		r := w.event("prometheus", alertEvent("k", "down"))
		c := w.by("ana", r.Alert, core.Comment{By: w.user("ana"), Text: "looking"})
		c.Once = "an id \x00 from outside"
		_, err := w.Do(w.ctx, c)
		require.Equal(w, core.Invalid, core.KindOf(err))
	})
}

// poison makes an alert whose next escalation panics.
func (w *world) poison(id core.AlertID) {
	w.Helper()
	a := w.alert(id)
	a.Level = -5
	require.NoError(w, w.DB.Tx(w.ctx, func(tx *store.Tx) error { return tx.UpdateAlerts(w.ctx, []core.Alert{a}) }))
}

// unreadable makes an alert that cannot be loaded.
func (w *world) unreadable(id core.AlertID) {
	w.Helper()
	_, err := storetest.Raw(w, w.DB).ExecContext(w.ctx, "UPDATE alerts SET timers = '{' WHERE id = $1", int64(id))
	require.NoError(w, err)
}

func TestAPoisonedTimerStopsNoOther(t *testing.T) {
	each(t, func(w *world) {
		bad := w.event("prometheus", alertEvent("bad", "down")).Alert
		worse := w.event("prometheus", alertEvent("worse", "down")).Alert
		w.now = w.now.Add(time.Second)
		good := w.event("prometheus", alertEvent("good", "down")).Alert
		w.poison(bad)
		w.unreadable(worse)
		w.now = start.Add(2*time.Hour + time.Second)
		ran, err := w.StepsAlone(w.ctx)
		require.NoError(w, err)
		require.Equal(w, 3, ran)
		require.Equal(w, 2, w.alert(good).Level)
		n, err := w.RunDue(w.ctx)
		require.NoError(w, err, "the poisoned ones are put off")
		require.Zero(w, n)
		w.now = w.now.Add(2 * time.Minute)
		_, err = w.RunDue(w.ctx)
		require.Error(w, err, "they are tried again")
	})
}

func TestOnlyPeopleWhoMayActAreAsked(t *testing.T) {
	each(t, func(w *world) {
		dora, ana := w.user("dora"), w.user("ana")
		w.apply(changed("{escalationTimeout: 5, schedules: [primary]}", "{escalationTimeout: 5, users: [dora]}"))
		a := w.alert(w.event("prometheus", alertEvent("k", "down")).Alert)
		require.Equal(w, 2, a.Level, "the first has nobody who may act")
		for _, in := range []core.Input{core.Assign{By: ana, User: dora}, core.AddResponder{By: ana, User: dora}} {
			_, err := w.Do(w.ctx, w.by("ana", a.ID, in))
			require.Equal(w, core.Invalid, core.KindOf(err), "%T: %v", in, err)
			require.ErrorContains(w, err, "Dora")
		}
		w.apply(team + "teams:\n  - {name: web, members: [{user: dora, role: RESPONDER}]}\n")
		_, err := w.Do(w.ctx, w.by("ana", a.ID, core.Assign{By: ana, User: dora}))
		require.NoError(w, err)
		done, err := w.Do(w.ctx, w.by("dora", a.ID, core.Accept{By: dora}))
		require.NoError(w, err)
		require.Equal(w, core.Accepted, done.Alert.Status)
	})
}
