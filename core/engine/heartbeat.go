package engine

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/config"
	"github.com/watchbell/watchbell/schedules"
	"github.com/watchbell/watchbell/store"
)

// punctual is how much before its time a beat still counts for it: senders' clocks differ
// from the database's.
const punctual = 30 * time.Second

// Heartbeat is a definition with its compiled expression.
type Heartbeat struct {
	core.Heartbeat
	CreatedAt, UpdatedAt time.Time

	cron schedules.Cron
}

// Next tells when the first beat after an instant is expected; zero: never. It is the
// core.Expect of this heartbeat.
func (h Heartbeat) Next(after time.Time) time.Time {
	if h.Interval > 0 {
		return after.Add(h.Interval)
	}
	return h.cron.Next(after.Add(punctual))
}

// Expected tells when the next beat is expected and until when it is waited for, blind
// time aside; zero if none is.
func (h Heartbeat) Expected(v core.Vitals) (expected, deadline time.Time) {
	if v.State == core.NeverBeat {
		return time.Time{}, time.Time{}
	}
	return core.Deadline(v.Since, h.Next, h.Grace, nil)
}

// compiled is a definition that can be asked.
func compiled(def core.Heartbeat) (Heartbeat, error) {
	h := Heartbeat{Heartbeat: def}
	if def.Interval > 0 {
		return h, nil
	}
	var err error
	h.cron, err = schedules.ParseCron(def.Cron, def.Timezone)
	return h, err
}

func (s *Snapshot) loadHeartbeats(ctx context.Context, tx *store.Tx, keys sealer) error {
	rows, err := tx.Objects(ctx, store.Heartbeats)
	if err != nil {
		return err
	}
	s.Heartbeats = make(map[core.HeartbeatID]Heartbeat, len(rows))
	s.beatKeys = make(map[[sha256.Size]byte]core.HeartbeatID, len(rows))
	s.heartbeatKey = make(map[core.HeartbeatID]core.Secret, len(rows))
	for _, r := range rows {
		var def core.Heartbeat
		if err := json.Unmarshal(r.Spec, &def); err != nil {
			return fmt.Errorf("read heartbeat %q: %w", r.Name, err)
		}
		def.ID = core.HeartbeatID(r.ID)
		h, err := compiled(def)
		if err != nil {
			return fmt.Errorf("compile heartbeat %q: %w", r.Name, err)
		}
		h.CreatedAt, h.UpdatedAt = r.CreatedAt, r.UpdatedAt
		s.Heartbeats[def.ID] = h
		s.Origins[config.Ref{Kind: string(store.Heartbeats), Name: r.Name}] = r.Origin
		s.beatKeys[[sha256.Size]byte(r.KeyHash)] = def.ID
		if s.heartbeatKey[def.ID], err = keys.open(r.KeySealed, r.KeyHash); err != nil {
			return fmt.Errorf("read the integration key of heartbeat %q: %w", r.Name, err)
		}
	}
	return nil
}

// HeartbeatByKey finds the heartbeat with that integration key, as SourceByKey does.
func (s *Snapshot) HeartbeatByKey(key string) (Heartbeat, bool) {
	id, ok := s.beatKeys[sha256.Sum256([]byte(key))]
	return s.Heartbeats[id], ok
}

// HeartbeatKey is a heartbeat's integration key, for those who may edit it.
func (s *Snapshot) HeartbeatKey(id core.HeartbeatID) core.Secret { return s.heartbeatKey[id] }

// HeartbeatNamed finds a heartbeat.
func (s *Snapshot) HeartbeatNamed(name string) (Heartbeat, bool) {
	return named(s.Heartbeats, name, func(h Heartbeat) string { return h.Name })
}

func (s *Snapshot) configHeartbeat(h Heartbeat) config.HeartbeatMonitor {
	return config.HeartbeatMonitor{Name: h.Name, Interval: h.Interval, Cron: h.Cron, Timezone: h.Timezone, Grace: h.Grace,
		Summary: h.Summary, Source: s.Sources[h.Source].Name, Key: s.heartbeatKey[h.ID], Teams: s.teamNames(h.Teams)}
}

