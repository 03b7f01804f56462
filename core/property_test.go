package core

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// walk is one alert on a random way through its life, with what it did so far.
type walk struct {
	t     *rapid.T
	env   Env
	a     Alert
	calls map[string]bool // user/platform/n
	pages int
}

var everybody = []UserID{1, 2, 3, 4, 5}

func (w *walk) user() UserID { return rapid.SampledFrom(everybody).Draw(w.t, "user") }

func (w *walk) because(rule int) (list []Because) {
	for range rapid.IntRange(0, 3).Draw(w.t, "people") {
		list = append(list, Because{User: rapid.SampledFrom([]UserID{1, 2, 3, 4, 5, 99}).Draw(w.t, "asked"), Rule: rule})
	}
	return list
}

func (w *walk) world() {
	t := w.t
	w.env = Env{Now: dawn, Source: Source{ID: 1, Name: "s", PriorityRule: rapid.SampledFrom([]PriorityRule{AlwaysHigh, AlwaysHigh, AlwaysLow, HighInHours}).Draw(t, "rule"),
		AutoResolve: rapid.SampledFrom([]time.Duration{0, 0, 3 * time.Hour}).Draw(t, "auto"), Shadow: rapid.IntRange(0, 9).Draw(t, "shadow") == 0},
		Policy: Policy{ID: 1, Name: "p", Repeating: rapid.Bool().Draw(t, "repeating"), Frequency: rapid.IntRange(0, 9).Draw(t, "frequency"),
			Delay:         rapid.SampledFrom([]time.Duration{0, 0, time.Minute}).Draw(t, "delay"),
			AcceptTimeout: rapid.SampledFrom([]time.Duration{0, 30 * time.Minute}).Draw(t, "accept")},
		People: map[UserID]Person{}}
	w.configure()
}

// configure draws people and levels; it is also the edit of a configuration while an alert is open.
func (w *walk) configure() {
	t := w.t
	for _, u := range everybody {
		p := Person{User: u, Name: fmt.Sprintf("U%d", u), Role: Responder, Notify: DefaultNotify()}
		p.Platforms = rapid.SampledFrom([][]string{{"a", "b"}, {"a"}, {"b"}, nil}).Draw(t, "platforms")
		if rapid.IntRange(0, 4).Draw(t, "often") == 0 {
			p.Notify = []Notify{{By: []string{"a"}}, {Every: 10 * time.Second, Times: 300}}
		}
		if rapid.IntRange(0, 5).Draw(t, "muted") == 0 {
			p.MutedTo = w.env.Now.Add(10 * time.Minute)
		}
		w.env.People[u] = p
	}
	w.env.Levels = nil
	for i := range rapid.IntRange(0, 4).Draw(t, "levels") {
		w.env.Levels = append(w.env.Levels, Level{
			Timeout: rapid.SampledFrom([]time.Duration{0, time.Second, 5 * time.Minute, time.Hour}).Draw(t, "timeout"),
			People:  w.because(i + 1), Empty: []string{"rota"}})
	}
	w.env.LastResort = w.because(0)
}

func (w *walk) input() Input {
	t, by := w.t, w.user()
	switch rapid.IntRange(0, 21).Draw(t, "input") {
	case 0, 1:
		return EventArrived{ID: 2, Event: Event{Type: EventAlert, Severity: rapid.IntRange(0, 5).Draw(t, "sev")}}
	case 2:
		return EventArrived{ID: 3, Event: Event{Type: rapid.SampledFrom([]EventType{EventAccept, EventComment, EventResolve}).Draw(t, "type"), Summary: "x"}}
	case 3, 4:
		return Accept{By: by, For: rapid.SampledFrom([]time.Duration{0, 0, time.Hour}).Draw(t, "for")}
	case 5, 6:
		return Unaccept{By: by}
	case 7:
		if rapid.IntRange(0, 3).Draw(t, "resolve") == 0 {
			return Resolve{By: by}
		}
		return Comment{By: by, Text: "hm"}
	case 8:
		return Raise{By: rapid.SampledFrom([]UserID{0, by}).Draw(t, "raiser")}
	case 9, 10:
		return Escalate{By: by, Level: rapid.IntRange(0, 4).Draw(t, "level")}
	case 11:
		return Assign{By: by, User: w.user()}
	case 12:
		return Assign{By: by, Policy: 2}
	case 13:
		return Assign{By: by, Schedule: 3, Calls: w.because(0)}
	case 14:
		return AddResponder{By: by, User: w.user()}
	case 15:
		return RemoveResponder{By: by, User: w.user()}
	case 16:
		return Snooze{By: by, Until: w.env.Now.Add(time.Hour)}
	case 17:
		return Wake{By: by}
	case 18:
		if rapid.IntRange(0, 9).Draw(t, "merge") == 0 {
			return Merge{By: by, Into: 77}
		}
		return Absorb{By: by, Child: 5}
	case 19:
		return CallFailed{User: by, Platform: "a", N: rapid.IntRange(1, 4).Draw(t, "n"), Others: rapid.Bool().Draw(t, "others")}
	case 20:
		return Due{Epoch: w.a.Epoch - 1}
	}
	return MainResolved{By: by}
}

