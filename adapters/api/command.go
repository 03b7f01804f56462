package api

import (
	"net/http"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
)

func (c *call) accept() (answer, error) {
	return c.command(func() (core.Input, error) {
		return core.Accept{By: c.who.user.ID}, nil
	})
}

func (c *call) resolve() (answer, error) {
	return c.command(func() (core.Input, error) {
		var r resolution
		err := c.body(&r)
		return core.Resolve{By: c.who.user.ID, Comment: r.Comment}, err
	})
}

func (c *call) assign() (answer, error) { return c.command(c.assignment) }

// command does one thing to the alert in the path and answers the alert as it is then.
func (c *call) command(input func() (core.Input, error)) (answer, error) {
	v, err := c.alert()
	if err != nil {
		return answer{}, err
	}
	in, err := input()
	if err != nil {
		return answer{}, err
	}
	a, err := c.do(v.Alert.ID, in)
	if err != nil {
		return answer{}, err
	}
	return ok(c.fullBody(a, v.First)), nil
}

func (c *call) do(id core.AlertID, in core.Input) (core.Alert, error) {
	done, err := c.api.engine.Do(c.ctx, engine.Command{Alert: id, Input: in, By: c.who.user.ID, Actor: c.who.actor})
	if err == nil {
		c.snap = c.api.engine.Snapshot() // the one it was decided with, or newer
	}
	return done.Alert, err
}

// assignment reads to whom an alert is to be given: parameters under new and old names,
// or a body.
func (c *call) assignment() (core.Input, error) {
	var to assignment
	if err := c.body(&to); err != nil {
		return nil, err
	}
	for name, r := range map[string]*ref{
		"user": &to.User, "user-id": &to.User, "policy": &to.Policy, "policy-id": &to.Policy,
		"schedule": &to.Schedule, "schedule-id": &to.Schedule,
	} {
		if text := c.query.Get(name); text != "" {
			*r = refOf(text)
		}
	}
	n := 0
	for _, r := range []ref{to.User, to.Policy, to.Schedule} {
		if r.given() {
			n++
		}
	}
	if n != 1 {
		return nil, invalid("Say one of user, policy and schedule: to whom the alert is to be given.")
	}
	return c.assignTo(to)
}

func (c *call) assignTo(to assignment) (core.Input, error) {
	in := core.Assign{By: c.who.user.ID}
	switch {
	case to.User.given():
		u, found := c.user(to.User)
		if !found {
			return nil, invalid("user: there is no user %s.", to.User)
		}
		in.User = u.ID
	case to.Policy.given():
		p, found := c.policy(to.Policy)
		if !found || c.hidden(p.Teams) {
			return nil, invalid("policy: there is no escalation policy %s.", to.Policy)
		}
		in.Policy = p.ID
	default:
		s, found := c.schedule(to.Schedule)
		if !found || c.hidden(s.Teams) {
			return nil, invalid("schedule: there is no schedule %s.", to.Schedule)
		}
		in.Schedule = s.ID
	}
	return in, nil
}

// hidden tells whether what these teams own does not exist for the caller.
func (c *call) hidden(teams []core.TeamID) bool {
	return core.KindOf(core.May(c.who.Viewer, core.OpView, c.snap.Owners(teams...)...)) == core.NotFound
}

// responderExists is core's code for a second request to the same person.
const responderExists = "RESPONDER_EXISTS"

func (c *call) addResponder() (answer, error) {
	v, err := c.alert()
	if err != nil {
		return answer{}, err
	}
	var r responderRef
	if err := c.body(&r); err != nil {
		return answer{}, err
	}
	if !r.User.given() {
		return answer{}, invalid("user: say whom to ask, as {\"user\":{\"id\":1}}.")
	}
	u, found := c.user(r.User)
	if !found {
		return answer{}, core.Errorf(core.NotFound, "There is no user %s.", r.User)
	}
	a, err := c.do(v.Alert.ID, core.AddResponder{By: c.who.user.ID, User: u.ID})
	if e := refusalOf(err); err != nil && e.code == responderExists {
		e.status = http.StatusMethodNotAllowed // what ilert answers to a second one
		return answer{}, e
	}
	if err != nil {
		return answer{}, err
	}
	for _, have := range a.Responders {
		if have.User == u.ID {
			return answer{status: http.StatusCreated, body: c.responder(have)}, nil
		}
	}
	return answer{status: http.StatusCreated, body: responderBody{User: c.userBody(u.ID), Status: core.Pending}}, nil
}

func (c *call) removeResponder() (answer, error) {
	v, err := c.alert()
	if err != nil {
		return answer{}, err
	}
	r := refOf(c.r.PathValue("user"))
	u, found := c.user(r)
	if !found {
		return answer{}, core.Errorf(core.NotFound, "There is no user %s.", r)
	}
	if _, err := c.do(v.Alert.ID, core.RemoveResponder{By: c.who.user.ID, User: u.ID}); err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusNoContent}, nil
}
