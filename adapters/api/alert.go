package api

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

// filter reads what alerts are asked for, under new and old names.
func (c *call) filter() (store.AlertFilter, error) {
	var f store.AlertFilter
	var err error
	for _, word := range c.list("states", "state") {
		s, err := core.ParseStatus(word)
		if err != nil {
			return f, err
		}
		f.Statuses = append(f.Statuses, s)
	}
	if f.Sources, err = ids[core.SourceID](c.list("sources", "alert-source"), "sources"); err != nil {
		return f, err
	}
	if f.Policies, err = ids[core.PolicyID](c.list("policies", "policy"), "policies"); err != nil {
		return f, err
	}
	f.Responders = c.users("responders", "assigned-to")
	f.From, f.Until, err = c.window(time.UTC)
	return f, err
}

func (c *call) listAlerts() (answer, error) {
	f, err := c.filter()
	if err != nil {
		return answer{}, err
	}
	start, n, err := c.page(50, 100)
	if err != nil {
		return answer{}, err
	}
	bodies := []alertBody{}
	err = c.view(func(tx *store.Tx) error {
		bodies = bodies[:0]
		alerts, err := c.alerts(tx, f, start, n)
		if err != nil {
			return err
		}
		for _, a := range alerts {
			first, err := c.firstEvent(tx, a)
			if err != nil {
				return err
			}
			bodies = append(bodies, c.alertBody(a, first))
		}
		return nil
	})
	return ok(bodies), err
}

// alerts are n alerts from start on, newest first, of those the caller sees.
func (c *call) alerts(tx *store.Tx, f store.AlertFilter, start, n int) ([]core.Alert, error) {
	if n == 0 {
		return nil, nil
	}
	s := c.scope()
	filters := s.within(f)
	if own, ok := s.beside(f); ok {
		filters = append(filters, own)
	}
	if len(filters) == 1 {
		filters[0].Offset, filters[0].Limit = start, n
		return tx.ListAlerts(c.ctx, filters[0])
	}
	var all []core.Alert
	for _, g := range filters {
		g.Limit = start + n
		part, err := tx.ListAlerts(c.ctx, g)
		if err != nil {
			return nil, err
		}
		all = append(all, part...)
	}
	slices.SortFunc(all, func(a, b core.Alert) int { return cmp.Compare(b.ID, a.ID) })
	all = slices.CompactFunc(all, func(a, b core.Alert) bool { return a.ID == b.ID })
	all = all[min(start, len(all)):]
	return all[:min(n, len(all))], nil
}

func (c *call) countAlerts() (answer, error) {
	f, err := c.filter()
	if err != nil {
		return answer{}, err
	}
	s := c.scope()
	var count int64
	err = c.view(func(tx *store.Tx) error {
		if count, err = c.sum(tx, s.within(f)); err != nil {
			return err
		}
		own, ok := s.beside(f)
		if !ok {
			return nil
		}
		mine, err := tx.CountAlerts(c.ctx, own)
		if err != nil {
			return err
		}
		counted, err := c.sum(tx, s.within(own))
		count += mine - counted
		return err
	})
	return ok(countBody{count}), err
}

func (c *call) sum(tx *store.Tx, filters []store.AlertFilter) (count int64, err error) {
	for _, f := range filters {
		n, err := tx.CountAlerts(c.ctx, f)
		if err != nil {
			return 0, err
		}
		count += n
	}
	return count, nil
}

func (c *call) readAlert() (answer, error) {
	v, err := c.alert()
	if err != nil {
		return answer{}, err
	}
	return ok(c.fullBody(v.Alert, v.First)), nil
}

// fullBody is one alert with the parts that were asked for.
func (c *call) fullBody(a core.Alert, first core.Event) alertBody {
	b := c.alertBody(a, first)
	if c.includes("escalationRules") {
		b.Rules = c.rules(c.snap.Policies[a.Policy])
	}
	if c.includes("customDetails") {
		b.Custom = object(first.Custom)
	}
	return b
}

