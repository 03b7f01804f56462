package normalize

import (
	"strings"

	"github.com/watchbell/watchbell/core"
)

// Where unknown senders put what we need, the likeliest first. Names match in any
// letters' case.
var (
	titles = []string{"summary", "title", "subject", "headline", "alert_name", "alertName", "alert_title", "alert",
		"name", "problem", "short_message", "message", "msg", "text", "description", "details", "reason", "error"}
	bodies = []string{"description", "details", "message", "msg", "long_message", "body", "text", "output"}
	keys   = []string{"alertKey", "incidentKey", "alert_key", "dedup_key", "dedupKey", "alert_uid", "incident_key",
		"alias", "fingerprint", "alert_id", "alertId", "incident_id", "incidentId", "uid", "id", "uuid"}
	states = []string{"eventType", "event_type", "event", "action", "alert_status", "alert_state", "state", "status"}
	urgent = []string{"priority", "severity", "urgency", "alert_severity", "level"}
	hrefs  = []string{"link_to_upstream_details", "url", "link", "href", "alert_url", "alertUrl"}
)

// Generic takes what any sender posts: our own event, a line of text, the webhook that
// Alertmanager and its relatives send, or JSON of an unknown shape, which becomes an
// alert with a summary made of its title-like members and the payload beside it.
func Generic(r Raw) ([]core.Event, error) {
	v, text, err := read(r)
	switch {
	case err != nil:
		return nil, err
	case text != "":
		return plain(text), nil
	case v.IsList():
		return genericList(r, v)
	case !v.IsObject():
		return nil, refuse("The body is JSON, but not an object.", "Send an object, or a line of text as text/plain.")
	case isEvent(v):
		return event(v)
	case v.Get("alerts").IsList() && isGroup(v):
		return group(v, keyOfGroup), nil
	}
	return guess(v), nil
}

func genericList(r Raw, v Value) ([]core.Event, error) {
	var events []core.Event
	for item := range v.Items() {
		if item.IsList() {
			return nil, refuse("The list holds a list.", "Send a list of events.")
		}
		some, err := Generic(asJSON(r, item.raw))
		if err != nil {
			return nil, err
		}
		events = append(events, some...)
	}
	if len(events) == 0 {
		return nil, refuse("The list is empty.", "Send at least one event.")
	}
	return events, nil
}

// isEvent recognises our own event: by a type of ours, or by a type beside other members
// that only we have. {"eventType":"FOO","summary":…} is ours and wrong; another tool's
// eventType is its own affair.
func isEvent(v Value) bool {
	t := v.Get("eventType")
	if !t.There() {
		return false
	}
	if got, err := core.ParseEventType(t.Text()); err == nil && got != 0 {
		return true
	}
	for _, name := range []string{"summary", "alertKey", "incidentKey", "integrationKey", "apiKey"} {
		if v.Get(name).There() {
			return true
		}
	}
	return false
}

// plain is a line of text: curl -d "disk full on db-3".
func plain(text string) []core.Event {
	e := core.Event{Type: core.EventAlert}
	summary(&e, text)
	return []core.Event{finish(e)}
}

// guess makes an alert of JSON that nobody described to us.
func guess(v Value) []core.Event {
	e := core.Event{Type: core.EventAlert, Custom: v.payload()}
	e.Key = strings.TrimSpace(v.First(keys...))
	if said := guessType(v); said != 0 {
		e.Type = said
	}
	if e.Type != core.EventAlert && e.Key == "" {
		// Without a key there is no telling what is over, or whether "status":"ok" is
		// about a problem at all. Rather one page too many.
		e.Type = core.EventAlert
		e.Remarks = append(e.Remarks, "no alert key found: taken as an alert")
	}
	summary(&e, title(v))
	details(&e, v.First(bodies...))
	for _, name := range urgent {
		if rate(&e, v.Get(name).Text()); e.Priority != 0 {
			break
		}
	}
	for _, name := range hrefs {
		link(&e, v.Get(name).Text(), "Details")
	}
	image(&e, v.First("image_url", "imageUrl"), "", "")
	return []core.Event{finish(e)}
}

func guessType(v Value) core.EventType {
	for _, name := range states {
		switch word(v.Get(name).Text()) {
		case "alert", "alerting", "create", "created", "open", "opened", "new", "trigger", "triggered", "firing",
			"problem", "down", "fail", "failed", "failure", "critical", "error", "warning":
			return core.EventAlert
		case "acknowledge", "acknowledged", "acknowledgement", "ack", "accept", "accepted":
			return core.EventAccept
		case "resolve", "resolved", "ok", "close", "closed", "recover", "recovered", "recovery", "clear", "cleared",
			"up", "normal", "healthy":
			return core.EventResolve
		}
	}
	return 0
}

func word(text string) string { return strings.ToLower(strings.TrimSpace(text)) }

// title is the first title-like text of the body, or of an object right inside it.
func title(v Value) string {
	if t := v.First(titles...); t != "" {
		return t
	}
	for _, member := range v.Members() {
		if t := member.First(titles...); t != "" {
			return t
		}
	}
	return noSummary
}
