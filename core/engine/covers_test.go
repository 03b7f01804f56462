package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/config"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/schedules"
	"github.com/watchbell/watchbell/store"
	"github.com/watchbell/watchbell/store/storetest"
)

// four is a team of which everybody may be on call but Dora; Ana is, always.
const four = `
users:
  - {username: ana, firstName: Ana, email: ana@example.com, timezone: Europe/Lisbon, role: ADMIN, identities: {webchat: ana}}
  - {username: ben, firstName: Ben, email: ben@example.com, timezone: Europe/Berlin, role: USER, identities: {webchat: ben}}
  - {username: cleo, firstName: Cleo, email: cleo@example.com, timezone: Europe/Berlin, role: RESPONDER, identities: {webchat: cleo}}
  - {username: emil, firstName: Emil, email: emil@example.com, timezone: Europe/Berlin, role: RESPONDER, identities: {webchat: emil}}
  - {username: dora, firstName: Dora, email: dora@example.com, timezone: Europe/Vienna, role: STAKEHOLDER, identities: {webchat: dora}}
schedules:
  - {name: primary, timezone: Europe/Lisbon, scheduleLayers: [{name: week, startsOn: "2026-01-05T09:00", rotation: P7D, users: [cleo]}]}
  - {name: db, timezone: Europe/Lisbon, scheduleLayers: [{name: week, startsOn: "2026-01-05T09:00", rotation: P7D, users: [emil]}]}
escalationPolicies:
  - name: payments
    escalationRules: [{escalationTimeout: 5, schedules: [primary]}, {escalationTimeout: 5, users: [ben]}]
alertSources:
  - {name: prometheus, integrationKey: il1prom-0123456789, escalationPolicy: payments}
`

func onEach(t *testing.T, test func(w *world)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.apply(four)
		test(w)
	})
}

// onOne is for what does not depend on the database.
func onOne(t *testing.T, test func(w *world)) {
	w := newWorld(t, storetest.Memory(t))
	w.apply(four)
	test(w)
}

func (w *world) schedule(name string) core.ScheduleID {
	w.Helper()
	s, ok := w.Snapshot().ScheduleNamed(name)
	require.True(w, ok, name)
	return s.ID
}

func (w *world) as(name string) engine.Deed {
	w.Helper()
	return engine.Deed{Who: w.Snapshot().Viewer(w.user(name)), Actor: "webchat:" + name}
}

func (w *world) span(from, until time.Duration) schedules.Span {
	return schedules.Span{Start: start.Add(from), End: start.Add(until)}
}

func (w *world) override(by, user string, from, until time.Duration) (store.Override, error) {
	return w.MakeOverride(w.ctx, w.as(by), engine.OverrideWish{Schedule: w.schedule("primary"), User: w.user(user), Span: w.span(from, until)})
}

func (w *world) ask(by string, from, until time.Duration, receivers ...string) (engine.CoverDone, error) {
	in := schedules.AskCover{Anyone: len(receivers) == 0, Shifts: []schedules.CoverShift{{Schedule: w.schedule("primary"), Span: w.span(from, until)}}}
	for _, r := range receivers {
		in.Receivers = append(in.Receivers, w.user(r))
	}
	return w.AskCover(w.ctx, w.as(by), in)
}

// onCall is who the calendar names at an instant after the start, as this replica knows it.
func (w *world) onCall(at time.Duration) string {
	w.Helper()
	shift, ok := w.Snapshot().OnCall(w.schedule("primary"), start.Add(at))
	if !ok {
		return ""
	}
	return w.Snapshot().Users[shift.User].Username
}

// told takes what people were told, as "to: sentence with its parts".
func (w *world) told() (lines []string) {
	w.Helper()
	for {
		q, ok, err := w.DB.Claim(w.ctx, store.LaneHouse, w.now, time.Minute)
		require.NoError(w, err)
		if !ok {
			return lines
		}
		to := w.Snapshot().Conversations[core.ConversationID(q.Subject)].User
		for _, j := range q.Jobs {
			n, err := engine.ReadNotice(j.Data)
			require.NoError(w, err)
			say := n.Say
			for _, p := range n.Parts {
				text := p.Text
				switch {
				case p.User != 0:
					text = w.Snapshot().Users[p.User].Name()
				case !p.Time.IsZero():
					text = p.Time.Format("15:04")
				case p.Length != 0:
					text = p.Length.String()
				}
				say = strings.Replace(say, "{}", text, 1)
			}
			lines = append(lines, w.Snapshot().Users[to].Username+": "+say)
		}
		require.NoError(w, w.DB.Tx(w.ctx, func(tx *store.Tx) error { return tx.Done(w.ctx, q, q.Jobs, nil, time.Time{}) }))
	}
}

