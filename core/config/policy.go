package config

import (
	"cmp"
	"time"
)

const (
	maxRules     = 100
	maxTargets   = 100
	maxFrequency = 9
)

func (v value) policy() {
	o, ok := v.object()
	if !ok {
		return
	}
	p := Policy{Name: o.need("name", "payments").text()}
	rules := o.need("escalationRules", "[{escalationTimeout: 5, users: [ana]}]")
	for _, e := range rules.atMost(maxRules) {
		p.Rules = append(p.Rules, e.rule())
	}
	if rules.isEmptyList() {
		rules.warn("The policy has no rule: its alerts go to the last resort at once.")
	}
	repeating := o.get("repeating")
	if repeating.present() {
		p.Repeating = repeating.boolean()
	}
	if f := o.get("frequency"); f.present() {
		p.Frequency = f.integer(1, maxFrequency)
		if !p.Repeating && (!repeating.present() || repeating.isTruth()) {
			f.warn("The rules run once, since the policy is not repeating; write repeating: true.")
		}
	}
	p.Delay = o.get("delayMin").duration(policyDelay)
	p.AcceptTimeout = o.get("acceptTimeout").duration(acceptTime)
	routing := o.get("routingKey")
	if p.RoutingKey = routing.text(); p.RoutingKey != "" {
		routing.once("routing key", p.RoutingKey)
	}
	p.Teams = o.get("teams").referAll(Teams, mention, maxTeams)
	o.done()
	if v.define(Policies, p.Name) {
		v.set.Policies = append(v.set.Policies, p)
	}
}

func (v value) rule() Rule {
	o, ok := v.object()
	if !ok {
		return Rule{}
	}
	before := len(v.problems)
	r := Rule{
		Timeout:   o.levelTimeout(),
		Users:     o.targets("users", "user", Users),
		Schedules: o.targets("schedules", "schedule", Schedules),
		Teams:     o.targets("teams", "team", Teams),
	}
	o.later("conditions")
	o.done()
	if len(r.Users)+len(r.Schedules)+len(r.Teams) == 0 && len(v.problems) == before {
		v.warn("The rule names nobody, so escalation passes it at once; write users, schedules or teams.")
	}
	return r
}

// levelTimeout is escalationTimeout in minutes, or escalationTimeoutSec in seconds; both
// may be durations. Where both are there, as the API answers, the exact one counts.
func (o *object) levelTimeout() time.Duration {
	minutes, seconds := o.get("escalationTimeout"), o.get("escalationTimeoutSec")
	if !minutes.present() && !seconds.present() {
		o.need("escalationTimeout", "5")
		return 0
	}
	rough, exact := minutes.duration(levelTime), seconds.duration(levelSeconds)
	if rough > 0 && exact > 0 && (exact+time.Minute-1).Truncate(time.Minute) != rough && exact != rough {
		minutes.problem("This is %s and escalationTimeoutSec is %s; delete one.", formatDuration(rough), formatDuration(exact))
	}
	return cmp.Or(exact, rough)
}

// targets reads a list, and the single name that older clients of the API write.
func (o *object) targets(many, one, kind string) []string {
	names := o.get(many).referAll(kind, target, maxTargets)
	single := o.get(one)
	if !single.present() {
		return names
	}
	name := single.refer(kind, target)
	for _, n := range names {
		if n == name {
			return names
		}
	}
	if name == "" {
		return names
	}
	return append(names, name)
}
