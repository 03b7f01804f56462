package bot

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

// scene is everything a card is drawn from: one alert as it is now, and what must be
// known of the world around it. Drawing reads nothing else, so a scene made by hand
// draws like one from the database.
type scene struct {
	store.AlertView
	now        time.Time
	source     core.Source
	policy     core.Policy
	team       string
	monitor    *monitored   // the heartbeat that is missing; nil: another kind of alert
	levels     []core.Level // the policy's rules with their people, at the end of the running level
	earlier    []core.Alert // resolved lately with the same key, newest first
	emptyUntil time.Time    // when somebody comes to the level that had nobody; zero: unknown
	zone       zone         // of the sentence for lock screens
	name       func(core.UserID) string
	users      map[core.UserID]core.User // as they are now; for mutes
	reader     core.UserID               // whose direct conversation the card is for; 0: a channel
}

// step is what happens next if nobody does anything.
type step struct {
	at     time.Time
	users  []core.UserID
	level  int  // 0: the last resort
	resort bool // the people are whoever can be found
}

func (s step) any() bool { return !s.at.IsZero() }

// next is whom the alert reaches next, and when. The zero step: nobody.
func (s *scene) next() step {
	a := s.Alert
	switch {
	case a.Status == core.Accepted && !a.HandBackAt.IsZero():
		after := s.after(a.Level, a.Cycle)
		after.at = a.HandBackAt
		return after
	case a.Status != core.Pending, a.MergedInto != 0, a.Priority == core.Low, !a.Ended.IsZero(), s.snoozed():
		return step{}
	case a.Held && !a.LevelUntil.IsZero():
		return step{at: a.LevelUntil, resort: true}
	case a.Level == 0 && !a.DelayUntil.IsZero():
		first := s.after(0, 1)
		first.at = a.DelayUntil
		return first
	case a.LevelUntil.IsZero():
		return step{}
	}
	after := s.after(a.Level, a.Cycle)
	after.at = a.LevelUntil
	return after
}

// after is the first level with people behind this one: in this run of the rules, in the
// next if there is one, or else the last resort.
func (s *scene) after(level, cycle int) step {
	for i := level; i < len(s.levels); i++ {
		if users := usersOf(s.levels[i].People); len(users) > 0 {
			return step{users: users, level: i + 1}
		}
	}
	if cycle < s.policy.Cycles() {
		for i := range s.levels {
			if users := usersOf(s.levels[i].People); len(users) > 0 {
				return step{users: users, level: i + 1}
			}
		}
	}
	return step{resort: true}
}

func usersOf(people []core.Because) []core.UserID {
	var out []core.UserID
	for _, p := range people {
		out = appendNew(out, p.User)
	}
	return out
}

// who names a step's people for a sentence.
func (s step) who() Text {
	if s.resort || len(s.users) == 0 {
		return plain("the last resort")
	}
	return people(s.users)
}

func (s *scene) snoozed() bool {
	return s.Alert.Open() && s.Alert.SnoozedUntil.After(s.now)
}

// paged are the people who are being called now, and since when.
func (s *scene) paged() (users []core.UserID, since time.Time) {
	for _, r := range s.Alert.Responders {
		if !r.AcceptedAt.IsZero() || r.Level != s.runningLevel() {
			continue
		}
		users = append(users, r.User)
		if since.IsZero() || r.AskedAt.After(since) {
			since = r.AskedAt
		}
	}
	return users, since
}

// runningLevel is the level whose people are called; 0 are those asked by hand and the
// last resort.
func (s *scene) runningLevel() int {
	if s.Alert.Held || s.Alert.LastResort {
		return 0
	}
	return s.Alert.Level
}

// besides are people asked by hand beside the level that runs.
func (s *scene) besides() []core.UserID {
	if s.runningLevel() == 0 {
		return nil
	}
	var out []core.UserID
	for _, r := range s.Alert.Responders {
		if r.Level == 0 && r.AcceptedAt.IsZero() {
			out = append(out, r.User)
		}
	}
	return out
}

// accepters have the alert, the first first.
func (s *scene) accepters() []core.Responding { return accepters(s.Alert) }