func TestAnOverrideChangesWhoIsOnCallEverywhere(t *testing.T) {
	onEach(t, func(w *world) {
		other := w.replica(w.DB)
		o, err := w.override("ben", "emil", -time.Hour, 2*time.Hour)
		require.NoError(w, err)
		require.Equal(w, start, o.Start, "one that began earlier begins now")
		require.Equal(w, "emil", w.onCall(time.Hour))
		require.Equal(w, "cleo", w.onCall(2*time.Hour))
		_, err = other.Refresh(w.ctx)
		require.NoError(w, err)
		shift, _ := other.Snapshot().OnCall(w.schedule("primary"), start)
		require.Equal(w, o.ID, shift.Override, "another replica knows")
		require.ElementsMatch(w, []string{
			"emil: Ben put you on call for primary: 09:00 – 11:00 (2h0m0s). o1",
			"cleo: Ben put Emil on call for primary in your place: 09:00 – 11:00 (2h0m0s). o1",
		}, w.told())

		w.now = start.Add(time.Hour)
		ended, err := w.CancelOverride(w.ctx, w.as("emil"), o.ID, 0)
		require.NoError(w, err)
		require.Equal(w, w.now, ended.End, "a running one ends now")
		require.Equal(w, "emil", w.onCall(59*time.Minute), "what was stays")
		require.Equal(w, "cleo", w.onCall(time.Hour))
		require.Equal(w, []string{"cleo: Emil cancelled o1: you are on call for primary again, 10:00 – 11:00."}, w.told())
		_, err = w.CancelOverride(w.ctx, w.as("ben"), o.ID, 0)
		require.Equal(w, core.Conflict, core.KindOf(err))
	})
}

func TestWhoMayOverride(t *testing.T) {
	onOne(t, func(w *world) {
		for _, c := range []struct {
			by, user    string
			from, until time.Duration
			want        core.Kind
		}{
			{"cleo", "emil", 0, time.Hour, core.Denied},
			{"dora", "dora", 0, time.Hour, core.Denied},
			{"ben", "dora", 0, time.Hour, core.Invalid},
			{"ben", "emil", -2 * time.Hour, -time.Hour, core.Invalid},
			{"ben", "emil", -2 * time.Hour, 0, core.Invalid},
			{"ben", "emil", time.Hour, time.Hour, core.Invalid},
			{"ben", "emil", 0, 367 * 24 * time.Hour, core.Invalid},
		} {
			_, err := w.override(c.by, c.user, c.from, c.until)
			require.Error(w, err, "%+v", c)
			require.Equal(w, c.want, core.KindOf(err), "%+v: %v", c, err)
		}
		o, err := w.override("emil", "emil", 0, time.Hour)
		require.NoError(w, err, "RESPONDER may put themselves on call")
		_, err = w.CancelOverride(w.ctx, w.as("cleo"), o.ID, 0)
		require.Equal(w, core.Denied, core.KindOf(err), "and cancels only their own")
		_, err = w.CancelOverride(w.ctx, w.as("ana"), o.ID, w.schedule("db"))
		require.Equal(w, core.NotFound, core.KindOf(err), "it is of another schedule")
	})
}

func TestTheSameInteractionOverridesOnce(t *testing.T) {
	onOne(t, func(w *world) {
		d := w.as("ben")
		d.Once = "webchat/1/primary"
		wish := engine.OverrideWish{Schedule: w.schedule("primary"), User: w.user("emil"), Span: w.span(0, time.Hour)}
		first, err := w.MakeOverride(w.ctx, d, wish)
		require.NoError(w, err)
		second, err := w.MakeOverride(w.ctx, d, wish)
		require.NoError(w, err)
		require.Equal(w, first.ID, second.ID)
	})
}

