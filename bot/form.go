package bot

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/watchbell/watchbell/core"
)

// most options that a form lists; the rest are found by typing.
const mostOptions = 100

// form asks for what the verb must know, with what is known already filled in.
func (c *call) form() Form {
	f := Form{ID: c.verb.button(), Title: capital(c.verb.name), Submit: capital(c.verb.name)}
	of := "" // what the title begins with
	numbered := len(c.ids) == 1
	if numbered {
		f.ID = actionFor(c.verb.button(), c.ids[0])
		f.Title = fmt.Sprintf("%s #%d", capital(c.verb.name), c.ids[0])
		of = fmt.Sprintf("#%d: ", c.ids[0])
	}
	switch c.verb.name {
	case "new":
		f.Title, f.Submit = "New alert", "Create"
	case "back":
		f.Title, f.Submit = capital(of+"back in"), "Set"
	case "more":
		f.Title, f.Submit = capital(of+"more"), "Do it"
	}
	if c.verb.family == "maintenance" {
		f.Title, f.Submit = "Maintenance", "Begin"
	}
	if id, ok := c.otherNumber(); ok {
		numbered = true
		f.ID, f.Title = c.verb.button()+":"+id[1:], capital(c.verb.name)+" "+id
	}
	for _, a := range c.verb.asks {
		if a.name == idField && numbered {
			continue
		}
		f.Fields = append(f.Fields, FormField{Name: a.name, Label: a.label, Kind: a.kind, Required: a.required && !a.lenient,
			Hint: a.hint, Value: c.values[a.name], Options: c.options(a.name, "")})
	}
	if c.verb.name == "new" {
		c.fillSource(&f)
	}
	return f
}

// fillSource chooses the source where there is nothing to choose.
func (c *call) fillSource(f *Form) {
	for i := range f.Fields {
		field := &f.Fields[i]
		if field.Name != "source" {
			continue
		}
		field.Required = len(field.Options) > 1
		if here := c.sourcesHere(); len(here) == 1 && field.Value == "" {
			field.Value = here[0].Name
		} else if len(field.Options) == 1 {
			field.Value = field.Options[0].Value
		}
	}
}

// Options completes a field of a form with what the person may type there. It never
// panics.
func (b *Bot) Options(in Interaction, field, typed string) (out []Option) {
	defer b.survive("complete a field", in, func() { out = nil })
	c, err := b.understand(in)
	if c.user.ID == 0 || err != nil && c.verb == nil {
		return nil
	}
	return c.options(field, typed)
}

func (c *call) options(field, typed string) []Option {
	var all []Option
	switch field {
	case "target":
		all = c.targets()
	case "source":
		all = named(c.seenSources(), "")
	case monitorField:
		all = named(c.seenHeartbeats(), "")
	case "policy":
		all = named(c.seenPolicies(), "")
	case "user":
		all = c.coverers()
	case "schedule":
		all = c.scheduleOptions()
	case "priority":
		all = []Option{{"HIGH", "HIGH: page now"}, {"LOW", "LOW: tell once"}}
	case "do":
		all = moreOptions()
	case "time", "eta", "from", "to":
		if typed == "" {
			return nil
		}
		all = c.times(typed)
		typed = ""
	}
	typed = strings.ToLower(typed)
	all = slices.DeleteFunc(all, func(o Option) bool {
		return !strings.Contains(strings.ToLower(o.Label), typed) && !strings.Contains(strings.ToLower(o.Value), typed)
	})
	return all[:min(len(all), mostOptions)]
}

// targets are people first, then schedules and policies where the verb takes them.
func (c *call) targets() []Option {
	var all []Option
	for _, name := range userNames(c.snap) {
		u, _ := c.snap.UserNamed(name)
		if u.Role >= core.Responder {
			all = append(all, Option{"@" + u.Username, u.FullName()})
		}
	}
	if c.verb == nil || c.verb.name != "assign" {
		return all
	}
	all = append(all, named(c.seenSchedules(), "schedule:")...)
	return append(all, named(c.seenPolicies(), "policy:")...)
}

func named(names []string, prefix string) []Option {
	out := make([]Option, 0, len(names))
	for _, n := range names {
		label := n
		if prefix != "" {
			label = n + " (" + strings.TrimSuffix(prefix, ":") + ")"
		}
		out = append(out, Option{prefix + n, label})
	}
	return out
}

// times shows what a time would be understood as while it is typed.
func (c *call) times(typed string) []Option {
	t, err := parseTime(typed, c.now, c.loc)
	if err != nil {
		return nil
	}
	return []Option{{t.UTC().Format(time.RFC3339), understood(t, c.now, c.loc)}}
}

func (c *call) seenSources() []string {
	var out []string
	for _, n := range sourceNames(c.snap) {
		if s, ok := c.snap.SourceNamed(n); ok && c.sees(s.Teams) {
			out = append(out, n)
		}
	}
	return out
}

func (c *call) seenPolicies() []string {
	var out []string
	for _, n := range policyNames(c.snap) {
		if p, ok := c.snap.PolicyNamed(n); ok && c.sees(p.Teams) {
			out = append(out, n)
		}
	}
	return out
}

func (c *call) seenSchedules() []string {
	var out []string
	for _, n := range scheduleNames(c.snap) {
		if s, ok := c.snap.ScheduleNamed(n); ok && c.sees(s.Teams) {
			out = append(out, n)
		}
	}
	return out
}

// sees tells whether an object of these teams is the person's to see.
func (c *call) sees(teams []core.TeamID) bool {
	return core.May(c.snap.Viewer(c.user.ID), core.OpLookUp, c.snap.Owners(teams...)...) == nil
}
