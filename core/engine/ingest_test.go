package engine_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/store"
	"github.com/watchbell/watchbell/store/storetest"
)

func resolveEvent(key string) core.Event { return core.Event{Type: core.EventResolve, Key: key} }

// events sends several in one request.
func (w *world) events(source string, events ...core.Event) []engine.Result {
	w.Helper()
	r, err := w.Ingest(w.ctx, engine.Request{Source: w.source(source).ID, Events: events})
	require.NoError(w, err)
	return r
}

// open are all open alerts.
func (w *world) open() (list []core.Alert) {
	w.Helper()
	require.NoError(w, w.DB.View(w.ctx, func(tx *store.Tx) (err error) {
		list, err = tx.ListAlerts(w.ctx, store.AlertFilter{Statuses: []core.Status{core.Pending, core.Accepted}, Limit: 1000})
		return err
	}))
	return list
}

// sound fails the test if the database holds what can never be.
func (w *world) sound() {
	w.Helper()
	found, err := w.Audit(w.ctx)
	require.NoError(w, err)
	require.Empty(w, found)
}

// together runs n functions at once and returns when all have.
func together(n int, do func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { do(i) })
	}
	all.Wait()
}

func TestAnAlertFollowsItsResolveInTheSameCommit(t *testing.T) {
	each(t, func(w *world) {
		first := w.event("prometheus", alertEvent("k", "down"))
		r := w.events("prometheus", resolveEvent("k"), alertEvent("k", "down again"))
		require.Equal(w, core.OutcomeResolved, r[0].Outcome)
		require.Equal(w, core.OutcomeCreated, r[1].Outcome, "%s", r[1].Reason)
		require.Equal(w, first.Alert, r[0].Alert)
		require.Equal(w, core.Resolved, w.alert(first.Alert).Status)
		require.Len(w, w.open(), 1)
		w.sound()
	})
}

func TestManySendersShareCommits(t *testing.T) {
	each(t, func(w *world) {
		const senders, keys = 64, 8
		src := w.source("prometheus").ID
		together(senders, func(i int) {
			for k := range keys {
				_, err := w.Ingest(w.ctx, engine.Request{Source: src, Events: []core.Event{alertEvent(fmt.Sprintf("shared-%d", k), "down"), alertEvent(fmt.Sprintf("own-%d-%d", i, k), "down")}})
				if err != nil {
					w.Errorf("sender %d: %v", i, err)
				}
			}
		})
		byKey := map[string]int{}
		for _, a := range w.open() {
			require.Zero(w, byKey[a.Key], "two open alerts have the key %s", a.Key)
			byKey[a.Key] = a.Events
		}
		require.Len(w, byKey, keys+senders*keys)
		for k := range keys {
			require.Equal(w, senders, byKey[fmt.Sprintf("shared-%d", k)])
		}
		require.Less(w, w.Stats().Batches.Load(), int64(senders*keys), "nobody shared a commit")
		w.sound()
	})
}

func TestOnePoisonedEventFailsAlone(t *testing.T) {
	each(t, func(w *world) {
		src := w.source("prometheus").ID
		release := w.HoldCommits()
		var poisoned []engine.Result
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				in := engine.Request{Source: src, Events: []core.Event{alertEvent(fmt.Sprintf("k%d", i), "down")}}
				if i == 7 {
					in.Events[0].Summary, in.Raw = "bad \x00 text", []byte("as it came \x00")
				}
				r, err := w.IngestAsItIs(w.ctx, in)
				if err != nil {
					w.Errorf("sender %d: %v", i, err)
				} else if i == 7 {
					poisoned = r
				} else if r[0].Outcome != core.OutcomeCreated {
					w.Errorf("sender %d: got outcome %d", i, r[0].Outcome)
				}
			})
		}
		for w.Waiting() < 20 {
			runtime.Gosched()
		}
		release()
		all.Wait()
		require.Equal(w, core.OutcomeUnreadable, poisoned[0].Outcome)
		require.Contains(w, w.alert(poisoned[0].Alert).Summary, "cannot be stored")
		require.Len(w, w.open(), 20)
		var rows []store.EventRow
		require.NoError(w, w.DB.View(w.ctx, func(tx *store.Tx) (err error) {
			rows, err = tx.EventsOf(w.ctx, poisoned[0].Alert, 0, 10)
			return err
		}))
		require.Len(w, rows, 2)
		require.Equal(w, "as it came \x00", string(rows[1].Body))
		w.sound()
	})
}