func TestAcceptedCoverChangesWhoIsPaged(t *testing.T) {
	onEach(t, func(w *world) {
		asked, err := w.ask("cleo", 0, 4*time.Hour, "ben", "emil")
		require.NoError(w, err)
		require.Len(w, asked.Warnings, 1, "Emil is on call for db then")
		require.Equal(w, w.user("emil"), asked.Warnings[0].User)
		_, err = w.AcceptCover(w.ctx, w.as("ana"), asked.Request.ID, nil)
		require.Equal(w, core.Denied, core.KindOf(err), "she was not asked")
		done, err := w.AcceptCover(w.ctx, w.as("ben"), asked.Request.ID, []schedules.CoverShift{{Span: w.span(time.Hour, 2*time.Hour)}})
		require.NoError(w, err)
		require.Equal(w, schedules.CoverPending, done.Request.State)
		require.Equal(w, []string{"cleo: Ben covers a part: primary 10:00 – 11:00 (1h0m0s). The rest of c1 is still open."}, w.told())

		w.now = start.Add(time.Hour).Add(-time.Second)
		first := w.event("prometheus", core.Event{Type: core.EventAlert, Key: "a", Summary: "before"})
		w.now = start.Add(time.Hour)
		second := w.event("prometheus", core.Event{Type: core.EventAlert, Key: "b", Summary: "from then on"})
		require.Equal(w, w.user("cleo"), w.alert(first.Alert).Responders[0].User)
		require.Equal(w, w.user("ben"), w.alert(second.Alert).Responders[0].User)

		done, err = w.AcceptCover(w.ctx, w.as("emil"), asked.Request.ID, nil)
		require.NoError(w, err)
		require.Equal(w, schedules.CoverAccepted, done.Request.State)
		require.Equal(w, w.user("emil"), done.Request.AcceptedBy)
		require.Len(w, done.Warnings, 1)
		require.Equal(w, "ben", w.onCall(90*time.Minute))
		require.Equal(w, "emil", w.onCall(3*time.Hour))
		_, err = w.AcceptCover(w.ctx, w.as("ben"), asked.Request.ID, nil)
		require.Equal(w, core.Conflict, core.KindOf(err))
		require.Contains(w, err.Error(), "Emil was first")
		_, err = w.CancelCover(w.ctx, w.as("cleo"), asked.Request.ID)
		require.Equal(w, core.Conflict, core.KindOf(err))

		w.told()
		_, err = w.CancelOverride(w.ctx, w.as("emil"), done.Request.Pieces[len(done.Request.Pieces)-1].Override, 0)
		require.NoError(w, err)
		require.Equal(w, "cleo", w.onCall(3*time.Hour), "given back")
		require.Equal(w, []string{"cleo: Emil gave back what was taken of c1: primary 11:00 – 13:00 (2h0m0s). It is yours again."}, w.told())
	})
}

func TestOfTwoWhoAcceptAtOnceOneWins(t *testing.T) {
	onEach(t, func(w *world) {
		others := []*engine.Engine{w.replica(w.DB), w.replica(w.DB)}
		for round := range 20 {
			from := time.Duration(round) * time.Hour
			asked, err := w.ask("cleo", from, from+time.Hour, "ben", "emil")
			require.NoError(w, err)
			var errs [2]error
			var both sync.WaitGroup
			for i, name := range []string{"ben", "emil"} {
				d := w.as(name)
				both.Go(func() { _, errs[i] = others[i].AcceptCover(w.ctx, d, asked.Request.ID, nil) })
			}
			both.Wait()
			won := 0
			for _, err := range errs {
				if err == nil {
					won++
					continue
				}
				require.Equal(w, core.Conflict, core.KindOf(err), "%v", err)
				require.Contains(w, err.Error(), "was first")
			}
			require.Equal(w, 1, won, "round %d: %v", round, errs)
			var made []store.Override
			require.NoError(w, w.DB.View(w.ctx, func(tx *store.Tx) (err error) {
				made, err = tx.OverridesOfCover(w.ctx, asked.Request.ID)
				return err
			}))
			require.Len(w, made, 1)
		}
	})
}

