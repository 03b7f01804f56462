package api

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
)

// heartbeatBody is a heartbeat monitor. What is not ilert's is left out where it says
// nothing.
type heartbeatBody struct {
	ID          core.HeartbeatID    `json:"id"`
	Name        string              `json:"name"`
	State       core.HeartbeatState `json:"state"`
	Interval    int64               `json:"intervalSec,omitempty"`
	Cron        string              `json:"cron,omitempty"`     // not ilert's
	Timezone    string              `json:"timezone,omitempty"` // not ilert's
	Grace       int64               `json:"gracePeriodSec"`     // not ilert's
	Summary     string              `json:"alertSummary"`
	Source      *namedBody          `json:"alertSource"`
	Teams       []namedBody         `json:"teams"`
	Key         string              `json:"integrationKey,omitempty"`
	URL         string              `json:"integrationUrl,omitempty"`
	CreatedAt   stamp               `json:"createdAt"`
	UpdatedAt   stamp               `json:"updatedAt"`
	LastBeatAt  stamp               `json:"lastBeatAt,omitzero"`  // not ilert's
	ExpectedAt  stamp               `json:"nextBeatAt,omitzero"`  // not ilert's
	PausedUntil stamp               `json:"pausedUntil,omitzero"` // not ilert's
}

// monitorForm is what callers send. A member that is absent stays as it is on PUT.
type monitorForm struct {
	Name     *string     `json:"name"`
	Interval *int64      `json:"intervalSec"`
	Cron     *string     `json:"cron"`
	Timezone *string     `json:"timezone"`
	Grace    *int64      `json:"gracePeriodSec"`
	Summary  *string     `json:"alertSummary"`
	Source   optionalRef `json:"alertSource"`
	Teams    *[]ref      `json:"teams"`
	Key      string      `json:"integrationKey"`
}

// optionalRef tells an absent reference from null, which takes the object away.
type optionalRef struct {
	ref
	sent bool
}

// UnmarshalJSON reads the reference.
func (r *optionalRef) UnmarshalJSON(b []byte) error {
	r.sent = true
	return r.ref.UnmarshalJSON(b)
}

const (
	usualMonitors = 100
	mostMonitors  = 200
)

// listHeartbeats answers a page by id; the header next-cursor, if there is one, asks for
// the next.
func (c *call) listHeartbeats() (answer, error) {
	_, n, err := c.page(usualMonitors, mostMonitors)
	if err != nil {
		return answer{}, err
	}
	after, err := c.number("cursor", 0)
	if err != nil {
		return answer{}, err
	}
	if n == 0 {
		n = usualMonitors
	}
	vitals, err := c.api.engine.Vitals(c.ctx)
	if err != nil {
		return answer{}, fmt.Errorf("load heartbeats: %w", err)
	}
	name := c.query.Get("name")
	list, next := []heartbeatBody{}, ""
	for _, id := range sortedKeys(c.snap.Heartbeats) {
		h := c.snap.Heartbeats[id]
		if int64(id) <= int64(after) || c.may(h.Teams...) != nil || name != "" && !strings.EqualFold(h.Name, name) {
			continue
		}
		if len(list) == n {
			next = strconv.FormatInt(int64(list[n-1].ID), 10)
			break
		}
		list = append(list, c.heartbeatBody(h, vitals[id]))
	}
	a := ok(list)
	a.next = next
	return a, nil
}

func (c *call) readHeartbeat() (answer, error) {
	h, err := c.heartbeat()
	if err != nil {
		return answer{}, err
	}
	return c.heartbeatAnswer(http.StatusOK, h)
}

// createHeartbeat makes one. A name that is taken is answered with the monitor that has
// it, so that installers need one request.
func (c *call) createHeartbeat() (answer, error) {
	var f monitorForm
	if err := c.body(&f); err != nil {
		return answer{}, err
	}
	want, err := c.wanted(core.Heartbeat{}, f)
	if err != nil {
		return answer{}, err
	}
	if have, taken := c.snap.HeartbeatNamed(want.Name); taken && !c.hidden(have.Teams) {
		return c.heartbeatAnswer(http.StatusConflict, have)
	}
	made, err := c.saveHeartbeat(want, f.Key)
	if err != nil {
		return c.takenMeanwhile(want.Name, err)
	}
	a, err := c.heartbeatAnswer(http.StatusCreated, made)
	a.location = fmt.Sprintf("%s/api/heartbeat-monitors/%d", c.api.public, made.ID)
	return a, err
}

