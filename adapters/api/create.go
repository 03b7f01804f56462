package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/store"
)

func (c *call) createAlert() (answer, error) {
	var m manualAlert
	if err := c.body(&m); err != nil {
		return answer{}, err
	}
	src, ev, err := c.manualEvent(m)
	if err != nil {
		return answer{}, err
	}
	results, err := c.api.engine.Ingest(c.ctx, engine.Request{Source: src, Events: []core.Event{ev}})
	if err != nil {
		return answer{}, fmt.Errorf("ingest a manual alert: %w", err)
	}
	if results[0].Alert == 0 {
		return answer{}, core.Errorf(core.Conflict, "No alert was made: %s.", results[0].Reason)
	}
	return c.made(results[0])
}

// made answers the alert as it is: 201 if it is new, 200 if the event joined an open one.
func (c *call) made(r engine.Result) (answer, error) {
	var v store.AlertView
	err := c.view(func(tx *store.Tx) (err error) {
		v, err = tx.AlertView(c.ctx, r.Alert)
		return err
	})
	if err != nil {
		return answer{}, fmt.Errorf("load alert %d: %w", r.Alert, err)
	}
	c.snap = c.api.engine.Snapshot()
	a := answer{status: http.StatusOK, body: c.fullBody(v.Alert, v.First),
		location: fmt.Sprintf("%s/api/alerts/%d", c.api.public, r.Alert)}
	if r.Outcome == core.OutcomeCreated {
		a.status = http.StatusCreated
	}
	return a, nil
}

// manualEvent is what a person's alert is as an event of its source.
func (c *call) manualEvent(m manualAlert) (core.SourceID, core.Event, error) {
	ev := core.Event{
		Type: core.EventAlert, Key: m.Key, Summary: m.Summary, Details: m.Details, Severity: m.Severity,
		Images: m.Images, Links: m.Links, Labels: m.Labels, Custom: m.Custom, By: c.who.user.ID,
	}
	if strings.TrimSpace(m.Summary) == "" {
		return 0, ev, invalid("summary: say in one line what is wrong.")
	}
	if string(m.Custom) == "null" || !json.Valid(m.Custom) {
		ev.Custom = nil
	}
	src, found := c.source(m.Source)
	switch {
	case !m.Source.given():
		return 0, ev, invalid("alertSource: say which source the alert belongs to, as {\"id\":1}.")
	case !found || c.hidden(src.Teams):
		return 0, ev, invalid("alertSource: there is no alert source %s.", m.Source)
	}
	var err error
	if ev.Priority, err = core.ParsePriority(m.Priority); err != nil {
		return 0, ev, err
	}
	policy := src.Policy
	if m.Policy.given() {
		p, found := c.policy(m.Policy)
		if !found || c.hidden(p.Teams) {
			return 0, ev, invalid("escalationPolicy: there is no escalation policy %s.", m.Policy)
		}
		ev.Policy, policy = p.ID, p.ID
	}
	if ev.Responders, err = c.asked(m.Responders); err != nil {
		return 0, ev, err
	}
	return src.ID, ev, c.mayPair(src.ID, policy)
}

// asked are the users that somebody wants to ask, each once.
func (c *call) asked(list []responderRef) ([]core.UserID, error) {
	var users []core.UserID
	seen := map[core.UserID]bool{}
	for i, r := range list {
		u, found := c.user(r.User)
		if !found {
			return nil, invalid("responders[%d].user: there is no user %s.", i, r.User)
		}
		if !seen[u.ID] {
			seen[u.ID] = true
			users = append(users, u.ID)
		}
	}
	return users, nil
}
