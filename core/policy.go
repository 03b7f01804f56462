package core

import "time"

// Policy says whom to tell, in which order, and how long to wait for each.
type Policy struct {
	ID            PolicyID      `json:"id"`
	Name          string        `json:"name"`
	Rules         []Rule        `json:"escalationRules"`
	Frequency     int           `json:"frequency,omitempty"` // times the rules run in total when Repeating; 1–9
	Repeating     bool          `json:"repeating,omitempty"`
	Delay         time.Duration `json:"delay,omitempty"`         // before level 1; 0–60 min
	AcceptTimeout time.Duration `json:"acceptTimeout,omitempty"` // after which the accepter is asked; 0 never
	RoutingKey    string        `json:"routingKey,omitempty"`
	Teams         []TeamID      `json:"teams,omitempty"`
}

// Rule is one level: all its targets are told at once.
type Rule struct {
	Timeout   time.Duration `json:"escalationTimeout"`
	Users     []UserID      `json:"users,omitempty"`
	Schedules []ScheduleID  `json:"schedules,omitempty"`
	Teams     []TeamID      `json:"teams,omitempty"`
}

// Cycles is how often the rules run in total: 1 unless the policy repeats.
func (p Policy) Cycles() int {
	if !p.Repeating || p.Frequency < 1 {
		return 1
	}
	return p.Frequency
}
