package engine_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/store"
	"github.com/watchbell/watchbell/store/storetest"
)

// behindNetwork runs a test with a database on the other side of a network. A file is
// on this side: there is nothing to break.
func behindNetwork(t *testing.T, test func(w *world, p *proxy)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		if !db.Shared() {
			return
		}
		p, address := newProxy(t, storetest.Address(t, db))
		test(newWorld(t, storetest.Open(t, address)), p)
	})
}

func (p *proxy) cutNext(c cut) { p.set(func() { p.cut = c }) }

func TestALostAnswerToCommitIsLookedUp(t *testing.T) {
	behindNetwork(t, func(w *world, p *proxy) {
		for i := range 5 {
			p.cutNext(after)
			r := w.event("prometheus", alertEvent(fmt.Sprintf("k%d", i), "down"))
			require.Equal(w, core.OutcomeCreated, r.Outcome)
			require.NotZero(w, w.alert(r.Alert).ID)
		}
		require.Len(w, w.open(), 5)
		w.sound()
	})
}

func TestACommitThatNeverArrivedIsRefused(t *testing.T) {
	behindNetwork(t, func(w *world, p *proxy) {
		in := engine.Request{Source: w.source("prometheus").ID, Events: []core.Event{alertEvent("k", "down")}}
		p.cutNext(before)
		_, err := w.Ingest(w.ctx, in)
		require.Equal(w, core.Unavailable, core.KindOf(err), "%v", err)
		require.Empty(w, w.open())
		r, err := w.Ingest(w.ctx, in)
		require.NoError(w, err)
		require.Equal(w, core.OutcomeCreated, r[0].Outcome)
	})
}

func TestAVerbWhoseAnswerWasLostIsDoneOnce(t *testing.T) {
	behindNetwork(t, func(w *world, p *proxy) {
		r := w.event("prometheus", alertEvent("k", "down"))
		p.cutNext(after)
		done, err := w.Do(w.ctx, w.by("ana", r.Alert, core.Comment{By: w.user("ana"), Text: "looking"}))
		require.NoError(w, err)
		require.Equal(w, done.Alert.Seq, w.alert(r.Alert).Seq)
		p.cutNext(before)
		_, err = w.Do(w.ctx, w.by("ana", r.Alert, core.Comment{By: w.user("ana"), Text: "looking"}))
		require.Equal(w, core.Unavailable, core.KindOf(err), "%v", err)
		require.Equal(w, done.Alert.Seq, w.alert(r.Alert).Seq)
	})
}

func TestADatabaseThatIsAwayIsSaidSoAndComesBack(t *testing.T) {
	for name, leave := range map[string]func(p *proxy){
		"gone":   func(p *proxy) { p.set(func() { p.refuse = true }); p.reset() },
		"frozen": func(p *proxy) { p.set(func() { p.frozen = true }) },
	} {
		t.Run(name, func(t *testing.T) {
			behindNetwork(t, func(w *world, p *proxy) {
				w.event("prometheus", alertEvent("before", "down"))
				src := w.source("prometheus").ID
				leave(p)
				together(32, func(i int) {
					begun := time.Now()
					_, err := w.Ingest(w.ctx, engine.Request{Source: src, Events: []core.Event{alertEvent(fmt.Sprintf("k%d", i), "down")}})
					if core.KindOf(err) != core.Unavailable {
						w.Errorf("sender %d: %v", i, err)
					}
					if took := time.Since(begun); took > 5*time.Second {
						w.Errorf("sender %d waited %s", i, took)
					}
				})
				require.False(w, w.Ready())
				p.set(func() { p.refuse, p.frozen = false, false })
				require.Eventually(w, func() bool {
					_, err := w.Ingest(w.ctx, engine.Request{Source: src, Events: []core.Event{alertEvent("after", "down")}})
					return err == nil
				}, 10*time.Second, 50*time.Millisecond)
				require.Len(w, w.open(), 2, "what was refused was not stored")
			})
		})
	}
}
