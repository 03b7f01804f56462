package api

import (
	"encoding/json"
	"time"

	"github.com/watchbell/watchbell/core"
)

// The shapes below are ilert's. They are for the API only; what they are made of stands
// beside them, in the files of their subjects.

// stamp is a time as the API writes it: UTC, with 0, 3 or 6 digits of a second, which is
// all that strict clients read.
type stamp struct{ time.Time }

// MarshalJSON writes the time.
func (s stamp) MarshalJSON() ([]byte, error) { return json.Marshal(s.text()) }

func (s stamp) text() string {
	t := s.UTC()
	switch us := t.Nanosecond() / 1000; {
	case us == 0:
		return t.Format("2006-01-02T15:04:05Z")
	case us%1000 == 0:
		return t.Format("2006-01-02T15:04:05.000Z")
	}
	return t.Format("2006-01-02T15:04:05.000000Z")
}

type errorBody struct {
	Status  int    `json:"status"`
	Message string `json:"message"`
	Code    string `json:"code"`
}

type countBody struct {
	Count int64 `json:"count"`
}

type namedBody struct {
	ID   int64  `json:"id"`
	Name string `json:"name,omitempty"`
}

// userBody is a user inside another object; Email and what follows are for a user that
// was asked for.
type userBody struct {
	ID         core.UserID `json:"id"`
	Username   string      `json:"username"`
	FirstName  string      `json:"firstName"`
	LastName   string      `json:"lastName"`
	Email      string      `json:"email,omitempty"`
	Timezone   string      `json:"timezone,omitempty"`
	Position   string      `json:"position,omitempty"`
	Role       core.Role   `json:"role,omitempty"`
	MutedUntil stamp       `json:"mutedUntil,omitzero"`
}

type alertBody struct {
	ID             core.AlertID      `json:"id"`
	Summary        string            `json:"summary"`
	Details        string            `json:"details"`
	ReportTime     stamp             `json:"reportTime"`
	ResolvedOn     stamp             `json:"resolvedOn,omitzero"`
	Status         core.Status       `json:"status"`
	Source         namedBody         `json:"alertSource"`
	Policy         namedBody         `json:"escalationPolicy"`
	PolicyMisspelt namedBody         `json:"scalationPolicy"` // as ilert's own Go client reads it
	Priority       core.Priority     `json:"priority"`
	Severity       int               `json:"severity,omitempty"`
	Key            string            `json:"alertKey"`
	Responders     []responderBody   `json:"responders"`
	AssignedTo     *userBody         `json:"assignedTo,omitempty"` // for old clients
	NextAt         stamp             `json:"nextEscalation,omitzero"`
	NextUser       *userBody         `json:"nextEscalationUser,omitempty"`
	NextRule       *int              `json:"nextEscalationRuleIndex,omitempty"` // 0-based
	Rules          []ruleBody        `json:"escalationRules,omitempty"`
	Images         []core.Image      `json:"images"`
	Links          []core.Link       `json:"links"`
	Labels         map[string]string `json:"labels"`
	Custom         json.RawMessage   `json:"customDetails,omitempty"`
	MergedInto     core.AlertID      `json:"mergedIntoId,omitempty"`
	MergeState     string            `json:"mergeState"`
	SnoozedUntil   stamp             `json:"snoozedUntil,omitzero"` // not ilert's
	Events         int               `json:"eventCount"`            // not ilert's
}

type responderBody struct {
	User       userBody    `json:"user"`
	Status     core.Status `json:"status"`
	AcceptedAt stamp       `json:"acceptedAt,omitzero"`
}

// ruleBody is one level. Timeout is whole minutes, rounded up, beside the exact seconds.
type ruleBody struct {
	Timeout    int64       `json:"escalationTimeout"`
	TimeoutSec int64       `json:"escalationTimeoutSec"`
	Users      []userBody  `json:"users"`
	Schedules  []namedBody `json:"schedules"`
	Teams      []namedBody `json:"teams"`
}

type policyBody struct {
	ID        core.PolicyID `json:"id"`
	Name      string        `json:"name"`
	Rules     []ruleBody    `json:"escalationRules,omitempty"`
	Repeating *bool         `json:"repeating,omitempty"`
	Frequency int           `json:"frequency,omitempty"`
	DelayMin  int64         `json:"delayMin,omitempty"`
	Routing   string        `json:"routingKey,omitempty"`
	Teams     []namedBody   `json:"teams,omitempty"`
}

type scheduleBody struct {
	ID       core.ScheduleID `json:"id"`
	Name     string          `json:"name"`
	Timezone string          `json:"timezone,omitempty"`
	Type     string          `json:"type,omitempty"`
	Teams    []namedBody     `json:"teams,omitempty"`
}

type shiftBody struct {
	User     userBody `json:"user"`
	Start    stamp    `json:"start"`
	End      stamp    `json:"end"`
	Override int64    `json:"override,omitempty"` // its id
	Layer    string   `json:"layer,omitempty"`    // its name
}

// onCallBody has neither schedule nor times for who is always on call.
type onCallBody struct {
	User     userBody      `json:"user"`
	Policy   policyBody    `json:"escalationPolicy"`
	Schedule *scheduleBody `json:"schedule,omitempty"`
	Start    stamp         `json:"start,omitzero"`
	End      stamp         `json:"end,omitzero"`
	Level    int           `json:"escalationLevel"`
}

type logBody struct {
	ID    int64             `json:"id"`
	At    stamp             `json:"timestamp"`
	Type  string            `json:"logEntryType"`
	Text  string            `json:"text"`
	Alert core.AlertID      `json:"alertId"`
	Kinds []string          `json:"filterTypes"`
	Vars  map[string]string `json:"vars,omitempty"`
}

type notificationBody struct {
	ID      int64        `json:"id"`
	Method  string       `json:"method"`
	Target  string       `json:"target"`
	Subject string       `json:"subject"`
	Alert   core.AlertID `json:"alertId"`
	User    userBody     `json:"user"`
	At      stamp        `json:"notificationTime"`
	Status  string       `json:"status"`
	Error   string       `json:"errorMessage,omitempty"`
}

// What callers send.

type manualAlert struct {
	Summary    string            `json:"summary"`
	Details    string            `json:"details"`
	Source     ref               `json:"alertSource"`
	Policy     ref               `json:"escalationPolicy"`
	Priority   string            `json:"priority"`
	Severity   int               `json:"severity"`
	Key        string            `json:"alertKey"`
	Responders []responderRef    `json:"responders"`
	Images     []core.Image      `json:"images"`
	Links      []core.Link       `json:"links"`
	Labels     map[string]string `json:"labels"`
	Custom     json.RawMessage   `json:"customDetails"`
}

type responderRef struct {
	User ref `json:"user"`
}

type assignment struct {
	User     ref `json:"user"`
	Policy   ref `json:"policy"`
	Schedule ref `json:"schedule"`
}

type resolution struct {
	Comment string `json:"comment"`
}
