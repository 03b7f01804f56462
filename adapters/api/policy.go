package api

import (
	"time"

	"github.com/watchbell/watchbell/core"
)

// nextRule tells when which rule (0-based) of an alert's policy begins next; a zero time
// if none does. What the last resort does is no rule.
func nextRule(a core.Alert, p core.Policy) (at time.Time, rule int) {
	switch {
	case a.Status != core.Pending || a.Held || a.MergedInto != 0 || len(p.Rules) == 0:
		return time.Time{}, 0
	case !a.SnoozedUntil.IsZero():
		return a.SnoozedUntil, 0 // waking starts level 1
	case !a.DelayUntil.IsZero():
		return a.DelayUntil, 0
	case a.LevelUntil.IsZero() || a.Priority == core.Low:
		return time.Time{}, 0
	case a.Level < len(p.Rules):
		return a.LevelUntil, a.Level
	case a.Cycle < p.Cycles():
		return a.LevelUntil, 0
	}
	return time.Time{}, 0
}

func (c *call) rules(p core.Policy) []ruleBody {
	rules := make([]ruleBody, len(p.Rules))
	for i, r := range p.Rules {
		b := ruleBody{Timeout: minutes(r.Timeout), TimeoutSec: int64(r.Timeout / time.Second),
			Users: []userBody{}, Schedules: []namedBody{}, Teams: c.teams(r.Teams)}
		for _, u := range r.Users {
			b.Users = append(b.Users, c.userBody(u))
		}
		for _, s := range r.Schedules {
			b.Schedules = append(b.Schedules, namedBody{int64(s), c.snap.Schedules[s].Name})
		}
		rules[i] = b
	}
	return rules
}

// minutes are whole minutes, rounded up: clients decode integers, and a level that is
// shown longer than it is wakes nobody late.
func minutes(d time.Duration) int64 { return int64((d + time.Minute - 1) / time.Minute) }

func (c *call) teams(ids []core.TeamID) []namedBody {
	teams := []namedBody{}
	for _, id := range ids {
		teams = append(teams, namedBody{int64(id), c.snap.Teams[id].Name})
	}
	return teams
}

// policyBody is a whole policy, as somebody who asked for it reads it.
func (c *call) policyBody(p core.Policy) policyBody {
	repeating := p.Repeating
	return policyBody{ID: p.ID, Name: p.Name, Rules: c.rules(p), Repeating: &repeating, Frequency: max(p.Frequency, 1),
		DelayMin: minutes(p.Delay), Routing: p.RoutingKey, Teams: c.teams(p.Teams)}
}
