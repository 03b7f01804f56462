package engine

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/config"
	"github.com/watchbell/watchbell/schedules"
	"github.com/watchbell/watchbell/store"
)

// Snapshot is the configuration at one version: immutable, shared by all who read.
type Snapshot struct {
	Version       int64
	Installation  string
	Users         map[core.UserID]core.User
	Teams         map[core.TeamID]core.Team
	Hours         map[core.SupportHoursID]Hours
	Schedules     map[core.ScheduleID]Schedule
	Policies      map[core.PolicyID]core.Policy
	Sources       map[core.SourceID]core.Source
	Heartbeats    map[core.HeartbeatID]Heartbeat
	Maintenance   map[core.MaintenanceID]core.Maintenance
	Conversations map[core.ConversationID]core.Conversation
	Identities    []store.IdentityRow
	Origins       map[config.Ref]string // which file and line, api or chat an object came from

	people       map[core.UserID]core.Person
	accounts     map[account]core.UserID
	directs      map[direct]core.Conversation
	keys         map[[sha256.Size]byte]core.SourceID
	sourceKey    map[core.SourceID]core.Secret
	beatKeys     map[[sha256.Size]byte]core.HeartbeatID
	heartbeatKey map[core.HeartbeatID]core.Secret
	routing      map[string]core.PolicyID
	platforms    []string
}

// Schedule is a definition with its compiled calendar.
type Schedule struct {
	schedules.Schedule
	Calendar *schedules.Calendar
}

// Hours is a definition of support hours, compiled.
type Hours struct {
	schedules.SupportHours
	Compiled *schedules.Hours
}

type account struct{ platform, account string }

type direct struct {
	user     core.UserID
	platform string
}

// errStale says that a transaction saw another version of the configuration than the
// snapshot it was about to decide with.
var errStale = errors.New("the configuration changed meanwhile")

// Snapshot is the configuration as this replica knows it; transactions that depend on it
// check that it is still the database's.
func (e *Engine) Snapshot() *Snapshot { return e.snapshot.Load() }

