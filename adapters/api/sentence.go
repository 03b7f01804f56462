package api

import (
	"cmp"
	"fmt"
	"time"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/store"
)

// sentence is what an entry says to people. The API speaks English only; programs read
// the type and vars.
func (c *call) sentence(r store.LogRow) string {
	s := speaker{who: c.personName(r.User), vars: r.Vars}
	text := s.says(r.Type)
	if text == "" {
		return string(r.Type)
	}
	return text + "."
}

// personName is what people call a user in a list that others read, too.
func (c *call) personName(id core.UserID) string {
	if u, known := c.snap.Users[id]; known {
		return u.FullName()
	}
	switch id {
	case 0:
		return ""
	case core.AdminKey:
		return core.AdminName
	}
	return fmt.Sprintf("user %d", id)
}

// speaker is one entry on its way to a sentence.
type speaker struct {
	who  string // empty: the machine
	vars map[string]string
}

// by is who did it: a person, the source, or somebody with a key that is nobody's.
func (s speaker) by() string { return cmp.Or(s.who, s.vars["source"], "The system") }

// with adds what a variable says, if it is there.
func (s speaker) with(form, name string) string {
	if v := s.vars[name]; v != "" {
		return fmt.Sprintf(form, v)
	}
	return ""
}

// at is an instant among the variables.
func (s speaker) at(form, name string) string {
	t, err := time.Parse(time.RFC3339Nano, s.vars[name])
	if err != nil {
		return ""
	}
	return fmt.Sprintf(form, t.UTC().Format("2006-01-02 15:04 UTC"))
}

func (s speaker) says(t core.EntryType) string {
	if text := s.saysState(t); text != "" {
		return text
	}
	if text := s.saysAssigned(t); text != "" {
		return text
	}
	return s.saysCalled(t)
}

func (s speaker) saysState(t core.EntryType) string {
	switch t {
	case core.LogCreatedByUser:
		return s.by() + " created the alert" + s.with(" again, after alert %s", "again")
	case core.LogReceived:
		return "Received from " + cmp.Or(s.vars["source"], "a source") + s.with(": %s", "summary")
	case core.LogAccepted:
		if s.vars["still"] != "" {
			return s.by() + " is still on it" + s.at(" and expects to be done by %s", "eta")
		}
		return s.by() + " accepted the alert" + s.at(" and expects to be done by %s", "eta")
	case core.LogUnaccepted:
		if s.who == "" {
			return "Handed back: " + cmp.Or(s.vars["from"], "nobody") + " did not answer" + s.with(" within %s", "after")
		}
		return s.who + " handed the alert back"
	case core.LogResolved:
		if s.vars["main"] != "" {
			return "Resolved together with alert " + s.vars["main"]
		}
		return s.by() + " resolved the alert" + s.with(": %s", "comment")
	case core.LogAutoResolved:
		return "Resolved automatically" + s.with(" after %s", "after")
	case core.LogSnoozed:
		return s.by() + " snoozed the alert" + s.at(" until %s", "until")
	case core.LogWoken:
		if s.who == "" {
			return "Awake again" + s.with(" (%s)", "reason")
		}
		return s.who + " woke the alert"
	case core.LogMerged:
		if s.vars["child"] != "" {
			return s.by() + " merged alert " + s.vars["child"] + " into this one"
		}
		return s.by() + " merged the alert into alert " + s.vars["into"]
	case core.LogCommentAdded:
		return s.by() + " commented" + s.with(": %s", "text")
	case core.LogCommentBySystem:
		return cmp.Or(s.vars["creator"], s.vars["source"], "The source") + " commented" + s.with(": %s", "text")
	case core.LogSeverityRaised:
		return "More urgent now: severity " + s.vars["to"] + s.with(" instead of %s", "from")
	}
	return ""
}

func (s speaker) saysAssigned(t core.EntryType) string {
	to := cmp.Or(s.vars["to"], "somebody")
	switch t {
	case core.LogEscalated:
		if s.who != "" {
			return s.who + " escalated the alert to level " + s.vars["level"] + s.with(" (%s)", "to")
		}
		return "Escalated to level " + s.vars["level"] + s.with(" (%s)", "to") + s.with(", cycle %s", "cycle")
	case core.LogEscalationEnded:
		return "Escalation has ended without an accept" + s.with("; %s did not answer", "tried")
	case core.LogAssignedByUser:
		return s.by() + " assigned the alert to " + to
	case core.LogAssignedBySystem:
		return "Assigned to " + to + s.with(", level %s", "level") + s.with(" of %s", "policy")
	case core.LogAssignedToPolicy:
		return s.by() + " assigned the alert to the escalation policy " + to
	case core.LogAssignedToSchedule:
		return s.by() + " assigned the alert to " + to + s.with(", on call on %s", "schedule")
	case core.LogLastResort:
		return "Assigned to the last resort: " + to
	case core.LogRaisedByUser:
		return s.by() + " raised the priority to HIGH"
	case core.LogRaisedBySystem:
		return "Priority raised to HIGH"
	case core.LogResponderAdded:
		return s.by() + " asked " + to + " to respond"
	case core.LogResponderRemoved:
		return s.by() + " took " + cmp.Or(s.vars["from"], "somebody") + " off the alert"
	case core.LogPolicyChanged:
		return "The escalation policy" + s.with(" %s", "policy") + " was changed; the alert is at level " + s.vars["level"] + " now"
	}
	return ""
}

func (s speaker) saysCalled(t core.EntryType) string {
	who := cmp.Or(s.who, "somebody")
	switch t {
	case core.LogNotification:
		if s.vars["shadow"] != "" {
			return who + " would have been notified by " + s.vars["by"]
		}
		return who + " is notified by " + s.vars["by"] + s.with(" (%s)", "claim")
	case core.LogNotificationFailed:
		return who + " was not notified" + s.with(" by %s", "by") + s.with(": %s", "reason")
	case core.LogNobodyOnCall:
		return "Nobody is on call" + s.with(" on %s", "schedules") + s.with(" at level %s", "level")
	case core.LogAsked:
		return cmp.Or(s.vars["to"], who) + " was asked: still on it?"
	case core.LogCallLimit:
		return "No more notifications" + s.with(" after %s", "calls")
	}
	return ""
}
