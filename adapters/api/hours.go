package api

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/schedules"
)

// hoursBody is support hours as the API shows them.
type hoursBody struct {
	ID         core.SupportHoursID   `json:"id"`
	Name       string                `json:"name"`
	Timezone   string                `json:"timezone"`
	Days       schedules.SupportDays `json:"supportDays"`
	Exceptions []schedules.Exception `json:"exceptions"`
	Teams      []namedBody           `json:"teams"`
}

// hoursInput is support hours as somebody sends them.
type hoursInput struct {
	Name       string                `json:"name"`
	Timezone   string                `json:"timezone"`
	Days       schedules.SupportDays `json:"supportDays"`
	Exceptions []schedules.Exception `json:"exceptions"`
	Teams      *[]ref                `json:"teams"`
}

func (c *call) listHours() (answer, error) {
	start, n, err := c.page(50, 50)
	if err != nil {
		return answer{}, err
	}
	bodies := []hoursBody{}
	for _, id := range sortedKeys(c.snap.Hours) {
		if h := c.snap.Hours[id]; c.may(h.Teams...) == nil {
			bodies = append(bodies, c.hoursBody(h.SupportHours))
		}
	}
	bodies = bodies[min(start, len(bodies)):]
	return ok(bodies[:min(n, len(bodies))]), nil
}

func (c *call) readHours() (answer, error) {
	h, err := c.hours(refOf(c.r.PathValue("id")))
	return ok(c.hoursBody(h)), err
}

func (c *call) findHours() (answer, error) {
	h, err := c.hours(ref{name: c.r.PathValue("name")})
	return ok(c.hoursBody(h)), err
}

func (c *call) createHours() (answer, error) {
	h, err := c.hoursOf(schedules.SupportHours{})
	if err != nil {
		return answer{}, err
	}
	if h, err = c.putHours(h, "create"); err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusCreated, body: c.hoursBody(h), location: fmt.Sprintf("%s/api/support-hours/%d", c.api.public, h.ID)}, nil
}

func (c *call) updateHours() (answer, error) {
	have, err := c.hours(refOf(c.r.PathValue("id")))
	if err != nil {
		return answer{}, err
	}
	h, err := c.hoursOf(have)
	if err != nil {
		return answer{}, err
	}
	if h, err = c.putHours(h, "change"); err != nil {
		return answer{}, err
	}
	return ok(c.hoursBody(h)), nil
}

func (c *call) putHours(h schedules.SupportHours, action string) (schedules.SupportHours, error) {
	h, err := c.api.engine.PutHours(c.ctx, h, engine.Edit{Actor: c.who.actor, Action: action, Object: "support_hours:" + core.Line(h.Name, 80)})
	c.snap = c.api.engine.Snapshot()
	return h, err
}

func (c *call) deleteHours() (answer, error) {
	h, err := c.hours(refOf(c.r.PathValue("id")))
	if err != nil {
		return answer{}, err
	}
	err = c.api.engine.DeleteHours(c.ctx, h.ID, engine.Edit{Actor: c.who.actor, Action: "delete", Object: "support_hours:" + h.Name})
	return answer{status: http.StatusNoContent}, err
}

// hours are those that a path names, if the caller may do to them what the route does.
func (c *call) hours(r ref) (schedules.SupportHours, error) {
	h := c.snap.Hours[core.SupportHoursID(r.id)].SupportHours
	for _, other := range c.snap.Hours {
		if r.name != "" && strings.EqualFold(other.Name, r.name) {
			h = other.SupportHours
		}
	}
	if h.ID == 0 || c.hidden(h.Teams) {
		return h, core.Errorf(core.NotFound, "There are no support hours %s.", r)
	}
	return h, c.may(h.Teams...)
}

// hoursOf is support hours as the body wants them. Teams that the body leaves out stay.
func (c *call) hoursOf(have schedules.SupportHours) (schedules.SupportHours, error) {
	var in hoursInput
	if err := c.body(&in); err != nil {
		return have, err
	}
	h := schedules.SupportHours{ID: have.ID, Name: cmp.Or(in.Name, have.Name), Timezone: cmp.Or(in.Timezone, have.Timezone),
		Days: in.Days, Exceptions: in.Exceptions, Teams: have.Teams}
	if in.Days == nil {
		h.Days = have.Days
	}
	if h.Days == nil {
		return have, invalid("supportDays: say when the team is there, as {\"MONDAY\":{\"start\":\"09:00\",\"end\":\"17:00\"}}.")
	}
	if in.Exceptions == nil {
		h.Exceptions = have.Exceptions
	}
	if in.Teams == nil {
		return h, c.may(h.Teams...)
	}
	h.Teams = nil
	for i, r := range *in.Teams {
		t, found := c.snap.Teams[core.TeamID(r.id)]
		if r.name != "" {
			t, found = c.snap.TeamNamed(r.name)
		}
		if !found || c.hidden([]core.TeamID{t.ID}) {
			return have, invalid("teams[%d]: there is no team %s.", i, r)
		}
		h.Teams = append(h.Teams, t.ID)
	}
	return h, core.May(c.who.Viewer, core.OpOwn, c.snap.Owners(append(append([]core.TeamID(nil), have.Teams...), h.Teams...)...)...)
}

func (c *call) hoursBody(h schedules.SupportHours) hoursBody {
	return hoursBody{ID: h.ID, Name: h.Name, Timezone: h.Timezone, Days: h.Days, Exceptions: orEmpty(h.Exceptions), Teams: c.teams(h.Teams)}
}
