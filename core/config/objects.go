package config

import "iter"

// objects are all objects of a set, in an order in which each comes after those it names.
func (s Set) objects() iter.Seq[Object] {
	return func(yield func(Object) bool) {
		_ = each(s.Users, func(x *User) Object { return Object{User: x} }, yield) &&
			each(s.Teams, func(x *Team) Object { return Object{Team: x} }, yield) &&
			each(s.SupportHours, func(x *SupportHours) Object { return Object{SupportHours: x} }, yield) &&
			each(s.Schedules, func(x *Schedule) Object { return Object{Schedule: x} }, yield) &&
			each(s.Policies, func(x *Policy) Object { return Object{Policy: x} }, yield) &&
			each(s.Sources, func(x *Source) Object { return Object{Source: x} }, yield) &&
			each(s.Heartbeats, func(x *HeartbeatMonitor) Object { return Object{Heartbeat: x} }, yield) &&
			each(s.Maintenance, func(x *Maintenance) Object { return Object{Maintenance: x} }, yield)
	}
}

func each[T any](list []T, wrap func(*T) Object, yield func(Object) bool) bool {
	for i := range list {
		if !yield(wrap(&list[i])) {
			return false
		}
	}
	return true
}

// Ref is the kind and name of the object; the zero Ref for none.
func (o Object) Ref() Ref {
	switch {
	case o.User != nil:
		return Ref{Users, o.User.Username}
	case o.Team != nil:
		return Ref{Teams, o.Team.Name}
	case o.SupportHours != nil:
		return Ref{SupportHour, o.SupportHours.Name}
	case o.Schedule != nil:
		return Ref{Schedules, o.Schedule.Name}
	case o.Policy != nil:
		return Ref{Policies, o.Policy.Name}
	case o.Source != nil:
		return Ref{Sources, o.Source.Name}
	case o.Heartbeat != nil:
		return Ref{Heartbeats, o.Heartbeat.Name}
	case o.Maintenance != nil:
		return Ref{Maintenances, o.Maintenance.Name}
	}
	return Ref{}
}

// uses are the objects that an object names and keeps from being deleted: a window keeps
// no source.
func (o Object) uses() []Ref {
	var out []Ref
	add := func(kind string, names ...string) {
		for _, n := range names {
			if n != "" {
				out = append(out, Ref{kind, n})
			}
		}
	}
	switch {
	case o.Team != nil:
		for _, m := range o.Team.Members {
			add(Users, m.User)
		}
	case o.SupportHours != nil:
		add(Teams, o.SupportHours.TeamNames...)
	case o.Schedule != nil:
		for _, l := range o.Schedule.Layers {
			add(Users, l.Users...)
		}
		for _, x := range o.Schedule.Shifts {
			add(Users, x.User)
		}
		add(Teams, o.Schedule.Teams...)
	case o.Policy != nil:
		for _, r := range o.Policy.Rules {
			add(Users, r.Users...)
			add(Schedules, r.Schedules...)
			add(Teams, r.Teams...)
		}
		add(Teams, o.Policy.Teams...)
	case o.Source != nil:
		add(Policies, o.Source.Policy)
		add(SupportHour, o.Source.SupportHours)
		add(Teams, o.Source.Teams...)
	case o.Heartbeat != nil:
		add(Sources, o.Heartbeat.Source)
		add(Teams, o.Heartbeat.Teams...)
	}
	return out
}
