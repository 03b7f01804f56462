package bot

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/store"
)

const monitorField = "monitor"

func heartbeatVerbs() []verb {
	monitor := ask{name: monitorField, label: "Heartbeat", kind: Select, required: true}
	return []verb{
		{family: "heartbeat", name: "list", does: "heartbeats, those that are missing first", run: listHeartbeats},
		{family: "heartbeat", name: "show", usage: "NAME", does: "one heartbeat with its last runs", asks: []ask{monitor}, run: showHeartbeat},
		{family: "heartbeat", name: "pause", usage: "NAME 2h", does: "expect no beat until then", read: readPause, run: pauseHeartbeat,
			asks: []ask{monitor, {name: "time", label: "Until", kind: TextField, required: true, hint: "2h, 18:00, tomorrow 09:00"}}},
		{family: "heartbeat", name: "resume", also: []string{"unpause"}, usage: "NAME", does: "end a pause", asks: []ask{monitor}, run: resumeHeartbeat},
	}
}

// monitor finds a heartbeat by name, or by #ID as buttons have it, that the person may see.
func (c *call) monitor(s string) (engine.Heartbeat, error) {
	if id, ok := alertNumber(s); ok && strings.HasPrefix(s, "#") {
		if h, ok := c.snap.Heartbeats[core.HeartbeatID(id)]; ok && c.sees(h.Teams) {
			return h, nil
		}
	}
	if h, ok := c.snap.HeartbeatNamed(s); ok && c.sees(h.Teams) {
		return h, nil
	}
	err := c.noSuch("heartbeat", s, c.seenHeartbeats()).(*core.Error)
	err.Do = "See what there is with " + backquoted("/heartbeat list") + "."
	return engine.Heartbeat{}, inField(monitorField, err)
}

func (c *call) seenHeartbeats() []string {
	var out []string
	for _, n := range sortedNames(c.snap.Heartbeats, func(h engine.Heartbeat) string { return h.Name }) {
		if h, ok := c.snap.HeartbeatNamed(n); ok && c.sees(h.Teams) {
			out = append(out, n)
		}
	}
	return out
}

// readPause takes “nightly backup 2h” apart: the longest name that there is, then the time.
func readPause(c *call, words []word) bool {
	for n := len(words); n > 0; n-- {
		if _, ok := c.snap.HeartbeatNamed(join(words[:n])); ok || n == 1 {
			c.put(monitorField, join(words[:n]))
			c.put("time", join(words[n:]))
			break
		}
	}
	return true
}

func listHeartbeats(ctx context.Context, c *call) (Reply, error) {
	vitals, err := c.engine.Vitals(ctx)
	if err != nil {
		return Reply{}, fmt.Errorf("load heartbeats: %w", err)
	}
	var missing, rest []Text
	var first engine.Heartbeat
	for _, name := range c.seenHeartbeats() {
		h, _ := c.snap.HeartbeatNamed(name)
		v := vitals[h.ID]
		line := say("{} {}", plain(heartbeatMark(v, c.now)), dotted(bold(h.Name), c.heartbeatLine(h, v)))
		if v.State != core.Overdue || v.Paused(c.now) {
			rest = append(rest, line)
			continue
		}
		if missing = append(missing, line); first.ID == 0 {
			first = h
		}
	}
	all := append(missing, rest...)
	if len(all) == 0 {
		return answer(plain("There is no heartbeat monitor yet.")), nil
	}
	head := plain("No heartbeat is missing.")
	if len(missing) > 0 {
		head = say("{} of {} heartbeats are missing.", count(len(missing)), count(len(all)))
	}
	const most = 30
	if len(all) > most {
		all = append(all[:most], say("and {} more", count(len(all)-most)))
	}
	r := answer(head, all...)
	if first.ID != 0 {
		r.Card.Actions = []Action{pauseAction(first.ID), {Action: heartbeatAction("show", first.ID), Label: cut("Show "+first.Name, 40), Style: Default}}
	}
	return r, nil
}

