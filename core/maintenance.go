package core

import (
	"slices"
	"strings"
	"time"
)

// ReasonMaintenance is why an event made no alert: its source is in maintenance.
const ReasonMaintenance = "maintenance"

// MaxMaintained is how many sources one window may cover.
const MaxMaintained = 50

// Maintenance is a window [Start, End) in which no alert is born from its sources. What
// is open already goes on. Windows over the same source add up.
type Maintenance struct {
	ID          MaintenanceID `json:"id"`
	Name        string        `json:"name"`              // unique; the summary, numbered if another has it
	Summary     string        `json:"summary,omitempty"` // as it was given; empty: the name
	Description string        `json:"description,omitempty"`
	Timezone    string        `json:"timezone"` // in which people read it
	Start       time.Time     `json:"start"`
	End         time.Time     `json:"end"`
	Sources     []SourceID    `json:"alertSources"`
	By          UserID        `json:"createdBy,omitempty"`
}

// Title is what people call the window.
func (m Maintenance) Title() string {
	if m.Summary != "" {
		return m.Summary
	}
	return m.Name
}

// Covers tells whether the source is in the window's maintenance at an instant.
func (m Maintenance) Covers(s SourceID, at time.Time) bool {
	return m.Running(at) && slices.Contains(m.Sources, s)
}

// Running tells whether the window contains the instant; its end is not in it.
func (m Maintenance) Running(at time.Time) bool { return !at.Before(m.Start) && at.Before(m.End) }

// Over tells whether the window has ended.
func (m Maintenance) Over(at time.Time) bool { return !at.Before(m.End) }

// Validate refuses with Invalid what no window can be. Whether its sources and its zone
// are there is for who knows them.
func (m Maintenance) Validate() error {
	switch n := len([]rune(m.Title())); {
	case strings.TrimSpace(m.Title()) == "":
		return Errorf(Invalid, "summary: say in one line what is done.")
	case n > 255:
		return Errorf(Invalid, "summary: %d characters are more than 255.", n)
	case m.Start.IsZero():
		return Errorf(Invalid, "start: say when it begins.")
	case m.End.IsZero():
		return Errorf(Invalid, "end: say when it ends.")
	case !m.End.After(m.Start):
		return Errorf(Invalid, "end: it must be after the start.")
	case len(m.Sources) == 0:
		return Errorf(Invalid, "alertSources: name at least one.")
	case len(m.Sources) > MaxMaintained:
		return Errorf(Invalid, "alertSources: %d are more than %d, the most that one window covers.", len(m.Sources), MaxMaintained)
	}
	return nil
}

// Without is the window as it becomes when maintenance of one source ends at an instant:
// the source leaves it, and the last one ends it. ok is false if there is nothing left to
// remember, since it has not begun.
func (m Maintenance) Without(s SourceID, at time.Time) (left Maintenance, ok bool) {
	if len(m.Sources) > 1 {
		m.Sources = slices.DeleteFunc(slices.Clone(m.Sources), func(id SourceID) bool { return id == s })
		return m, true
	}
	m.End = at
	return m, m.Start.Before(at)
}
