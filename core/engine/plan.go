package engine

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/config"
	"github.com/watchbell/watchbell/schedules"
	"github.com/watchbell/watchbell/store"
)

// Plan compares what is there with what a file wants. It changes nothing.
func (e *Engine) Plan(ctx context.Context, want config.Set, o config.DiffOptions) (config.Plan, error) {
	snap, err := e.refresh(ctx)
	if err != nil {
		return config.Plan{}, err
	}
	p := config.Diff(snap.Config(), want, o)
	p.Version, p.Hash = snap.Version, want.Hash
	return p, nil
}

// ApplyPlan changes the configuration in one transaction. A plan made against another
// version than the database has now is core.Conflict: make it again.
func (e *Engine) ApplyPlan(ctx context.Context, p config.Plan, actor string) error {
	now := e.Now()
	err := e.DB.Tx(ctx, func(tx *store.Tx) error {
		version, err := tx.BumpVersion(ctx)
		if err != nil {
			return fmt.Errorf("raise the version: %w", err)
		}
		if version-1 != p.Version {
			return &core.Error{Kind: core.Conflict, Text: "the configuration was changed by somebody else meanwhile",
				Do: "Plan again; what was changed shows in the new plan."}
		}
		snap, err := e.load(ctx, tx)
		if err != nil {
			return err
		}
		a, err := e.newApplier(ctx, tx, snap, now)
		if err != nil {
			return err
		}
		if err := a.unlinkStale(ctx, p.Changes); err != nil {
			return err
		}
		for _, c := range inOrder(p.Changes) {
			if err := a.change(ctx, c, actor); err != nil {
				return fmt.Errorf("%s %s %s: %w", c.Op, c.Ref.Kind, c.Ref.Name, err)
			}
		}
		after, err := e.sound(ctx, a, p.Changes)
		if err != nil {
			return err
		}
		if err := armHours(ctx, tx, a.snap, after, now); err != nil {
			return err
		}
		if p.Hash == "" {
			return nil
		}
		return tx.SetApplied(ctx, p.Hash, now)
	})
	if errors.Is(err, store.ErrUnknown) {
		return &core.Error{Kind: core.Unavailable, Text: "the database did not answer", Err: err,
			Do: "Plan again: it shows whether this was applied."}
	}
	if err != nil {
		return err
	}
	e.lanes[store.LaneStep].wake() // hours may have turned
	if _, err := e.reload(ctx); err != nil {
		e.log.Warn("read the configuration that was applied", "err", err)
	}
	return nil
}

// inOrder is the plan's order, but sources are deleted first: a renamed one brings its key
// along, and what still names one is refused in the end.
func inOrder(changes []config.Change) []config.Change {
	sorted := slices.Clone(changes)
	slices.SortStableFunc(sorted, func(a, b config.Change) int { return first(a) - first(b) })
	return sorted
}

func first(c config.Change) int {
	if c.Op == config.Delete && c.Ref.Kind == string(store.Sources) {
		return 0
	}
	return 1
}

// applier turns named objects into rows: names become ids as objects are made.
type applier struct {
	tx   *store.Tx
	snap *Snapshot
	keys sealer
	now  time.Time
	have map[config.Ref]config.Object
	ids  map[config.Ref]int64
	rows map[config.Ref]store.Object

	missing []config.Ref // what a change names and is not there
}

// newApplier is about the configuration as it is in the transaction.
func (e *Engine) newApplier(ctx context.Context, tx *store.Tx, snap *Snapshot, now time.Time) (*applier, error) {
	a := &applier{tx: tx, snap: snap, keys: e.keys, now: now, have: config.Index(snap.Config()), ids: map[config.Ref]int64{}, rows: map[config.Ref]store.Object{}}
	for _, k := range []store.Kind{store.Users, store.Teams, store.SupportHours, store.Schedules, store.Policies, store.Sources, store.Heartbeats, store.Maintenance} {
		rows, err := tx.Objects(ctx, k)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			ref := config.Ref{Kind: string(k), Name: r.Name}
			a.ids[ref], a.rows[ref] = r.ID, r
		}
	}
	return a, nil
}