func (e *Engine) refresh(ctx context.Context) (*Snapshot, error) {
	var version int64
	err := e.DB.View(ctx, func(tx *store.Tx) (err error) {
		version, err = tx.Version(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	if s := e.Snapshot(); s != nil && s.Version == version {
		return s, nil
	}
	return e.reload(ctx)
}

// reload reads everything in one consistent picture and publishes it, unless a newer one
// is there already.
func (e *Engine) reload(ctx context.Context) (*Snapshot, error) {
	var s *Snapshot
	err := e.DB.View(ctx, func(tx *store.Tx) (err error) {
		s, err = e.load(ctx, tx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("load the configuration: %w", err)
	}
	for {
		have := e.snapshot.Load()
		if have != nil && have.Version > s.Version {
			return have, nil
		}
		if e.snapshot.CompareAndSwap(have, s) {
			return s, nil
		}
	}
}

func (e *Engine) load(ctx context.Context, tx *store.Tx) (*Snapshot, error) {
	settings, err := tx.Settings(ctx)
	if err != nil {
		return nil, err
	}
	s := &Snapshot{
		Version: settings.Version, Installation: settings.Installation,
		Origins:       map[config.Ref]string{},
		Conversations: map[core.ConversationID]core.Conversation{},
		people:        map[core.UserID]core.Person{},
		accounts:      map[account]core.UserID{},
		directs:       map[direct]core.Conversation{},
		keys:          map[[sha256.Size]byte]core.SourceID{},
		sourceKey:     map[core.SourceID]core.Secret{},
		routing:       map[string]core.PolicyID{},
		platforms:     e.platforms,
	}
	if s.Users, err = loadKind[core.UserID](ctx, tx, s, store.Users, func(u *core.User, id int64) { u.ID = core.UserID(id) }); err != nil {
		return nil, err
	}
	if s.Teams, err = loadKind[core.TeamID](ctx, tx, s, store.Teams, func(t *core.Team, id int64) { t.ID = core.TeamID(id) }); err != nil {
		return nil, err
	}
	if s.Policies, err = loadKind[core.PolicyID](ctx, tx, s, store.Policies, func(p *core.Policy, id int64) { p.ID = core.PolicyID(id) }); err != nil {
		return nil, err
	}
	if err := s.loadCalendars(ctx, tx); err != nil {
		return nil, err
	}
	if err := s.loadSources(ctx, tx, e.keys); err != nil {
		return nil, err
	}
	if err := s.loadHeartbeats(ctx, tx, e.keys); err != nil {
		return nil, err
	}
	if s.Maintenance, err = loadKind[core.MaintenanceID](ctx, tx, s, store.Maintenance, func(m *core.Maintenance, id int64) { m.ID = core.MaintenanceID(id) }); err != nil {
		return nil, err
	}
	if err := s.loadPeople(ctx, tx); err != nil {
		return nil, err
	}
	for _, p := range s.Policies {
		if p.RoutingKey != "" {
			s.routing[p.RoutingKey] = p.ID
		}
	}
	return s, nil
}

// loadKind reads all objects of one kind. An object that cannot be read is an error: to
// guess would be to page the wrong people.
func loadKind[K ~int64, T any](ctx context.Context, tx *store.Tx, s *Snapshot, k store.Kind, setID func(*T, int64)) (map[K]T, error) {
	rows, err := tx.Objects(ctx, k)
	if err != nil {
		return nil, err
	}
	m := make(map[K]T, len(rows))
	for _, r := range rows {
		var v T
		if err := json.Unmarshal(r.Spec, &v); err != nil {
			return nil, fmt.Errorf("read %s %q: %w", k, r.Name, err)
		}
		setID(&v, r.ID)
		m[K(r.ID)] = v
		s.Origins[config.Ref{Kind: string(k), Name: r.Name}] = r.Origin
	}
	return m, nil
}

func (s *Snapshot) loadCalendars(ctx context.Context, tx *store.Tx) error {
	defs, err := loadKind[core.ScheduleID](ctx, tx, s, store.Schedules, func(d *schedules.Schedule, id int64) { d.ID = core.ScheduleID(id) })
	if err != nil {
		return err
	}
	overrides, err := overridesBySchedule(ctx, tx)
	if err != nil {
		return err
	}
	s.Schedules = make(map[core.ScheduleID]Schedule, len(defs))
	for id, d := range defs {
		d.Overrides = overrides[id]
		c, err := schedules.Compile(d)
		if err != nil {
			return fmt.Errorf("compile schedule %q: %w", d.Name, err)
		}
		s.Schedules[id] = Schedule{Schedule: d, Calendar: c}
	}
	hours, err := loadKind[core.SupportHoursID](ctx, tx, s, store.SupportHours, func(h *schedules.SupportHours, id int64) { h.ID = core.SupportHoursID(id) })
	if err != nil {
		return err
	}
	s.Hours = make(map[core.SupportHoursID]Hours, len(hours))
	for id, h := range hours {
		c, err := schedules.CompileHours(h)
		if err != nil {
			return fmt.Errorf("compile support hours %q: %w", h.Name, err)
		}
		s.Hours[id] = Hours{SupportHours: h, Compiled: c}
	}
	return nil
}

func (s *Snapshot) loadSources(ctx context.Context, tx *store.Tx, keys sealer) error {
	rows, err := tx.Objects(ctx, store.Sources)
	if err != nil {
		return err
	}
	s.Sources = make(map[core.SourceID]core.Source, len(rows))
	for _, r := range rows {
		var src core.Source
		if err := json.Unmarshal(r.Spec, &src); err != nil {
			return fmt.Errorf("read source %q: %w", r.Name, err)
		}
		src.ID = core.SourceID(r.ID)
		s.Sources[src.ID] = src
		s.Origins[config.Ref{Kind: string(store.Sources), Name: r.Name}] = r.Origin
		s.keys[[sha256.Size]byte(r.KeyHash)] = src.ID
		key, err := keys.open(r.KeySealed, r.KeyHash)
		if err != nil {
			return fmt.Errorf("read the integration key of source %q: %w", r.Name, err)
		}
		s.sourceKey[src.ID] = key
	}
	return nil
}

func (s *Snapshot) loadPeople(ctx context.Context, tx *store.Tx) error {
	var err error
	if s.Identities, err = tx.Identities(ctx); err != nil {
		return err
	}
	linked := map[core.UserID]map[string]bool{}
	for _, i := range s.Identities {
		s.accounts[account{i.Platform, i.Account}] = i.User
		if linked[i.User] == nil {
			linked[i.User] = map[string]bool{}
		}
		linked[i.User][i.Platform] = true
	}
	conversations, err := tx.Conversations(ctx)
	if err != nil {
		return err
	}
	for _, c := range conversations {
		s.Conversations[c.ID] = c
		if c.User != 0 {
			s.directs[direct{c.User, c.Platform}] = c
		}
	}
	best := s.bestRoles()
	for id, u := range s.Users {
		p := core.Person{User: id, Name: u.Name(), Role: best[id], Notify: u.Notify, MutedTo: u.MutedTo}
		if len(p.Notify) == 0 {
			p.Notify = core.DefaultNotify()
		}
		for _, platform := range s.platforms {
			if linked[id][platform] && s.directs[direct{id, platform}].ID != 0 {
				p.Platforms = append(p.Platforms, platform)
			}
		}
		s.people[id] = p
	}
	return nil
}

// bestRoles are the highest roles that users have, of their own or in a team.
func (s *Snapshot) bestRoles() map[core.UserID]core.Role {
	best := make(map[core.UserID]core.Role, len(s.Users))
	for id, u := range s.Users {
		best[id] = u.Role
	}
	for _, t := range s.Teams {
		for _, m := range t.Members {
			best[m.User] = max(best[m.User], m.Role)
		}
	}
	return best
}

// SourceByKey finds the source with that integration key. Keys are compared by their
// hash, so that a wrong key takes as long as an almost right one.
func (s *Snapshot) SourceByKey(key string) (core.Source, bool) {
	id, ok := s.keys[sha256.Sum256([]byte(key))]
	return s.Sources[id], ok
}

// SourceKey is a source's integration key, for those who may edit the source.
func (s *Snapshot) SourceKey(id core.SourceID) core.Secret { return s.sourceKey[id] }

// UserOf finds the user an account belongs to.
func (s *Snapshot) UserOf(platform, acc string) (core.User, bool) {
	u, ok := s.Users[s.accounts[account{platform, acc}]]
	return u, ok
}

// AccountOf is a user's account on a platform.
func (s *Snapshot) AccountOf(u core.UserID, platform string) (string, bool) {
	for _, i := range s.Identities {
		if i.User == u && i.Platform == platform {
			return i.Account, true
		}
	}
	return "", false
}

// Direct is a user's own conversation with the bot on a platform.
func (s *Snapshot) Direct(u core.UserID, platform string) (core.Conversation, bool) {
	c, ok := s.directs[direct{u, platform}]
	return c, ok
}

// Person is what core knows of a user.
func (s *Snapshot) Person(u core.UserID) core.Person { return s.people[u] }

// UserNamed, SourceNamed, PolicyNamed, ScheduleNamed and TeamNamed find objects by name,
// letters' case aside.
func (s *Snapshot) UserNamed(name string) (core.User, bool) {
	return named(s.Users, name, func(u core.User) string { return u.Username })
}

// SourceNamed finds a source.
func (s *Snapshot) SourceNamed(name string) (core.Source, bool) {
	return named(s.Sources, name, func(v core.Source) string { return v.Name })
}

// PolicyNamed finds a policy.
func (s *Snapshot) PolicyNamed(name string) (core.Policy, bool) {
	return named(s.Policies, name, func(v core.Policy) string { return v.Name })
}

// ScheduleNamed finds a schedule.
func (s *Snapshot) ScheduleNamed(name string) (Schedule, bool) {
	return named(s.Schedules, name, func(v Schedule) string { return v.Name })
}

// TeamNamed finds a team.
func (s *Snapshot) TeamNamed(name string) (core.Team, bool) {
	return named(s.Teams, name, func(v core.Team) string { return v.Name })
}

func named[K comparable, T any](m map[K]T, name string, of func(T) string) (T, bool) {
	for _, v := range m {
		if strings.EqualFold(of(v), name) {
			return v, true
		}
	}
	var none T
	return none, false
}
