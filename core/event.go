package core

import (
	"encoding/json"
)

// EventType says what an event asks for.
type EventType int8

const (
	EventAlert EventType = iota + 1
	EventAccept
	EventResolve
	EventComment
)

// Priority decides whom a level pages and whether an alert escalates. Zero is "not said".
type Priority int8

const (
	Low Priority = iota + 1
	High
)

// Event is an inbound signal in our words. Everything in it came from outside and is
// data: shown escaped, never run, never a mention.
type Event struct {
	Type       EventType         `json:"type"`
	Key        string            `json:"key,omitempty"` // alertKey as the sender wrote it
	Summary    string            `json:"summary,omitempty"`
	Details    string            `json:"details,omitempty"`
	Priority   Priority          `json:"priority,omitempty"`
	Severity   int               `json:"severity,omitempty"` // 1–5; 0 is not said
	RoutingKey string            `json:"routingKey,omitempty"`
	Links      []Link            `json:"links,omitempty"`
	Images     []Image           `json:"images,omitempty"`
	Labels     map[string]string `json:"labels,omitempty"`
	Comments   []EventNote       `json:"comments,omitempty"`
	Custom     json.RawMessage   `json:"custom,omitempty"`  // the payload as it came; any valid JSON
	Remarks    []string          `json:"remarks,omitempty"` // members that could not be used, text that was mended
	Raw        []byte            `json:"raw,omitempty"`     // the body as it came, if text in it had to be mended

	// Set for alerts that a person or the API makes by hand; never from a normaliser.
	By         UserID   `json:"by,omitempty"`
	Policy     PolicyID `json:"policy,omitempty"`     // instead of the source's
	Responders []UserID `json:"responders,omitempty"` // only these; nothing escalates
	Again      AlertID  `json:"again,omitempty"`      // the resolved alert this one repeats
}

// Link is a reference shown with an alert; Href is http or https.
type Link struct {
	Href string `json:"href"`
	Text string `json:"text,omitempty"`
}

// Image is shown by address; we never fetch it.
type Image struct {
	Src  string `json:"src"`
	Href string `json:"href,omitempty"`
	Alt  string `json:"alt,omitempty"`
}

// EventNote is one comment of a COMMENT event.
type EventNote struct {
	Creator string `json:"creator,omitempty"`
	Content string `json:"content"`
}

// Outcome is what became of one event.
type Outcome int8

const (
	OutcomeNone       Outcome = iota // nothing changed; Reason says why
	OutcomeCreated                   // a new alert
	OutcomeAppended                  // joined an open alert
	OutcomeAccepted                  // its alert is accepted now
	OutcomeResolved                  // its alert is resolved now
	OutcomeCommented                 // its comments are on the alert
	OutcomeDropped                   // maintenance, or a source that is off
	OutcomeUnreadable                // could not be stored as it was; quarantined
)
