package engine

import (
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/config"
	"github.com/watchbell/watchbell/schedules"
)

// Snapshot is the configuration at one version: immutable, shared by all who read.
type Snapshot struct {
	Version       int64
	Installation  string
	Users         map[core.UserID]core.User
	Teams         map[core.TeamID]core.Team
	Hours         map[core.SupportHoursID]schedules.SupportHours
	Schedules     map[core.ScheduleID]Schedule
	Policies      map[core.PolicyID]core.Policy
	Sources       map[core.SourceID]core.Source
	Conversations map[core.ConversationID]core.Conversation
	Identities    []core.Identity
	Origins       map[config.Ref]string // which file and line, api or chat an object came from
}

// Schedule is a definition with its compiled calendar.
type Schedule struct {
	schedules.Schedule
	Calendar *schedules.Calendar
}

// SourceByKey finds the source with that integration key, in the same time whether there
// is one or not.
func (s *Snapshot) SourceByKey(key string) (core.Source, bool) { panic("not written") }

// UserOf finds the user an account belongs to.
func (s *Snapshot) UserOf(platform, account string) (core.User, bool) { panic("not written") }

// AccountOf is a user's account on a platform.
func (s *Snapshot) AccountOf(u core.UserID, platform string) (string, bool) { panic("not written") }

// Direct is a user's own conversation with the bot on a platform.
func (s *Snapshot) Direct(u core.UserID, platform string) (core.Conversation, bool) {
	panic("not written")
}

// UserNamed, SourceNamed, PolicyNamed, ScheduleNamed, TeamNamed find objects by name,
// letters' case aside.
func (s *Snapshot) UserNamed(name string) (core.User, bool) { panic("not written") }

// SourceNamed finds a source.
func (s *Snapshot) SourceNamed(name string) (core.Source, bool) { panic("not written") }

// PolicyNamed finds a policy.
func (s *Snapshot) PolicyNamed(name string) (core.Policy, bool) { panic("not written") }

// ScheduleNamed finds a schedule.
func (s *Snapshot) ScheduleNamed(name string) (Schedule, bool) { panic("not written") }

// Levels are a policy's rules with the people they mean at now.
func (s *Snapshot) Levels(p core.Policy, now time.Time) []core.Level { panic("not written") }

// OnCall is who is on call on a schedule at an instant; ok is false for nobody.
func (s *Snapshot) OnCall(id core.ScheduleID, at time.Time) (schedules.Shift, bool) {
	panic("not written")
}

// Viewer is a user as access rules see them.
func (s *Snapshot) Viewer(u core.UserID) core.Viewer { panic("not written") }

// Config is the whole configuration as text would say it, for plan and export.
func (s *Snapshot) Config() config.Set { panic("not written") }