// takenMeanwhile answers a conflict with the monitor that another request made.
func (c *call) takenMeanwhile(name string, err error) (answer, error) {
	if core.KindOf(err) != core.Conflict {
		return answer{}, err
	}
	fresh, e := c.api.engine.Refresh(c.ctx)
	if e != nil {
		return answer{}, err
	}
	c.snap = fresh
	if have, taken := fresh.HeartbeatNamed(name); taken && !c.hidden(have.Teams) {
		return c.heartbeatAnswer(http.StatusConflict, have)
	}
	return answer{}, err
}

func (c *call) updateHeartbeat() (answer, error) {
	h, err := c.heartbeat()
	if err != nil {
		return answer{}, err
	}
	var f monitorForm
	if err := c.body(&f); err != nil {
		return answer{}, err
	}
	want, err := c.wanted(h.Heartbeat, f)
	if err != nil {
		return answer{}, err
	}
	saved, err := c.saveHeartbeat(want, f.Key)
	if err != nil {
		return answer{}, err
	}
	return c.heartbeatAnswer(http.StatusOK, saved)
}

func (c *call) deleteHeartbeat() (answer, error) {
	h, err := c.heartbeat()
	if err != nil {
		return answer{}, err
	}
	if err := c.api.engine.DeleteHeartbeat(c.ctx, h.ID, c.heartbeatEdit("delete", h.Name)); err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusNoContent}, nil
}

// heartbeat is the one that the path names, if the caller may do with it what they ask.
func (c *call) heartbeat() (engine.Heartbeat, error) {
	id, err := strconv.ParseInt(c.r.PathValue("id"), 10, 64)
	h, found := c.snap.Heartbeats[core.HeartbeatID(id)]
	if !found {
		if fresh, e := c.api.engine.Refresh(c.ctx); e == nil {
			c.snap = fresh
			h, found = fresh.Heartbeats[core.HeartbeatID(id)]
		}
	}
	if err != nil || !found || c.hidden(h.Teams) {
		return h, core.Errorf(core.NotFound, "There is no heartbeat monitor %s.", core.Line(c.r.PathValue("id"), 40))
	}
	return h, c.may(h.Teams...)
}

func (c *call) saveHeartbeat(want core.Heartbeat, key string) (engine.Heartbeat, error) {
	action := "update"
	if want.ID == 0 {
		action = "create"
	}
	saved, err := c.api.engine.SaveHeartbeat(c.ctx, want, core.Secret(key), c.heartbeatEdit(action, want.Name))
	if err != nil {
		return saved, err
	}
	c.snap = c.api.engine.Snapshot()
	return saved, nil
}

func (c *call) heartbeatEdit(action, name string) engine.Edit {
	return engine.Edit{Actor: c.who.actor, Action: action, Object: "heartbeats:" + name}
}

// wanted is the monitor that the form makes of what is there.
func (c *call) wanted(h core.Heartbeat, f monitorForm) (core.Heartbeat, error) {
	if f.Name != nil {
		h.Name = strings.TrimSpace(*f.Name)
	}
	if f.Summary != nil {
		h.Summary = core.Line(strings.TrimSpace(*f.Summary), core.MaxSummary)
	}
	if f.Grace != nil {
		h.Grace = seconds(*f.Grace)
	}
	switch {
	case f.Interval != nil && *f.Interval != 0 && f.Cron != nil && *f.Cron != "":
		return h, invalid("intervalSec: a monitor has intervalSec or cron, not both.")
	case f.Interval != nil && *f.Interval != 0:
		h.Interval, h.Cron, h.Timezone = seconds(*f.Interval), "", ""
	case f.Cron != nil && *f.Cron != "":
		h.Interval, h.Cron = 0, *f.Cron
	}
	if f.Timezone != nil && h.Cron != "" {
		h.Timezone = *f.Timezone
	}
	if h.Cron != "" && h.Timezone == "" {
		h.Timezone = "UTC"
	}
	if err := h.Check(); err != nil {
		return h, err
	}
	if len(f.Key) > 0 && (len(f.Key) < 10 || len(f.Key) > 255 || strings.ContainsFunc(f.Key, unprintable)) {
		return h, invalid("integrationKey: 10 to 255 letters, digits and signs, without spaces.")
	}
	if err := c.wantedSource(&h, f.Source); err != nil {
		return h, err
	}
	return h, c.wantedTeams(&h, f.Teams)
}

