package bot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
)

const monitors = team + `
heartbeatMonitors:
  - {name: nightly-backup, intervalSec: 60, gracePeriodSec: 10, alertSource: prometheus}
  - {name: nightly report, cron: "0 2 * * *", timezone: Europe/Berlin, alertSource: prometheus}
  - {name: paused, intervalSec: 60}
`

func (w *world) beat(name string, b core.Beat) {
	w.Helper()
	h, ok := w.e.Snapshot().HeartbeatNamed(name)
	require.True(w, ok, name)
	require.NoError(w, w.e.Beat(w.ctx, h.ID, b))
	w.sleep(time.Second)
}

func TestHeartbeatsAreListedShownAndPaused(t *testing.T) {
	inWorld(t, func(w *world) {
		require.Contains(w, w.say("ana", "/heartbeat"), "There is no heartbeat monitor yet.")
		w.apply(monitors)
		w.beat("nightly-backup", core.Beat{})
		got := w.say("dora", "/heartbeat list")
		require.Contains(w, got, "No heartbeat is missing.")
		require.Contains(w, got, "✅ nightly-backup · next by 00:01 · last 00:00 · ✓")
		require.Contains(w, got, "⚪ paused · has never called")
		got = w.say("ana", "/heartbeat pause nightly report 2h")
		require.Contains(w, got, "nightly report is paused until Sat 1 Jan")
		require.Contains(w, got, "(2 h)")
		require.Contains(w, got, "[Resume]")
		require.Contains(w, w.say("ana", "/heartbeat show nightly report"), "at 0 2 * * * (Europe/Berlin)")
		require.Contains(w, w.say("cleo", "/heartbeat resume nightly report"), "nightly report is watched again.")
		require.Contains(w, w.say("cleo", "/heartbeat resume nightly report"), "is not paused")
		require.Contains(w, w.say("dora", "/heartbeat pause nightly-backup 2h"), "that needs the role RESPONDER")
		require.Contains(w, w.say("ana", "/heartbeat show nightly-bakup"), "Did you mean nightly-backup?")
		require.Contains(w, w.say("ana", "/heartbeat pause nightly-backup 01/02"), "could be a day or a month first")
	})
}

func TestTheCardOfAMissingBeatShowsTheLastRuns(t *testing.T) {
	inWorld(t, func(w *world) {
		w.apply(monitors)
		for range 3 {
			w.beat("nightly-backup", core.Beat{})
		}
		w.sleep(3 * time.Minute)
		shown := w.shown("payments")
		require.Len(w, shown, 1)
		require.Contains(w, shown[0], "🔴 Pending: nightly-backup did not beat")
		require.Contains(w, shown[0], "Expected by 00:01 · last 00:00")
		require.Contains(w, shown[0], "✓✓✓✗")
		require.Contains(w, shown[0], "Paging Ana")
		post := w.chat.Posts("payments")[0]
		labels := []string{}
		for _, a := range post.Card.Actions {
			labels = append(labels, a.Label)
		}
		require.Equal(w, []string{"Accept", "Pause 2h", "Snooze…", "Resolve…"}, labels[:4])
		require.Contains(w, w.say("ben", "/heartbeat"), "1 of 3 heartbeats are missing.")
		w.chat.Press(w.ctx, "ana", channel, post.Ref, post.Card.Actions[1].Action)
		w.sleep(2 * time.Second)
		require.Contains(w, w.shown("payments")[0], "✅ Resolved: nightly-backup did not beat")
		require.Contains(w, w.say("ben", "/heartbeat"), "⏸ nightly-backup · paused until")
	})
}