func (a *applier) heartbeat(w config.HeartbeatMonitor) core.Heartbeat {
	return core.Heartbeat{Name: w.Name, Interval: w.Interval, Cron: w.Cron, Timezone: w.Timezone, Grace: w.Grace, Summary: w.Summary,
		Source: core.SourceID(a.id(store.Sources, w.Source)), Teams: idsOf[core.TeamID](a, store.Teams, w.Teams)}
}

// heartbeatChanged gives a new heartbeat its vitals, and lets the step of one that changed
// look at once: its deadline may be nearer now.
func heartbeatChanged(ctx context.Context, tx *store.Tx, id core.HeartbeatID, now time.Time) error {
	if err := tx.InsertVitals(ctx, id); err != nil {
		return err
	}
	return tx.Enqueue(ctx, []store.Job{heartbeatJob(id, now)})
}

// heartbeatGone deletes what belongs to a heartbeat. An alert that it raised stays open:
// somebody has it, and nobody says that all is well.
func heartbeatGone(ctx context.Context, tx *store.Tx, id core.HeartbeatID) error {
	if err := tx.DropJobs(ctx, []store.Job{heartbeatJob(id, time.Time{})}); err != nil {
		return err
	}
	return tx.DeleteVitals(ctx, id)
}

func heartbeatJob(id core.HeartbeatID, at time.Time) store.Job {
	return store.Job{Lane: store.LaneStep, Kind: KindHeartbeat, Subject: int64(id), RunAt: at}
}

// SaveHeartbeat makes (ID 0) or replaces a heartbeat for the API and returns it as it is
// now. The key stays if there is one and none is given. What a file made is core.Conflict
// with the code MANAGED_BY_FILE; so is a name or key that another has.
func (e *Engine) SaveHeartbeat(ctx context.Context, want core.Heartbeat, key core.Secret, by Edit) (Heartbeat, error) {
	if _, err := compiled(want); err != nil {
		return Heartbeat{}, err
	}
	id := want.ID
	err := e.edit(ctx, by, func(ctx context.Context, tx *store.Tx, snap *Snapshot, now time.Time) error {
		a, err := e.newApplier(ctx, tx, snap, now)
		if err != nil {
			return err
		}
		row := store.Object{ID: int64(want.ID), Name: want.Name, Origin: by.origin(), CreatedAt: now, UpdatedAt: now}
		if want.ID != 0 {
			ref, err := snap.editableHeartbeat(want.ID)
			if err != nil {
				return err
			}
			row.KeyHash, row.KeySealed = a.rows[ref].KeyHash, a.rows[ref].KeySealed
		}
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
		return heartbeatChanged(ctx, tx, id, now)
	})
	return e.Snapshot().Heartbeats[id], err
}

// DeleteHeartbeat deletes one, with the same refusals.
func (e *Engine) DeleteHeartbeat(ctx context.Context, id core.HeartbeatID, by Edit) error {
	return e.edit(ctx, by, func(ctx context.Context, tx *store.Tx, snap *Snapshot, _ time.Time) error {
		if _, err := snap.editableHeartbeat(id); err != nil {
			return err
		}
		if err := heartbeatGone(ctx, tx, id); err != nil {
			return err
		}
		return tx.DeleteObject(ctx, store.Heartbeats, int64(id))
	})
}

// editableHeartbeat is the name of one that is there and that no file made.
func (s *Snapshot) editableHeartbeat(id core.HeartbeatID) (config.Ref, error) {
	h, ok := s.Heartbeats[id]
	if !ok {
		return config.Ref{}, core.Errorf(core.NotFound, "There is no heartbeat monitor %d.", id)
	}
	ref := config.Ref{Kind: config.Heartbeats, Name: h.Name}
	return ref, s.Managed(ref)
}