// step applies one input and checks what must hold of every decision.
func (w *walk) step(in Input) {
	before := snapshot(w.a)
	d, err := Apply(w.a, in, w.env)
	again, errAgain := Apply(w.a, in, w.env)
	require.Equal(w.t, d, again, "the same arguments gave another decision for %#v", in)
	require.Equal(w.t, err == nil, errAgain == nil)
	require.Equal(w.t, before, snapshot(w.a), "the argument was changed by %#v", in)
	if err != nil {
		require.NotEqual(w.t, Internal, KindOf(err), "%#v: %v", in, err)
		require.Equal(w.t, before, snapshot(d.Alert), "an error changed the alert: %#v", in)
		return
	}
	w.check(in, d)
	w.a = d.Alert
}

func snapshot(a Alert) string { b, _ := json.Marshal(a); return string(b) }

func (w *walk) check(in Input, d Decision) {
	t, a, b := w.t, w.a, d.Alert
	if !d.Changed {
		require.Equal(t, snapshot(a), snapshot(b), "%#v: not Changed, but changed", in)
		require.Empty(t, d.Log)
		require.Empty(t, d.Effects)
		return
	}
	require.Equal(t, a.Seq+int64(len(d.Log)), b.Seq, "Seq counts the log")
	if b.NextAt.Equal(a.NextAt) {
		require.Equal(t, a.Epoch, b.Epoch, "%#v: Epoch rose without a new NextAt", in)
	} else {
		require.Equal(t, a.Epoch+1, b.Epoch, "%#v: a new NextAt needs a new Epoch", in)
	}
	if due, ok := in.(Due); ok {
		require.Equal(t, a.Epoch, due.Epoch, "a stale timer did something")
		require.True(t, b.NextAt.IsZero() || b.NextAt.After(w.env.Now), "a timer left in the past: %v at %v", b.NextAt, w.env.Now)
	}
	if a.Status == Resolved {
		b.Rev, b.Seq, b.ShowAt = a.Rev, a.Seq, a.ShowAt
		require.Equal(t, snapshot(a), snapshot(b), "%#v changed a resolved alert", in)
	}
	lines := 0
	for _, e := range d.Log {
		require.NotEmpty(t, e.Type)
		if e.Thread && e.Type != LogCommentBySystem {
			lines++
		}
	}
	require.LessOrEqual(t, lines, 1, "more than one line in the thread: %v", d.Log)
	w.checkEffects(in, d)
	w.checkState(d.Alert)
}

func (w *walk) checkEffects(in Input, d Decision) {
	t, b := w.t, d.Alert
	shows := 0
	for _, e := range d.Effects {
		p, ok := e.(Page)
		if !ok {
			shows++
			continue
		}
		w.pages += len(p.By)
		require.False(t, w.env.Source.Shadow, "a page of a shadow source")
		require.NotEmpty(t, p.By)
		require.True(t, b.Wanted(p.User, p.N), "%#v: page %v is not wanted by its own alert", in, p)
		require.True(t, b.Open() && b.MergedInto == 0 && b.SnoozedUntil.IsZero(), "%#v paged for %s", in, b.Status)
		require.False(t, w.env.People[p.User].MutedTo.After(w.env.Now), "a muted person was paged")
		for _, by := range p.By {
			call := fmt.Sprintf("%d/%s/%d", p.User, by, p.N)
			require.False(t, w.calls[call], "%#v: call %s was made before", in, call)
			w.calls[call] = true
		}
		require.True(t, slices.ContainsFunc(d.Log, func(e Entry) bool { return e.Type == LogNotification && e.User == p.User }), "a page without a log entry")
	}
	require.LessOrEqual(t, shows, 1)
	require.LessOrEqual(t, w.pages, MaxCalls, "more calls than allowed")
	if b.Rev > w.a.Rev {
		require.True(t, shows > 0 || b.ShowAt.After(w.env.Now), "%#v: a changed card must be asked for", in)
	} else {
		require.Zero(t, shows, "%#v: a card asked for that shows nothing new", in)
	}
	switch in.(type) {
	case Accept, Resolve, Snooze, Merge:
		require.Zero(t, w.pagesIn(d), "%#v paged somebody", in)
		if b.Status != Accepted {
			for _, r := range b.Responders {
				require.True(t, r.NextCall.IsZero(), "%#v left a call: %+v", in, r)
			}
		}
	}
}