func TestThoseWhoDoNotAnswerAreRemindedTwice(t *testing.T) {
	onOne(t, func(w *world) {
		asked, err := w.ask("cleo", 10*time.Hour, 12*time.Hour, "ben", "emil", "ana")
		require.NoError(w, err)
		_, err = w.DeclineCover(w.ctx, w.as("ana"), asked.Request.ID, "on a train")
		require.NoError(w, err)
		require.Equal(w, []string{"cleo: Ana cannot take c1: “on a train”."}, w.told())
		run := func(at time.Duration) []string {
			w.now = start.Add(at)
			_, err := w.RunDue(w.ctx)
			require.NoError(w, err)
			return w.told()
		}
		require.Empty(w, run(5*time.Hour-time.Second))
		line := "Cleo still looks for cover: primary 19:00 – 21:00 (2h0m0s). Say “/cover accept c1” or “/cover decline c1”."
		require.ElementsMatch(w, []string{"ben: " + line, "emil: " + line}, run(5*time.Hour))
		_, err = w.DeclineCover(w.ctx, w.as("ben"), asked.Request.ID, "")
		require.NoError(w, err)
		w.told()
		require.Equal(w, []string{"emil: " + line}, run(9*time.Hour))
		require.Empty(w, run(12*time.Hour), "over")
		_, err = w.AcceptCover(w.ctx, w.as("emil"), asked.Request.ID, nil)
		require.Equal(w, core.Conflict, core.KindOf(err))
		require.Contains(w, err.Error(), fmt.Sprintf("c%d is over", asked.Request.ID))
	})
}

func TestAListShowsWhatIsOpenAndWhatWasAnsweredToday(t *testing.T) {
	onOne(t, func(w *world) {
		for range 2 {
			_, err := w.ask("cleo", 10*time.Hour, 90*time.Hour, "ben")
			require.NoError(w, err)
		}
		_, err := w.CancelCover(w.ctx, w.as("cleo"), 1)
		require.NoError(w, err)
		live := func(at time.Duration) (ids []int64) {
			require.NoError(w, w.DB.View(w.ctx, func(tx *store.Tx) error {
				list, err := tx.Covers(w.ctx, store.CoverFilter{Receiver: w.user("ben"), Live: start.Add(at), Limit: 10})
				for _, c := range list {
					ids = append(ids, c.ID)
				}
				return err
			}))
			return ids
		}
		require.Equal(w, []int64{2, 1}, live(24*time.Hour))
		require.Equal(w, []int64{2}, live(24*time.Hour+time.Second))
		require.Empty(w, live(90*time.Hour), "expired")
	})
}

func TestManyOverridesAtOnceAreAllMade(t *testing.T) {
	onEach(t, func(w *world) {
		const n = 20
		var errs [n]error
		var all sync.WaitGroup
		d := w.as("ben")
		for i := range n {
			wish := engine.OverrideWish{Schedule: w.schedule("primary"), User: w.user("emil"), Span: w.span(time.Duration(i)*time.Hour, time.Duration(i+1)*time.Hour)}
			all.Go(func() { _, errs[i] = w.MakeOverride(w.ctx, d, wish) })
		}
		all.Wait()
		for i, err := range errs {
			require.NoError(w, err)
			require.Equal(w, "emil", w.onCall(time.Duration(i)*time.Hour))
		}
	})
}

func TestSomebodyWhoIsPutOnCallIsNotRemoved(t *testing.T) {
	onOne(t, func(w *world) {
		o, err := w.override("ben", "emil", time.Hour, 2*time.Hour)
		require.NoError(w, err)
		without := strings.Replace(four, "users: [emil]", "users: [ben]", 1)
		lines := strings.Split(without, "\n")
		lines = slices.DeleteFunc(lines, func(l string) bool { return strings.Contains(l, "username: emil") })
		set, problems := config.Parse([]config.File{{Name: "team.yaml", Data: []byte(strings.Join(lines, "\n"))}}, config.Options{Known: []string{"webchat"}})
		require.Empty(w, problems)
		prune := func() error {
			plan, err := w.Plan(w.ctx, set, config.DiffOptions{Prune: true})
			require.NoError(w, err)
			return w.ApplyPlan(w.ctx, plan, "test")
		}
		err = prune()
		require.Equal(w, core.Conflict, core.KindOf(err))
		require.ErrorContains(w, err, "override o1 puts this user on call on primary")
		_, err = w.CancelOverride(w.ctx, w.as("ben"), o.ID, 0)
		require.NoError(w, err)
		require.NoError(w, prune())
	})
}