func unprintable(r rune) bool { return r <= ' ' || r > '~' }

// seconds is bounded, so that no number becomes another.
func seconds(n int64) time.Duration {
	const most = int64(10 * 366 * 24 * time.Hour / time.Second)
	return time.Duration(min(max(n, -1), most)) * time.Second
}

func (c *call) wantedSource(h *core.Heartbeat, r optionalRef) error {
	if !r.sent {
		return nil
	}
	h.Source = 0
	if !r.given() {
		return nil
	}
	src, found := c.source(r.ref)
	if !found || c.hidden(src.Teams) {
		return invalid("alertSource: there is no alert source %s.", r.ref)
	}
	h.Source = src.ID
	return nil
}

// wantedTeams gives the monitor to teams. Who may not change what each of them owns may
// not give it to them, or take it from them.
func (c *call) wantedTeams(h *core.Heartbeat, refs *[]ref) error {
	if refs == nil {
		return c.may(h.Teams...)
	}
	var teams []core.TeamID
	for i, r := range *refs {
		id, found := c.team(r)
		if !found {
			return invalid("teams[%d]: there is no team %s.", i, r)
		}
		teams = append(teams, id)
	}
	var moved []core.TeamID
	for _, id := range append(append([]core.TeamID{}, teams...), h.Teams...) {
		if slices.Contains(teams, id) != slices.Contains(h.Teams, id) && !slices.Contains(moved, id) {
			moved = append(moved, id)
		}
	}
	was := h.Teams
	h.Teams = teams
	if len(moved) == 0 {
		return c.may(was...)
	}
	return core.May(c.who.Viewer, core.OpOwn, c.snap.Owners(moved...)...)
}

func (c *call) team(r ref) (core.TeamID, bool) {
	if r.name != "" {
		t, found := c.snap.TeamNamed(r.name)
		return t.ID, found && !c.hidden([]core.TeamID{t.ID})
	}
	t, found := c.snap.Teams[core.TeamID(r.id)]
	return t.ID, found && !c.hidden([]core.TeamID{t.ID})
}

func (c *call) heartbeatAnswer(status int, h engine.Heartbeat) (answer, error) {
	vitals, err := c.api.engine.Vitals(c.ctx)
	if err != nil {
		return answer{}, fmt.Errorf("load heartbeats: %w", err)
	}
	return answer{status: status, body: c.heartbeatBody(h, vitals[h.ID])}, nil
}

func (c *call) heartbeatBody(h engine.Heartbeat, v core.Vitals) heartbeatBody {
	b := heartbeatBody{ID: h.ID, Name: h.Name, State: v.State, Interval: int64(h.Interval / time.Second), Cron: h.Cron, Timezone: h.Timezone,
		Grace: int64(h.Grace / time.Second), Summary: h.Summary, Teams: c.teams(h.Teams),
		CreatedAt: stamp{h.CreatedAt}, UpdatedAt: stamp{h.UpdatedAt}, LastBeatAt: stamp{v.LastBeat}}
	if v.Paused(c.now) {
		b.PausedUntil = stamp{v.PausedUntil}
	}
	if v.State == core.Healthy {
		expected, _ := h.Expected(v)
		b.ExpectedAt = stamp{expected}
	}
	if h.Source != 0 {
		b.Source = &namedBody{ID: int64(h.Source)}
		if c.includes("alertSource") {
			b.Source.Name = c.snap.Sources[h.Source].Name
		}
	}
	key := c.snap.HeartbeatKey(h.ID).Reveal()
	if core.May(c.who.Viewer, core.OpModify, c.snap.Owners(h.Teams...)...) != nil {
		return b // readable by those who may edit it
	}
	if c.includes("integrationKey") {
		b.Key = key
	}
	if c.includes("integrationUrl") {
		b.URL = c.api.public + "/api/heartbeats/" + key
	}
	return b
}
