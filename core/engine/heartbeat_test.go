package engine_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/store"
	"github.com/watchbell/watchbell/store/storetest"
)

const monitors = team + `
heartbeatMonitors:
  - {name: nightly-backup, intervalSec: 60, gracePeriodSec: 10, alertSummary: Nightly backup did not run, alertSource: prometheus, integrationKey: il1beat-0123456789}
  - {name: cron, intervalSec: 60, alertSource: prometheus}
  - {name: quiet, intervalSec: 60}
`

// beating runs a test on both databases with the monitors, watched by a replica.
func beating(t *testing.T, test func(w *world)) {
	each(t, func(w *world) {
		w.apply(monitors)
		w.watch(0)
		test(w)
	})
}

// watch lets d pass in steps of five seconds, in each of which a replica says that it is
// alive and runs what is due.
func (w *world) watch(d time.Duration) {
	w.Helper()
	for end := w.now.Add(d); ; w.now = w.now.Add(min(5*time.Second, end.Sub(w.now))) {
		require.NoError(w, w.DB.Tx(w.ctx, func(tx *store.Tx) error {
			_, _, err := tx.Beat(w.ctx, 1, w.now, 6*time.Second)
			return err
		}))
		_, err := w.RunDue(w.ctx)
		require.NoError(w, err)
		if !w.now.Before(end) {
			return
		}
	}
}

func (w *world) heartbeat(name string) engine.Heartbeat {
	w.Helper()
	h, ok := w.Snapshot().HeartbeatNamed(name)
	require.True(w, ok, name)
	return h
}

func (w *world) beat(name string, b core.Beat) {
	w.Helper()
	require.NoError(w, w.Beat(w.ctx, w.heartbeat(name).ID, b))
}

func (w *world) vitals(name string) core.Vitals {
	w.Helper()
	all, err := w.Vitals(w.ctx)
	require.NoError(w, err)
	return all[w.heartbeat(name).ID]
}

// alerts are all there are, newest first.
func (w *world) alerts() (all []core.Alert) {
	w.Helper()
	require.NoError(w, w.DB.View(w.ctx, func(tx *store.Tx) (err error) {
		all, err = tx.ListAlerts(w.ctx, store.AlertFilter{Limit: 100})
		return err
	}))
	return all
}

func TestAMonitorThatNeverBeatIsLeftAlone(t *testing.T) {
	beating(t, func(w *world) {
		w.watch(2 * time.Minute)
		require.Equal(w, core.NeverBeat, w.vitals("nightly-backup").State)
		require.Empty(w, w.alerts())
	})
}

func TestAMissingBeatRaisesAnAlertAndTheNextResolvesIt(t *testing.T) {
	beating(t, func(w *world) {
		w.beat("nightly-backup", core.Beat{})
		w.watch(68 * time.Second)
		require.Empty(w, w.alerts(), "within the grace")
		w.watch(6 * time.Second)
		require.Equal(w, core.Overdue, w.vitals("nightly-backup").State)
		all := w.alerts()
		require.Len(w, all, 1)
		require.Equal(w, core.Pending, all[0].Status)
		require.Equal(w, "Nightly backup did not run", all[0].Summary)
		require.Equal(w, core.HeartbeatKey(w.heartbeat("nightly-backup").ID), all[0].Key)
		require.Equal(w, w.source("prometheus").ID, all[0].Source)
		w.watch(90 * time.Second)
		require.Len(w, w.alerts(), 1, "it is told once")
		require.Equal(w, 1, w.alert(all[0].ID).Events)
		w.beat("nightly-backup", core.Beat{})
		require.Equal(w, core.Resolved, w.alert(all[0].ID).Status)
		require.Equal(w, core.Healthy, w.vitals("nightly-backup").State)
		w.watch(74 * time.Second)
		require.Len(w, w.alerts(), 2, "the timer runs again")
	})
}

func TestABeatNeverMovesItsJob(t *testing.T) {
	beating(t, func(w *world) {
		w.beat("nightly-backup", core.Beat{})
		first := w.timer("heartbeat")
		w.watch(30 * time.Second)
		w.beat("nightly-backup", core.Beat{})
		require.Equal(w, first, w.timer("heartbeat"))
		w.watch(42 * time.Second)
		require.Equal(w, start.Add(30*time.Second+70*time.Second), w.timer("heartbeat").RunAt)
	})
}

