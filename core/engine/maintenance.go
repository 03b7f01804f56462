package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/config"
	"github.com/watchbell/watchbell/store"
)

// InMaintenance tells whether any window covers the source at an instant.
func (s *Snapshot) InMaintenance(src core.SourceID, at time.Time) bool {
	for _, m := range s.Maintenance {
		if m.Covers(src, at) {
			return true
		}
	}
	return false
}

// PutMaintenance makes a window (ID 0) or replaces one, and returns it as it is kept.
// Rights are the caller's to check. What a file made is core.Conflict.
func (e *Engine) PutMaintenance(ctx context.Context, m core.Maintenance, by Edit) (core.Maintenance, error) {
	m.Start, m.End = m.Start.UTC().Truncate(time.Second), m.End.UTC().Truncate(time.Second)
	if err := m.Validate(); err != nil {
		return m, err
	}
	var made core.Maintenance
	err := e.edit(ctx, by, func(ctx context.Context, tx *store.Tx, snap *Snapshot, now time.Time) error {
		made = m
		return putMaintenance(ctx, tx, snap, &made, by.origin(), now)
	})
	return made, err
}

// EndMaintenance ends the maintenance of one source that runs now and returns the windows
// that it ended or that the source left; none: nothing ran. A window of a file that runs
// is core.Conflict, and then nothing is changed.
func (e *Engine) EndMaintenance(ctx context.Context, src core.SourceID, by Edit) (ended []core.Maintenance, err error) {
	err = e.edit(ctx, by, func(ctx context.Context, tx *store.Tx, snap *Snapshot, now time.Time) error {
		ended = nil
		for _, m := range byID(snap.Maintenance) {
			if !m.Covers(src, now) {
				continue
			}
			ended = append(ended, m)
			if err := snap.leaveMaintenance(ctx, tx, m, src, now); err != nil {
				return err
			}
		}
		return nil
	})
	return ended, err
}

func (s *Snapshot) leaveMaintenance(ctx context.Context, tx *store.Tx, m core.Maintenance, src core.SourceID, now time.Time) error {
	left, ok := m.Without(src, now.Truncate(time.Second))
	if !ok {
		return s.dropMaintenance(ctx, tx, m)
	}
	origin := s.Origins[config.Ref{Kind: config.Maintenances, Name: m.Name}]
	return putMaintenance(ctx, tx, s, &left, origin, now)
}

// DeleteMaintenance deletes a window; core.NotFound if there is none.
func (e *Engine) DeleteMaintenance(ctx context.Context, id core.MaintenanceID, by Edit) error {
	return e.edit(ctx, by, func(ctx context.Context, tx *store.Tx, snap *Snapshot, _ time.Time) error {
		m, ok := snap.Maintenance[id]
		if !ok {
			return core.Errorf(core.NotFound, "There is no maintenance window %d.", id)
		}
		return snap.dropMaintenance(ctx, tx, m)
	})
}

func (s *Snapshot) dropMaintenance(ctx context.Context, tx *store.Tx, m core.Maintenance) error {
	if err := s.Managed(config.Ref{Kind: config.Maintenances, Name: m.Name}); err != nil {
		return err
	}
	return tx.DeleteObject(ctx, store.Maintenance, int64(m.ID))
}

// putMaintenance writes a window under a name that no other has, and gives it its id.
func putMaintenance(ctx context.Context, tx *store.Tx, snap *Snapshot, m *core.Maintenance, origin string, now time.Time) error {
	for _, src := range m.Sources {
		if _, ok := snap.Sources[src]; !ok {
			return core.Errorf(core.Invalid, "alertSources: there is no alert source %d.", src)
		}
	}
	row := store.Object{ID: int64(m.ID), Origin: origin, CreatedAt: now, UpdatedAt: now}
	if m.ID != 0 {
		have, ok := snap.Maintenance[m.ID]
		if !ok {
			return core.Errorf(core.NotFound, "There is no maintenance window %d.", m.ID)
		}
		if err := snap.Managed(config.Ref{Kind: config.Maintenances, Name: have.Name}); err != nil {
			return err
		}
		m.By = have.By
	}
	m.Summary = strings.Join(strings.Fields(m.Title()), " ")
	m.Name = snap.freeName(m.Summary, m.ID)
	row.Name = m.Name
	spec, err := json.Marshal(m)
	if err != nil {
		return err
	}
	row.Spec = spec
	if err := tx.PutObject(ctx, store.Maintenance, &row); err != nil {
		return err
	}
	m.ID = core.MaintenanceID(row.ID)
	return nil
}

// freeName is a summary as a name: with a number if another window has it.
func (s *Snapshot) freeName(summary string, id core.MaintenanceID) string {
	taken := map[string]bool{}
	for _, m := range s.Maintenance {
		if m.ID != id {
			taken[m.Name] = true
		}
	}
	name := summary
	for n := 2; taken[name]; n++ {
		name = fmt.Sprintf("%s (%d)", summary, n)
	}
	return name
}

// maintenance is a window as a file writes it. Who made it stays.
func (a *applier) maintenance(w config.Maintenance, row store.Object) (core.Maintenance, error) {
	var have core.Maintenance
	if row.ID != 0 && len(row.Spec) > 0 {
		if err := json.Unmarshal(row.Spec, &have); err != nil {
			return have, err
		}
	}
	return core.Maintenance{Name: w.Name, Description: w.Description, Timezone: w.Timezone, Start: w.Start, End: w.End,
		Sources: idsOf[core.SourceID](a, store.Sources, w.Sources), By: have.By}, nil
}

// forgetSource takes a source that is deleted out of all windows; a window without sources
// goes, too.
func (a *applier) forgetSource(ctx context.Context, id core.SourceID) error {
	for _, m := range byID(a.snap.Maintenance) {
		ref := config.Ref{Kind: config.Maintenances, Name: m.Name}
		row, there := a.rows[ref]
		if a.ids[ref] == 0 || !there || !slices.Contains(m.Sources, id) {
			continue
		}
		if err := json.Unmarshal(row.Spec, &m); err != nil { // as this plan may have changed it
			return err
		}
		m.Sources = slices.DeleteFunc(m.Sources, func(s core.SourceID) bool { return s == id })
		if len(m.Sources) == 0 {
			delete(a.ids, ref)
			if err := a.tx.DeleteObject(ctx, store.Maintenance, row.ID); err != nil {
				return err
			}
			continue
		}
		var err error
		if row.Spec, err = json.Marshal(m); err != nil {
			return err
		}
		a.rows[ref] = row
		if err := a.tx.PutObject(ctx, store.Maintenance, &row); err != nil {
			return err
		}
	}
	return nil
}

func (s *Snapshot) configMaintenance(m core.Maintenance) config.Maintenance {
	c := config.Maintenance{Name: m.Name, Description: m.Description, Timezone: m.Timezone, Start: m.Start, End: m.End}
	for _, id := range m.Sources {
		if src, ok := s.Sources[id]; ok {
			c.Sources = append(c.Sources, src.Name)
		}
	}
	return c
}
