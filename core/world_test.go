package core

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// world is what a scenario needs beside Apply: a clock that jumps from timer to timer,
// people, a policy, and the alerts of one source. Its text is the scenario's result.
type world struct {
	now    time.Time
	env    Env
	alerts []Alert // A1 is alerts[0]
	users  map[string]UserID
	lost   time.Time // until then no timer fires: the machine is away
	events EventID
	out    strings.Builder
	err    error
}

var dawn = time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)

func newWorld() *world {
	return &world{now: dawn, users: map[string]UserID{}, env: Env{
		Source: Source{ID: 1, Name: "prometheus", Creation: EachEvent, PriorityRule: AlwaysHigh},
		Policy: Policy{ID: 1, Name: "payments"}, People: map[UserID]Person{}}}
}

// play runs a scenario's lines and returns what was seen.
func play(script string) (string, error) {
	w := newWorld()
	for n, line := range strings.Split(script, "\n") {
		words := fields(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		if words[0] == "at" {
			w.until(w.span(words[1]))
			words = words[2:]
		}
		w.do(words)
		if w.err != nil {
			return "", fmt.Errorf("line %d: %w", n+1, w.err)
		}
	}
	return w.out.String(), nil
}

// until lets timers fire up to that long after dawn, the earliest first.
func (w *world) until(d time.Duration) {
	end := dawn.Add(d)
	for range 5000 {
		next := -1
		for i, a := range w.alerts {
			if !a.NextAt.IsZero() && !a.NextAt.After(end) && (next < 0 || a.NextAt.Before(w.alerts[next].NextAt)) {
				next = i
			}
		}
		if next < 0 {
			break
		}
		at := w.alerts[next].NextAt
		if at.Before(w.lost) {
			at = w.lost
		}
		if at.After(end) {
			break
		}
		w.now = at
		w.apply(&w.alerts[next], Due{Epoch: w.alerts[next].Epoch})
	}
	w.now = end
}

// do is one line: either the world changes or something happens to an alert.
func (w *world) do(words []string) {
	rest := words[1:]
	switch words[0] {
	case "source":
		w.source(rest)
	case "policy":
		w.policy(rest)
	case "level": // level 5m ana ben | level 5m nobody SCHEDULE
		w.env.Levels = append(w.env.Levels, w.level(len(w.env.Levels)+1, rest))
	case "change": // change 2 5m ana
		n := w.int(rest[0])
		w.env.Levels[n-1] = w.level(n, rest[1:])
	case "drop-level":
		w.env.Levels = w.env.Levels[:len(w.env.Levels)-1]
	case "last":
		w.env.LastResort = nil
		for _, name := range rest {
			w.env.LastResort = append(w.env.LastResort, Because{User: w.user(name), Claim: "last resort: admin"})
		}
	case "person":
		w.person(rest)
	case "hours":
		w.env.InHours = rest[0] == "in"
	case "maintenance":
		w.env.Maintenance = rest[0] == "on"
	case "key-snooze": // key-snooze 1h ana [SEVERITY]
		w.env.Snoozed, w.env.SnoozedBy = dawn.Add(w.span(rest[0])), w.user(rest[1])
		w.env.SnoozedAs = w.int(append(rest, "")[2])
	case "away":
		w.lost = dawn.Add(w.span(rest[0]))
	case "event", "alert", "accepted", "resolved", "commented":
		w.event(words)
	case "explain":
		w.explain(rest)
	case "end":
	default:
		w.verb(words)
	}
}

// event NAME key summary [high|low] [sev N] [by USER] [for USER…]
func (w *world) event(words []string) {
	e := Event{Type: map[string]EventType{"alert": EventAlert, "accepted": EventAccept, "resolved": EventResolve, "commented": EventComment}[words[0]]}
	e.Key, e.Summary = words[1], words[2]
	for i := 3; i < len(words); i++ {
		switch words[i] {
		case "high":
			e.Priority = High
		case "low":
			e.Priority = Low
		case "sev":
			i++
			e.Severity = w.int(words[i])
		case "by":
			i++
			e.By = w.user(words[i])
		case "for":
			for _, name := range words[i+1:] {
				e.Responders = append(e.Responders, w.user(name))
			}
			i = len(words)
		default:
			w.fail("unknown word %q", words[i])
		}
	}
	w.events++
	join, create, note := Route(w.env.Source, e, w.open(e), w.now)
	switch {
	case join != nil:
		w.apply(join, EventArrived{ID: w.events, Event: e})
	case create:
		a := Alert{}
		w.alerts = append(w.alerts, a)
		born := &w.alerts[len(w.alerts)-1]
		w.apply(born, EventArrived{ID: w.events, Event: e})
		if born.Status == 0 {
			w.alerts = w.alerts[:len(w.alerts)-1]
			return
		}
		born.ID = AlertID(len(w.alerts))
	default:
		w.say("   none: %s", note)
	}
}

// open is what the store would find for an event.
func (w *world) open(e Event) (o OpenAlerts) {
	for i := range w.alerts {
		a := &w.alerts[i]
		o.Any = a
		if !a.Open() {
			continue
		}
		o.Open = a
		if a.Status == Pending {
			o.Pending = a
		}
		if a.Summary == e.Summary {
			o.BySummary = a
		}
		if FoldKey(a.Key) == FoldKey(e.Key) && FoldKey(a.Key) != "" {
			o.ByKey = a
		}
	}
	return o
}

// verb NUMBER args…: what a person or the engine does to one alert.
func (w *world) verb(words []string) {
	if len(words) < 2 {
		w.fail("unknown line %q", words)
		return
	}
	n := w.int(words[1])
	if n < 1 || n > len(w.alerts) {
		w.fail("no alert %d", n)
		return
	}
	a, arg := &w.alerts[n-1], append(words[2:], "", "", "")
	var in Input
	switch words[0] {
	case "accept":
		in = Accept{By: w.user(arg[0]), For: w.span(arg[1])}
	case "unaccept":
		in = Unaccept{By: w.user(arg[0])}
	case "resolve":
		in = Resolve{By: w.user(arg[0]), Comment: arg[1]}
	case "raise":
		in = Raise{By: w.user(arg[0])}
	case "escalate":
		in = Escalate{By: w.user(arg[0]), Level: w.int(arg[1])}
	case "assign":
		in = Assign{By: w.user(arg[0]), User: w.user(arg[1])}
	case "assign-schedule":
		calls := []Because{}
		for _, name := range words[4:] {
			calls = append(calls, Because{User: w.user(name), Schedule: arg[1]})
		}
		in = Assign{By: w.user(arg[0]), Schedule: 7, Calls: calls}
	case "assign-policy":
		in = Assign{By: w.user(arg[0]), Policy: 2}
	case "add":
		in = AddResponder{By: w.user(arg[0]), User: w.user(arg[1])}
	case "remove":
		in = RemoveResponder{By: w.user(arg[0]), User: w.user(arg[1])}
	case "comment":
		in = Comment{By: w.user(arg[0]), Text: arg[1]}
	case "snooze":
		in = Snooze{By: w.user(arg[0]), Until: w.now.Add(w.span(arg[1]))}
	case "wake":
		in = Wake{By: w.user(arg[0])}
	case "merge":
		in = Merge{By: w.user(arg[0]), Into: AlertID(w.int(arg[1]))}
	case "absorb":
		in = Absorb{By: w.user(arg[0]), Child: AlertID(w.int(arg[1]))}
	case "main-resolved":
		in = MainResolved{By: w.user(arg[0])}
	case "stale":
		in = Due{Epoch: a.Epoch - 1}
	case "early":
		in = Due{Epoch: a.Epoch}
	case "failed":
		in = CallFailed{User: w.user(arg[0]), Platform: arg[1], N: w.int(arg[2]), Reason: "timeout", Others: arg[3] == "others"}
	default:
		w.fail("unknown line %q", words)
		return
	}
	w.apply(a, in)
}

// apply applies and writes down what was decided.
func (w *world) apply(a *Alert, in Input) {
	w.env.Now = w.now
	d, err := Apply(*a, in, w.env)
	if err != nil {
		w.say("   refused (%s): %s", KindOf(err), refusal(err))
		return
	}
	n := 0
	for i := range w.alerts {
		if &w.alerts[i] == a {
			n = i + 1
		}
	}
	name := fmt.Sprintf("A%d", n)
	w.log(name, d)
	if _, ok := in.(EventArrived); ok {
		w.say("%s %s (×%d)%s", name, d.Outcome, d.Alert.Events, suffix(d.Note))
	} else if d.Note != "" {
		w.say("   note: %s", d.Note)
	}
	before := *a
	*a = d.Alert
	if d.Changed && (before.Status != a.Status || !before.NextAt.Equal(a.NextAt) || before.Level != a.Level) {
		w.say("%s is %s", name, w.state(*a))
	}
}

func suffix(note string) string {
	if note == "" {
		return ""
	}
	return ": " + note
}

func refusal(err error) string {
	e := err.(*Error)
	if e.Do == "" {
		return e.Text
	}
	return e.Text + " / " + e.Do
}

// log writes the entries; calls of several platforms in one line, cards only if put off.
func (w *world) log(name string, d Decision) {
	for i, e := range d.Log {
		if e.Type == LogNotification {
			if i > 0 && d.Log[i-1].Type == LogNotification && d.Log[i-1].User == e.User {
				continue
			}
			var by []string
			for _, o := range d.Log {
				if o.Type == LogNotification && o.User == e.User {
					by = append(by, o.Vars["by"])
				}
			}
			e.Vars["by"] = strings.Join(by, "+")
			w.say("%s CALL %s %s", name, w.name(e.User), text(e.Vars))
			continue
		}
		mark := ""
		if e.Thread {
			mark += "|"
		}
		if e.Broadcast {
			mark += "!"
		}
		w.say("%s %s%s %s %s", name, strings.TrimPrefix(string(e.Type), "Alert"), mark, w.name(e.User), text(e.Vars))
	}
	for _, e := range d.Effects {
		if s, ok := e.(Show); ok && !s.NotBefore.IsZero() {
			w.say("%s card at %s", name, w.at(s.NotBefore))
		}
	}
}

func (w *world) state(a Alert) string {
	parts := []string{a.Status.String()}
	add := func(cond bool, format string, args ...any) {
		if cond {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	add(a.Level > 0, "level %d", a.Level)
	add(a.Cycle > 1, "cycle %d", a.Cycle)
	add(a.Held, "held")
	add(!a.SnoozedUntil.IsZero(), "snoozed")
	add(a.MergedInto != 0, "part of A%d", a.MergedInto)
	add(!a.Ended.IsZero(), "ended")
	add(!a.NextAt.IsZero(), "next %s", w.at(a.NextAt))
	return strings.Join(parts, ", ")
}

func (w *world) explain(words []string) {
	w.env.Now = w.now
	for _, n := range Explain(w.alerts[w.int(words[0])-1], w.env) {
		var who []string
		for _, u := range n.Who {
			who = append(who, w.name(u))
		}
		w.say("   next %s: %s", w.at(n.At), strings.TrimSpace(fmt.Sprintf("%s %s %s %s", n.Kind, num(n.Level), strings.Join(who, ","), n.Why)))
	}
}

func (w *world) say(format string, args ...any) {
	line := fmt.Sprintf("%8s  ", w.at(w.now)) + fmt.Sprintf(format, args...)
	w.out.WriteString(strings.TrimRight(line, " ") + "\n")
}

func (w *world) at(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return short(t.Sub(dawn))
}

// short is a duration without zero units.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}

func text(v map[string]string) string {
	var parts []string
	for k, x := range v {
		if t, err := time.Parse(time.RFC3339Nano, x); err == nil {
			x = short(t.Sub(dawn))
		}
		parts = append(parts, k+"="+x)
	}
	slices.Sort(parts)
	return strings.Join(parts, " ")
}
