package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/config"
	"github.com/watchbell/watchbell/store"
)

// SaveHeartbeat makes (ID 0) or replaces a heartbeat for the API and returns it as it is
// now. The key stays if there is one and none is given. What a file made is core.Conflict
// with the code MANAGED_BY_FILE; so is a name or key that another has.
func (e *Engine) SaveHeartbeat(ctx context.Context, want core.Heartbeat, key core.Secret, actor string) (Heartbeat, error) {
	if _, err := compiled(want); err != nil {
		return Heartbeat{}, err
	}
	now, id := e.Now(), want.ID
	err := e.edit(ctx, func(tx *store.Tx, a *applier) error {
		row := store.Object{ID: int64(want.ID), Name: want.Name, Origin: config.OriginAPI, CreatedAt: now, UpdatedAt: now}
		action := "create"
		if want.ID != 0 {
			have, err := a.editable(store.Heartbeats, int64(want.ID))
			if err != nil {
				return err
			}
			row.KeyHash, row.KeySealed, action = have.KeyHash, have.KeySealed, "update"
		}
		var err error
		if row.Spec, err = json.Marshal(want); err != nil {
			return err
		}
		if err := a.key(key, beatHint, &row); err != nil {
			return err
		}
		if err := tx.PutObject(ctx, store.Heartbeats, &row); err != nil {
			return err
		}
		id = core.HeartbeatID(row.ID)
		if err := heartbeatChanged(ctx, tx, id, now); err != nil {
			return err
		}
		return tx.Audit(ctx, heartbeatAudit(now, actor, action, want.Name))
	})
	return e.Snapshot().Heartbeats[id], err
}

// DeleteHeartbeat deletes one, with the same refusals.
func (e *Engine) DeleteHeartbeat(ctx context.Context, id core.HeartbeatID, actor string) error {
	return e.edit(ctx, func(tx *store.Tx, a *applier) error {
		have, err := a.editable(store.Heartbeats, int64(id))
		if err != nil {
			return err
		}
		if err := heartbeatGone(ctx, tx, id); err != nil {
			return err
		}
		if err := tx.DeleteObject(ctx, store.Heartbeats, int64(id)); err != nil {
			return err
		}
		return tx.Audit(ctx, heartbeatAudit(a.now, actor, "delete", have.Name))
	})
}

func heartbeatAudit(now time.Time, actor, action, name string) store.AuditLine {
	return store.AuditLine{At: now, Actor: actor, Action: action, Object: "heartbeats:" + name}
}

// edit changes the configuration in one transaction and publishes it.
func (e *Engine) edit(ctx context.Context, change func(tx *store.Tx, a *applier) error) error {
	err := e.DB.Tx(ctx, func(tx *store.Tx) error {
		if _, err := tx.BumpVersion(ctx); err != nil {
			return fmt.Errorf("raise the version: %w", err)
		}
		a, err := e.newApplier(ctx, tx, e.Now())
		if err != nil {
			return err
		}
		return change(tx, a)
	})
	if err != nil {
		return err
	}
	_, err = e.reload(ctx)
	return err
}

// editable is the row of an object that API and chat may change: one that no file made.
func (a *applier) editable(k store.Kind, id int64) (store.Object, error) {
	for ref, row := range a.rows {
		if ref.Kind != string(k) || row.ID != id {
			continue
		}
		if place, ok := strings.CutPrefix(row.Origin, "file:"); ok {
			return row, &core.Error{Kind: core.Conflict, Code: "MANAGED_BY_FILE",
				Text: fmt.Sprintf("%s is defined in %s.", row.Name, place), Do: "Change it there and apply the file."}
		}
		return row, nil
	}
	return store.Object{}, core.Errorf(core.NotFound, "There is no such thing.")
}
