package engine_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/store"
	"github.com/watchbell/watchbell/store/storetest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("database/sql.(*DB).connectionOpener"))
}

// nights has three levels that run twice.
const nights = `
users:
  - {username: ana, firstName: Ana, email: ana@example.com, timezone: Europe/Lisbon, role: ADMIN, identities: {webchat: ana}}
  - {username: ben, firstName: Ben, email: ben@example.com, timezone: Europe/Berlin, role: USER, identities: {webchat: ben}}
  - {username: eva, firstName: Eva, email: eva@example.com, timezone: Europe/Berlin, role: USER, identities: {webchat: eva}}
escalationPolicies:
  - name: nights
    escalationRules: [{escalationTimeout: 5, users: [ana]}, {escalationTimeout: 3, users: [ben]}, {escalationTimeout: 5, users: [eva]}]
    repeating: true
    frequency: 2
alertSources:
  - {name: prometheus, integrationKey: il1prom-0123456789, escalationPolicy: nights}
`

// bubble is replicas on one database and fake time, and what they sent.
type bubble struct {
	*world
	began    time.Time
	platform func(q store.Queue) (engine.Sent, error) // nil: takes everything

	mu   sync.Mutex // guards what follows
	told []string   // "5m0s ben 1" for each page, in order
}

// inBubble runs a test in fake time on a database in memory with the people of nights.
func inBubble(t *testing.T, test func(b *bubble)) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		b := &bubble{world: &world{T: t, ctx: ctx}, began: time.Now()}
		b.Engine = b.replica(storetest.Memory(t))
		b.apply(nights)
		test(b)
	})
}

// replica is an engine whose clock is the bubble's.
func (b *bubble) replica(db *store.DB) *engine.Engine {
	e, err := engine.New(b.ctx, db, engine.Options{Secret: "0123456789abcdef", Platforms: []string{"webchat"}, Quiet: true, Now: time.Now, Poll: 10 * time.Second})
	require.NoError(b, err)
	e.Handle(store.LanePage, b.page(e))
	return e
}

// page writes down what is sent.
func (b *bubble) page(e *engine.Engine) engine.JobFunc {
	return func(_ context.Context, q store.Queue) (engine.Sent, error) {
		if b.platform != nil {
			if sent, err := b.platform(q); err != nil || len(sent.Done) == 0 {
				return sent, err
			}
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		s := e.Snapshot()
		for _, j := range q.Jobs {
			_, n := engine.SplitPageArg(j.Arg)
			who := s.Users[s.Conversations[core.ConversationID(q.Subject)].User]
			b.told = append(b.told, fmt.Sprintf("%s %s %d", time.Since(b.began), who.Username, n))
		}
		return engine.Sent{Done: q.Jobs}, nil
	}
}

func (b *bubble) pagesSent() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.told...)
}

// run runs replicas for so long, and stops them.
func (b *bubble) run(d time.Duration, replicas ...*engine.Engine) {
	b.Helper()
	ctx, cancel := context.WithCancel(b.ctx)
	var running sync.WaitGroup
	for _, e := range replicas {
		running.Go(func() { require.NoError(b, e.Run(ctx)) })
	}
	time.Sleep(d)
	cancel()
	running.Wait()
}

// theNight is when whom nights pages, if nobody answers: every level at once and every 2
// minutes, twice through, and then the last resort.
var theNight = []string{
	"0s ana 1", "2m0s ana 2", "4m0s ana 3",
	"5m0s ben 1", "7m0s ben 2",
	"8m0s eva 1", "10m0s eva 2", "12m0s eva 3",
	"13m0s ana 4", "15m0s ana 5", "17m0s ana 6",
	"18m0s ben 3", "20m0s ben 4",
	"21m0s eva 4", "23m0s eva 5", "25m0s eva 6",
}

func TestAnUnansweredNightRunsToTheSecond(t *testing.T) {
	inBubble(t, func(b *bubble) {
		b.event("prometheus", alertEvent("k", "down"))
		b.run(25*time.Minute+59*time.Second, b.Engine)
		require.Equal(b, theNight, b.pagesSent())
		b.run(2*time.Second, b.Engine)
		require.Contains(b, b.pagesSent(), "26m0s ana 7", "the last resort: an ADMIN")
		b.sound()
	})
}