func TestUnreadableEventsComeTogether(t *testing.T) {
	each(t, func(w *world) {
		bad := engine.Request{Source: w.source("prometheus").ID, Events: []core.Event{{Type: core.EventAlert, Summary: "\x00"}}}
		first, err := w.IngestAsItIs(w.ctx, bad)
		require.NoError(w, err)
		second, err := w.IngestAsItIs(w.ctx, bad)
		require.NoError(w, err)
		require.Equal(w, first[0].Alert, second[0].Alert)
		require.Equal(w, 2, w.alert(first[0].Alert).Events)
	})
}

func TestARequestNobodyWaitsForIsNotStored(t *testing.T) {
	each(t, func(w *world) {
		release := w.HoldCommits()
		ctx, cancel := context.WithCancel(w.ctx)
		done := make(chan error)
		go func() {
			_, err := w.Ingest(ctx, engine.Request{Source: w.source("prometheus").ID, Events: []core.Event{alertEvent("gone", "down")}})
			done <- err
		}()
		for w.Waiting() == 0 {
			runtime.Gosched()
		}
		cancel()
		require.ErrorIs(w, <-done, context.Canceled)
		release()
		w.event("prometheus", alertEvent("k", "down"))
		require.Len(w, w.open(), 1)
	})
}

func TestAFloodOfOneSourceLeavesRoomForOthers(t *testing.T) {
	each(t, func(w *world) {
		defer w.HoldCommits()()
		ctx, cancel := context.WithCancel(w.ctx)
		var all sync.WaitGroup
		defer all.Wait()
		defer cancel()
		many := make([]core.Event, 1000)
		for i := range many {
			many[i] = alertEvent("k", "down")
		}
		send := func(source string, events []core.Event) <-chan error {
			refused := make(chan error, 1)
			all.Go(func() {
				_, err := w.Ingest(ctx, engine.Request{Source: w.source(source).ID, Events: events})
				refused <- err
			})
			return refused
		}
		for i := range 4 {
			send("prometheus", many)
			for w.Waiting() < i+1 {
				runtime.Gosched()
			}
		}
		require.Equal(w, core.Unavailable, core.KindOf(<-send("prometheus", many)))
		send("grouped", many)
		for w.Waiting() < 5 {
			runtime.Gosched()
		}
	})
}

func TestAPersonGetsAnAlertFromASourceThatIsOff(t *testing.T) {
	each(t, func(w *world) {
		ev := alertEvent("", "help")
		ev.By = w.user("ana")
		require.Equal(w, core.OutcomeCreated, w.event("off", ev).Outcome)
	})
}

func TestASourceThatIsSwitchedOffStillEndsItsAlerts(t *testing.T) {
	each(t, func(w *world) {
		first, second := w.event("prometheus", alertEvent("a", "down")), w.event("prometheus", alertEvent("b", "down"))
		w.apply(changed("name: prometheus,", "name: prometheus, active: false,"))
		require.Equal(w, core.OutcomeDropped, w.event("prometheus", alertEvent("c", "down")).Outcome)
		require.Equal(w, core.OutcomeResolved, w.event("prometheus", resolveEvent("a")).Outcome)
		require.Equal(w, core.OutcomeAccepted, w.event("prometheus", core.Event{Type: core.EventAccept, Key: "b"}).Outcome)
		require.Equal(w, core.Resolved, w.alert(first.Alert).Status)
		require.Equal(w, core.Accepted, w.alert(second.Alert).Status)
	})
}

