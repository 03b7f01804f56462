package engine

import (
	"context"
	"crypto/rand"
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
	return e.command(ctx, c, func(tx *store.Tx, u *unit) (*work, string, error) {
		a, err := tx.Alert(ctx, c.Alert)
		if err != nil {
			return nil, "", err
		}
		if err := u.may(c.By, a); err != nil {
			return nil, "", err
		}
		in, env, err := u.prepare(c.Input, a)
		if err != nil {
			return nil, "", err
		}
		w := u.add(a)
		d, err := u.apply(w, in, env)
		return w, d.Note, err
	})
}

// Merge makes alert child part of main, in one transaction.
func (e *Engine) Merge(ctx context.Context, child, main core.AlertID, c Command) (Done, error) {
	c.Alert, c.Input = child, core.Merge{By: c.By, Into: main}
	return e.command(ctx, c, func(tx *store.Tx, u *unit) (*work, string, error) {
		if child == main {
			return nil, "", core.Errorf(core.Invalid, "alert %d cannot be merged into itself", child)
		}
		alerts, err := tx.AlertsLocked(ctx, []core.AlertID{child, main})
		if err != nil {
			return nil, "", err
		}
		for _, a := range alerts {
			if err := u.may(c.By, a); err != nil {
				return nil, "", err
			}
			u.add(a)
		}
		for _, id := range []core.AlertID{child, main} {
			if u.find(id) == nil {
				return nil, "", core.Errorf(core.NotFound, "there is no alert %d", id)
			}
		}
		m, w := u.find(main), u.find(child)
		if _, err := u.apply(m, core.Absorb{By: c.By, Child: child}, u.env(m.alert.Source, m.alert.Policy)); err != nil {
			return nil, "", err
		}
		d, err := u.apply(w, c.Input, u.env(w.alert.Source, w.alert.Policy))
		return w, d.Note, err
	})
}

// Again makes a new alert with the source, key, policy and text of a resolved one.
func (e *Engine) Again(ctx context.Context, id core.AlertID, c Command) (Done, error) {
	c.Alert, c.Input = id, nil
	return e.command(ctx, c, func(tx *store.Tx, u *unit) (*work, string, error) {
		view, err := tx.AlertView(ctx, id) // without a lock: a resolved alert does not change
		if err != nil {
			return nil, "", err
		}
		if err := u.may(c.By, view.Alert); err != nil {
			return nil, "", err
		}
		if view.Alert.Open() {
			return nil, "", &core.Error{Kind: core.Conflict, Text: fmt.Sprintf("alert %d is still open", id),
				Do: fmt.Sprintf("Accept or escalate #%d instead; a new alert can follow once it is resolved.", id)}
		}
		r := newRequest(Request{Source: view.Alert.Source, Events: []core.Event{again(view, c.By)}})
		in, err := e.take(ctx, tx, u, []*request{r})
		if err != nil {
			return nil, "", err
		}
		if in.works[0] == nil {
			return nil, "", core.Errorf(core.Conflict, "no alert was made: %s", in.rows[0].Reason)
		}
		return in.works[0], in.rows[0].Reason, nil
	})
}

// again is the event that makes a resolved alert anew: what the first event showed and
// what the alert became, without what was said about that one event.
func again(v store.AlertView, by core.UserID) core.Event {
	a, ev := v.Alert, v.First
	ev.Type, ev.Key, ev.Summary, ev.Details = core.EventAlert, a.Key, a.Summary, a.Details
	ev.Priority, ev.Severity = a.Priority, a.Severity
	ev.By, ev.Policy, ev.Again = by, a.Policy, a.ID
	ev.Raw, ev.Remarks, ev.Comments = nil, nil, nil
	return ev
}

