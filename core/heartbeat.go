package core

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Heartbeat is a source that must keep calling: every so often, or at the times of a cron
// expression. What became of its calls is Vitals.
type Heartbeat struct {
	ID       HeartbeatID   `json:"id"`
	Name     string        `json:"name"`
	Interval time.Duration `json:"interval,omitempty"` // 0: Cron counts
	Cron     string        `json:"cron,omitempty"`     // readings of Timezone's clock
	Timezone string        `json:"timezone,omitempty"`
	Grace    time.Duration `json:"grace,omitempty"`        // how late a beat may be
	Summary  string        `json:"alertSummary,omitempty"` // "": NAME did not beat
	Source   SourceID      `json:"alertSource,omitempty"`  // where its alerts are raised; 0: state only
	Teams    []TeamID      `json:"teams,omitempty"`
}

// Bounds of a heartbeat.
const (
	MinInterval = 25 * time.Second
	MaxInterval = 31 * 24 * time.Hour
	MaxGrace    = 31 * 24 * time.Hour
	MaxRuns     = 10       // that are remembered
	MaxBeatBody = 10 << 10 // bytes of a beat's body that are kept
)

// Check tells what can never work, aside from the expression, which schedules reads.
func (h Heartbeat) Check() error {
	switch {
	case strings.TrimSpace(h.Name) == "" || len([]rune(h.Name)) > maxName || Line(h.Name, maxName) != h.Name:
		return Errorf(Invalid, "name: one line of 1 to %d characters.", maxName)
	case h.Cron == "" && (h.Interval < MinInterval || h.Interval > MaxInterval):
		return Errorf(Invalid, "intervalSec: from %.0f to %.0f.", MinInterval.Seconds(), MaxInterval.Seconds())
	case h.Grace < 0 || h.Grace > MaxGrace:
		return Errorf(Invalid, "gracePeriodSec: from 0 to %.0f.", MaxGrace.Seconds())
	case h.Interval > 0 && h.Grace > maxGracePeriods*h.Interval:
		return Errorf(Invalid, "gracePeriodSec: more than %d intervals.", maxGracePeriods)
	}
	return nil
}

const (
	maxName         = 255
	maxGracePeriods = 1000
)

// HeartbeatState is how a heartbeat stands.
//
//	UNKNOWN ──first beat──▶ HEALTHY ──deadline, failed run──▶ OVERDUE
//	                           ▲────────────beat─────────────────┘
//
// The first beat may be a failed run: then UNKNOWN becomes OVERDUE. Nothing leads back to
// UNKNOWN.
type HeartbeatState int8

const (
	NeverBeat HeartbeatState = iota
	Healthy
	Overdue
)

var heartbeatWords = []string{"UNKNOWN", "HEALTHY", "OVERDUE"}

func (s HeartbeatState) String() string { return word(heartbeatWords, s) }

