package bot

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/schedules"
)

func onCallVerbs() []verb {
	return []verb{
		{family: "oncall", name: "who", usage: "[policy or schedule] [at TIME]", does: "who is on call",
			asks: []ask{{name: "what", label: "Policy or schedule", kind: TextField}}, run: onCall},
		{family: "oncall", name: "me", does: "my shifts", run: myShifts},
		{family: "oncall", name: "next", usage: "[schedule]", does: "what comes next",
			asks: []ask{{name: "what", label: "Schedule", kind: TextField}}, run: nextShifts},
		takeVerb(),
	}
}

// onCall says who is on call, for one policy or schedule or for all, now or at a time.
func onCall(_ context.Context, c *call) (Reply, error) {
	what, when, err := c.whatAndWhen(c.values["what"])
	if err != nil {
		return Reply{}, err
	}
	var head Text
	if when.Equal(c.now) {
		head = plain("On call now")
	} else {
		head = say("On call at {}", plain(understood(when, c.now, c.loc)))
	}
	if what != "" {
		lines, err := c.onCallFor(what, when)
		if err != nil {
			return Reply{}, err
		}
		return answer(append(head, plain(" for "+lines.name)...), lines.lines...), nil
	}
	lines := c.onCallEverywhere(when)
	if len(lines) == 0 {
		return answer(plain("There is no policy and no schedule yet.")), nil
	}
	return answer(head, lines...), nil
}

// whatAndWhen splits “payments at fri 18:00”.
func (c *call) whatAndWhen(text string) (what string, when time.Time, err error) {
	low := " " + strings.ToLower(text)
	i := strings.LastIndex(low, " at ")
	if i < 0 {
		return strings.TrimSpace(text), c.now, nil
	}
	when, err = readTime(text[i+len("at "):], c.now, c.loc)
	if err == nil && when.Sub(c.now).Abs() > furthest {
		err = invalid("That is more than a year away.")
	}
	return strings.TrimSpace(text[:i]), when, err
}

type found struct {
	name  string
	lines []Text
}

func (c *call) onCallFor(what string, when time.Time) (found, error) {
	if p, ok := c.snap.PolicyNamed(what); ok && c.sees(p.Teams) {
		return found{p.Name, c.policyLines(p, when)}, nil
	}
	if s, ok := c.snap.ScheduleNamed(what); ok && c.sees(s.Teams) {
		return found{s.Name, []Text{c.scheduleLine(s, when)}}, nil
	}
	if s, ok := c.snap.SourceNamed(what); ok && c.sees(s.Teams) && c.sees(c.snap.Policies[s.Policy].Teams) {
		p := c.snap.Policies[s.Policy]
		return found{p.Name + " (" + s.Name + ")", c.policyLines(p, when)}, nil
	}
	return found{}, c.noSuch("policy or schedule", what, slices.Concat(c.seenPolicies(), c.seenSchedules()))
}

// policyLines are a policy's levels with their people.
func (c *call) policyLines(p core.Policy, when time.Time) []Text {
	var out []Text
	for i, l := range c.snap.Levels(p, when) {
		line := plain("nobody")
		if len(l.People) > 0 {
			line = nil
			for j, b := range l.People {
				if j > 0 {
					line = append(line, plain(", ")...)
				}
				line = append(line, c.onDuty(b, when)...)
			}
		}
		for _, empty := range l.Empty {
			line = append(line, plain(" ("+empty+" is empty)")...)
		}
		out = append(out, say("Level {}: {}", count(i+1), line))
	}
	if len(out) == 0 {
		out = append(out, plain("The policy has no levels."))
	}
	return out
}

func (c *call) onDuty(b core.Because, when time.Time) Text {
	switch {
	case !b.Until.IsZero():
		return say("{} until {} ({})", whoAt(c.snap.Users, b.User, when), moment(b.Until), plain(b.Schedule))
	case b.Schedule != "":
		return say("{} ({})", whoAt(c.snap.Users, b.User, when), plain(b.Schedule))
	}
	return say("{}, always", whoAt(c.snap.Users, b.User, when))
}

func (c *call) scheduleLine(s engine.Schedule, when time.Time) Text {
	shift, ok := c.snap.OnCall(s.ID, when)
	if !ok {
		next, ok := s.Calendar.NextShift(when)
		if !ok {
			return plain("nobody, and nobody comes")
		}
		return say("nobody until {}, then {}", moment(next.Start), who(next.User))
	}
	out := say("{} until {}", whoAt(c.snap.Users, shift.User, when), moment(shift.End))
	if next, ok := s.Calendar.NextShift(shift.Start); ok {
		out = append(out, say(", then {}", who(next.User))...)
	}
	return out
}

