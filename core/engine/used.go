package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/config"
	"github.com/watchbell/watchbell/store"
)

// sound returns the configuration as a plan leaves it, and refuses one that cannot be
// read, or in which something names what the plan deletes.
func (e *Engine) sound(ctx context.Context, a *applier, changes []config.Change) (*Snapshot, error) {
	after, err := e.load(ctx, a.tx)
	if _, database := errors.AsType[*store.Error](err); database {
		return nil, fmt.Errorf("read what the plan makes: %w", err)
	}
	if err != nil { // every replica would be left with the old one, and none could start
		return nil, &core.Error{Kind: core.Invalid, Text: "what the plan makes cannot be used: " + err.Error(), Do: "Nothing was changed; mend it and plan again.", Err: err}
	}
	before := a.snap
	for _, c := range changes {
		if c.Op != config.Delete {
			continue
		}
		if users := after.using(c.Ref.Kind, before.idOf(c.Ref)); len(users) > 0 {
			return nil, &core.Error{Kind: core.Conflict, Text: fmt.Sprintf("%s is still used by %s", sayRef(c.Ref), strings.Join(users, ", ")),
				Do: "Take it out there first."}
		}
	}
	return after, nil
}

// sayRef is an object in a sentence: schedule "primary".
func sayRef(r config.Ref) string {
	noun := map[string]string{
		string(store.Users): "user", string(store.Teams): "team", string(store.SupportHours): "support hours",
		string(store.Schedules): "schedule", string(store.Policies): "escalation policy", string(store.Sources): "alert source",
		string(store.Maintenance): "maintenance window",
		string(store.Heartbeats):  "heartbeat monitor",
	}[r.Kind]
	return fmt.Sprintf("%s %q", noun, r.Name)
}

// idOf is the id of a named object, 0 if it is not there.
func (s *Snapshot) idOf(r config.Ref) int64 {
	switch store.Kind(r.Kind) {
	case store.Users:
		return idNamed(s.Users, func(u core.User) string { return u.Username }, r.Name)
	case store.Teams:
		return idNamed(s.Teams, func(t core.Team) string { return t.Name }, r.Name)
	case store.SupportHours:
		return idNamed(s.Hours, func(h Hours) string { return h.Name }, r.Name)
	case store.Schedules:
		return idNamed(s.Schedules, func(d Schedule) string { return d.Name }, r.Name)
	case store.Policies:
		return idNamed(s.Policies, func(p core.Policy) string { return p.Name }, r.Name)
	case store.Sources:
		return idNamed(s.Sources, func(src core.Source) string { return src.Name }, r.Name)
	}
	return 0 // nothing names it
}

func idNamed[K ~int64, T any](m map[K]T, name func(T) string, want string) int64 {
	for id, v := range m {
		if name(v) == want {
			return int64(id)
		}
	}
	return 0
}

// using are the objects that name one of that kind and id, for people.
func (s *Snapshot) using(kind string, id int64) (list []string) {
	if id == 0 {
		return nil
	}
	k := store.Kind(kind)
	add := func(of store.Kind, name string, uses bool) {
		if uses {
			list = append(list, sayRef(config.Ref{Kind: string(of), Name: name}))
		}
	}
	team := func(ids []core.TeamID) bool { return k == store.Teams && slices.Contains(ids, core.TeamID(id)) }
	user := func(ids ...core.UserID) bool { return k == store.Users && slices.Contains(ids, core.UserID(id)) }
	for _, t := range byID(s.Teams) {
		add(store.Teams, t.Name, slices.ContainsFunc(t.Members, func(m core.TeamMember) bool { return user(m.User) }))
	}
	for _, h := range byID(s.Hours) {
		add(store.SupportHours, h.Name, team(h.Teams))
	}
	for _, d := range byID(s.Schedules) {
		uses := team(d.Teams)
		for _, l := range d.Layers {
			uses = uses || user(l.Users...)
		}
		for _, shift := range d.Shifts {
			uses = uses || user(shift.User)
		}
		add(store.Schedules, d.Name, uses)
	}
	for _, p := range byID(s.Policies) {
		uses := team(p.Teams)
		for _, r := range p.Rules {
			uses = uses || user(r.Users...) || team(r.Teams) ||
				k == store.Schedules && slices.Contains(r.Schedules, core.ScheduleID(id))
		}
		add(store.Policies, p.Name, uses)
	}
	for _, src := range byID(s.Sources) {
		add(store.Sources, src.Name, team(src.Teams) ||
			k == store.Policies && src.Policy == core.PolicyID(id) ||
			k == store.SupportHours && src.SupportHours == core.SupportHoursID(id))
	}
	for _, h := range byID(s.Heartbeats) {
		add(store.Heartbeats, h.Name, team(h.Teams) || k == store.Sources && h.Source == core.SourceID(id))
	}
	return list
}
