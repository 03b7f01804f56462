package api

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/schedules"
)

// maintenanceBody is a window as the API shows it.
type maintenanceBody struct {
	ID          core.MaintenanceID `json:"id"`
	Summary     string             `json:"summary"`
	Description string             `json:"description"`
	Timezone    string             `json:"timezone"`
	Start       stamp              `json:"start"`
	End         stamp              `json:"end"`
	Sources     []namedBody        `json:"alertSources"`
	Services    []namedBody        `json:"services"`
	CreatedBy   *userBody          `json:"createdBy,omitempty"`
}

// maintenanceInput is a window as somebody sends it.
type maintenanceInput struct {
	Summary       string          `json:"summary"`
	Description   string          `json:"description"`
	Timezone      string          `json:"timezone"`
	Start         string          `json:"start"`
	End           string          `json:"end"`
	Sources       []ref           `json:"alertSources"`
	Services      []ref           `json:"services"`
	Notifications map[string]bool `json:"notifications"`
}

func (c *call) listMaintenance() (answer, error) {
	keep, err := c.maintenanceFilter()
	if err != nil {
		return answer{}, err
	}
	start, n, err := c.page(50, 100)
	if err != nil {
		return answer{}, err
	}
	bodies := []maintenanceBody{}
	for _, id := range sortedKeys(c.snap.Maintenance) {
		if m := c.snap.Maintenance[id]; keep(m) && len(c.maintained(m)) > 0 {
			bodies = append(bodies, c.maintenanceBody(m))
		}
	}
	bodies = bodies[min(start, len(bodies)):]
	return ok(bodies[:min(n, len(bodies))]), nil
}

// maintenanceFilter reads which windows are asked for: OPEN are those that run or come.
func (c *call) maintenanceFilter() (func(core.Maintenance) bool, error) {
	state := c.query.Get("state")
	if state != "" && state != "OPEN" && state != "CLOSED" {
		return nil, invalid("state: “%s” is neither OPEN nor CLOSED.", core.Line(state, 20))
	}
	sources, err := ids[core.SourceID](c.list("sources"), "sources")
	if err != nil {
		return nil, err
	}
	from, until, err := c.window(time.UTC)
	if err != nil {
		return nil, err
	}
	return func(m core.Maintenance) bool {
		wanted := func(s core.SourceID) bool { return slices.Contains(sources, s) }
		switch {
		case state == "OPEN" && m.Over(c.now), state == "CLOSED" && !m.Over(c.now):
			return false
		case len(sources) > 0 && !slices.ContainsFunc(m.Sources, wanted):
			return false
		case !from.IsZero() && !m.End.After(from), !until.IsZero() && !m.Start.Before(until):
			return false
		}
		return true
	}, nil
}

func (c *call) readMaintenance() (answer, error) {
	m, err := c.maintenanceWindow()
	return ok(c.maintenanceBody(m)), err
}

func (c *call) createMaintenance() (answer, error) {
	m, err := c.maintenanceOf(core.Maintenance{})
	if err != nil {
		return answer{}, err
	}
	m.By = max(c.who.user.ID, 0)
	m, err = c.putMaintenance(m, "create maintenance")
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusOK, body: c.maintenanceBody(m), location: fmt.Sprintf("%s/api/maintenance-windows/%d", c.api.public, m.ID)}, nil
}

func (c *call) updateMaintenance() (answer, error) {
	have, err := c.maintenanceWindow()
	if err != nil {
		return answer{}, err
	}
	m, err := c.maintenanceOf(have)
	if err != nil {
		return answer{}, err
	}
	if m, err = c.putMaintenance(m, "change maintenance"); err != nil {
		return answer{}, err
	}
	return ok(c.maintenanceBody(m)), nil
}

func (c *call) putMaintenance(m core.Maintenance, action string) (core.Maintenance, error) {
	m, err := c.api.engine.PutMaintenance(c.ctx, m, engine.Edit{Actor: c.who.actor, Action: action, Object: "maintenance:" + core.Line(m.Title(), 80)})
	c.snap = c.api.engine.Snapshot()
	return m, err
}