func (a *applier) change(ctx context.Context, c config.Change, actor string) error {
	err := a.tx.Audit(ctx, store.AuditLine{At: a.now, Actor: actor, Action: string(c.Op), Object: c.Ref.Kind + ":" + c.Ref.Name, Detail: differences(c.Fields)})
	if err != nil {
		return err
	}
	k := store.Kind(c.Ref.Kind)
	row := a.rows[c.Ref]
	row.Name, row.Origin, row.UpdatedAt = c.Ref.Name, c.Origin, a.now
	if row.ID == 0 {
		row.CreatedAt = a.now
	}
	switch c.Op {
	case config.Delete:
		return a.remove(ctx, k, c.Ref)
	case config.Adopt:
		return a.tx.PutObject(ctx, k, &row)
	}
	want := c.Want
	if want.User == nil { // of a user, spec and identities know what is the person's own
		want = config.Keep(a.have[c.Ref], want)
	}
	spec, err := a.spec(ctx, want, row)
	if err != nil {
		return err
	}
	if len(a.missing) > 0 {
		return core.Errorf(core.Invalid, "%s names %s, which is not there", sayRef(c.Ref), sayRef(a.missing[0]))
	}
	if row.Spec, err = json.Marshal(spec); err != nil {
		return err
	}
	if c.Want.Source != nil {
		if err := a.key(c.Want.Source.Key, c.Want.Source.Type, &row); err != nil {
			return err
		}
	}
	if c.Want.Heartbeat != nil {
		if err := a.key(c.Want.Heartbeat.Key, beatHint, &row); err != nil {
			return err
		}
	}
	if err := a.tx.PutObject(ctx, k, &row); err != nil {
		return err
	}
	a.ids[c.Ref], a.rows[c.Ref] = row.ID, row
	if c.Want.Heartbeat != nil {
		return heartbeatChanged(ctx, a.tx, core.HeartbeatID(row.ID), a.now)
	}
	if c.Want.User != nil {
		return a.identities(ctx, *c.Want.User, core.UserID(row.ID), c.Origin)
	}
	return nil
}

func (a *applier) remove(ctx context.Context, k store.Kind, ref config.Ref) error {
	id, ok := a.ids[ref]
	switch {
	case !ok && k == store.Maintenance:
		return nil // it went with its last source
	case !ok:
		return core.Errorf(core.NotFound, "there is no %s", sayRef(ref))
	}
	if k == store.Sources {
		if err := a.forgetSource(ctx, core.SourceID(id)); err != nil {
			return err
		}
	}
	if k == store.Users {
		if err := a.freeOfOverrides(core.UserID(id)); err != nil {
			return err
		}
	}
	if k == store.Heartbeats {
		if err := heartbeatGone(ctx, a.tx, core.HeartbeatID(id)); err != nil {
			return err
		}
	}
	delete(a.ids, ref)
	delete(a.rows, ref)
	return a.tx.DeleteObject(ctx, k, id)
}

// beatHint stands in keys that are made for heartbeats.
const beatHint = "beat"

// key keeps the key an object has, takes the one that was written, or makes one. A source
// and a heartbeat never have the same: nobody could tell whose it is.
func (a *applier) key(key core.Secret, hint string, row *store.Object) error {
	if key == "" && row.ID != 0 {
		return nil
	}
	if key == "" {
		key = newKey(hint)
	}
	hash := sha256.Sum256([]byte(key.Reveal()))
	if a.taken(hash, row.ID) {
		return core.Errorf(core.Conflict, "Another source or heartbeat monitor has the integration key of %q.", row.Name)
	}
	row.KeyHash = hash[:]
	row.KeySealed = a.keys.seal(key, row.KeyHash)
	return nil
}

// taken tells whether another object has the key already.
func (a *applier) taken(hash [sha256.Size]byte, own int64) bool {
	for _, r := range a.rows {
		if r.ID != own && bytes.Equal(r.KeyHash, hash[:]) {
			return true
		}
	}
	return false
}

// spec is the object as it is stored: with ids instead of names.
func (a *applier) spec(ctx context.Context, o config.Object, row store.Object) (any, error) {
	switch {
	case o.User != nil:
		return a.user(*o.User, row)
	case o.Team != nil:
		t := core.Team{Name: o.Team.Name, Private: o.Team.Private}
		for _, m := range o.Team.Members {
			t.Members = append(t.Members, core.TeamMember{User: core.UserID(a.id(store.Users, m.User)), Role: m.Role})
		}
		return t, nil
	case o.SupportHours != nil:
		h := o.SupportHours.SupportHours
		h.Teams = idsOf[core.TeamID](a, store.Teams, o.SupportHours.TeamNames)
		return h, nil
	case o.Schedule != nil:
		return a.schedule(ctx, *o.Schedule)
	case o.Policy != nil:
		return a.policy(*o.Policy), nil
	case o.Heartbeat != nil:
		return a.heartbeat(*o.Heartbeat), nil
	case o.Maintenance != nil:
		return a.maintenance(*o.Maintenance, row)
	}
	return a.source(ctx, *o.Source)
}