// timer is the only job of a kind.
func (w *world) timer(kind string) store.Job {
	w.Helper()
	var due []store.Job
	require.NoError(w, w.DB.View(w.ctx, func(tx *store.Tx) (err error) {
		due, err = tx.StepsOf(w.ctx, engine.KindHeartbeat, w.now.Add(time.Hour), 10)
		return err
	}))
	for _, j := range due {
		if j.Kind == kind {
			return j
		}
	}
	w.Fatalf("no job of kind %s in %v", kind, due)
	return store.Job{}
}

func TestAFailedRunIsToldAtOnceWithItsExitCode(t *testing.T) {
	beating(t, func(w *world) {
		w.beat("cron", core.Beat{Kind: core.BeatStarted})
		w.now = w.now.Add(42 * time.Second)
		w.beat("cron", core.Beat{Kind: core.BeatFailed, Code: 3, Body: "disk full"})
		all := w.alerts()
		require.Len(w, all, 1)
		require.Equal(w, "cron failed with exit code 3", all[0].Summary)
		require.Equal(w, "disk full", all[0].Details)
		v := w.vitals("cron")
		require.Equal(w, []core.Run{{At: w.now, Took: 42 * time.Second, Failed: true, Code: 3}}, v.Runs)
		require.Equal(w, "disk full", v.Body)
		w.beat("cron", core.Beat{})
		require.Equal(w, core.Resolved, w.alert(all[0].ID).Status)
	})
}

func TestAMonitorWithoutSourceHasAStateOnly(t *testing.T) {
	beating(t, func(w *world) {
		w.beat("quiet", core.Beat{})
		w.watch(64 * time.Second)
		require.Equal(w, core.Overdue, w.vitals("quiet").State)
		require.Empty(w, w.alerts())
		w.beat("quiet", core.Beat{})
		require.Equal(w, core.Healthy, w.vitals("quiet").State)
	})
}

func TestManyMonitorsOfOneSourceHaveAnAlertEach(t *testing.T) {
	beating(t, func(w *world) {
		w.beat("nightly-backup", core.Beat{})
		w.beat("cron", core.Beat{})
		w.watch(74 * time.Second)
		require.Len(w, w.alerts(), 2)
		w.beat("cron", core.Beat{})
		var open []string
		for _, a := range w.alerts() {
			if a.Open() {
				open = append(open, a.Summary)
			}
		}
		require.Equal(w, []string{"Nightly backup did not run"}, open)
	})
}

func TestATimeWhenNobodyWatchedRaisesNothing(t *testing.T) {
	beating(t, func(w *world) {
		w.beat("nightly-backup", core.Beat{})
		w.watch(20 * time.Second)
		w.now = w.now.Add(2 * time.Hour)
		n, err := w.RunDue(w.ctx) // the first thing that a start does
		require.NoError(w, err)
		require.Equal(w, 1, n)
		require.Empty(w, w.alerts(), "before the gap is recorded")
		w.watch(68 * time.Second)
		require.Empty(w, w.alerts(), "within a period and the grace after it")
		w.watch(6 * time.Second)
		require.Len(w, w.alerts(), 1, "what is dead is found")
	})
}

func TestAPausedMonitorIsQuietAndRunsOnAfterwards(t *testing.T) {
	beating(t, func(w *world) {
		ana := engine.HeartbeatCommand{Heartbeat: w.heartbeat("nightly-backup").ID, By: w.user("ana"), Actor: "webchat:ana"}
		w.beat("nightly-backup", core.Beat{})
		w.watch(74 * time.Second)
		alert := w.alerts()[0].ID
		_, err := w.PauseHeartbeat(w.ctx, ana, w.now.Add(2*time.Minute))
		require.NoError(w, err)
		require.Equal(w, core.Resolved, w.alert(alert).Status)
		w.beat("nightly-backup", core.Beat{Kind: core.BeatFailed})
		w.watch(2*time.Minute + 68*time.Second)
		require.Len(w, w.alerts(), 1, "quiet until a period after the pause")
		w.watch(6 * time.Second)
		require.Len(w, w.alerts(), 2)

		_, err = w.ResumeHeartbeat(w.ctx, ana)
		require.Equal(w, core.Conflict, core.KindOf(err), "%v", err)
		_, err = w.PauseHeartbeat(w.ctx, ana, w.now.Add(2*time.Minute))
		require.NoError(w, err)
		v, err := w.ResumeHeartbeat(w.ctx, ana)
		require.NoError(w, err)
		require.Zero(w, v.PausedUntil)
		w.watch(74 * time.Second)
		require.Len(w, w.alerts(), 3)
	})
}

