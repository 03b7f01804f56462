package config

import (
	"cmp"
	"maps"
	"slices"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/schedules"
)

// tree describes an object as the file writes it. What is a default is the same whether it
// is set or not, so it is either always written or never.
func (o Object) tree() tree {
	switch {
	case o.User != nil:
		return o.User.tree()
	case o.Team != nil:
		return o.Team.tree()
	case o.SupportHours != nil:
		return o.SupportHours.tree()
	case o.Schedule != nil:
		return o.Schedule.tree()
	case o.Policy != nil:
		return o.Policy.tree()
	case o.Source != nil:
		return o.Source.tree()
	case o.Heartbeat != nil:
		return o.Heartbeat.tree()
	case o.Maintenance != nil:
		return o.Maintenance.tree()
	}
	return tree{form: mapping}
}

func (u *User) tree() (t tree) {
	t.text("username", u.Username)
	t.text("firstName", u.FirstName)
	t.text("lastName", u.LastName)
	t.text("email", u.Email)
	t.text("timezone", cmp.Or(u.Timezone, DefaultTimezone))
	t.text("position", u.Position)
	t.text("role", cmp.Or(u.Role, DefaultRole).String())
	if len(u.Identities) > 0 {
		accounts := tree{form: mapping}
		for _, platform := range slices.Sorted(maps.Keys(u.Identities)) {
			accounts.text(platform, u.Identities[platform])
		}
		t.put("identities", accounts)
	}
	if u.Notify != nil {
		t.put("notify", listTree(u.Notify, notifyTree))
	}
	return t
}

func notifyTree(n core.Notify) (t tree) {
	if n.Every > 0 {
		t.put("every", tree{scalar: formatDuration(n.Every)})
	} else {
		t.put("after", tree{scalar: formatDuration(n.After)})
	}
	if len(n.By) > 0 {
		t.texts("by", n.By)
	}
	if n.Every > 0 {
		t.put("times", numberTree(max(n.Times, 1)))
	}
	return t
}

func (x *Team) tree() (t tree) {
	t.text("name", x.Name)
	if x.Private {
		t.text("visibility", "PRIVATE")
	}
	t.put("members", listTree(x.Members, func(m Member) (t tree) {
		t.text("user", m.User)
		t.text("role", m.Role.String())
		return t
	}))
	return t
}

func (h *SupportHours) tree() (t tree) {
	t.text("name", h.Name)
	t.text("timezone", h.Timezone)
	days := tree{form: mapping}
	for _, word := range dayWords {
		for _, d := range h.Days {
			if schedules.DayName(d.Day) == word {
				var hours tree
				hours.put("start", textTree(d.Start))
				hours.put("end", textTree(d.End))
				days.put(word, hours)
			}
		}
	}
	t.put("supportDays", days)
	if len(h.Exceptions) > 0 {
		t.put("exceptions", listTree(h.Exceptions, exceptionTree))
	}
	t.texts("teams", h.TeamNames)
	return t
}

func exceptionTree(x schedules.Exception) (t tree) {
	t.text("name", x.Name)
	t.text("start", x.Start)
	t.text("end", x.End)
	if x.Status == schedules.Outside {
		t.text("supportStatus", string(x.Status))
	}
	return t
}

func (s *Schedule) tree() (t tree) {
	t.text("name", s.Name)
	t.text("type", string(s.Kind))
	t.text("timezone", s.Timezone)
	t.texts("teams", s.Teams)
	t.conversations(s.Conversations)
	if s.Kind == schedules.Static {
		t.put("shifts", listTree(s.Shifts, func(x Shift) (t tree) {
			t.text("user", x.User)
			t.text("start", string(x.Start))
			t.text("end", string(x.End))
			return t
		}))
		return t
	}
	t.put("scheduleLayers", listTree(s.Layers, layerTree))
	return t
}

func layerTree(l Layer) (t tree) {
	t.text("name", l.Name)
	t.text("startsOn", string(l.StartsOn))
	t.text("endsOn", string(l.EndsOn))
	t.text("rotation", l.Rotation)
	t.put("users", textsTree(l.Users))
	if len(l.Restrictions) > 0 {
		t.text("restrictionType", "TIMES_OF_WEEK")
		t.put("restrictions", listTree(l.Restrictions, func(r schedules.Restriction) (t tree) {
			t.put("from", weekTimeTree(r.From))
			t.put("to", weekTimeTree(r.To))
			return t
		}))
	}
	return t
}

func weekTimeTree(w schedules.WeekTime) (t tree) {
	t.text("dayOfWeek", schedules.DayName(w.Day))
	t.text("time", w.Time)
	return t
}

func (t *tree) conversations(list []Conversation) {
	if list != nil {
		t.put("conversations", listTree(list, func(c Conversation) tree { return textTree(c.Platform + ":" + c.Name) }))
	}
}

func (p *Policy) tree() (t tree) {
	t.text("name", p.Name)
	t.put("escalationRules", listTree(p.Rules, ruleTree))
	if p.Repeating {
		t.put("repeating", truthTree(true))
	}
	if p.Frequency > 0 {
		t.put("frequency", numberTree(p.Frequency))
	}
	t.duration("delayMin", p.Delay)
	t.duration("acceptTimeout", p.AcceptTimeout)
	t.text("routingKey", p.RoutingKey)
	t.texts("teams", p.Teams)
	return t
}

func ruleTree(r Rule) (t tree) {
	t.put("escalationTimeout", tree{scalar: formatDuration(r.Timeout)})
	t.targets("users", r.Users)
	t.targets("schedules", r.Schedules)
	t.targets("teams", r.Teams)
	return t
}

func (t *tree) targets(key string, names []string) {
	if len(names) > 0 {
		t.texts(key, names)
	}
}

func (s *Source) tree() (t tree) {
	t.text("name", s.Name)
	t.text("integrationType", cmp.Or(s.Type, DefaultIntegrationType))
	if s.Key != "" {
		t.put("integrationKey", secretTree(s.Key))
	}
	t.text("escalationPolicy", s.Policy)
	t.text("alertCreation", string(cmp.Or(s.Creation, core.EachEvent)))
	t.duration("alertGroupingWindow", s.Window)
	t.duration("autoResolutionTimeout", s.AutoResolve)
	t.text("alertPriorityRule", string(cmp.Or(s.PriorityRule, core.AlwaysHigh)))
	t.text("supportHours", s.SupportHours)
	if s.AutoRaise {
		t.put("autoRaiseAlerts", truthTree(true))
	}
	if s.Severity > 0 {
		t.put("severity", numberTree(s.Severity))
	}
	if s.Inactive {
		t.put("active", truthTree(false))
	}
	if s.Shadow {
		t.text("paging", "shadow")
	}
	t.texts("teams", s.Teams)
	t.conversations(s.Conversations)
	return t
}
