// Package config is the configuration file: YAML with positions ⇄ desired objects, their
// difference, and the plan that makes one the other. It does no I/O and knows no platform.
package config

import (
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/schedules"
)

// Ref names a configured object: its kind ("users", "policies", …, as in the store) and
// name.
type Ref struct{ Kind, Name string }

// Position is where something was written.
type Position struct {
	File         string
	Line, Column int
}

// Set is a whole configuration, by names instead of ids, in the order it was written.
type Set struct {
	Users        []User
	Teams        []Team
	SupportHours []SupportHours
	Schedules    []Schedule
	Policies     []Policy
	Sources      []Source
	Positions    map[Ref]Position    // where each was written; nil for what the database has
	Origins      map[Ref]string      // for what the database has
	Platforms    map[string]ast.Node // platform blocks, raw: each adapter decodes its own
	Hash         string              // of the content, for "applied before"
}

// User is a person as a file writes them.
type User struct {
	Username, FirstName, LastName, Email, Timezone, Position string
	Role                                                     core.Role
	Identities                                               map[string]string // platform → account
	Notify                                                   []core.Notify     // nil: not set by the file
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

// Schedule by names.
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

// Op is what a plan does to one object.
type Op string

const (
	Create Op = "create"
	Update Op = "update"
	Delete Op = "delete"
	Adopt  Op = "adopt" // nothing changes but where it comes from
)

// Change is one object's change. Exactly the pointer of its kind is set in Want (nil for
// Delete).
type Change struct {
	Op     Op
	Ref    Ref
	At     Position // in the file; zero for Delete
	Origin string   // what the object's origin becomes
	Fields []Field  // what differs, for people
	Want   Object
}

// Field is one difference, as people read it.
type Field struct{ Path, Have, Want string }

// Object is one desired object of any kind.
type Object struct {
	User         *User
	Team         *Team
	SupportHours *SupportHours
	Schedule     *Schedule
	Policy       *Policy
	Source       *Source
}

// Plan makes what is there what a file wants. Its order is safe: what others name is
// made first and deleted last.
type Plan struct {
	Version int64 // the configuration's version it was made against
	Hash    string
	Changes []Change
}
