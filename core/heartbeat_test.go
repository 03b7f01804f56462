package core

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestHeartbeatTable is what each call does in each state, and what its source is sent.
func TestHeartbeatTable(t *testing.T) {
	h := Heartbeat{ID: 7, Name: "nightly", Interval: time.Minute, Source: 3}
	never := Vitals{Heartbeat: 7}
	healthy, _ := h.Beat(never, Beat{At: sec(0)})
	overdue, _ := h.Miss(healthy, sec(60), sec(60))
	paused, _ := h.Pause(healthy, sec(1000))
	for _, c := range []struct {
		name  string
		from  Vitals
		beat  Beat
		state HeartbeatState
		sends EventType
		timed bool
	}{
		{"start of the first run", never, Beat{Kind: BeatStarted}, NeverBeat, 0, false},
		{"first beat", never, Beat{}, Healthy, 0, true},
		{"first run fails", never, Beat{Kind: BeatFailed}, Overdue, EventAlert, false},
		{"beat", healthy, Beat{}, Healthy, 0, true},
		{"start", healthy, Beat{Kind: BeatStarted}, Healthy, 0, true},
		{"failure", healthy, Beat{Kind: BeatFailed, Code: 3}, Overdue, EventAlert, false},
		{"beat of a missing one", overdue, Beat{}, Healthy, EventResolve, true},
		{"start of a missing one", overdue, Beat{Kind: BeatStarted}, Overdue, 0, false},
		{"failure of a missing one", overdue, Beat{Kind: BeatFailed}, Overdue, EventAlert, false},
		{"beat in a pause", paused, Beat{}, Healthy, 0, true},
		{"failure in a pause", paused, Beat{Kind: BeatFailed}, Healthy, 0, true},
	} {
		c.beat.At = sec(90)
		v, alarm := h.Beat(c.from, c.beat)
		require.Equal(t, c.state, v.State, c.name)
		require.Equal(t, c.timed, v.Timed(), c.name)
		require.Equal(t, c.sends != 0, alarm != nil, c.name)
		if alarm != nil {
			require.Equal(t, c.sends, alarm.Event.Type, c.name)
			require.Equal(t, "heartbeat/7", alarm.Event.Key, c.name)
			require.Equal(t, SourceID(3), alarm.Source, c.name)
		}
	}
}

func TestARunTakesFromItsStartToItsEnd(t *testing.T) {
	h := Heartbeat{ID: 7, Name: "nightly", Interval: time.Minute}
	var v Vitals
	for _, b := range []Beat{
		{Kind: BeatStarted, At: sec(0)}, {Kind: BeatStarted, At: sec(10)}, {At: sec(30)}, // the later start counts
		{At: sec(40)},                                                     // no start
		{Kind: BeatStarted, At: sec(60)}, {Kind: BeatFailed, At: sec(50)}, // the end came first
	} {
		v, _ = h.Beat(v, b)
	}
	require.Equal(t, []Run{{At: sec(30), Took: 20 * time.Second}, {At: sec(40)}, {At: sec(50), Failed: true}}, v.Runs)
	require.Equal(t, sec(50), v.LastBeat)
}

func TestARecoveryGoesWhereTheAlertIs(t *testing.T) {
	h := Heartbeat{ID: 7, Name: "nightly", Interval: time.Minute, Source: 3, Summary: "Nightly did not run"}
	v, alarm := h.Miss(Vitals{Heartbeat: 7, State: Healthy, LastBeat: sec(0)}, sec(60), sec(60))
	require.Equal(t, "Nightly did not run", alarm.Event.Summary)
	require.Equal(t, "A beat was expected by 2026-11-25 00:01:00 UTC. The last beat came 2026-11-25 00:00:00 UTC.", alarm.Event.Details)
	h.Source = 4
	v, alarm = h.Beat(v, Beat{At: sec(90)})
	require.Equal(t, SourceID(3), alarm.Source)
	require.Zero(t, v.Raised)
}

// TestHeartbeatKeepsItsPromises does anything in any order.
func TestHeartbeatKeepsItsPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := Heartbeat{ID: 7, Name: "nightly", Interval: time.Minute, Source: SourceID(rapid.IntRange(0, 1).Draw(t, "source"))}
		v, at, open := Vitals{Heartbeat: 7}, sec(0), false
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			before := v
			at = at.Add(time.Duration(rapid.IntRange(1, 100).Draw(t, "later")) * time.Second)
			var alarm *Alarm
			switch rapid.IntRange(0, 5).Draw(t, "what") {
			case 0, 1:
				v, alarm = h.Beat(v, Beat{At: at})
			case 2:
				v, alarm = h.Beat(v, Beat{Kind: BeatStarted, At: at})
			case 3:
				v, alarm = h.Beat(v, Beat{Kind: BeatFailed, At: at})
			case 4:
				if expected, due := Deadline(v.Since, every(h.Interval), 0, nil); v.Timed() && !due.After(at) {
					v, alarm = h.Miss(v, expected, at)
				}
			case 5:
				if v.Paused(at) {
					v = h.Resume(v, at)
				} else {
					v, alarm = h.Pause(v, at.Add(time.Minute))
				}
			}
			if alarm != nil {
				open = alarm.Event.Type == EventAlert
			}
			require.Equal(t, v.Raised != 0, open, "Raised says whether there is an alert")
			require.False(t, open && !v.Told)
			require.False(t, open && v.State != Overdue, "an alert means overdue")
			require.False(t, v.State == NeverBeat && before.State != NeverBeat)
			require.LessOrEqual(t, len(v.Runs), MaxRuns)
			require.False(t, alarm != nil && h.Source == 0, "without a source nobody is told")
		}
	})
}

func TestBodyTextCanBeShownAndStored(t *testing.T) {
	for _, body := range []string{"", "fine", strings.Repeat("é", MaxBeatBody), strings.Repeat("\xff", MaxBeatBody), "a\x00b\r\nc\u202e"} {
		text := BodyText([]byte(body))
		require.True(t, utf8.ValidString(text))
		require.LessOrEqual(t, len(text), MaxBeatBody)
		require.NotContains(t, text, "\x00")
	}
}

func TestHeartbeatOfReadsOnlyItsOwnKeys(t *testing.T) {
	id, ok := HeartbeatOf(HeartbeatKey(12))
	require.True(t, ok)
	require.Equal(t, HeartbeatID(12), id)
	for _, key := range []string{"", "heartbeat/", "heartbeat/x", "heartbeat/-1", "heartbeat/0", "12"} {
		_, ok := HeartbeatOf(key)
		require.False(t, ok, key)
	}
}
