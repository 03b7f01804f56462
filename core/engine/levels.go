package engine

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/schedules"
)

// Levels are a policy's rules with the people they mean at now, each once a level, and
// without those who may not handle alerts.
func (s *Snapshot) Levels(p core.Policy, now time.Time) []core.Level {
	levels := make([]core.Level, len(p.Rules))
	for i, r := range p.Rules {
		levels[i] = s.level(r, i+1, now)
	}
	return levels
}

func (s *Snapshot) level(r core.Rule, rule int, now time.Time) core.Level {
	l := core.Level{Timeout: r.Timeout}
	add := func(b core.Because) {
		b.Rule = rule
		if s.mayRespond(b.User) && !slices.ContainsFunc(l.People, func(have core.Because) bool { return have.User == b.User }) {
			l.People = append(l.People, b)
		}
	}
	for _, id := range r.Schedules {
		b, ok := s.because(id, now)
		if !ok || !s.mayRespond(b.User) {
			l.Empty = append(l.Empty, s.Schedules[id].Name)
			continue
		}
		add(b)
	}
	for _, u := range r.Users {
		add(core.Because{User: u, Claim: "direct"})
	}
	for _, id := range r.Teams {
		for _, m := range s.Teams[id].Members {
			if max(m.Role, s.Users[m.User].Role) >= core.Responder {
				add(core.Because{User: m.User, Claim: "team " + s.Teams[id].Name})
			}
		}
	}
	return l
}

// because is who is on call on a schedule now, and why.
func (s *Snapshot) because(id core.ScheduleID, now time.Time) (core.Because, bool) {
	shift, ok := s.OnCall(id, now)
	if !ok {
		return core.Because{}, false
	}
	sch := s.Schedules[id]
	return core.Because{User: shift.User, Schedule: sch.Name, Claim: claim(sch.Schedule, shift.Claim), Until: shift.End}, true
}

func claim(s schedules.Schedule, c schedules.Claim) string {
	switch {
	case c.Override != 0:
		return fmt.Sprintf("override o%d", c.Override)
	case c.Layer != 0 && s.Layers[c.Layer-1].Name != "":
		return "layer " + s.Layers[c.Layer-1].Name
	case c.Layer != 0:
		return fmt.Sprintf("layer %d", c.Layer)
	}
	return "shift"
}

// OnCall is who is on call on a schedule at an instant; ok is false for nobody.
func (s *Snapshot) OnCall(id core.ScheduleID, at time.Time) (schedules.Shift, bool) {
	sch, ok := s.Schedules[id]
	if !ok {
		return schedules.Shift{}, false
	}
	return sch.Calendar.OnCall(at)
}

// lastResort is whom to page when nobody else is there: who was on call last on the
// policy's first schedule, else the ADMINs of the source's teams, else every ADMIN. It
// names only people who can be reached, while there are any.
func (s *Snapshot) lastResort(src core.Source, p core.Policy, now time.Time) []core.Because {
	if b, ok := s.lastOnCall(p, now); ok && s.reachable(b.User) && s.mayRespond(b.User) {
		return []core.Because{b}
	}
	var admins []core.Because
	for _, t := range src.Teams {
		for _, m := range s.Teams[t].Members {
			if m.Role == core.Admin && s.reachable(m.User) {
				admins = append(admins, core.Because{User: m.User, Claim: "last resort: admin of team " + s.Teams[t].Name})
			}
		}
	}
	if len(admins) > 0 {
		return admins
	}
	for id, u := range s.Users {
		if u.Role == core.Admin && s.reachable(id) {
			admins = append(admins, core.Because{User: id, Claim: "last resort: admin"})
		}
	}
	slices.SortFunc(admins, func(a, b core.Because) int { return int(a.User - b.User) })
	return admins
}

// mayRespond tells whether a user is there and may handle alerts: to page another would
// wake somebody who can do nothing.
func (s *Snapshot) mayRespond(u core.UserID) bool {
	return s.Users[u].ID != 0 && s.people[u].Role >= core.Responder
}

func (s *Snapshot) reachable(u core.UserID) bool { return len(s.people[u].Platforms) > 0 }

// lastOnCall asks the policy's first schedule: who is on call, else who was last.
func (s *Snapshot) lastOnCall(p core.Policy, now time.Time) (core.Because, bool) {
	i := slices.IndexFunc(p.Rules, func(r core.Rule) bool { return len(r.Schedules) > 0 })
	if i < 0 {
		return core.Because{}, false
	}
	id := p.Rules[i].Schedules[0]
	if b, ok := s.because(id, now); ok {
		b.Claim = "last resort: on call, " + b.Claim
		return b, true
	}
	return s.lastShift(id, now)
}

func (s *Snapshot) lastShift(id core.ScheduleID, now time.Time) (core.Because, bool) {
	sch := s.Schedules[id]
	if sch.Calendar == nil {
		return core.Because{}, false
	}
	shift, ok := sch.Calendar.LastShift(now)
	return core.Because{User: shift.User, Schedule: sch.Name, Until: shift.End, Claim: "last resort: last on call"}, ok
}

// env is the world at now for one alert of a source under a policy.
func (s *Snapshot) env(src core.Source, policy core.PolicyID, now time.Time) core.Env {
	p, ok := s.Policies[policy]
	if !ok {
		p = s.Policies[src.Policy] // the alert's own was deleted
	}
	return core.Env{
		Now: now, Source: src, Policy: p,
		Levels:     s.Levels(p, now),
		LastResort: s.lastResort(src, p, now),
		People:     s.people,
		InHours:    s.InHours(src, now),

		Maintenance: s.InMaintenance(src.ID, now),
	}
}

// source is an alert's source; one that was deleted is remembered by its number only.
func (s *Snapshot) source(id core.SourceID) core.Source {
	if src, ok := s.Sources[id]; ok {
		return src
	}
	return core.Source{ID: id, Name: fmt.Sprintf("deleted source %d", id), PriorityRule: core.AlwaysHigh}
}

// routed is the policy that an event's routing keys name: left to right, the first that
// exists; 0 if none does.
func (s *Snapshot) routed(keys string) core.PolicyID {
	for k := range strings.SplitSeq(keys, ",") {
		if id, ok := s.routing[strings.TrimSpace(k)]; ok {
			return id
		}
	}
	return 0
}
