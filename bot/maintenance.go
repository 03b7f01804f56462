package bot

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
)

// maintain begins or ends the maintenance of a source.
func maintain(ctx context.Context, c *call) (Reply, error) {
	src, ok := c.snap.SourceNamed(c.values["source"])
	if !ok || !c.sees(src.Teams) {
		return Reply{}, inField("source", c.noSuch("source", c.values["source"], c.seenSources()))
	}
	if err := core.May(c.snap.Viewer(c.user.ID), core.OpModify, c.snap.Owners(src.Teams...)...); err != nil {
		return Reply{}, err
	}
	edit := engine.Edit{Actor: c.actor(), Action: "maintenance", Object: "source:" + src.Name, Once: c.once("maintenance"), Chat: true}
	if isOff(c.values["time"]) {
		edit.Detail = "off"
		return c.endMaintenance(ctx, src, edit)
	}
	until, err := parseTime(c.values["time"], c.now, c.loc)
	if err != nil {
		return Reply{}, inField("time", err)
	}
	edit.Detail = until.UTC().Format(time.RFC3339)
	m := core.Maintenance{Summary: "Maintenance of " + src.Name + " by " + c.user.Name(), Timezone: c.loc.String(),
		Start: c.now, End: until, Sources: []core.SourceID{src.ID}, By: c.user.ID}
	if _, err := c.engine.PutMaintenance(ctx, m, edit); err != nil {
		return Reply{}, err
	}
	r := answer(say("{} is in maintenance until {}.", plain(src.Name), plain(understood(until, c.now, c.loc))),
		plain("Its events make no new alerts until then. Alerts that are open go on, and events still resolve them."))
	const room = 40 // of the 80 bytes that a button has
	if len(src.Name) <= room {
		r.Card.Actions = []Action{{Action: fmt.Sprintf("maintenance.end:0:%s", src.Name), Label: "Undo", Style: Default}}
	}
	return r, nil
}

func (c *call) endMaintenance(ctx context.Context, src core.Source, edit engine.Edit) (Reply, error) {
	ended, err := c.engine.EndMaintenance(ctx, src.ID, edit)
	switch {
	case err != nil:
		return Reply{}, err
	case len(ended) == 0:
		return answer(say("{} is in no maintenance now.", plain(src.Name)), plain("“/maintenance list” shows what is and what comes.")), nil
	}
	return answer(say("Maintenance of {} is over: its events make alerts again.", plain(src.Name))), nil
}

// undoMaintenance is the button that ends what the one before it began.
func undoMaintenance(ctx context.Context, c *call) (Reply, error) {
	c.values["time"] = "off"
	return maintain(ctx, c)
}

// listMaintenance are the windows that run, then those that come.
func listMaintenance(_ context.Context, c *call) (Reply, error) {
	var list []core.Maintenance
	for _, m := range c.snap.Maintenance {
		if !m.Over(c.now) && len(c.maintained(m)) > 0 {
			list = append(list, m)
		}
	}
	if len(list) == 0 {
		return answer(plain("No source is in maintenance, and none will be."), plain("“/maintenance SOURCE 2h” begins one.")), nil
	}
	slices.SortFunc(list, func(a, b core.Maintenance) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.ID, b.ID))
	})
	var lines []Text
	for _, m := range list[:min(len(list), listed)] {
		lines = append(lines, c.maintenanceLine(m))
	}
	if more := len(list) - listed; more > 0 {
		lines = append(lines, say("and {} more", count(more)))
	}
	return answer(plain("Maintenance"), lines...), nil
}

func (c *call) maintenanceLine(m core.Maintenance) Text {
	when := say("until {}", moment(m.End))
	if !m.Running(c.now) {
		when = say("{} – {}", moment(m.Start), moment(m.End))
	}
	return dotted(c.maintainedText(m), when, plain(m.Title()))
}

func (c *call) maintainedText(m core.Maintenance) Text {
	var out Text
	for i, name := range c.maintained(m) {
		if i > 0 {
			out = append(out, plain(", ")...)
		}
		out = append(out, bold(name)...)
	}
	return out
}

// maintained are the sources of a window that the person may see, by name.
func (c *call) maintained(m core.Maintenance) []string {
	var names []string
	for _, id := range m.Sources {
		if src, ok := c.snap.Sources[id]; ok && c.sees(src.Teams) {
			names = append(names, src.Name)
		}
	}
	slices.Sort(names)
	return names
}
