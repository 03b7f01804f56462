package engine

import (
	"cmp"
	"maps"
	"slices"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/config"
	"github.com/watchbell/watchbell/schedules"
)

// Config is the whole configuration as text would say it: names instead of ids, in the
// order in which it was made. For plan and export.
func (s *Snapshot) Config() config.Set {
	set := config.Set{Origins: s.Origins}
	for _, u := range byID(s.Users) {
		set.Users = append(set.Users, s.configUser(u))
	}
	for _, t := range byID(s.Teams) {
		c := config.Team{Name: t.Name, Private: t.Private}
		for _, m := range t.Members {
			c.Members = append(c.Members, config.Member{User: s.Users[m.User].Username, Role: m.Role})
		}
		set.Teams = append(set.Teams, c)
	}
	for _, h := range byID(s.Hours) {
		def := h.SupportHours
		def.ID, def.Teams = 0, nil
		set.SupportHours = append(set.SupportHours, config.SupportHours{SupportHours: def, TeamNames: s.teamNames(h.Teams)})
	}
	for _, d := range byID(s.Schedules) {
		set.Schedules = append(set.Schedules, s.configSchedule(d.Schedule))
	}
	for _, p := range byID(s.Policies) {
		set.Policies = append(set.Policies, s.configPolicy(p))
	}
	for _, src := range byID(s.Sources) {
		set.Sources = append(set.Sources, s.configSource(src))
	}
	for _, h := range byID(s.Heartbeats) {
		set.Heartbeats = append(set.Heartbeats, s.configHeartbeat(h))
	}
	for _, m := range byID(s.Maintenance) {
		set.Maintenance = append(set.Maintenance, s.configMaintenance(m))
	}
	return set
}

// byID returns a map's values in the order of their ids, which is the order in which they
// were made.
func byID[K cmp.Ordered, T any](m map[K]T) []T {
	list := make([]T, 0, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		list = append(list, m[k])
	}
	return list
}

func (s *Snapshot) configUser(u core.User) config.User {
	c := config.User{Username: u.Username, FirstName: u.FirstName, LastName: u.LastName, Email: u.Email,
		Timezone: u.Timezone, Position: u.Position, Role: u.Role, Notify: u.Notify}
	for _, i := range s.Identities {
		if i.User == u.ID {
			if c.Identities == nil {
				c.Identities = map[string]string{}
			}
			if _, two := c.Identities[i.Platform]; !two || fromFile(i) {
				c.Identities[i.Platform] = i.Account
			}
			if fromFile(i) {
				c.Written = append(c.Written, i.Platform)
			}
		}
	}
	return c
}

func (s *Snapshot) configSchedule(d schedules.Schedule) config.Schedule {
	c := config.Schedule{Name: d.Name, Timezone: d.Timezone, Kind: d.Kind, Teams: s.teamNames(d.Teams), Conversations: s.conversationNames(d.Conversations)}
	for _, l := range d.Layers {
		c.Layers = append(c.Layers, config.Layer{Name: l.Name, StartsOn: l.StartsOn, EndsOn: l.EndsOn, Rotation: l.Rotation,
			Users: s.userNames(l.Users), Restrictions: l.Restrictions})
	}
	for _, sh := range d.Shifts {
		c.Shifts = append(c.Shifts, config.Shift{User: s.Users[sh.User].Username, Start: sh.Start, End: sh.End})
	}
	return c
}

func (s *Snapshot) configPolicy(p core.Policy) config.Policy {
	c := config.Policy{Name: p.Name, Repeating: p.Repeating, Frequency: p.Frequency, Delay: p.Delay,
		AcceptTimeout: p.AcceptTimeout, RoutingKey: p.RoutingKey, Teams: s.teamNames(p.Teams)}
	for _, r := range p.Rules {
		rule := config.Rule{Timeout: r.Timeout, Users: s.userNames(r.Users), Teams: s.teamNames(r.Teams)}
		for _, id := range r.Schedules {
			rule.Schedules = append(rule.Schedules, s.Schedules[id].Name)
		}
		c.Rules = append(c.Rules, rule)
	}
	return c
}

func (s *Snapshot) configSource(src core.Source) config.Source {
	return config.Source{Name: src.Name, Type: src.Type, Key: s.sourceKey[src.ID], Policy: s.Policies[src.Policy].Name,
		Creation: src.Creation, Window: src.Window, AutoResolve: src.AutoResolve, PriorityRule: src.PriorityRule,
		SupportHours: s.Hours[src.SupportHours].Name, AutoRaise: src.AutoRaise, Severity: src.Severity,
		Inactive: src.Inactive, Shadow: src.Shadow, Teams: s.teamNames(src.Teams), Conversations: s.conversationNames(src.Conversations)}
}

func (s *Snapshot) userNames(ids []core.UserID) (names []string) {
	for _, id := range ids {
		names = append(names, s.Users[id].Username)
	}
	return names
}

func (s *Snapshot) teamNames(ids []core.TeamID) (names []string) {
	for _, id := range ids {
		names = append(names, s.Teams[id].Name)
	}
	return names
}

func (s *Snapshot) conversationNames(ids []core.ConversationID) (list []config.Conversation) {
	for _, id := range ids {
		list = append(list, config.Conversation{Platform: s.Conversations[id].Platform, Name: s.Conversations[id].Name})
	}
	return list
}