// command runs a verb in one transaction with its audit line, which comes first: the same
// interaction again finds it there before anything else is asked, and does nothing. fn
// returns the alert that the verb is about.
func (e *Engine) command(ctx context.Context, c Command, fn func(tx *store.Tx, u *unit) (*work, string, error)) (Done, error) {
	if c.Once == "" {
		c.Once = "command/" + rand.Text() // tells what became of it, should the answer to COMMIT be lost
	}
	var w *work
	var note string
	err := e.decide(ctx, func(tx *store.Tx, u *unit) error {
		err := tx.Audit(ctx, store.AuditLine{At: u.now, Actor: c.Actor, Action: verb(c.Input), Object: object(c.Alert), Once: c.Once})
		if err != nil {
			return err
		}
		w, note, err = fn(tx, u)
		return err
	})
	switch {
	case err == nil:
		return Done{Alert: w.alert, Note: note}, nil
	case errors.Is(err, store.ErrUnknown):
		return e.unknown(ctx, c, Done{Alert: w.alert, Note: note}, err)
	case store.ClassOf(err) == store.Refused:
		return Done{}, &core.Error{Kind: core.Invalid, Text: "This text cannot be stored.", Err: err}
	case core.KindOf(err) == core.Denied:
		e.auditDenied(ctx, c, err)
	}
	if refusal, ok := errors.AsType[*core.Error](err); ok && refusal.Code == "ONCE" {
		return e.found(ctx, c)
	}
	return Done{}, err
}

// unknown answers a verb whose COMMIT was not answered: its audit line tells whether it
// was done.
func (e *Engine) unknown(ctx context.Context, c Command, done Done, cause error) (Done, error) {
	var acted bool
	err := e.DB.View(ctx, func(tx *store.Tx) (err error) {
		acted, err = tx.Acted(ctx, c.Once)
		return err
	})
	if err == nil && acted {
		return done, nil
	}
	return Done{}, &core.Error{Kind: core.Unavailable, Text: "The database did not answer.", Err: cause,
		Do: "Look at the alert in a moment: it may have been done all the same."}
}

// found is the answer to an interaction that was handled before: the alert as it is, or
// the one that was made again.
func (e *Engine) found(ctx context.Context, c Command) (done Done, err error) {
	err = e.DB.View(ctx, func(tx *store.Tx) error {
		v, err := tx.AlertView(ctx, c.Alert)
		if err != nil {
			return err
		}
		done.Alert = v.Alert
		if c.Input != nil {
			return nil
		}
		return e.madeAgain(ctx, tx, &done.Alert)
	})
	return done, err
}

// latestAlerts is how many alerts of a source are looked through for the one made again:
// a platform repeats an interaction within seconds.
const latestAlerts = 50

func (e *Engine) madeAgain(ctx context.Context, tx *store.Tx, a *core.Alert) error {
	latest, err := tx.ListAlerts(ctx, store.AlertFilter{Sources: []core.SourceID{a.Source}, Limit: latestAlerts})
	if err != nil {
		return err
	}
	for _, candidate := range latest {
		if candidate.ID <= a.ID || candidate.Key != a.Key {
			continue
		}
		v, err := tx.AlertView(ctx, candidate.ID)
		if err != nil {
			return err
		}
		if v.First.Again == a.ID {
			*a = v.Alert
			return nil
		}
	}
	return nil
}

func (e *Engine) auditDenied(ctx context.Context, c Command, cause error) {
	err := e.DB.Tx(ctx, func(tx *store.Tx) error {
		return tx.Audit(ctx, store.AuditLine{At: e.Now(), Actor: c.Actor, Action: verb(c.Input) + " refused", Object: object(c.Alert), Detail: cause.Error()})
	})
	if err != nil {
		e.log.Error("audit a refusal", "alert", c.Alert, "actor", c.Actor, "err", err)
	}
}

// verb is an input's name, for the audit; what has none is Again.
func verb(in core.Input) string {
	if in == nil {
		return "Again"
	}
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
		return in, env, nil
	case assign.Schedule != 0:
		s, known := u.snap.Schedules[assign.Schedule]
		if !known {
			return nil, env, core.Errorf(core.NotFound, "there is no such schedule")
		}
		b, on := u.snap.because(assign.Schedule, u.now)
		if !on {
			return nil, env, core.Errorf(core.Conflict, "nobody is on call on %s now", s.Name)
		}
		assign.Calls = []core.Because{b}
	case assign.Policy != 0:
		if _, known := u.snap.Policies[assign.Policy]; !known {
			return nil, env, core.Errorf(core.NotFound, "there is no such policy")
		}
		env = u.env(a.Source, assign.Policy)
	}
	return assign, env, nil
}
