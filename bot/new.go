package bot

import (
	"context"
	"slices"
	"strings"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
)

// newAsks are the fields of the form that makes an alert; typed is only the summary.
func newAsks() []ask {
	return []ask{
		{name: "summary", label: "Summary", kind: TextField, required: true},
		{name: "details", label: "Details", kind: TextArea, formOnly: true},
		{name: "source", label: "Source", kind: Select, formOnly: true},
		{name: "policy", label: "Escalation policy", kind: Select, formOnly: true, hint: "empty: the source's"},
		{name: "priority", label: "Priority", kind: Select, formOnly: true},
	}
}

// newAlert makes an alert by hand. An interaction that comes twice makes one alert: its
// audit line tells, which is written last, since one without its alert would answer the
// second try with a lie. Should both come at once there are two alerts, and that is better
// than none.
func newAlert(ctx context.Context, c *call) (Reply, error) {
	src, ok, err := c.newSource()
	if err != nil {
		return Reply{}, err
	}
	if !ok {
		return c.askFor([]ask{{name: "source", label: "Source"}}), nil
	}
	ev, err := c.newEvent()
	if err != nil {
		return Reply{}, err
	}
	if err := c.mayMake(src, ev); err != nil {
		return Reply{}, err
	}
	object := "source:" + src.Name
	switch done, err := c.acted(ctx, object); {
	case err != nil:
		return Reply{}, err
	case done:
		return answer(plain("That was done already.")), nil
	}
	results, err := c.engine.Ingest(ctx, engine.Request{Source: src.ID, Events: []core.Event{ev}})
	if err != nil {
		return Reply{}, err
	}
	if err := c.audit(ctx, "new", object, ev.Summary); err != nil && !handledBefore(err) {
		c.log.Error("audit a new alert", "alert", results[0].Alert, "actor", c.actor(), "err", err) // it is made all the same
	}
	return c.created(ctx, src, results[0])
}

// mayMake asks for the right to handle what the alert will be: one of the source, under
// the policy that was chosen for it.
func (c *call) mayMake(src core.Source, ev core.Event) error {
	a := core.Alert{Source: src.ID, Policy: ev.Policy}
	if a.Policy == 0 {
		a.Policy = src.Policy
	}
	return c.snap.Sees(c.user.ID, core.OpHandle, a)
}

func (c *call) created(ctx context.Context, src core.Source, got engine.Result) (Reply, error) {
	if got.Alert == 0 {
		return Reply{}, &core.Error{Kind: core.Conflict, Text: "No alert was made: " + got.Reason,
			Do: "Choose another source, or change what " + src.Name + " does with events."}
	}
	view, err := c.look(ctx, got.Alert)
	if err != nil {
		return Reply{}, err
	}
	a := view.Alert
	line := say("{} is open: {}.", number(a.ID), summary(a))
	if got.Outcome == core.OutcomeAppended {
		line = say("{} was open already, and counts one more: {}.", number(a.ID), summary(a))
	}
	s := scene{now: c.now, source: src}
	s.Alert = a
	if users, _ := s.paged(); len(users) > 0 && got.Outcome != core.OutcomeAppended {
		line = append(line, say(" Paging {}.", people(users))...)
	}
	r := answer(line)
	r.Card.Alert = a.ID
	r.Card.Actions = []Action{{Action: actionFor("show", a.ID), Label: "Show", Style: Default}}
	return r, nil
}

// newSource is the source that was chosen, else the only one that posts here. ok is
// false if the person must choose.
func (c *call) newSource() (core.Source, bool, error) {
	if name := c.values["source"]; name != "" {
		s, ok := c.snap.SourceNamed(name)
		if !ok || !c.sees(s.Teams) {
			return s, false, inField("source", c.noSuch("source", name, c.seenSources()))
		}
		return s, true, nil
	}
	if here := c.sourcesHere(); len(here) == 1 {
		return here[0], true, nil
	}
	if len(c.snap.Sources) == 1 {
		for _, s := range c.snap.Sources {
			return s, c.in.Form != "", nil
		}
	}
	return core.Source{}, false, nil
}

// createsAtOnce tells whether “/alert new TEXT” needs no form.
func (c *call) createsAtOnce() bool {
	return c.values["summary"] != "" && len(c.sourcesHere()) == 1
}

// sourcesHere are the sources that post to this conversation.
func (c *call) sourcesHere() []core.Source {
	var out []core.Source
	for _, s := range c.snap.Sources {
		if c.in.In.ID != 0 && slices.Contains(s.Conversations, c.in.In.ID) {
			out = append(out, s)
		}
	}
	return out
}

func (c *call) newEvent() (core.Event, error) {
	ev := core.Event{Type: core.EventAlert, Summary: c.values["summary"], Details: c.values["details"], By: c.user.ID}
	if name := c.values["policy"]; name != "" {
		p, ok := c.snap.PolicyNamed(name)
		if !ok || !c.sees(p.Teams) {
			return ev, inField("policy", c.noSuch("policy", name, c.seenPolicies()))
		}
		ev.Policy = p.ID
	}
	switch strings.ToUpper(c.values["priority"]) {
	case "":
	case "HIGH":
		ev.Priority = core.High
	case "LOW":
		ev.Priority = core.Low
	default:
		return ev, inField("priority", invalid("The priority is HIGH or LOW."))
	}
	return ev, nil
}
