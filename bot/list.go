package bot

import (
	"context"
	"slices"
	"strconv"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

// listed is how many alerts a list shows.
const listed = 20

func listOpen(ctx context.Context, c *call) (Reply, error) {
	return c.listing(ctx, store.AlertFilter{Statuses: open, Limit: listed}, "open", "Nothing is open.")
}

func listMine(ctx context.Context, c *call) (Reply, error) {
	f := store.AlertFilter{Statuses: open, Responders: []core.UserID{c.user.ID}, Limit: listed}
	return c.listing(ctx, f, "open and yours", "Nothing open is yours.")
}

// listing shows alerts a line each, newest first.
func (c *call) listing(ctx context.Context, f store.AlertFilter, what, none string) (Reply, error) {
	alerts, total, more, err := c.seen(ctx, f)
	if err != nil {
		return Reply{}, err
	}
	switch {
	case len(alerts) == 0 && more:
		return answer(say("None of the {} newest is yours to see.", count(looked))), nil
	case len(alerts) == 0:
		return answer(plain(none)), nil
	}
	head := say("{} alerts are {}.", plain(countWord(total)), plain(what))
	switch {
	case more:
		head = say("At least {} alerts are {}.", plain(countWord(total)), plain(what))
	case total == 1:
		head = say("One alert is {}.", plain(what))
	}
	var lines []Text
	for _, a := range alerts {
		lines = append(lines, c.listLine(a))
	}
	if total > int64(len(alerts)) {
		lines = append(lines, say("The {} newest are shown.", count(len(alerts))))
	}
	r := answer(head, lines...)
	if len(alerts) == 1 {
		a := alerts[0]
		r.Card.Actions = []Action{{Action: actionFor("show", a.ID), Label: "Show", Style: Default}}
		if a.Status == core.Pending {
			r.Card.Actions = slices.Insert(r.Card.Actions, 0, Action{Action: actionFor("accept", a.ID), Label: "Accept", Style: Primary})
		}
	}
	return r, nil
}

func countWord(n int64) string { return strconv.FormatInt(n, 10) }

// listLine is one alert of a list: number, state, summary, who.
func (c *call) listLine(a core.Alert) Text {
	s := scene{now: c.now, source: c.snap.Sources[a.Source]}
	s.Alert = a
	users, _ := s.paged()
	var state, who Text
	switch {
	case a.MergedInto != 0:
		state = say("part of {}", number(a.MergedInto))
	case s.snoozed():
		state = say("💤 snoozed until {}", clock(a.SnoozedUntil))
	case a.Status == core.Accepted:
		state = say("🟠 accepted by {} {}", s.owner(), clock(s.acceptedAt()))
	case len(users) > 0:
		state, who = plain("🔴 pending"), say("paging {}", people(users))
	default:
		state = plain("🔴 pending")
	}
	return dotted(number(a.ID), state, summary(a), who, say("since {}", clock(a.CreatedAt)))
}

// looked is how many alerts a list looks through for those that the person may see.
const looked = 1000

// seen are the alerts of a filter that the person may see, up to its limit, and how many
// there are; more tells that there may be others.
func (c *call) seen(ctx context.Context, f store.AlertFilter) (alerts []core.Alert, total int64, more bool, err error) {
	all := c.seesAll()
	most := f.Limit
	if !all {
		f.Limit = looked
	}
	err = c.engine.DB.View(ctx, func(tx *store.Tx) (err error) {
		if alerts, err = tx.ListAlerts(ctx, f); err != nil || !all {
			return err
		}
		total, err = tx.CountAlerts(ctx, f)
		return err
	})
	if err != nil || all {
		return alerts, total, false, err
	}
	more = len(alerts) == looked
	alerts = slices.DeleteFunc(alerts, func(a core.Alert) bool { return c.snap.Sees(c.user.ID, core.OpLookUp, a) != nil })
	return alerts[:min(len(alerts), most)], int64(len(alerts)), more, nil
}

// seesAll tells whether no alert can be hidden from the person, which is so for most where
// no team is private.
func (c *call) seesAll() bool {
	viewer := c.snap.Viewer(c.user.ID)
	for id := range c.snap.Teams {
		if core.May(viewer, core.OpLookUp, c.snap.Owners(id)...) != nil {
			return false
		}
	}
	return core.May(viewer, core.OpLookUp) == nil
}

// list reads alerts; whom they may be shown to is the caller's to ask.
func (c *call) list(ctx context.Context, f store.AlertFilter) (alerts []core.Alert, err error) {
	err = c.engine.DB.View(ctx, func(tx *store.Tx) error {
		alerts, err = tx.ListAlerts(ctx, f)
		return err
	})
	return alerts, err
}

// look reads one alert that the person may see.
func (c *call) look(ctx context.Context, id core.AlertID) (v store.AlertView, err error) {
	err = c.engine.DB.View(ctx, func(tx *store.Tx) error {
		v, err = tx.AlertView(ctx, id)
		return err
	})
	if err != nil {
		return v, err
	}
	if err := c.snap.Sees(c.user.ID, core.OpLookUp, v.Alert); err != nil {
		return store.AlertView{}, core.Errorf(core.NotFound, "There is no alert %d.", id)
	}
	return v, nil
}
