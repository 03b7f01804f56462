package storetest

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

var records = []promise{
	{"the log comes back in order", logInOrder},
	{"events come back, and are found after a lost commit", eventsComeBack},
	{"a view has the first event and the last of the log", alertView},
	{"the same interaction is audited once", auditOnce},
	{"a post shows no older revision again", postNeverOlder},
	{"cards are counted, pages are not", newCards},
}

func logInOrder(t *testing.T, db bed) {
	entry := func(alert core.AlertID, seq int64) store.LogRow {
		return store.LogRow{Alert: alert, Seq: seq, At: noon, Entry: core.Entry{Type: core.LogReceived}}
	}
	second := entry(1, 2)
	second.Entry = core.Entry{Type: core.LogAccepted, User: 4, Vars: map[string]string{"a": "\"x\"\n"}, Thread: true, Broadcast: true}
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		require.NoError(t, tx.InsertLog(ctx, nil))
		require.NoError(t, tx.InsertLog(ctx, []store.LogRow{entry(1, 3), second, entry(2, 2), entry(1, 1)}))
		got, err := tx.Log(ctx, 1, 1, 10)
		require.NoError(t, err)
		require.Equal(t, []store.LogRow{second, entry(1, 3)}, got)
		got, err = tx.Log(ctx, 1, 0, 1)
		require.Equal(t, []store.LogRow{entry(1, 1)}, got)
		return err
	})
}

func eventsComeBack(t *testing.T, db bed) {
	e := store.EventRow{
		ID: 3, Correlation: "abc", Source: 1, Alert: 7, At: noon, Type: core.EventAlert,
		Outcome: core.OutcomeUnreadable, Reason: "why", Body: []byte{0, 0xff, '{'},
	}
	other := store.EventRow{ID: 4, Correlation: "def", Source: 1, Alert: 7, At: noon, Body: []byte("{}")}
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		return tx.InsertEvents(ctx, []store.EventRow{other, e, {ID: 5, Source: 1, At: noon}})
	})
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		got, err := tx.EventsOf(ctx, 7, 0, 10)
		require.NoError(t, err)
		require.Equal(t, []store.EventRow{e, other}, got)
		got, err = tx.EventsOf(ctx, 7, 3, 10)
		require.NoError(t, err)
		require.Equal(t, []store.EventRow{other}, got)
		found, err := tx.HasEvent(ctx, 3, "abc")
		require.NoError(t, err)
		require.True(t, found)
		found, err = tx.HasEvent(ctx, 3, "def")
		require.False(t, found, "another transaction drew the same number")
		return err
	})
}

func alertView(t *testing.T, db bed) {
	event := core.Event{Type: core.EventAlert, Summary: "s", Links: []core.Link{{Href: "https://example.com"}}}
	body, err := json.Marshal(event)
	require.NoError(t, err)
	a, b := pending(1, "a", "s"), pending(1, "b", "s")
	a.FirstEvent, b.FirstEvent = 1, 2
	made := db.insert(a, b, pending(1, "c", "s"))
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		require.NoError(t, tx.InsertEvents(ctx, []store.EventRow{
			{ID: 1, Alert: made[0].ID, Body: body}, {ID: 2, Alert: made[1].ID, Body: []byte("not JSON")},
		}))
		for seq := int64(1); seq <= 60; seq++ {
			require.NoError(t, tx.InsertLog(ctx, []store.LogRow{{Alert: made[0].ID, Seq: seq, At: noon}}))
		}
		return nil
	})
	require.NoError(t, db.View(t.Context(), func(tx *store.Tx) error {
		v, err := tx.AlertView(t.Context(), made[0].ID)
		require.NoError(t, err)
		require.Equal(t, made[0], v.Alert)
		require.Equal(t, event, v.First)
		require.Len(t, v.Log, 50)
		require.EqualValues(t, 11, v.Log[0].Seq)
		require.EqualValues(t, 60, v.Log[49].Seq)
		for _, a := range made[1:] {
			v, err = tx.AlertView(t.Context(), a.ID)
			require.NoError(t, err, "an event that is unreadable or gone hides no alert")
			require.Equal(t, core.Event{}, v.First)
		}
		_, err = tx.AlertView(t.Context(), 999)
		require.Equal(t, core.NotFound, core.KindOf(err))
		return nil
	}))
}

func auditOnce(t *testing.T, db bed) {
	results := make(chan error, 4)
	together(4, func(int) {
		results <- db.try(func(ctx context.Context, tx *store.Tx) error {
			return tx.Audit(ctx, store.AuditLine{At: noon, Actor: "user:1", Action: "accept", Object: "alert:1", Once: "press-1"})
		})
	})
	done := 0
	for range 4 {
		switch err := <-results; {
		case err == nil:
			done++
		default:
			var e *core.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, "ONCE", e.Code)
			require.Equal(t, core.Conflict, e.Kind)
		}
	}
	require.Equal(t, 1, done)
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		require.NoError(t, tx.Audit(ctx, store.AuditLine{At: noon, Actor: "cli"}))
		return tx.Audit(ctx, store.AuditLine{At: noon, Actor: "cli"})
	})
}

func postNeverOlder(t *testing.T, db bed) {
	p := store.Post{Conversation: 2, Alert: 1, Ref: "m1", ShownRev: 5, ShownSeq: 3, PostedAt: noon}
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		require.NoError(t, tx.SavePost(ctx, p))
		require.NoError(t, tx.SavePost(ctx, store.Post{Conversation: 2, Alert: 1, Ref: "m2", ShownRev: 4, ShownSeq: 2, PostedAt: noon.Add(time.Hour), Gone: true}))
		require.NoError(t, tx.SavePost(ctx, store.Post{Conversation: 2, Alert: 1, Call: 1, Ref: "page"}))
		require.NoError(t, tx.SavePost(ctx, store.Post{Conversation: 3, Alert: 1, Ref: "else"}))
		got, err := tx.PostsOf(ctx, 1, 2)
		require.NoError(t, err)
		require.Len(t, got, 2)
		p.ID, p.Ref, p.Gone = got[0].ID, "m2", true
		require.NotZero(t, p.ID)
		require.Equal(t, p, got[0])
		got, err = tx.PostsOf(ctx, 1, 0)
		require.Len(t, got, 3)
		return err
	})
}

func newCards(t *testing.T, db bed) {
	db.tx(func(ctx context.Context, tx *store.Tx) error {
		for i, p := range []store.Post{
			{Alert: 1, PostedAt: noon}, {Alert: 2, PostedAt: noon.Add(-time.Minute)}, {Alert: 3, Call: 1, PostedAt: noon}, {Alert: 4, PostedAt: noon.Add(time.Minute)},
		} {
			p.Conversation = 1
			require.NoError(t, tx.SavePost(ctx, p), i)
		}
		n, err := tx.NewCards(ctx, 1, noon)
		require.Equal(t, 2, n)
		return err
	})
}
