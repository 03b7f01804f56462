package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/config"
	"github.com/watchbell/watchbell/schedules"
	"github.com/watchbell/watchbell/store"
)

// Edit is a change of configuration that a person makes in chat or through the API: who,
// and what the audit says of it.
type Edit struct {
	Actor  string // user:12, key:3, webchat:ana, cli
	Action string // mute
	Object string // user:ana
	Detail string
	Once   string // the interaction's id: the same one acts once
	Chat   bool   // from chat; else through the API
}

func (b Edit) origin() string {
	if b.Chat {
		return "chat"
	}
	return config.OriginAPI
}

// edit changes the configuration in one transaction with its audit line. fn sees it as it
// is in that transaction, which nobody else changes meanwhile. An interaction that was
// handled before is no error and changes nothing.
func (e *Engine) edit(ctx context.Context, by Edit, fn func(ctx context.Context, tx *store.Tx, snap *Snapshot, now time.Time) error) error {
	now := e.Now()
	err := e.DB.Tx(ctx, func(tx *store.Tx) error {
		line := store.AuditLine{At: now, Actor: by.Actor, Action: by.Action, Object: by.Object, Detail: by.Detail, Once: by.Once}
		if err := tx.Audit(ctx, line); err != nil {
			return err
		}
		if _, err := tx.BumpVersion(ctx); err != nil {
			return fmt.Errorf("raise the version: %w", err)
		}
		snap, err := e.load(ctx, tx)
		if err != nil {
			return err
		}
		return fn(ctx, tx, snap, now)
	})
	if refusal, ok := errors.AsType[*core.Error](err); ok && refusal.Code == "ONCE" {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = e.reload(ctx)
	return err
}

// Managed refuses a change of what a file made: core.Conflict with the code
// MANAGED_BY_FILE, and where to change it.
func (s *Snapshot) Managed(ref config.Ref) error {
	place, ok := strings.CutPrefix(s.Origins[ref], "file:")
	if !ok {
		return nil
	}
	return &core.Error{Kind: core.Conflict, Code: "MANAGED_BY_FILE",
		Text: fmt.Sprintf("%s is defined in %s; change it there.", ref.Name, place)}
}

// SetMute keeps pages from a user until an instant; a zero one ends that. It is the
// person's own, whatever made the rest of them.
func (e *Engine) SetMute(ctx context.Context, id core.UserID, until time.Time, by Edit) error {
	return e.edit(ctx, by, func(ctx context.Context, tx *store.Tx, snap *Snapshot, now time.Time) error {
		rows, err := tx.Objects(ctx, store.Users)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if row.ID != int64(id) {
				continue
			}
			u := snap.Users[id]
			u.MutedTo = until
			if !until.IsZero() {
				u.MutedTo = until.UTC().Truncate(time.Second)
			}
			if row.Spec, err = json.Marshal(u); err != nil {
				return err
			}
			row.UpdatedAt = now
			return tx.PutObject(ctx, store.Users, &row)
		}
		return core.Errorf(core.NotFound, "There is no user %d.", id)
	})
}

// PutHours makes support hours (ID 0) or replaces them, and returns them as they are kept.
// Sources whose hours turn to HIGH by it raise what waits LOW. Rights are the caller's to
// check. What a file made is core.Conflict.
func (e *Engine) PutHours(ctx context.Context, h schedules.SupportHours, by Edit) (schedules.SupportHours, error) {
	if wrong := schedules.ValidateHours(h); len(wrong) > 0 {
		return h, core.Errorf(core.Invalid, "%s: %s", wrong[0].Path, wrong[0].Text)
	}
	var made schedules.SupportHours
	err := e.edit(ctx, by, func(ctx context.Context, tx *store.Tx, snap *Snapshot, now time.Time) error {
		made = h
		row := store.Object{ID: int64(h.ID), Name: h.Name, Origin: by.origin(), CreatedAt: now, UpdatedAt: now}
		have, there := snap.Hours[h.ID]
		if h.ID != 0 && !there {
			return core.Errorf(core.NotFound, "There are no support hours %d.", h.ID)
		}
		if err := snap.Managed(config.Ref{Kind: config.SupportHour, Name: have.Name}); there && err != nil {
			return err
		}
		spec, err := json.Marshal(h)
		if err != nil {
			return err
		}
		row.Spec = spec
		if err := tx.PutObject(ctx, store.SupportHours, &row); err != nil {
			return err
		}
		made.ID = core.SupportHoursID(row.ID)
		after, err := e.load(ctx, tx)
		if err != nil {
			return err
		}
		return armHours(ctx, tx, snap, after, now)
	})
	if err == nil {
		e.lanes[store.LaneStep].wake()
	}
	return made, err
}

// DeleteHours deletes support hours. What a source still uses is core.Conflict, with the
// list.
func (e *Engine) DeleteHours(ctx context.Context, id core.SupportHoursID, by Edit) error {
	return e.edit(ctx, by, func(ctx context.Context, tx *store.Tx, snap *Snapshot, _ time.Time) error {
		h, ok := snap.Hours[id]
		if !ok {
			return core.Errorf(core.NotFound, "There are no support hours %d.", id)
		}
		ref := config.Ref{Kind: config.SupportHour, Name: h.Name}
		if err := snap.Managed(ref); err != nil {
			return err
		}
		if users := snap.using(ref.Kind, int64(id)); len(users) > 0 {
			return &core.Error{Kind: core.Conflict, Text: fmt.Sprintf("%s is still used by %s.", sayRef(ref), strings.Join(users, ", ")),
				Do: "Take it out there first."}
		}
		return tx.DeleteObject(ctx, store.SupportHours, int64(id))
	})
}