func TestAChildInTheSameCommitEndsWithItsMain(t *testing.T) {
	each(t, func(w *world) {
		main, child := w.event("prometheus", alertEvent("a", "one")), w.event("prometheus", alertEvent("b", "two"))
		ana := w.user("ana")
		_, err := w.Merge(w.ctx, child.Alert, main.Alert, engine.Command{By: ana, Actor: "user:1"})
		require.NoError(w, err)
		w.events("prometheus", alertEvent("b", "two"), resolveEvent("a"))
		require.Equal(w, core.Resolved, w.alert(child.Alert).Status)
		w.sound()
	})
}

func TestAnAlertOfAChildsKeyFollowsItsMainsResolve(t *testing.T) {
	each(t, func(w *world) {
		main, child := w.event("prometheus", alertEvent("a", "one")), w.event("prometheus", alertEvent("b", "two"))
		ana := w.user("ana")
		_, err := w.Merge(w.ctx, child.Alert, main.Alert, engine.Command{By: ana, Actor: "user:1"})
		require.NoError(w, err)
		w.pages()
		r := w.events("prometheus", resolveEvent("a"), alertEvent("b", "two"))
		require.Equal(w, core.OutcomeCreated, r[1].Outcome)
		require.Equal(w, core.Resolved, w.alert(child.Alert).Status)
		require.Equal(w, []int64{engine.PageArg(r[1].Alert, 1)}, w.pages())
		w.sound()
	})
}

func TestAKeyThatWasWokenStaysAwake(t *testing.T) {
	urgent := alertEvent("k", "down")
	urgent.Severity = 1
	for name, events := range map[string][]core.Event{
		"while the alert is open":  {urgent, resolveEvent("k")},
		"and resolved in one go":   {urgent, resolveEvent("k"), alertEvent("k", "down")},
		"and born awake in one go": {resolveEvent("k"), alertEvent("k", "down"), urgent, resolveEvent("k")},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(w *world) {
				r := w.event("prometheus", alertEvent("k", "down"))
				ana := w.user("ana")
				_, err := w.Do(w.ctx, engine.Command{Alert: r.Alert, By: ana, Actor: "user:1", Input: core.Snooze{By: ana, Until: start.Add(2 * time.Hour)}})
				require.NoError(w, err)
				w.events("prometheus", events...)
				w.events("prometheus", resolveEvent("k"))
				require.Zero(w, w.alert(w.event("prometheus", alertEvent("k", "down")).Alert).SnoozedUntil)
			})
		})
	}
}

func TestASnoozeOfAKeyDoesNotHoldWhatIsMoreUrgent(t *testing.T) {
	each(t, func(w *world) {
		raised := func(severity int) core.Alert {
			ev := alertEvent("k", "down")
			ev.Severity = severity
			return w.alert(w.event("prometheus", ev).Alert)
		}
		ana := w.user("ana")
		_, err := w.Do(w.ctx, w.by("ana", raised(4).ID, core.Snooze{By: ana, Until: start.Add(8 * time.Hour)}))
		require.NoError(w, err)
		w.event("prometheus", resolveEvent("k"))
		require.NotZero(w, raised(4).SnoozedUntil, "no more urgent")
		w.event("prometheus", resolveEvent("k"))
		w.pages()
		urgent := raised(1)
		require.Zero(w, urgent.SnoozedUntil)
		require.Equal(w, []int64{engine.PageArg(urgent.ID, 1)}, w.pages())
	})
}

func TestASnoozeOfAKeyOutlivesAMerge(t *testing.T) {
	each(t, func(w *world) {
		main, child := w.event("prometheus", alertEvent("a", "one")), w.event("prometheus", alertEvent("b", "two"))
		ana := w.user("ana")
		until := start.Add(2 * time.Hour)
		_, err := w.Do(w.ctx, engine.Command{Alert: child.Alert, By: ana, Actor: "user:1", Input: core.Snooze{By: ana, Until: until}})
		require.NoError(w, err)
		_, err = w.Merge(w.ctx, child.Alert, main.Alert, engine.Command{By: ana, Actor: "user:1"})
		require.NoError(w, err)
		w.event("prometheus", resolveEvent("b"))
		require.Equal(w, until, w.alert(w.event("prometheus", alertEvent("b", "two")).Alert).SnoozedUntil)
	})
}