func (w *walk) pagesIn(d Decision) (n int) {
	for _, e := range d.Effects {
		if _, ok := e.(Page); ok {
			n++
		}
	}
	return n
}

// checkState is what must hold of an alert at rest (I8): whatever is open has a next
// step or says why it has none.
func (w *walk) checkState(b Alert) {
	t := w.t
	require.Equal(t, b.next(), b.NextAt)
	next := Explain(b, w.env)
	if !b.Open() {
		require.True(t, b.NextAt.IsZero())
		require.Empty(t, next)
		require.False(t, b.ResolvedAt.IsZero())
		return
	}
	require.NotEmpty(t, next)
	require.True(t, next[0].At.Equal(b.NextAt), "the explanation says %v, the timer %v", next[0].At, b.NextAt)
	accepted := slices.ContainsFunc(b.Responders, func(r Responding) bool { return !r.AcceptedAt.IsZero() })
	if accepted {
		require.Equal(t, Accepted, b.Status)
	}
	seen := map[UserID]bool{}
	for _, r := range b.Responders {
		require.False(t, seen[r.User], "user %d twice", r.User)
		seen[r.User] = true
	}
	if b.NextAt.IsZero() {
		why := b.Status == Accepted || b.Priority == Low || !b.Ended.IsZero() || b.MergedInto != 0
		require.True(t, why, "pending and nothing to wait for: %s", snapshot(b))
		require.NotEqual(t, "Nobody is asked.", next[0].Why, "LOW or not, the reason is missing: %s", snapshot(b))
	}
	require.LessOrEqual(t, b.Made, MaxCalls)
	require.LessOrEqual(t, b.Cycle, w.env.Policy.Cycles())
}

func TestAlertsKeepTheirPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := walk{t: t, calls: map[string]bool{}}
		w.world()
		birth := Event{Type: EventAlert, Key: "k", Summary: "s", Severity: rapid.IntRange(0, 5).Draw(t, "sev")}
		if rapid.IntRange(0, 4).Draw(t, "manual") == 0 {
			birth.By, birth.Responders = 1, []UserID{w.user(), w.user()}
		}
		w.step(EventArrived{ID: 1, Event: birth})
		w.a.ID = 12
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			w.time()
			if rapid.IntRange(0, 9).Draw(t, "edit") == 0 {
				w.configure()
			}
			w.step(w.input())
		}
		w.drain()
	})
}

// time passes: a bit, up to the timer, or an outage.
func (w *walk) time() {
	switch rapid.IntRange(0, 3).Draw(w.t, "time") {
	case 0:
		w.env.Now = w.env.Now.Add(time.Duration(rapid.IntRange(0, 120).Draw(w.t, "seconds")) * time.Second)
	case 1, 2:
		if !w.a.NextAt.IsZero() {
			w.env.Now = maxTime(w.env.Now, w.a.NextAt)
		}
	case 3:
		w.env.Now = w.env.Now.Add(time.Duration(rapid.IntRange(0, 48).Draw(w.t, "hours")) * time.Hour / 4)
	}
	if !w.a.NextAt.IsZero() && !w.a.NextAt.After(w.env.Now) {
		w.step(Due{Epoch: w.a.Epoch})
	}
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// drain lets the timers fire until none is left: every alert that nobody touches comes
// to rest.
func (w *walk) drain() {
	for range 3000 {
		if w.a.NextAt.IsZero() {
			return
		}
		w.env.Now = maxTime(w.env.Now, w.a.NextAt)
		w.step(Due{Epoch: w.a.Epoch})
	}
	w.t.Fatalf("no end of timers: %s", snapshot(w.a))
}
