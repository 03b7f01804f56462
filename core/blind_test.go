package core

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var midnight = time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)

func sec(n int) time.Time { return midnight.Add(time.Duration(n) * time.Second) }

func every(d time.Duration) Expect { return func(after time.Time) time.Time { return after.Add(d) } }

func dark(from, until int) Interval { return Interval{sec(from), sec(until)} }

// Beats are expected every 100 s after second 0, with 10 s of grace.
func TestBlindTimeMovesDeadlines(t *testing.T) {
	for _, c := range []struct {
		name               string
		blind              []Interval
		expected, deadline int
	}{
		{"none", nil, 100, 110},
		{"before", []Interval{dark(-50, 0)}, 100, 110},
		{"from the last moment on", []Interval{dark(110, 200)}, 300, 310},
		{"after", []Interval{dark(111, 200)}, 100, 110},
		{"well before the beat", []Interval{dark(20, 50)}, 100, 140},
		{"since before the last beat", []Interval{dark(-20, 30)}, 100, 140},
		{"twice the same, seen by two replicas", []Interval{dark(20, 50), dark(20, 50)}, 100, 140},
		{"overlapping", []Interval{dark(30, 60), dark(20, 50)}, 100, 150},
		{"one inside another", []Interval{dark(20, 60), dark(30, 40)}, 100, 150},
		{"over the beat", []Interval{dark(80, 130)}, 230, 240},
		{"up to a moment before the beat", []Interval{dark(80, 95)}, 195, 205},
		{"within the grace", []Interval{dark(105, 107)}, 207, 217},
		{"long", []Interval{dark(50, 5000)}, 5100, 5110},
		{"again after it came back", []Interval{dark(50, 1000), dark(1020, 1050)}, 1150, 1160},
	} {
		expected, deadline := Deadline(sec(0), every(100*time.Second), 10*time.Second, c.blind)
		require.Equal(t, sec(c.expected), expected, c.name)
		require.Equal(t, sec(c.deadline), deadline, c.name)
	}
	never := func(time.Time) time.Time { return time.Time{} }
	_, deadline := Deadline(sec(0), never, time.Second, []Interval{dark(0, 10)})
	require.Zero(t, deadline)
}

// TestBlindTimeIsNeverTakenForSilence lets a source call in time, however the time in which
// nobody sees it falls, and then die: it is overdue only then, and soon.
func TestBlindTimeIsNeverTakenForSilence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		period := time.Duration(rapid.IntRange(25, 600).Draw(t, "period")) * time.Second
		grace := time.Duration(rapid.IntRange(0, 100).Draw(t, "grace")) * time.Second
		var blind []Interval
		from := 0
		for range rapid.IntRange(0, 6).Draw(t, "blind") {
			from += rapid.IntRange(1, 1500).Draw(t, "sight")
			until := from + rapid.IntRange(7, 1500).Draw(t, "blind for")
			blind = append(blind, dark(from, until))
			from = until
		}
		dies := sec(rapid.IntRange(1, 8000).Draw(t, "dies"))
		since := midnight
		var deadline time.Time
		for beat := midnight; beat.Before(dies); beat = beat.Add(period) {
			if lost(beat, blind) {
				continue
			}
			if !deadline.IsZero() && deadline.Before(beat) {
				t.Fatalf("overdue at %v, and a beat came at %v", deadline.Sub(midnight), beat.Sub(midnight))
			}
			since = beat
			_, deadline = Deadline(since, every(period), grace, blind)
		}
		sight := since
		for _, b := range blind {
			if b.Until.After(sight) && b.From.Before(deadline) {
				sight = b.Until
			}
		}
		latest := later(since, sight).Add(period + grace)
		for _, b := range blind { // what is left of blind time moves it by its length
			latest = latest.Add(b.Until.Sub(b.From))
		}
		if deadline.After(latest) {
			t.Fatalf("dead since %v, sight since %v, told only at %v", since.Sub(midnight), sight.Sub(midnight), deadline.Sub(midnight))
		}
	})
}

func lost(beat time.Time, blind []Interval) bool {
	for _, b := range blind {
		if !beat.Before(b.From) && beat.Before(b.Until) {
			return true
		}
	}
	return false
}
