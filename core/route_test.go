package core

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRoute(t *testing.T) {
	now := dawn
	alert := func(id AlertID, s Status, age time.Duration) *Alert {
		return &Alert{ID: id, Status: s, CreatedAt: now.Add(-age)}
	}
	pending, accepted := alert(1, Pending, time.Minute), alert(2, Accepted, time.Minute)
	resolved := alert(3, Resolved, time.Minute)
	for _, c := range []struct {
		name string
		mode Creation
		e    Event
		o    OpenAlerts
		want AlertID // -1 a new one, 0 neither
	}{
		{"key wins over every mode", EachEvent, Event{Type: EventAlert, Key: "K"}, OpenAlerts{ByKey: accepted}, 2},
		{"a resolved alert takes nothing", EachEvent, Event{Type: EventAlert, Key: "k"}, OpenAlerts{ByKey: resolved}, -1},
		{"each event", EachEvent, Event{Type: EventAlert}, OpenAlerts{Open: pending, Pending: pending, Any: pending, BySummary: pending}, -1},
		{"no mode is each event", "", Event{Type: EventAlert}, OpenAlerts{Open: pending}, -1},
		{"extraction: the key only", ByExtraction, Event{Type: EventAlert, Key: "k"}, OpenAlerts{Open: pending}, -1},
		{"similarity is not there", BySimilarity, Event{Type: EventAlert}, OpenAlerts{Open: pending}, -1},
		{"same summary", EachSubject, Event{Type: EventAlert}, OpenAlerts{BySummary: accepted}, 2},
		{"new summary", EachSubject, Event{Type: EventAlert}, OpenAlerts{Open: accepted}, -1},
		{"one pending joins", OnePending, Event{Type: EventAlert}, OpenAlerts{Open: accepted, Pending: pending}, 1},
		{"one pending, all accepted", OnePending, Event{Type: EventAlert}, OpenAlerts{Open: accepted}, -1},
		{"one open joins", OneOpen, Event{Type: EventAlert}, OpenAlerts{Open: accepted}, 2},
		{"mode works beside a key that is new", OneOpen, Event{Type: EventAlert, Key: "new"}, OpenAlerts{Open: accepted}, 2},
		{"window, last is young", PerWindow, Event{Type: EventAlert}, OpenAlerts{Any: accepted}, 2},
		{"window, last is as old as the window", PerWindow, Event{Type: EventAlert}, OpenAlerts{Any: alert(4, Pending, 5*time.Minute)}, 4},
		{"window, last is older", PerWindow, Event{Type: EventAlert}, OpenAlerts{Any: alert(4, Pending, 5*time.Minute+1)}, -1},
		{"window, last is resolved", PerWindow, Event{Type: EventAlert}, OpenAlerts{Any: resolved, Open: pending}, -1},
		{"a person's alert is not grouped", OneOpen, Event{Type: EventAlert, By: 7}, OpenAlerts{Open: pending}, -1},
		{"… but by its key", OneOpen, Event{Type: EventAlert, By: 7, Key: "k"}, OpenAlerts{ByKey: pending}, 1},
		{"resolve by key", OneOpen, Event{Type: EventResolve, Key: "k"}, OpenAlerts{ByKey: pending}, 1},
		{"resolve without a key", OneOpen, Event{Type: EventResolve, Key: "  "}, OpenAlerts{Open: pending, ByKey: pending}, 0},
		{"resolve of nothing", OneOpen, Event{Type: EventResolve, Key: "k"}, OpenAlerts{Open: pending}, 0},
		{"accept of nothing", OneOpen, Event{Type: EventAccept, Key: "k"}, OpenAlerts{Open: pending}, 0},
	} {
		join, create, note := Route(Source{Creation: c.mode, Window: 5 * time.Minute}, c.e, c.o, now)
		got := AlertID(0)
		switch {
		case join != nil:
			got = join.ID
		case create:
			got = -1
		default:
			require.NotEmpty(t, note, c.name)
		}
		require.Equal(t, c.want, got, c.name)
	}
}

func TestKeysFoldAndHash(t *testing.T) {
	require.Equal(t, "srv-ä/1", FoldKey("  Srv-Ä/1\n"))
	require.Equal(t, OpenKey(1, "Srv-1 "), OpenKey(1, "srv-1"))
	require.NotEqual(t, OpenKey(1, "srv-1"), OpenKey(2, "srv-1"))
	require.NotEqual(t, OpenKey(1, "e\u0301"), OpenKey(1, "\u00e9"), "keys are not normalised")
	require.Len(t, OpenKey(1, "x"), 16)
	require.Nil(t, OpenKey(1, " \t"))
}
