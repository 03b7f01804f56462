package api

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/schedules"
)

type overrideBody struct {
	ID    int64    `json:"id"`
	User  userBody `json:"user"`
	Start stamp    `json:"start"`
	End   stamp    `json:"end"`
}

// overriddenBody is a schedule with the override that was made.
type overriddenBody struct {
	scheduleBody
	Override overrideBody `json:"override"`
}

type overrideWish struct {
	User  ref    `json:"user"`
	Start string `json:"start"`
	End   string `json:"end"`
}

// overriddenSchedule is the schedule in the path, if the caller may do there what the
// route needs. Who may be put on call, the engine decides.
func (c *call) overriddenSchedule() (engine.Schedule, error) {
	r := refOf(c.r.PathValue("id"))
	s, found := c.schedule(r)
	err := c.may(s.Teams...)
	if !found || core.KindOf(err) == core.NotFound {
		return s, core.Errorf(core.NotFound, "There is no schedule %s.", r)
	}
	return s, err
}

// deed is what the caller does, perhaps for somebody else.
func (c *call) deed(party core.UserID) engine.Deed {
	return engine.Deed{Who: c.who.Viewer, For: party, Actor: c.who.actor}
}

// reading reads an instant, or a reading of the clock in a zone.
func reading(text, name string, loc *time.Location) (time.Time, error) {
	text = strings.TrimSpace(text)
	for _, form := range readings[:3] {
		if t, err := time.Parse(form, text); err == nil {
			return t.UTC(), nil
		}
	}
	if r, err := schedules.ParseReading(text); err == nil {
		return schedules.At(r, loc)
	}
	return time.Time{}, invalid("%s: “%s” is no time. Write it like 2026-01-05T09:00:00Z, or 2026-01-05T09:00 on the schedule's clock.", name, core.Line(text, 40))
}

func (c *call) span(s engine.Schedule, start, end string) (schedules.Span, error) {
	loc, err := schedules.Location(s.Timezone)
	if err != nil {
		return schedules.Span{}, err
	}
	from, err := reading(start, "start", loc)
	if err != nil {
		return schedules.Span{}, err
	}
	until, err := reading(end, "end", loc)
	return schedules.Span{Start: from, End: until}, err
}

func (c *call) makeOverride() (answer, error) {
	s, err := c.overriddenSchedule()
	if err != nil {
		return answer{}, err
	}
	var wish overrideWish
	if err := c.body(&wish); err != nil {
		return answer{}, err
	}
	u, found := c.user(wish.User)
	if !found {
		return answer{}, invalid("user: there is no user %s.", wish.User)
	}
	span, err := c.span(s, wish.Start, wish.End)
	if err != nil {
		return answer{}, err
	}
	o, err := c.api.engine.MakeOverride(c.ctx, c.deed(0), engine.OverrideWish{Schedule: s.ID, User: u.ID, Span: span})
	if err != nil {
		return answer{}, err
	}
	return ok(overriddenBody{
		scheduleBody: scheduleBody{ID: s.ID, Name: s.Name, Timezone: s.Timezone, Type: string(s.Kind), Teams: c.teams(s.Teams)},
		Override:     c.overrideBody(o.Override),
	}), nil
}

func (c *call) overrideBody(o schedules.Override) overrideBody {
	return overrideBody{ID: o.ID, User: c.userBody(o.User), Start: stamp{o.Start}, End: stamp{o.End}}
}

// listOverrides answers those that are not over, or those that overlap from and until.
func (c *call) listOverrides() (answer, error) {
	s, err := c.overriddenSchedule()
	if err != nil {
		return answer{}, err
	}
	loc, err := schedules.Location(s.Timezone)
	if err != nil {
		return answer{}, err
	}
	from, until, err := c.window(loc)
	if err != nil {
		return answer{}, err
	}
	start, n, err := c.page(100, 1000)
	if err != nil {
		return answer{}, err
	}
	if from.IsZero() {
		from = c.now
	}
	var list []schedules.Override
	for _, o := range s.Overrides {
		if o.End.After(from) && (until.IsZero() || o.Start.Before(until)) {
			list = append(list, o)
		}
	}
	slices.SortFunc(list, func(a, b schedules.Override) int { return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.ID, b.ID)) })
	bodies := []overrideBody{}
	list = list[min(start, len(list)):]
	for _, o := range list[:min(n, len(list))] {
		bodies = append(bodies, c.overrideBody(o))
	}
	return ok(bodies), nil
}

func (c *call) cancelOverride() (answer, error) {
	s, err := c.overriddenSchedule()
	if err != nil {
		return answer{}, err
	}
	id, err := numbered(c.r.PathValue("oid"), "o", "override")
	if err != nil {
		return answer{}, err
	}
	if _, err := c.api.engine.CancelOverride(c.ctx, c.deed(0), id, s.ID); err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusNoContent}, nil
}

// numbered reads the number of an object in a path, with or without the letter that chat
// shows it with. What is no number is an object that is not there.
func numbered(text, letter, what string) (int64, error) {
	id, err := strconv.ParseInt(strings.TrimPrefix(strings.ToLower(text), letter), 10, 64)
	if err != nil || id <= 0 {
		return 0, core.Errorf(core.NotFound, "There is no %s “%s”.", what, core.Line(text, 40))
	}
	return id, nil
}