func TestOneInteractionPausesOnce(t *testing.T) {
	beating(t, func(w *world) {
		c := engine.HeartbeatCommand{Heartbeat: w.heartbeat("quiet").ID, By: w.user("ben"), Actor: "webchat:ben", Once: "press-1"}
		first, err := w.PauseHeartbeat(w.ctx, c, w.now.Add(time.Hour))
		require.NoError(w, err)
		w.now = w.now.Add(time.Minute)
		again, err := w.PauseHeartbeat(w.ctx, c, w.now.Add(time.Hour))
		require.NoError(w, err)
		require.Equal(w, first, again)
		c.By, c.Once = w.user("dora"), "press-2"
		_, err = w.PauseHeartbeat(w.ctx, c, w.now.Add(time.Hour))
		require.Equal(w, core.Denied, core.KindOf(err), "%v", err)
	})
}

func TestAShorterIntervalCountsFromNowOn(t *testing.T) {
	beating(t, func(w *world) {
		w.beat("nightly-backup", core.Beat{})
		before := w.Snapshot().HeartbeatKey(w.heartbeat("nightly-backup").ID)
		w.apply(strings.Replace(monitors, "name: nightly-backup, intervalSec: 60, gracePeriodSec: 10", "name: nightly-backup, intervalSec: 25", 1))
		require.Equal(w, before, w.Snapshot().HeartbeatKey(w.heartbeat("nightly-backup").ID))
		w.watch(28 * time.Second)
		require.Len(w, w.alerts(), 1)
	})
}

func TestABeatOfADeletedMonitorIsNotFound(t *testing.T) {
	beating(t, func(w *world) {
		id := w.heartbeat("quiet").ID
		require.NoError(w, w.Beat(w.ctx, id, core.Beat{}))
		_, err := w.SaveHeartbeat(w.ctx, core.Heartbeat{ID: id, Name: "quiet", Interval: time.Minute}, "", engine.Edit{Actor: "key:1"})
		require.Equal(w, core.Conflict, core.KindOf(err), "a file made it")
		h, err := w.SaveHeartbeat(w.ctx, core.Heartbeat{Name: "mine", Interval: time.Minute}, "", engine.Edit{Actor: "key:1"})
		require.NoError(w, err)
		require.NoError(w, w.Beat(w.ctx, h.ID, core.Beat{}))
		require.NoError(w, w.DeleteHeartbeat(w.ctx, h.ID, engine.Edit{Actor: "key:1"}))
		require.Equal(w, core.NotFound, core.KindOf(w.Beat(w.ctx, h.ID, core.Beat{})))
		found, err := w.Audit(w.ctx)
		require.NoError(w, err)
		require.Empty(w, found)
	})
}

func TestASourceAndAMonitorNeverShareAKey(t *testing.T) {
	beating(t, func(w *world) {
		_, err := w.SaveHeartbeat(w.ctx, core.Heartbeat{Name: "mine", Interval: time.Minute}, "il1prom-0123456789", engine.Edit{Actor: "key:1"})
		require.Equal(w, core.Conflict, core.KindOf(err), "%v", err)
	})
}

// A flood of beats is stored ten times a second at most, and nobody waits longer.
func TestAFloodOfBeatsIsStoredTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, storetest.Memory(t))
		w.apply(monitors)
		ctx, cancel := context.WithTimeout(w.ctx, time.Second)
		defer cancel()
		id := w.heartbeat("quiet").ID
		w.beat("quiet", core.Beat{})
		begin, n := time.Now(), 0
		var all sync.WaitGroup
		for ctx.Err() == nil {
			for range 40 {
				all.Go(func() { _ = w.Beat(w.ctx, id, core.Beat{}) })
				n++
			}
			time.Sleep(10 * time.Millisecond)
		}
		all.Wait()
		require.GreaterOrEqual(t, n, 4000)
		require.LessOrEqual(t, time.Since(begin), 1100*time.Millisecond)
		require.LessOrEqual(t, w.Stats().BeatBatches.Load(), int64(14))
		require.Equal(t, int64(n+1), w.Stats().Beats.Load())
	})
}