func accepters(a core.Alert) []core.Responding {
	var out []core.Responding
	for _, r := range a.Responders {
		if !r.AcceptedAt.IsZero() {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(x, y core.Responding) int { return x.AcceptedAt.Compare(y.AcceptedAt) })
	return out
}

func responding(a core.Alert, u core.UserID) (core.Responding, bool) {
	for _, r := range a.Responders {
		if r.User == u {
			return r, true
		}
	}
	return core.Responding{}, false
}

// owner says who has an accepted alert: people, or the monitor that accepted it.
func (s *scene) owner() Text {
	have := s.accepters()
	if len(have) == 0 {
		return plain(s.source.Name)
	}
	return who(have[0].User)
}

// acceptedAt is when it was accepted first.
func (s *scene) acceptedAt() time.Time {
	if have := s.accepters(); len(have) > 0 {
		return have[0].AcceptedAt
	}
	if row, ok := s.last(core.LogAccepted); ok {
		return row.At
	}
	return time.Time{}
}

// last is the newest log entry of one of these types.
func (s *scene) last(types ...core.EntryType) (store.LogRow, bool) {
	return lastRow(s.Log, types...)
}

func lastRow(log []store.LogRow, types ...core.EntryType) (store.LogRow, bool) {
	for _, row := range slices.Backward(log) {
		if slices.Contains(types, row.Type) {
			return row, true
		}
	}
	return store.LogRow{}, false
}

// resolver says who ended it.
func (s *scene) resolver() Text {
	row, ok := s.last(core.LogResolved, core.LogAutoResolved)
	switch {
	case ok && row.User != 0:
		return who(row.User)
	case ok && row.Type == core.LogAutoResolved:
		return plain("timeout")
	}
	return plain(s.source.Name)
}

// because is why a person was called last, from the log; ok is false if the log has
// forgotten.
func (s *scene) because(u core.UserID) (reason, bool) {
	for _, row := range slices.Backward(s.Log) {
		if row.Type == core.LogNotification && row.User == u {
			return reasonOf(row), true
		}
	}
	return reason{}, false
}

// fields are at most four labels and the team, those first that say where it burns.
func (s *scene) fields() []Field {
	const most = 4
	room := most
	if s.team != "" {
		room--
	}
	var out []Field
	for _, l := range tellingLabels(s.First.Labels, room) {
		out = append(out, Field{Name: titled(l.name), Value: plain(l.value)})
	}
	if s.team != "" {
		out = append(out, Field{Name: "Team", Value: plain(s.team)})
	}
	return out
}

type label struct{ name, value string }

// telling are label names that say where it burns, the most telling first.
var telling = []string{
	"service", "instance", "host", "hostname", "node", "device", "mount", "mountpoint", "pod", "job", "app",
	"cluster", "namespace", "environment", "env", "region", "zone", "monitor", "check",
}

// silent are labels that the card shows elsewhere or that mean nothing to people.
var silent = []string{"alertname", "severity", "priority", "prometheus", "endpoint", "uid"}

func tellingLabels(labels map[string]string, most int) []label {
	const longest = 60
	var out []label
	for name, value := range labels {
		value = oneLine(value)
		if value == "" || strings.HasPrefix(name, "__") || slices.Contains(silent, strings.ToLower(name)) {
			continue
		}
		out = append(out, label{name, cut(value, longest)})
	}
	slices.SortFunc(out, func(a, b label) int {
		return cmp.Or(cmp.Compare(tells(a.name), tells(b.name)), cmp.Compare(len(a.value), len(b.value)), cmp.Compare(a.name, b.name))
	})
	return out[:min(most, len(out))]
}

func tells(name string) int {
	if i := slices.Index(telling, strings.ToLower(name)); i >= 0 {
		return i
	}
	return len(telling)
}

// titled makes a label's name readable: "mount_point" is "Mount point".
func titled(name string) string {
	const longest = 30
	name = oneLine(strings.NewReplacer("_", " ", "-", " ", ".", " ").Replace(name))
	if name == "" {
		return "Label"
	}
	return cut(capital(name), longest)
}

// links are at most four of the first event's.
func (s *scene) links() []Link {
	const most, longest = 4, 40
	var out []Link
	for _, l := range s.First.Links {
		if len(out) == most || !web(l.Href) {
			continue
		}
		text := oneLine(l.Text)
		if text == "" {
			text = "Link"
			if len(out) > 0 {
				text = fmt.Sprintf("Link %d", len(out)+1)
			}
		}
		out = append(out, Link{Text: cut(text, longest), Href: l.Href})
	}
	return out
}

func web(href string) bool {
	return strings.HasPrefix(href, "https://") || strings.HasPrefix(href, "http://")
}

// recurrence counts how often the same key came back: n including this alert, over the
// stretch since the first of them began.
func (s *scene) recurrence(within time.Duration) (n int, over time.Duration) {
	n = 1
	for _, e := range s.earlier {
		if e.ID == s.Alert.ID || s.Alert.CreatedAt.Sub(e.CreatedAt) > within || e.CreatedAt.After(s.Alert.CreatedAt) {
			continue
		}
		n++
		over = max(over, s.Alert.CreatedAt.Sub(e.CreatedAt))
	}
	return n, over
}

func ordinal(n int) string {
	suffix := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return fmt.Sprintf("%d%s", n, suffix)
}
