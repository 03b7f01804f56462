package normalize

import (
	"cmp"
	"strings"

	"github.com/watchbell/watchbell/core"
)

// Grafana reads the webhook of unified alerting, which is Alertmanager's with more
// addresses, and of the dashboard alerts before Grafana 9: one event a rule, whose key is
// the rule's id within its organisation. A paused rule is one that somebody looks after:
// it accepts.
//
// https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
func Grafana(r Raw) ([]core.Event, error) {
	v, _, err := read(r)
	switch {
	case err != nil:
		return nil, err
	case v.Get("alerts").IsList(), isGroup(v):
		return group(v, func(Value) string { return "" }), nil // their groupKey may hold a time
	case v.Get("ruleId").There() || v.Get("ruleName").There() || v.Get("ruleUrl").There():
		return dashboardRule(v), nil
	}
	return Generic(r)
}

// dashboardRule is a rule of a dashboard, with what matched in its details.
func dashboardRule(v Value) []core.Event {
	e := core.Event{Custom: v.payload()}
	switch word(v.Get("state").Text()) {
	case "ok":
		e.Type = core.EventResolve
	case "paused":
		e.Type = core.EventAccept
	case "pending":
		return nil // not for long enough yet
	default:
		e.Type = core.EventAlert
	}
	e.Key = ruleKey(v)
	summary(&e, v.First("title", "ruleName"), v.Get("message").Text())
	details(&e, strings.TrimSpace(v.Get("message").Text()+"\n"+matches(v)))
	labels(&e, v.Get("tags"))
	for m := range v.Get("evalMatches").Items() {
		labels(&e, m.Get("tags"))
	}
	rate(&e, v.At("tags.severity").Text(), v.At("tags.priority").Text())
	link(&e, v.Get("ruleUrl").Text(), "Rule")
	image(&e, v.Get("imageUrl").Text(), "", "")
	return []core.Event{finish(e)}
}

func ruleKey(v Value) string {
	key := cmp.Or(v.First("ruleId"), v.First("ruleUrl"), v.First("ruleName"))
	if org := v.Get("orgId").Text(); org != "" && key != "" {
		return org + "/" + key
	}
	return key
}

// matches lists metric and value of what made the rule fire.
func matches(v Value) string {
	var lines []string
	for m := range v.Get("evalMatches").Items() {
		line := m.Get("metric").Text() + ": " + m.Get("value").Text()
		if len(lines) < 20 && line != ": " {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}