func TestAGroupFallsBackOnAnOlderAlert(t *testing.T) {
	each(t, func(w *world) {
		older, newer := alertEvent("old", "one"), alertEvent("new", "two")
		older.By, newer.By = w.user("ana"), w.user("ana") // by hand: beside each other in spite of the grouping
		first, second := w.event("grouped", older), w.event("grouped", newer)
		r := w.events("grouped", alertEvent("", "three"), resolveEvent("new"), alertEvent("", "four"))
		require.Equal(w, second.Alert, r[0].Alert)
		require.Equal(w, first.Alert, r[2].Alert, "an older alert is open")
		require.Len(w, w.open(), 1)
	})
}

// modes is one source for each way of grouping.
const modes = `
  - {name: ONE_ALERT_PER_EMAIL, escalationPolicy: payments}
  - {name: ONE_ALERT_PER_EMAIL_SUBJECT, escalationPolicy: payments, alertCreation: ONE_ALERT_PER_EMAIL_SUBJECT}
  - {name: ONE_PENDING_ALERT_ALLOWED, escalationPolicy: payments, alertCreation: ONE_PENDING_ALERT_ALLOWED}
  - {name: ONE_OPEN_ALERT_ALLOWED, escalationPolicy: payments, alertCreation: ONE_OPEN_ALERT_ALLOWED}
  - {name: ONE_ALERT_GROUPED_PER_WINDOW, escalationPolicy: payments, alertCreation: ONE_ALERT_GROUPED_PER_WINDOW, alertGroupingWindow: PT10M}
`

func TestTwoReplicasKeepEveryGrouping(t *testing.T) {
	each(t, func(w *world) {
		w.apply(team + modes)
		replicas := []*engine.Engine{w.Engine, w.replica(w.DB)}
		for _, mode := range []string{"ONE_ALERT_PER_EMAIL", "ONE_ALERT_PER_EMAIL_SUBJECT", "ONE_PENDING_ALERT_ALLOWED", "ONE_OPEN_ALERT_ALLOWED", "ONE_ALERT_GROUPED_PER_WINDOW"} {
			w.T.Run(mode, func(t *testing.T) {
				src := w.source(mode).ID
				together(16, func(i int) {
					for k := range 12 {
						ev := alertEvent(fmt.Sprintf("k%d", k%4), fmt.Sprintf("summary %d", k%3))
						switch {
						case k%3 == 1:
							ev.Key = ""
						case k%6 == 5:
							ev.Type = core.EventResolve
						case k%6 == 3:
							ev.Type = core.EventAccept
						}
						if _, err := replicas[i%2].Ingest(t.Context(), engine.Request{Source: src, Events: []core.Event{ev}}); err != nil {
							t.Errorf("replica %d: %v", i%2, err)
						}
					}
				})
				keys, summaries, open, pending := map[string]int{}, map[string]int{}, 0, 0
				for _, a := range w.open() {
					if a.Source != src {
						continue
					}
					open++
					summaries[a.Summary]++
					if a.Status == core.Pending {
						pending++
					}
					if a.Key != "" {
						keys[a.Key]++
					}
				}
				for k, n := range keys {
					require.Equal(t, 1, n, "open alerts with the key %s", k)
				}
				switch mode {
				case "ONE_OPEN_ALERT_ALLOWED", "ONE_ALERT_GROUPED_PER_WINDOW":
					require.LessOrEqual(t, open, 1)
				case "ONE_PENDING_ALERT_ALLOWED":
					require.LessOrEqual(t, pending, 1)
				case "ONE_ALERT_PER_EMAIL_SUBJECT":
					for s, n := range summaries {
						require.Equal(t, 1, n, "open alerts with the summary %s", s)
					}
				}
				w.sound()
			})
		}
	})
}

func TestReplicasStartTogether(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		together(8, func(i int) {
			if _, err := engine.New(t.Context(), db, engine.Options{Secret: "0123456789abcdef"}); err != nil {
				t.Errorf("replica %d: %v", i, err)
			}
		})
	})
}