// heartbeatMark is the state at a glance.
func heartbeatMark(v core.Vitals, now time.Time) string {
	switch {
	case v.Paused(now):
		return "⏸"
	case v.State == core.Healthy:
		return "✅"
	case v.State == core.Overdue:
		return "🔴"
	}
	return "⚪"
}

// heartbeatLine is how one heartbeat stands, in a line.
func (c *call) heartbeatLine(h engine.Heartbeat, v core.Vitals) Text {
	expected, deadline := h.Expected(v)
	var state Text
	switch {
	case v.Paused(c.now):
		state = say("paused until {}", moment(v.PausedUntil))
	case v.State == core.NeverBeat:
		return plain("has never called")
	case v.State == core.Overdue:
		state = overdueText(v, deadline)
	default:
		state = say("next by {}", moment(expected))
	}
	return dotted(state, lastBeat(v), plain(runMarks(v.Runs)))
}

// overdueText says why a heartbeat is overdue: a run that failed, or one that is missing.
func overdueText(v core.Vitals, deadline time.Time) Text {
	if n := len(v.Runs); n > 0 && v.Runs[n-1].Failed {
		run := v.Runs[n-1]
		if run.Code != 0 {
			return say("failed {} with exit code {}", moment(run.At), count(run.Code))
		}
		return say("failed {}", moment(run.At))
	}
	return say("expected by {}", moment(deadline))
}

func lastBeat(v core.Vitals) Text {
	if v.LastBeat.IsZero() {
		return nil
	}
	return say("last {}", moment(v.LastBeat))
}

// runMarks are the last runs, the newest at the end.
func runMarks(runs []core.Run) string {
	var b strings.Builder
	for _, r := range runs {
		mark := "✓"
		if r.Failed || r.Missed {
			mark = "✗"
		}
		b.WriteString(mark)
	}
	return b.String()
}

func showHeartbeat(ctx context.Context, c *call) (Reply, error) {
	h, err := c.monitor(c.values[monitorField])
	if err != nil {
		return Reply{}, err
	}
	vitals, err := c.engine.Vitals(ctx)
	if err != nil {
		return Reply{}, fmt.Errorf("load heartbeats: %w", err)
	}
	return c.heartbeatCard(h, vitals[h.ID], nil), nil
}

// heartbeatCard is one heartbeat with its runs and what the last one said. The headline is
// the state if none is given.
func (c *call) heartbeatCard(h engine.Heartbeat, v core.Vitals, headline Text) Reply {
	if headline == nil {
		headline = say("{} {} is {}", plain(heartbeatMark(v, c.now)), bold(h.Name), plain(strings.ToLower(v.State.String())))
	}
	r := answer(headline, capitalLine(c.heartbeatLine(h, v)), rhythmLine(h), c.tellsLine(h))
	const shown = 5
	for _, run := range v.Runs[max(0, len(v.Runs)-shown):] {
		r.Card.Lines = append(r.Card.Lines, runLine(run))
	}
	const longest = 600
	if body := oneLine(v.Body); body != "" {
		r.Card.Lines = append(r.Card.Lines, say("It said: {}", plain(cut(body, longest))))
	}
	r.Card.Actions = []Action{pauseAction(h.ID)}
	if v.Paused(c.now) {
		r.Card.Actions = []Action{resumeAction(h.ID)}
	}
	return r
}

func capitalLine(t Text) Text {
	if len(t) > 0 {
		t[0].Text = capital(t[0].Text)
	}
	return t
}

func rhythmLine(h engine.Heartbeat) Text {
	var grace Text
	if h.Grace > 0 {
		grace = say("grace {}", length(h.Grace))
	}
	if h.Interval > 0 {
		return dotted(say("A beat is expected every {}", length(h.Interval)), grace)
	}
	return dotted(say("A beat is expected at {} ({})", plain(h.Cron), plain(h.Timezone)), grace)
}

func (c *call) tellsLine(h engine.Heartbeat) Text {
	if h.Source == 0 {
		return plain("Nobody is told when it is missing: it has no alert source.")
	}
	return say("Missing beats go to {}.", plain(c.snap.Sources[h.Source].Name))
}

