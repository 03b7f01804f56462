package bot

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/schedules"
)

func overrideVerbs() []verb {
	id := ask{name: idField, label: "Override", kind: TextField, required: true, letter: "o", hint: "o7"}
	return []verb{
		{family: "override", name: "list", does: "overrides that run or come", run: listOverrides},
		{family: "override", name: "add", usage: "SCHEDULE @user FROM TO", does: "put somebody on call", unsaid: true,
			asks: []ask{scheduleAsk(), {name: "user", label: "Who", kind: Select, required: true}, fromAsk(), toAsk()},
			read: readOverride, settle: settleSchedule, run: addOverride},
		{family: "override", name: "cancel", also: []string{"undo", "delete"}, usage: "N", does: "end an override, or take it back",
			asks: []ask{id}, read: readNumber, run: cancelOverride},
	}
}

func takeVerb() verb {
	return verb{family: "oncall", name: "take", usage: "SCHEDULE 2h", does: "be on call from now on",
		asks: []ask{scheduleAsk(), {name: "time", label: "Until", kind: TextField, required: true, hint: "2h, 18:00, tomorrow 09:00"}},
		read: readTake, settle: settleSchedule, run: takeOnCall}
}

func scheduleAsk() ask {
	return ask{name: "schedule", label: "Schedule", kind: Select, required: true}
}

func fromAsk() ask {
	return ask{name: "from", label: "From", kind: TextField, required: true, hint: "now, 18:00, fri 18:00"}
}

func toAsk() ask {
	return ask{name: "to", label: "To", kind: TextField, required: true, hint: "2h, 08:00, sun 08:00"}
}

// settleSchedule takes the only schedule there is.
func settleSchedule(c *call) {
	if seen := c.seenSchedules(); c.values["schedule"] == "" && len(seen) == 1 {
		c.values["schedule"] = seen[0]
	}
}

// readNumber takes c3 or o7, with or without the letter.
func readNumber(c *call, words []word) bool {
	if len(words) > 0 {
		c.values[idField] = words[0].text
	}
	return len(words) < 2
}

// readOverride takes SCHEDULE @user FROM TO apart; a schedule may be left out if there is
// only one.
func readOverride(c *call, words []word) bool {
	words = c.takeSchedule(words)
	if len(words) > 0 {
		c.values["user"], words = words[0].text, words[1:]
	}
	return c.takeSpan(words)
}

// readTake takes SCHEDULE TIME apart.
func readTake(c *call, words []word) bool {
	if len(words) > 0 {
		if _, err := readUntil(join(words), c.now, c.now, c.loc); err != nil || len(c.seenSchedules()) != 1 {
			words = c.takeSchedule(words)
		}
	}
	c.put("time", join(words))
	return true
}

// takeSchedule takes the schedule that words begin with. It is left out where there is
// one only and somebody is named first.
func (c *call) takeSchedule(words []word) []word {
	if len(words) == 0 {
		return words
	}
	if _, ok := c.snap.ScheduleNamed(words[0].text); !ok && len(c.seenSchedules()) == 1 {
		if _, err := c.person(words[0].text); err == nil || strings.HasPrefix(words[0].text, "@") {
			return words
		}
	}
	c.put("schedule", words[0].text)
	return words[1:]
}

// takeSpan takes FROM TO, and nothing after them.
func (c *call) takeSpan(words []word) bool {
	from, to, used := splitTimes(words, c.now, c.loc)
	c.put("from", from)
	c.put("to", to)
	return used >= len(words)
}

func (c *call) put(field, value string) {
	if value = strings.TrimSpace(value); value != "" {
		c.values[field] = value
	}
}

// otherNumber is the number of what is no alert, with its letter, if it was given.
func (c *call) otherNumber() (string, bool) {
	a, ok := c.verb.ask(idField)
	if !ok || a.letter == "" || c.values[idField] == "" {
		return "", false
	}
	n, err := c.number()
	return a.letter + fmt.Sprint(n), err == nil
}

// number reads the number of a coverage request or an override: 3, c3, #3.
func (c *call) number() (int64, error) {
	a, _ := c.verb.ask(idField)
	text := strings.TrimPrefix(strings.ToLower(c.values[idField]), "#")
	n, err := strconv.ParseInt(strings.TrimPrefix(text, a.letter), 10, 64)
	if err != nil || n <= 0 {
		return 0, inField(idField, &core.Error{Kind: core.Invalid, Text: fmt.Sprintf("“%s” is no number like %s3.", cut(oneLine(c.values[idField]), 40), a.letter),
			Do: "See the numbers with " + backquoted(c.overview()) + "."})
	}
	return n, nil
}

