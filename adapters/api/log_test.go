package api

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/store"
)

func (w *world) logOf(id core.AlertID, query string) []logBody {
	w.t.Helper()
	var log []logBody
	w.wants(200, "GET", fmt.Sprintf("/api/alerts/%d/log-entries%s", id, query), "").into(&log)
	return log
}

func types(log []logBody) []string {
	list := make([]string, len(log))
	for i, e := range log {
		list[i] = e.Type
	}
	return list
}

func TestLogIsOneStoryInOrder(t *testing.T) {
	w := newWorld(t)
	id := w.raise(w.open, core.Event{Key: "k", Summary: "first"})
	w.now = w.now.Add(time.Minute)
	require.Equal(t, id, w.raise(w.open, core.Event{Key: "k", Summary: "second"}))
	w.now = w.now.Add(time.Minute)
	w.keyFor(w.ben, nil)
	w.wants(200, "PUT", fmt.Sprintf("/api/alerts/%d/resolve", id), "")
	log := w.logOf(id, "?include=vars")
	require.Equal(t, []string{"AlertReceivedLogEntry", "AlertAssignedBySystemLogEntry", "NotificationLogEntry",
		"AlertReceivedLogEntry", "AlertResolvedLogEntry"}, types(log))
	seen := map[int64]bool{}
	for i, e := range log {
		require.False(t, seen[e.ID], "an id of its own")
		seen[e.ID] = true
		require.Equal(t, id, e.Alert)
		require.NotEmpty(t, e.Text)
		require.NotEmpty(t, e.Kinds)
		require.Less(t, e.ID, int64(1)<<53, "a double holds it")
		require.False(t, i > 0 && e.At.Before(log[i-1].At.Time), "oldest first")
	}
	require.Equal(t, "Received from open: second.", log[3].Text)
	require.Equal(t, "Ben Okoye resolved the alert.", log[4].Text)
	require.Equal(t, "bell", log[2].Vars["by"])
	require.Nil(t, w.logOf(id, "")[2].Vars, "vars only if asked for")

	require.Equal(t, types(log[1:3]), types(w.logOf(id, "?start-index=1&max-results=2")))
	require.Equal(t, []string{"NotificationLogEntry"}, types(w.logOf(id, "?filter-types=NOTIFICATIONS")))
	require.Equal(t, []string{"AlertReceivedLogEntry"}, types(w.logOf(id, "?filter-types=ALERT_SOURCE_EVENTS&start-index=1")))
	require.Empty(t, w.logOf(id, "?filter-types=CALL_ROUTING_EVENTS"))
	require.Empty(t, w.logOf(id, "?start-index=5"))
	w.wants(400, "GET", fmt.Sprintf("/api/alerts/%d/log-entries?max-results=1001", id), "")
}

func TestLongLogIsReadInPieces(t *testing.T) {
	w := newWorld(t)
	id := w.raise(w.open, core.Event{Key: "k", Summary: "x"})
	born := len(w.logOf(id, ""))
	const n = 2*piece + 7
	for range 3 {
		events := make([]core.Event, n/3)
		for i := range events {
			events[i] = core.Event{Type: core.EventAlert, Key: "k", Summary: "again"}
		}
		w.now = w.now.Add(time.Second)
		_, err := w.e.Ingest(t.Context(), engine.Request{Source: w.open, Events: events})
		require.NoError(t, err)
	}
	all := w.logOf(id, "?max-results=1000")
	require.Len(t, all, born+n/3*3)
	require.Equal(t, all[born+250:born+260], w.logOf(id, fmt.Sprintf("?start-index=%d&max-results=10", born+250)))
}

func TestNotificationsSayWhatBecameOfEachCall(t *testing.T) {
	w := newWorld(t)
	id := w.raise(w.open, core.Event{Summary: "Disk full"})
	list := func() []notificationBody {
		var n []notificationBody
		w.wants(200, "GET", fmt.Sprintf("/api/alerts/%d/notifications", id), "").into(&n)
		return n
	}
	got := list()
	require.Len(t, got, 1)
	require.Equal(t, "SCHEDULED", got[0].Status)
	require.Equal(t, "BELL", got[0].Method)
	require.Equal(t, "ben", got[0].Target)
	require.Equal(t, "Disk full", got[0].Subject)
	require.Equal(t, w.ben, got[0].User.ID)

	direct, found := w.e.Snapshot().Direct(w.ben, "bell")
	require.True(t, found)
	w.tx(func(tx *store.Tx) error {
		return tx.SavePost(t.Context(), store.Post{Conversation: direct.ID, Alert: id, Call: 1, Ref: "p1", PostedAt: w.now})
	})
	require.Equal(t, "SUCCESS", list()[0].Status)
	w.wants(201, "POST", fmt.Sprintf("/api/alerts/%d/responders", id), `{"user":"cleo"}`)
	w.wants(200, "PUT", fmt.Sprintf("/api/alerts/%d/resolve", id), "")
	got = list()
	require.Equal(t, "SUCCESS", got[0].Status)
	require.Equal(t, "ERROR", got[1].Status, "over before it was made")
	require.NotEmpty(t, got[1].Error)
}

func TestNotificationThatFailedSaysWhy(t *testing.T) {
	w := newWorld(t)
	id := w.raise(w.open, core.Event{Summary: "Disk full"})
	_, err := w.e.Do(t.Context(), engine.Command{Alert: id, Actor: "test",
		Input: core.CallFailed{User: w.ben, Platform: "bell", N: 1, Reason: "the account is blocked"}})
	require.NoError(t, err)
	r := w.get(fmt.Sprintf("/api/alerts/%d/notifications", id))
	require.Contains(t, r.Body.String(), `"errorMessage":"the account is blocked"`)
	require.Contains(t, r.Body.String(), `"status":"ERROR"`)
}