func TestThreeReplicasPageAsOneDoes(t *testing.T) {
	inBubble(t, func(b *bubble) {
		b.event("prometheus", alertEvent("k", "down"))
		b.run(8*time.Minute+time.Second, b.Engine, b.replica(b.DB), b.replica(b.DB))
		require.Equal(b, theNight[:6], b.pagesSent())
	})
}

func TestAReplicaGoesOnWhereAnotherStopped(t *testing.T) {
	inBubble(t, func(b *bubble) {
		b.event("prometheus", alertEvent("k", "down"))
		for range 8*60/13 + 1 {
			b.run(13*time.Second, b.replica(b.DB))
		}
		require.Equal(b, theNight[:6], b.pagesSent())
	})
}

func TestAnAcceptedAlertPagesNobodyMore(t *testing.T) {
	inBubble(t, func(b *bubble) {
		r := b.event("prometheus", alertEvent("k", "down"))
		b.run(6*time.Minute, b.Engine)
		_, err := b.Do(b.ctx, b.by("ben", r.Alert, core.Accept{By: b.user("ben")}))
		require.NoError(b, err)
		b.run(10*time.Minute, b.Engine)
		require.Equal(b, theNight[:4], b.pagesSent())
		b.sound()
	})
}

func TestAStepThatRollsBackRunsOnce(t *testing.T) {
	inBubble(t, func(b *bubble) {
		r := b.event("prometheus", alertEvent("k", "down"))
		time.Sleep(5 * time.Minute)
		lost := errors.New("the process died before its commit")
		err := b.DB.Tx(b.ctx, func(tx *store.Tx) error {
			jobs, alerts, err := tx.TakeAlertSteps(b.ctx, time.Now(), 64)
			require.NoError(b, err)
			require.Len(b, jobs, 1)
			alerts[0].Level = 3
			require.NoError(b, tx.UpdateAlerts(b.ctx, alerts))
			require.NoError(b, tx.DeleteJobs(b.ctx, jobs))
			return lost
		})
		require.ErrorIs(b, err, lost)
		n, err := b.replica(b.DB).RunDue(b.ctx)
		require.NoError(b, err)
		require.Equal(b, 1, n)
		require.Equal(b, 2, b.alert(r.Alert).Level)
	})
}

func TestAPanicInASendIsTriedAgain(t *testing.T) {
	inBubble(t, func(b *bubble) {
		tries := 0
		b.platform = func(q store.Queue) (engine.Sent, error) {
			if tries++; tries < 3 {
				panic("poisoned")
			}
			return engine.Sent{Done: q.Jobs}, nil
		}
		b.event("prometheus", alertEvent("k", "down"))
		b.run(20*time.Second, b.Engine)
		require.Len(b, b.pagesSent(), 1)
		require.Equal(b, 3, tries)
		require.EqualValues(b, 2, b.Stats().Panics.Load())
	})
}

func TestASendThatAlwaysFailsIsGivenUpAndTheNextLevelPaged(t *testing.T) {
	inBubble(t, func(b *bubble) {
		anas, _ := b.Snapshot().Direct(b.user("ana"), "webchat")
		b.platform = func(q store.Queue) (engine.Sent, error) {
			if q.Subject == int64(anas.ID) {
				return engine.Sent{}, errors.New("a row that cannot be read")
			}
			return engine.Sent{Done: q.Jobs}, nil
		}
		r := b.event("prometheus", alertEvent("k", "down"))
		b.run(time.Minute, b.Engine)
		require.Equal(b, 2, b.alert(r.Alert).Level, "nobody of level 1 was reached")
		var failed bool
		for _, e := range b.log(r.Alert) {
			failed = failed || e.Type == core.LogNotificationFailed
		}
		require.True(b, failed, "giving up is in the alert's log")
	})
}

func (w *world) log(id core.AlertID) []store.LogRow {
	w.Helper()
	var v store.AlertView
	require.NoError(w, w.DB.View(w.ctx, func(tx *store.Tx) (err error) {
		v, err = tx.AlertView(w.ctx, id)
		return err
	}))
	return v.Log
}