// deed is what the person does about calendars.
func (c *call) deed(object string) engine.Deed {
	return engine.Deed{Who: c.snap.Viewer(c.user.ID), Actor: c.actor(), Once: c.once(object)}
}

// schedule finds the schedule that was named.
func (c *call) schedule() (engine.Schedule, error) {
	name := c.values["schedule"]
	s, ok := c.snap.ScheduleNamed(name)
	if !ok || !c.sees(s.Teams) {
		return engine.Schedule{}, inField("schedule", c.noSuch("schedule", name, c.seenSchedules()))
	}
	return s, nil
}

func addOverride(ctx context.Context, c *call) (Reply, error) {
	s, err := c.schedule()
	if err != nil {
		return Reply{}, err
	}
	u, err := c.person(c.values["user"])
	if err != nil {
		return Reply{}, inField("user", err)
	}
	span, err := c.span()
	if err != nil {
		return Reply{}, err
	}
	return c.makeOverride(ctx, engine.OverrideWish{Schedule: s.ID, User: u.ID, Span: span})
}

// takeOnCall puts the speaker on call from now on.
func takeOnCall(ctx context.Context, c *call) (Reply, error) {
	s, err := c.schedule()
	if err != nil {
		return Reply{}, err
	}
	until, err := readUntil(c.values["time"], c.now, c.now, c.loc)
	if err != nil {
		return Reply{}, inField("time", err)
	}
	return c.makeOverride(ctx, engine.OverrideWish{Schedule: s.ID, User: c.user.ID, Span: schedules.Span{Start: c.now, End: until}})
}

// makeOverride says back what was understood, with its undo.
func (c *call) makeOverride(ctx context.Context, w engine.OverrideWish) (Reply, error) {
	o, err := c.engine.MakeOverride(ctx, c.deed(c.values["schedule"]), w)
	if err != nil {
		return Reply{}, err
	}
	head := say("{} is on call for {}: ", who(o.User), plain(c.snap.Schedules[w.Schedule].Name))
	if o.User == c.user.ID {
		head = say("You are on call for {}: ", plain(c.snap.Schedules[w.Schedule].Name))
	}
	head = append(head, say("{} · o{}", spanWords(schedules.Span{Start: o.Start, End: o.End}, c.now, c.loc), count(int(o.ID)))...)
	r := answer(head)
	r.Card.Actions = []Action{{Action: fmt.Sprintf("override.cancel:%d", o.ID), Label: "Undo", Style: Default}}
	return r, nil
}

func cancelOverride(ctx context.Context, c *call) (Reply, error) {
	id, err := c.number()
	if err != nil {
		return Reply{}, err
	}
	o, err := c.engine.CancelOverride(ctx, c.deed(fmt.Sprintf("o%d", id)), id, 0)
	if err != nil {
		return Reply{}, err
	}
	s := c.engine.Snapshot().Schedules[o.Schedule]
	line := say("o{} is cancelled: nobody is on call for {} now.", count(int(id)), plain(s.Name))
	if shift, ok := s.Calendar.OnCall(later(o.Start, c.now)); ok {
		line = say("o{} is cancelled: {} is on call for {} from {} on.", count(int(id)), who(shift.User), plain(s.Name), moment(later(o.Start, c.now)))
	} else if o.Start.After(c.now) {
		line = say("o{} is cancelled: nobody is on call for {} from {} on.", count(int(id)), plain(s.Name), moment(o.Start))
	}
	return answer(line), nil
}

// mostOverrides is how many a list shows.
const mostOverrides = 20

func listOverrides(_ context.Context, c *call) (Reply, error) {
	type row struct {
		schedules.Override
		schedule string
	}
	var rows []row
	for _, name := range c.seenSchedules() {
		s, _ := c.snap.ScheduleNamed(name)
		for _, o := range s.Overrides {
			if o.End.After(c.now) {
				rows = append(rows, row{o, name})
			}
		}
	}
	if len(rows) == 0 {
		return answer(plain("There is no override."), plain("Make one with "+backquoted("/override SCHEDULE @user FROM TO")+".")), nil
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.ID, b.ID)) })
	r := answer(plain("Overrides"))
	for _, o := range rows[:min(len(rows), mostOverrides)] {
		r.Card.Lines = append(r.Card.Lines, say("o{} {}: {} {}", count(int(o.ID)), plain(o.schedule), who(o.User),
			spanWords(schedules.Span{Start: o.Start, End: o.End}, c.now, c.loc)))
	}
	if more := len(rows) - mostOverrides; more > 0 {
		r.Card.Lines = append(r.Card.Lines, say("and {} more", count(more)))
	}
	return r, nil
}
