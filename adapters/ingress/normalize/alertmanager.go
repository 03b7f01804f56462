package normalize

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/watchbell/watchbell/core"
)

// Alertmanager reads the webhook of Alertmanager and of what speaks like it (Loki, Mimir,
// Cortex, vmalert): one event an alert, never one a group. An alert's key is its
// fingerprint, else its sorted labels.
//
// https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
func Alertmanager(r Raw) ([]core.Event, error) {
	v, _, err := read(r)
	switch {
	case err != nil:
		return nil, err
	case v.Get("alerts").IsList(), isGroup(v):
		return group(v, keyOfGroup), nil
	}
	return Generic(r)
}

// isGroup recognises the body by what surrounds the alerts. A group without a list says
// nothing; a list of another type is not theirs.
func isGroup(v Value) bool {
	alerts := v.Get("alerts")
	if alerts.There() && !alerts.IsList() {
		return false
	}
	for _, name := range []string{"groupKey", "groupLabels", "commonLabels", "commonAnnotations", "receiver"} {
		if v.Get(name).There() {
			return true
		}
	}
	return false
}

func keyOfGroup(g Value) string { return g.Get("groupKey").Text() }

// group makes one event an alert. keyless gives the key of an alert that has neither
// fingerprint nor labels.
func group(g Value, keyless func(Value) string) []core.Event {
	events := []core.Event{}
	shared := sharedFingerprints(g)
	for a := range g.Get("alerts").Items() {
		a = a.indexed()
		e := member(g, a)
		e.Key = strings.TrimSpace(a.Get("fingerprint").Text())
		if e.Key == "" || shared[e.Key] {
			e.Key = cmp.Or(labelsKey(alertLabels(g, a)), e.Key, keyless(g))
		}
		events = append(events, finish(e))
	}
	if left := g.Get("truncatedAlerts").Text(); len(events) > 0 && left != "" && left != "0" {
		events[0].Remarks = append(events[0].Remarks, "alerts: the sender left out "+core.Line(left, 20)+" more")
	}
	return events
}

// member is one alert of a group, without its key.
func member(g, a Value) core.Event {
	e := core.Event{Type: core.EventAlert, Custom: a.payload()}
	if word(a.Get("status").Text()) == "resolved" || word(g.Get("status").Text()) == "resolved" {
		e.Type = core.EventResolve // a resolved group has only resolved members
	}
	names := alertLabels(g, a)
	labels(&e, names)
	notes := a.Get("annotations")
	if !notes.IsObject() {
		notes = g.Get("commonAnnotations")
	}
	summary(&e, notes.First("summary", "title", "message", "description"), alertName(names), g.First("title", "message"))
	if project := names.Get("gcp_project").Text(); project != "" && e.Summary != "" {
		e.Summary = core.Line(e.Summary+" ("+project+")", core.MaxSummary)
	}
	memberDetails(&e, a, notes)
	rate(&e, names.Get("severity").Text(), names.Get("priority").Text(), notes.Get("severity").Text())
	e.RoutingKey = names.Get("ilert_routingkey").Text()
	memberLinks(&e, g, a, notes, names)
	return e
}

func alertLabels(g, a Value) Value {
	if l := a.Get("labels"); l.IsObject() {
		return l
	}
	return g.Get("commonLabels")
}

// alertName is a title for alerts that come without any text.
func alertName(names Value) string {
	name, instance := names.Get("alertname").Text(), names.Get("instance").Text()
	switch {
	case name != "" && instance != "":
		return name + " (" + instance + ")"
	case name != "" || instance != "":
		return cmp.Or(name, instance)
	}
	var b strings.Builder
	for label, value := range names.Members() {
		if b.Len() < core.MaxSummary {
			b.WriteString(label + "=" + value.Show() + " ")
		}
	}
	return b.String()
}

// memberDetails is the description and, where the sender shows them, the values.
func memberDetails(e *core.Event, a, notes Value) {
	text := notes.First("description", "message")
	if firstLine(text) == text && core.Line(text, core.MaxSummary) == e.Summary {
		text = ""
	}
	if values := a.Get("valueString").Text(); values != "" && len(values) <= 1000 {
		text = strings.TrimSpace(text + "\n\n" + values)
	}
	details(e, text)
}

func memberLinks(e *core.Event, g, a, notes, names Value) {
	link(e, names.Get("url").Text(), cmp.Or(names.Get("urlLabel").Text(), "Link"))
	link(e, notes.First("runbook_url", "runbook"), "Runbook")
	link(e, notes.First("dashboard_url", "dashboard"), "Dashboard")
	link(e, a.Get("dashboardURL").Text(), "Dashboard")
	link(e, a.Get("panelURL").Text(), "Panel")
	link(e, absolute(g.Get("externalURL").Text(), a.Get("generatorURL").Text()), "Source")
	link(e, a.Get("silenceURL").Text(), "Silence")
	image(e, a.Get("imageURL").Text(), "", "")
}

// absolute joins an address that is only a query or a path with the sender's own.
func absolute(base, href string) string {
	u, err := url.Parse(href)
	if err != nil || href == "" || u.IsAbs() {
		return href
	}
	b, err := url.Parse(base)
	if err != nil || !b.IsAbs() {
		return ""
	}
	return b.ResolveReference(u).String()
}

// sharedFingerprints are those that alerts with different labels claim, which makes them
// useless as keys.
func sharedFingerprints(g Value) map[string]bool {
	shared := map[string]bool{}
	first := map[string]string{}
	for a := range g.Get("alerts").Items() {
		f, l := strings.TrimSpace(a.Get("fingerprint").Text()), labelsKey(alertLabels(g, a))
		if have, ok := first[f]; ok && have != l {
			shared[f] = true
		}
		first[f] = l
	}
	return shared
}

// labelsKey identifies a set of labels, "" for an empty one. Each text goes in with its
// length, so that no two sets look alike ("a"="bc", "ab"="c").
func labelsKey(names Value) string {
	set := map[string]string{}
	for name, value := range names.Members() {
		set[name] = value.Show()
	}
	if len(set) == 0 {
		return ""
	}
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(set)) {
		for _, part := range []string{name, set[name]} {
			h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(part)))) // a hash takes everything
			h.Write([]byte(part))
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
