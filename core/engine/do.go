package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

// Command is what somebody wants done to an alert.
type Command struct {
	Alert core.AlertID
	Input core.Input
	By    core.UserID // who; their rights are checked. 0: the program itself; or core.AdminKey
	Actor string      // for the audit: user:12, key:3, webchat:ana, cli
	Once  string      // the interaction's id: the same one acts once
}

// Done is what a command did.
type Done struct {
	Alert core.Alert // as it is now
	Note  string     // why nothing happened, or what the person should know
}

// Do applies one input to one alert and returns after the commit. Refusals are
// *core.Error: Denied (which is audited), Conflict, NotFound, Invalid.
func (e *Engine) Do(ctx context.Context, c Command) (Done, error) {
	return e.command(ctx, c, func(tx *store.Tx, u *unit) (Done, error) {
		a, err := tx.Alert(ctx, c.Alert)
		if err != nil {
			return Done{}, err
		}
		if err := u.may(c.By, a); err != nil {
			return Done{}, err
		}
		in, env, err := u.prepare(c.Input, a)
		if err != nil {
			return Done{}, err
		}
		w := u.add(a)
		d, err := u.apply(w, in, env)
		return Done{Alert: w.alert, Note: d.Note}, err
	})
}

// Merge makes alert child part of main, in one transaction.
func (e *Engine) Merge(ctx context.Context, child, main core.AlertID, c Command) (Done, error) {
	c.Alert, c.Input = child, core.Merge{By: c.By, Into: main}
	return e.command(ctx, c, func(tx *store.Tx, u *unit) (Done, error) {
		if child == main {
			return Done{}, core.Errorf(core.Invalid, "alert %d cannot be merged into itself", child)
		}
		alerts, err := tx.AlertsLocked(ctx, []core.AlertID{child, main})
		if err != nil {
			return Done{}, err
		}
		works := map[core.AlertID]*work{}
		for _, a := range alerts {
			if err := u.may(c.By, a); err != nil {
				return Done{}, err
			}
			works[a.ID] = u.add(a)
		}
		for _, id := range []core.AlertID{child, main} {
			if works[id] == nil {
				return Done{}, core.Errorf(core.NotFound, "there is no alert %d", id)
			}
		}
		m := works[main]
		if _, err := u.apply(m, core.Absorb{By: c.By, Child: child}, u.env(m.alert.Source, m.alert.Policy)); err != nil {
			return Done{}, err
		}
		w := works[child]
		d, err := u.apply(w, c.Input, u.env(w.alert.Source, w.alert.Policy))
		return Done{Alert: w.alert, Note: d.Note}, err
	})
}

// Again makes a new alert with the source, key, policy and text of a resolved one.
func (e *Engine) Again(ctx context.Context, id core.AlertID, c Command) (Done, error) {
	var view store.AlertView
	err := e.DB.View(ctx, func(tx *store.Tx) (err error) {
		view, err = tx.AlertView(ctx, id)
		return err
	})
	if err != nil {
		return Done{}, err
	}
	a := view.Alert
	if a.Open() {
		return Done{}, &core.Error{Kind: core.Conflict, Text: fmt.Sprintf("alert %d is still open", id),
			Do: fmt.Sprintf("Accept or escalate #%d instead; a new alert can follow once it is resolved.", id)}
	}
	u := e.newUnit(e.Snapshot(), e.Now())
	if err := u.may(c.By, a); err != nil {
		return Done{}, err
	}
	ev := view.First
	ev.Type, ev.Key, ev.Summary, ev.Details = core.EventAlert, a.Key, a.Summary, a.Details
	ev.By, ev.Policy, ev.Again = c.By, a.Policy, id
	results, err := e.Ingest(ctx, Request{Source: a.Source, Events: []core.Event{ev}})
	if err != nil {
		return Done{}, err
	}
	if results[0].Alert == 0 {
		return Done{}, core.Errorf(core.Conflict, "no alert was made: %s", results[0].Reason)
	}
	done := Done{}
	err = e.DB.Tx(ctx, func(tx *store.Tx) error {
		if done.Alert, err = tx.Alert(ctx, results[0].Alert); err != nil {
			return err
		}
		return tx.Audit(ctx, store.AuditLine{At: e.Now(), Actor: c.Actor, Action: "Again", Object: object(id),
			Detail: fmt.Sprintf("alert:%d", results[0].Alert), Once: c.Once})
	})
	return done, err
}

// command runs a verb in one transaction with its audit line. The same interaction again
// finds the alert as it is, and does nothing.
func (e *Engine) command(ctx context.Context, c Command, fn func(tx *store.Tx, u *unit) (Done, error)) (Done, error) {
	var done Done
	var works []*work
	err := e.decide(ctx, func(tx *store.Tx, u *unit) (err error) {
		if done, err = fn(tx, u); err != nil {
			return err
		}
		works = u.works
		return tx.Audit(ctx, store.AuditLine{At: u.now, Actor: c.Actor, Action: verb(c.Input), Object: object(c.Alert), Once: c.Once})
	})
	var refusal *core.Error
	switch {
	case errors.As(err, &refusal) && refusal.Code == "ONCE":
		return e.found(ctx, c.Alert)
	case core.KindOf(err) == core.Denied:
		e.auditDenied(ctx, c, err)
	case err == nil && len(works) > 0 && done.Alert.ID == works[0].alert.ID:
		done.Alert = works[0].alert
	}
	return done, err
}

// found is the answer to an interaction that was handled before.
func (e *Engine) found(ctx context.Context, id core.AlertID) (Done, error) {
	var v store.AlertView
	err := e.DB.View(ctx, func(tx *store.Tx) (err error) {
		v, err = tx.AlertView(ctx, id)
		return err
	})
	return Done{Alert: v.Alert}, err
}

func (e *Engine) auditDenied(ctx context.Context, c Command, cause error) {
	err := e.DB.Tx(ctx, func(tx *store.Tx) error {
		return tx.Audit(ctx, store.AuditLine{At: e.Now(), Actor: c.Actor, Action: verb(c.Input) + " refused", Object: object(c.Alert), Detail: cause.Error()})
	})
	if err != nil {
		e.log.Error("audit a refusal", "alert", c.Alert, "actor", c.Actor, "err", err)
	}
}

// verb is an input's name, for the audit.
func verb(in core.Input) string {
	return strings.TrimPrefix(fmt.Sprintf("%T", in), "core.")
}

func object(id core.AlertID) string { return fmt.Sprintf("alert:%d", id) }

// prepare fills in what core is told as data: whom a schedule means now, and the levels
// of the policy an alert is given to.
func (u *unit) prepare(in core.Input, a core.Alert) (core.Input, core.Env, error) {
	env := u.env(a.Source, a.Policy)
	assign, ok := in.(core.Assign)
	switch {
	case !ok:
	case assign.Schedule != 0:
		b, on := u.snap.because(assign.Schedule, u.now)
		if !on {
			return nil, env, core.Errorf(core.Conflict, "nobody is on call on %s now", u.snap.Schedules[assign.Schedule].Name)
		}
		assign.Calls = []core.Because{b}
	case assign.Policy != 0:
		env = u.env(a.Source, assign.Policy)
	}
	if ok {
		in = assign
	}
	return in, env, nil
}