// user keeps what is the person's own: mute, and preferences that the file does not set.
func (a *applier) user(w config.User, row store.Object) (core.User, error) {
	var have core.User
	if row.ID != 0 {
		if err := json.Unmarshal(row.Spec, &have); err != nil {
			return have, err
		}
	}
	u := core.User{Username: w.Username, FirstName: w.FirstName, LastName: w.LastName, Email: w.Email,
		Timezone: w.Timezone, Position: w.Position, Role: w.Role, Notify: w.Notify, MutedTo: have.MutedTo}
	if u.Notify == nil {
		u.Notify = have.Notify
	}
	return u, nil
}

func (a *applier) schedule(ctx context.Context, w config.Schedule) (schedules.Schedule, error) {
	s := schedules.Schedule{Name: w.Name, Timezone: w.Timezone, Kind: w.Kind, Teams: idsOf[core.TeamID](a, store.Teams, w.Teams)}
	for _, l := range w.Layers {
		s.Layers = append(s.Layers, schedules.Layer{Name: l.Name, StartsOn: l.StartsOn, EndsOn: l.EndsOn, Rotation: l.Rotation,
			Users: idsOf[core.UserID](a, store.Users, l.Users), Restrictions: l.Restrictions})
	}
	for _, sh := range w.Shifts {
		s.Shifts = append(s.Shifts, schedules.StaticShift{User: core.UserID(a.id(store.Users, sh.User)), Start: sh.Start, End: sh.End})
	}
	var err error
	s.Conversations, err = a.conversations(ctx, w.Conversations)
	return s, err
}

func (a *applier) policy(w config.Policy) core.Policy {
	p := core.Policy{Name: w.Name, Repeating: w.Repeating, Frequency: w.Frequency, Delay: w.Delay,
		AcceptTimeout: w.AcceptTimeout, RoutingKey: w.RoutingKey, Teams: idsOf[core.TeamID](a, store.Teams, w.Teams)}
	for _, r := range w.Rules {
		p.Rules = append(p.Rules, core.Rule{Timeout: r.Timeout, Users: idsOf[core.UserID](a, store.Users, r.Users),
			Schedules: idsOf[core.ScheduleID](a, store.Schedules, r.Schedules), Teams: idsOf[core.TeamID](a, store.Teams, r.Teams)})
	}
	return p
}

func (a *applier) source(ctx context.Context, w config.Source) (core.Source, error) {
	s := core.Source{Name: w.Name, Type: w.Type, Policy: core.PolicyID(a.id(store.Policies, w.Policy)),
		Creation: w.Creation, Window: w.Window, AutoResolve: w.AutoResolve, PriorityRule: w.PriorityRule,
		SupportHours: core.SupportHoursID(a.id(store.SupportHours, w.SupportHours)), AutoRaise: w.AutoRaise,
		Severity: w.Severity, Inactive: w.Inactive, Shadow: w.Shadow, Teams: idsOf[core.TeamID](a, store.Teams, w.Teams)}
	var err error
	s.Conversations, err = a.conversations(ctx, w.Conversations)
	return s, err
}

func (a *applier) conversations(ctx context.Context, names []config.Conversation) ([]core.ConversationID, error) {
	var ids []core.ConversationID
	for _, n := range names {
		c, err := a.tx.EnsureConversation(ctx, core.Conversation{Platform: n.Platform, Ref: n.Name, Name: n.Name})
		if err != nil {
			return nil, err
		}
		ids = append(ids, c.ID)
	}
	return ids, nil
}

// id is the id of what a name stands for; 0 for no name. A name of nothing is remembered.
func (a *applier) id(k store.Kind, name string) int64 {
	ref := config.Ref{Kind: string(k), Name: name}
	id, ok := a.ids[ref]
	if !ok && name != "" {
		a.missing = append(a.missing, ref)
	}
	return id
}

func idsOf[T ~int64](a *applier, k store.Kind, names []string) []T {
	var ids []T
	for _, n := range names {
		ids = append(ids, T(a.id(k, n)))
	}
	return ids
}

func differences(fields []config.Field) string {
	var b strings.Builder
	for _, f := range fields {
		fmt.Fprintf(&b, "%s: %s -> %s\n", f.Path, f.Have, f.Want)
	}
	return b.String()
}

// Applied tells when a file of this content was applied here; zero if never.
func (e *Engine) Applied(ctx context.Context, hash string) (at time.Time, err error) {
	err = e.DB.View(ctx, func(tx *store.Tx) (err error) {
		at, err = tx.Applied(ctx, hash)
		return err
	})
	return at, err
}
