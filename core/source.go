package core

import "time"

// Creation says when an event without a matching key opens a new alert. The names are
// those of the API.
type Creation string

const (
	EachEvent    Creation = "ONE_ALERT_PER_EMAIL"
	EachSubject  Creation = "ONE_ALERT_PER_EMAIL_SUBJECT"
	OnePending   Creation = "ONE_PENDING_ALERT_ALLOWED"
	OneOpen      Creation = "ONE_OPEN_ALERT_ALLOWED"
	ByExtraction Creation = "OPEN_RESOLVE_ON_EXTRACTION"
	PerWindow    Creation = "ONE_ALERT_GROUPED_PER_WINDOW"
	BySimilarity Creation = "INTELLIGENT_GROUPING" // not available yet; refused
)

// PriorityRule is how a source gives its alerts a priority.
type PriorityRule string

const (
	AlwaysHigh  PriorityRule = "HIGH"
	AlwaysLow   PriorityRule = "LOW"
	HighInHours PriorityRule = "HIGH_DURING_SUPPORT_HOURS"
	LowInHours  PriorityRule = "LOW_DURING_SUPPORT_HOURS"
)

// ByHours tells whether the rule asks the support hours.
func (r PriorityRule) ByHours() bool { return r == HighInHours || r == LowInHours }

// HighIn tells what a rule that asks the support hours makes of alerts, inside of them or
// outside.
func (r PriorityRule) HighIn(inHours bool) bool { return inHours == (r == HighInHours) }

// Raises tells whether the clock makes the source's waiting LOW alerts HIGH.
func (s Source) Raises() bool { return s.AutoRaise && s.PriorityRule.ByHours() }

// Source is where events come from, and what is done with them.
type Source struct {
	ID            SourceID         `json:"id"`
	Name          string           `json:"name"`
	Type          string           `json:"integrationType"` // PROMETHEUS, API, …; chooses the normaliser
	Policy        PolicyID         `json:"escalationPolicy"`
	Creation      Creation         `json:"alertCreation"`
	Window        time.Duration    `json:"alertGroupingWindow,omitempty"` // PerWindow only
	AutoResolve   time.Duration    `json:"autoResolutionTimeout,omitempty"`
	PriorityRule  PriorityRule     `json:"alertPriorityRule"`
	SupportHours  SupportHoursID   `json:"supportHours,omitempty"`
	AutoRaise     bool             `json:"autoRaiseAlerts,omitempty"`
	Severity      int              `json:"severity,omitempty"` // default; 0 none
	Inactive      bool             `json:"inactive,omitempty"` // events are logged, no alert is made
	Shadow        bool             `json:"shadow,omitempty"`   // paging: cards and log say who, nobody is woken
	Teams         []TeamID         `json:"teams,omitempty"`
	Conversations []ConversationID `json:"conversations,omitempty"`
}
