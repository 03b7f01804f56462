package api

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/schedules"
)

// longest is the longest window that may be asked about.
const longest = 93 * 24 * time.Hour

func (c *call) userOnCall() (answer, error) {
	s, found := c.schedule(refOf(c.r.PathValue("id")))
	err := c.may(s.Teams...)
	if !found || core.KindOf(err) == core.NotFound {
		return answer{}, core.Errorf(core.NotFound, "There is no schedule %s.", refOf(c.r.PathValue("id")))
	}
	if err != nil {
		return answer{}, err
	}
	shift, on := s.Calendar.OnCall(c.now)
	if !on {
		return answer{status: http.StatusNoContent}, nil
	}
	return ok(c.shiftBody(s, shift)), nil
}

func (c *call) shiftBody(s engine.Schedule, shift schedules.Shift) shiftBody {
	b := shiftBody{User: c.userBody(shift.User), Start: stamp{shift.Start}, End: stamp{shift.End}, Override: shift.Override}
	if shift.Layer > 0 && shift.Layer <= len(s.Layers) {
		b.Layer = s.Layers[shift.Layer-1].Name
	}
	return b
}

// onCalls is a question about who is on call.
type onCalls struct {
	policies    []core.PolicyID
	levels      []policyLevel
	schedules   []core.ScheduleID
	users       []core.UserID
	from, until time.Time
	expand      []string
}

type policyLevel struct {
	ID    core.PolicyID `json:"id"`
	Level int           `json:"level"`
}

func (c *call) onCalls() (onCalls, error) {
	q := onCalls{users: c.users("users"), expand: c.list("expand")}
	zone, err := c.zone()
	if err != nil {
		return q, err
	}
	if q.policies, err = ids[core.PolicyID](c.list("policies"), "policies"); err != nil {
		return q, err
	}
	if q.schedules, err = ids[core.ScheduleID](c.list("schedules"), "schedules"); err != nil {
		return q, err
	}
	for _, text := range c.query["policy-levels"] {
		var l policyLevel
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			return q, invalid("policy-levels: write it like {\"id\":12,\"level\":1}.")
		}
		q.levels = append(q.levels, l)
	}
	q.from, q.until, err = c.window(zone)
	if err != nil {
		return q, err
	}
	return q, q.settle(c.now)
}

// settle fills in what was not said: from alone means that instant, nothing means now.
func (q *onCalls) settle(now time.Time) error {
	if q.from.IsZero() {
		q.from = now
	}
	if q.until.IsZero() {
		q.until = q.from
	}
	switch {
	case q.until.Before(q.from):
		return invalid("until is before from.")
	case q.until.Sub(q.from) > longest:
		return invalid("From from to until are more than 93 days.")
	}
	return nil
}

func (c *call) zone() (*time.Location, error) {
	name := c.query.Get("timezone")
	if name == "" {
		return time.UTC, nil
	}
	return schedules.Location(name)
}

func (c *call) listOnCalls() (answer, error) {
	q, err := c.onCalls()
	if err != nil {
		return answer{}, err
	}
	start, n, err := c.page(50, 250)
	if err != nil {
		return answer{}, err
	}
	if c.query.Has("max-results") && n == 0 {
		return answer{}, invalid("max-results: ask for 1 to 250.")
	}
	rows := []duty{}
	for _, id := range c.usedPolicies() {
		p := c.snap.Policies[id]
		if c.may(p.Teams...) == nil {
			rows = append(rows, c.dutiesOf(p, q)...)
		}
	}
	rows = rows[min(start, len(rows)):]
	bodies := []onCallBody{}
	for _, d := range rows[:min(n, len(rows))] {
		bodies = append(bodies, c.onCallBody(d, q.expand))
	}
	return ok(bodies), nil
}

// usedPolicies are the policies that a source uses, by id.
func (c *call) usedPolicies() []core.PolicyID {
	used := map[core.PolicyID]bool{}
	for _, s := range c.snap.Sources {
		if _, there := c.snap.Policies[s.Policy]; there {
			used[s.Policy] = true
		}
	}
	return sortedKeys(used)
}

// duty is one row: somebody who answers for a level, in a shift or always.
type duty struct {
	policy     core.Policy
	level      int
	schedule   engine.Schedule // ID 0: always
	user       core.UserID
	start, end time.Time
}

// dutiesOf are the rows of a policy, by level, start (who is always on call first) and
// user.
func (c *call) dutiesOf(p core.Policy, q onCalls) []duty {
	var rows []duty
	for i, r := range p.Rules {
		if !q.wants(p.ID, i+1) {
			continue
		}
		for _, d := range c.dutiesAt(r, q) {
			if len(q.users) == 0 || slices.Contains(q.users, d.user) {
				d.policy, d.level = p, i+1
				rows = append(rows, d)
			}
		}
	}
	slices.SortStableFunc(rows, func(a, b duty) int {
		return cmp.Or(cmp.Compare(a.level, b.level), a.start.Compare(b.start), cmp.Compare(a.user, b.user), cmp.Compare(a.schedule.ID, b.schedule.ID))
	})
	return rows
}

// wants tells whether a level of a policy was asked about.
func (q onCalls) wants(p core.PolicyID, level int) bool {
	if len(q.policies) == 0 && len(q.levels) == 0 {
		return true
	}
	return slices.Contains(q.policies, p) || slices.Contains(q.levels, policyLevel{p, level})
}

// dutiesAt are the rows of one level, whose policy and number are not set yet.
func (c *call) dutiesAt(r core.Rule, q onCalls) []duty {
	var rows []duty
	for _, id := range r.Schedules {
		s := c.snap.Schedules[id]
		if s.Calendar == nil || len(q.schedules) > 0 && !slices.Contains(q.schedules, id) || c.may(s.Teams...) != nil {
			continue
		}
		for _, shift := range s.Calendar.Shifts(q.from, q.until) {
			rows = append(rows, duty{schedule: s, user: shift.User, start: shift.Start, end: shift.End})
		}
	}
	if len(q.schedules) > 0 {
		return rows
	}
	for _, u := range c.always(r) {
		rows = append(rows, duty{user: u})
	}
	return rows
}

// always are a rule's direct members and those of its teams who may be on call, each
// once.
func (c *call) always(r core.Rule) []core.UserID {
	users := slices.Clone(r.Users)
	for _, t := range r.Teams {
		for _, m := range c.snap.Teams[t].Members {
			if max(m.Role, c.snap.Users[m.User].Role) >= core.Responder {
				users = append(users, m.User)
			}
		}
	}
	slices.Sort(users)
	return slices.Compact(users)
}

func (c *call) onCallBody(d duty, expand []string) onCallBody {
	b := onCallBody{User: c.userBody(d.user), Policy: policyBody{ID: d.policy.ID, Name: d.policy.Name},
		Start: stamp{d.start}, End: stamp{d.end}, Level: d.level}
	if slices.Contains(expand, "user") {
		b.User.Email, b.User.Timezone = c.snap.Users[d.user].Email, c.snap.Users[d.user].Timezone
	}
	if slices.Contains(expand, "policy") || slices.Contains(expand, "escalationPolicy") {
		b.Policy = c.policyBody(d.policy)
	}
	if d.schedule.ID == 0 {
		return b
	}
	b.Schedule = &scheduleBody{ID: d.schedule.ID, Name: d.schedule.Name}
	if slices.Contains(expand, "schedule") {
		b.Schedule.Timezone, b.Schedule.Type = d.schedule.Timezone, string(d.schedule.Kind)
		b.Schedule.Teams = c.teams(d.schedule.Teams)
	}
	return b
}