func TestNoCallIsGivenUpWhileTheDatabaseIsAway(t *testing.T) {
	inBubble(t, func(b *bubble) {
		b.platform = func(q store.Queue) (engine.Sent, error) {
			if time.Since(b.began) < 90*time.Second {
				return engine.Sent{}, core.Errorf(core.Unavailable, "the database cannot be reached")
			}
			return engine.Sent{Done: q.Jobs}, nil
		}
		r := b.event("prometheus", alertEvent("k", "down"))
		b.run(119*time.Second, b.Engine)
		require.Len(b, b.pagesSent(), 1)
		require.Equal(b, 1, b.alert(r.Alert).Level)
	})
}

func TestWhatASendFinishedBeforeItFailedIsNotSentAgain(t *testing.T) {
	inBubble(t, func(b *bubble) {
		for i := range 3 {
			b.event("prometheus", alertEvent(fmt.Sprintf("k%d", i), "down"))
		}
		sends := map[int64]int{}
		b.platform = func(q store.Queue) (engine.Sent, error) {
			var s engine.Sent
			for i, j := range q.Jobs {
				if i == 2 {
					return s, errors.New("the platform is gone")
				}
				sends[j.Arg]++
				s.Done = append(s.Done, j)
			}
			return s, nil
		}
		b.run(10*time.Second, b.Engine)
		require.Len(b, sends, 3)
		for arg, n := range sends {
			require.Equal(b, 1, n, "%d", arg)
		}
	})
}

func TestAPlatformThatAsksForTimeGetsIt(t *testing.T) {
	inBubble(t, func(b *bubble) {
		var at []time.Duration
		b.platform = func(q store.Queue) (engine.Sent, error) {
			at = append(at, time.Since(b.began))
			if len(at) > 1 {
				return engine.Sent{Done: q.Jobs}, nil
			}
			return engine.Sent{NotBefore: time.Now().Add(42 * time.Second)}, nil
		}
		b.event("prometheus", alertEvent("k", "down"))
		b.run(time.Minute, b.Engine)
		require.Equal(b, []time.Duration{0, 42 * time.Second}, at)
	})
}

func TestAQueueOfWhichNothingIsSaidDoesNotSpin(t *testing.T) {
	inBubble(t, func(b *bubble) {
		claims := 0
		b.platform = func(store.Queue) (engine.Sent, error) { claims++; return engine.Sent{}, nil }
		b.event("prometheus", alertEvent("k", "down"))
		b.run(10*time.Second+time.Millisecond, b.Engine)
		require.Equal(b, 11, claims)
	})
}

func TestASlowConversationDelaysNoOther(t *testing.T) {
	inBubble(t, func(b *bubble) {
		anas, _ := b.Snapshot().Direct(b.user("ana"), "webchat")
		b.platform = func(q store.Queue) (engine.Sent, error) {
			if q.Subject == int64(anas.ID) {
				time.Sleep(19 * time.Second)
			}
			return engine.Sent{Done: q.Jobs}, nil
		}
		r := b.event("prometheus", alertEvent("k", "down"))
		_, err := b.Do(b.ctx, b.by("ana", r.Alert, core.AddResponder{By: b.user("ana"), User: b.user("ben")}))
		require.NoError(b, err)
		b.run(30*time.Second, b.Engine)
		require.Equal(b, []string{"0s ben 1", "19s ana 1"}, b.pagesSent())
	})
}

func TestWhoLostTheLeaseRecordsNothing(t *testing.T) {
	inBubble(t, func(b *bubble) {
		tries, recorded := 0, []int{}
		slow := b.replica(b.DB)
		handle := func(e *engine.Engine) {
			e.Handle(store.LanePage, func(_ context.Context, q store.Queue) (engine.Sent, error) {
				b.mu.Lock()
				tries++
				mine := tries
				b.mu.Unlock()
				if mine == 1 {
					time.Sleep(45 * time.Second) // it ignores its deadline, and the lease ends after 30 s
				}
				return engine.Sent{Done: q.Jobs, Record: func(context.Context, *store.Tx) error {
					b.mu.Lock()
					defer b.mu.Unlock()
					recorded = append(recorded, mine)
					return nil
				}}, nil
			})
		}
		handle(b.Engine)
		handle(slow)
		b.event("prometheus", alertEvent("k", "down"))
		b.run(time.Minute, slow, b.Engine)
		require.Equal(b, []int{2}, recorded)
		require.Equal(b, 2, tries)
	})
}