// onCallEverywhere is a line for each policy, and for each schedule that none uses.
func (c *call) onCallEverywhere(when time.Time) []Text {
	var out []Text
	used := map[core.ScheduleID]bool{}
	for _, name := range c.seenPolicies() {
		p, _ := c.snap.PolicyNamed(name)
		for _, r := range p.Rules {
			for _, id := range r.Schedules {
				used[id] = true
			}
		}
		out = append(out, say("{}: {}", bold(p.Name), c.policyLine(p, when)))
	}
	for _, name := range c.seenSchedules() {
		if s, _ := c.snap.ScheduleNamed(name); !used[s.ID] {
			out = append(out, say("{}: {}", bold(s.Name), c.scheduleLine(s, when)))
		}
	}
	return out
}

// policyLine is a whole policy in one line: Ana until Mon 09:00 → Ben.
func (c *call) policyLine(p core.Policy, when time.Time) Text {
	var out Text
	for i, l := range c.snap.Levels(p, when) {
		piece := plain("nobody")
		if len(l.People) > 0 {
			piece = peopleAs(usersOf(l.People), func(u core.UserID) Text { return whoAt(c.snap.Users, u, when) })
			if until := l.People[0].Until; i == 0 && !until.IsZero() {
				piece = append(piece, say(" until {}", moment(until))...)
			}
		}
		if i > 0 {
			out = append(out, plain(" → ")...)
		}
		out = append(out, piece...)
	}
	if len(out) == 0 {
		return plain("nobody")
	}
	return out
}

const (
	shiftsAhead = 60 * 24 * time.Hour
	shiftsShown = 8
)

type duty struct {
	schedules.Shift
	schedule string
}

// myShifts are the person's shifts that run or come.
func myShifts(_ context.Context, c *call) (Reply, error) {
	var mine []duty
	for _, s := range c.snap.Schedules {
		for _, shift := range s.Calendar.Shifts(c.now, c.now.Add(shiftsAhead)) {
			if shift.User == c.user.ID {
				mine = append(mine, duty{shift, s.Name})
			}
		}
	}
	if len(mine) == 0 {
		return answer(plain("You are on call nowhere in the next 60 days.")), nil
	}
	slices.SortFunc(mine, func(a, b duty) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.schedule, b.schedule))
	})
	head := say("You are next on call {}.", moment(mine[0].Start))
	if !mine[0].Start.After(c.now) {
		head = say("You are on call until {}.", moment(mine[0].End))
	}
	return answer(head, shiftLines(mine, Text(nil))...), nil
}

func shiftLines(list []duty, of Text) []Text {
	var out []Text
	for _, d := range list[:min(len(list), shiftsShown)] {
		out = append(out, say("{}: {}{} – {} ({})", plain(d.schedule), of, moment(d.Start), moment(d.End), length(d.End.Sub(d.Start))))
	}
	if more := len(list) - shiftsShown; more > 0 {
		out = append(out, say("and {} more in the next 60 days", count(more)))
	}
	return out
}

// nextShifts are what comes after what runs, for one schedule or for all.
func nextShifts(_ context.Context, c *call) (Reply, error) {
	names := c.seenSchedules()
	if what := c.values["what"]; what != "" {
		s, ok := c.snap.ScheduleNamed(what)
		if !ok || !c.sees(s.Teams) {
			return Reply{}, c.noSuch("schedule", what, names)
		}
		names = []string{s.Name}
	}
	var lines []Text
	for _, name := range names {
		s, _ := c.snap.ScheduleNamed(name)
		lines = append(lines, c.comingLines(s, len(names) == 1)...)
	}
	if len(lines) == 0 {
		return answer(plain("No shift comes in the next 60 days.")), nil
	}
	return answer(plain("Next on call"), lines...), nil
}

func (c *call) comingLines(s engine.Schedule, all bool) []Text {
	most := 1
	if all {
		most = shiftsShown
	}
	var out []Text
	for _, shift := range s.Calendar.Shifts(c.now, c.now.Add(shiftsAhead)) {
		if !shift.Start.After(c.now) || len(out) == most {
			continue
		}
		out = append(out, say("{}: {} {} – {}", plain(s.Name), who(shift.User), moment(shift.Start), moment(shift.End)))
	}
	return out
}