func (c *call) deleteMaintenance() (answer, error) {
	m, err := c.maintenanceWindow()
	if err != nil {
		return answer{}, err
	}
	err = c.api.engine.DeleteMaintenance(c.ctx, m.ID, engine.Edit{Actor: c.who.actor, Action: "delete maintenance", Object: "maintenance:" + m.Name})
	return answer{status: http.StatusNoContent}, err
}

// maintenanceWindow is the window in the path, if the caller may do to all of its sources
// what the route does.
func (c *call) maintenanceWindow() (core.Maintenance, error) {
	text := c.r.PathValue("id")
	id, err := strconv.ParseInt(text, 10, 64)
	m, there := c.snap.Maintenance[core.MaintenanceID(id)]
	if err != nil || !there || len(c.maintained(m)) == 0 {
		return m, core.Errorf(core.NotFound, "There is no maintenance window %s.", core.Line(text, 20))
	}
	if c.need == core.OpView {
		return m, nil
	}
	return m, c.mayMaintain(m.Sources)
}

func (c *call) mayMaintain(sources []core.SourceID) error {
	for _, id := range sources {
		if err := c.may(c.snap.Sources[id].Teams...); err != nil {
			return err
		}
	}
	return nil
}

// maintained are the sources of a window that the caller may see.
func (c *call) maintained(m core.Maintenance) []namedBody {
	list := []namedBody{}
	for _, id := range m.Sources {
		if src, there := c.snap.Sources[id]; there && !c.hidden(src.Teams) {
			list = append(list, namedBody{int64(id), src.Name})
		}
	}
	return list
}

// maintenanceOf is a window as the body wants it; what the body leaves out of one that is
// there stays.
func (c *call) maintenanceOf(have core.Maintenance) (core.Maintenance, error) {
	in := maintenanceInput{Summary: have.Title(), Description: have.Description, Timezone: have.Timezone}
	if err := c.body(&in); err != nil {
		return have, err
	}
	if len(in.Services) > 0 {
		return have, invalid("services: these are not available yet.")
	}
	for name, on := range in.Notifications {
		if on {
			return have, invalid("notifications.%s: this is not available yet.", core.Line(name, 20))
		}
	}
	if in.Timezone == "" {
		in.Timezone = "UTC"
	}
	zone, err := schedules.Location(in.Timezone)
	if err != nil {
		return have, fmt.Errorf("timezone: %w", err)
	}
	m := have
	m.Summary, m.Description, m.Timezone = in.Summary, in.Description, in.Timezone
	if m.Summary == "" {
		m.Name = "" // it is nobody's name any more, and Validate says so
	}
	if m.Start, err = moment("start", in.Start, zone, have.Start); err != nil {
		return have, err
	}
	if m.End, err = moment("end", in.End, zone, have.End); err != nil {
		return have, err
	}
	if in.Sources != nil {
		m.Sources = nil
	}
	for i, r := range in.Sources {
		src, found := c.source(r)
		if !found || c.hidden(src.Teams) {
			return have, invalid("alertSources[%d]: there is no alert source %s.", i, r)
		}
		if !slices.Contains(m.Sources, src.ID) {
			m.Sources = append(m.Sources, src.ID)
		}
	}
	if err := m.Validate(); err != nil {
		return have, err
	}
	return m, c.mayMaintain(m.Sources)
}

// moment reads an instant of a body; without one it is what it was.
func moment(member, text string, zone *time.Location, have time.Time) (time.Time, error) {
	if text == "" {
		return have, nil
	}
	t, ok := instantOf(text, zone)
	if !ok {
		return have, invalid("%s: “%s” is no time. Write it like 2026-01-05T22:00:00Z.", member, core.Line(text, 40))
	}
	return t, nil
}

func (c *call) maintenanceBody(m core.Maintenance) maintenanceBody {
	b := maintenanceBody{ID: m.ID, Summary: m.Title(), Description: m.Description, Timezone: m.Timezone,
		Start: stamp{m.Start}, End: stamp{m.End}, Sources: c.maintained(m), Services: []namedBody{}}
	if m.By != 0 {
		b.CreatedBy = new(c.userBody(m.By))
	}
	return b
}