// Beats that we refused because the database was away are no reason to call anybody.
func TestRefusedBeatsAreBlindTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, storetest.Memory(t))
		w.apply(monitors)
		w.watch(0)
		w.beat("nightly-backup", core.Beat{})
		w.watch(58 * time.Second)
		w.hold(func() {
			err := w.Beat(w.ctx, w.heartbeat("nightly-backup").ID, core.Beat{})
			require.Equal(t, core.Unavailable, core.KindOf(err), "%v", err)
		})
		w.watch(70 * time.Second)
		require.Empty(t, w.alerts(), "within a period and the grace after it was recorded")
		w.watch(20 * time.Second)
		require.Len(t, w.alerts(), 1)
	})
}

// hold keeps the database from everybody while fn runs.
func (w *world) hold(fn func()) {
	w.Helper()
	held, free := make(chan struct{}), make(chan struct{})
	done := make(chan error)
	go func() {
		done <- w.DB.Tx(w.ctx, func(*store.Tx) error {
			close(held)
			<-free
			return nil
		})
	}()
	<-held
	fn()
	close(free)
	require.NoError(w, <-done)
}

// TestAStopLongerThanTheIntervalRaisesNothing stops and starts whole replicas.
func TestAStopLongerThanTheIntervalRaisesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, ctx: t.Context(), now: start}
		db := storetest.Memory(t)
		replica := func(run time.Duration) {
			t.Helper()
			var err error
			w.Engine, err = engine.New(w.ctx, db, engine.Options{Secret: "0123456789abcdef", Platforms: []string{"webchat"}, Quiet: true, Now: time.Now})
			require.NoError(t, err)
			if len(w.Snapshot().Heartbeats) == 0 {
				w.apply(monitors)
			}
			ctx, stop := context.WithCancel(w.ctx)
			done := make(chan error, 1)
			go func() { done <- w.Engine.Run(ctx) }()
			time.Sleep(3 * time.Second)
			if w.vitals("nightly-backup").State == core.NeverBeat {
				w.beat("nightly-backup", core.Beat{})
			}
			time.Sleep(run)
			stop()
			require.NoError(t, <-done)
		}
		replica(10 * time.Second)
		for _, away := range []time.Duration{time.Minute, time.Hour, 48 * time.Hour} {
			time.Sleep(away)
			replica(20 * time.Second)
			require.Empty(t, w.alerts(), "after %v away", away)
			require.Equal(t, core.Healthy, w.vitals("nightly-backup").State)
		}
		time.Sleep(time.Hour)
		replica(75 * time.Second)
		require.Len(t, w.alerts(), 1, "what is dead is told within a period and the grace")
	})
}

// BenchmarkBeats is what beats cost that come from 64 callers at once.
func BenchmarkBeats(b *testing.B) {
	for _, monitors := range []int{64, 1} {
		b.Run(strconv.Itoa(monitors), func(b *testing.B) {
			e, err := engine.New(b.Context(), storetest.SQLite(b), engine.Options{Secret: "0123456789abcdef", Quiet: true})
			require.NoError(b, err)
			ids := make([]core.HeartbeatID, monitors)
			for i := range ids {
				h, err := e.SaveHeartbeat(b.Context(), core.Heartbeat{Name: fmt.Sprint("m", i), Interval: time.Hour}, "", engine.Edit{Actor: "bench"})
				require.NoError(b, err)
				ids[i] = h.ID
				require.NoError(b, e.Beat(b.Context(), h.ID, core.Beat{}))
			}
			var next atomic.Int64
			var all sync.WaitGroup
			before := e.Stats().BeatBatches.Load()
			b.ResetTimer()
			for caller := range 64 {
				all.Go(func() {
					for next.Add(1) <= int64(b.N) {
						if err := e.Beat(b.Context(), ids[caller%monitors], core.Beat{}); err != nil {
							b.Error(err)
						}
					}
				})
			}
			all.Wait()
			b.ReportMetric(float64(b.N)/float64(e.Stats().BeatBatches.Load()-before), "beats/commit")
		})
	}
}