// alert loads the alert in the path, if the caller may do to it what the route does.
func (c *call) alert() (store.AlertView, error) {
	var v store.AlertView
	id, err := strconv.ParseInt(c.r.PathValue("id"), 10, 64)
	if err != nil || id < 1 {
		return v, noAlert(core.Line(c.r.PathValue("id"), 20))
	}
	err = c.view(func(tx *store.Tx) (err error) {
		v, err = tx.AlertView(c.ctx, core.AlertID(id))
		return err
	})
	if core.KindOf(err) == core.NotFound {
		return v, noAlert(strconv.FormatInt(id, 10))
	}
	if err != nil {
		return v, fmt.Errorf("load alert %d: %w", id, err)
	}
	err = c.mayAlert(v.Alert)
	if core.KindOf(err) == core.NotFound { // in the same words as one that is not there
		return v, noAlert(strconv.FormatInt(id, 10))
	}
	return v, err
}

func noAlert(id string) error { return core.Errorf(core.NotFound, "There is no alert %s.", id) }

// firstEvent is what opened an alert; the zero event if it could not be read.
func (c *call) firstEvent(tx *store.Tx, a core.Alert) (core.Event, error) {
	rows, err := tx.EventsOf(c.ctx, a.ID, a.FirstEvent-1, 1)
	if err != nil || len(rows) == 0 {
		return core.Event{}, err
	}
	return eventOf(rows[0]), nil
}

func (c *call) view(fn func(tx *store.Tx) error) error { return c.api.engine.DB.View(c.ctx, fn) }

// alertBody is an alert as lists show it.
func (c *call) alertBody(a core.Alert, first core.Event) alertBody {
	policy := namedBody{int64(a.Policy), c.snap.Policies[a.Policy].Name}
	b := alertBody{
		ID: a.ID, Summary: a.Summary, Details: a.Details, Status: a.Status,
		ReportTime: stamp{a.CreatedAt}, ResolvedOn: stamp{a.ResolvedAt},
		Source: namedBody{int64(a.Source), c.snap.Sources[a.Source].Name},
		Policy: policy, PolicyMisspelt: policy,
		Priority: a.Priority, Severity: a.Severity, Key: a.Key,
		Responders: []responderBody{},
		Images:     orEmpty(first.Images), Links: orEmpty(first.Links), Labels: first.Labels,
		MergedInto: a.MergedInto, MergeState: mergeState(a),
		SnoozedUntil: stamp{a.SnoozedUntil}, Events: a.Events,
	}
	if b.Labels == nil {
		b.Labels = map[string]string{}
	}
	for _, r := range a.Responders {
		b.Responders = append(b.Responders, c.responder(r))
	}
	if u := assignee(a); u != 0 {
		b.AssignedTo = new(c.userBody(u))
	}
	c.addNext(&b, a)
	return b
}

func (c *call) responder(r core.Responding) responderBody {
	status := core.Pending
	if !r.AcceptedAt.IsZero() {
		status = core.Accepted
	}
	return responderBody{User: c.userBody(r.User), Status: status, AcceptedAt: stamp{r.AcceptedAt}}
}

// assignee is the one person of old clients, who know no others: who accepted, else who
// was asked last, else the first responder; 0 if there is none.
func assignee(a core.Alert) core.UserID {
	var best core.Responding
	for _, r := range a.Responders {
		accepted, asked := r.AcceptedAt.Compare(best.AcceptedAt), r.AskedAt.Compare(best.AskedAt)
		if best.User == 0 || accepted > 0 || accepted == 0 && asked > 0 {
			best = r
		}
	}
	return best.User
}

// object is JSON that clients can read into a map, as they do with customDetails.
func object(text json.RawMessage) json.RawMessage {
	trimmed := bytes.TrimSpace(text)
	if len(trimmed) == 0 || trimmed[0] == '{' {
		return text
	}
	return slices.Concat([]byte(`{"payload":`), trimmed, []byte("}"))
}

func mergeState(a core.Alert) string {
	switch {
	case a.MergedInto != 0:
		return "MERGED"
	case a.Main:
		return "MAIN"
	}
	return "NONE"
}

// addNext says when which rule begins, and with whom.
func (c *call) addNext(b *alertBody, a core.Alert) {
	p := c.snap.Policies[a.Policy]
	at, rule := nextRule(a, p)
	if at.IsZero() {
		return
	}
	b.NextAt, b.NextRule = stamp{at}, &rule
	if !c.includes("nextEscalationUser") {
		return
	}
	for _, l := range c.snap.Levels(p, at)[rule:] {
		if len(l.People) > 0 { // a level without people falls through
			b.NextUser = new(c.userBody(l.People[0].User))
			return
		}
	}
}

// orEmpty is a list that JSON writes as [] rather than null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
