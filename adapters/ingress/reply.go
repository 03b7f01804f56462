package ingress

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/watchbell/watchbell/core"
)

// eventsReply is the answer to events. alertKey is for clients of the event API, the
// last two for those of its first version; both only if there was one event.
type eventsReply struct {
	Events       []eventReply `json:"events"`
	AlertKey     string       `json:"alertKey,omitempty"`
	IncidentKey  *string      `json:"incidentKey,omitempty"`
	ResponseCode string       `json:"responseCode,omitempty"`
}

// eventReply is what became of one event.
type eventReply struct {
	EventType string        `json:"eventType"`
	AlertKey  string        `json:"alertKey"`
	Summary   string        `json:"summary"`
	Priority  *string       `json:"priority"` // null: left to the source
	Outcome   core.Outcome  `json:"outcome"`
	AlertID   *core.AlertID `json:"alertId"` // null: no alert has it
	Reason    string        `json:"reason"`
}

// reply tells what became of the events, in their order; batch says that they came as a
// list of their own.
func reply(w http.ResponseWriter, r *http.Request, entries []*entry, batch bool) error {
	single := len(entries) == 1 && !batch
	if single && isFirstVersion(r) {
		if err := firstVersionError(entries[0]); err != nil {
			return err
		}
	}
	out := eventsReply{Events: []eventReply{}}
	for _, e := range entries {
		out.Events = append(out.Events, e.reply())
	}
	if single {
		out.AlertKey = out.Events[0].AlertKey
	}
	if single && isFirstVersion(r) {
		out.IncidentKey, out.ResponseCode = &out.AlertKey, responseCode(out.Events[0].Outcome)
	}
	status := http.StatusAccepted
	if isScript(r.PathValue("type")) {
		status = http.StatusOK
	}
	writeJSON(w, status, out)
	return nil
}

func (e *entry) reply() eventReply {
	if e.refused != nil {
		return eventReply{EventType: e.event.Type.String(), AlertKey: e.event.Key, Summary: e.event.Summary,
			Outcome: core.OutcomeDropped, Reason: "refused: " + message(e.refused, status(e.refused))}
	}
	out := eventReply{
		EventType: e.event.Type.String(),
		AlertKey:  cmp.Or(e.result.Key, e.event.Key),
		Summary:   cmp.Or(e.result.Summary, e.event.Summary),
		Outcome:   e.result.Outcome,
		Reason:    e.result.Reason,
	}
	if out.Outcome == core.OutcomeUnreadable {
		out.Outcome = core.OutcomeCreated // an alert that says so was made instead
	}
	if p := e.event.Priority.String(); p != "" {
		out.Priority = &p
	}
	if e.result.Alert != 0 {
		out.AlertID = &e.result.Alert
	}
	return out
}

// isFirstVersion tells whether the path is one that clients of the first version use.
func isFirstVersion(r *http.Request) bool {
	return isScript(r.PathValue("type")) || r.Pattern == "/api/v1/events"
}

// isScript tells whether a slug belongs to a script that compares the status with 200.
func isScript(slug string) bool {
	switch strings.ToLower(slug) {
	case "zabbix-mt", "checkmk-ext", "nagios", "icinga":
		return true
	}
	return false
}

// firstVersionError is how the first version refuses an event that changed nothing: its
// clients tell "too late" from "done" by the code.
func firstVersionError(e *entry) error {
	if e.result.Outcome != core.OutcomeNone {
		return nil
	}
	switch {
	case e.event.Type == core.EventAccept && e.result.Alert != 0:
		return &core.Error{Kind: core.Invalid, Code: "INCIDENT_ALREADY_ACCEPTED", Text: "The alert with this key is accepted already.",
			Do: "There is nothing left to do."}
	case (e.event.Type == core.EventAccept || e.event.Type == core.EventResolve) && e.result.Alert == 0:
		return &core.Error{Kind: core.Invalid, Code: "NO_OPEN_INCIDENT_WITH_KEY", Text: "There is no open alert with this key.",
			Do: "If the problem is over, there is nothing left to do."}
	}
	return nil
}

func responseCode(o core.Outcome) string {
	switch o {
	case core.OutcomeCreated:
		return "NEW_INCIDENT_CREATED"
	case core.OutcomeAppended:
		return "EVENT_ADDED"
	case core.OutcomeAccepted:
		return "INCIDENT_ACCEPTED"
	case core.OutcomeResolved:
		return "INCIDENT_RESOLVED"
	case core.OutcomeCommented:
		return "COMMENT_ADDED"
	case core.OutcomeNone, core.OutcomeDropped, core.OutcomeUnreadable:
	}
	return "NO_CHANGE"
}