func runLine(r core.Run) Text {
	mark, how := "✓", Text(nil)
	switch {
	case r.Missed:
		mark, how = "✗", plain("no beat")
	case r.Failed && r.Code != 0:
		mark, how = "✗", say("exit code {}", count(r.Code))
	case r.Failed:
		mark, how = "✗", plain("failed")
	}
	var took Text
	if r.Took > 0 {
		took = say("took {}", length(r.Took))
	}
	return dotted(say("{} {}", plain(mark), moment(r.At)), how, took)
}

// pauseHeartbeat expects no beat until then. What was understood is said back, with its
// undo.
func pauseHeartbeat(ctx context.Context, c *call) (Reply, error) {
	h, err := c.monitor(c.values[monitorField])
	if err != nil {
		return Reply{}, err
	}
	until, err := parseTime(c.values["time"], c.now, c.loc)
	if err != nil {
		return Reply{}, inField("time", err)
	}
	v, err := c.engine.PauseHeartbeat(ctx, c.heartbeatCommand(h), until)
	if err != nil {
		return Reply{}, err
	}
	r := answer(say("{} is paused until {}.", bold(h.Name), plain(understood(v.PausedUntil, c.now, c.loc))),
		plain("An alert about it is resolved, and no beat is expected until then."))
	r.Card.Actions = []Action{resumeAction(h.ID)}
	return r, nil
}

func resumeHeartbeat(ctx context.Context, c *call) (Reply, error) {
	h, err := c.monitor(c.values[monitorField])
	if err != nil {
		return Reply{}, err
	}
	v, err := c.engine.ResumeHeartbeat(ctx, c.heartbeatCommand(h))
	if err != nil {
		return Reply{}, err
	}
	return c.heartbeatCard(h, v, say("{} is watched again.", bold(h.Name))), nil
}

func (c *call) heartbeatCommand(h engine.Heartbeat) engine.HeartbeatCommand {
	return engine.HeartbeatCommand{Heartbeat: h.ID, By: c.user.ID, Actor: c.actor(), Once: c.once(fmt.Sprintf("heartbeat/%d", h.ID))}
}

func heartbeatAction(verb string, id core.HeartbeatID) string {
	return fmt.Sprintf("heartbeat.%s:%d", verb, id)
}

func pauseAction(id core.HeartbeatID) Action {
	return Action{Action: heartbeatAction("pause", id) + ":2h", Label: "Pause 2h", Style: Default}
}

func resumeAction(id core.HeartbeatID) Action {
	return Action{Action: heartbeatAction("resume", id), Label: "Resume", Style: Default}
}

// monitored is the heartbeat whose alert a scene shows.
type monitored struct {
	engine.Heartbeat
	core.Vitals
}

// monitorOf finds the heartbeat that an alert is about; nil if it is about something else.
func monitorOf(ctx context.Context, tx *store.Tx, snap *engine.Snapshot, a core.Alert) (*monitored, error) {
	id, ok := core.HeartbeatOf(a.Key)
	h, known := snap.Heartbeats[id]
	if !ok || !known || !a.Open() {
		return nil, nil
	}
	v, err := tx.VitalsOf(ctx, id)
	if err != nil || v.Raised != a.Source {
		return nil, err
	}
	return &monitored{h, v}, nil
}

// beatLine says when the beat was expected, when the last one came, and how the last runs
// ended. Nothing for other alerts.
func (s *scene) beatLine() Text {
	if s.monitor == nil {
		return nil
	}
	_, deadline := s.monitor.Expected(s.monitor.Vitals)
	return capitalLine(dotted(overdueText(s.monitor.Vitals, deadline), lastBeat(s.monitor.Vitals), plain(runMarks(s.monitor.Runs))))
}

// beatActions are pendingActions with the pause in the second slot.
func (s *scene) beatActions() []Action {
	escalate := s.escalateAction()
	escalate.Menu = true
	return append([]Action{
		{Action: s.verb("accept"), Label: "Accept", Style: Primary},
		pauseAction(s.monitor.ID),
		{Action: s.verb("snooze"), Label: "Snooze…", Style: Default},
		s.resolveAction(),
		escalate,
	}, s.pageMenu()[1:]...)
}