// MarshalText gives the API's word.
func (s HeartbeatState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Vitals are what is known of a heartbeat's calls. The zero value, with its id, is one
// that has never called.
type Vitals struct {
	Heartbeat   HeartbeatID
	State       HeartbeatState
	Since       time.Time // the next beat is expected after this
	LastBeat    time.Time // of any kind but a start
	StartedAt   time.Time // a run that has not ended; zero: none
	PausedUntil time.Time
	Told        bool     // OVERDUE was told: nothing is due until the next beat
	Raised      SourceID // where its alert was raised; 0: none was
	Runs        []Run    // the oldest first, at most MaxRuns
	Body        string   // of the last beat that had one
}

// Run is how one beat, or its absence, ended a run.
type Run struct {
	At     time.Time     `json:"at"`
	Took   time.Duration `json:"took,omitempty"` // 0: its start was not told
	Missed bool          `json:"missed,omitempty"`
	Failed bool          `json:"failed,omitempty"`
	Code   int           `json:"code,omitempty"` // exit code of a failed run; 0: not told
}

// BeatKind says what a beat tells.
type BeatKind int8

const (
	BeatDone BeatKind = iota
	BeatStarted
	BeatFailed
)

// Beat is one call.
type Beat struct {
	Kind BeatKind
	Code int // exit code of a failed run
	At   time.Time
	Body string // at most MaxBeatBody bytes of clean text
}

// Alarm is an event that a heartbeat sends to a source.
type Alarm struct {
	Source SourceID
	Event  Event
}

// BodyText is what is kept of a beat's body: text that can be shown, at most MaxBeatBody
// bytes of it.
func BodyText(body []byte) string {
	text, _ := clean(string(body[:min(len(body), MaxBeatBody)]), true)
	if len(text) > MaxBeatBody {
		text = strings.ToValidUTF8(text[:MaxBeatBody], "")
	}
	return text
}

// HeartbeatKey is the alert key of a heartbeat's alerts.
func HeartbeatKey(id HeartbeatID) string { return heartbeatKey + strconv.FormatInt(int64(id), 10) }

// HeartbeatOf is the heartbeat that an alert key belongs to, if its source agrees: anybody
// may send events with such a key.
func HeartbeatOf(key string) (id HeartbeatID, ok bool) {
	text, ok := strings.CutPrefix(key, heartbeatKey)
	n, err := strconv.ParseInt(text, 10, 64)
	return HeartbeatID(n), ok && err == nil && n > 0
}

const heartbeatKey = "heartbeat/"

// Beat is what one call does. The alarm is nil if no alert is to change.
func (h Heartbeat) Beat(v Vitals, b Beat) (Vitals, *Alarm) {
	if b.Body != "" {
		v.Body = b.Body
	}
	if b.Kind == BeatStarted {
		v.StartedAt = b.At
		return v, nil
	}
	run := Run{At: b.At, Failed: b.Kind == BeatFailed, Code: b.Code}
	if !v.StartedAt.IsZero() && v.StartedAt.Before(b.At) {
		run.Took = b.At.Sub(v.StartedAt)
	}
	v.StartedAt = time.Time{}
	v.LastBeat = later(v.LastBeat, b.At)
	v = v.ran(run)
	if !run.Failed {
		v.Since = later(v.LastBeat, v.PausedUntil)
		v.State = Healthy
		return h.calm(v, h.name()+" beats again")
	}
	if v.Paused(b.At) { // kept, and nobody is told
		return v, nil
	}
	what := h.name() + " failed"
	if b.Code != 0 {
		what = fmt.Sprintf("%s failed with exit code %d", h.name(), b.Code)
	}
	return h.alarm(v, what, b.Body)
}

// Miss is what a deadline does that has passed without a beat.
func (h Heartbeat) Miss(v Vitals, expected, now time.Time) (Vitals, *Alarm) {
	last := "There was no beat before."
	if !v.LastBeat.IsZero() {
		last = "The last beat came " + utc(v.LastBeat) + "."
	}
	v = v.ran(Run{At: now, Missed: true})
	v.StartedAt = time.Time{}
	summary := h.Summary
	if summary == "" {
		summary = h.name() + " did not beat"
	}
	return h.alarm(v, summary, fmt.Sprintf("A beat was expected by %s. %s", utc(expected), last))
}

// Pause keeps a heartbeat quiet until then: no beat is expected and no failure is told.
// What was told is taken back, so that it is told anew if no beat comes after the pause.
func (h Heartbeat) Pause(v Vitals, until time.Time) (Vitals, *Alarm) {
	v.PausedUntil = until
	v.Since = until
	return h.calm(v, h.name()+" is paused until "+utc(until))
}

// Resume ends a pause: the next beat is expected as if one came now.
func (h Heartbeat) Resume(v Vitals, now time.Time) Vitals {
	v.PausedUntil, v.Since = time.Time{}, now
	return v
}

// Paused tells whether nothing is expected at that time.
func (v Vitals) Paused(now time.Time) bool { return v.PausedUntil.After(now) }

// Timed tells whether the passing of time can change anything: not before the first beat,
// and not once it was told that one is missing.
func (v Vitals) Timed() bool { return v.State != NeverBeat && !v.Told }

func (v Vitals) ran(r Run) Vitals {
	v.Runs = append(slices.Clone(v.Runs), r)
	v.Runs = v.Runs[max(0, len(v.Runs)-MaxRuns):]
	return v
}

// alarm raises the alert, or repeats it if it is there.
func (h Heartbeat) alarm(v Vitals, summary, details string) (Vitals, *Alarm) {
	v.State, v.Told = Overdue, true
	if h.Source == 0 {
		return v, nil
	}
	v.Raised = h.Source
	return v, &Alarm{h.Source, Event{Type: EventAlert, Key: HeartbeatKey(h.ID), Summary: summary, Details: details,
		Labels: map[string]string{"heartbeat": h.name()}}}
}

// calm resolves the alert where it was raised, wherever the next one will be.
func (h Heartbeat) calm(v Vitals, summary string) (Vitals, *Alarm) {
	source := v.Raised
	v.Told, v.Raised = false, 0
	if source == 0 {
		return v, nil
	}
	return v, &Alarm{source, Event{Type: EventResolve, Key: HeartbeatKey(h.ID), Summary: summary}}
}

func (h Heartbeat) name() string { return Line(h.Name, 120) }

func utc(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