func TestARefusalOfARecordIsNoLostLease(t *testing.T) {
	inBubble(t, func(b *bubble) {
		tries := 0
		b.Handle(store.LanePage, func(_ context.Context, q store.Queue) (engine.Sent, error) {
			tries++
			return engine.Sent{Done: q.Jobs, Record: func(context.Context, *store.Tx) error {
				if tries == 1 {
					return core.Errorf(core.Conflict, "another conversation has this place")
				}
				return nil
			}}, nil
		})
		b.event("prometheus", alertEvent("k", "down"))
		b.run(20*time.Second, b.Engine)
		require.Equal(b, 2, tries, "tried again soon, and not after the lease")
	})
}

func TestStoppingFinishesWhatIsInFlight(t *testing.T) {
	inBubble(t, func(b *bubble) {
		var ended error
		b.Handle(store.LanePage, func(ctx context.Context, q store.Queue) (engine.Sent, error) {
			<-ctx.Done()
			ended = ctx.Err()
			return engine.Sent{Done: q.Jobs}, nil
		})
		b.event("prometheus", alertEvent("k", "down"))
		before := time.Now()
		b.run(2*time.Second, b.Engine)
		require.Equal(b, 7*time.Second, time.Since(before), "5 s to finish")
		require.ErrorIs(b, ended, context.Canceled)
		q, ok, err := b.DB.Claim(b.ctx, store.LanePage, time.Now().Add(time.Minute), time.Minute)
		require.NoError(b, err)
		require.False(b, ok, "what was sent is recorded: %+v", q)
	})
}

func TestAPoisonedAlertStopsNoOtherNight(t *testing.T) {
	inBubble(t, func(b *bubble) {
		bad := b.event("prometheus", alertEvent("bad", "down")).Alert
		good := b.event("prometheus", alertEvent("good", "down")).Alert
		b.poison(bad)
		b.run(8*time.Minute+time.Second, b.Engine)
		require.Equal(b, 3, b.alert(good).Level)
		require.Positive(b, b.Stats().Panics.Load())
		require.Less(b, b.Stats().Panics.Load(), int64(40), "tried less and less often")
	})
}

func TestATimerThatWasLostIsNotLostForEver(t *testing.T) {
	inBubble(t, func(b *bubble) {
		r := b.event("prometheus", alertEvent("k", "down"))
		require.NoError(b, b.DB.Tx(b.ctx, func(tx *store.Tx) error { // a job whose epoch nobody remembers
			return tx.Enqueue(b.ctx, []store.Job{{Lane: store.LaneStep, Kind: engine.KindAlert, Subject: int64(r.Alert), RunAt: time.Now(), Data: "0"}})
		}))
		b.run(5*time.Minute+time.Second, b.Engine)
		require.Equal(b, 2, b.alert(r.Alert).Level)
	})
}

func TestASuspendedMachineAsksWhoIsNextAndNotWhoWasMissed(t *testing.T) {
	inBubble(t, func(b *bubble) {
		b.event("prometheus", alertEvent("k", "down"))
		b.run(time.Second, b.Engine)
		time.Sleep(9 * time.Minute)
		b.run(time.Second, b.Engine)
		require.Equal(b, []string{"0s ana 1", "9m1s eva 1"}, b.pagesSent())
	})
}

func TestWhatIsOverIsSwept(t *testing.T) {
	inBubble(t, func(b *bubble) {
		over := []byte("k")
		require.NoError(b, b.DB.Tx(b.ctx, func(tx *store.Tx) error {
			return tx.SetSnooze(b.ctx, over, store.Snooze{Until: b.began.Add(time.Minute)})
		}))
		kept := func() (n int) {
			require.NoError(b, b.DB.View(b.ctx, func(tx *store.Tx) error {
				found, err := tx.Snoozes(b.ctx, [][]byte{over}, b.began)
				n = len(found)
				return err
			}))
			return n
		}
		b.run(time.Second, b.Engine)
		require.Equal(b, 1, kept())
		b.run(time.Hour+5*time.Second, b.Engine)
		require.Zero(b, kept())
	})
}
