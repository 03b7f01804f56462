package config

import (
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/schedules"
)

// Kinds of configured objects, named as in the store. Platform is no object: it names a
// platform's block in Positions.
const (
	Users         = "users"
	Teams         = "teams"
	SupportHour   = "support_hours"
	Schedules     = "schedules"
	Policies      = "policies"
	Sources       = "sources"
	Heartbeats    = "heartbeats"
	Maintenances  = "maintenance_windows"
	PlatformBlock = "platforms"
)

// Ref names a configured object: its kind ("users", "policies", …, as in the store) and
// name.
type Ref struct{ Kind, Name string }

// Set is a whole configuration, by names instead of ids, in the order it was written.
type Set struct {
	Users        []User
	Teams        []Team
	SupportHours []SupportHours
	Schedules    []Schedule
	Policies     []Policy
	Sources      []Source
	Heartbeats   []HeartbeatMonitor
	Maintenance  []Maintenance
	Positions    map[Ref]Position    // where each was written; nil for what the database has
	Origins      map[Ref]string      // for what the database has
	Platforms    map[string]ast.Node // platform blocks, raw: each adapter decodes its own
	Hash         string              // of the content, for "applied before"
	Files        []string            // the names of the files it was read from
	Warnings     []Problem           // what is allowed and probably not meant
}

// User is a person as a file writes them.
type User struct {
	Username, FirstName, LastName, Email, Timezone, Position string
	Role                                                     core.Role
	Identities                                               map[string]string // platform → account
	Notify                                                   []core.Notify     // nil: not set by the file
	Written                                                  []string          // of what the database has: platforms whose account a file wrote
}

// Team by names.
type Team struct {
	Name    string
	Private bool
	Members []Member
}

// Member of a team.
type Member struct {
	User string
	Role core.Role
}

// SupportHours with teams by name.
type SupportHours struct {
	schedules.SupportHours // ID and Teams unset
	TeamNames              []string
}

// Conversation is platform and what people call it: "webchat:payments".
type Conversation struct{ Platform, Name string }

// Schedule by names. Nil Teams or Conversations are not set by the file and stay as they
// are; empty ones clear. The same holds for the teams and conversations of other objects.
type Schedule struct {
	Name, Timezone string
	Kind           schedules.Kind
	Layers         []Layer
	Shifts         []Shift
	Teams          []string
	Conversations  []Conversation
}

// Layer of a schedule, users by name.
type Layer struct {
	Name             string
	StartsOn, EndsOn schedules.Reading
	Rotation         string
	Users            []string
	Restrictions     []schedules.Restriction
}

// Shift of a STATIC schedule.
type Shift struct {
	User       string
	Start, End schedules.Reading
}

// Policy by names.
type Policy struct {
	Name          string
	Rules         []Rule
	Repeating     bool
	Frequency     int
	Delay         time.Duration
	AcceptTimeout time.Duration
	RoutingKey    string
	Teams         []string
}

// Rule of a policy.
type Rule struct {
	Timeout                 time.Duration
	Users, Schedules, Teams []string
}

// Maintenance is a window by names. Name is what the file calls summary; start and end are
// instants.
type Maintenance struct {
	Name, Description, Timezone string
	Start, End                  time.Time
	Sources                     []string
}

// Source by names. Fields are those of core.Source.
type Source struct {
	Name, Type    string
	Key           core.Secret // "": one is made, or the one it has is kept
	Policy        string
	Creation      core.Creation
	Window        time.Duration
	AutoResolve   time.Duration
	PriorityRule  core.PriorityRule
	SupportHours  string
	AutoRaise     bool
	Severity      int
	Inactive      bool
	Shadow        bool
	Teams         []string
	Conversations []Conversation
}
